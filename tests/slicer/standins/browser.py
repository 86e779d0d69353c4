"""CTK's DICOM browsers, the table one and the visual one, with their selections."""

from __future__ import annotations

import enum
from pathlib import Path

from standins.database import ctkDICOMDatabase
from standins.foreign import ForeignObject, Property, Signal, emit, slot, stored
from standins.indexer import ctkDICOMIndexer
from standins.qt import QtCore, QtGui, QtWidgets
from standins.widgets import ForeignWidget, ctkCollapsibleGroupBox


class ctkDICOMModel(ForeignObject):
    """Only its levels are wanted."""

    _standin_native = True

    class IndexType(enum.IntEnum):
        RootType = 0
        PatientType = 1
        StudyType = 2
        SeriesType = 3
        ImageType = 4

    RootType, PatientType, StudyType, SeriesType, ImageType = IndexType


class ctkDICOMTableManager(ForeignWidget, QtWidgets.QWidget):
    """Three tables: patients, the studies of those that are selected, and the series of the selected studies."""

    _standin_native = True

    patientsSelectionChanged = Signal(
        "patientsSelectionChanged(QItemSelection,QItemSelection)", "patientsSelectionChanged(QStringList)"
    )
    studiesSelectionChanged = Signal(
        "studiesSelectionChanged(QItemSelection,QItemSelection)", "studiesSelectionChanged(QStringList)"
    )
    seriesSelectionChanged = Signal(
        "seriesSelectionChanged(QItemSelection,QItemSelection)", "seriesSelectionChanged(QStringList)"
    )
    patientsDoubleClicked = Signal("patientsDoubleClicked(QModelIndex)")
    studiesDoubleClicked = Signal("studiesDoubleClicked(QModelIndex)")
    seriesDoubleClicked = Signal("seriesDoubleClicked(QModelIndex)")
    patientsRightClicked = Signal("patientsRightClicked(QPoint)")
    studiesRightClicked = Signal("studiesRightClicked(QPoint)")
    seriesRightClicked = Signal("seriesRightClicked(QPoint)")

    tableOrientation = stored("Qt::Orientation", "orientation", 1)
    dynamicTableLayout = stored("bool", "dynamic", default=False)
    autoSelectSeries = stored("bool", "auto", default=True)
    selectionMode = stored("int", "mode", 3)

    def __init__(self, *arguments):
        database = next((each for each in arguments if isinstance(each, ctkDICOMDatabase)), None)
        parent = next((each for each in arguments if isinstance(each, QtWidgets.QWidget)), None)
        if any(each is not None and each is not database and each is not parent for each in arguments):
            raise TypeError(f"ctkDICOMTableManager does not take {arguments!r}")
        super().__init__(parent)
        self.standin_state.update(database=database, patients=[], studies=[], series=[])

    @slot("setDICOMDatabase(ctkDICOMDatabase*)")
    def setDICOMDatabase(self, database):
        self.standin_state.update(database=database, patients=[], studies=[], series=[])
        if database is not None:
            database.connect("databaseChanged()", self.standin_forget)

    def standin_forget(self):
        """Forget what is selected, as the tables do whenever the database tells that it has changed."""
        for level in ("patients", "studies", "series"):
            self.standin_state[level].clear()

    def standin_rows(self, level):
        """Return the UIDs that a table lists now."""
        database = self.standin_state["database"]
        if database is None:
            return []
        if level == "patients":
            return list(database.patients())
        if level == "studies":
            patients = self.standin_state["patients"] or self.standin_rows("patients")
            return [study for patient in patients for study in database.studiesForPatient(patient)]
        studies = self.standin_state["studies"] or self.standin_rows("studies")
        return [series for study in studies for series in database.seriesForStudy(study)]

    def _select(self, level, uids):
        """Select among the rows that are there; each row that changes emits, as Qt's selection does."""
        selected = self.standin_state[level]
        for uid in self.standin_rows(level):
            if (uid in uids) == (uid in selected):
                continue
            (selected.append if uid in uids else selected.remove)(uid)
            self._announce(level)
        selected[:] = [uid for uid in self.standin_rows(level) if uid in selected]

    def _announce(self, level):
        uids = tuple(self.standin_state[level])
        below = {"patients": "studies", "studies": "series"}.get(level)
        if below:
            listed = self.standin_rows(below)
            self.standin_state[below][:] = [uid for uid in self.standin_state[below] if uid in listed]
        nothing = QtCore.QItemSelection()
        emit(self, f"{level}SelectionChanged(QItemSelection,QItemSelection)", (nothing, nothing))
        emit(self, f"{level}SelectionChanged(QStringList)", (uids,))
        if level == "studies" and self.autoSelectSeries and uids:
            self._select("series", self.standin_rows("series"))

    @slot("currentPatientsSelection()")
    def currentPatientsSelection(self):
        return list(self.standin_state["patients"])

    @slot("currentStudiesSelection()")
    def currentStudiesSelection(self):
        return list(self.standin_state["studies"])

    @slot("currentSeriesSelection()")
    def currentSeriesSelection(self):
        return list(self.standin_state["series"])

    @slot("setCurrentPatientsSelection(QStringList)")
    def setCurrentPatientsSelection(self, uids):
        self._select("patients", uids)

    @slot("setCurrentStudiesSelection(QStringList)")
    def setCurrentStudiesSelection(self, uids):
        self._select("studies", uids)

    @slot("setCurrentSeriesSelection(QStringList)")
    def setCurrentSeriesSelection(self, uids):
        self._select("series", uids)

    @slot("updateTableViews()")
    def updateTableViews(self):
        for level in ("patients", "studies", "series"):
            rows = self.standin_rows(level)
            self.standin_state[level][:] = [uid for uid in self.standin_state[level] if uid in rows]

    @slot("isBatchUpdate()")
    def isBatchUpdate(self):
        return self.standin_state.get("batch", False)

    @slot("setBatchUpdate(bool)")
    def setBatchUpdate(self, enabled):
        before = self.isBatchUpdate()
        self.standin_state["batch"] = bool(enabled)
        return before


