"""The Types that PS3.3 gives to attributes at their place in an object's IOD."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from greycloak.standard._data import table_lines

_TYPES = {"1": "1", "a": "1C", "2": "2", "b": "2C", "3": "3"}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A level of an IOD: the data set itself, or an item of one of its sequences.

    Only what decides about an attribute is stored: sequences, free text, dates, people, UIDs, whatever Table
    E.1-1 lists, and every Type 1 attribute.

    Attributes
    ----------
    entries : dict
        Type of each attribute, and the number of the place inside its items, if it is a sequence.
    """

    entries: dict[int, tuple[str, int | None]]

    def type_of(self, tag: int) -> str | None:
        """Return the Type (``1``, ``1C``, ``2``, ``2C`` or ``3``), or None if the attribute is foreign here."""
        found = self.entries.get(tag)
        return found[0] if found else None

    def item_of(self, tag: int) -> Place | None:
        """Return the place inside a sequence's items, or None if the sequence is foreign here."""
        found = self.entries.get(tag)
        return None if found is None or found[1] is None else _place(found[1])

    def required(self) -> list[int]:
        """Return the tags of Type 1 and Type 2 attributes, in order."""
        return [tag for tag, (kind, _) in self.entries.items() if kind in {"1", "2"}]


@cache
def _roots_and_nodes() -> tuple[dict[str, int], list[str]]:
    lines = table_lines("iods.txt")
    gap = lines.index("")
    roots = (line.split(" ") for line in lines[:gap])
    return {sop_class: int(node, 16) for sop_class, node, _ in roots}, lines[gap + 1 :]


@cache
def _place(node: int) -> Place:
    entries: dict[int, tuple[str, int | None]] = {}
    for text in _roots_and_nodes()[1][node].split(" "):
        if not text:
            continue
        head, _, child = text.partition(">")
        entries[int(head[:8], 16)] = (_TYPES[head[8]], int(child, 16) if child else None)
    return Place(entries)


def iod_of(sop_class_uid: str) -> Place | None:
    """Return the IOD of a SOP Class, or None if PS3.3 (as packaged) does not define it."""
    root = _roots_and_nodes()[0].get(sop_class_uid)
    return None if root is None else _place(root)
