"""Keep worker processes alive as long as Orthanc lives."""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.pseudonyms import StoreError

if TYPE_CHECKING:
    from greycloak_orthanc.config import Server, Settings
    from greycloak_orthanc.work.queue import Queue

_log = logging.getLogger("greycloak")

READY = b"ready\n"
"""What a worker says once it has opened key and store."""

_PATIENCE = 5.0
_PAUSE = 1.0
_MAX_PAUSE = 30.0


class NoInterpreterError(Exception):
    """There is no Python of the embedded version to run workers with."""


def find_python(configured: Path | None) -> Path:
    """Find the interpreter for workers: inside Orthanc, ``sys.executable`` is Orthanc.

    Raises
    ------
    NoInterpreterError
        If there is none.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [configured] if configured else [Path(sys.prefix, "bin", version), Path(sys.prefix, "python.exe")]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise NoInterpreterError(f"no {version} at {candidates[0]}: install it, or set 'Python' in section 'Greycloak'")
    return found


def environment_of_children() -> dict[str, str]:
    """Return the environment for our own processes, with the path as it is here.

    Site packages of a virtual environment were added by hand.
    """
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


class Supervisor:
    """Starts workers, and starts them again when they die.

    Parameters
    ----------
    settings : Settings
        How many, and what they need to know.
    server : Server
        How they reach Orthanc.
    authorization : str
        The plugin's token; handed over on standard input, where nobody else can read it.
    queue : Queue
        Gets back what a worker had claimed when it died.
    """

    def __init__(self, settings: Settings, server: Server, authorization: str, queue: Queue) -> None:
        self._python = find_python(settings.python)
        self._count = settings.workers
        orders = {
            "store": settings.store,
            "key_file": str(settings.key_file),
            "node": queue.node,
            "threads_per_worker": settings.threads_per_worker,
            "server": server.model_dump(mode="json"),
            "authorization": authorization,
        }
        self._orders = orders
        self._queue = queue
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._ready: set[int] = set()
        self._threads = [
            threading.Thread(target=self._keep_alive, args=(number,), daemon=True) for number in range(self._count)
        ]

    def start(self) -> None:
        """Start all workers."""
        self._release("")  # of an earlier run
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the workers end, and end those that do not."""
        self._stopping.set()
        with self._lock:
            workers = list(self._running.values())
        for worker in workers:
            with suppress(OSError):
                worker.stdin.close()  # type: ignore[union-attr]
        for worker in workers:
            try:
                worker.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        for thread in self._threads:  # a thread that outlives the interpreter takes Orthanc down with it
            thread.join()

    def alive(self) -> int:
        """Return how many workers work: they run, and could open key and store."""
        with self._lock:
            return sum(worker.poll() is None for number, worker in self._running.items() if number in self._ready)

    def _keep_alive(self, number: int) -> None:
        pause = _PAUSE
        while not self._stopping.is_set():
            name = secrets.token_hex(4)
            try:
                worker = self._start_one(name)
            except OSError as error:
                _log.error("a Greycloak worker cannot be started: %s", error.strerror)
                self._stopping.wait(_MAX_PAUSE)
                continue
            with self._lock:
                self._running[number] = worker
                if self._stopping.is_set():  # `stop` has looked already
                    with suppress(OSError):
                        worker.stdin.close()  # type: ignore[union-attr]
            self._note_ready(number, worker)
            try:
                status = worker.wait(_MAX_PAUSE)
            except subprocess.TimeoutExpired:
                pause = _PAUSE  # it has proved itself
                status = worker.wait()
            with self._lock:
                self._ready.discard(number)
            self._release(name)
            if self._stopping.is_set():
                return
            _log.error("a Greycloak worker ended with status %d; the next one starts in %d s", status, pause)
            self._stopping.wait(pause)
            pause = min(2 * pause, _MAX_PAUSE)

    def _note_ready(self, number: int, worker: subprocess.Popen[bytes]) -> None:
        """Wait until a worker says that it works, or has ended."""
        with worker.stdout:  # type: ignore[union-attr]
            if worker.stdout.readline() == READY:  # type: ignore[union-attr]
                with self._lock:
                    self._ready.add(number)

    def _release(self, worker: str) -> None:
        try:
            self._queue.release(worker)
        except StoreError as error:
            _log.warning("what a Greycloak worker had claimed is free only in a while: %s", error)

    def _start_one(self, name: str) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(  # noqa: S603  our own program
            [self._python, "-P", "-m", "greycloak_orthanc.work.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment_of_children(),
        )
        with suppress(BrokenPipeError):
            worker.stdin.write(json.dumps(self._orders | {"worker": name}).encode() + b"\n")  # type: ignore[union-attr]
            worker.stdin.flush()  # type: ignore[union-attr]
        return worker
