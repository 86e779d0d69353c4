"""What becomes of an object: de-identified, or quarantined with a reason; what is no object is skipped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from greycloak.foreign import KINDS
from greycloak.reasons import REASONS

if TYPE_CHECKING:
    from greycloak.pixels.areas import Mask
    from greycloak.plan import Rule
    from greycloak.stream.levels import Buffer, Path

DOUBTS = ("identity-differs", "study-of-two-subjects")
"""Notes that say that an object contradicts what came first: perhaps two patients, or one with two identities."""

AT_RISK = "at-risk: "
"""How a note begins that says why an object's pixels may show identity."""


PIXELS_INSPECTED = "pixels-inspected"
"""The note of an object whose pixels were searched for text; what was found is masked."""


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


class Told(NamedTuple):
    """What a summary says of an object that went through.

    Attributes
    ----------
    risks : tuple of str
        Why its pixels may show identity.
    doubts : tuple of str
        What it contradicts of what came first.
    is_inspected : bool
        Whether its pixels were searched for text.
    is_masked : bool
        Whether anything in them is masked.
    """

    risks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    is_inspected: bool = False
    is_masked: bool = False


NOTHING_TOLD = Told()


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
    masks : tuple of Mask
        What was masked in its pixels, and why.
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
    masks: tuple[Mask, ...] = ()

    @property
    def doubts(self) -> tuple[str, ...]:
        """What it contradicts of what came first under its Patient ID or its study."""
        return tuple(note for note in self.notes if note in DOUBTS)

    @property
    def risks(self) -> tuple[str, ...]:
        """Why its pixels may show identity: some of `greycloak.pixels.risk.RISKS`."""
        return tuple(note.removeprefix(AT_RISK) for note in self.notes if note.startswith(AT_RISK))

    @property
    def told(self) -> Told:
        """What a summary says of it."""
        return Told(self.risks, self.doubts, PIXELS_INSPECTED in self.notes, bool(self.masks))

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

    @property
    def meaning(self) -> str:
        """The reason in plain words."""
        return REASONS[self.reason].meaning if self.reason in REASONS else self.reason

    @property
    def remedy(self) -> str:
        """What can be done about it, in a sentence; empty if nobody knows."""
        return REASONS[self.reason].remedy if self.reason in REASONS else ""

    def __str__(self) -> str:
        """Say the reason in plain words."""
        return f"{self.meaning} [{self.reason}{': ' + self.detail if self.detail else ''}]"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no object and is known to be something else: nothing is emitted, and nothing is amiss.

    Attributes
    ----------
    kind : str
        What it is: one of `greycloak.foreign.KINDS`.
    """

    kind: str

    @property
    def meaning(self) -> str:
        """What it is in plain words."""
        return KINDS.get(self.kind, self.kind)

    def __str__(self) -> str:
        """Say what it is in plain words."""
        return f"{self.meaning} [{self.kind}]"


Outcome = Deidentified | Quarantined | Skipped
