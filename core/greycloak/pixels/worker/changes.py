"""What comes and goes between frames, all of it in two images: text that stands in one of many is in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from greycloak.pixels.worker.levels import Plane

_LEAST = 4.0
"""Levels of grey that something has to change by, to be seen."""


class Changes:
    """The greatest step of each pixel from one frame to the next, upwards and downwards.

    Where nothing moves, whatever appears stands on black there; where much moves, it has to stand out from that.
    """

    def __init__(self) -> None:
        self._last: Plane | None = None
        self._steps: tuple[Plane, Plane] | None = None

    def add(self, plane: Plane) -> None:
        """Take the next frame."""
        if self._last is not None:
            step = plane - self._last
            if self._steps is None:
                self._steps = np.zeros_like(plane), np.zeros_like(plane)
            rise, fall = self._steps
            np.maximum(rise, step, out=rise)
            np.maximum(fall, np.negative(step, out=step), out=fall)
        self._last = plane

    def taken(self) -> list[Plane]:
        """Return what has risen and what has fallen since the last time, if anything has."""
        steps, self._steps = self._steps, None
        return [step for step in steps or () if step.max(initial=0) >= _LEAST]
