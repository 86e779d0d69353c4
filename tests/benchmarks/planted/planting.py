"""Plants identities in an object and notes what becomes of a good de-identification of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import md5
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VM, dictionary_VR
from pydicom.uid import UID

from benchmarks.planted import content, nested, private
from benchmarks.planted.places import DESCRIPTORS, KEPT, LABELS
from benchmarks.planted.spots import Spot, as_text, name_of, walk
from benchmarks.planted.standard import is_cleaned, is_listed, is_registered, required
from benchmarks.planted.tokens import tokens

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from benchmarks.planted.texts import Writer, Written

_CLASS_UIDS = (
    "SOPClassUID",
    "SOPClassUIDs",
    "CodingSchemeUID",
    "ContextUID",
    "MappingResourceUID",
    "TransferSyntaxUID",
)


@dataclass(slots=True)
class Identity:
    """Which object it is: its UIDs, dates and number in the series."""

    study: str
    series: str
    instance: str
    frame: str
    number: int
    study_day: date
    series_day: date
    siblings: tuple[str, ...]
    uids: dict[str, str]
    root: str

    def new_uid(self, old: str) -> str:
        """Return the UID that stands for one of the host in this study."""
        if old not in self.uids:
            self.uids[old] = f"{self.root}.{len(self.uids) + 1}.{sum(old.encode()) % 9973}"
        return self.uids[old]


@dataclass(frozen=True, slots=True)
class Shared:
    """Texts that all objects of a study or a series have alike, by keyword."""

    texts: dict[str, Written]


def share(writer: Writer, level: str, texts: str) -> Shared:
    """Write what all objects of a study or series have alike."""
    return Shared(
        {
            place.keyword: writer.write(
                place.family,
                texts,
                dictionary_VR(place.keyword),
                identity=writer.random.random() < 0.62,
                retained="TCIA-P15-DESC-C" if is_cleaned(place.keyword) else "",
                long=dictionary_VR(place.keyword) in {"LT", "ST", "UT"},
                many=dictionary_VM(place.keyword) == "1-n" and writer.random.random() < 0.2,
            )
            for place in DESCRIPTORS
            if place.level == level and writer.random.random() * 10 < place.often
        }
    )


def plant(data_set: Dataset, writer: Writer, identity: Identity, shared: tuple[Shared, ...], texts: str) -> Spot:
    """Turn a host into an object of a patient, full of identities; return its checks."""
    spot = Spot(data_set)
    random, patient = writer.random, writer.patient
    data_set.SpecificCharacterSet = patient.character_set.split("\\") if patient.character_set else None
    if not patient.character_set:
        del data_set.SpecificCharacterSet
    _set_dates(data_set, identity, writer)
    _set_uids(data_set, identity)
    _set_people(spot, writer, identity)
    for each in (*shared, share(writer, "instance", texts)):
        for keyword, written in each.texts.items():
            spot.write(keyword, written)
    _rewrite(spot, writer)
    nested.plant(spot, writer, identity, texts)
    if "ContentSequence" in data_set:
        content.plant(spot, writer, identity)
    private.plant(spot, writer, texts)
    _ask_characteristics(spot)
    _ask_dates_and_uids(spot)
    if "PixelData" in data_set and data_set.Modality != _SHOWS_TEXT:
        spot.ask("pixels_retained", "PixelData", "TCIA-P15-PIX-K", digest(data_set))
    random.shuffle(spot.checks)
    return spot


_SHOWS_TEXT = "US"
"""Real ultrasound has text in its pixels; that it is masked is asked elsewhere (drawn_bench.py)."""


def digest(data_set: Dataset) -> str:
    """Return the digest of an object's Pixel Data, or nothing."""
    return md5(data_set.PixelData, usedforsecurity=False).hexdigest() if "PixelData" in data_set else ""


