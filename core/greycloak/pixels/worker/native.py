"""Masks in native pixels, in place: every byte outside of them stays as it is (PS3.5 section 8.1, Annex D)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from greycloak.outcomes import Refused
from greycloak.pixels.areas import areas_of_frame
from greycloak.pixels.worker.fill import fills

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.areas import Area, Mask
    from greycloak.pixels.description import Description

_BYTE = 8


def mask_native(description: Description, value: bytearray | memoryview, masks: Sequence[Mask]) -> frozenset[int]:
    """Mask native pixels in place.

    Parameters
    ----------
    description : Description
        What they are.
    value : bytearray or writable memoryview
        All frames, padding included.
    masks : sequence of Mask
        What to mask.

    Returns
    -------
    frozenset of int
        The frames that have a mask.

    Raises
    ------
    Refused
        If they are not as many as described.
    """
    description.expect_native(len(value))
    array = np.frombuffer(value, np.uint8)
    if not description.little and description.vr == "OW" and description.bits_allocated <= _BYTE:
        words = array[: len(array) // 2 * 2].view(np.uint16)
        words.byteswap(inplace=True)  # in words of big endian, the second pixel comes first
        try:
            return _mask(description, array, masks)
        finally:
            words.byteswap(inplace=True)
    return _mask(description, array, masks)


def _mask(description: Description, array: NDArray[np.uint8], masks: Sequence[Mask]) -> frozenset[int]:
    frames = range(description.frames)
    if all(mask.frame is not None for mask in masks):
        frames = sorted({mask.frame for mask in masks if mask.frame is not None} & set(frames))  # type: ignore[assignment]
    masked = set()
    for number in frames:
        areas = areas_of_frame(masks, number, description.columns, description.rows)
        if areas:
            masked.add(number)
            if description.bits_allocated == 1:
                _mask_bits(description, array, number, areas)
            else:
                frame = frame_array(description, array, number)
                mask_frame(description, frame, areas)
    return frozenset(masked)


def dtype_of(description: Description) -> np.dtype[Any]:
    """Return the type of the cells of native pixels of more than one bit."""
    kind = "f" if description.is_float else "u"
    return np.dtype(f"{'<' if description.little else '>'}{kind}{description.bits_allocated // _BYTE}")


def frame_array(description: Description, array: NDArray[np.uint8], number: int) -> NDArray[Any]:
    """Return a native frame of more than one bit as a view: rows, columns, samples; 4:2:2 as rows, pairs, 4."""
    size = description.frame_size
    cells = array[number * size : (number + 1) * size].view(dtype_of(description))
    rows, columns, samples = description.rows, description.columns, description.samples
    if description.half_chroma:
        return cells.reshape(rows, -1, 4)
    if description.planar and samples > 1:
        return cells.reshape(samples, rows, columns).transpose(1, 2, 0)
    return cells.reshape(rows, columns, samples)


def mask_frame(description: Description, frame: NDArray[Any], areas: Sequence[Area]) -> None:
    """Mask areas of one frame as `frame_array` gives it, in place."""
    values = fills(description, frame)
    for left, top, right, bottom in areas:
        if description.half_chroma:
            frame[top:bottom, (left + 1) // 2 : (right + 1) // 2, 0] = values[0]
            frame[top:bottom, left // 2 : right // 2, 1] = values[0]
            frame[top:bottom, left // 2 : (right + 1) // 2, 2] = values[1]
            frame[top:bottom, left // 2 : (right + 1) // 2, 3] = values[2]
        else:
            frame[top:bottom, left:right] = values


def _mask_bits(description: Description, array: NDArray[np.uint8], number: int, areas: Sequence[Area]) -> None:
    """Mask areas of a frame of single bits, the first pixel in the lowest bit; frames need not begin at a byte."""
    if description.samples != 1:
        raise Refused("pixel-description", "single bits of more than one sample")
    first = number * description.frame_bits
    start, stop = first // _BYTE, -(-(first + description.frame_bits) // _BYTE)
    bits = np.unpackbits(array[start:stop], bitorder="little")
    frame = bits[first % _BYTE : first % _BYTE + description.frame_bits].reshape(description.rows, description.columns)
    for left, top, right, bottom in areas:
        frame[top:bottom, left:right] = description.photometric == "MONOCHROME1"
    array[start:stop] = np.packbits(bits, bitorder="little")
