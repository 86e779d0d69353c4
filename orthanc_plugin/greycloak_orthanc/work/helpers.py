"""Processes that anonymize one file at a time for whoever waits: asked and answering through pipes.

A message is a line of JSON, which says how long the file behind it is. A helper ends when its input closes, which is
also what happens when Orthanc dies.
"""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from queue import Empty, LifoQueue
from typing import IO, TYPE_CHECKING, Any

from greycloak_orthanc.work.supervisor import environment_of_children, find_python

if TYPE_CHECKING:
    from greycloak_orthanc.config import Settings

PATIENCE = 600.0
"""Seconds that a file may take before its helper is ended."""

_WAIT_FOR_HELPER = 20.0
_ENDED = "the process that anonymized it was ended: try again"


class HelperDiedError(Exception):
    """The file was not anonymized, and nothing is wrong with it: try again."""


def send(stream: IO[bytes], message: dict[str, Any], file: bytes) -> None:
    """Write a message and the file behind it."""
    stream.write(json.dumps(message | {"length": len(file)}).encode() + b"\n")
    stream.write(file)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read a message and the file behind it; None if nobody will send any more."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    message = json.loads(line)
    length = message.pop("length")
    file = stream.read(length)
    return (message, file) if len(file) == length else None


class Helpers:
    """Starts helpers when they are needed, as many as there are workers, and starts others when they die.

    Parameters
    ----------
    settings : Settings
        How many, and what they need to know.
    """

    def __init__(self, settings: Settings) -> None:
        self._python = find_python(settings.python)
        self._orders = {"store": settings.store, "key_file": str(settings.key_file)}
        # The one that has just worked comes first: it has everything in its caches.
        self._free: LifoQueue[subprocess.Popen[bytes] | None] = LifoQueue()
        for _ in range(settings.workers):
            self._free.put(None)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_stopped = False

    def ask(self, order: dict[str, Any], file: bytes) -> tuple[dict[str, Any], bytes]:
        """Have a file anonymized.

        Parameters
        ----------
        order : dict
            ``profile``, ``project``, ``caller``, ``rehearse``.
        file : bytes
            The file.

        Returns
        -------
        (dict, bytes)
            What became of it, and the new file.

        Raises
        ------
        HelperDiedError
            If its helper has died or is too slow, or Orthanc stops.
        """
        try:
            helper = self._free.get(timeout=_WAIT_FOR_HELPER)
        except Empty:
            raise HelperDiedError("too many files are being anonymized: try again") from None
        try:
            helper = self._alive(helper)
            answer = _asked(helper, order, file)
            if answer is None:  # it was killed since it was last asked: nothing of the file is done
                self._bury(helper)
                helper = self._alive(None)
                answer = _asked(helper, order, file)
        except BaseException:  # what may still be in its pipe is nobody else's
            if helper is not None:
                self._bury(helper)
            helper = None
            raise
        else:
            if answer is None:
                raise HelperDiedError(_ENDED)
            return answer
        finally:
            self._free.put(helper)

    def _alive(self, helper: subprocess.Popen[bytes] | None) -> subprocess.Popen[bytes]:
        """Return a helper that runs, a new one if need be."""
        if helper is not None and helper.poll() is None:
            return helper
        if helper is not None:
            self._bury(helper)
        with self._lock:
            if self._is_stopped:
                raise HelperDiedError("Orthanc is about to end: try again later")
            started = subprocess.Popen(  # noqa: S603  our own program
                [self._python, "-P", "-m", "greycloak_orthanc.work.helper"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment_of_children(),
            )
            self._running.add(started)
        _ = _sent(started, self._orders, b"")
        return started

    def _bury(self, helper: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(helper)
        helper.kill()
        helper.wait()
        for stream in (helper.stdin, helper.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]

    def stop(self) -> None:
        """End all helpers at once; nothing that they do is worth waiting for."""
        with self._lock:
            self._is_stopped = True
            running, self._running = self._running, set()
        for helper in running:
            helper.kill()
            helper.wait()


def _sent(helper: subprocess.Popen[bytes], message: dict[str, Any], file: bytes) -> bool:
    try:
        send(helper.stdin, message, file)  # type: ignore[arg-type]
    except (OSError, ValueError):  # it has died, or its pipe is closed
        return False
    return True


def _asked(helper: subprocess.Popen[bytes], order: dict[str, Any], file: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Ask a helper, and end it if it is too slow; None if it died before it had the file."""
    timer = threading.Timer(PATIENCE, helper.kill)
    timer.start()
    answer = None
    try:
        if not _sent(helper, order, file):
            return None
        with suppress(OSError, ValueError):
            answer = receive(helper.stdout)  # type: ignore[arg-type]
    finally:
        timer.cancel()
    if answer is None:
        raise HelperDiedError(_ENDED)
    return answer
