"""The base classes of scripted modules, Slicer's DICOM module, and the home of loaded modules."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

from standins.browser import ctkDICOMVisualBrowserWidget
from standins.foreign import ForeignObject, Property, stored
from standins.qt import QtCore, QtWidgets
from standins.util import settings_value, to_bool


class qSlicerScriptedLoadableModule(ForeignObject):
    """What a module's constructor gets as its parent."""

    _standin_native = True

    title = stored("QString", "title", "")
    categories = stored("QStringList", "categories", ())
    dependencies = stored("QStringList", "dependencies", ())
    contributors = stored("QStringList", "contributors", ())
    helpText = stored("QString", "help", "")
    acknowledgementText = stored("QString", "thanks", "")
    hidden = stored("bool", "hidden", default=False)
    icon = stored("QIcon", "icon", None)
    path = stored("QString", "path", "")
    name = Property("QString", lambda self: Path(self.path).stem)

    def __init__(self, path):
        self.standin_state["path"] = str(path)


class SlicerDICOMBrowser(QtWidgets.QWidget):
    """Slicer's own browser widget, a Python class, around the two of CTK."""

    closed = QtCore.Signal()

    def __init__(self, slicer):
        super().__init__()
        self.objectName = "SlicerDICOMBrowser"
        self.dicomBrowser = slicer.app.createDICOMBrowserForMainDatabase()
        self.dicomBrowser.sendActionVisible = True
        self.dicomVisualBrowser = ctkDICOMVisualBrowserWidget()
        self.dicomVisualBrowser.standin_use(slicer.app.dicomDatabase())
        column = QtWidgets.QVBoxLayout(self)
        self.loadableTableFrame = QtWidgets.QWidget()
        self.actionButtonsFrame = QtWidgets.QWidget()
        self.actionButtonsFrame.objectName = "ActionButtonsFrame"
        for each in (self.dicomBrowser, self.dicomVisualBrowser, self.loadableTableFrame, self.actionButtonsFrame):
            column.addWidget(each)
        self.actionButtonLayout = QtWidgets.QHBoxLayout()
        self.actionButtonsFrame.setLayout(self.actionButtonLayout)
        for name, text in (("uncheckAllButton", "Uncheck All"), ("examineButton", "Examine"), ("loadButton", "Load")):
            button = QtWidgets.QPushButton(text)
            setattr(self, name, button)
            self.actionButtonLayout.addWidget(button)
        self.toggleBrowsers(settings_value("DICOM/UseVisualDICOMBrowser", default=False, converter=to_bool))

    def toggleBrowsers(self, useVisualDICOMBrowser):
        self.useVisualDICOMBrowser = useVisualDICOMBrowser
        self.dicomVisualBrowser.visible = useVisualDICOMBrowser
        self.dicomBrowser.visible = not useVisualDICOMBrowser
        self.actionButtonsFrame.visible = not useVisualDICOMBrowser

    def open(self):
        self.show()

    def close(self):
        self.hide()
        self.closed.emit()


class DICOM:
    """The DICOM module, whose browser is made when it is first opened."""

    def __init__(self, slicer):
        self.browserWidget = None
        self._slicer = slicer

    def standin_open(self):
        if self.browserWidget is None:
            self.browserWidget = SlicerDICOMBrowser(self._slicer)


class ModuleNames(ModuleType):
    """``slicer.modules``: loaded modules by name."""

    def __init__(self):
        super().__init__("slicer.modules")


def translations(slicer):
    """Return ``slicer.i18n``. A message must be a constant, or no translator would ever have seen it."""
    module = ModuleType("slicer.i18n")

    def translate(context, text):
        if not isinstance(context, str) or not isinstance(text, str):
            raise TypeError("translate() takes two strings")
        return slicer.app.translate(context, text)

    def tr(text):
        if not isinstance(text, str):
            raise TypeError("tr() takes a string")
        frame = inspect.currentframe().f_back
        translated = translate(Path(frame.f_code.co_filename).stem, text)
        placeholders = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
        same = set(placeholders.findall(text)) == set(placeholders.findall(translated))
        return translated if same else text

    module.translate = translate
    module.tr = tr
    return module
