"""The module ``qt`` as PythonQt offers it, made from PySide6 by changing its classes for the life of the process.

The other stand-ins get Qt's modules from here, so that its classes are changed before any is inherited from.
"""

from __future__ import annotations

import enum
import os
from types import ModuleType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets
from shiboken6 import Shiboken

from standins import dialogs
from standins.foreign import CHECKS, arity, is_native, set_attribute, to_python
from standins.settings import QSettings

MODULES = (QtCore, QtGui, QtWidgets, QtUiTools)
PYSIDE_ONLY = {"SIGNAL", "SLOT", "ClassInfo", "QEnum", "QFlag", "MetaFunction", "MetaSignal", "SignalInstance"}
"""Names of PySide6 that PythonQt knows nothing of."""

LISTS = """
    actions allKeys allWidgets arguments availableStyles buttons children childKeys checkedButtons dynamicPropertyNames
    entryInfoList entryList findChildren findItems formats items keys labels nameFilters pathList screens
    selectedColumns selectedFiles selectedIndexes selectedItems selectedRanges selectedRows selectedUrls sizes
    supportedImageFormats takeChildren topLevelWidgets topLevelWindows urls
""".split()
"""Methods that return lists, which PythonQt hands over as tuples."""

CHECKED = (
    (QtWidgets.QAbstractButton, "clicked"),
    (QtWidgets.QGroupBox, "clicked"),
    (QtGui.QAction, "triggered"),
)
"""Signals that tell whether the thing is checked now."""


class QtProperty:
    """A Q_PROPERTY of Qt as an attribute of its class."""

    def __init__(self, described, getter, setter):
        self.name = described.name()
        self.kind = described.typeName()
        self.enumeration = described.isEnumType()
        self.writable = described.isWritable()
        self.getter = getter
        self.setter = setter

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return to_python(self.getter(instance) if self.getter else instance.property(self.name))

    def __set__(self, instance, value):
        if not self.writable:
            raise AttributeError(f"Property '{self.name}' of {type(instance).__name__} object is not writable")
        if not self._set(instance, value):
            raise AttributeError(
                f"Property '{self.name}' of type '{self.kind}' does not accept an object of type {type(value).__name__}"
            )

    def _set(self, instance, value):
        if self.kind in CHECKS and not CHECKS[self.kind](value):
            return False
        if self.setter is None or (self.enumeration and isinstance(value, int)):
            return instance.setProperty(self.name, value)
        try:
            self.setter(instance, value)
        except TypeError:
            return False
        return True


def _classes(module):
    """Return a module's classes, each of which PySide6 makes when it is first asked for."""
    return [
        each for each in (getattr(module, name) for name in dir(module)) if isinstance(each, type) and is_native(each)
    ]


def _add_properties(cls):
    meta = cls.staticMetaObject
    for number in range(meta.propertyCount()):
        described = meta.property(number)
        name = described.name()
        inherited = number < meta.propertyOffset() and name not in vars(cls)
        if inherited or name == "singleShot":
            continue  # the latter PythonQt leaves out for the static method
        getter = getattr(cls, name, None)
        setter = f"set{name[0].upper()}{name[1:]}"
        if described.typeName() == "QString" and setter in vars(cls):
            setattr(cls, setter, _text_setter(vars(cls)[setter]))
        made = QtProperty(described, getter if callable(getter) else None, getattr(cls, setter, None))
        setattr(cls, name, made)
        if name == "objectName":
            cls.name = made  # CTK builds PythonQt with PYTHONQT_SUPPORT_NAME_PROPERTY


def _text_setter(method):
    """Refuse what is no text; PythonQt would take its `str`, and show "None"."""

    def call(self, text):
        if not isinstance(text, str):
            raise TypeError(f"{method.__name__}() takes a text, not {type(text).__name__}")
        method(self, text)

    return call


class CheckedSignal:
    """A signal with a Boolean that PySide6 does not pass to whom takes any number of arguments, but PythonQt does."""

    def __init__(self, signal):
        self.signal = signal

    def __get__(self, instance, owner):
        return self if instance is None else BoundCheckedSignal(self.signal.__get__(instance, owner), instance)

    def __set__(self, instance, value):
        if not isinstance(value, QtCore.SignalInstance):
            raise AttributeError(f"Signals can not be overwritten on {type(instance).__name__} object")


