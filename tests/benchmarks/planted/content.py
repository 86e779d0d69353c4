"""Identities in the content trees of structured reports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset
from pydicom.uid import UID

from benchmarks.planted.spots import Spot, walk

if TYPE_CHECKING:
    from benchmarks.planted.planting import Identity
    from benchmarks.planted.texts import Writer

_TEXTS = (
    ("121071", "DCM", "Finding", "finding"),
    ("121073", "DCM", "Impression", "finding"),
    ("121060", "DCM", "History", "history"),
    ("121111", "DCM", "Summary", "finding"),
    ("121077", "DCM", "Conclusion", "finding"),
    ("121069", "DCM", "Previous Finding", "finding"),
    ("121109", "DCM", "Indications for Procedure", "reason"),
    ("121106", "DCM", "Comment", "comment"),
    ("T-01", "99LOCAL", "Dictated text", "finding"),
    ("T-02", "99LOCAL", "Technologist note", "comment"),
)
_PEOPLE = (
    ("121008", "DCM", "Person Observer Name", "another's name"),
    ("121029", "DCM", "Subject Name", "own name"),
    ("P-01", "99LOCAL", "Dictated by", "another's name"),
)


def plant(spot: Spot, writer: Writer, identity: Identity) -> None:
    """Ask about the texts that the host has, and add items with identities."""
    _keep_codes(spot)
    _what_stays(spot, writer, identity)
    _what_goes(spot, writer, identity)
    observer = spot.item("VerifyingObserverSequence")
    observer.hide("VerifyingObserverName", writer.patient.reader.pn, "HIPAA-A", "another's name")
    observer.hide("VerifyingOrganization", writer.patient.institution, "HIPAA-B", "institution")
    observer.put("VerificationDateTime", f"{identity.study_day:%Y%m%d}120000")


def _what_stays(spot: Spot, writer: Writer, identity: Identity) -> None:
    """Add items that Table E.3.4-1 keeps, cleaned or with a dummy, or does not list."""
    random, patient = writer.random, writer.patient
    for code, scheme, meaning, family in random.sample(_TEXTS, random.choice([2, 3, 4])):
        item = _item(spot, "TEXT", code, scheme, meaning, "CONTAINS")
        written = writer.write(family, "SR", "UT", identity=random.random() < 0.75, long=True, retained="TCIA-REV")
        item.write("TextValue", written)
    for code, scheme, meaning, kind in random.sample(_PEOPLE, 2):
        item = _item(spot, "PNAME", code, scheme, meaning, "HAS OBS CONTEXT")
        name = patient.name if kind == "own name" else random.choice([patient.reader, patient.operator])
        item.hide("PersonName", name.pn, "HIPAA-A", kind)
    item = _item(spot, "DATETIME", "111526", "DCM", "DateTime Started", "HAS ACQ CONTEXT")
    item.put("DateTime", f"{identity.study_day - timedelta(days=1):%Y%m%d}0830")
    item = _item(spot, "NUM", "410668003", "SCT", "Length", "CONTAINS")
    _measure(item, str(random.randrange(3, 90)))
    if random.random() < 0.5:
        holder = _item(spot, "CONTAINER", "121070", "DCM", "Findings", "CONTAINS")
        holder.put("ContinuityOfContent", "SEPARATE")
        inner = _item(holder, "TEXT", "121071", "DCM", "Finding", "CONTAINS")
        inner.write("TextValue", writer.write("finding", "SR", "UT", long=True, retained="TCIA-REV"))


def _what_goes(spot: Spot, writer: Writer, identity: Identity) -> None:
    """Add items that the table lets go as a whole: behind the others, whose places would change with them."""
    patient = writer.patient
    item = _item(spot, "TEXT", "121030", "DCM", "Subject ID", "HAS OBS CONTEXT", stays=False)
    item.hide("TextValue", patient.patient_id, "HIPAA-H", "patient ID")
    item = _item(spot, "DATE", "121031", "DCM", "Subject Birth Date", "HAS OBS CONTEXT", stays=False)
    item.put("Date", f"{patient.birth:%Y%m%d}")
    item = _item(spot, "PNAME", "121152", "DCM", "Person administering drug/contrast", "HAS OBS CONTEXT", stays=False)
    item.hide("PersonName", patient.operator.pn, "HIPAA-A", "another's name")
    item = _item(spot, "UIDREF", "121018", "DCM", "Procedure Study Instance UID", "HAS OBS CONTEXT", stays=False)
    item.put("UID", UID(identity.study))


def _item(  # noqa: PLR0913  # what an item consists of
    spot: Spot, value_type: str, code: str, scheme: str, meaning: str, relation: str, *, stays: bool = True
) -> Spot:
    item = spot.item("ContentSequence", fresh=True)
    item.put("RelationshipType", relation)
    item.put("ValueType", value_type)
    concept = item.item("ConceptNameCodeSequence")
    concept.put("CodeValue", code)
    concept.put("CodingSchemeDesignator", scheme)
    concept.put("CodeMeaning", meaning)
    if stays:
        item.ask("text_notnull", "ValueType", "DICOM-IOD-1")
    return item


def _measure(item: Spot, value: str) -> None:
    measured = item.item("MeasuredValueSequence")
    measured.put("NumericValue", value)
    unit = Dataset()
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "mm", "UCUM", "mm"
    measured.put("MeasurementUnitsCodeSequence", [unit])
    measured.ask("text_retained", "NumericValue", "TCIA-REV", value, "content item")


def _keep_codes(spot: Spot) -> None:
    """Ask for some of the concept names that the host's report has."""
    asked = 0
    for place, element, data_set in walk(spot.data_set):
        if element.keyword == "CodeMeaning" and "<(0040,a730)>" in place and element.value and asked < 12:
            here = Spot(data_set, spot.checks, place.rpartition("<")[0])
            here.ask("text_retained", "CodeMeaning", "TCIA-REV", str(element.value), "content item")
            asked += 1
