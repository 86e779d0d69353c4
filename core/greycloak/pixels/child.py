"""One pixel worker process: started, asked, and killed if it does not answer in time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from greycloak.outcomes import Refused
from greycloak.pixels.interpreter import environment
from greycloak.pixels.messages import Message, read_message, write_message

try:
    from fcntl import F_SETPIPE_SZ, fcntl
except ImportError:  # not Linux
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from greycloak.stream.levels import Buffer

_COMMAND = ("-P", "-s", "-m", "greycloak.pixels.worker")
_GOODBYE = 2.0
_PIPE_SIZE = 1 << 20
"""Pipes of this size pass twice as much in a second as those of the usual 64 KiB."""


class Patience(NamedTuple):
    """How long to wait.

    Attributes
    ----------
    frame : float
        Seconds until a frame is done, or the first sign of life.
    whole : float
        Seconds for all.
    """

    frame: float
    whole: float


class Child:
    """A worker process.

    Parameters
    ----------
    python : Path
        What runs it.
    """

    def __init__(self, python: Path) -> None:
        self.owner = os.getpid()
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own module, in the Python that runs here
                [python, *_COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=os.path.abspath(os.sep),  # noqa: PTH100  nothing in the current folder is to be imported
                env=environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows
                start_new_session=True,  # a Ctrl-C is for the engine to handle
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise Refused("pixel-worker", "it cannot be started") from error
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError, TypeError):
                fcntl(pipe, F_SETPIPE_SZ, _PIPE_SIZE)  # type: ignore[arg-type]

    def ask(
        self,
        header: dict[str, Any],
        blobs: Sequence[Sequence[Buffer]],
        *,
        patience: Patience,
        most: int,
        progress: Callable[[int], None] | None = None,
    ) -> Message:
        """Ask, and wait for the answer.

        Parameters
        ----------
        header, blobs : dict, sequence of sequences of bytes or memoryview
            The request.
        patience : Patience
            How long to wait.
        most : int
            How many bytes the answer may have.
        progress : callable
            Told the number of each frame; what it raises goes on to the caller.

        Raises
        ------
        Refused
            ``pixel-worker`` if there is no answer, or none that makes sense. The process is of no use any more.
        """
        with _Watch(self._process, patience) as watch:
            try:
                write_message(self._process.stdin, header, blobs)  # type: ignore[arg-type]
            except OSError as error:
                raise Refused("pixel-worker", watch.why()) from error
            sent: list[bytearray] = []
            while True:
                answer, frame = self._next(most, watch)
                if frame is None:
                    return answer._replace(sent=tuple(sent))
                watch.renew()
                if answer.blobs:
                    sent += answer.blobs
                    most -= sum(map(len, answer.blobs))
                elif progress:
                    progress(frame)

    def _next(self, most: int, watch: _Watch) -> tuple[Message, int | None]:
        """Return what it says next, and the number of a frame if it only says that, or sends it."""
        try:
            answer = read_message(self._process.stdout, most)  # type: ignore[arg-type]
            if answer is not None:
                return answer, int(answer.header["frame"]) if answer.header["is"] == "progress" else None
        except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
            raise Refused("pixel-worker", watch.why()) from error
        raise Refused("pixel-worker", watch.why())

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """Let it end, or end it."""
        self._close_pipes()
        try:
            self._process.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.wait()
        self._close_pipes()

    def forget(self) -> None:
        """Let go of the pipes of a process that is another one's child: ours are copies that a fork has made."""
        self._close_pipes()
        self._process.returncode = 0

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError, ValueError):
                pipe.close()  # type: ignore[union-attr]


class _Watch:
    """Kills a process that takes too long."""

    def __init__(self, process: subprocess.Popen[bytes], patience: Patience) -> None:
        self._process = process
        self._patience = patience
        self._end = time.monotonic() + patience.whole
        self._until = 0.0
        self._done = threading.Event()
        self._has_killed = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.renew()

    def renew(self) -> None:
        """Wait for another frame."""
        self._until = min(time.monotonic() + self._patience.frame, self._end)

    def why(self) -> str:
        """Return why there is no answer."""
        return "no answer in time" if self._has_killed else "it ended without an answer"

    def _watch(self) -> None:
        while not self._done.wait(max(self._until - time.monotonic(), 0)):
            if time.monotonic() >= self._until:
                self._has_killed = True
                self._process.kill()
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
