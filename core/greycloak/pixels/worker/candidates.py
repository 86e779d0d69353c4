"""Where text may stand in a frame, without a model: strokes of one contrast, side by side on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from greycloak.pixels.areas import Area

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from greycloak.pixels.worker.levels import Plane

    Numbers = NDArray[np.int32]

_NEAR, _WIDE = 13, 27
_LEAST_CONTRAST = 0.75
"""Levels of grey, of 256, that a stroke stands out by at least."""

_STANDS_OUT = 0.9
"""How much a stroke stands out from its neighbourhood, measured by the contrast there."""

_LEAST_HEIGHT, _MOST_HEIGHT = 5, 72
_MOST_COMPONENTS = 20_000
"""Of so many pieces of one polarity, an image is noise: only the strongest are looked at."""

_MOST_CANDIDATES = 400
_CLASSES = ((5, 12), (9, 22), (17, 40), (31, 72))
"""Heights of letters that can stand on one line; one and a half times as high as the lowest, and overlapping."""

_FEWEST = 3


class Candidate(NamedTuple):
    """A line that may be text.

    Attributes
    ----------
    area : Area
        Where it is.
    score : float
        How much it looks like text, 0 to 1.
    is_turned : bool
        Whether it runs from bottom to top, or from top to bottom.
    """

    area: Area
    score: float
    is_turned: bool = False


def candidates(plane: Plane) -> list[Candidate]:
    """Return where text may stand, the likeliest first, no more than some hundred.

    Parameters
    ----------
    plane : numpy.ndarray
        The frame as `greycloak.pixels.worker.levels.levels` gives it.
    """
    found: list[Candidate] = []
    difference, contrast = _differences(plane)
    for sign in (1, -1):
        strokes = (difference * sign > contrast * _STANDS_OUT).astype(np.uint8)
        components = _components(strokes, difference)
        for is_turned in (False, True):
            found += _lines(components, plane.shape, is_turned=is_turned)
    found.sort(key=lambda one: (-one.score, one.area))
    return found[:_MOST_CANDIDATES]


def stroke_pixels(plane: Plane) -> NDArray[np.bool_]:
    """Return the pixels that stand out from their neighbourhood: where there are none, there is no text."""
    difference, contrast = _differences(plane)
    return np.abs(difference) > contrast * _STANDS_OUT


class _Components(NamedTuple):
    """Connected strokes: their boxes, pixels, and how much they stand out."""

    left: Numbers
    top: Numbers
    width: Numbers
    height: Numbers
    pixels: Numbers
    contrast: NDArray[np.float64]
    spread: NDArray[np.float64]


def _differences(plane: Plane) -> tuple[Plane, Plane]:
    difference = plane - cv2.blur(plane, (_NEAR, _NEAR))
    contrast = cv2.blur(difference * difference, (_WIDE, _WIDE))
    return difference, np.sqrt(np.maximum(contrast, _LEAST_CONTRAST**2))


def _components(strokes: NDArray[np.uint8], difference: Plane) -> _Components:
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    left, top, width, height, pixels = boxes.T
    longest, shortest = np.maximum(width, height), np.minimum(width, height)
    kept = (longest >= _LEAST_HEIGHT) & (longest <= _MOST_HEIGHT * 2) & (shortest <= _MOST_HEIGHT)
    kept &= (pixels >= _LEAST_HEIGHT) & (pixels * 12 >= width * height)
    kept[0] = False
    places = labels.ravel()
    sums = np.bincount(places, difference.ravel(), minlength=count)
    squares = np.bincount(places, (difference * difference).ravel(), minlength=count)
    mean = np.abs(sums) / pixels
    spread = np.sqrt(np.maximum(squares / pixels - mean * mean, 0)) / np.maximum(mean, 1e-6)
    chosen = np.flatnonzero(kept)
    if len(chosen) > _MOST_COMPONENTS:
        chosen = np.sort(chosen[np.argsort(-mean[chosen], kind="stable")[:_MOST_COMPONENTS]])
    return _Components(*(numbers[chosen] for numbers in (left, top, width, height, pixels, mean, spread)))


def _lines(components: _Components, shape: tuple[int, ...], *, is_turned: bool) -> Iterator[Candidate]:
    """Yield lines of letters of about one height that stand side by side."""
    left, top, width, height = components[:4]
    if is_turned:
        left, top, width, height, shape = top, left, height, width, shape[::-1]
    for lowest, highest in _CLASSES:
        fits = np.flatnonzero((height >= lowest) & (height <= highest) & (width <= highest * 2))
        if len(fits) < _FEWEST:
            continue
        reach = lowest
        drawn = np.zeros(shape, np.uint8)
        for one in fits:
            middle = top[one] + height[one] // 2
            band = max(height[one] // 4, 1)
            drawn[middle - band : middle + band, max(left[one] - reach, 0) : left[one] + width[one] + reach] = 1
        _, labels, _, _ = cv2.connectedComponentsWithStats(drawn, connectivity=4)
        lines = labels[top[fits] + height[fits] // 2, left[fits] + width[fits] // 2]
        for members in _groups(fits, lines):
            if len(members) >= _FEWEST:
                yield _candidate(components, members, is_turned=is_turned)


def _groups(fits: NDArray[np.int64], lines: Numbers) -> list[NDArray[np.int64]]:
    order = np.argsort(lines, kind="stable")
    starts = np.flatnonzero(np.diff(lines[order])) + 1
    return np.split(fits[order], starts)


def _candidate(components: _Components, members: NDArray[np.int64], *, is_turned: bool) -> Candidate:
    left, top, width, height, pixels, contrast, spread = (numbers[members] for numbers in components)
    area = Area(int(left.min()), int(top.min()), int((left + width).max()), int((top + height).max()))
    first, last, size = (left, left + width, width) if is_turned else (top, top + height, height)
    middle = max(float(np.median(size)), 1)
    aligned = min(float(np.median(np.abs(edge - np.median(edge)))) for edge in (first, last)) / middle
    even = float(np.median(np.abs(contrast - np.median(contrast)))) / max(float(np.median(contrast)), 1e-6)
    fill = float(np.median(pixels / (width * height)))
    score = np.exp(-4 * aligned - 2 * even - 1.5 * float(np.median(spread))) * min(len(members) / 6, 1)
    return Candidate(area, float(score * (1 if 0.2 < fill < 0.85 else 0.5)), is_turned)  # noqa: PLR2004
