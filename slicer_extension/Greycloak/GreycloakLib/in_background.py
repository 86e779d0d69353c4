"""Work beside the window: one thread, and generators that wait for it a little at a time.

Slicer holds Python's lock while it waits for the mouse, so a thread advances only while a step waits for it here.
"""

from __future__ import annotations

import gc
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future

_T = TypeVar("_T")

WAIT = 0.02
"""Seconds for which a step waits."""

_LONGEST = 5.0


class Background:
    """A thread that does one thing after the other."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "greycloak")
        self._last: Future[Any] | None = None

    def do(self, function: Callable[..., _T], *arguments: Any) -> Generator[None, None, _T]:  # noqa: ANN401
        """Do something; each step waits a little, and there is one at least. Returns, or raises, what it does.

        Whoever throws an exception in must wait for what was begun (`rest`) before undoing it.
        """
        mark = _put_off_collection()
        self._last = future = self._executor.submit(function, *arguments)
        try:
            while not future.done():
                wait([future], WAIT)
                yield
        finally:  # whoever gives up may leave the thread at work
            future.add_done_callback(lambda _future: _collect_again(mark))
        return future.result()

    def rest(self) -> Generator[None, None, None]:
        """Wait until nothing is being done, whatever became of it."""
        while self._last is not None and not self._last.done():
            wait([self._last], WAIT)
            yield

    def rest_at_once(self) -> None:
        """Wait the same way where nobody asks for steps any more; not for ever, as a server may be slow."""
        if self._last is not None:
            wait([self._last], _LONGEST)

    def close(self) -> None:
        """Let the thread end when it has done what it was asked."""
        self._executor.shutdown(wait=False)


_at_work: set[int] = set()
_marks = itertools.count()
_lock = threading.Lock()


def _put_off_collection() -> int | None:
    """Put off Python's garbage collection: in the thread, it could delete widgets and timers of the window's."""
    with _lock:
        if not _at_work and not gc.isenabled():
            return None  # somebody else has turned it off
        mark = next(_marks)
        _at_work.add(mark)
        gc.disable()
        return mark


def _collect_again(mark: int | None) -> None:
    with _lock:
        if mark is None:
            return
        _at_work.discard(mark)
        if not _at_work:
            gc.enable()
