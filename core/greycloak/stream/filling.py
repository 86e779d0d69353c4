"""Bytes that say nothing, as people and programs leave them behind a data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source

MAX_FILLING = 1 << 24
"""How many of them may follow a data set: a file of holes is not read to its end."""

_CHUNK = 1 << 20


def is_only(filling: bytes, source: Source, pos: int, end: int) -> bool:
    """Tell whether from ``pos`` to ``end`` there is nothing but some bytes, and not unreasonably many of them."""
    if end - pos > MAX_FILLING:
        return False
    return all(not source[at : min(at + _CHUNK, end)].strip(filling) for at in range(pos, end, _CHUNK))
