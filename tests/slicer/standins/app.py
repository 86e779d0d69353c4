"""``slicer.app`` and the main window, of which there may be none."""

from __future__ import annotations

import tempfile

from standins.browser import ctkDICOMBrowser
from standins.foreign import ForeignObject, Property, Signal, emit, slot, stored
from standins.qt import QtWidgets
from standins.settings import QSettings
from standins.widgets import ForeignWidget


def qt_application():
    """Return the process's QApplication, whose name decides where real settings would go: nowhere near Slicer's."""
    return QtWidgets.QApplication.instance() or QtWidgets.QApplication(["standins"])


class qSlicerModuleManager(ForeignObject):
    """Tells that a module goes away, as on "Reload"."""

    _standin_native = True

    moduleLoaded = Signal("moduleLoaded(QString)")
    moduleAboutToBeUnloaded = Signal("moduleAboutToBeUnloaded(QString)")

    @slot("module(QString)")
    def module(self, name):
        return self.standin_state.setdefault("modules", {}).get(name)

    @slot("modulesNames()")
    def modulesNames(self):
        return sorted(self.standin_state.setdefault("modules", {}))


class qSlicerApplication(ForeignObject):
    """The application object."""

    _standin_native = True

    startupCompleted = Signal("startupCompleted()")
    mrmlSceneChanged = Signal("mrmlSceneChanged(vtkMRMLScene*)")

    applicationName = Property("QString", lambda _self: "Slicer")
    applicationVersion = Property("QString", lambda _self: "5.12.3-2026-07-22")
    majorVersion = Property("int", lambda _self: 5)
    minorVersion = Property("int", lambda _self: 12)
    revision = Property("QString", lambda _self: "34567")
    os = Property("QString", lambda _self: "linux")
    temporaryPath = stored("QString", "temporary", tempfile.gettempdir())
    slicerHome = Property("QString", lambda _self: "/opt/Slicer")
    documentationBaseUrl = Property("QString", lambda _self: "https://slicer.readthedocs.io/en/5.12/")
    extensionsInstallPath = stored("QString", "extensions", "/opt/Slicer/extensions")

    def __init__(self):
        qt_application()
        self.standin_state.update(testing=False, cursors=[], scene=None, database=None, manager=qSlicerModuleManager())

    @slot("testingEnabled()")
    def testingEnabled(self):
        return self.standin_state["testing"]

    @slot("processEvents()", "processEvents(QEventLoop::ProcessEventsFlag)")
    def processEvents(self, *flags):
        qt_application().processEvents(*flags)

    @slot("moduleManager()")
    def moduleManager(self):
        return self.standin_state["manager"]

    @slot("layoutManager()")
    def layoutManager(self):
        return None

    @slot("mrmlScene()")
    def mrmlScene(self):
        return self.standin_state["scene"]

    @slot("dicomDatabase()")
    def dicomDatabase(self):
        return self.standin_state["database"]

    @slot("createDICOMBrowserForMainDatabase()")
    def createDICOMBrowserForMainDatabase(self):
        browser = ctkDICOMBrowser()
        browser.standin_use(self.standin_state["database"])
        return browser

    @slot("settings()")
    def settings(self):
        return QSettings()

    @slot("userSettings()")
    def userSettings(self):
        return QSettings()

    @slot("setOverrideCursor(QCursor)", "setOverrideCursor(Qt::CursorShape)")
    def setOverrideCursor(self, cursor):
        self.standin_state["cursors"].append(cursor)

    @slot("restoreOverrideCursor()")
    def restoreOverrideCursor(self):
        if self.standin_state["cursors"]:
            self.standin_state["cursors"].pop()

    @slot("topLevelWidgets()")
    def topLevelWidgets(self):
        return [each for each in QtWidgets.QApplication.topLevelWidgets() if each.objectName]

    @slot("translate(char*,char*,char*=,int=)")
    def translate(self, context, text, disambiguation="", number=-1):
        del context, disambiguation, number
        return text

    @slot("applicationLogic()")
    def applicationLogic(self):
        raise NotImplementedError("the stand-in has no application logic")

    @slot("moduleDocumentationUrl(QString)")
    def moduleDocumentationUrl(self, name):
        return f"{self.documentationBaseUrl}user_guide/modules/{name.lower()}.html"

    @slot("restart()")
    def restart(self):
        self.standin_state["restarted"] = True

    @slot("clipboard()")
    def clipboard(self):
        return QtWidgets.QApplication.clipboard()


class ModuleSelector(ForeignObject):
    """The menu of modules in the main window's tool bar."""

    _standin_native = True

    selectedModule = Property("QString", lambda self: self.standin_state.get("selected", ""))
    moduleSelected = Signal("moduleSelected(QString)")

    @slot("selectModule(QString)")
    def selectModule(self, name):
        self.standin_state["selected"] = name
        for react in self.standin_state.get("reactions", ()):
            react(name)
        emit(self, "moduleSelected(QString)", (name,))


class qSlicerMainWindow(ForeignWidget, QtWidgets.QMainWindow):
    """The main window."""

    _standin_native = True

    initialWindowShown = Signal("initialWindowShown()")

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setObjectName("qSlicerMainWindow")
        self.standin_state["selector"] = ModuleSelector()

    @slot("moduleSelector()")
    def moduleSelector(self):
        return self.standin_state["selector"]
