"""Where pixels are masked: rectangles, polygons as rectangles, and masks with the reason for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_ROW = 0xFFFF
"""No image has more rows than this: Rows (0028,0010) is an unsigned 16-bit number."""


class Area(NamedTuple):
    """A rectangle of pixels of a frame; it may reach beyond it.

    Attributes
    ----------
    left, top : int
        Its first column and row, counted from 0.
    right, bottom : int
        The column and the row behind its last ones.
    """

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of_rectangle(cls, left: int, top: int, width: int, height: int) -> Area:
        """Return the area of a rectangle as people write it."""
        return cls(left, top, left + width, top + height)

    @property
    def rectangle(self) -> tuple[int, int, int, int]:
        """Left, top, width and height."""
        return self.left, self.top, self.right - self.left, self.bottom - self.top

    def within(self, columns: int, rows: int) -> Area | None:
        """Return the part that lies in a frame, or None if nothing does."""
        left, top = max(self.left, 0), max(self.top, 0)
        right, bottom = min(self.right, columns), min(self.bottom, rows)
        return Area(left, top, right, bottom) if left < right and top < bottom else None

    def grown(self, by: int) -> Area:
        """Return the rectangle with so many pixels more on each side."""
        return Area(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def aligned(self, width: int, height: int) -> Area:
        """Return the smallest rectangle around it that is made of whole blocks of this size."""
        return Area(
            self.left // width * width,
            self.top // height * height,
            -(-self.right // width) * width,
            -(-self.bottom // height) * height,
        )

    def touches(self, other: Area) -> bool:
        """Tell whether the two have a pixel in common."""
        return (
            max(self.left, other.left) < min(self.right, other.right)
            and max(self.top, other.top) < min(self.bottom, other.bottom)
        )  # fmt: skip

    def around(self, other: Area) -> Area:
        """Return the smallest rectangle that holds both."""
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    @property
    def size(self) -> int:
        """How many pixels it has."""
        return max(self.right - self.left, 0) * max(self.bottom - self.top, 0)


@dataclass(frozen=True, slots=True)
class Mask:
    """A rectangle that is to be black, and why.

    Attributes
    ----------
    area : Area
        In pixels of the frame.
    reason : str
        ``device``, ``ultrasound``, ``rule``, ``text``, ``unread``, ``zone`` or ``person``.
    frame : int or None
        Of which frame, counted from 0; None: of every frame.
    confidence : float or None
        Between 0 and 1, where something was read.
    """

    area: Area
    reason: str
    frame: int | None = None
    confidence: float | None = None


def areas_of_frame(masks: Iterable[Mask], frame: int, columns: int, rows: int) -> tuple[Area, ...]:
    """Return what of a frame is masked: no area twice, none outside of the frame, in a fixed order."""
    inside = (mask.area.within(columns, rows) for mask in masks if mask.frame is None or mask.frame == frame)
    return tuple(sorted({area for area in inside if area is not None}))


def strips(polygon: Sequence[tuple[int, int]]) -> list[Area]:
    """Return the pixels of a polygon, its outline included, as rectangles.

    Parameters
    ----------
    polygon : sequence of (int, int)
        Its corners, each a column and a row; the last is joined to the first.

    Returns
    -------
    list of Area
        One for each run of pixels; runs of the same columns in consecutive rows are one. Where a pixel is touched
        only in part, it belongs to it.
    """
    if not polygon:
        return []
    first = max(min(row for _, row in polygon), 0)
    last = min(max(row for _, row in polygon), MAX_ROW)
    open_runs: dict[tuple[int, int], int] = {}
    found = []
    for row in range(first, last + 2):
        runs = _runs(polygon, row) if row <= last else []
        ended = [run for run in open_runs if run not in runs]
        found += [Area(left, open_runs.pop((left, right)), right, row) for left, right in ended]
        for run in runs:
            open_runs.setdefault(run, row)
    return sorted(found)


def _runs(polygon: Sequence[tuple[int, int]], row: int) -> list[tuple[int, int]]:
    """Return the runs of columns that a polygon covers in a row: inside, or touched by its outline."""
    crossings, runs = [], []
    for (column, start), (to_column, end) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if min(start, end) <= row <= max(start, end):
            runs.append(_touched(column, start, to_column, end, row))
        if (start <= row) != (end <= row):
            crossings.append(column + (row - start) * (to_column - column) / (end - start))
    crossings.sort()
    runs += [(int(left), int(right) + 1) for left, right in zip(crossings[::2], crossings[1::2], strict=True)]
    return _joined(runs)


def _touched(column: int, start: int, to_column: int, end: int, row: int) -> tuple[int, int]:
    """Return the columns that an edge touches on its way through a row."""
    if start == end:
        return min(column, to_column), max(column, to_column) + 1
    lowest, highest = min(start, end), max(start, end)
    at = [
        column + (y - start) * (to_column - column) / (end - start)
        for y in (max(row - 0.5, lowest), min(row + 0.5, highest))
    ]
    return int(min(at)), int(max(at)) + 1


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for left, right in sorted(runs):
        if joined and left <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], right)
        else:
            joined.append((left, right))
    return joined
