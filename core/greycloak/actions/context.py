"""What the actions on one object share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.actions.uids import is_uid
from greycloak.outcomes import Refused
from greycloak.pseudonyms.identity import Demographics
from greycloak.standard.dictionary import name_of
from greycloak.standard.uids import is_registered
from greycloak.stream.repair.characters import are_defined

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.data_set_view import DataSetView
    from greycloak.pseudonyms import Project, Subject
    from greycloak.stream import Path

SPECIFIC_CHARACTER_SET = 0x00080005
SOP_CLASS_UID = 0x00080016
SOP_INSTANCE_UID = 0x00080018
PATIENT_NAME = 0x00100010
PATIENT_ID = 0x00100020
ISSUER_OF_PATIENT_ID = 0x00100021
PATIENT_BIRTH_DATE = 0x00100030
STUDY_INSTANCE_UID = 0x0020000D
SERIES_INSTANCE_UID = 0x0020000E

CAPTURED = frozenset(
    {
        SPECIFIC_CHARACTER_SET,
        SOP_CLASS_UID,
        SOP_INSTANCE_UID,
        PATIENT_NAME,
        PATIENT_ID,
        ISSUER_OF_PATIENT_ID,
        PATIENT_BIRTH_DATE,
        STUDY_INSTANCE_UID,
        SERIES_INSTANCE_UID,
    }
)
"""Top-level attributes whose original values the walk puts aside for the engine."""

_UID = re.compile(r"[0-9][0-9.]{0,63}")
_NAME = re.compile(r"[^\\]*[0-9A-Za-z][^\\]*")
_BLANKS = b"\0\t\n\r "
_MISSING = {
    SOP_CLASS_UID: "no-sop-class",
    SOP_INSTANCE_UID: "no-sop-instance",
    STUDY_INSTANCE_UID: "no-study",
    SERIES_INSTANCE_UID: "no-study",
}


@dataclass(frozen=True, slots=True)
class NewUids:
    """How UIDs become new ones.

    Attributes
    ----------
    root : str
        What new ones begin with.
    key : bytes
        What tells those of the subject from those of others (`Project.uid_key`).
    keeps : bool
        Whether those that are UIDs are kept.
    """

    root: str
    key: bytes = field(repr=False)
    keeps: bool


@lru_cache(maxsize=4096)
def _read_uid(raw: bytes, *, is_class: bool) -> tuple[str, bool, bool]:
    """Return an identifying value as text, whether it will do, and whether it is a UID."""
    text = (raw.rstrip(b"\0 ") if is_class else raw.strip(_BLANKS)).decode("latin-1")
    is_fit = _UID.fullmatch(text) if is_class else _NAME.fullmatch(text) and not is_registered(text)
    return text, bool(is_fit), is_uid(text)


@dataclass(slots=True)
class ObjectContext:
    """Handed by the splicer to every mapping.

    Attributes
    ----------
    project : Project
        Whose pseudonyms, UIDs and hashes are written.
    new_uids : NewUids
        How UIDs become new ones.
    days : int
        By how many days the subject's dates are shifted.
    subject : Subject or None
        Whose object it is, for those who have asked for it beforehand.
    data_set : callable
        Returns a view of the whole object, for scripts.
    captured : dict
        Raw original values of `CAPTURED` attributes, by tag.
    telling : dict
        Original values of attributes that tell whether pixels may show identity, by tag.
    notes : dict
        What the report should say of this object, in order.
    classes : set of str
        UIDs that were kept because they name a maker's SOP Class.
    code : (tuple, bytes)
        The coding scheme that was met last, and the item that it stands in.
    counts_items : bool or None
        Whether content items are referred to by their numbers, so that none may go; None if it is not known yet.
    documents : list of str
        The texts of documents that stay, if nothing in them identifies anybody.
    """

    project: Project
    new_uids: NewUids
    days: int = 0
    subject: Subject | None = None
    data_set: Callable[[], DataSetView] | None = field(default=None, repr=False)
    captured: dict[int, bytes] = field(default_factory=dict, repr=False)
    telling: dict[int, bytes] = field(default_factory=dict, repr=False)
    notes: dict[str, None] = field(default_factory=dict)
    classes: set[str] = field(default_factory=set, repr=False)
    code: tuple[Path, bytes] = field(default=((), b""), repr=False)
    counts_items: bool | None = None
    documents: list[str] = field(default_factory=list, repr=False)

    def note(self, kind: str, tag: int) -> None:
        """Have the report say something of an attribute."""
        self.notes[f"{kind}: {name_of(tag)}"] = None

    def uid(self, tag: int) -> str:
        """Return an original UID, or what stands in its place: anything that tells one object from others will do.

        Raises
        ------
        Refused
            If it is missing, more than one, or one that the standard registers for something else.
        """
        text, is_fit, is_valid = _read_uid(self.captured.get(tag, b""), is_class=tag == SOP_CLASS_UID)
        if not text:
            raise Refused(_MISSING[tag])
        if not is_fit:
            raise Refused("invalid-uid", f"({tag >> 16:04X},{tag & 0xFFFF:04X})")
        if not is_valid:
            self.note("invalid-uid", tag)
        return text

    def derive_uid(self, original: str) -> str:
        """Return the subject's new UID for an old one: of a study, a series, an instance, or part of one."""
        new = self.new_uids
        return original if new.keeps and is_uid(original) else self.project.derive_uid(original, new.root, new.key)

    def derive_common_uid(self, original: str) -> str:
        """Return the new UID for one that several subjects may have in common."""
        new = self.new_uids
        return original if new.keeps and is_uid(original) else self.project.derive_uid(original, new.root)

    @property
    def demographics(self) -> Demographics:
        """What the object says of the patient beside the identity."""
        captured = self.captured
        name, birth_date = captured.get(PATIENT_NAME, b""), captured.get(PATIENT_BIRTH_DATE, b"")
        return Demographics.read(name, birth_date, self.character_sets)

    @property
    def sop_class_uid(self) -> str:
        """SOP Class UID (0008,0016), which is kept and therefore has to be a UID.

        Raises
        ------
        Refused
            If it is missing or no UID.
        """
        return self.uid(SOP_CLASS_UID)

    @property
    def character_sets(self) -> bytes:
        """Specific Character Set (0008,0005), kept as well.

        Raises
        ------
        Refused
            If it is something else than defined terms can be.
        """
        value = self.captured.get(SPECIFIC_CHARACTER_SET, b"")
        if not are_defined(value):
            raise Refused("invalid-character-set")
        return value
