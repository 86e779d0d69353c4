"""Qt's ready dialogs: they are recorded, and answered by the test's script instead of a user."""

from __future__ import annotations

from standins.answers import User

USER = User()
"""The user of the running test; `reset` brings a new one."""


def reset():
    USER.answers.clear()
    USER.shown.clear()


def _strings(function, arguments):
    parent_free = arguments[1:]
    if not all(isinstance(each, (str, int)) or each is None or hasattr(each, "__index__") for each in parent_free):
        raise TypeError(f"{function} was called with {arguments!r}")
    return [each for each in parent_free if isinstance(each, str)]


def _file_dialog(function, kind):
    def ask(*arguments):
        # parent, caption, folder, filter, selected filter, options: PythonQt knows no keywords
        if len(arguments) > 6:
            raise TypeError(f"{function} takes at most 6 arguments")
        answer = USER.asked(function, " | ".join(_strings(function, arguments)))
        if not isinstance(answer, kind):
            raise TypeError(f"the scripted answer {answer!r} is not what {function} returns")
        return answer

    return staticmethod(ask)


def _message_box(function, default):
    def ask(*arguments):
        texts = _strings(function, arguments)
        USER.sees(f"QMessageBox.{function}", " | ".join(texts))
        scripted = USER.answers.get(f"QMessageBox.{function}")
        return scripted.pop(0) if scripted else default

    return staticmethod(ask)


def _execute_box(self):
    return USER.asked(
        "messageBox", self.text, title=self.windowTitle, details=self.detailedText, information=self.informativeText
    )


def _open_url(url):
    USER.sees("openUrl", url.toString())
    return True


def replace(widgets, gui):
    """Put the scripted dialogs into Qt's classes."""
    for function in ("getOpenFileName", "getSaveFileName", "getExistingDirectory"):
        setattr(widgets.QFileDialog, function, _file_dialog(function, str))
    widgets.QFileDialog.getOpenFileNames = _file_dialog("getOpenFileNames", tuple)
    box = widgets.QMessageBox
    for function in ("information", "warning", "critical"):
        setattr(box, function, _message_box(function, box.Ok))
    box.question = _message_box("question", box.No)
    box.exec = box.exec_ = _execute_box
    gui.QDesktopServices.openUrl = staticmethod(_open_url)
