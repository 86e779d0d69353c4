"""A study of an invented patient, sent as a modality would."""

from __future__ import annotations

from support import ct, encode

STUDY = {"PatientID": "MRN-4711", "PatientName": "Example^Emma", "StudyInstanceUID": "1.2.300"}


def send_study(orthanc, folder, called="GREYCLOAK"):
    """Send a study of two objects with C-STORE."""
    folder.mkdir(exist_ok=True)
    files = []
    for number in (1, 2):
        files.append(folder / f"{number}.dcm")
        files[-1].write_bytes(encode(ct(**STUDY, SeriesInstanceUID="1.2.300.1", SOPInstanceUID=f"1.2.300.1.{number}")))
    orthanc.send(*files, called=called)


def the_twin(orthanc):
    """Return the anonymized study when all work is done."""
    orthanc.settle()
    (study,) = orthanc.studies(anonymized=True)
    return study
