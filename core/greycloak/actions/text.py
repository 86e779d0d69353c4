"""Free text that may stay only if it repeats nothing that was removed from the same object.

Text outside Table E.1-1, as Manufacturer or Code Meaning, is worth keeping, but people type anything anywhere.
A text in which a removed value turns up again is withheld whole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.stream import Encoding, Instruction, Level, Splicer, Verb
from greycloak.stream.encoding import IMPLICIT_LITTLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.stream import Edit
    from greycloak.stream.part10 import Source

MIN_LENGTH = 4
"""Shorter values are found in too many innocent words; parts of names count from three letters, as whole words."""

_MIN_NAME_PART = 3
_MAX_UNTYPED = 1024
_MAX_CACHED = 4096
_TEXT_VRS = frozenset("AE DA DT LO LT PN SH ST TM UC UI UR UT".split())
_UNTYPED_VRS = frozenset({"UN", ""})
_SEARCHED_VRS = _TEXT_VRS | _UNTYPED_VRS | {"SQ"}
# What was withheld because of something else is no reason to withhold.
_LOOKED_AT = frozenset({Verb.LOOK, Verb.CHECK})
_NAME_SEPARATORS = re.compile(rb"[\^=, ]+")


def removed_values(source: Source, edits: Iterable[Edit], encoding: Encoding) -> set[bytes]:
    """Return the values that edits took away, in upper case, and the parts of names.

    Raises
    ------
    Malformed
        If a removed sequence cannot be accounted for: nobody could tell what is in it.
    """
    found = []
    for _, instruction, start, stop in edits:
        vr, length = instruction.vr, stop - start
        if vr not in _SEARCHED_VRS or instruction.verb in _LOOKED_AT or length < _MIN_NAME_PART:
            continue
        if vr in _UNTYPED_VRS and length > _MAX_UNTYPED:
            continue
        values = _values_once if length > _MAX_CACHED else _values
        found.append(values(source[start:stop], vr, encoding))
    return set().union(*found)


def _values_once(raw: bytes, vr: str, encoding: Encoding) -> frozenset[bytes]:
    """Return the values in a removed element."""
    if vr == "SQ":
        splicer = Splicer(raw)
        splicer.run_items(_everything(encoding))
        return frozenset(removed_values(raw, splicer.edits, encoding))
    if vr in _UNTYPED_VRS and not raw.rstrip(b"\0").decode("latin-1").isprintable():
        return frozenset()
    values = {value.strip(b"\0 ") for value in raw.upper().split(b"\\")}
    found = {value for value in values if len(value) >= MIN_LENGTH}
    if vr == "PN":
        parts = {part for value in values for part in _NAME_SEPARATORS.split(value)}
        found |= {part for part in parts if len(part) >= _MIN_NAME_PART}
    return frozenset(found)


_values = lru_cache(maxsize=8192)(_values_once)
"""The same, remembered: the objects of a series share most of their values."""


class _Everything(Level):
    """Items that go with their sequence: every element is an edit."""

    def instruction(self, tag: int, vr: str) -> Instruction:
        level = self if vr in {"SQ", ""} else _everything(IMPLICIT_LITTLE)
        return Instruction(Verb.WRITE, tag, vr, self.encoding.is_long(vr), level=level)


@lru_cache(maxsize=4)
def _everything(encoding: Encoding) -> Level:
    return _Everything(encoding)


def _repeated(text: bytes, values: Iterable[bytes]) -> list[bytes]:
    """Return those of the values that occur in a text of upper-case letters; short ones only as whole words."""
    return [
        value
        for value in values
        if value in text
        and (len(value) >= MIN_LENGTH or re.search(rb"(?<![A-Z0-9])%b(?![A-Z0-9])" % re.escape(value), text))
    ]


def texts_to_withhold(source: Source, edits: Iterable[Edit], texts: set[bytes], encoding: Encoding) -> frozenset[bytes]:
    """Return those of the looked-at texts that repeat something removed, in whatever case.

    Raises
    ------
    Malformed
        If a removed sequence cannot be accounted for.
    """
    suspects = _repeated(b"\0".join(texts).upper(), removed_values(source, edits, encoding))
    return frozenset(text for text in texts if _repeated(text.upper(), suspects))
