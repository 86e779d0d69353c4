"""The tables of CTK's DICOM database (schema 0.8.1) with the columns that ``fieldForPatient`` and its like can name."""

from __future__ import annotations

PATIENTS = {
    "PatientsName": "PatientName",
    "PatientID": "PatientID",
    "PatientsBirthDate": "PatientBirthDate",
    "PatientsBirthTime": "PatientBirthTime",
    "PatientsSex": "PatientSex",
    "PatientsAge": None,
    "PatientsComments": "PatientComments",
}
STUDIES = {
    "StudyID": "StudyID",
    "StudyDate": "StudyDate",
    "StudyTime": "StudyTime",
    "StudyDescription": "StudyDescription",
    "AccessionNumber": "AccessionNumber",
    "ModalitiesInStudy": "ModalitiesInStudy",
    "InstitutionName": "InstitutionName",
    "ReferringPhysician": "ReferringPhysicianName",
    "PerformingPhysiciansName": "PerformingPhysicianName",
}
SERIES = {
    "SeriesNumber": "SeriesNumber",
    "SeriesDate": "SeriesDate",
    "SeriesTime": "SeriesTime",
    "SeriesDescription": "SeriesDescription",
    "Modality": "Modality",
    "BodyPartExamined": "BodyPartExamined",
    "FrameOfReferenceUID": "FrameOfReferenceUID",
    "AcquisitionNumber": "AcquisitionNumber",
    "ContrastAgent": "ContrastBolusAgent",
    "ScanningSequence": "ScanningSequence",
    "EchoNumber": "EchoNumbers",
    "TemporalPosition": "TemporalPositionIdentifier",
}
"""Columns of the three levels, and the attributes they are filled from."""

DATES = {"PatientsBirthDate", "StudyDate", "SeriesDate"}
INTEGERS = {"SeriesNumber", "AcquisitionNumber", "EchoNumber", "TemporalPosition"}

KEPT = ("InsertTimestamp", "DisplayedFieldsUpdatedTimestamp")


def statements():
    """Return what makes the tables."""
    levels = {
        "Patients": (
            "UID INTEGER PRIMARY KEY AUTOINCREMENT",
            [
                *PATIENTS,
                *KEPT,
                "DisplayedPatientsName",
                "DisplayedNumberOfStudies",
                "DisplayedLastStudyDate",
                "Connections",
            ],
        ),
        "Studies": (
            "StudyInstanceUID TEXT PRIMARY KEY, PatientsUID INT NOT NULL",
            [*STUDIES, *KEPT, "DisplayedNumberOfSeries"],
        ),
        "Series": (
            "SeriesInstanceUID TEXT PRIMARY KEY, StudyInstanceUID TEXT NOT NULL",
            [*SERIES, *KEPT, "DisplayedCount", "DisplayedSize", "DisplayedNumberOfFrames"],
        ),
        "Images": (
            "SOPInstanceUID TEXT PRIMARY KEY, SeriesInstanceUID TEXT NOT NULL",
            ["Filename", "URL", *KEPT],
        ),
    }
    for table, (keys, columns) in levels.items():
        yield f"CREATE TABLE {table} ({keys}, {', '.join(columns)})"
    yield "CREATE TABLE TagCache (SOPInstanceUID TEXT, Tag TEXT, Value TEXT, PRIMARY KEY (SOPInstanceUID, Tag))"
