"""What the object says of itself afterwards: whose pseudonym it bears, and what was done to it (PS3.15 E.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak._version import __version__
from greycloak.actions.context import PATIENT_ID
from greycloak.standard.methods import CID_7050, MethodCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.stream import Encoding

PATIENT_NAME = 0x00100010
PATIENT_IDENTITY_REMOVED = 0x00120062
DEIDENTIFICATION_METHOD = 0x00120063
DEIDENTIFICATION_METHOD_CODE_SEQUENCE = 0x00120064
LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED = 0x00280303

STAMPED = (
    PATIENT_NAME,
    PATIENT_ID,
    PATIENT_IDENTITY_REMOVED,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
)
"""What every de-identified object carries anew, in ascending order."""

Stamps = dict[int, bytes]
"""Encoded elements by tag."""


def subject_stamps(encoding: Encoding, pseudonym: str) -> Stamps:
    """Return Patient's Name and Patient ID, both the pseudonym."""
    value = pseudonym.encode("ascii")
    return {
        PATIENT_NAME: encoding.element(PATIENT_NAME, "PN", value),
        PATIENT_ID: encoding.element(PATIENT_ID, "LO", value),
    }


def all_codes(codes: Iterable[MethodCode], earlier: list[bytes]) -> list[MethodCode]:
    """Return what the object will say of itself: codes of CID 7050 that it carried already, and the new ones."""
    known = [CID_7050.get(value.strip(b"\0 ").decode("latin-1")) for value in earlier]
    return list(dict.fromkeys([*filter(None, known), *codes]))


def method_stamps(encoding: Encoding, edition: str, codes: list[MethodCode], dates: str) -> Stamps:
    """Return the attributes that state the de-identification.

    Parameters
    ----------
    encoding : Encoding
        Layout of the data set.
    edition : str
        Edition of PS3.15 that was applied.
    codes : list of MethodCode
        What was done, now and earlier.
    dates : str
        What became of dates: ``REMOVED``, ``MODIFIED`` or ``UNMODIFIED``.
    """
    method = f"Greycloak {__version__} PS3.15 {edition}"
    items = b"".join(_code_item(encoding, code) for code in codes)
    sequence = encoding.header(DEIDENTIFICATION_METHOD_CODE_SEQUENCE, "SQ", len(items)) + items
    return {
        PATIENT_IDENTITY_REMOVED: encoding.element(PATIENT_IDENTITY_REMOVED, "CS", b"YES"),
        DEIDENTIFICATION_METHOD: encoding.element(DEIDENTIFICATION_METHOD, "LO", method.encode("ascii")),
        DEIDENTIFICATION_METHOD_CODE_SEQUENCE: sequence,
        LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED: encoding.element(
            LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "CS", dates.encode("ascii")
        ),
    }


def _code_item(encoding: Encoding, code: MethodCode) -> bytes:
    content = (
        encoding.element(0x00080100, "SH", code.value.encode("ascii"))
        + encoding.element(0x00080102, "SH", b"DCM")
        + encoding.element(0x00080104, "LO", code.meaning.encode("ascii"))
    )
    return encoding.item(len(content)) + content
