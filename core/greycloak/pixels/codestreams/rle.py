"""What a frame of DICOM's RLE holds beside the image (PS3.5 Annex G)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from greycloak.pixels.codestreams.spans import Span, worth_it
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from greycloak.stream.levels import Buffer

HEADER_SIZE = 64
MAX_SEGMENTS = 15


def segments_of(frame: Buffer) -> list[Span]:
    """Return where the segments of a frame stand.

    Raises
    ------
    Malformed
        If its header does not add up.
    """
    if len(frame) < HEADER_SIZE:
        raise Malformed("broken-code-stream", "no RLE header")
    count, *offsets = struct.unpack_from("<16L", frame)
    starts = offsets[:count]
    ends = [*starts[1:], len(frame)]
    if not 0 < count <= MAX_SEGMENTS or starts[0] < HEADER_SIZE:
        raise Malformed("broken-code-stream", "an RLE header that does not add up")
    if any(start >= end for start, end in zip(starts, ends, strict=True)):
        raise Malformed("broken-code-stream", "an RLE header that does not add up")
    return list(zip(starts, ends, strict=True))


def beside_the_image(frame: Buffer) -> list[Span]:
    """Return the spans of a frame that a decoder does not need: unused offsets, and bytes that no segment holds.

    Raises
    ------
    Malformed
        If its header does not add up.
    """
    segments = segments_of(frame)
    unused = 4 + 4 * len(segments)
    return worth_it(memoryview(frame), [(unused, segments[0][0])])
