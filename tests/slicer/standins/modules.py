"""The base classes of scripted modules, Slicer's DICOM module, and the home of loaded modules."""

from __future__ import annotations

import importlib
import inspect
import logging
import re
import unittest
from pathlib import Path
from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets

from standins.browser import ctkDICOMVisualBrowserWidget
from standins.foreign import ForeignObject, Property, stored
from standins.util import settings_value, to_bool
from standins.widgets import qMRMLWidget


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


def base_classes(slicer):
    """Return the four base classes, made for one `slicer`."""

    class ScriptedLoadableModule:
        def __init__(self, parent):
            self.parent = parent
            self.moduleName = type(self).__name__
            parent.title = ""
            parent.categories = []
            parent.dependencies = []
            parent.contributors = ["nobody yet"]
            parent.helpText = "not written yet"
            parent.acknowledgementText = "not written yet"
            for suffix in (".svg", ".png"):
                icon = Path(self.resourcePath("Icons")) / (self.moduleName + suffix)
                if icon.is_file():
                    parent.icon = QtGui.QIcon(str(icon))
                    break
            slicer.selfTests = getattr(slicer, "selfTests", {})
            slicer.selfTests[self.moduleName] = self.runTest

        def resourcePath(self, filename):
            return str(Path(self.parent.path).parent / "Resources" / filename)

        def getDefaultModuleDocumentationLink(self, docPage=None):
            url = slicer.app.moduleDocumentationUrl(docPage or self.moduleName)
            return f'<p>For more information, see the <a href="{url}">online documentation</a>.</p>'

        def runTest(self, msec=100, **kwargs):
            case = getattr(importlib.import_module(self.__module__), self.moduleName + "Test")()
            case.messageDelay = msec
            case.runTest(**kwargs)

    class ScriptedLoadableModuleWidget:
        def __init__(self, parent=None):
            super().__init__()
            self.moduleName = type(self).__name__.removesuffix("Widget")
            self.developerMode = settings_value("Developer/DeveloperMode", default=False, converter=to_bool)
            self.parent = parent or qMRMLWidget()
            if not parent:
                self.parent.setLayout(QtWidgets.QVBoxLayout())
                self.parent.setMRMLScene(slicer.mrmlScene)
            self.layout = self.parent.layout()
            if not parent:
                self.setup()
                self.parent.show()
            slicer.app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

        def resourcePath(self, filename):
            return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

        def setup(self):
            self.setupDeveloperSection()

        def setupDeveloperSection(self):
            pass

        def cleanup(self):
            pass

        def _onModuleAboutToBeUnloaded(self, moduleName):
            if moduleName == self.moduleName:
                self.cleanup()
                slicer.app.moduleManager().disconnect(
                    "moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded
                )

    class ScriptedLoadableModuleLogic:
        def __init__(self, parent=None):
            super().__init__()
            del parent
            self.moduleName = type(self).__name__.removesuffix("Logic")
            self.isSingletonParameterNode = True

        def getParameterNode(self):
            raise AssertionError("a parameter node is saved with the scene, and would carry what names patients")

    class ScriptedLoadableModuleTest(unittest.TestCase):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.moduleTestNames = [name for name in dir(self) if "test" in name and callable(getattr(self, name))]

        def delayDisplay(self, message, requestedDelay=None, msec=None):
            slicer.util.delayDisplay(message, msec or requestedDelay or 100)

        def runTest(self):
            if not self.moduleTestNames:
                logging.warning("No test is defined in %s", type(self).__name__)
            for name in self.moduleTestNames:
                self.setUp()
                getattr(self, name)()
                self.tearDown()

    return (
        ScriptedLoadableModule,
        ScriptedLoadableModuleWidget,
        ScriptedLoadableModuleLogic,
        ScriptedLoadableModuleTest,
    )


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
