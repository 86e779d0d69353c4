"""The data dictionary of PS3.6: which VR and keyword a tag has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from greycloak.standard._data import table_lines
from greycloak.standard.confidentiality import rows

FIRST_DATA_SET_GROUP = 0x0008
"""Lower groups are commands, file meta information and directories."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute known to PS3.6.

    Attributes
    ----------
    vrs : tuple of str
        The Value Representations it may have; several for attributes such as Pixel Data (OB or OW).
    vm : str
        How many values it has, as ``1`` or ``2-n``.
    keyword : str
        Its keyword, as ``PatientName``.
    """

    vrs: tuple[str, ...]
    vm: str
    keyword: str


@cache
def _entries() -> dict[str, Entry]:
    parts = (line.split("\t") for line in table_lines("dictionary.tsv"))
    return {tag: Entry(tuple(vr.split("/")), vm, keyword) for tag, vr, vm, keyword in parts}


@cache
def _masks() -> tuple[tuple[int, int, Entry], ...]:
    """Return (mask, masked tag, entry) of the attributes that repeat over groups or elements."""
    return tuple(
        (int("".join("0" if c == "x" else "f" for c in tag), 16), int(tag.replace("x", "0"), 16), entry)
        for tag, entry in _entries().items()
        if "x" in tag
    )


def entry_for(tag: int) -> Entry | None:
    """Return what PS3.6 says about a tag, or None if it does not know it."""
    found = _entries().get(f"{tag:08x}")
    if found is not None:
        return found
    return next((entry for mask, masked, entry in _masks() if tag & mask == masked), None)


@cache
def _tags_by_keyword() -> dict[str, int]:
    return {entry.keyword: int(tag, 16) for tag, entry in _entries().items() if "x" not in tag}


def tag_for_keyword(keyword: str) -> int | None:
    """Return the tag of a keyword, or None if PS3.6 has no such keyword."""
    return _tags_by_keyword().get(keyword)


def keywords() -> list[str]:
    """Return all keywords."""
    return list(_tags_by_keyword())


def attributes() -> dict[int, Entry]:
    """Return all attributes of a data set but those that repeat over groups, by tag."""
    return {
        int(tag, 16): entry
        for tag, entry in _entries().items()
        if "x" not in tag and int(tag, 16) >> 16 >= FIRST_DATA_SET_GROUP
    }


def name_of(tag: int) -> str:
    """Return a tag as people know it: its keyword, its name in Table E.1-1, or ``gggg,eeee``."""
    known = entry_for(tag)
    if known is not None:
        return known.keyword
    row = rows().get(f"{tag:08x}")
    return row.name.replace(" ", "") if row else f"{tag >> 16:04X},{tag & 0xFFFF:04X}"
