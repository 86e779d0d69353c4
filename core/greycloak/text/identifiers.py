"""What identifies somebody, and what kind of identifier it is: read off the attribute that held it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from greycloak.standard.dictionary import entry_for
from greycloak.text.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT_VRS = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())
"""VRs whose values are characters."""

UNTYPED_VRS = frozenset({"UN", ""})
_UNDIVIDED_VRS = frozenset({"LT", "ST", "UR", "UT"})
_KINDS_BY_VR = {"AE": "device", "DA": "date", "DT": "date", "PN": "name", "TM": "time", "UI": "uid", "UR": "url"}
_PATIENT = frozenset(
    "PatientName OtherPatientNames PatientBirthName PatientMotherBirthName PatientID OtherPatientIDs".split()
)
_DEVICE = frozenset(
    "CassetteID DetectorID DeviceAlternateIdentifier DeviceDescription DeviceID DeviceLabel DeviceSerialNumber "
    "GantryID GeneratorID HardcopyCreationDeviceID LensMake LensModel LensSerialNumber ManufacturerDeviceIdentifier "
    "ModifyingDeviceID ModifyingSystem PerformedStationName PlateID ScheduledStationName SecondaryCaptureDeviceID "
    "SourceManufacturer SourceSerialNumber StationName TreatmentMachineName UniqueDeviceIdentifier XRayDetectorID "
    "XRayDetectorLabel XRaySourceID".split()
)  # fmt: skip
_INSTITUTION = frozenset(
    "ClinicalTrialCoordinatingCenterName ClinicalTrialProtocolEthicsCommitteeName ClinicalTrialSiteName "
    "ClinicalTrialSponsorName CurrentPatientLocation HumanPerformerOrganization InstitutionName "
    "InstitutionalDepartmentName OrderEntererLocation PatientInstitutionResidence PerformedLocation "
    "RequestedProcedureLocation RequestingService ResponsibleOrganization ScheduledPatientInstitutionResidence "
    "ScheduledProcedureStepLocation ScheduledStudyLocation SourceOfPreviousValues VerifyingOrganization".split()
)  # fmt: skip
_IDS = re.compile(r"(IDs?|Identifier|IdentifierUID|Number|NumberImagingServiceRequest|Locator|BarcodeValue)$")
_NO_IDS = frozenset("SeriesNumber InstanceNumber AcquisitionNumber".split())
_KINDS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("device", _DEVICE.__contains__),
    ("institution", lambda keyword: keyword in _INSTITUTION or keyword.startswith("IssuerOf")),
    ("phone", lambda keyword: any(part in keyword for part in ("Telephone", "Telecom", "PhoneNumber"))),
    ("address", lambda keyword: keyword.endswith(("Address", "AddressTrial", "OfResidence"))),
    ("id", lambda keyword: keyword not in _NO_IDS and _IDS.search(keyword)),
)
"""Which attributes hold which kind, by keyword; the first that fits."""

_DIVIDERS = re.compile(r"[\\\x00-\x1f\x7f]+")
_UNDIVIDED = re.compile(r"[\x00-\x1f\x7f]+")
_CARETS = re.compile(r"[^\W\d_][\w .'-]*\^+[^\W\d_][\w .'^=-]*")
_DATE = re.compile(r"(19|20)\d\d\.?(0[1-9]|1[0-2])\.?(0[1-9]|[12]\d|3[01])")
_CODE_STRINGS = re.compile(rb"[A-Z0-9_ \\]*\0?")
_WORDS = re.compile(r"[^\W_]{3}")


class Identifier(NamedTuple):
    """Something that was taken out of an object.

    Attributes
    ----------
    kind : str
        As in `greycloak.text.findings.Finding`.
    value : str
        One value, decoded.
    tag : int
        The attribute that held it.
    """

    kind: str
    value: str
    tag: int

    @property
    def is_of_patient(self) -> bool:
        """Whether it is the patient's own name or number."""
        return is_of_patient(self.tag)


@lru_cache(maxsize=4096)
def is_of_patient(tag: int) -> bool:
    """Tell whether an attribute holds the patient's own name or number."""
    entry = entry_for(tag)
    return entry is not None and entry.keyword in _PATIENT


@lru_cache(maxsize=8192)
def kind_of(tag: int, vr: str) -> str:
    """Return what kind of identifier an attribute holds.

    Parameters
    ----------
    tag : int
        The attribute.
    vr : str
        Its VR.
    """
    if vr in _KINDS_BY_VR:
        return _KINDS_BY_VR[vr]
    entry = None if tag >> 16 & 1 else entry_for(tag)
    keyword = entry.keyword if entry else ""
    return next((kind for kind, holds in _KINDS if holds(keyword)), "text")


@lru_cache(maxsize=16384)
def identifiers_in(tag: int, vr: str, raw: bytes, characters: bytes) -> frozenset[Identifier]:
    """Return what a removed value identifies.

    Parameters
    ----------
    tag : int
        The attribute.
    vr : str
        Its VR, or an empty string if nobody knows it.
    raw : bytes
        Its value.
    characters : bytes
        Specific Character Set in force.
    """
    if vr not in TEXT_VRS and vr not in UNTYPED_VRS:
        return frozenset()
    if vr == "CS" and not tag >> 16 & 1 and _CODE_STRINGS.fullmatch(raw):
        return frozenset()  # a defined term
    kind = kind_of(tag, vr)
    text = decode(raw, characters if vr not in UNTYPED_VRS else characters or b"ISO_IR 192").text
    values = (_UNDIVIDED if vr in _UNDIVIDED_VRS else _DIVIDERS).split(text)
    return frozenset(
        Identifier(_kind_by_form(kind, value), value, tag)
        for value in map(str.strip, values)
        if _says_something(value, vr)
    )


def _says_something(value: str, vr: str) -> bool:
    """Tell whether a value is more than noise; bytes without a type often are just that."""
    if vr in UNTYPED_VRS:
        return _WORDS.search(value) is not None
    return any(character.isalnum() for character in value)


def _kind_by_form(kind: str, value: str) -> str:
    """Return a better kind where the form of a text tells."""
    if kind != "text":
        return kind
    if _CARETS.fullmatch(value):
        return "name"
    return "date" if _DATE.fullmatch(value) else kind
