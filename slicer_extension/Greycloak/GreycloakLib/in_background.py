"""Work beside the window: one thread, and generators that wait for it a little at a time.

Slicer holds Python's lock while it waits for the mouse, so a thread advances only while a step waits for it here.
"""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_T = TypeVar("_T")

WAIT = 0.02
"""Seconds for which a step waits."""


class Background:
    """A thread that does one thing after the other."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "greycloak")

    def do(self, function: Callable[..., _T], *arguments: Any) -> Generator[None, None, _T]:  # noqa: ANN401
        """Do something; each step waits a little, and there is one at least. Returns, or raises, what it does."""
        with _no_collection():
            future = self._executor.submit(function, *arguments)
            try:
                while not future.done():
                    wait([future], WAIT)
                    yield
            except GeneratorExit:  # nobody waits any more, but what it uses must stay until it is done
                wait([future])
                raise
        return future.result()

    def close(self) -> None:
        """Let the thread end when it has done what it was asked."""
        self._executor.shutdown(wait=False)


_running: list[object] = []


@contextmanager
def _no_collection() -> Iterator[None]:
    """Put off Python's garbage collection: in the thread, it could delete widgets and timers of the window's."""
    if not _running and not gc.isenabled():
        yield  # somebody else has turned it off
        return
    mark = object()
    _running.append(mark)
    gc.disable()
    try:
        yield
    finally:
        _running.remove(mark)
        if not _running:
            gc.enable()
