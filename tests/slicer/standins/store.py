"""How CTK's DICOM database files what is inserted, by the rules of ctkDICOMDatabase.cpp at commit 5056664a.

The traps a de-identifier must know are here: a patient is a Patient ID with a Patient's Name (the birth date only keys
a cache), a known study moves to whatever patient its newest file names, a known SOP Instance UID loses its old record.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
from pydicom.errors import InvalidDicomError

from standins import schema

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

STUDY_FIELDS = {
    "StudyDescription": "0008,1030",
    "StudyDate": "0008,0020",
    "ModalitiesInStudy": "0008,0061",
    "InstitutionName": "0008,0080",
    "ReferringPhysician": "0008,0090",
}
SERIES_FIELDS = {
    "StudyInstanceUID": "0020,000D",
    "SeriesNumber": "0020,0011",
    "Modality": "0008,0060",
    "SeriesDescription": "0008,103E",
}
CONCATENATED = {"StudyDescription", "ModalitiesInStudy", "ReferringPhysician", "SeriesDescription"}
"""What the displayed fields overwrite in known studies and series after each import, and how differing values merge."""

REQUIRED_TAGS = (
    "0010,0010", "0010,0020", "0010,0030", "0010,0040", "0020,000D", "0020,000E", "0008,0018", "0008,1050",
    *STUDY_FIELDS.values(), *SERIES_FIELDS.values(),
)  # fmt: skip
"""What the generator of displayed fields needs, so that the tag cache holds it of every instance."""


class Caches:
    """What one connection remembers of its own inserts; the indexer's worker opens a connection for each import."""

    def __init__(self):
        self.patients = {}
        self.studies = set()
        self.series = set()


@dataclass
class Parsed:
    """A file that the indexer read and has not yet inserted."""

    path: str
    dataset: Dataset
    copy: bool
    overwrite: bool


def read(path):
    """Read a file's header as DCMTK would: no preamble is needed, but something of DICOM is."""
    try:
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except (OSError, InvalidDicomError, EOFError, ValueError, NotImplementedError):
        return None
    return dataset if len(dataset) else None


def text_of(dataset, keyword):
    """Return an element's first value as text, empty if there is none."""
    value = dataset.get(keyword)
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        value = value[0] if value else ""
    return str(value)


def tag_of(dataset, tag):
    """Return all values of an element as the tag cache has them."""
    group, _, element = tag.partition(",")
    found = dataset.get((int(group, 16), int(element, 16)))
    if found is None or found.value is None:
        return ""
    value = found.value
    return "\\".join(map(str, value)) if type(value).__name__ == "MultiValue" else str(value)


def iso_date(value):
    """Turn a DA into the text that SQLite gets of a QDate; what is no date is empty."""
    try:
        return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def composite_patient_id(patient_id, name, birth_date):
    return f"{patient_id}~{birth_date}~{name}"


def short_hash(uid, length=None):
    return hashlib.md5(uid.encode()).hexdigest()[:length]


