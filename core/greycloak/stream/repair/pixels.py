"""Pixel Data that is not what the transfer syntax says: native where it should be fragments, or the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.stream.encoding import EXPLICIT_LITTLE
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source
    from greycloak.stream.repair.elements import Element, Elements

_FAMILY = "1.2.840.10008.1.2.4."
_RLE = "1.2.840.10008.1.2.5"
_ROWS, _COLUMNS, _ALLOCATED, _SAMPLES, _FRAMES = 0x00280010, 0x00280011, 0x00280100, 0x00280002, 0x00280008
_RLE_HEADER_SIZE = 64
_MAX_SEGMENTS = 15
_START_OF_SCAN = 0xDA
_MAX_MARKERS = 1000
_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS = 0xC0, 0xC1, 0xC3, 0xF7
_FIRST_ORDER = 1
_JPEG_2000_SIZE, _JPEG_2000_STYLE, _JPEG_2000_CAPABILITIES = 0x51, 0x52, 0x50


def syntax_of_fragments(source: Source, start: int, stop: int) -> str:
    """Return the transfer syntax that fragments are in, by the code stream that they begin with.

    Raises
    ------
    Malformed
        If that does not tell.
    """
    pos, found = start, ""
    first = True
    while pos + 8 <= stop:
        _, length = EXPLICIT_LITTLE.item_header(source, pos)
        if not first:
            found = _syntax_of_stream(source[pos + 8 : min(pos + 8 + length, pos + 8 + (1 << 16))])
            break
        first = False  # the offset table
        pos += 8 + length
    if not found:
        raise Malformed("broken-fragments", "fragments of an unknown code under a transfer syntax without them")
    return found


def _syntax_of_stream(stream: bytes) -> str:
    if stream.startswith(b"\xff\xd8\xff"):
        return _syntax_of_jpeg(stream)
    if stream.startswith(b"\xff\x4f\xff\x51"):
        return _syntax_of_jpeg_2000(stream)
    numbers = [int.from_bytes(stream[at : at + 4], "little") for at in range(0, _RLE_HEADER_SIZE, 4)]
    count, offsets = numbers[0], numbers[1 : 1 + numbers[0]] if numbers[0] <= _MAX_SEGMENTS else []
    is_rle = bool(offsets) and offsets[0] == _RLE_HEADER_SIZE and offsets == sorted(offsets)
    return _RLE if is_rle and not any(numbers[1 + count :]) else ""


def _syntax_of_jpeg(stream: bytes) -> str:
    """Read the markers of a JPEG or JPEG-LS stream up to its first scan."""
    pos, frame = 2, 0
    for _ in range(_MAX_MARKERS):
        if len(stream) < pos + 4 or stream[pos] != 0xFF:  # noqa: PLR2004  a marker
            return ""
        marker, length = stream[pos + 1], int.from_bytes(stream[pos + 2 : pos + 4])
        if marker in {_BASELINE, _EXTENDED, _LOSSLESS, _JPEG_LS}:
            frame = marker
        if marker == _START_OF_SCAN:
            selection = stream[pos + 2 + length - 3 : pos + 2 + length - 2]
            return _syntax_of_frame(frame, selection[0] if selection else 0)
        pos += 2 + length
    return ""


def _syntax_of_frame(frame: int, selection: int) -> str:
    if frame == _LOSSLESS:
        return f"{_FAMILY}70" if selection == _FIRST_ORDER else f"{_FAMILY}57"
    if frame == _JPEG_LS:
        return f"{_FAMILY}81" if selection else f"{_FAMILY}80"
    return {_BASELINE: f"{_FAMILY}50", _EXTENDED: f"{_FAMILY}51"}.get(frame, "")


def _syntax_of_jpeg_2000(stream: bytes) -> str:
    """Read the markers of a JPEG 2000 stream up to the one that names the wavelet."""
    pos = 2
    for _ in range(_MAX_MARKERS):
        if len(stream) < pos + 4 or stream[pos] != 0xFF:  # noqa: PLR2004  a marker
            return ""
        marker, length = stream[pos + 1], int.from_bytes(stream[pos + 2 : pos + 4])
        if marker == _JPEG_2000_CAPABILITIES:
            return ""  # High-Throughput, in one of three syntaxes
        if marker == _JPEG_2000_STYLE:
            wavelet = stream[pos + 13 : pos + 14]
            return {b"\1": f"{_FAMILY}90", b"\0": f"{_FAMILY}91"}.get(wavelet, "")
        pos += 2 + length
    return ""


def is_native(source: Source, elements: Elements, pixels: Element) -> bool:
    """Tell whether a value has just the size of the pixels that the data set describes."""
    found = {element.tag: element.raw(source) for element in elements if element.tag in _DESCRIBING}
    try:
        rows, columns, allocated, samples = (
            int.from_bytes(found[tag][:2], "little") for tag in (_ROWS, _COLUMNS, _ALLOCATED, _SAMPLES)
        )
        frames = int(found.get(_FRAMES, b"1").strip(b"\0 ") or b"1")
    except (KeyError, ValueError):
        return False
    size = (rows * columns * samples * frames * allocated + 7) // 8
    return bool(size) and pixels.stop - pixels.start in {size, size + size % 2}


_DESCRIBING = frozenset({_ROWS, _COLUMNS, _ALLOCATED, _SAMPLES, _FRAMES})
