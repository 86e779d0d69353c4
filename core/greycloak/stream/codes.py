"""Read the codes of a code sequence at the top of a data set."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from greycloak.stream.passed_over import PassedOver
from greycloak.stream.splice import Instruction, Splicer, Verb

if TYPE_CHECKING:
    from greycloak.stream.encoding import Encoding
    from greycloak.stream.part10 import Source

_CODE_VALUE = 0x00080100


class _Items(PassedOver):
    """Items of the code sequence."""

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag == _CODE_VALUE:
            return Instruction(Verb.MAP, tag, vr, self.encoding.is_long(vr), mapping=_note)
        return super().instruction(tag, vr)


class _Top(PassedOver):
    def __init__(self, encoding: Encoding, sequence: int) -> None:
        super().__init__(encoding)
        self._sequence = sequence

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag > self._sequence:
            raise _Far
        if tag == self._sequence and vr in {"SQ", ""}:
            return Instruction(Verb.ENTER, tag, vr, self.encoding.is_long(vr), level=_Items(self.encoding))
        return super().instruction(tag, vr)


class _Far(Exception):  # noqa: N818  a signal
    """The walk has passed the sequence."""


def _note(found: list[bytes], value: bytes) -> None:
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
        Splicer(source, found).run(start, _Top(encoding, sequence))
    return found
