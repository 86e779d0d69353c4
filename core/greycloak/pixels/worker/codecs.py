"""Masks in one compressed frame: in its codes, or decompressed, masked, and compressed again without loss.

A frame of a lossy code stream stays under its transfer syntax, which permits both: near-lossless JPEG-LS with an error
of zero (PS3.5 section 10.5), JPEG 2000 (sections 8.2.4 and 10.6), and High-Throughput JPEG 2000 at the sender's
discretion (section 10.18).
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import imagecodecs
import numpy as np

from greycloak.outcomes import Refused
from greycloak.pixels.areas import Mask
from greycloak.pixels.codestreams.jpeg2000 import code_stream_of
from greycloak.pixels.kinds import Kind, kind_of
from greycloak.pixels.worker import wavelets
from greycloak.pixels.worker.expected import SOF3, SOF55, expect_size, header_of, segments_of_ls, shaped, stored
from greycloak.pixels.worker.fill import fills
from greycloak.pixels.worker.jpeg_blocks import mask_jpeg
from greycloak.pixels.worker.jpeg_frames import DRI, SOS, segments
from greycloak.pixels.worker.jpeg_lossless import encode_lossless
from greycloak.pixels.worker.native import mask_native
from greycloak.pixels.worker.rle import decode_rle, encode_rle
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.areas import Area
    from greycloak.pixels.description import Description

_FAMILY = "1.2.840.10008.1.2.4."
_IN_CODES = frozenset({f"{_FAMILY}50", f"{_FAMILY}51"})
_LOSSLESS = frozenset({f"{_FAMILY}57", f"{_FAMILY}70"})
_SINGLE_COMPONENTS = frozenset({f"{_FAMILY}90", f"{_FAMILY}91", f"{_FAMILY}201", f"{_FAMILY}202", f"{_FAMILY}203"})
_WITH_LENGTHS = f"{_FAMILY}202"
_BYTE = 8


class NewFrame(NamedTuple):
    """A frame with its masks.

    Attributes
    ----------
    code_stream : bytes
        The frame.
    became_lossless : bool
        Whether it was decompressed from a lossy code stream and compressed again without further loss.
    recoded : bool
        Whether its code stream was changed without decompressing it.
    photometric : str or None
        What its Photometric Interpretation is now, if that is another.
    """

    code_stream: bytes
    became_lossless: bool = False
    recoded: bool = False
    photometric: str | None = None


def mask_compressed(description: Description, frame: bytes, areas: Sequence[Area]) -> NewFrame:
    """Mask areas of one compressed frame.

    Raises
    ------
    Refused
        If nobody here can change it and keep the rest.
    Malformed
        If the code stream does not add up.
    """
    kind, syntax = kind_of(description.transfer_syntax_uid), description.transfer_syntax_uid
    if kind in {Kind.PLAIN, Kind.DEFLATED}:
        return NewFrame(_mask_native(description, frame, areas, deflated=kind is Kind.DEFLATED))
    if description.bits_allocated not in {_BYTE, 2 * _BYTE} and kind is not Kind.RLE:
        raise Refused("pixel-codec", "samples of such a size in a compressed frame")
    if kind is Kind.RLE:
        return NewFrame(_mask_rle(description, frame, areas))
    if syntax in _IN_CODES:
        return NewFrame(mask_jpeg(description, frame, areas), recoded=True)
    if syntax in _LOSSLESS:
        return NewFrame(_mask_lossless(description, frame, areas))
    if kind is Kind.JPEG_LS:
        return _mask_ls(description, frame, areas)
    if syntax in _SINGLE_COMPONENTS:
        return _mask_wavelets(description, frame, areas)
    raise Refused("pixel-codec", "a transfer syntax whose pixels nobody here changes")


def _mask_native(description: Description, frame: bytes, areas: Sequence[Area], *, deflated: bool) -> bytes:
    """Mask a frame that is native pixels, deflated or not."""
    single = replace(description, frames=1)
    pixels = bytearray(inflated(description, frame) if deflated else frame)
    mask_native(single, pixels, [Mask(area, "") for area in areas])
    if not deflated:
        return bytes(pixels)
    deflating = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflating.compress(pixels) + deflating.flush()


def inflated(description: Description, frame: bytes) -> bytes:
    """Return the pixels of a deflated frame.

    Raises
    ------
    Malformed
        If they are more than a frame has, or do not end.
    """
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    pixels = inflating.decompress(frame, description.frame_size + 2)
    if not inflating.eof:
        raise Malformed("broken-code-stream", "a deflated frame of another size")
    return pixels


def _mask_rle(description: Description, frame: bytes, areas: Sequence[Area]) -> bytes:
    """Mask a frame of RLE; single bits have no such code."""
    if description.bits_allocated < _BYTE or description.is_float:
        raise Refused("pixel-codec", "single bits or floating-point samples in RLE")
    planes = decode_rle(description, frame)
    size = description.bits_allocated // _BYTE
    image = np.ascontiguousarray(planes.transpose(2, 3, 0, 1)).view(f">u{size}")[..., 0]
    masked = _masked(description, image, areas)
    raw = np.ascontiguousarray(masked.astype(f">u{size}")[..., None]).view(np.uint8)
    new = encode_rle(np.ascontiguousarray(raw.transpose(2, 3, 0, 1)))
    _see_that(np.array_equal(decode_rle(description, new), raw.transpose(2, 3, 0, 1)))
    return new


def _mask_lossless(description: Description, frame: bytes, areas: Sequence[Area]) -> bytes:
    found = list(segments(frame))
    header = header_of(description, found, SOF3)
    precision, sampling = header[0], {header[at + 1] for at in range(6, len(header), 3)}
    scans = [segment for segment in found if segment.marker == SOS]
    if len(scans) != 1 or sampling != {0x11} or any(segment.marker == DRI for segment in found):
        raise Refused("pixel-codec", "a lossless JPEG of several scans, sizes or restart intervals")
    if scans[0].content[-1:] != b"\0":
        raise Refused("pixel-codec", "a lossless JPEG that leaves out low bits")
    image = shaped(description, imagecodecs.jpegsof3_decode(frame))
    masked = _masked(stored(description, precision, image), image, areas)
    new = encode_lossless(masked.astype(np.uint16), precision, header[6::3])
    _see_that(np.array_equal(shaped(description, imagecodecs.jpegsof3_decode(new)), masked))
    return new


def _mask_ls(description: Description, frame: bytes, areas: Sequence[Area]) -> NewFrame:
    found = list(segments_of_ls(frame))
    header = header_of(description, found, SOF55)
    if not frame.rstrip(b"\0").endswith(b"\xff\xd9"):  # its decoder takes seconds to find that out
        raise Malformed("broken-code-stream", "a frame without its end")
    near = _error_of_ls(frame, found[-1].start)
    image = shaped(description, imagecodecs.jpegls_decode(frame))
    masked = _masked(stored(description, header[0], image), image, areas)
    plain = np.ascontiguousarray(masked if description.samples > 1 else masked[..., 0])
    new = bytes(imagecodecs.jpegls_encode(plain, level=0))
    new = new[:2] + new[new.index(b"\xff\xf7") :]  # without the header of SPIFF
    _see_that(np.array_equal(shaped(description, imagecodecs.jpegls_decode(new)), masked))
    return NewFrame(new, became_lossless=near > 0)


def _error_of_ls(frame: bytes, first: int) -> int:
    """Return by how much a sample may differ from what it was; every scan from the first on says it for its own."""
    scans = (match.end() for match in re.finditer(b"\xff\xda", frame[first:]))  # never among codes
    return max(frame[first + at + int.from_bytes(frame[first + at : first + at + 2], "big") - 3] for at in scans)


def _mask_wavelets(description: Description, frame: bytes, areas: Sequence[Area]) -> NewFrame:
    stream = bytes(code_stream_of(frame))
    coding = wavelets.coding_of(stream)
    expect_size(description, coding.rows, coding.columns, coding.components)
    if coding.precision > 2 * _BYTE:
        raise Refused("pixel-codec", "a JPEG 2000 of more than 16 bits")
    image = wavelets.decode(stream, coding)
    said = replace(stored(description, coding.precision, image), is_signed=coding.is_signed)
    if coding.mixes and said.photometric.startswith("YBR"):
        said = replace(said, photometric="RGB")  # the decoder has undone the mixing
    masked = _masked(said, image, areas)
    new = wavelets.encode(masked, coding, lengths=description.transfer_syntax_uid == _WITH_LENGTHS)
    _see_that(np.array_equal(wavelets.decode(new, wavelets.coding_of(new)), masked))
    is_new = coding.mixes and not coding.is_reversible and description.photometric == "YBR_ICT"
    return NewFrame(new, not coding.is_reversible, photometric="YBR_RCT" if is_new else None)


def _masked(description: Description, image: NDArray[Any], areas: Sequence[Area]) -> NDArray[Any]:
    """Return a copy of an image, rows, columns, samples, with its masks."""
    masked = image.copy()
    values = fills(description, image)
    for left, top, right, bottom in areas:
        masked[top:bottom, left:right] = values
    return masked


def _see_that(holds: bool) -> None:  # noqa: FBT001  as assert
    """Refuse a frame that does not come out of its decoder as it went into its encoder."""
    if not holds:
        raise Refused("pixel-codec", "an encoder that did not keep every pixel")
