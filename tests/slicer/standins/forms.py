"""Loading of .ui files: Qt's own loader for its widgets, and the properties of CTK's, which it knows nothing of."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from standins.foreign import Loading, Property
from standins.qt import QtCore, QtUiTools, QtWidgets
from standins.widgets import IN_FORMS

FOREIGN = {cls.__name__: cls for cls in IN_FORMS}


def load(path):
    """Return the widget of a form."""
    if not Path(path).is_file():
        raise RuntimeError(f"Could not load UI file: file not found {path}\n\n")
    elements = list(ET.parse(path).getroot().iter("widget"))
    for element in elements:
        _known(element.get("class"))
    widget = _load(str(path))
    for element in elements:
        if element.get("class") in FOREIGN:
            _set_properties(_named(widget, element.get("name")), element)
    return widget


def _known(name):
    """Raise for a class the loader would replace by a plain widget, which would hide a mistake."""
    if name not in FOREIGN and not hasattr(QtWidgets, name):
        raise RuntimeError(f"The stand-ins have no {name} for forms")


def _load(path):
    loader = QtUiTools.QUiLoader()
    for cls in IN_FORMS:
        loader.registerCustomWidget(cls)
    file = QtCore.QFile(path)
    file.open(QtCore.QFile.OpenModeFlag.ReadOnly)
    Loading.now = True
    try:
        widget = loader.load(file)
    finally:
        Loading.now = False
        file.close()
    if not widget:
        raise RuntimeError(f"Could not load UI file: {path}\n\n")
    return widget


def _named(widget, name):
    return widget if widget.objectName == name else QtCore.QObject.findChild(widget, QtWidgets.QWidget, name)


def _set_properties(widget, element):
    """Set what the form says of a CTK widget's own properties; one it does not have is a mistake."""
    meta = type(widget).__mro__
    for described in element.findall("property"):
        name, value = described.get("name"), described[0]
        own = next((vars(cls)[name] for cls in meta if name in vars(cls)), None)
        if isinstance(own, Property):
            setattr(widget, name, _value(type(widget), value))
        elif widget.metaObject().indexOfProperty(name) < 0 or own is None:
            raise AttributeError(f"{type(widget).__name__} has no property {name!r}")


def _value(cls, element):
    text = element.text or ""
    if element.tag == "bool":
        return text == "true"
    if element.tag == "number":
        return int(text)
    if element.tag == "stringlist":
        return [each.text or "" for each in element]
    if element.tag in {"set", "enum"}:
        value = 0
        for name in text.split("|"):
            scope, _, last = name.rpartition("::")
            owner = cls if scope.split("::")[0] == cls.__name__ else getattr(QtWidgets, scope, None) or QtCore.Qt
            value |= int(getattr(owner, last))
        return value
    return text