class BoundCheckedSignal:
    """Such a signal of one object."""

    def __init__(self, signal, sender):
        self.signal = signal
        self.sender = sender

    def connect(self, receiver):
        def call(checked):
            receiver(*(checked,)[: arity(receiver, 1)])

        _receivers.setdefault(id(self.sender), []).append((receiver, call))
        self.signal[bool].connect(call)
        return True

    def disconnect(self, receiver=None):
        mine = _receivers.get(id(self.sender), [])
        found = [each for each in mine if receiver is None or each[0] == receiver]
        for each in found:
            mine.remove(each)
            self.signal[bool].disconnect(each[1])
        return bool(found)

    def emit(self, checked=False):  # as Qt does
        self.signal.emit(checked)

    __call__ = emit


_receivers: dict[int, list[tuple[object, object]]] = {}


def _listing(method):
    def call(self, *arguments, **keywords):
        return to_python(method(self, *arguments, **keywords))

    return call


def _return_tuples(cls):
    for name in LISTS:
        method = vars(cls).get(name)
        if method is not None and callable(method) and not isinstance(method, staticmethod):
            setattr(cls, name, _listing(method))


def _number(value):
    return value.value if isinstance(value, enum.Enum) else value


def _make_int_like(cls):
    """Let an enumeration be compared with, and used as, the integers behind it."""
    cls.__eq__ = lambda self, other: self.value == _number(other)
    cls.__hash__ = lambda self: hash(self.value)
    cls.__bool__ = lambda self: bool(self.value)
    cls.__int__ = cls.__index__ = lambda self: self.value
    cls.__lt__ = lambda self, other: self.value < _number(other)
    cls.__add__ = lambda self, other: self.value + _number(other)


def _enumerations(cls):
    return [
        each
        for each in vars(cls).values()
        if isinstance(each, type) and issubclass(each, enum.Enum) and not issubclass(each, int) and _counts(each)
    ]


def _counts(cls):
    return all(isinstance(member.value, int) for member in cls)


def _strict_setattr(self, name, value):
    set_attribute(self, name, value, _set_freely)


def _set_freely(obj, name, value):
    Shiboken.Object.__setattr__(obj, name, value)


def _dynamic_setattr(self, name, value):
    """Set an attribute of a QObject, which may also have properties that were made at run time."""
    if isinstance(value, QtCore.SignalInstance) and not hasattr(vars(type(self)).get(name), "__set__"):
        _set_freely(self, name, value)  # PySide6 itself, keeping a signal it was asked for
        return
    if not hasattr(type(self), name) and QtCore.QObject.dynamicPropertyNames(self):
        names = {bytes(each).decode() for each in QtCore.QObject.dynamicPropertyNames(self)}
        if name in names:
            self.setProperty(name, value)
            return
    set_attribute(self, name, value, _set_freely)


def _box_without_buttons(make):
    """Make a button box as PythonQt does: what is or-ed is an int, and an int is an orientation."""

    def init(self, *arguments):
        first, *others = arguments or (None,)
        if first is not None and not isinstance(first, QtWidgets.QWidget):
            arguments = (QtCore.Qt.Orientation.Horizontal, *others)
        make(self, *arguments)

    return init


def _change_classes():
    """Change PySide6's classes once; there is no way back, and the project uses PySide6 for nothing else."""
    for module in MODULES:
        for cls in _classes(module):
            for each in _enumerations(cls):
                _make_int_like(each)
            if issubclass(cls, enum.Enum):
                continue
            if issubclass(cls, QtCore.QObject):
                _add_properties(cls)
            _return_tuples(cls)
            if issubclass(cls, Shiboken.Object):  # each on its own: they do not inherit a base's changed slot
                cls.__setattr__ = _dynamic_setattr if issubclass(cls, QtCore.QObject) else _strict_setattr
    QtCore.QObject.className = _class_name
    for cls, name in CHECKED:
        setattr(cls, name, CheckedSignal(getattr(cls, name)))
    QtWidgets.QDialogButtonBox.__init__ = _box_without_buttons(QtWidgets.QDialogButtonBox.__init__)
    dialogs.replace(QtWidgets, QtGui)


def _class_name(self):
    return self.metaObject().className()


class Namespace(ModuleType):
    """All of Qt's modules as one, as ``import qt`` gives them."""

    QSettings = QSettings

    def __getattr__(self, name):
        if name.startswith("__") or name in PYSIDE_ONLY:
            raise AttributeError(f"module 'qt' has no attribute '{name}'")
        for module in MODULES:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"module 'qt' has no attribute '{name}'")


_change_classes()
NAMESPACE = Namespace("qt")
"""The module ``qt``."""
