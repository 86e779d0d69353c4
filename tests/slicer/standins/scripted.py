"""``slicer.ScriptedLoadableModule``: the four classes that a scripted module inherits from."""

from __future__ import annotations

import importlib
import logging
import sys
import unittest
from pathlib import Path

from standins.qt import QtGui, QtWidgets
from standins.util import settings_value, to_bool
from standins.widgets import qMRMLWidget


def _slicer():
    return sys.modules["slicer"]


class ScriptedLoadableModule:
    """Base of a module's own class, which describes it."""

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
        self_tests = vars(_slicer()).setdefault("selfTests", {})
        self_tests[self.moduleName] = self.runTest

    def resourcePath(self, filename):
        return str(Path(self.parent.path).parent / "Resources" / filename)

    def getDefaultModuleDocumentationLink(self, docPage=None):
        url = _slicer().app.moduleDocumentationUrl(docPage or self.moduleName)
        return f'<p>For more information, see the <a href="{url}">online documentation</a>.</p>'

    def runTest(self, msec=100, **kwargs):
        case = getattr(importlib.import_module(self.__module__), self.moduleName + "Test")()
        case.messageDelay = msec
        case.runTest(**kwargs)


class ScriptedLoadableModuleWidget:
    """Base of a module's panel."""

    def __init__(self, parent=None):
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = settings_value("Developer/DeveloperMode", default=False, converter=to_bool)
        self.parent = parent or qMRMLWidget()
        if not parent:
            self.parent.setLayout(QtWidgets.QVBoxLayout())
            self.parent.setMRMLScene(_slicer().mrmlScene)
        self.layout = self.parent.layout()
        if not parent:
            self.setup()
            self.parent.show()
        _slicer().app.moduleManager().connect("moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded)

    def resourcePath(self, filename):
        return str(Path(_slicer().util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def setup(self):
        self.setupDeveloperSection()

    def setupDeveloperSection(self):
        pass

    def cleanup(self):
        pass

    def _onModuleAboutToBeUnloaded(self, moduleName):
        if moduleName == self.moduleName:
            self.cleanup()
            _slicer().app.moduleManager().disconnect(
                "moduleAboutToBeUnloaded(QString)", self._onModuleAboutToBeUnloaded
            )


class ScriptedLoadableModuleLogic:
    """Base of what a module does."""

    def __init__(self, parent=None):
        super().__init__()
        del parent
        self.moduleName = type(self).__name__.removesuffix("Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self):
        raise AssertionError("a parameter node is saved with the scene, and would carry what names patients")


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Base of a module's self test."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.moduleTestNames = [name for name in dir(self) if "test" in name and callable(getattr(self, name))]

    def delayDisplay(self, message, requestedDelay=None, msec=None):
        _slicer().util.delayDisplay(message, msec or requestedDelay or 100)

    def runTest(self):
        if not self.moduleTestNames:
            logging.warning("No test is defined in %s", type(self).__name__)
        for name in self.moduleTestNames:
            self.setUp()
            getattr(self, name)()
            self.tearDown()
