"""From Orthanc's hook into the queue: the sender waits for a line in a file, and one thread records many at once."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from dataclasses import asdict
from typing import TYPE_CHECKING

from greycloak.pseudonyms import StoreError
from greycloak_orthanc.arrival.journal import Journal
from greycloak_orthanc.work.items import Order

if TYPE_CHECKING:
    from pathlib import Path

    from greycloak_orthanc.work.queue import Queue

_BATCH = 500
_GATHER = 0.05
"""Seconds in which more may come before a batch is recorded."""

_AFTER_ERROR = 2.0
_MOST_HELD = 100_000
"""Arrivals that are held in memory if the file cannot be written; more are found in Orthanc's list of changes."""

_log = logging.getLogger("greycloak")


class Arrivals:
    """What has arrived and is not in the queue yet.

    Parameters
    ----------
    queue : Queue
        Where it is recorded.
    folder : Path
        Where the journal is kept.
    """

    def __init__(self, queue: Queue, folder: Path) -> None:
        self._queue = queue
        self._held: deque[tuple[str, Order]] = deque()
        self._noted = self._recorded = 0
        self._failure = ""
        self._came = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._journal: Journal | None = None
        try:
            self._journal = Journal(folder)
            self._noted = self._journal.count()  # of earlier runs
        except OSError as error:
            _log.warning("Greycloak cannot keep its list of arrivals in %s: %s", folder, error.strerror or error)

    def note(self, instance: str, order: Order) -> None:
        """Note an instance that has come; whoever sends it waits for this."""
        line = json.dumps({"instance": instance, **asdict(order)}).encode()
        if self._journal is None or not self._journal.append(line):
            if len(self._held) >= _MOST_HELD:
                return
            self._held.append((instance, order))
        self._noted += 1
        self._came.set()

    @property
    def waiting(self) -> int:
        """How many have not been recorded yet."""
        return max(0, self._noted - self._recorded)

    @property
    def failure(self) -> str:
        """Why none can be recorded now; empty if they can."""
        return self._failure

    def start(self) -> None:
        """Start to record, beginning with what an earlier run has left."""
        self._thread.start()

    def stop(self) -> None:
        """Record what can be recorded at once, and stop; the rest is recorded after the next start."""
        self._stopping.set()
        self._came.set()
        self._thread.join()
        if self._journal is not None:
            self._journal.close()

    def _run(self) -> None:
        self._came.set()
        while True:
            self._came.wait()
            self._came.clear()
            self._stopping.wait(_GATHER)
            while self._record_some():
                pass
            if self._stopping.is_set():
                return
            if self._failure:
                self._stopping.wait(_AFTER_ERROR)
                self._came.set()

    def _record_some(self) -> bool:
        """Record a batch; tell whether there may be more."""
        lines, reached = self._journal.unread(_BATCH) if self._journal else ([], 0)
        held = [] if lines else list(self._held)[:_BATCH]
        arrivals = [*filter(None, map(_read, lines)), *held]
        try:
            if arrivals:
                self._queue.arrived(arrivals)
        except StoreError as error:
            if not self._failure:
                _log.error("what arrives is not anonymized now, but later: %s", error)
            self._failure = str(error)
            return False
        if self._failure:
            _log.warning("what has arrived is anonymized again")
            self._failure = ""
        if lines:
            assert self._journal is not None
            self._journal.settle(reached)
        for _ in held:
            self._held.popleft()
        self._recorded += sum(map(bool, lines)) + len(held)
        return bool(lines or held)


def _read(line: bytes) -> tuple[str, Order] | None:
    """Read a line of the journal; None if it is none, as of another version."""
    try:
        said = json.loads(line)
        return said.pop("instance"), Order(**said)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
