"""The widgets of CTK and Slicer that forms use, with the properties, slots and invokables of their headers."""

from __future__ import annotations

from standins import dialogs
from standins.foreign import Connectable, Property, Signal, emit, slot, stored
from standins.qt import QtCore, QtWidgets


class ForeignWidget(Connectable):
    """Comes before a Qt widget among the bases of a stand-in for a widget of CTK."""

    def __init_subclass__(cls):
        super().__init_subclass__()
        # PySide6 looks for these two in an object's own class, and nowhere else.
        cls.connect = Connectable.connect
        cls.disconnect = Connectable.disconnect

    @property
    def standin_state(self):
        """Return what the widget remembers, which lives as long as it does in C++."""
        return self.__dict__.setdefault("standin_values", {})


HEADER = 26
"""Height of what is left of a folded section."""


class ctkCollapsibleButton(ForeignWidget, QtWidgets.QAbstractButton):
    """A section that can be folded. Its setters are no slots: Python sets the properties."""

    _standin_native = True

    contentsCollapsed = Signal("contentsCollapsed(bool)")

    collapsedHeight = stored("int", "height", 10)
    flat = stored("bool", "flat", default=False)
    contentsFrameShape = stored("QFrame::Shape", "shape", 0)
    contentsFrameShadow = stored("QFrame::Shadow", "shadow", 0)
    contentsLineWidth = stored("int", "line", 1)
    contentsMidLineWidth = stored("int", "middle", 0)
    buttonTextAlignment = stored("Qt::Alignment", "text alignment", 0x84)
    indicatorAlignment = stored("Qt::Alignment", "indicator alignment", 0x81)

    def __init__(self, *arguments):
        text, parent = _text_and_parent(arguments)
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(0, HEADER, 0, 0)
        # Not the bound method: PySide6 6.12 crashes on it while a form is loaded.
        self.toggled.connect(lambda opened: self.standin_fold(opened))  # noqa: PLW0108

    collapsed = Property("bool", lambda self: not self.isChecked(), lambda self, value: self.setChecked(not value))

    def standin_fold(self, opened):
        for child in QtCore.QObject.children(self):
            if isinstance(child, QtWidgets.QWidget):
                child.setVisible(opened)
        emit(self, "contentsCollapsed(bool)", (not opened,))

    def sizeHint(self):
        content = self.layout().sizeHint() if self.layout() and self.isChecked() else QtCore.QSize(0, 0)
        return QtCore.QSize(max(content.width(), 60), content.height() + HEADER)

    def minimumSizeHint(self):
        return QtCore.QSize(60, self.sizeHint().height())

    def paintEvent(self, event):
        del event
        painter = QtWidgets.QStylePainter(self)
        sign = "\N{BLACK DOWN-POINTING TRIANGLE}" if self.isChecked() else "\N{BLACK RIGHT-POINTING TRIANGLE}"
        header = QtCore.QRect(0, 0, self.width, HEADER - 4)
        painter.fillRect(header, self.palette.midlight())
        painter.drawText(header.adjusted(6, 0, 0, 0), QtCore.Qt.AlignmentFlag.AlignVCenter, f"{sign}  {self.text}")


class ctkCollapsibleGroupBox(ForeignWidget, QtWidgets.QGroupBox):
    """A group box that can be folded by its check mark."""

    _standin_native = True

    collapsedHeight = stored("int", "height", 14)

    def __init__(self, *arguments):
        text, parent = _text_and_parent(arguments)
        super().__init__(text, parent)
        self.setCheckable(True)

    collapsed = Property("bool", lambda self: not self.isChecked(), lambda self, value: self.setChecked(not value))


