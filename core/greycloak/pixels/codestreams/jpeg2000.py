"""What a JPEG 2000 or JPEG XL code stream and its boxes hold beside the image (ISO 15444-1 Annex A and I, 18181-2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.pixels.codestreams.spans import Span, worth_it
from greycloak.pixels.kinds import (
    CODESTREAM_2000,
    CODESTREAM_XL,
    SIGNATURE_2000,
    SIGNATURE_XL,
)
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.stream.levels import Buffer

SOT, SOD, EOC, COM = 0xFF90, 0xFF93, 0xFFD9, 0xFF64
_MEANT = frozenset({*range(0xFF50, 0xFF64), SOT})
"""Markers of segments that a decoder needs: sizes, styles, quantization, progression, lengths, packed headers."""

_WITHOUT_LENGTH = range(0xFF30, 0xFF40)
_WRITTEN_BY = re.compile(
    rb"\x00\x01(?:Created by (?:GDCM/)?OpenJPEG version |Creator: JasPer Version |Kakadu-v?|OpenJPH Ver )"
    rb"\d{1,2}(?:\.\d{1,3}){1,3}\.?\x00?"
)
"""Comments that name the library that wrote them, and nothing else: they say nothing of anybody."""

_MEANT_BOXES = frozenset(
    {b"jP  ", b"JXL ", b"ftyp", b"jxll", b"jxlc", b"jxlp", b"jxli", b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef"}
)
_END = re.compile(rb"\xff\xd9")
MAX_PARTS = 1_000_000
"""How many segments and tile-parts, or boxes, one code stream may have."""


def beside_the_image(frame: Buffer) -> list[Span]:
    """Return the spans of a JPEG 2000 code stream that a decoder does not need.

    Comments, boxes of text, XML or UUID, color profiles, segments of unknown meaning, and whatever stands behind the
    end of the image.

    Raises
    ------
    Malformed
        If it is no such code stream, or does not add up.
    """
    view = memoryview(frame)
    if bytes(view[:4]) == CODESTREAM_2000:
        return worth_it(view, list(_of_code_stream(view, 0, len(view))))
    if bytes(view[:12]) == SIGNATURE_2000:
        return worth_it(view, list(_of_boxes(view, 0, len(view))))
    raise Malformed("broken-code-stream", "no JPEG 2000 where it should be")


def beside_the_image_xl(frame: Buffer) -> list[Span]:
    """Return the spans of a JPEG XL file that a decoder does not need.

    Raises
    ------
    Malformed
        If it is no such file, or does not add up.
    """
    view = memoryview(frame)
    if bytes(view[:2]) == CODESTREAM_XL:
        return []
    if bytes(view[:12]) == SIGNATURE_XL:
        return worth_it(view, list(_of_boxes(view, 0, len(view))))
    raise Malformed("broken-code-stream", "no JPEG XL where it should be")


def code_stream_of(frame: Buffer) -> memoryview:
    """Return the code stream that a JPEG 2000 frame is, or that its boxes hold.

    Raises
    ------
    Malformed
        If there is none, or more than one.
    """
    view = memoryview(frame)
    if bytes(view[:4]) == CODESTREAM_2000:
        return view
    found = [view[start:end] for name, start, end, _ in _boxes(view, 0, len(view)) if name == b"jp2c"]
    if len(found) != 1 or bytes(found[0][:4]) != CODESTREAM_2000:
        raise Malformed("broken-code-stream", "no JPEG 2000 where it should be")
    return found[0]


def _boxes(view: memoryview, pos: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield name, content and first byte of each box; what is left over at the end has no name."""
    for _ in range(MAX_PARTS):
        if pos + 8 > end:
            if pos < end:
                yield b"", pos, end, pos
            return
        length, name, start = int.from_bytes(view[pos : pos + 4], "big"), bytes(view[pos + 4 : pos + 8]), pos + 8
        if length == 1:
            length, start = int.from_bytes(view[pos + 8 : pos + 16], "big"), pos + 16
        stop = pos + length if length else end
        if stop < start or stop > end:
            if not any(view[pos:end]):  # padding
                return
            raise Malformed("broken-code-stream", "a box that ends behind the frame")
        yield name, start, stop, pos
        pos = stop
    raise Malformed("broken-code-stream", "more boxes than make sense")


def _of_boxes(view: memoryview, pos: int, end: int) -> Iterator[Span]:
    for name, start, stop, first in _boxes(view, pos, end):
        if name == b"jp2c":
            yield from _of_code_stream(view, start, stop)
        elif name == b"jp2h":
            yield from _of_boxes(view, start, stop)
        elif name == b"colr" and bytes(view[start : start + 1]) == b"\1":
            yield start + 7, stop
        elif name not in _MEANT_BOXES:
            yield start, stop
            yield first + 4, min(first + 8, stop)


def _of_code_stream(view: memoryview, pos: int, end: int) -> Iterator[Span]:
    """Walk main header, tile-part headers and tile-parts."""
    if bytes(view[pos : pos + 2]) != CODESTREAM_2000[:2]:
        raise Malformed("broken-code-stream", "no JPEG 2000 where it should be")
    pos += 2
    part_end: int | None = pos
    for _ in range(MAX_PARTS):
        if pos + 2 > end:
            return
        marker = int.from_bytes(view[pos : pos + 2], "big")
        start = pos + 2
        if marker == EOC:
            yield start, end
            return
        if marker == SOD:
            pos = _end_of_packets(view, start, part_end, end)
        elif marker in _WITHOUT_LENGTH:
            pos = start
        else:
            stop = _end_of_segment(view, marker, start, end)
            if marker == SOT:
                part_end = _end_of_tile_part(view, pos, end)
            yield _of_segment(view, marker, start + 2, stop)
            pos = stop
    raise Malformed("broken-code-stream", "more segments than make sense")


def _end_of_segment(view: memoryview, marker: int, start: int, end: int) -> int:
    length = int.from_bytes(view[start : start + 2], "big")
    if marker < 0xFF00 or length < 2 or start + length > end:  # noqa: PLR2004  the length counts itself
        raise Malformed("broken-code-stream", "something other than a segment between segments")
    return start + length


def _of_segment(view: memoryview, marker: int, start: int, stop: int) -> Span:
    """Return what of a segment's content goes."""
    if marker == COM and not _WRITTEN_BY.fullmatch(view[start:stop]):
        return start + 2, stop
    return (stop, stop) if marker == COM or marker in _MEANT else (start, stop)


def _end_of_tile_part(view: memoryview, pos: int, end: int) -> int | None:
    """Return where the tile-part ends whose SOT stands here; None if it does not say (ISO 15444-1 section A.4.2)."""
    length = int.from_bytes(view[pos + 6 : pos + 10], "big")
    if pos + length > end:
        raise Malformed("broken-code-stream", "a tile-part that ends behind the frame")
    return pos + length if length else None


def _end_of_packets(view: memoryview, start: int, part_end: int | None, end: int) -> int:
    """Return where the packets of a tile-part end that begin here."""
    if part_end is None:  # it reaches to the end of the code stream
        last = _END.search(view, start, end)
        part_end = last.start() if last else end
    if part_end < start:
        raise Malformed("broken-code-stream", "a tile-part that ends before it begins")
    return part_end