class ctkDICOMBrowser(ForeignWidget, QtWidgets.QWidget):
    """The table browser."""

    _standin_native = True

    ImportDirectoryMode = stored(
        "ctkDICOMBrowser::ImportDirectoryMode", "mode", 1
    )  # the property hides the enumeration of the same name
    ImportDirectoryCopy, ImportDirectoryAddLink = 0, 1

    databaseDirectoryChanged = Signal("databaseDirectoryChanged(QString)")
    queryRetrieveFinished = Signal("queryRetrieveFinished()")
    directoryImported = Signal("directoryImported()")
    sendRequested = Signal("sendRequested(QStringList)")

    databaseDirectory = Property(
        "QString",
        lambda self: self.standin_state["database"].databaseDirectory,
        lambda self, folder: self.standin_move(folder),
    )
    databaseDirectorySettingsKey = stored("QString", "key", "")
    displayImportSummary = stored("bool", "summary", default=True)
    confirmRemove = stored("bool", "confirm", default=False)
    toolbarVisible = stored("bool", "toolbar", default=True)
    databaseDirectorySelectorVisible = stored("bool", "selector", default=True)
    sendActionVisible = stored("bool", "send", default=False)

    def __init__(self, parent=None):
        super().__init__(parent)
        manager = ctkDICOMTableManager(self)
        self.standin_state.update(database=None, manager=manager)
        QtWidgets.QVBoxLayout(self).addWidget(manager)

    def standin_use(self, database):
        """Show a database; in Slicer that is the application's."""
        self.standin_state["database"] = database
        self.standin_state["manager"].setDICOMDatabase(database)

    def standin_move(self, folder):
        """Open the database of another folder, which is how Slicer's user changes to it."""
        self.standin_state["database"].openDatabase(str(Path(folder) / "ctkDICOM.sql"))
        self.standin_state["manager"].updateTableViews()
        emit(self, "databaseDirectoryChanged(QString)", (folder,))

    @slot("database()")
    def database(self):
        return self.standin_state["database"]

    @slot("dicomTableManager()")
    def dicomTableManager(self):
        return self.standin_state["manager"]

    @slot("selectedItems(ctkDICOMModel::IndexType)")
    def selectedItems(self, level):
        names = {1: "patients", 2: "studies", 3: "series"}
        return list(self.standin_state["manager"].standin_state[names[level]]) if level in names else []

    @slot("setSelectedItems(ctkDICOMModel::IndexType,QStringList)")
    def setSelectedItems(self, level, uids):
        """Select, after the patients and studies above, whose rows must be listed first."""
        database, manager = self.standin_state["database"], self.standin_state["manager"]
        if level == ctkDICOMModel.PatientType:
            manager.setCurrentPatientsSelection(uids)
        elif level == ctkDICOMModel.StudyType:
            patients = list(dict.fromkeys(database.patientForStudy(uid) for uid in uids))
            self.setSelectedItems(ctkDICOMModel.PatientType, patients)
            manager.setCurrentStudiesSelection(uids)
        elif level == ctkDICOMModel.SeriesType:
            studies = list(dict.fromkeys(database.studyForSeries(uid) for uid in uids))
            self.setSelectedItems(ctkDICOMModel.StudyType, studies)
            manager.setCurrentSeriesSelection(uids)

    @slot("fileListForCurrentSelection(ctkDICOMModel::IndexType)")
    def fileListForCurrentSelection(self, level):
        database, manager = self.standin_state["database"], self.standin_state["manager"]
        studies = []
        if level == ctkDICOMModel.PatientType:
            patients = manager.currentPatientsSelection()
            studies = [study for patient in patients for study in database.studiesForPatient(patient)]
        elif level == ctkDICOMModel.StudyType:
            studies = manager.currentStudiesSelection()
        if level == ctkDICOMModel.SeriesType:
            series = manager.currentSeriesSelection()
        else:
            series = [each for study in studies for each in database.seriesForStudy(study)]
        return [path for each in series for path in database.filesForSeries(each)]

    @slot("importFiles(QStringList,ctkDICOMBrowser::ImportDirectoryMode=)")
    def importFiles(self, files, mode=1):
        indexer = ctkDICOMIndexer()
        indexer.addListOfFiles(self.standin_state["database"], list(files), mode == 0)
        emit(self, "directoryImported()", ())

    @slot("importDirectory(QString,ctkDICOMBrowser::ImportDirectoryMode=)")
    def importDirectory(self, folder, mode=1):
        self.importFiles([str(path) for path in sorted(Path(folder).rglob("*")) if path.is_file()], mode)

    def standin_right_click(self, level="patients"):
        """Open the context menu of a table as the C++ code does; the menu is returned instead of being run."""
        manager = self.standin_state["manager"]
        if not manager.standin_state[level]:
            return None
        emit(manager, f"{level}RightClicked(QPoint)", (QtCore.QPoint(5, 5),))
        menu = QtWidgets.QMenu(manager)
        for text in ("View DICOM metadata", "Delete", "Export to file system"):
            menu.addAction(QtGui.QAction(text, menu))
        if self.sendActionVisible:
            menu.addAction(QtGui.QAction("Send to DICOM server", menu))
        return menu


