"""The engine's door to its pixels: masks and inspections, done by processes that may die without harm.

Standard library only: neither numpy nor a codec is ever imported here.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Self

from greycloak.outcomes import Refused
from greycloak.pixels.answers import (
    MissingExtra,
    cleaned_of,
    inspection_of,
    masked_of,
    raise_what_went_wrong,
    sensible,
)
from greycloak.pixels.child import Child, Patience
from greycloak.pixels.interpreter import find_python
from greycloak.pixels.messages import description_to_json, masks_to_json
from greycloak.pixels.results import Capabilities, Cleaned, Hints, Inspection, Masked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from greycloak.pixels.areas import Mask
    from greycloak.pixels.description import Description
    from greycloak.pixels.messages import Message
    from greycloak.stream.levels import Buffer

    Progress = Callable[[int], None]
    Tables = tuple[bytes, bytes]

__all__ = ["MissingExtra", "PixelWorker"]

_NO_TABLES = (b"", b"")
_MEGA = 1 << 20
_TO_MASK = 0.25
_MARGIN = 4 * _MEGA


class PixelWorker:
    """Processes that mask pixels and search them for text; the first request starts them.

    Parameters
    ----------
    processes : int
        How many there may be; a request waits for a free one.
    python : Path
        What runs them; found if it is not given.
    frame_seconds, start_seconds : float
        How long a frame of a megapixel may be searched (to mask it, a quarter of that), and how much longer the first
        may take.
    memory : int
        How many bytes a process may take for a request, beside what the pixels themselves need.
    """

    def __init__(
        self,
        processes: int = 1,
        *,
        python: Path | None = None,
        frame_seconds: float = 60.0,
        start_seconds: float = 60.0,
        memory: int = 3072 * _MEGA,
    ) -> None:
        self._python = python
        self._frame_seconds, self._start_seconds, self._memory = frame_seconds, start_seconds, memory
        self._free = threading.Semaphore(processes)
        self._idle: deque[Child] = deque()
        self._finalizer = weakref.finalize(self, _close_all, self._idle)

    def capabilities(self) -> Capabilities:
        """Return what can be done with what is installed.

        Raises
        ------
        Refused
            ``pixel-worker`` if there is no process that could say.
        """
        said = self._ask({"ask": "capabilities"}, [], Patience(self._start_seconds, self._start_seconds), _MARGIN)
        return sensible(lambda: Capabilities(*(said.header[name] is True for name in ("pixels", "ocr", "compiled"))))

    def mask(
        self,
        description: Description,
        value: Buffer,
        masks: Sequence[Mask],
        *,
        extended: Tables = _NO_TABLES,
        progress: Progress | None = None,
    ) -> Masked:
        """Mask areas of the pixels of an element.

        Parameters
        ----------
        description : Description
            What they are.
        value : bytes or memoryview
            The value of the element; encapsulated, with its delimiter. It stays as it is.
        masks : sequence of Mask
            What to mask.
        extended : tuple of (bytes, bytes)
            The values of Extended Offset Table and Extended Offset Table Lengths, if the object has them.
        progress : callable
            Told the number of each frame; what it raises ends the work, and goes on to the caller.

        Returns
        -------
        Masked
            The new value; its pieces are views of the old one wherever nothing changed.

        Raises
        ------
        Refused
            ``pixel-worker`` if the process hangs or dies, ``pixel-extra`` if something is not installed, and whatever
            `greycloak.pixels.worker.masking.mask_pixels` refuses.
        Malformed
            If fragments or code streams do not add up.
        """
        said = self._work("mask", description, value, Hints(already=tuple(masks)), extended, progress)
        return sensible(lambda: masked_of(said.header, said, value))

    def inspect(
        self,
        description: Description,
        value: Buffer,
        hints: Hints,
        *,
        extended: Tables = _NO_TABLES,
        progress: Progress | None = None,
    ) -> Inspection:
        """Search pixels for text; parameters and exceptions as for `mask`.

        Parameters
        ----------
        hints : Hints
            What to look for.
        """
        said = self._work("inspect", description, value, hints, extended, progress)
        return sensible(lambda: inspection_of(said.header))

    def clean(
        self,
        description: Description,
        value: Buffer,
        hints: Hints,
        *,
        extended: Tables = _NO_TABLES,
        progress: Progress | None = None,
    ) -> Cleaned:
        """Search pixels for text, mask it, and search again; parameters and exceptions as for `mask`.

        Parameters
        ----------
        hints : Hints
            What to look for; what it says is masked already is masked as well. In mode ``all-text``, so are doubts.
        """
        said = self._work("clean", description, value, hints, extended, progress)
        return sensible(lambda: cleaned_of(said, value))

    def close(self) -> None:
        """End all processes that have nothing to do; the next request starts one anew."""
        _close_all(self._idle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(
        self,
        ask: str,
        description: Description,
        value: Buffer,
        hints: Hints,
        extended: Tables,
        progress: Progress | None,
    ) -> Message:
        pixels = description.rows * description.columns
        raw = pixels * description.samples * max(description.bits_allocated // 8, 1)
        frame = self._frame_seconds * max(pixels / 1e6, 1) * (_TO_MASK if ask == "mask" else 1)
        header = {
            "ask": ask,
            "description": description_to_json(description),
            "masks": masks_to_json(hints.already),
            "identifiers": list(hints.identifiers),
            "mode": hints.mode,
            "memory": self._memory + 4 * len(value) + 16 * raw,
        }
        patience = Patience(self._start_seconds + frame, self._start_seconds + frame * description.frames)
        most = 2 * (len(value) + raw * description.frames) + _MARGIN
        return self._ask(header, [[value], *([table] for table in extended)], patience, most, progress)

    def _ask(
        self,
        header: dict[str, Any],
        blobs: Sequence[Sequence[Buffer]],
        patience: Patience,
        most: int,
        progress: Progress | None = None,
    ) -> Message:
        """Ask a process that is free; one that does not answer as it should is not asked again."""
        told = {"memory": self._memory, **header, "patience": patience.frame}
        with self._free:
            child = self._child()
            try:
                said = child.ask(told, blobs, patience=patience, most=most, progress=progress)
            except BaseException:
                child.kill()
                raise
            self._idle.append(child)
        raise_what_went_wrong(said.header)
        return said

    def _child(self) -> Child:
        """Return a process that lives, and is this one's."""
        while self._idle:
            try:
                child = self._idle.pop()
            except IndexError:  # another thread was faster
                break
            if child.owner != os.getpid():
                child.forget()
            elif child.is_alive:
                return child
            else:
                child.kill()
        python = self._python or find_python()
        if python is None:
            raise Refused("pixel-worker", "there is no Python to run it")
        return Child(python)


def _close_all(children: deque[Child]) -> None:
    while children:
        child = children.pop()
        if child.owner == os.getpid():
            child.close()
        else:
            child.forget()
