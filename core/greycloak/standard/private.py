"""PS3.15 Table E.3.10-1: private attributes that their makers declare to be safe."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from greycloak.standard._data import table_lines

SAFE_PRIVATE_SECTION = "PS3.15 Table E.3.10-1"


class PrivateName(NamedTuple):
    """A private attribute, wherever its block stands (PS3.5 section 7.8.1).

    Attributes
    ----------
    group : int
        Its group, an odd number.
    element : int
        The last two digits of its element number.
    creator : str
        Its private creator.
    """

    group: int
    element: int
    creator: str


class SafePrivate(NamedTuple):
    """What is known about a safe private attribute.

    Attributes
    ----------
    vr : str
        Its VR; empty where nobody published one.
    meaning : str
        What it says.
    """

    vr: str
    meaning: str


@cache
def safe_private() -> dict[PrivateName, SafePrivate]:
    """Return the table."""
    rows = (line.split("\t") for line in table_lines("safe_private.tsv"))
    return {
        PrivateName(int(group, 16), int(element, 16), creator): SafePrivate(vr, meaning)
        for group, element, creator, vr, meaning in rows
    }
