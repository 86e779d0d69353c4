"""A frame as people see it, in one plane: the ground on which text is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from greycloak.outcomes import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from greycloak.pixels.description import Description

    Plane = NDArray[np.float32]

WHITE = 255.0
"""The level of what a viewer shows as white; black is 0. Levels may lie beyond both."""

MAX_PIXELS = 1 << 26
"""How many pixels a frame may have."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_STRONG = 0.3
_SAMPLED = 1 << 18
_NARROWEST = 8
"""A window counts down to this part of all levels: narrower ones are for measuring."""

_NEAR, _WIDE = 11, 23
"""The neighbourhood that a pixel is compared with, and the one whose contrast it is measured by, in pixels."""

_LEAST_CONTRAST = 1.0
_GAIN = 45.0


def levels(description: Description, frame: NDArray[Any]) -> Plane:
    """Return the levels of grey of a frame, at the depth it has: 0 is black, 255 white (or the reverse).

    Parameters
    ----------
    description : Description
        What it is.
    frame : numpy.ndarray
        Rows x columns, or rows x columns x samples, as stored.

    Raises
    ------
    Refused
        If it is not as described, or larger than anybody can look at.
    """
    if frame.shape[:2] != (description.rows, description.columns):
        raise Refused("pixel-description", "the size of a frame")
    if description.rows * description.columns > MAX_PIXELS:
        raise Refused("pixel-description", "a frame too large to look for text in")
    stored = _grey(description, frame)
    if description.bits_allocated <= 8 and not description.is_float:  # noqa: PLR2004
        top = (1 << description.bits_stored) - 1
        return stored if top == WHITE else stored * np.float32(WHITE / top)
    low, span = _shown(description, stored)
    stored -= low
    stored *= np.float32(WHITE / span)
    return np.clip(stored, -WHITE / 2, WHITE * 2, out=stored)


def flattened(plane: Plane) -> NDArray[np.uint8]:
    """Return levels as differences from what is around them, measured by the contrast there: faint text as clear."""
    difference = plane - cv2.blur(plane, (_NEAR, _NEAR))
    contrast = cv2.blur(difference * difference, (_WIDE, _WIDE))
    np.sqrt(np.maximum(contrast, _LEAST_CONTRAST**2, out=contrast), out=contrast)
    difference *= _GAIN
    difference /= contrast
    difference += WHITE / 2
    return shown(difference)


def shown(plane: Plane) -> NDArray[np.uint8]:
    """Return levels in 8 bits."""
    bounded: NDArray[np.uint8] = np.clip(plane, 0, WHITE).astype(np.uint8)
    return bounded


def _grey(description: Description, frame: NDArray[Any]) -> Plane:
    if frame.ndim == 3 and frame.shape[2] >= 3:  # noqa: PLR2004
        return _brightness(frame[..., -3:].astype(np.float32), is_ybr=description.photometric.startswith("YBR"))
    single = frame[..., 0] if frame.ndim == 3 else frame  # noqa: PLR2004
    if single.dtype.kind in "iu" and description.bits_allocated > 8:  # noqa: PLR2004
        bits = description.bits_stored
        single = single.astype(np.int64) >> (description.high_bit + 1 - bits) & ((1 << bits) - 1)
        if description.is_signed:
            single -= (single >> (bits - 1)) << bits
    grey = np.ascontiguousarray(single, np.float32)
    return np.nan_to_num(grey, posinf=0, neginf=0) if description.is_float else grey


def _brightness(colors: Plane, *, is_ybr: bool) -> Plane:
    """Return how bright colors are, strong ones a little more: green stands out on a grey as bright."""
    if is_ybr:
        light, blue, red = (colors[..., number] for number in range(3))
        parts = np.stack((light + 1.402 * (red - 128), light + 1.772 * (blue - 128)))
        strongest = np.maximum(light, parts.max(axis=0))
    else:
        light, strongest = colors @ _LUMA, colors.max(axis=2)
    return np.ascontiguousarray(light + (strongest - light) * np.float32(_STRONG), np.float32)


def _shown(description: Description, stored: Plane) -> tuple[np.float32, float]:
    """Return the value that is black and how many are to white: what nearly all pixels are within, or a window."""
    step = max(int((stored.size / _SAMPLED) ** 0.5), 1)
    low, high = np.percentile(stored[::step, ::step], (0.1, 99.9))
    span = max(float(high - low), 1e-6 if description.is_float else 1.0)
    widths = [width / abs(description.slope) for _, width in description.windows]
    if widths:
        span = min(span, max(min(widths), span / _NARROWEST))
    return np.float32(low), span
