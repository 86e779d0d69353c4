"""Drive a generator with a timer, so that the window stays alive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import qt

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

PORTION = 0.03
"""Seconds of work for each turn of the window's event loop."""


class Ticker:
    """Runs one generator at a time.

    Attributes
    ----------
    longest : float
        The longest turn so far, in seconds.
    """

    def __init__(self) -> None:
        self._timer = qt.QTimer()
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._tick)
        self._steps: Generator[None, None, Any] | None = None
        self._on_turn: Callable[[], None] = _nothing
        self._on_end: Callable[[Any, Exception | None], None] = _nothing_more
        self.longest = 0.0

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._steps is not None

    def start(
        self,
        steps: Generator[None, None, Any],
        on_end: Callable[[Any, Exception | None], None],
        on_turn: Callable[[], None] | None = None,
    ) -> None:
        """Run a generator; what ran before is given up.

        Parameters
        ----------
        steps : generator
            What is to be done; a step should take less than 50 ms.
        on_end : callable
            Is given what the generator returns, and the error that ended it, if one did.
        on_turn : callable, optional
            Is called after each turn, to show how far it is.
        """
        self.stop()
        self._steps, self._on_end, self._on_turn = steps, on_end, on_turn or _nothing
        self._timer.start()

    def stop(self) -> None:
        """Give up what runs; nothing is called any more."""
        self._timer.stop()
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.close()

    def _tick(self, *_: object) -> None:
        steps, begin = self._steps, time.monotonic()
        if steps is None:
            return
        try:
            while time.monotonic() - begin < PORTION:
                next(steps)
        except StopIteration as end:
            self._end(end.value, None)
        except Exception as error:  # noqa: BLE001  Qt would print it, and the window would wait for ever
            self._end(None, error)
        else:
            self._on_turn()
        self.longest = max(self.longest, time.monotonic() - begin)

    def _end(self, result: Any, error: Exception | None) -> None:  # noqa: ANN401
        self._timer.stop()
        self._steps = None
        self._on_turn()
        self._on_end(result, error)


def _nothing() -> None:
    """Do nothing."""


def _nothing_more(_result: object, _error: Exception | None) -> None:
    """Do nothing."""
