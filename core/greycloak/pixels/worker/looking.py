"""Look at one frame for text: candidates, what they say, and which of them have to be masked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from greycloak.pixels.areas import Area
from greycloak.pixels.worker.candidates import candidates
from greycloak.pixels.worker.levels import flattened, shown
from greycloak.pixels.worker.lines import distinct, lines_in
from greycloak.pixels.worker.reading import Reading, probabilities, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.worker.candidates import Candidate
    from greycloak.pixels.worker.levels import Plane
    from greycloak.pixels.worker.matching import Matcher

_SCALES = (1.0, 1.6)
_MOST_PIXELS = 1_500_000
"""Larger frames are looked at as they are; and once more, made smaller, for large letters."""

_MOST_LINES, _MOST_UNMODELLED = 160, 12
_SURE, _LIKELY, _ALMOST = 0.9, 0.6, 0.8
_SURE_BOTH = 0.45
"""The least product of what the detector and the reader think of a line."""

_LETTERS = 3
_THINNEST, _THICKEST, _THICKEST_READ = 12, 75, 130
_BEYOND = 0.15
"""So much of its thickness is masked beyond the ends of a line."""

_LONGER, _MUCH_LONGER = 1.25, 3.3
"""How many times as long as thick a line is at least, of which the detector is sure, or nearly so."""


class Found(NamedTuple):
    """A line that has to be masked, or of which nobody knows."""

    area: Area
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class _Line:
    candidate: Candidate
    by_model: bool
    readings: list[Reading] = field(default_factory=list)

    @property
    def best(self) -> Reading:
        return max(self.readings, key=lambda one: (one.confidence * min(_letters(one), _LETTERS), one.confidence))


def look(plane: Plane, matcher: Matcher) -> list[Found]:
    """Return what has to be masked in a frame (``text``), and what looks like text and was not read (``unread``).

    Parameters
    ----------
    plane : numpy.ndarray
        The frame as `greycloak.pixels.worker.levels.levels` gives it.
    matcher : Matcher
        What may stay.
    """
    clear, plain = flattened(plane), shown(plane)
    lines = _lines(plane, clear)
    _read(lines, (clear, plain))
    found = [one for line in lines if (one := _judged(line, matcher)) is not None]
    limits = plane.shape[1], plane.shape[0]
    widened = [one._replace(area=_widened(one.area, lines)) for one in found]
    return [one._replace(area=inside) for one in widened if (inside := one.area.within(*limits)) is not None]


def _lines(plane: Plane, clear: NDArray[np.uint8]) -> list[_Line]:
    seen: list[Candidate] = []
    for scale in _SCALES if plane.size <= _MOST_PIXELS else (1.0,):
        seen += lines_in(probabilities(clear, scale))
    if plane.size > _MOST_PIXELS:
        rows, columns = plane.shape
        smaller = cv2.resize(plane, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
        large = lines_in(probabilities(flattened(np.asarray(smaller, np.float32)), 1.0))
        seen += [one._replace(area=Area(*(2 * number for number in one.area))) for one in large]
    by_model = distinct(sorted(seen, key=lambda one: (-one.score, one.area)))[:_MOST_LINES]
    others = [one._replace(area=one.area.grown(2)) for one in candidates(plane)]
    fresh = distinct([*by_model, *others])[len(by_model) :][:_MOST_UNMODELLED]
    return [_Line(one, True) for one in by_model] + [_Line(one, False) for one in fresh]


def _read(lines: Sequence[_Line], images: Sequence[NDArray[np.uint8]]) -> None:
    """Read every line, turned either way if it is upright; in the next image what was not clear in the one before."""
    rest = list(lines)
    for image in images:
        crops = [crop for line in rest for crop in _crops(line.candidate, image)]
        readings = iter(read(crops))
        for line in rest:
            line.readings.extend(next(readings) for _ in _turns(line.candidate))
        rest = [line for line in rest if line.best.confidence < _SURE or _letters(line.best) < _LETTERS]


def _crops(candidate: Candidate, image: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    left, top, right, bottom = candidate.area
    crop = image[max(top, 0) : bottom, max(left, 0) : right]
    yield from (np.ascontiguousarray(np.rot90(crop, turns)) for turns in _turns(candidate))


def _turns(candidate: Candidate) -> tuple[int, ...]:
    return (1, 3) if candidate.is_turned else (0,)


def _judged(line: _Line, matcher: Matcher) -> Found | None:
    area, best = line.candidate.area, line.best
    if _is_read(line, best):
        stays = all(matcher.may_stay(one.text) for one in line.readings if _is_read(line, one))
        return None if stays else Found(area, "text", best.confidence)
    if any(matcher.identifies(one.text) for one in line.readings):
        return Found(area, "text", best.confidence)
    return Found(area, "unread", line.candidate.score) if _looks_like_text(line) else None


def _is_read(line: _Line, reading: Reading) -> bool:
    letters, thickness = _letters(reading), _thickness(line.candidate.area)
    if reading.confidence >= _SURE:
        return letters >= _LETTERS or (line.by_model and _ideographs(reading) > 1)
    if not line.by_model or not _THINNEST <= thickness <= _THICKEST_READ:
        return False
    if letters >= _LETTERS and reading.confidence >= _LIKELY:
        return reading.confidence * line.candidate.score >= _SURE_BOTH
    return reading.confidence >= _ALMOST and _ideographs(reading) > 1


def _looks_like_text(line: _Line) -> bool:
    """Tell whether a model is sure that something is a line that no reading explains."""
    area, best, score = line.candidate.area, line.best, line.candidate.score
    if not line.by_model or (best.confidence >= _SURE and 0 < _letters(best) < _LETTERS):
        return False  # "L", "2D", a tick of a scale
    thickness = _thickness(area)
    longer = max(area.right - area.left, area.bottom - area.top) / max(thickness, 1)
    if score >= _SURE and thickness <= _THICKEST:
        return longer >= _LONGER
    return score >= _ALMOST and _THINNEST <= thickness <= _THICKEST and longer >= _MUCH_LONGER


def _widened(area: Area, lines: Sequence[_Line]) -> Area:
    """Return an area with what stands close beside it on the same line."""
    turned = area.bottom - area.top > area.right - area.left
    thick = _thickness(area)
    reach = area.grown(0)._replace(
        **(
            {"top": area.top - thick, "bottom": area.bottom + thick}
            if turned
            else {"left": area.left - thick, "right": area.right + thick}
        )
    )
    for line in lines:
        other = line.candidate.area
        is_alike = thick * 0.4 < _thickness(other) < thick * 1.4
        first, second = (0, 2) if turned else (1, 3)
        is_level = abs(other[first] + other[second] - area[first] - area[second]) < thick * 0.8
        if line.by_model and is_alike and is_level and other.touches(reach):
            area = area.around(other)
    more = round(thick * _BEYOND)
    return Area(*(np.add(area, (0, -more, 0, more) if turned else (-more, 0, more, 0)).tolist()))


def _letters(reading: Reading) -> int:
    return sum(map(str.isalnum, reading.text))


def _ideographs(reading: Reading) -> int:
    return sum("\u3040" <= one <= "\u9fff" for one in reading.text)


def _thickness(area: Area) -> int:
    return min(area.right - area.left, area.bottom - area.top)
