"""Tell a content item before it is walked: by its concept name and value type (PS3.3 section 10.2)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from greycloak.stream.encoding import IMPLICIT_LITTLE
from greycloak.stream.levels import Instruction, Level, Verb
from greycloak.stream.passed_over import PassedOver
from greycloak.stream.splice import Splicer

if TYPE_CHECKING:
    from greycloak.stream.encoding import Encoding
    from greycloak.stream.part10 import Source

VALUE_TYPE = 0x0040A040
CONCEPT_NAME = 0x0040A043

_SCHEME = 0x00080102
_CODES = frozenset({0x00080100, 0x00080119, 0x00080120})
_EQUIVALENT_CODES = 0x00080121
_MAX_CODES = 16
# Values, and what type of item they make where none is named; a later one counts only if no earlier one is there.
_VALUES = {
    0x0040A160: "TEXT",
    0x00700006: "TEXT",
    0x0040A123: "PNAME",
    0x0040A120: "DATETIME",
    0x0040A121: "DATE",
    0x0040A122: "TIME",
    0x0040A124: "UIDREF",
    0x0040A30A: "NUM",
    0x0040A300: "NUM",
    0x0040A168: "CODE",
    0x00081199: "COMPOSITE",
}
_MEASURED_VALUES, _NUMBER, _UNITS = 0x0040A300, 0x0040A30A, 0x004008EA
_SEQUENCES = frozenset({_MEASURED_VALUES, 0x0040A168, 0x00081199})
_CONTENT = 0x0040A730


@dataclass(slots=True)
class Glance:
    """What names a content item.

    Attributes
    ----------
    codes, schemes : list of str
        Its concept name, and equivalent ones.
    value_type : str
        As it says itself, or as its value tells; empty if nothing does.
    number, unit : str
        Its first numeric value, and the code of its unit.
    """

    codes: list[str] = field(default_factory=list)
    schemes: list[str] = field(default_factory=list)
    value_type: str = ""
    number: str = ""
    unit: str = ""
    _present: set[int] = field(default_factory=set)

    @property
    def concepts(self) -> list[tuple[str, str]]:
        """Every code with every scheme."""
        return [(code, scheme) for code in self.codes for scheme in self.schemes]

    def see(self, tag: int, value: bytes) -> None:
        """Note an element of the item, or of its concept name."""
        text = value.strip(b"\0 ").decode("latin-1")
        if tag == VALUE_TYPE:
            self.value_type = text.upper()
        elif tag == _SCHEME:
            self.schemes.append(text)
        elif tag in _CODES:
            self.codes.append(text)
        elif tag == _UNITS:
            self.unit = self.unit or text
        else:
            self.number = self.number or (text if tag == _NUMBER else "")
            self._present.add(tag)

    def settle(self) -> None:
        """Go by the value where no value type is named."""
        if not self.value_type:
            self.value_type = next((type_ for tag, type_ in _VALUES.items() if tag in self._present), "")


class _Far(Exception):  # noqa: N818  a signal
    """The walk has passed whatever tells what an item is."""


class _Seen(PassedOver):
    """Elements of which some are shown to the glance."""

    shown: ClassVar[frozenset[int]]
    last: ClassVar[int]

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag > self.last:
            raise _Far
        kept = super().instruction(tag, vr)
        if tag in self.shown and vr != "SQ":
            return replace(kept, verb=Verb.MAP, mapping=lambda glance, value: glance.see(tag, value))
        return kept

    def _entered(self, tag: int, vr: str, level: type[Level]) -> Instruction:
        encoding = IMPLICIT_LITTLE if vr == "UN" else self.encoding  # PS3.5 section 6.2.2
        return replace(super().instruction(tag, vr), verb=Verb.ENTER, level=_levels(encoding)[level])


class _Item(_Seen):
    """An item, up to its values."""

    shown = frozenset({VALUE_TYPE, *_VALUES}) - _SEQUENCES
    last = max(_VALUES)

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag == _CONTENT:
            raise _Far  # what it contains is looked at item by item
        if tag in _INSIDE and vr in {"SQ", "", "UN"}:
            return self._entered(tag, vr, _INSIDE[tag])
        return super().instruction(tag, vr)


class _Concept(_Seen):
    """Items of a concept name."""

    shown = frozenset({_SCHEME}) | _CODES
    last = 0xFFFFFFFF

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag == _EQUIVALENT_CODES and vr in {"SQ", "", "UN"}:
            return self._entered(tag, vr, _Concept)
        return super().instruction(tag, vr)


class _Unit(_Seen):
    """Items of a unit's code."""

    shown = _CODES
    last = max(_CODES)

    def instruction(self, tag: int, vr: str) -> Instruction:
        kept = PassedOver.instruction(self, tag, vr)
        if tag not in _CODES:
            return kept
        return replace(kept, verb=Verb.MAP, mapping=lambda glance, value: glance.see(_UNITS, value))


class _Present(_Seen):
    """Items of a sequence that makes an item what it is."""

    sorts_items = True
    shown = frozenset({_NUMBER})
    last = 0xFFFFFFFF
    tag: ClassVar[int]

    def of_item(self, source: Source, span: tuple[int, int], context: Any, *, delimited: bool) -> Level:  # noqa: ANN401, ARG002
        context.see(self.tag, b"")
        return self

    def instruction(self, tag: int, vr: str) -> Instruction:
        if tag == _UNITS and vr in {"SQ", "", "UN"}:
            return self._entered(tag, vr, _Unit)
        return super().instruction(tag, vr)


_INSIDE: dict[int, type[Level]] = {
    CONCEPT_NAME: _Concept,
    _UNITS: _Unit,
    **{tag: type(f"_Present{tag:08X}", (_Present,), {"tag": tag}) for tag in sorted(_SEQUENCES)},
}


@lru_cache(maxsize=4)
def _levels(encoding: Encoding) -> dict[type[Level], Level]:
    levels: list[type[Level]] = [_Item, *_INSIDE.values()]
    return {level: level(encoding) for level in levels}


def glance_at(source: Source, span: tuple[int, int], encoding: Encoding, *, delimited: bool) -> Glance:
    """Look at the first elements of an item.

    Parameters
    ----------
    source, span, delimited
        The item, as `Level.of_item` is told.
    encoding : Encoding
        Layout of its elements.

    Raises
    ------
    Malformed
        If the structure up to its values cannot be accounted for.
    """
    found = Glance()
    with suppress(_Far):
        Splicer(source, found).run_item(*span, _levels(encoding)[_Item], delimited=delimited)
    del found.codes[_MAX_CODES:], found.schemes[_MAX_CODES:]
    found.settle()
    return found
