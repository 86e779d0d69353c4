"""What becomes of an object: de-identified, or quarantined with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.plan import Rule
    from greycloak.stream.levels import Buffer, Path

REASONS = {
    "broken-fragments": "the fragments of its encapsulated pixel data do not add up",
    "burned-in-annotation": "it says that identity is burned into its pixels (0028,0301)",
    "denied-by-rule": "a rule of the profile says so",
    "dicomdir": "it is a DICOMDIR, a directory of other files",
    "elements-out-of-order": "its elements are not in ascending order, or one occurs twice",
    "identity-differs": "its Patient ID is known with another name or birth date: perhaps two patients",
    "internal-error": "Greycloak failed on it; please report this",
    "invalid-character-set": "its Specific Character Set is none",
    "invalid-file-meta": "its file meta information is damaged",
    "invalid-uid": "a UID that it needs is none, or more than one",
    "misplaced-delimiter": "its sequences are damaged",
    "misplaced-padding": "it holds zeros where elements should be",
    "no-patient-id": "it has no Patient ID, and the profile asks for one",
    "no-sop-class": "it does not say what it is: SOP Class UID is missing",
    "no-sop-instance": "it does not say who it is: SOP Instance UID is missing",
    "no-study": "it belongs to no study: Study or Series Instance UID is missing",
    "no-transfer-syntax": "its file meta information lacks the transfer syntax",
    "not-dicom": "it is no DICOM file (no DICM prefix)",
    "not-opened": "its sealed attributes cannot be opened with this key",
    "not-sealed": "its original attributes are not sealed, or cannot be",
    "not-on-list": "nobody has given its subject a pseudonym",
    "output-differs": "its output exists already, with other content: two different objects with one UID?",
    "pseudonym-clash": "its subject's pseudonym belongs to another subject already",
    "replacement-unfit": "what the profile writes instead of a value does not fit the attribute",
    "script-failed": "a script of the profile failed on it",
    "sop-class-denied": "the profile does not let objects of its kind pass",
    "too-deep": "its sequences nest too deep",
    "too-large": "it unfolds to an unreasonable size",
    "trailing-bytes": "something that is not DICOM follows its data set",
    "truncated": "it ends too early",
    "undecided": "what to withhold from it cannot be settled",
    "unexpected-sequence": "it has a value of undefined length that is no sequence",
    "unknown-vr": "it has an element whose Value Representation does not exist",
    "unreadable-text": "its Patient ID, or what a condition asks for, cannot be decoded with its character set",
    "unreadable": "it cannot be read",
    "unsupported-transfer-syntax": "its transfer syntax is not known to Greycloak",
}
"""Every reason for a quarantine, and what it means."""


class Refused(Exception):  # noqa: N818  a decision, not an error
    """The object must not be emitted.

    Parameters
    ----------
    reason : str
        One of `REASONS`.
    detail : str
        Where and what, without any value of the object.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Change:
    """One element that was changed.

    Attributes
    ----------
    path : tuple of int
        Tag, item number (from 0), tag, ..., tag.
    rule : Rule
        What was done, and who says so.
    original : bytes
        The raw value before; as sensitive as the object.
    """

    path: Path
    rule: Rule
    original: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deidentified:
    """An object that may be emitted.

    Attributes
    ----------
    parts : list of bytes or memoryview
        The file, in pieces; large ones are views of the source.
    pseudonym : str
        The subject's pseudonym.
    patient_id : str
        What Patient ID says now: the pseudonym, unless the profile writes something else.
    study_uid, series_uid, sop_instance_uid : str
        The new UIDs.
    sop_class_uid : str
        Its SOP Class UID.
    method : str
        What De-identification Method (0012,0063) says.
    method_codes : tuple of str
        Codes of CID 7050 that it carries.
    changes : list of Change
        Every element that was changed; empty unless asked for.
    notes : tuple of str
        What a reader of the report should know, as ``sop-class-unknown``.
    """

    parts: list[Buffer] = field(repr=False)
    pseudonym: str
    patient_id: str
    study_uid: str
    series_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    method: str
    method_codes: tuple[str, ...]
    changes: list[Change] = field(repr=False)
    notes: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the whole file."""
        return b"".join(self.parts)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An object that must not be emitted.

    Attributes
    ----------
    reason : str
        One of `REASONS`.
    detail : str
        Where and what, without any value of the object.
    """

    reason: str
    detail: str = ""

    def __str__(self) -> str:
        """Say the reason in plain words."""
        meaning = REASONS.get(self.reason, self.reason)
        return f"{meaning} [{self.reason}{': ' + self.detail if self.detail else ''}]"


Outcome = Deidentified | Quarantined
