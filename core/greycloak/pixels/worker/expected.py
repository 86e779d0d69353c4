"""What a code stream says of its image, held against what the object says, before anything is decompressed."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Refused
from greycloak.pixels.worker.jpeg_frames import SOS, Segment, segments
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.description import Description

SOF3, SOF55 = 0xC3, 0xF7
"""Start of Frame of lossless JPEG with Huffman codes, and of JPEG-LS."""

OF_DECODERS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError, zlib.error)
"""What decoders raise for a broken frame."""

_BYTE = 8


def header_of(description: Description, found: Sequence[Segment], wanted: int) -> bytes:
    """Return the content of the one frame header that there has to be, and see that it fits the object."""
    headers = [one for one in found if one.marker in {*range(0xC0, 0xD0), SOF55} - {0xC4, 0xC8, 0xCC}]
    if len(headers) != 1 or headers[0].marker != wanted:
        raise Refused("pixel-codec", "a code stream of another process than the transfer syntax says")
    content = headers[0].content
    if len(content) < 6 or len(content) != 6 + 3 * content[5] or not 2 <= content[0] <= 2 * _BYTE:  # noqa: PLR2004
        raise Malformed("broken-code-stream", "a frame header that does not add up")
    expect_size(
        description, int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big"), content[5]
    )  # fmt: skip
    return content


def expect_size(description: Description, rows: int, columns: int, samples: int) -> None:
    """Refuse a code stream of another size before anything is decompressed."""
    if (rows, columns, samples) != (description.rows, description.columns, description.samples):
        raise Refused("pixel-description", "the size of a compressed frame")


def shaped(description: Description, image: NDArray[Any]) -> NDArray[Any]:
    """Return an image as rows, columns, samples."""
    if image.size != description.rows * description.columns * description.samples:
        raise Malformed("broken-code-stream", "a frame of another size than it says")
    return image.reshape(description.rows, description.columns, description.samples)


def stored(description: Description, precision: int, image: NDArray[Any]) -> Description:
    """Return the description of samples as the code stream holds them."""
    allocated = image.dtype.itemsize * _BYTE
    bits = min(precision, allocated)
    name = "YBR_FULL" if description.half_chroma else description.photometric  # a decoder gives every pixel its color
    return replace(
        description, photometric=name, bits_allocated=allocated, bits_stored=bits, high_bit=bits - 1, frames=1, planar=0
    )


def segments_of_ls(frame: bytes) -> list[Segment]:
    """Return the segments of a JPEG-LS up to its first scan: bits are stuffed in another way there."""
    found = []
    for segment in segments(frame):
        found.append(segment)
        if segment.marker == SOS:
            if len(segment.content) < 6:  # noqa: PLR2004
                raise Malformed("broken-code-stream", "a scan header that does not add up")
            return found
    raise Malformed("broken-code-stream", "no scan")
