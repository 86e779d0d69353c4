"""What a masked pixel becomes: what a viewer shows as black."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from greycloak.pixels.description import Description

_GREY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_WIDE = 8
"""Beyond so many bits the end of the range may be far from what an image uses: its own darkest value is taken."""


def fills(description: Description, frame: NDArray[Any]) -> list[int | float]:
    """Return the value of a masked pixel, for each sample.

    Parameters
    ----------
    description : Description
        What the pixels are.
    frame : array
        The samples of the frame, as they are stored.

    Notes
    -----
    Where the black end of the range may be far from any value that the image uses (signed or floating-point samples,
    inverted ones of many bits), it is the image's own extreme: windows that viewers choose by the range of values stay
    as they were.
    """
    name, samples = description.photometric, description.samples
    if name in _GREY:
        return [_black(description, frame, inverted=name == "MONOCHROME1")]
    if name == "PALETTE COLOR":
        return [description.darkest]
    most, neutral = (1 << description.bits_stored) - 1, 1 << (description.bits_stored - 1)
    if name.startswith("YBR"):
        return [neutral // 8 if "PARTIAL" in name else 0, neutral, neutral]
    return [0, 0, 0, most] if name == "CMYK" else [0] * samples


def _black(description: Description, frame: NDArray[Any], *, inverted: bool) -> int | float:
    if description.is_float:
        finite = frame[np.isfinite(frame)]
        return float((finite.max() if inverted else finite.min()) if finite.size else 0)
    if description.is_signed or (inverted and description.bits_stored > _WIDE):
        return _extreme(description, frame, highest=inverted)
    return ((1 << description.bits_stored) - 1) << shift_of(description) if inverted else 0


def shift_of(description: Description) -> int:
    """Return how far the stored bits stand from the low end of their word."""
    return description.high_bit + 1 - description.bits_stored


def stored_values(description: Description, frame: NDArray[Any]) -> NDArray[Any]:
    """Return the values of samples without what stands in the bits around them."""
    shift = shift_of(description)
    width = frame.dtype.itemsize * 8
    kind = "i" if description.is_signed else "u"
    native = frame.astype(frame.dtype.newbyteorder("="), copy=False).view(f"u{frame.dtype.itemsize}")
    raised: NDArray[Any] = (native << (width - shift - description.bits_stored)).view(f"{kind}{frame.dtype.itemsize}")
    return raised >> (width - description.bits_stored)


def _extreme(description: Description, frame: NDArray[Any], *, highest: bool) -> int:
    """Return the sample of a frame that has the lowest or highest value, without what stands in the bits around it."""
    values = stored_values(description, frame)
    at = int(values.argmax() if highest else values.argmin())
    cell = int(frame.reshape(-1)[at])
    shift = shift_of(description)
    if cell == int(values.reshape(-1)[at]) << shift:  # its sign fills the bits above it, if it has one
        return cell
    full = (1 << frame.dtype.itemsize * 8) - 1
    if cell & full == (int(values.reshape(-1)[at]) << shift) & full:
        return cell
    return cell & ((1 << description.bits_stored) - 1) << shift
