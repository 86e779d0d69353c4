"""Work beside the window: one thread, and generators that wait for it a little at a time.

Slicer holds Python's lock while it waits for the mouse, so a thread advances only while a step waits for it here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_T = TypeVar("_T")

WAIT = 0.02
"""Seconds for which a step waits."""


class Background:
    """A thread that does one thing after the other."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "greycloak")

    def do(self, function: Callable[..., _T], *arguments: Any) -> Generator[None, None, _T]:  # noqa: ANN401
        """Do something; each step waits a little. Returns, or raises, what the function does."""
        future = self._executor.submit(function, *arguments)
        while True:
            try:
                return future.result(WAIT)
            except NotYetError:
                if future.done():  # the function itself has timed out
                    return future.result()
                yield

    def close(self) -> None:
        """Let the thread end when it has done what it was asked."""
        self._executor.shutdown(wait=False)
