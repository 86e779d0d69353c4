"""Frames in encapsulated pixel data: which fragments belong to which, and the way back (PS3.5 section A.4)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from greycloak.pixels.kinds import begins_code_stream
from greycloak.stream.encoding import EXPLICIT_LITTLE, UNDEFINED
from greycloak.stream.errors import Malformed
from greycloak.stream.levels import ITEM, SEQUENCE_DELIMITER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from greycloak.stream.levels import Buffer

MAX_FRAGMENTS = 2_000_000
"""How many fragments there may be."""

_HEADER_SIZE = 8
_DELIMITER = struct.pack("<HHL", SEQUENCE_DELIMITER >> 16, SEQUENCE_DELIMITER & 0xFFFF, 0)
_START = 16
"""So many bytes tell whether a code stream begins."""

Frame = list[memoryview]
"""The fragments of a frame."""


def frames_of(value: Buffer, frames: int, extended: bytes = b"", lengths: bytes = b"") -> list[Frame]:
    """Return the fragments of each frame; what belongs to no frame is left out.

    Parameters
    ----------
    value : bytes or memoryview
        The value of the element: the Basic Offset Table, the fragments, and the delimiter.
    frames : int
        How many frames there have to be.
    extended, lengths : bytes
        The values of Extended Offset Table (7FE0,0001) and Extended Offset Table Lengths (7FE0,0002), if there are.

    Raises
    ------
    Malformed
        If it is not clear which fragments make a frame.
    """
    table, starts, fragments = _items(memoryview(value))
    if extended:
        if table:
            raise Malformed("broken-fragments", "two offset tables")
        return _by_extended_table(extended, lengths, frames, starts, fragments)
    begins = [begins_code_stream(fragment[:_START]) for fragment in fragments]
    if table:
        found = _by_table([offset for (offset,) in struct.iter_unpack("<L", table)], starts, fragments)
        if found is not None and len(found) == frames:
            return found
        if len(fragments) != frames or not all(begins):
            raise Malformed("broken-fragments", "an offset table that does not fit")
    if not fragments:
        raise Malformed("broken-fragments", "no fragment at all")
    if frames == 1:
        return [fragments]
    if len(fragments) == frames and all(begins) == any(begins):
        return [[fragment] for fragment in fragments]
    firsts = [number for number, begin in enumerate(begins) if begin]
    if len(firsts) != frames:
        raise Malformed("broken-fragments", "which fragments make a frame")
    return [fragments[first:last] for first, last in zip(firsts, [*firsts[1:], len(fragments)], strict=True)]


def _items(view: memoryview) -> tuple[memoryview, list[int], list[memoryview]]:
    """Return the offset table, the offset of each fragment's item as the table counts, and the fragments."""
    items: list[memoryview] = []
    starts: list[int] = []
    pos = 0
    while True:
        if pos + _HEADER_SIZE > len(view) or len(items) > MAX_FRAGMENTS:
            raise Malformed("broken-fragments", "no end, or too many of them")
        group, element, length = struct.unpack_from("<HHL", view, pos)
        tag, end = group << 16 | element, pos + _HEADER_SIZE + length
        if tag == SEQUENCE_DELIMITER and not length:
            if end != len(view):
                raise Malformed("broken-fragments", "bytes behind the delimiter")
            break
        if tag != ITEM or length == UNDEFINED or end > len(view):
            raise Malformed("broken-fragments", "the fragments of encapsulated data do not add up")
        items.append(view[pos + _HEADER_SIZE : end])
        starts.append(pos)
        pos = end
    if not items or len(items[0]) % 4:
        raise Malformed("broken-fragments", "no offset table")
    base = _HEADER_SIZE + len(items[0])
    return items[0], [start - base for start in starts[1:]], items[1:]


def _by_table(offsets: Sequence[int], starts: list[int], fragments: list[memoryview]) -> list[Frame] | None:
    """Return the frames that begin at these offsets; None if no fragment begins at one of them."""
    number = {start: index for index, start in enumerate(starts)}
    firsts = [number.get(offset, -1) for offset in offsets]
    if firsts[0] < 0 or any(first >= following for first, following in pairwise(firsts)):
        return None
    return [fragments[first:last] for first, last in zip(firsts, [*firsts[1:], len(fragments)], strict=True)]


def _by_extended_table(
    extended: bytes, lengths: bytes, frames: int, starts: list[int], fragments: list[memoryview]
) -> list[Frame]:
    """Return the frames that the Extended Offset Table names; each has one fragment (PS3.3 section C.7.6.3.1.8)."""
    if len(extended) != 8 * frames or len(lengths) != len(extended):
        raise Malformed("broken-fragments", "an extended offset table that does not fit")
    found = []
    for (offset,), (length,) in zip(struct.iter_unpack("<Q", extended), struct.iter_unpack("<Q", lengths), strict=True):
        at = bisect_right(starts, offset) - 1
        if at < 0 or starts[at] != offset or len(fragments[at]) - length not in {0, 1}:
            raise Malformed("broken-fragments", "an extended offset table that does not fit")
        found.append(at)
    if any(first >= following for first, following in pairwise(found)):
        raise Malformed("broken-fragments", "an extended offset table that does not fit")
    return [[fragments[at]] for at in found]


def holds_others(value: Buffer, frames: Sequence[Frame]) -> bool:
    """Tell whether an element has fragments beside those of its frames, as `frames_of` returns them."""
    table_size = int.from_bytes(memoryview(value)[4:8], "little")
    held = sum(_HEADER_SIZE + len(fragment) for fragments in frames for fragment in fragments)
    return _HEADER_SIZE + table_size + held + len(_DELIMITER) < len(value)


def has_offset_table(value: Buffer) -> bool:
    """Tell whether the Basic Offset Table is filled in."""
    return bytes(memoryview(value)[4:8]) not in {b"\0\0\0\0", b""}


def encapsulated(frames: Sequence[Sequence[Buffer]], *, table: bool) -> list[Buffer]:
    """Return the value of an element that holds these fragments, in pieces.

    Parameters
    ----------
    frames : sequence of sequences of bytes or memoryview
        The fragments of each frame; those of an odd length are padded with a zero.
    table : bool
        Whether the Basic Offset Table is filled in; it stays empty where an offset does not fit into it.
    """
    items: list[Buffer] = []
    offsets, at = [], 0
    for fragments in frames:
        offsets.append(at)
        for fragment in fragments:
            size = len(fragment) + len(fragment) % 2
            items += (EXPLICIT_LITTLE.item(size), fragment)
            if len(fragment) % 2:
                items.append(b"\0")
            at += _HEADER_SIZE + size
    fits = table and offsets[-1] < UNDEFINED
    written = struct.pack(f"<{len(offsets)}L", *offsets) if fits else b""
    return [EXPLICIT_LITTLE.item(len(written)), written, *items, _DELIMITER]


def extended_tables(frames: Sequence[Sequence[Buffer]]) -> tuple[bytes, bytes]:
    """Return Extended Offset Table and Extended Offset Table Lengths of frames that have one fragment each."""
    lengths = [len(fragment) for (fragment,) in frames]
    offsets, at = [], 0
    for length in lengths:
        offsets.append(at)
        at += _HEADER_SIZE + length + length % 2
    return struct.pack(f"<{len(offsets)}Q", *offsets), struct.pack(f"<{len(lengths)}Q", *lengths)
