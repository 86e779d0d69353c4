"""Objects that somebody de-identified without Greycloak: well, and with whatever faults a test plants."""

from __future__ import annotations

import copy
import random
from typing import TYPE_CHECKING, Any

from pydicom.uid import generate_uid

from support import ct, item, sequence

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence


def original(number: int = 1, **attributes: Any) -> Dataset:
    """Return a CT image of a study of three; pixels differ from one image to the next."""
    values: dict[str, Any] = {
        "SOPInstanceUID": f"1.2.3.4.1.{number}",
        "InstanceNumber": number,
        "SeriesNumber": 1,
        "PatientName": "Kowalska^Jadwiga",
        "PatientID": "MRN-471108",
        "PatientBirthDate": "19570412",
        "StudyDate": "20200117",
        "StudyTime": "101112",
        "SeriesDate": "20200117",
        "AccessionNumber": "ACC-0815-2",
        "ReferringPhysicianName": "Wegener^Bernd",
        "InstitutionName": "Spital am Beispielsee",
        "StudyID": "",
        "PixelData": random.Random(number).randbytes(8),
    }
    return ct(**values | attributes)


def done_well(data_set: Dataset, **attributes: Any) -> Dataset:
    """De-identify by hand, as well as the Basic profile asks."""
    new = copy.deepcopy(data_set)
    new.PatientName, new.PatientID = "Subject^One", "S-001"
    new.PatientBirthDate = new.StudyDate = new.StudyTime = new.AccessionNumber = new.ReferringPhysicianName = ""
    for keyword in ("SeriesDate", "InstitutionName"):
        if keyword in new:
            delattr(new, keyword)
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(new, keyword, generate_uid(entropy_srcs=[str(data_set[keyword].value)]))
    new.PatientIdentityRemoved = "YES"
    new.DeidentificationMethod = "By hand"
    new.DeidentificationMethodCodeSequence = codes("113100")
    for keyword, value in attributes.items():
        setattr(new, keyword, value)
    return new


def codes(*values: str) -> Sequence:
    return sequence(*(item(CodeValue=value, CodingSchemeDesignator="DCM", CodeMeaning="Option") for value in values))
