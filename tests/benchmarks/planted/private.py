"""Identities in private attributes, and private attributes that have to stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.datadict import private_dictionary_VR
from pydicom.dataset import Dataset

from benchmarks.planted.places import PRIVATE_GOES, PRIVATE_STAYS, PrivatePlace
from benchmarks.planted.spots import as_text, walk
from benchmarks.planted.standard import PrivateName, safe_private
from benchmarks.planted.tokens import tokens

if TYPE_CHECKING:
    from benchmarks.planted.spots import Spot
    from benchmarks.planted.texts import Writer

_NUMBERS = {"IS": "12", "DS": "1.25", "US": 7, "SS": -3, "UL": 70000, "SL": -9, "FL": 0.75, "FD": 2.5, "CS": "AXIAL"}
_TEXTS = {"SH", "LO", "ST", "LT", "UT"}


def plant(spot: Spot, writer: Writer, texts: str) -> None:
    """Plant identities in private attributes; ask for those that the standard and archives call safe."""
    random = writer.random
    _ask_about_the_hosts_own(spot)
    for place in random.sample(PRIVATE_GOES, random.choice([1, 2, 3, 4])):
        _goes(spot, writer, place, texts)
    for place in random.sample(list(PRIVATE_STAYS), random.choice([1, 2, 3])):
        value = PRIVATE_STAYS[place]
        where = spot.private(place, value)
        spot.ask_private("text_retained", where, value, "TCIA-PTKB-K", as_text(value), "private, known to be safe")
        spot.ask_creator(place, "TCIA-PTKB-K")
    for name in random.sample(sorted(safe_private()), 4):
        _table(spot, writer, name, texts)
    if random.random() < 0.15:
        _nested(spot, writer)
    if random.random() < 0.15:
        _phoenix(spot, writer)


def _goes(spot: Spot, writer: Writer, place: PrivatePlace, texts: str) -> None:
    """Write who it is, alone or in a text; nobody asks for the rest of it."""
    random, patient = writer.random, writer.patient
    vr = random.choice([place.vr, place.vr, place.vr, "UN"])
    alone = (
        (patient.name.family, "HIPAA-A", "own name"),
        (patient.patient_id, "HIPAA-H", "patient ID"),
        (writer.study.accession, "HIPAA-R", "accession number"),
        (f"{patient.birth:%Y%m%d}", "HIPAA-C", "birth date"),
        (patient.operator.family, "HIPAA-A", "another's name"),
        (patient.institution, "HIPAA-B", "institution"),
        (patient.phone, "HIPAA-D", "telephone number"),
    )
    if place.vr in {"SH", "PN"} or random.random() < 0.5:
        value, category, kind = random.choice(alone if place.vr != "PN" else alone[:1])
        asked = [(value[:16] if place.vr == "SH" else value, category, kind)]
        value = asked[0][0]
    else:
        written = writer.write("comment", texts, place.vr, retained="")
        value, asked = written.value, [(mark.text, mark.category, mark.kind) for mark in written.marks]
    if vr == "UN" and not (value.isascii() and value):
        vr = place.vr
    where = spot.private(place._replace(vr=vr), value.encode() if vr == "UN" else value)
    for text, category, kind in asked:
        if tokens(text):
            spot.ask_private("text_removed", where, value, category, text, f"{kind}, private")


def _table(spot: Spot, writer: Writer, name: PrivateName, texts: str) -> None:
    """Write an attribute that Table E.3.10-1 calls safe; if it is a text, sometimes somebody wrote a name there."""
    vr = safe_private()[name].vr.partition(" ")[0]
    if vr != _read_as(name):
        return
    place = PrivatePlace(name.group, name.creator, name.element, vr)
    if vr in _NUMBERS:
        where = spot.private(place, _NUMBERS[vr])
        spot.ask_private("text_retained", where, _NUMBERS[vr], "DICOM-SAFE", as_text(_NUMBERS[vr]), "safe private")
        spot.ask_creator(place, "DICOM-SAFE")
    elif vr in _TEXTS:
        written = writer.write("series", texts, vr, identity=writer.random.random() < 0.4, retained="DICOM-SAFE")
        if written.value:
            where = spot.private(place, written.value)
            for mark in written.marks:
                spot.ask_private(
                    mark.action, where, written.value, mark.category, mark.text, f"{mark.kind}, safe private"
                )


def _read_as(name: PrivateName) -> str:
    """Return the VR by which pydicom reads it where none is written."""
    try:
        return private_dictionary_VR((name.group << 16) + 0x1000 + name.element, name.creator)
    except KeyError:
        return ""


def _ask_about_the_hosts_own(spot: Spot) -> None:
    for place, element, _ in walk(spot.data_set):
        if (
            not element.tag.is_private
            or not element.private_creator
            or "[" in place
            or element.VR in {"UI", "DA", "DT"}
        ):
            continue
        name = PrivateName(element.tag.group, element.tag.element & 0xFF, str(element.private_creator))
        value = as_text(element.value)
        if name in safe_private() and value and tokens(value) and len(value) < 200:
            spot.ask_private("text_retained", place, value, "DICOM-SAFE", value, "safe private")


def _nested(spot: Spot, writer: Writer) -> None:
    """Put a private sequence with a whole patient in it."""
    item, patient = Dataset(), writer.patient
    item.PatientName, item.PatientID = patient.name.pn, patient.patient_id
    item.StudyDate = f"{writer.study.day:%Y%m%d}"
    where = spot.private(PrivatePlace(0x2005, "Philips MR Imaging DD 002", 0x32, "SQ"), [item])
    for keyword, text, category, kind in (
        ("<(0010,0010)>", patient.name.pn, "HIPAA-A", "own name, private"),
        ("<(0010,0020)>", patient.patient_id, "HIPAA-H", "patient ID, private"),
        ("<(0008,0020)>", f"{writer.study.day:%Y%m%d}", "HIPAA-C", "date, private"),
    ):
        spot.ask_private("text_removed", f"{where}[<0000>]{keyword}", text, category, text, kind)


def _phoenix(spot: Spot, writer: Writer) -> None:
    """Put a protocol as Siemens writes it, in binary: no safe list has it."""
    patient = writer.patient
    secret = patient.name.pn.partition("=")[0]
    text = f'### ASCCONV BEGIN ###\ntProtocolName = "t1_mpr"\ntPatientName = "{secret}"\n### ASCCONV END ###'
    block = text.encode("utf-8").ljust(512, b"\0")
    where = spot.private(PrivatePlace(0x0029, "SIEMENS CSA HEADER", 0x20, "OB"), block)
    spot.ask_private("text_removed", where, text, "HIPAA-A", secret, "own name, private binary")
