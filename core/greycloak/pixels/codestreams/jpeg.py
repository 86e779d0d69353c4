"""What a JPEG or JPEG-LS code stream holds beside the image (ISO 10918-1 Annex B, ISO 14495-1 Annex C)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.pixels.codestreams.spans import Span, worth_it
from greycloak.pixels.kinds import JPEG_START
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from greycloak.stream.levels import Buffer

EOI, SOS, SOF55 = 0xD9, 0xDA, 0xF7
APP0, APP8, APP14 = 0xE0, 0xE8, 0xEE
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_MEANT = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0), 0xF7, 0xF8} - {0xC8})
"""Markers of segments that a decoder needs: frames, tables, scans, restart intervals, presets of JPEG-LS."""

_MARKER = re.compile(rb"\xff(?=[^\0\xff])", re.DOTALL)
_IN_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_IN_SCAN_LS = re.compile(rb"\xff[\x80-\xcf\xd8-\xfe]")
_JFIF_SIZE, _JFIF_THUMBNAIL = 14, 12
_ADOBE = slice(0, 5)
_ADOBE_SIZE, _ADOBE_TRANSFORM = 12, 11
_COLOR_TRANSFORM_LS = re.compile(rb"mrfx[\x00-\x05]")
MAX_SEGMENTS = 100_000
"""How many segments one code stream may have."""


def beside_the_image(frame: Buffer) -> list[Span]:
    """Return the spans of a code stream that a decoder does not need.

    Comments, application data, Exif and XMP with their thumbnails, segments of unknown meaning, bytes between segments,
    and whatever stands behind the end of the image. Of application data only what says how colors are coded stays:
    the head of JFIF, Adobe's transform, and the color transform of JPEG-LS.

    Raises
    ------
    Malformed
        If it is no such code stream, or does not add up.
    """
    view = memoryview(frame)
    if bytes(view[:2]) != JPEG_START[:2]:
        raise Malformed("broken-code-stream", "no JPEG where one should be")
    found: list[Span] = []
    pos = 2
    is_ls = False
    for _ in range(MAX_SEGMENTS):
        start = _next_marker(view, pos)
        if pos < start:
            found.append((pos, start))
        if start >= len(view):
            return worth_it(view, found)
        marker = view[start + 1]
        pos = start + 2
        if marker == EOI:
            found.append((pos, len(view)))
            return worth_it(view, found)
        if marker in _WITHOUT_LENGTH:
            continue
        length = int.from_bytes(view[pos : pos + 2], "big")
        end = pos + length
        if length < 2 or end > len(view):  # noqa: PLR2004  the length counts itself
            raise Malformed("broken-code-stream", "a segment that ends behind the frame")
        found += _of_segment(view, marker, pos + 2, end)
        is_ls |= marker == SOF55
        pos = end
        if marker == SOS:
            behind = (_IN_SCAN_LS if is_ls else _IN_SCAN).search(view, pos)
            pos = behind.start() if behind else len(view)
    raise Malformed("broken-code-stream", "more segments than make sense")


def _next_marker(view: memoryview, pos: int) -> int:
    """Return where the next marker begins, its fill bytes passed over; the end of the frame if there is none."""
    found = _MARKER.search(view, pos)
    return found.start() if found else len(view)


def _of_segment(view: memoryview, marker: int, start: int, end: int) -> list[Span]:
    """Return what of a segment's content goes."""
    content = bytes(view[start : min(end, start + 64)])
    if marker in _MEANT:
        return []
    if marker == APP0 and content.startswith(b"JFIF\0") and end - start >= _JFIF_SIZE:
        return [(start + _JFIF_SIZE, end)]
    if marker == APP14 and content[_ADOBE] == b"Adobe" and end - start >= _ADOBE_SIZE:
        return [(start + 7, start + _ADOBE_TRANSFORM), (start + _ADOBE_SIZE, end)]
    if marker == APP8 and _COLOR_TRANSFORM_LS.fullmatch(content[: end - start]):
        return []
    return [(start, end)]