class ctkPathLineEdit(ForeignWidget, QtWidgets.QWidget):
    """A line for a path with a button that opens Qt's file dialog."""

    _standin_native = True

    Dirs, Files, Drives, NoSymLinks = 0x001, 0x002, 0x004, 0x008
    AllEntries = 0x007
    Readable, Writable, Executable = 0x010, 0x020, 0x040
    Modified, Hidden, System = 0x080, 0x100, 0x200
    AllDirs, CaseSensitive, NoDotAndDotDot, NoDot, NoDotDot, NoFilter = 0x400, 0x800, 0x1000, 0x2000, 0x4000, -1
    AdjustToContents, AdjustToContentsOnFirstShow, AdjustToMinimumContentsLength = range(3)

    validInputChanged = Signal("validInputChanged(bool)")
    currentPathChanged = Signal("currentPathChanged(QString)")

    label = stored("QString", "label", "")
    nameFilters = stored("QStringList", "name filters", ())
    filters = stored("ctkPathLineEdit::Filters", "filters", 0x5007)
    options = stored("ctkPathLineEdit::Options", "options", 0)
    settingKey = stored("QString", "setting key", "")
    showBrowseButton = Property(
        "bool",
        lambda self: not self.standin_state["button"].isHidden(),
        lambda self, value: self.standin_state["button"].setVisible(bool(value)),
    )
    showHistoryButton = stored("bool", "history", default=True)
    sizeAdjustPolicy = stored("ctkPathLineEdit::SizeAdjustPolicy", "policy", 2)
    minimumContentsLength = stored("int", "length", 0)

    def __init__(self, parent=None):
        super().__init__(parent)
        box = QtWidgets.QComboBox(self)
        box.setEditable(True)
        button = QtWidgets.QToolButton(self)
        button.setText("...")
        button.clicked.connect(self.browse)
        self.standin_state.update(box=box, button=button)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(box, 1)
        row.addWidget(button)
        box.editTextChanged.connect(lambda path: emit(self, "currentPathChanged(QString)", (path,)))

    @slot("setCurrentPath(QString)")
    def setCurrentPath(self, path):
        self.standin_state["box"].setEditText(path)

    currentPath = Property("QString", lambda self: self.standin_state["box"].currentText, setCurrentPath)

    @slot("browse()")
    def browse(self):
        files = self.filters & self.Files
        function = "getOpenFileName" if files else "getExistingDirectory"
        chosen = dialogs.USER.asked(function, self.label)
        if chosen:
            self.setCurrentPath(chosen)

    @slot("comboBox()")
    def comboBox(self):
        return self.standin_state["box"]

    @slot("addCurrentPathToHistory()")
    def addCurrentPathToHistory(self):
        pass

    @slot("retrieveHistory()")
    def retrieveHistory(self):
        pass


class ctkMessageBox(ForeignWidget, QtWidgets.QMessageBox):
    """A message box that may be told not to come again."""

    _standin_native = True

    dontShowAgain = stored("bool", "dont", default=False)
    dontShowAgainSettingsKey = stored("QString", "key", "")
    dontShowAgainVisible = stored("bool", "visible", default=False)

    def __init__(self, parent=None):
        super().__init__(parent)


class qMRMLWidget(ForeignWidget, QtWidgets.QWidget):
    """The widget at the top of a module's form."""

    _standin_native = True

    mrmlSceneChanged = Signal("mrmlSceneChanged(vtkMRMLScene*)")

    def __init__(self, parent=None):
        super().__init__(parent)

    @slot("setMRMLScene(vtkMRMLScene*)")
    def setMRMLScene(self, scene):
        if self.standin_state.get("scene") is not scene:
            self.standin_state["scene"] = scene
            emit(self, "mrmlSceneChanged(vtkMRMLScene*)", (scene,))

    @slot("mrmlScene()")
    def mrmlScene(self):
        return self.standin_state.get("scene")


def _text_and_parent(arguments):
    """Sort a constructor's arguments, of which the text may be left out."""
    text, parent = "", None
    for argument in arguments:
        if isinstance(argument, str):
            text = argument
        elif argument is None or isinstance(argument, QtWidgets.QWidget):
            parent = argument
        else:
            raise TypeError(f"{argument!r} is neither a text nor a parent")
    return text, parent


IN_FORMS = (ctkCollapsibleButton, ctkCollapsibleGroupBox, ctkPathLineEdit, qMRMLWidget)
"""Classes that a .ui file can name."""
