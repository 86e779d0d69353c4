"""Elements that are out of order, or there twice."""

from __future__ import annotations

from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import name_of
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Collection

    from greycloak.stream.part10 import Source
    from greycloak.stream.repair.elements import Element, Elements

PATIENT_NAME = 0x00100010
_FIRST_CREATOR, _LAST_CREATOR = 0x10, 0xFF

STEERING = frozenset(
    {
        0x00080005,  # Specific Character Set
        0x00080008,  # Image Type
        0x00080016,  # SOP Class UID
        0x00080018,  # SOP Instance UID
        0x00080060,  # Modality
        0x00080070,  # Manufacturer: it tells which devices write identity into pixels,
        0x00081090,  # and so does its model
        PATIENT_NAME,
        0x00100020,  # Patient ID
        0x00100021,  # Issuer of Patient ID
        0x00100030,  # Patient's Birth Date
        0x0020000D,  # Study Instance UID
        0x0020000E,  # Series Instance UID
    }
)
"""What says whose object it is, or how it is to be read and treated: two different values are two readings."""
_STEERING_GROUPS = frozenset({0x0028, 0x7FE0})


class Ordering:
    """Brings the elements of a data set and of its items into order.

    Parameters
    ----------
    source : bytes or mmap
        Holds the values.
    steering : collection of int
        Attributes beside `STEERING` that must not have two values.

    Attributes
    ----------
    repairs : dict
        What was repaired, in order.
    dropped : list of bytes
        Values that do not stay.
    """

    def __init__(self, source: Source, steering: Collection[int] = ()) -> None:
        self._source = source
        self._steering = STEERING.union(steering)
        self.repairs: dict[str, None] = {}
        self.dropped: list[bytes] = []

    def ordered(self, elements: Elements) -> Elements:
        """Return elements in ascending order of tags, each once.

        Raises
        ------
        Malformed
            If an attribute that identifies or steers has two different values.
        """
        for element in elements:
            if element.items is not None:
                element.items = [self.ordered(item) for item in element.items]
        tags = [element.tag for element in elements]
        if all(one < other for one, other in pairwise(tags)):
            return elements
        ranked = sorted(elements, key=attrgetter("tag"))
        if any(one > other for one, other in pairwise(tags)):
            self.repairs["elements-out-of-order"] = None
        ranked = self._without_clashing_blocks(ranked)
        return [self._first(list(same)) for _, same in groupby(ranked, key=attrgetter("tag"))]

    def _first(self, same: Elements) -> Element:
        first, *others = same
        for other in others:
            if self._is_same(first, other):
                self.repairs[f"doubled {name_of(first.tag)}"] = None
                continue
            is_steering = first.tag in self._steering or first.tag >> 16 in _STEERING_GROUPS
            if is_steering and not (first.tag == PATIENT_NAME and _is_same_name(*map(self._value, (first, other)))):
                raise Malformed("two-readings", f"two values of {name_of(first.tag)}")
            self._drop(other)
            self.repairs[f"second-value {name_of(first.tag)}"] = None
        return first

    def _is_same(self, one: Element, other: Element) -> bool:
        if (one.items is None) != (other.items is None):
            return False
        return one.vr == other.vr and self._value(one) == self._value(other)

    def _value(self, element: Element) -> bytes:
        return element.raw(self._source).rstrip(b"\0 ")

    def _drop(self, element: Element) -> None:
        if element.items is None:
            self.dropped.append(element.raw(self._source))
            return
        for item in element.items:
            for inside in item:
                self._drop(inside)

    def _without_clashing_blocks(self, ranked: Elements) -> Elements:
        """Drop the private blocks that two creators claim: whose their elements are, nobody can tell."""
        creators: dict[int, set[bytes]] = {}
        for element in ranked:
            if element.tag >> 16 & 1 and _FIRST_CREATOR <= element.tag & 0xFFFF <= _LAST_CREATOR:
                creators.setdefault(element.tag, set()).add(self._value(element).strip(b"\0 "))
        clashing = {tag for tag, names in creators.items() if len(names) > 1}
        if not clashing:
            return ranked
        kept = []
        for element in ranked:
            block = element.tag & 0xFFFF if element.tag & 0xFFFF <= _LAST_CREATOR else element.tag >> 8 & 0xFF
            if element.tag & 0xFFFF0000 | block in clashing:
                self._drop(element)
            else:
                kept.append(element)
        for tag in sorted(clashing):
            self.repairs[f"two-creators {name_of(tag)}"] = None
        return kept


def _is_same_name(one: bytes, other: bytes) -> bool:
    """Tell whether one of two names is the other, cut short or in another case."""
    names = [name.upper().replace(b"^", b" ").strip() for name in (one, other)]
    shorter, longer = sorted(names, key=len)
    return longer.startswith(shorter)
