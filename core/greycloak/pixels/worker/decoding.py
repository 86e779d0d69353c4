"""Frames as arrays, one after the other, from whatever transfer syntax: what is searched for text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from greycloak.outcomes import Refused
from greycloak.pixels.codestreams.jpeg2000 import code_stream_of
from greycloak.pixels.fragments import frames_of
from greycloak.pixels.kinds import Kind, kind_of
from greycloak.pixels.worker import wavelets
from greycloak.pixels.worker.codecs import inflated
from greycloak.pixels.worker.expected import OF_DECODERS, SOF3, SOF55, expect_size, header_of, segments_of_ls, shaped
from greycloak.pixels.worker.fill import stored_values
from greycloak.pixels.worker.jpeg_frames import APP0, APP14, segments
from greycloak.pixels.worker.native import frame_array
from greycloak.pixels.worker.rle import decode_rle
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.description import Description
    from greycloak.pixels.worker.jpeg_frames import Segment
    from greycloak.stream.levels import Buffer

_BYTE = 8
_END, _BEGIN_OF_DATA = b"\xff\xd9", (b"\xff\xda", b"\xff\x93")
"""Markers; what is coded holds neither (ITU-T T.81 section B.1.1.5, T.800 section A.1)."""

_DCT = range(0xC0, 0xC3)
_NOT_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
_ADOBE_TRANSFORM = 11
_PART_2 = frozenset({"1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.93"})


def frames_as_arrays(
    description: Description, value: Buffer, extended: tuple[bytes, bytes] = (b"", b"")
) -> Iterator[NDArray[Any]]:
    """Yield the frames of an element, one at a time.

    Parameters
    ----------
    description : Description
        What they are.
    value : bytes, bytearray or memoryview
        The value of the element.
    extended : tuple of (bytes, bytes)
        The values of Extended Offset Table and Extended Offset Table Lengths, if it has them.

    Yields
    ------
    array
        Rows and columns, and samples where there are several: stored values in the machine's byte order, with their
        sign, without the bits around them. Indices of a palette are not looked up; colors are what Photometric
        Interpretation says, but that 4:2:2 has been spread over all pixels, and that ``YBR_ICT`` and ``YBR_RCT`` are
        RGB, for their decoders undo that. Arrays may be views of the value: not for writing.

    Raises
    ------
    Refused
        ``pixel-description`` if the pixels are not what they are said to be, ``pixel-codec`` if nobody here can decode
        them, ``pixel-video`` for video.
    Malformed
        If fragments or code streams do not add up.
    """
    if kind_of(description.transfer_syntax_uid) is not Kind.NATIVE:
        _expect_decodable(description)
        yield from fragments_as_arrays(description, frames_of(value, description.frames, *extended))
        return
    description.expect_native(len(value))
    description.expect_compressed()
    array = np.frombuffer(memoryview(value).toreadonly(), np.uint8)
    yield from (_plain(_native(description, array, number)) for number in range(description.frames))


def fragments_as_arrays(description: Description, frames: Iterable[Sequence[Buffer]]) -> Iterator[NDArray[Any]]:
    """Yield compressed frames as `frames_as_arrays` does, from the fragments of each."""
    kind = kind_of(description.transfer_syntax_uid)
    for fragments in frames:
        joined = bytes(fragments[0]) if len(fragments) == 1 else b"".join(fragments)
        try:
            image = _decoded(description, kind, joined)
        except (Malformed, Refused):
            raise
        except OF_DECODERS as error:
            raise Malformed("broken-code-stream", "a frame that cannot be decompressed") from error
        yield _plain(image)


def _expect_decodable(description: Description) -> None:
    """See that frames of this kind can be decoded.

    Raises
    ------
    Refused
        If not.
    """
    kind = kind_of(description.transfer_syntax_uid)
    if kind is Kind.VIDEO:
        raise Refused("pixel-video", "frames of a video")
    if kind is Kind.OTHER or description.transfer_syntax_uid in _PART_2:
        raise Refused("pixel-codec", "a transfer syntax whose pixels nobody here decodes")
    description.expect_compressed()


def _plain(image: NDArray[Any]) -> NDArray[Any]:
    """Return an image without the axis of a single sample."""
    return image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image  # noqa: PLR2004


def _native(description: Description, array: NDArray[np.uint8], number: int) -> NDArray[Any]:
    """Return a native frame."""
    if description.bits_allocated == 1:
        return _bits(description, array, number)
    if not description.little and description.vr == "OW" and description.bits_allocated <= _BYTE:
        start = number * description.frame_size  # in words of big endian, the second pixel comes first
        words = array[start // 2 * 2 : -(-(start + description.frame_size) // 2) * 2]
        words = words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)
        if start % 2 + description.frame_size > len(words):  # a last word that lacks its padding
            raise Refused("pixel-description", "the length of native pixels")
        array, number = words[start % 2 :], 0
    frame = frame_array(description, array, number)
    if description.half_chroma:
        return _spread(frame)[:, : description.columns]
    return frame.astype(frame.dtype.newbyteorder("="), copy=False) if description.is_float else (
        stored_values(description, frame)
    )  # fmt: skip


def _bits(description: Description, array: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    """Return a frame of single bits, the first pixel in the lowest bit; frames need not begin at a byte."""
    if description.samples != 1:
        raise Refused("pixel-description", "single bits of more than one sample")
    first = number * description.frame_bits
    start, stop = first // _BYTE, -(-(first + description.frame_bits) // _BYTE)
    bits = np.unpackbits(array[start:stop], bitorder="little")
    return bits[first % _BYTE : first % _BYTE + description.frame_bits].reshape(description.rows, description.columns)


def _spread(pairs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 4:2:2, rows, pairs, 4, as rows, columns, samples."""
    colors = np.repeat(pairs[..., 2:], 2, axis=1)
    light = pairs[..., :2].reshape(pairs.shape[0], -1, 1)
    return np.concatenate((light, colors), axis=2)


