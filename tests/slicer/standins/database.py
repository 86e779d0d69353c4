"""``ctkDICOMDatabase``: what Python may call of it, on a `Store`."""

from __future__ import annotations

from pathlib import Path

from standins.foreign import ForeignObject, Property, Signal, emit, slot, stored
from standins.qt import QtCore
from standins.store import Caches, Parsed, Store, composite_patient_id, read, tag_of

SCHEMA = "0.8.1"


_WATCHED = 30
"""Milliseconds after which the watcher tells of a change, as seen with Slicer 5.12's CTK."""


class ctkDICOMDatabase(ForeignObject):  # CTK's name
    """The DICOM database. Its file is watched, so `databaseChanged` comes after the event loop had its turn."""

    _standin_native = True

    patientAdded = Signal("patientAdded(int,QString,QString,QString)")
    connectionNameAdded = Signal("connectionNameAdded(int,QString,QString,QString,QString)")
    studyAdded = Signal("studyAdded(QString)")
    seriesAdded = Signal("seriesAdded(QString)")
    instanceAdded = Signal("instanceAdded(QString)")
    patientRemoved = Signal("patientRemoved(QString,QString)")
    studyRemoved = Signal("studyRemoved(QString)")
    seriesRemoved = Signal("seriesRemoved(QString)")
    opened = Signal("opened()")
    closed = Signal("closed()")
    databaseChanged = Signal("databaseChanged()")
    tagsToPrecacheChanged = Signal("tagsToPrecacheChanged()")
    displayedFieldsUpdated = Signal("displayedFieldsUpdated()")

    isOpen = Property("bool", lambda self: self.standin_store is not None)
    isInMemory = Property("bool", lambda self: self.databaseFilename == ":memory:")
    lastError = Property("QString", lambda self: self.standin_state.get("lastError", ""))
    databaseFilename = Property("QString", lambda self: self.standin_state.get("filename", ""))
    databaseDirectory = Property(
        "QString", lambda self: str(Path(self.databaseFilename).parent) if self.databaseFilename else ""
    )
    tagsToPrecache = Property(
        "QStringList",
        lambda self: list(self.standin_open().tags),
        lambda self, tags: setattr(self.standin_open(), "tags", [tag.upper() for tag in tags]),
    )
    patientFieldNames = Property("QStringList", lambda self: self.standin_open().columns("Patients"))
    studyFieldNames = Property("QStringList", lambda self: self.standin_open().columns("Studies"))
    seriesFieldNames = Property("QStringList", lambda self: self.standin_open().columns("Series"))
    useShortStoragePath = stored("bool", "short", default=True)
    useSystemFileCopy = stored("bool", "system copy", default=False)
    loadedSeriesInstanceUIDs = stored("QStringList", "loaded", ())

    def __init__(self, parent=None):
        if parent is not None and not isinstance(parent, (str, QtCore.QObject, ForeignObject)):
            raise TypeError(f"ctkDICOMDatabase does not take {parent!r}")
        if isinstance(parent, str):
            self.openDatabase(parent)

    @property
    def standin_store(self):
        return self.standin_state.get("store")

    def standin_open(self):
        """Return the tables; a closed database has empty ones."""
        return self.standin_store or Store(Path("/nowhere"))

    def standin_changed(self, times=2):
        """Let the watcher see the file change, more than once, as it does."""
        for _ in range(times):
            if QtCore.QCoreApplication.instance() is None:
                emit(self, "databaseChanged()", ())
            else:
                QtCore.QTimer.singleShot(_WATCHED, lambda: emit(self, "databaseChanged()", ()))

    @slot("openDatabase(QString,QString=)")
    def openDatabase(self, filename, connection=""):
        del connection
        folder = Path(filename).absolute().parent
        if filename != ":memory:" and not folder.is_dir():
            self.standin_state["lastError"] = "unable to open database file Error opening database"
            return False
        if self.standin_state.get("filename") != str(filename) or self.standin_store is None:
            stores = ctkDICOMDatabase.standin_files
            self.standin_state["store"] = stores.setdefault(str(filename), Store(folder))
        self.standin_state["filename"] = str(filename)
        self.standin_state["caches"] = Caches()
        Path(filename).touch()
        emit(self, "opened()", ())
        return True

    standin_files: dict[str, Store] = {}  # noqa: RUF012 # the disk, so to say
    """The databases by file name, which outlive the object that has one open."""

    @slot("closeDatabase()")
    def closeDatabase(self):
        self.standin_state.pop("store", None)
        emit(self, "closed()", ())

    @slot("initializeDatabase(char*=)")
    def initializeDatabase(self, schema=None):
        del schema
        Store.__init__(self.standin_open(), self.databaseDirectory)
        return True

    @slot("schemaVersion()")
    def schemaVersion(self):
        return SCHEMA

    @slot("schemaVersionLoaded()")
    def schemaVersionLoaded(self):
        return SCHEMA if self.isOpen else ""

    @slot("patients()")
    def patients(self):
        return self.standin_open().column("SELECT UID FROM Patients ORDER BY UID")

    @slot("studiesForPatient(QString)")
    def studiesForPatient(self, patient):
        return self.standin_open().column(
            "SELECT StudyInstanceUID FROM Studies WHERE PatientsUID = CAST(? AS INT) ORDER BY rowid", patient
        )

    @slot("seriesForStudy(QString)")
    def seriesForStudy(self, study):
        return self.standin_open().column(
            "SELECT SeriesInstanceUID FROM Series WHERE StudyInstanceUID = ? ORDER BY rowid", study
        )

    @slot("instancesForSeries(QString,int=)")
    def instancesForSeries(self, series, hits=-1):
        return self._images("SOPInstanceUID", series, hits)

    @slot("filesForSeries(QString,int=)")
    def filesForSeries(self, series, hits=-1):
        return [self.standin_open().absolute(name) for name in self._images("Filename", series, hits)]

    @slot("urlsForSeries(QString,int=)")
    def urlsForSeries(self, series, hits=-1):
        return self._images("URL", series, hits)

    def _images(self, column, series, hits):
        return self.standin_open().column(
            f"SELECT {column} FROM Images WHERE SeriesInstanceUID = ? ORDER BY rowid", series, most=hits
        )

    @slot("studyForSeries(QString)")
    def studyForSeries(self, series):
        return self.standin_open().field("Series", "SeriesInstanceUID", "StudyInstanceUID", series)

    @slot("patientForStudy(QString)")
    def patientForStudy(self, study):
        return self.standin_open().field("Studies", "StudyInstanceUID", "PatientsUID", study)

    @slot("fileForInstance(QString)")
    def fileForInstance(self, instance):
        found = self.standin_open().column("SELECT Filename FROM Images WHERE SOPInstanceUID = ?", instance)
        return self.standin_open().absolute(found[0]) if found else ""

    @slot("urlForInstance(QString)")
    def urlForInstance(self, instance):
        return self.standin_open().field("Images", "SOPInstanceUID", "URL", instance)

    @slot("seriesForFile(QString)")
    def seriesForFile(self, filename):
        return self.standin_open().field(
            "Images", "Filename", "SeriesInstanceUID", self.standin_open().internal(filename)
        )

    @slot("instanceForFile(QString)")
    def instanceForFile(self, filename):
        return self.standin_open().field("Images", "Filename", "SOPInstanceUID", self.standin_open().internal(filename))

    @slot("allFiles()")
    def allFiles(self):
        return [
            self.standin_open().absolute(name) for name in self.standin_open().column("SELECT Filename FROM Images")
        ]

    @slot("fieldForPatient(QString,QString)")
    def fieldForPatient(self, field, patient):
        return self.standin_open().field("Patients", "UID", field, patient)

    @slot("fieldForStudy(QString,QString)")
    def fieldForStudy(self, field, study):
        return self.standin_open().field("Studies", "StudyInstanceUID", field, study)

    @slot("fieldForSeries(QString,QString)")
    def fieldForSeries(self, field, series):
        return self.standin_open().field("Series", "SeriesInstanceUID", field, series)

    @slot("nameForPatient(QString)")
    def nameForPatient(self, patient):
        return self.fieldForPatient("PatientsName", patient)

    @slot("displayedNameForPatient(QString)")
    def displayedNameForPatient(self, patient):
        return self.fieldForPatient("DisplayedPatientsName", patient)

    @slot("descriptionForStudy(QString)")
    def descriptionForStudy(self, study):
        return self.fieldForStudy("StudyDescription", study)

    @slot("descriptionForSeries(QString)")
    def descriptionForSeries(self, series):
        return self.fieldForSeries("SeriesDescription", series)

    @slot("patientsCount()")
    def patientsCount(self):
        return self.standin_open().count("Patients")

    @slot("studiesCount()")
    def studiesCount(self):
        return self.standin_open().count("Studies")

    @slot("seriesCount()")
    def seriesCount(self):
        return self.standin_open().count("Series")

    @slot("imagesCount()")
    def imagesCount(self):
        return self.standin_open().count("Images")

    @slot("instanceValue(QString,QString)", "instanceValue(QString,unsigned short,unsigned short)")
    def instanceValue(self, instance, *tag):
        tag = self._tag(tag)
        return self.standin_open().cached(instance, tag) or self._from_file(self.fileForInstance(instance), tag)

    @slot("fileValue(QString,QString)", "fileValue(QString,unsigned short,unsigned short)")
    def fileValue(self, filename, *tag):
        tag = self._tag(tag)
        instance = self.instanceForFile(filename)
        return self.standin_open().cached(instance, tag) or self._from_file(filename, tag)

    @slot("instanceValues(QStringList,QString)")
    def instanceValues(self, instances, tag):
        return {instance: self.instanceValue(instance, tag) for instance in instances}

    def _tag(self, tag):
        return tag[0].upper() if len(tag) == 1 else self.groupElementToTag(*tag)

    def _from_file(self, filename, tag):
        dataset = read(filename) if filename and Path(filename).is_file() else None
        return "" if dataset is None else tag_of(dataset, tag)

    @slot("groupElementToTag(unsigned short,unsigned short)")
    def groupElementToTag(self, group, element):
        return f"{group:04X},{element:04X}"

    @slot("fileExistsAndUpToDate(QString)")
    def fileExistsAndUpToDate(self, filename):
        stamp = self.standin_open().insert_times().get(str(filename))
        return stamp is not None and Path(filename).exists() and Path(filename).stat().st_mtime < stamp

    @slot("prepareInsert()")
    def prepareInsert(self):
        self.standin_state["caches"] = Caches()

    @slot("insert(QString,bool=,bool=,bool=,QString=)")
    def insert(self, filename, store_file=True, thumbnail=True, hierarchy=True, folder=""):
        """Insert one file through this very connection, which is the way that does emit seriesAdded and the like."""
        del thumbnail, hierarchy, folder
        if self.fileExistsAndUpToDate(filename):
            return
        dataset = read(filename)
        if dataset is None:
            return
        emitted = []
        store = self.standin_open()
        store.insert(Parsed(filename, dataset, store_file, overwrite=False), self.standin_state["caches"], emitted)
        for name, *arguments in emitted:
            getattr(self, name).emit(*arguments)
        self.standin_changed()

    @slot("updateDisplayedFields()")
    def updateDisplayedFields(self):
        self.standin_open().update_displayed_fields()
        emit(self, "displayedFieldsUpdated()", ())
        emit(self, "databaseChanged()", ())

    @slot("removeSeries(QString,bool=,bool=)")
    def removeSeries(self, series, clear_cached_tags=False, cleanup=True):
        store = self.standin_open()
        if clear_cached_tags:
            store.forget_tags(series)
        store.remove_series(series)
        if cleanup:
            self.cleanup()
        self.prepareInsert()
        emit(self, "seriesRemoved(QString)", (series,))
        self.standin_changed()
        return True

    @slot("removeStudy(QString,bool=)")
    def removeStudy(self, study, cleanup=True):
        for series in self.seriesForStudy(study):
            self.removeSeries(series, False, cleanup)
        emit(self, "studyRemoved(QString)", (study,))
        return True

    @slot("removePatient(QString,bool=)")
    def removePatient(self, patient, cleanup=True):
        patient_id = self.fieldForPatient("PatientID", patient)
        for study in self.studiesForPatient(patient):
            self.removeStudy(study, cleanup)
        emit(self, "patientRemoved(QString,QString)", (patient, patient_id))
        return True

    @slot("cleanup(bool=)")
    def cleanup(self, vacuum=False):
        del vacuum
        self.standin_open().cleanup()
        return True

    @slot("compositePatientID(QString,QString,QString)")
    def compositePatientID(self, patient_id, name, birth_date):
        return composite_patient_id(patient_id, name, birth_date)

    @slot("cachedTag(QString,QString)")
    def cachedTag(self, instance, tag):
        return self.standin_open().cached(instance, tag)

    @slot("removeCachedTags(QString)")
    def removeCachedTags(self, instance):
        self.standin_open().connection.execute("DELETE FROM TagCache WHERE SOPInstanceUID = ?", (instance,))
