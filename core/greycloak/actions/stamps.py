"""What the object says of itself afterwards: whose pseudonym it bears, and what was done to it (PS3.15 E.1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak._version import __version__
from greycloak.actions.context import PATIENT_ID, PATIENT_NAME
from greycloak.standard.methods import CID_7050, MethodCode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from greycloak.pixels.cleaning import PixelsDone
    from greycloak.stream import Encoding

PATIENT_IDENTITY_REMOVED = 0x00120062
DEIDENTIFICATION_METHOD = 0x00120063
DEIDENTIFICATION_METHOD_CODE_SEQUENCE = 0x00120064
LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED = 0x00280303

_LONGEST = 64
"""Characters of a value of LO; a profile's name may be as long."""

ENCRYPTED_ATTRIBUTES_SEQUENCE = 0x04000500

STAMPED = (
    PATIENT_NAME,
    PATIENT_ID,
    PATIENT_IDENTITY_REMOVED,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
)
"""What every de-identified object carries anew, in ascending order."""

IMAGE_TYPE, DERIVATION_DESCRIPTION = 0x00080008, 0x00082111
PHOTOMETRIC_INTERPRETATION, BURNED_IN_ANNOTATION = 0x00280004, 0x00280301

EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS = 0x7FE00001, 0x7FE00002
_OFFSET_TABLES = (EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS)
_PIXEL_VRS = {
    IMAGE_TYPE: "CS",
    DERIVATION_DESCRIPTION: "ST",
    PHOTOMETRIC_INTERPRETATION: "CS",
    BURNED_IN_ANNOTATION: "CS",
    EXTENDED_OFFSET_TABLE: "OV",
    EXTENDED_OFFSET_TABLE_LENGTHS: "OV",
}
PIXEL_STAMPED = tuple(_PIXEL_VRS)
"""What an object whose pixels were inspected, or changed, says anew of them, in ascending order."""

_MASKED = b"Text in the image masked"
_LONGEST_TEXT = 1024
"""Bytes of a value of ST."""

RETAINING = frozenset(code for code in CID_7050.values() if code.meaning.startswith("Retain "))
"""Codes that say that something was kept."""

Stamps = dict[int, bytes]
"""Encoded elements by tag."""


def subject_stamps(encoding: Encoding, name: str, pseudonym: str) -> Stamps:
    """Return Patient's Name and Patient ID."""
    return {
        PATIENT_NAME: encoding.element(PATIENT_NAME, "PN", name.encode("ascii")),
        PATIENT_ID: encoding.element(PATIENT_ID, "LO", pseudonym.encode("ascii")),
    }


def pixel_stamps(encoding: Encoding, said: Mapping[int, bytes], done: PixelsDone, *, knows_derivation: bool) -> Stamps:
    """Return what an object whose pixels were inspected or changed says of them (PS3.15 section E.3.1).

    Parameters
    ----------
    encoding : Encoding
        Layout of its elements.
    said : mapping of int to bytes
        What it would say without this: raw values of those of `PIXEL_STAMPED` that stay.
    done : PixelsDone
        What was done.
    knows_derivation : bool
        Whether its IOD has a Derivation Description.
    """
    values = dict(said)
    if done.masks:
        if IMAGE_TYPE in values:
            values[IMAGE_TYPE] = b"\\".join([b"DERIVED", *values[IMAGE_TYPE].strip(b"\0 ").split(b"\\")[1:]])
        if DERIVATION_DESCRIPTION in values or knows_derivation:
            earlier = values.get(DERIVATION_DESCRIPTION, b"").strip(b"\0 ")
            whole = b"; ".join(filter(None, [earlier, _MASKED]))
            values[DERIVATION_DESCRIPTION] = whole if len(whole) <= _LONGEST_TEXT else _MASKED
    if done.photometric:
        values[PHOTOMETRIC_INTERPRETATION] = done.photometric.encode("ascii")
    if done.inspected:
        values[BURNED_IN_ANNOTATION] = b"NO"
    if done.extended:
        values |= {tag: new for tag, new in zip(_OFFSET_TABLES, done.extended, strict=True) if tag in values}
    return {tag: encoding.element(tag, _PIXEL_VRS[tag], value) for tag, value in values.items()}


def all_codes(codes: Collection[MethodCode], earlier: list[bytes]) -> list[MethodCode]:
    """Return what the object will say of itself: codes of CID 7050 that it carried already, and the new ones.

    What was retained earlier and is not any more is not said any more; where no code is new, nobody knows.
    """
    known = [CID_7050.get(value.strip(b"\0 ").decode("latin-1")) for value in earlier]
    still_true = [code for code in known if code is not None and (not codes or code not in RETAINING or code in codes)]
    return list(dict.fromkeys([*still_true, *codes]))


@dataclass(frozen=True, slots=True)
class Statement:
    """What an object says of its de-identification.

    Attributes
    ----------
    edition : str
        Edition of PS3.15 that was applied.
    profile : str
        Name of the profile, where it is not PS3.15 that was applied; else empty.
    codes : list of MethodCode
        What was done, now and earlier.
    identity_removed : bool
        Whether the patient's identity is removed.
    dates : str
        What became of dates: ``REMOVED``, ``MODIFIED`` or ``UNMODIFIED``.
    """

    edition: str
    profile: str
    codes: list[MethodCode]
    identity_removed: bool
    dates: str

    @property
    def method(self) -> str:
        """What De-identification Method (0012,0063) says."""
        if self.profile:
            return f"Greycloak {__version__}\\{f'profile {self.profile}'[:_LONGEST]}"
        return f"Greycloak {__version__} PS3.15 {self.edition}"

    def stamps(self, encoding: Encoding) -> Stamps:
        """Return the attributes that say it."""
        items = b"".join(_code_item(encoding, code) for code in self.codes)
        sequence = encoding.header(DEIDENTIFICATION_METHOD_CODE_SEQUENCE, "SQ", len(items)) + items
        removed = b"YES" if self.identity_removed else b"NO"
        return {
            PATIENT_IDENTITY_REMOVED: encoding.element(PATIENT_IDENTITY_REMOVED, "CS", removed),
            DEIDENTIFICATION_METHOD: encoding.element(DEIDENTIFICATION_METHOD, "LO", self.method.encode("ascii")),
            DEIDENTIFICATION_METHOD_CODE_SEQUENCE: sequence if self.codes else b"",
            LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED: encoding.element(
                LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "CS", self.dates.encode("ascii")
            ),
        }


def _code_item(encoding: Encoding, code: MethodCode) -> bytes:
    content = (
        encoding.element(0x00080100, "SH", code.value.encode("ascii"))
        + encoding.element(0x00080102, "SH", b"DCM")
        + encoding.element(0x00080104, "LO", code.meaning.encode("ascii"))
    )
    return encoding.item(len(content)) + content
