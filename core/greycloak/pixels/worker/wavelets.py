"""JPEG 2000 and High-Throughput JPEG 2000: one frame decompressed, and compressed again without loss."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import imagecodecs
import numpy as np

from greycloak.outcomes import Refused
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SIZ, _COD, _CAP, _SOT = 0xFF51, 0xFF52, 0xFF50, 0xFF90
_HIGHEST = 38
_THUMBNAIL = 64
_MAX_LEVELS = 10


class Coding(NamedTuple):
    """What a main header says (ISO 15444-1 Annex A.5, A.6).

    Attributes
    ----------
    rows, columns, components, precision : int
        The size of the image.
    is_signed, mixes, is_reversible, is_high_throughput : bool
        Of its samples; whether components are mixed (MCT); which wavelet it takes; which block coder.
    levels : int
        How often it is halved.
    """

    rows: int
    columns: int
    components: int
    precision: int
    is_signed: bool
    mixes: bool
    is_reversible: bool
    is_high_throughput: bool
    levels: int


def coding_of(stream: bytes) -> Coding:
    """Return what the main header of a code stream says.

    Raises
    ------
    Malformed
        If it does not add up.
    Refused
        If its components differ in size or precision.
    """
    segments = _main_header(stream)
    size, style = segments.get(_SIZ, b""), segments.get(_COD, b"")
    count = int.from_bytes(size[34:36], "big")
    if len(size) != 36 + 3 * count or not count or len(style) < 10:  # noqa: PLR2004
        raise Malformed("broken-code-stream", "a main header that does not add up")
    if any(size[36 + at : 39 + at] != size[36:37] + b"\1\1" for at in range(0, 3 * count, 3)):
        raise Refused("pixel-codec", "a JPEG 2000 whose components differ")
    columns, rows, left, top = (int.from_bytes(size[at : at + 4], "big") for at in range(2, 18, 4))
    precision = (size[36] & 0x7F) + 1
    if precision > _HIGHEST:
        raise Malformed("broken-code-stream", "a precision that cannot be")
    return Coding(
        rows - top, columns - left, count, precision, bool(size[36] & 0x80), style[4] == 1, style[9] == 1,
        _CAP in segments, style[5],
    )  # fmt: skip


def _main_header(stream: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    pos = 2
    while (marker := int.from_bytes(stream[pos : pos + 2], "big")) != _SOT:
        length = int.from_bytes(stream[pos + 2 : pos + 4], "big")
        if marker < 0xFF00 or length < 2 or pos + 2 + length > len(stream):  # noqa: PLR2004
            raise Malformed("broken-code-stream", "a main header that does not add up")
        found.setdefault(marker, stream[pos + 4 : pos + 2 + length])
        pos += 2 + length
    return found


def decode(stream: bytes, coding: Coding) -> NDArray[Any]:
    """Return the image: rows, columns, samples."""
    shape = coding.rows, coding.columns, coding.components
    if coding.is_high_throughput:  # unmixed components come as planes, unless told otherwise
        with _nothing_swallowed():
            image: NDArray[Any] = imagecodecs.htj2k_decode(stream, planar=False)
    else:
        image = imagecodecs.jpeg2k_decode(stream)
    if image.shape != (shape if coding.components > 1 else shape[:2]):
        raise Malformed("broken-code-stream", "a frame of another size than it says")
    return image.reshape(shape)


@contextmanager
def _nothing_swallowed() -> Iterator[None]:
    """Raise what a decoder in C passes over: its image would be whatever stood in memory.

    Raises
    ------
    Malformed
        If it passed over something.
    """
    swallowed: list[bool] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda _: swallowed.append(True)
    try:
        yield
    finally:
        sys.unraisablehook = before
    if swallowed:
        raise Malformed("broken-code-stream", "a frame that cannot be decompressed")


def encode(image: NDArray[Any], coding: Coding, *, lengths: bool = False) -> bytes:
    """Return the code stream of an image, without loss.

    Parameters
    ----------
    image : array
        Rows, columns, samples.
    coding : Coding
        That of the source: its precision, mixing and levels stay.
    lengths : bool
        Whether High-Throughput JPEG 2000 gets a segment that tells the lengths of its parts (TLM), and is halved
        down to the size of a thumbnail (PS3.5 section 10.18).
    """
    plain = np.ascontiguousarray(image if coding.components > 1 else image[..., 0])
    if not coding.is_high_throughput:
        return bytes(
            imagecodecs.jpeg2k_encode(
                plain,
                level=0,
                codecformat="J2K",
                bitspersample=coding.precision,
                resolutions=min(coding.levels, 5) + 1,
                reversible=True,
                mct=coding.mixes,
            )
        )
    narrow = coding.precision < plain.dtype.itemsize * 8
    if narrow and not coding.is_signed:
        plain = (plain.astype(np.int32) - (1 << (coding.precision - 1))).astype(f"i{plain.dtype.itemsize}")
    levels = max(coding.levels, ((max(image.shape[:2]) - 1) // _THUMBNAIL).bit_length()) if lengths else coding.levels
    stream = bytearray(
        imagecodecs.htj2k_encode(
            plain, reversible=True, rgb=coding.mixes, tlm=lengths or None, resolutions=min(levels, _MAX_LEVELS)
        )
    )
    if narrow:
        # Its encoder knows 8 and 16 bits only. The precision tells a decoder nothing but what it adds to unsigned
        # samples, and that has been taken off above.
        at = stream.index(b"\xff\x51") + 4 + 36
        for number in range(coding.components):
            stream[at + 3 * number] = coding.precision - 1 | (0x80 if coding.is_signed else 0)
    return bytes(stream)
