"""``slicer.util``: the helpers of Slicer 5.12 that an extension uses, with the real names of arguments."""

from __future__ import annotations

import fnmatch
import logging
import tempfile
import traceback
from contextlib import contextmanager
from types import ModuleType

from standins import dialogs, forms
from standins.qt import QtCore, QtWidgets
from standins.settings import QSettings


class Util(ModuleType):
    """The module, which knows the application it belongs to."""

    def __init__(self, slicer):
        super().__init__("slicer.util")
        self._slicer = slicer
        self.VTKObservationMixin = VTKObservationMixin
        self.WaitCursor = self._wait_cursor
        self.tryWithErrorDisplay = contextmanager(self._try_with_error_display)
        self.toBool = to_bool
        self.settingsValue = settings_value
        self.findChildren = self._find_children

    def lookupTopLevelWidget(self, objectName):
        for widget in self._slicer.app.topLevelWidgets():
            if widget.objectName == objectName:
                return widget
        raise RuntimeError(f"Failed to obtain reference to '{objectName}'")

    def mainWindow(self):
        return self._slicer.app.standin_state.get("window")

    def showStatusMessage(self, message, duration=0):
        window = self.mainWindow()
        if not window:
            return False
        window.statusBar().showMessage(message, duration)
        return True

    def loadUI(self, path):
        return forms.load(path)

    def _find_children(self, widget=None, name="", text="", title="", className=""):
        widget = widget or self.mainWindow()
        wanted = {"name": name, "text": text, "title": title, "className": className}
        wanted = {key: pattern for key, pattern in wanted.items() if pattern}
        found, queue = [], [widget] if widget else []
        while queue:
            each = queue.pop()
            if not hasattr(each, "children"):
                continue
            queue += each.children()
            values = {key: getattr(each, key, None) for key in wanted}
            if "className" in wanted:
                values["className"] = each.className()
            if all(isinstance(values[key], str) and fnmatch.fnmatchcase(values[key], wanted[key]) for key in wanted):
                found.append(each)
        return found

    def findChild(self, widget, name, properties=None):
        found = self._find_children(widget, name=name) if name else self._find_children(widget)
        for key, value in (properties or {}).items():
            found = [each for each in found if each.property(key) == value]
        if not found:
            raise RuntimeError(f"Widget with name={name!r} does not exist.")
        return found[0]

    def childWidgetVariables(self, widget):
        ui = type("", (), {})()
        for child in self._find_children(widget):
            if getattr(child, "name", None):
                setattr(ui, child.name, child)
        return ui

    def moduleSelector(self):
        window = self.mainWindow()
        if not window:
            raise RuntimeError("Could not find main window")
        return window.moduleSelector()

    def selectModule(self, module):
        self.moduleSelector().selectModule(module if isinstance(module, str) else module.name)

    def selectedModule(self):
        return self.moduleSelector().selectedModule

    def modulePath(self, moduleName):
        return getattr(self._slicer.modules, moduleName.lower()).path

    def tempDirectory(self, key="__SlicerTemp__", tempDir=None, includeDateTime=True):
        del includeDateTime
        return tempfile.mkdtemp(prefix=key, dir=tempDir or self._slicer.app.temporaryPath)

    def restart(self):
        self._slicer.app.restart()

    def delayDisplay(self, message, autoCloseMsec=1000, parent=None, **kwargs):
        del autoCloseMsec, parent, kwargs
        logging.info(message)
        dialogs.USER.sees("delayDisplay", message)

    def infoDisplay(self, text, windowTitle=None, parent=None, standardButtons=None, **kwargs):
        del parent, standardButtons
        self._display("infoDisplay", logging.INFO, text, windowTitle, kwargs)

    def warningDisplay(self, text, windowTitle=None, parent=None, standardButtons=None, **kwargs):
        del parent, standardButtons
        self._display("warningDisplay", logging.WARNING, text, windowTitle, kwargs)

    def errorDisplay(self, text, windowTitle=None, parent=None, standardButtons=None, **kwargs):
        del parent, standardButtons
        self._display("errorDisplay", logging.ERROR, text, windowTitle, kwargs)

    def _display(self, kind, level, text, title, details):
        """Log, and show a box, but not in testing mode and not without a main window."""
        logging.log(level, text)
        if self._slicer.app.testingEnabled() or self.mainWindow() is None:
            return
        dialogs.USER.sees(kind, text, title=title, **details)

    def _confirm(self, kind, text, title, details):
        """Ask. In testing mode the real helpers compare True with a button, so that the answer is False."""
        logging.info(text)
        if self._slicer.app.testingEnabled():
            return False
        return bool(dialogs.USER.asked(kind, text, title=title, **details))

    def confirmOkCancelDisplay(self, text, windowTitle=None, parent=None, **kwargs):
        del parent
        return self._confirm("confirmOkCancelDisplay", text, windowTitle, kwargs)

    def confirmYesNoDisplay(self, text, windowTitle=None, parent=None, **kwargs):
        del parent
        return self._confirm("confirmYesNoDisplay", text, windowTitle, kwargs)

    def confirmRetryCloseDisplay(self, text, windowTitle=None, parent=None, **kwargs):
        del parent
        return self._confirm("confirmRetryCloseDisplay", text, windowTitle, kwargs)

    def messageBox(self, text, parent=None, **kwargs):
        del parent
        if self._slicer.app.testingEnabled():
            self.delayDisplay(text, autoCloseMsec=3000)
            return QtWidgets.QMessageBox.StandardButton.Ok
        return dialogs.USER.asked("messageBox", text, **kwargs)

    def createProgressDialog(
        self, parent=None, value=0, maximum=100, labelText="", windowTitle="Processing...", **kwargs
    ):
        dialog = QtWidgets.QProgressDialog(parent or self.mainWindow())
        dialog.minimumDuration = 0
        dialog.maximum = maximum
        dialog.value = value
        dialog.windowTitle = windowTitle
        dialog.labelText = labelText
        for key, argument in kwargs.items():
            if hasattr(dialog, key):
                setattr(dialog, key, argument)
        return dialog

    def _try_with_error_display(self, message=None, show=True, waitCursor=False):
        app = self._slicer.app
        if waitCursor:
            app.setOverrideCursor(QtCore.Qt.CursorShape.WaitCursor)
        try:
            yield
        except Exception as error:
            if show and not app.testingEnabled():
                text = str(error) if message is None else f"{message}\n\n{error}"
                self.errorDisplay(text, detailedText=traceback.format_exc())
            raise
        finally:
            if waitCursor:
                app.restoreOverrideCursor()

    @contextmanager
    def _wait_cursor(self, show=True):
        app = self._slicer.app
        if show:
            app.setOverrideCursor(QtCore.Qt.CursorShape.WaitCursor)
        yield
        if show:
            app.restoreOverrideCursor()


class VTKObservationMixin:
    """Observers of VTK objects, which the scene of the stand-ins never notifies."""

    def __init__(self):
        super().__init__()
        self._observations = []

    def addObserver(self, obj, event, method, group="none", priority=0.0):
        del priority
        self._observations.append((obj, event, method, group))

    def removeObserver(self, obj, event, method):
        self._observations = [each for each in self._observations if each[:3] != (obj, event, method)]

    def removeObservers(self, method=None):
        self._observations = [each for each in self._observations if method is not None and each[2] != method]

    def hasObserver(self, obj, event, method):
        return any(each[:3] == (obj, event, method) for each in self._observations)


def to_bool(value):
    try:
        return bool(int(value))
    except (ValueError, TypeError):
        return value.lower() == "true" if isinstance(value, str) else bool(value)


def settings_value(key, default, converter=lambda value: value, settings=None):
    settings = settings or QSettings()
    return converter(settings.value(key)) if settings.contains(key) else default