class ctkDICOMPatientView(ForeignWidget, QtWidgets.QListView):
    """The patients and their series in the visual browser."""

    _standin_native = True

    class DisplayMode(enum.IntEnum):
        TabMode = 0
        ListMode = 1

    studiesSelectionChanged = Signal("studiesSelectionChanged(QStringList)")
    displayModeChanged = Signal("displayModeChanged(DisplayMode)")

    displayMode = stored("ctkDICOMPatientView::DisplayMode", "mode", 0)

    def __init__(self, parent=None):
        super().__init__(parent)
        self.standin_state.update(patients=[], series=[], database=None)

    @slot("selectedPatientUIDs()")
    def selectedPatientUIDs(self):
        return list(self.standin_state["patients"])

    @slot("selectedSeriesInstanceUIDs()")
    def selectedSeriesInstanceUIDs(self):
        return list(self.standin_state["series"])

    @slot("currentPatientUID()")
    def currentPatientUID(self):
        return next(iter(self.standin_state["patients"]), "")

    @slot("selectPatientUIDs(QStringList)")
    def selectPatientUIDs(self, uids):
        database = self.standin_state["database"]
        self.standin_state["patients"] = [uid for uid in (database.patients() if database else ()) if uid in uids]

    @slot("selectSeriesInstanceUIDs(QStringList)")
    def selectSeriesInstanceUIDs(self, uids):
        self.standin_state["series"] = list(uids)
        database = self.standin_state["database"]
        studies = tuple(dict.fromkeys(database.studyForSeries(uid) for uid in uids)) if database else ()
        emit(self, "studiesSelectionChanged(QStringList)", (studies,))


class ctkDICOMVisualBrowserWidget(ForeignWidget, QtWidgets.QWidget):
    """The visual browser, with the group box of its buttons."""

    _standin_native = True

    class ThumbnailSizePresetOption(enum.IntEnum):
        Hidden = 0
        Small = 1
        Medium = 2
        Large = 3

    databaseDirectoryChanged = Signal("databaseDirectoryChanged(QString)")
    seriesRetrieved = Signal("seriesRetrieved(QStringList)")
    sendRequested = Signal("sendRequested(QStringList)")
    directoryImported = Signal("directoryImported()")

    thumbnailSizePreset = stored("ctkDICOMVisualBrowserWidget::ThumbnailSizePresetOption", "preset", 1)
    sendActionVisible = stored("bool", "send", default=False)
    deleteActionVisible = stored("bool", "delete", default=True)

    def __init__(self, parent=None):
        super().__init__(parent)
        column = QtWidgets.QVBoxLayout(self)
        for name in ("SearchPatientsCollapsibleGroupBox", "ActionsCollapsibleGroupBox"):
            box = ctkCollapsibleGroupBox(self)
            box.setObjectName(name)
            grid = QtWidgets.QGridLayout(box)
            column.addWidget(box)
            if name.startswith("Actions"):
                for row, button in enumerate(("SearchPushButton", "ClosePushButton", "ImportPushButton")):
                    made = QtWidgets.QPushButton(button.removesuffix("PushButton"), box)
                    made.setObjectName(button)
                    grid.addWidget(made, row, 0)
        view = ctkDICOMPatientView(self)
        view.setObjectName("PatientView")
        column.addWidget(view)
        self.standin_state.update(view=view, database=None)

    def standin_use(self, database):
        self.standin_state["database"] = database
        self.standin_state["view"].standin_state["database"] = database

    @slot("patientView()")
    def patientView(self):
        return self.standin_state["view"]

    @slot("dicomDatabase()")
    def dicomDatabase(self):
        return self.standin_state["database"]

    @slot("refreshBrowser(bool=)")
    def refreshBrowser(self, is_import=False):
        self.standin_state["refreshed"] = (*self.standin_state.get("refreshed", ()), bool(is_import))