def presence(spot: Spot) -> int:
    """Ask for what the IOD requires; return how much of it the source itself lacks."""
    gaps = 0
    for keyword, kind in required(str(spot.data_set.SOPClassUID)).items():
        element = spot.data_set.get(keyword, None)
        there = keyword in spot.data_set
        if kind == "1" and there and element not in (None, "", []):
            spot.ask("text_notnull", keyword, "DICOM-IOD-1")
        elif kind == "2" and there:
            spot.ask("tag_retained", keyword, "DICOM-IOD-2")
        else:
            gaps += 1
    return gaps


def _rewrite(spot: Spot, writer: Writer) -> None:
    """Write into some texts that only such objects have: labels of plans, segments, overlays, annotations."""
    for place, element, data_set in list(walk(spot.data_set)):
        keyword = name_of(element)
        if keyword in LABELS and writer.random.random() < 0.5:
            written = writer.write("label", "", element.VR, retained="TCIA-P15-DESC-C" if is_cleaned(keyword) else "")
            Spot(data_set, spot.checks, place.rpartition("<")[0]).write(keyword, written)


def _set_dates(data_set: Dataset, identity: Identity, writer: Writer) -> None:
    """Move all dates to where the patient's study is."""
    random = writer.random
    for _, element, _ in walk(data_set):
        day = identity.study_day + timedelta(days=random.choice([0, 0, 0, -1, 1, -30]))
        if element.VR == "DA" and element.value and not element.tag.is_private:
            element.value = f"{day:%Y%m%d}"
        elif element.VR == "DT" and element.value and not element.tag.is_private:
            element.value = f"{day:%Y%m%d}{random.randrange(7, 19):02}{random.randrange(60):02}00.000000"
    data_set.StudyDate = f"{identity.study_day:%Y%m%d}"
    data_set.SeriesDate = f"{identity.series_day:%Y%m%d}"
    for keyword in ("AcquisitionDate", "ContentDate", "InstanceCreationDate"):
        if keyword in data_set or random.random() < 0.5:
            setattr(data_set, keyword, f"{identity.series_day:%Y%m%d}")
    data_set.PatientBirthDate = f"{writer.patient.birth:%Y%m%d}"
    for keyword in ("PerformedProcedureStepStartDate", "ScheduledProcedureStepStartDate", "AdmittingDate"):
        if random.random() < 0.3:
            setattr(data_set, keyword, f"{identity.study_day:%Y%m%d}")
    if random.random() < 0.3:
        data_set.AcquisitionDateTime = f"{identity.series_day:%Y%m%d}{random.randrange(7, 19):02}3015"
    if random.random() < 0.2:
        data_set.DateOfLastCalibration = f"{identity.study_day - timedelta(days=13):%Y%m%d}"


def _set_uids(data_set: Dataset, identity: Identity) -> None:
    for _, element, _ in walk(data_set):
        if element.VR == "UI" and element.value and not name_of(element).endswith(_CLASS_UIDS):
            single = not hasattr(element.value, "append")
            old = [element.value] if single else list(element.value)
            new = [UID(each if is_registered(str(each)) else identity.new_uid(str(each))) for each in old]
            element.value = new[0] if single else new
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = UID(identity.study), UID(identity.series)
    data_set.SOPInstanceUID = UID(identity.instance)
    data_set.file_meta.MediaStorageSOPInstanceUID = UID(identity.instance)
    if "FrameOfReferenceUID" in data_set:
        data_set.FrameOfReferenceUID = UID(identity.frame)
    data_set.InstanceNumber, data_set.SeriesNumber = identity.number, data_set.get("SeriesNumber") or 1


