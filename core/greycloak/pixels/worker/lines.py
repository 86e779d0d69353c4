"""Lines of text out of what a detector thinks of each pixel, and lines that several have found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from greycloak.pixels.areas import Area
from greycloak.pixels.worker.candidates import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

THICKEST = 96
"""Lines are no thicker, in pixels: what is, is cut where it is least probable, or is an organ."""

_LEAST_SIDE, _LEAST_PIXELS = 3, 12
_THRESHOLDS = (0.3, 0.55, 0.8)
_SHRUNK = 0.7
"""Detectors find the middle of a line: so much of its thickness is missing on each side."""

_TURNED = 1.5
_SAME = 0.6
_MOST = 600


def lines_in(probabilities: NDArray[np.float32]) -> list[Candidate]:
    """Return the lines that a detector has seen, with the mean probability of their pixels."""
    rows, columns = probabilities.shape
    found: list[Candidate] = []
    rest: NDArray[np.bool_] | None = None
    for threshold in _THRESHOLDS:
        seen = probabilities > threshold
        if rest is not None:
            seen &= rest
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(seen.astype(np.uint8), connectivity=4)
        sums = np.bincount(labels.ravel(), probabilities.ravel(), minlength=count)
        thickness = np.minimum(boxes[:, 2], boxes[:, 3])
        for number in range(1, min(count, _MOST)):
            left, top, width, height, pixels = map(int, boxes[number])
            if _LEAST_SIDE <= thickness[number] <= THICKEST and pixels >= _LEAST_PIXELS:
                area = Area(left, top, left + width, top + height).grown(round(min(width, height) * _SHRUNK) + 1)
                inside = area.within(columns, rows)
                if inside is not None:
                    is_turned = height > width * _TURNED
                    found.append(Candidate(inside, float(sums[number] / pixels), is_turned))
        thick = thickness > THICKEST
        thick[0] = False
        if not thick.any():
            break
        rest = thick[labels]
    return found


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return lines without those that others hold for the most part; the first ones count."""
    kept: list[Candidate] = []
    for one in candidates:
        if not any(_holds(other, one) for other in kept):
            kept.append(one)
    return kept


def _holds(other: Candidate, one: Candidate) -> bool:
    if other.is_turned != one.is_turned:
        return False
    common = shared(other.area, one.area)
    return common >= one.area.size * 0.9 and common >= other.area.size * _SAME


def shared(one: Area, other: Area) -> int:
    """Return how many pixels two areas have in common."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0) * max(height, 0)