def _decoded(description: Description, kind: Kind, frame: bytes) -> NDArray[Any]:
    """Return a compressed frame: rows, columns, samples."""
    if kind in {Kind.PLAIN, Kind.DEFLATED}:
        pixels = inflated(description, frame) if kind is Kind.DEFLATED else frame
        single = replace(description, frames=1)
        single.expect_native(len(pixels))
        return _native(single, np.frombuffer(pixels, np.uint8), 0)
    if kind is Kind.RLE:
        return _of_rle(description, frame)
    if kind is Kind.JPEG:
        _expect_end(frame)
        return _of_jpeg(description, frame)
    if kind is Kind.JPEG_LS:
        precision = header_of(description, segments_of_ls(frame), SOF55)[0]
        _expect_end(frame)
        return _values(description, precision, shaped(description, imagecodecs.jpegls_decode(frame)))
    if kind is Kind.JPEG_2000:
        stream = bytes(code_stream_of(frame))
        coding = wavelets.coding_of(stream)
        _expect_end(stream)
        expect_size(description, coding.rows, coding.columns, coding.components)
        return wavelets.decode(stream, coding)
    return shaped(description, imagecodecs.jpegxl_decode(frame))


def _expect_end(code_stream: bytes) -> None:
    """See that a code stream is whole: some decoders pass over what is missing, others take seconds to find out."""
    if code_stream.rfind(_END) < max(map(code_stream.rfind, _BEGIN_OF_DATA)):
        raise Malformed("broken-code-stream", "a frame without its end")


def _of_rle(description: Description, frame: bytes) -> NDArray[Any]:
    if description.bits_allocated < _BYTE:
        raise Refused("pixel-codec", "single bits in RLE")
    planes = decode_rle(description, frame)
    size = description.bits_allocated // _BYTE
    image = np.ascontiguousarray(planes.transpose(2, 3, 0, 1)).view(f">u{size}")[..., 0]
    return stored_values(description, image)


def _of_jpeg(description: Description, frame: bytes) -> NDArray[Any]:
    found = list(segments(frame))
    marker = next((one.marker for one in found if one.marker in range(0xC0, 0xD0) and one.marker not in _NOT_FRAMES), 0)
    if marker == SOF3:
        precision = header_of(description, found, SOF3)[0]
        return _values(description, precision, shaped(description, imagecodecs.jpegsof3_decode(frame)))
    if marker not in _DCT:
        raise Refused("pixel-codec", "a hierarchical or arithmetic JPEG")
    header_of(description, found, marker)
    if description.samples != 3:  # noqa: PLR2004
        return shaped(description, imagecodecs.jpeg_decode(frame))
    wanted = "YCBCR" if description.photometric.startswith("YBR") else "RGB"
    coded = {None: wanted, True: "YCBCR", False: "RGB"}[_is_luminance(found)]
    if (coded, wanted) == ("RGB", "YCBCR"):  # its decoder does not know that way
        return _as_brightness(
            shaped(description, imagecodecs.jpeg_decode(frame, colorspace="RGB", outcolorspace="RGB"))
        )
    return shaped(description, imagecodecs.jpeg_decode(frame, colorspace=coded, outcolorspace=wanted))


def _as_brightness(image: NDArray[Any]) -> NDArray[Any]:
    """Return RGB as brightness and two colors (PS3.3 section C.7.6.3.1.2, YBR_FULL)."""
    matrix = np.array(((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312)), np.float32)
    found: NDArray[Any] = (image @ matrix.T + np.array((0.5, 128.5, 128.5), np.float32)).clip(0, 255).astype(np.uint8)
    return found


def _is_luminance(found: Sequence[Segment]) -> bool | None:
    """Tell whether a JPEG of three components says that they are brightness and two colors; None if it does not say."""
    for one in found:
        if one.marker == APP14 and one.content.startswith(b"Adobe") and len(one.content) > _ADOBE_TRANSFORM:
            return one.content[_ADOBE_TRANSFORM] == 1
    return True if any(one.marker == APP0 and one.content.startswith(b"JFIF\0") for one in found) else None


def _values(description: Description, precision: int, image: NDArray[Any]) -> NDArray[Any]:
    """Return the stored values of samples that a lossless code stream holds as bits."""
    top = min(description.high_bit + 1, precision, image.dtype.itemsize * _BYTE)
    said = replace(
        description,
        photometric="YBR_FULL" if description.half_chroma else description.photometric,
        bits_allocated=image.dtype.itemsize * _BYTE,
        bits_stored=min(description.bits_stored, top),
        high_bit=top - 1,
        planar=0,
    )
    return stored_values(said, image)
