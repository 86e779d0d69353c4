"""Read some elements of a data set before, or without, walking all of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from greycloak.stream.encoding import UNDEFINED
from greycloak.stream.levels import Instruction, Verb
from greycloak.stream.passed_over import PassedOver
from greycloak.stream.splice import Splicer

if TYPE_CHECKING:
    from collections.abc import Collection

    from greycloak.stream.encoding import Encoding
    from greycloak.stream.levels import Buffer
    from greycloak.stream.part10 import Source

_CODE_VALUE = 0x00080100


class _Far(Exception):  # noqa: N818  a signal
    """The walk has passed the last element that is wanted."""


class _Top(PassedOver):
    """The data set up to the last wanted element."""

    def __init__(self, encoding: Encoding, tags: Collection[int]) -> None:
        super().__init__(encoding)
        self._tags = tags
        self._last = max(tags, default=-1)

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag > self._last:
            raise _Far
        if tag in self._tags and vr != "SQ":
            return Instruction(Verb.MAP, tag, vr, self.encoding.is_long(vr), mapping=partial(_note, tag))
        return super().instruction(tag, vr)


def _note(tag: int, found: dict[int, bytes], value: bytes) -> None:
    found[tag] = value


def top_values(source: Source, start: int, encoding: Encoding, tags: Collection[int]) -> dict[int, bytes]:
    """Return the raw values of those of some top-level elements that are there; of sequences, none.

    Raises
    ------
    Malformed
        If the structure before the last of them cannot be accounted for.
    """
    found: dict[int, bytes] = {}
    with suppress(_Far):
        Splicer(source, found).run(start, _Top(encoding, tags))
    return found


class _Cut(PassedOver):
    """A data set of which some elements are taken out."""

    def __init__(self, encoding: Encoding, tags: Collection[int]) -> None:
        super().__init__(encoding)
        self._tags = tags

    def instruction(self, tag: int, vr: str) -> Instruction:
        kept = super().instruction(tag, vr)
        return replace(kept, verb=Verb.WRITE) if tag in self._tags else kept


def cut_elements(
    source: Source, start: int, encoding: Encoding, tags: Collection[int]
) -> tuple[list[Buffer], dict[int, bytes]]:
    """Take some top-level elements out of a data set.

    Returns
    -------
    rest : list of bytes or memoryview
        The data set without them.
    elements : dict of int to bytes
        Those of them that were there, whole, by tag.

    Raises
    ------
    Malformed
        If the structure cannot be accounted for.
    """
    splicer = Splicer(source)
    rest = splicer.run(start, _Cut(encoding, tags))
    elements = {}
    for (tag,), instruction, value, stop in splicer.edits:
        header = 12 if instruction.long else 8
        length = encoding.long if instruction.long else encoding.short
        delimiter = 8 if length.unpack_from(source, value - length.size)[0] == UNDEFINED else 0
        elements[tag] = source[value - header : stop + delimiter]
    return rest, elements


class _Codes(PassedOver):
    """The data set up to a code sequence."""

    def __init__(self, encoding: Encoding, sequence: int) -> None:
        super().__init__(encoding)
        self._sequence = sequence

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag > self._sequence:
            raise _Far
        if tag == self._sequence and vr in {"SQ", ""}:
            return Instruction(Verb.ENTER, tag, vr, self.encoding.is_long(vr), level=_Items(self.encoding))
        return super().instruction(tag, vr)


class _Items(PassedOver):
    """Items of the code sequence."""

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag == _CODE_VALUE:
            return Instruction(Verb.MAP, tag, vr, self.encoding.is_long(vr), mapping=_append)
        return super().instruction(tag, vr)


def _append(found: list[bytes], value: bytes) -> None:
    found.append(value)


def code_values(source: Source, start: int, encoding: Encoding, sequence: int) -> list[bytes]:
    """Return the raw Code Value (0008,0100) of each item of a top-level sequence.

    Raises
    ------
    Malformed
        If the structure before its end cannot be accounted for.
    """
    found: list[bytes] = []
    with suppress(_Far):
        Splicer(source, found).run(start, _Codes(encoding, sequence))
    return found
