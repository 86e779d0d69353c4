"""What was right for the last object of a subject is assumed of the next one, which mostly spares a walk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from greycloak.pseudonyms import Subject
    from greycloak.stream import Level, Look, Part10

_PATIENT_ID = {True: b"\x10\x00\x20\x00", False: b"\x00\x10\x00\x20"}
_NEAR = 1 << 13
_MAX_SIZE = 128
_MAX_SUBJECTS = 64


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a walk takes for granted.

    Attributes
    ----------
    answers : dict of Look to bytes
        What becomes of texts that cannot stay as they are.
    days : int
        By how many days dates are shifted.
    uid_key : bytes
        What tells the subject's UIDs from those of others.
    subject : Subject or None
        Whose object it is, where what is written depends on it.
    """

    answers: dict[Look, bytes] = field(default_factory=dict)
    days: int = 0
    uid_key: bytes = b""
    subject: Subject | None = None


NOTHING = Assumed()


class Assumptions:
    """Remembers what was right, for some subjects at a time: objects of several may come by turns.

    A guess only: whoever takes it has to see afterwards whether it was right.
    """

    def __init__(self) -> None:
        self._by_level: WeakKeyDictionary[Level, dict[bytes, Assumed]] = WeakKeyDictionary()

    def guess(self, level: Level, part10: Part10) -> Assumed:
        """Return what was right for the last object that looks as if it were the same subject's, or else the last."""
        known = self._by_level.get(level)
        if not known:
            return NOTHING
        return known.get(_about_whom(part10)) or known.get(b"", NOTHING)

    def remember(self, level: Level, part10: Part10, right: Assumed) -> None:
        """Keep what was right for an object."""
        known = self._by_level.setdefault(level, {})
        if len(known) >= _MAX_SUBJECTS:
            known.clear()
        known[b""] = known[_about_whom(part10)] = right

    def __len__(self) -> int:
        """Return for how many levels something is remembered."""
        return len(self._by_level)


def _about_whom(part10: Part10) -> bytes:
    """Return the first element near the beginning that looks like a Patient ID, as it stands there."""
    data, encoding = part10.data, part10.encoding
    at = data.find(_PATIENT_ID[encoding.little], part10.start, part10.start + _NEAR)
    if at < 0 or len(data) < at + _MAX_SIZE:
        return b""
    value = at + encoding.key_size + encoding.short.size
    (length,) = encoding.short.unpack_from(data, at + encoding.key_size)
    return bytes(data[at : min(value + length, at + _MAX_SIZE)])