def _set_people(spot: Spot, writer: Writer, identity: Identity) -> None:
    patient, random = writer.patient, writer.random
    spot.hide("PatientName", patient.name.pn, "HIPAA-A", "own name")
    spot.hide("PatientID", patient.patient_id, "HIPAA-H", "patient ID")
    spot.ask("patid_consistent", "PatientID", "DICOM-P15-BASIC-C")
    spot.hide("AccessionNumber", writer.study.accession, "HIPAA-R", "accession number")
    spot.hide("ReferringPhysicianName", patient.physician.pn, "HIPAA-A", "another's name")
    spot.hide("InstitutionName", patient.institution, "HIPAA-B", "institution")
    often = (
        ("OperatorsName", patient.operator.pn, "HIPAA-A", "another's name", 7),
        ("PerformingPhysicianName", patient.reader.pn, "HIPAA-A", "another's name", 5),
        ("NameOfPhysiciansReadingStudy", patient.reader.pn, "HIPAA-A", "another's name", 3),
        ("RequestingPhysician", patient.physician.pn, "HIPAA-A", "another's name", 3),
        ("PhysiciansOfRecord", patient.physician.pn, "HIPAA-A", "another's name", 2),
        ("InstitutionAddress", patient.institution_address, "HIPAA-B", "address", 5),
        ("PatientAddress", f"{patient.street}, {patient.city}".replace("\n", " ")[:64], "HIPAA-B", "address", 5),
        ("PatientTelephoneNumbers", patient.phone, "HIPAA-D", "telephone number", 5),
        ("ReferringPhysicianTelephoneNumbers", patient.phone[::-1], "HIPAA-D", "telephone number", 1),
        ("PatientMotherBirthName", patient.mother.pn, "HIPAA-A", "another's name", 3),
        ("PatientBirthName", patient.name.pn, "HIPAA-A", "own name", 2),
        ("OtherPatientNames", patient.name.pn.upper(), "HIPAA-A", "own name", 2),
        ("OtherPatientIDs", patient.other_id, "HIPAA-H", "patient ID", 4),
        ("MedicalRecordLocator", patient.patient_id[::-1], "HIPAA-H", "patient ID", 2),
        ("AdmissionID", "V" + patient.other_id, "HIPAA-R", "admission", 2),
        ("IssuerOfPatientID", patient.institution, "HIPAA-B", "institution", 2),
        ("StudyID", "S" + writer.study.accession[:6], "HIPAA-R", "study ID", 4),
        (
            "CurrentPatientLocation",
            f"Ward {patient.insurance[1:3]} {patient.institution}"[:64],
            "HIPAA-B",
            "address",
            2,
        ),
        ("RequestingService", f"{patient.stranger.family} Clinic", "HIPAA-B", "institution", 1),
    )
    for keyword, value, category, kind, chance in often:
        if random.random() * 10 < chance:
            spot.hide(keyword, value, category, kind)
    age = identity.study_day.year - patient.birth.year
    spot.put("PatientSex", patient.sex)
    if "PatientAge" in spot.data_set or random.random() < 0.6:
        spot.put("PatientAge", f"{min(max(age, 1), 89):03}Y")
    spot.put("PatientWeight", str(random.randrange(45, 110)))
    if random.random() < 0.5:
        spot.put("PatientSize", f"1.{random.randrange(48, 95)}")
    if random.random() < 0.2:
        spot.put("EthnicGroup", random.choice(["Caucasian", "Asian", "Hispanic", "1"]))


def _ask_characteristics(spot: Spot) -> None:
    for category, keywords in KEPT.items():
        for keyword in keywords:
            value = as_text(spot.data_set.get(keyword))
            if value and tokens(value):
                spot.ask("text_retained", keyword, category, value, "retained attribute")


def _ask_dates_and_uids(spot: Spot) -> None:
    for place, element, data_set in walk(spot.data_set):
        keyword, value = name_of(element), as_text(element.value)
        here = Spot(data_set, spot.checks, place.rpartition("<")[0])
        if not value or element.tag.is_private:
            continue
        if element.VR in {"DA", "DT"}:
            here.ask("date_shifted", keyword, "HIPAA-C", kind="date")
        elif element.VR == "UI" and not keyword.endswith(_CLASS_UIDS) and not is_registered(value):
            here.ask("uid_changed", keyword, "HIPAA-R", kind="UID")
            if is_listed(keyword) and not hasattr(element.value, "append"):
                here.ask("uid_consistent", keyword, "DICOM-P15-BASIC-U", kind="UID")