class Store:
    """The SQLite tables and the files of one database folder."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for statement in schema.statements():
            self.connection.execute(statement)
        self.tags = list(REQUIRED_TAGS)
        self.log = []
        """Warnings and errors of the database, as the application log would have them."""

    # Reading

    def column(self, statement, *values, most=-1):
        """Return a query's first column as texts, at most so many."""
        rows = self.connection.execute(statement, values)
        found = ["" if row[0] is None else str(row[0]) for row in rows]
        return found[:most] if most > 0 else found

    def first(self, statement, *values):
        return next(iter(self.column(statement, *values)), "")

    def field(self, table, key, name, value):
        """Return a named column; for an unknown one the real database logs the SQL error and answers an empty text."""
        try:
            return self.first(f"SELECT {name} FROM {table} WHERE {key} = ?", value)
        except sqlite3.Error as error:
            self.log.append(f"SQL failed: {error}")
            return ""

    def columns(self, table):
        return [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]

    def count(self, table):
        return self.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]

    def absolute(self, filename):
        """Return a stored name as a path. An instance without a local file gives the folder itself, as in CTK."""
        return filename if Path(filename).is_absolute() else str(self.folder / filename)

    def internal(self, filename):
        path = Path(filename)
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else str(filename)

    def storage_path(self, study, series, instance):
        return f"{short_hash(study, 8)}/{short_hash(series, 8)}/{short_hash(instance)}"

    def cached(self, instance, tag):
        return self.first("SELECT Value FROM TagCache WHERE SOPInstanceUID = ? AND Tag = ?", instance, tag.upper())

    def insert_times(self):
        """Return when each known file was inserted, by absolute path."""
        rows = self.connection.execute("SELECT Filename, InsertTimestamp FROM Images WHERE Filename <> ''")
        return {self.absolute(filename): float(stamp) for filename, stamp in rows}

    # Inserting

    def insert(self, parsed, caches, emitted):
        """File one data set; `emitted` gets the signals that the object which owns the connection emits."""
        dataset = parsed.dataset
        instance = text_of(dataset, "SOPInstanceUID")
        known, up_to_date = (True, False) if parsed.overwrite else self._status(parsed.path, instance)
        if known:
            if up_to_date:
                return
            # This comes before the check of what is required: a file that fails there has lost its record.
            self.connection.execute("DELETE FROM Images WHERE SOPInstanceUID = ?", (instance,))
        names = self.names(dataset)
        if names is None:
            self.log.append(
                "Required information (patient name, patient ID, study instance UID) is missing from dataset"
            )
            return
        patient_id, patients_name, study = names
        series = text_of(dataset, "SeriesInstanceUID")
        stored = parsed.path
        if parsed.copy and series:
            stored = self._copy(parsed.path, study, series, instance)
            if stored is None:
                return
        self._insert_levels(dataset, patient_id, patients_name, caches, emitted)
        if series:
            self._cache_tags(dataset, instance)
            self._insert_image(instance, stored, series)
            emitted.append(("instanceAdded", instance))

    def names(self, dataset):
        """Return Patient ID, Patient's Name and Study Instance UID with CTK's substitutes for empty ones."""
        return self._substituted(
            text_of(dataset, "PatientID"), text_of(dataset, "PatientName"), text_of(dataset, "StudyInstanceUID")
        )

    def _substituted(self, patient_id, name, study):
        if not patient_id and study:
            self.log.append(f"Patient ID is empty, using studyInstanceUID ({study}) as patient ID")
            patient_id = study
        name = name or patient_id
        return (patient_id, name, study) if patient_id and name and study else None

    def _status(self, path, instance):
        """Tell whether an instance is known, and whether by this very, unchanged file."""
        row = self.connection.execute(
            "SELECT Filename, InsertTimestamp FROM Images WHERE SOPInstanceUID = ?", (instance,)
        ).fetchone()
        if row is None:
            return False, False
        filename, stamp = Path(row[0] or ""), float(row[1])
        same = filename.is_absolute() and filename == Path(path) and filename.exists()
        return True, same and filename.stat().st_mtime < stamp

    def _copy(self, path, study, series, instance):
        if not instance:
            return None
        target = self.folder / "dicom" / f"{self.storage_path(study, series, instance)}.dcm"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # whatever was there, even the source itself
        try:
            shutil.copyfile(path, target)
        except OSError as error:
            self.log.append(f"Failed to copy file from: {path} to: {target} ({error})")
            return None
        return str(target)

    def _insert_levels(self, dataset, patient_id, name, caches, emitted):
        birth_date = text_of(dataset, "PatientBirthDate")
        composite = composite_patient_id(patient_id, name, birth_date)
        if composite not in caches.patients:
            caches.patients[composite] = self._patient(dataset, patient_id, name, emitted)
        study = text_of(dataset, "StudyInstanceUID")
        if study not in caches.studies:
            caches.studies.add(study)
            if not self.first("SELECT 1 FROM Studies WHERE StudyInstanceUID = ?", study):
                keys = {"StudyInstanceUID": study, "PatientsUID": caches.patients[composite]}
                self._row("Studies", schema.STUDIES, dataset, keys)
                emitted.append(("studyAdded", study))
        series = text_of(dataset, "SeriesInstanceUID")
        if series and series not in caches.series:
            caches.series.add(series)
            if not self.first("SELECT 1 FROM Series WHERE SeriesInstanceUID = ?", series):
                # A known series stays with its study, whatever study the file names.
                self._row("Series", schema.SERIES, dataset, {"SeriesInstanceUID": series, "StudyInstanceUID": study})
                emitted.append(("seriesAdded", series))

    def _patient(self, dataset, patient_id, name, emitted):
        found = self.first("SELECT UID FROM Patients WHERE PatientID = ? AND PatientsName = ?", patient_id, name)
        if found:
            return int(found)
        keys = {"PatientsName": name, "PatientID": patient_id}
        number = self._row("Patients", schema.PATIENTS, dataset, keys)
        emitted.append(("patientAdded", number, patient_id, name, text_of(dataset, "PatientBirthDate")))
        return number

    def _row(self, table, columns, dataset, keys):
        values = {column: self._value(dataset, column, keyword) for column, keyword in columns.items() if keyword}
        values |= keys | {"InsertTimestamp": datetime.now(UTC).timestamp()}
        marks = ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"
        return self.connection.execute(statement, tuple(values.values())).lastrowid

    def _value(self, dataset, column, keyword):
        value = text_of(dataset, keyword)
        if column in schema.DATES:
            return iso_date(value)
        if column in schema.INTEGERS:
            return int(value) if value.lstrip("-").isdigit() else 0
        return value

    def _cache_tags(self, dataset, instance):
        for tag in self.tags:
            self.connection.execute(
                "INSERT OR REPLACE INTO TagCache VALUES (?, ?, ?)", (instance, tag, tag_of(dataset, tag))
            )

    def _insert_image(self, instance, stored, series):
        self.connection.execute(
            "INSERT OR IGNORE INTO Images (SOPInstanceUID, Filename, URL, SeriesInstanceUID, InsertTimestamp) "
            "VALUES (?, ?, '', ?, ?)",
            (instance, self.internal(stored), series, datetime.now(UTC).timestamp()),
        )

    def update_displayed_fields(self):
        for _ in self.displayed_fields():
            pass

    def displayed_fields(self):
        """Do what follows an import, image by image: each study goes to the patient that its newest file names."""
        new = self.connection.execute(
            "SELECT SOPInstanceUID, SeriesInstanceUID FROM Images WHERE DisplayedFieldsUpdatedTimestamp IS NULL"
        ).fetchall()
        studies, series = {}, {}
        for instance, series_uid in new:
            yield
            names = self._substituted(
                self.cached(instance, "0010,0020"),
                self.cached(instance, "0010,0010"),
                self.cached(instance, "0020,000D"),
            )
            if names is None:
                continue
            patient = self.first("SELECT UID FROM Patients WHERE PatientID = ? AND PatientsName = ?", *names[:2])
            if not patient:
                continue
            fields = studies.setdefault(names[2], {})
            fields["PatientsUID"] = int(patient)  # the last file has its way here, the first one elsewhere
            self._merge(fields, instance, STUDY_FIELDS)
            self._merge(series.setdefault(series_uid, {}), instance, SERIES_FIELDS)
        self._update("Studies", "StudyInstanceUID", studies)
        self._update("Series", "SeriesInstanceUID", series)
        self._count_displayed(datetime.now(UTC).timestamp())

    def _merge(self, fields, instance, columns):
        for column, tag in columns.items():
            value = self.cached(instance, tag)
            before = fields.get(column, "")
            if column in CONCATENATED and before and value and value not in before:
                value = f"{before}, {value}"
            elif before:
                value = before
            if value:
                fields[column] = value

    def _update(self, table, key, rows):
        for uid, fields in rows.items():
            if fields:
                assignments = ", ".join(f"{column} = ?" for column in fields)
                self.connection.execute(f"UPDATE {table} SET {assignments} WHERE {key} = ?", (*fields.values(), uid))

    def _count_displayed(self, stamp):
        self.connection.execute(
            "UPDATE Images SET DisplayedFieldsUpdatedTimestamp = ? WHERE DisplayedFieldsUpdatedTimestamp IS NULL",
            (stamp,),
        )
        self.connection.execute("UPDATE Patients SET DisplayedPatientsName = PatientsName")
        self.connection.execute(
            "UPDATE Patients SET DisplayedNumberOfStudies ="
            " (SELECT COUNT(*) FROM Studies WHERE Studies.PatientsUID = Patients.UID)"
        )
        self.connection.execute(
            "UPDATE Series SET DisplayedCount ="
            " (SELECT COUNT(*) FROM Images WHERE Images.SeriesInstanceUID = Series.SeriesInstanceUID)"
        )

    # Removing

    def remove_series(self, series):
        """Remove a series' records, and of its files those that lie in the database's own folder."""
        for filename in self.column("SELECT Filename FROM Images WHERE SeriesInstanceUID = ?", series):
            if filename and not Path(filename).is_absolute():
                self._remove_file(self.folder / filename)
        self.connection.execute("DELETE FROM Images WHERE SeriesInstanceUID = ?", (series,))

    def _remove_file(self, path):
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.folder or any(folder.iterdir()):
                return
            folder.rmdir()

    def forget_tags(self, series):
        self.connection.execute(
            "DELETE FROM TagCache WHERE SOPInstanceUID IN"
            " (SELECT SOPInstanceUID FROM Images WHERE SeriesInstanceUID = ?)",
            (series,),
        )

    def cleanup(self):
        """Remove series without images, studies without series, patients without studies."""
        for child, parent, key, own in (
            ("Images", "Series", "SeriesInstanceUID", "SeriesInstanceUID"),
            ("Series", "Studies", "StudyInstanceUID", "StudyInstanceUID"),
            ("Studies", "Patients", "PatientsUID", "UID"),
        ):
            self.connection.execute(f"DELETE FROM {parent} WHERE {own} NOT IN (SELECT {key} FROM {child})")

    # For tests

    def add_remote_series(self, dataset, url="dicomweb://pacs/instance"):
        """Add what a query brought: patient, study and series, an instance with a URL and no local file."""
        self._insert_levels(dataset, text_of(dataset, "PatientID"), text_of(dataset, "PatientName"), Caches(), [])
        self.connection.execute(
            "INSERT INTO Images (SOPInstanceUID, Filename, URL, SeriesInstanceUID, InsertTimestamp,"
            " DisplayedFieldsUpdatedTimestamp) VALUES (?, '', ?, ?, ?, 0)",
            (text_of(dataset, "SOPInstanceUID"), url, text_of(dataset, "SeriesInstanceUID"), 0.0),
        )
