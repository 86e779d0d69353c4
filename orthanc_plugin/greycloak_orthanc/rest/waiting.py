"""Callers who wait for a result: how many may, and when it is no use to wait any longer."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from greycloak.pseudonyms import StoreError
from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.refusals import meaning_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from greycloak_orthanc.config import Server, Settings
    from greycloak_orthanc.work.queue import Queue
    from greycloak_orthanc.work.supervisor import Supervisor

_SHORTEST_WAIT = 0.02
_LONGEST_WAIT = 0.25
_LOOK_AROUND_EVERY = 1.0
_PATIENCE_IN_VAIN = 10.0
_PATIENCE = 3600.0
_SPARE_THREADS = 8


class Waiting:
    """Places for callers who wait: each holds one of Orthanc's HTTP threads, and the workers need some themselves.

    Parameters
    ----------
    settings, server
        How many there are.
    queue : Queue
        What is waited for.
    supervisor : callable
        Returns who lets workers run, once it does.
    """

    def __init__(
        self, settings: Settings, server: Server, queue: Queue, supervisor: Callable[[], Supervisor | None]
    ) -> None:
        workers = settings.workers * settings.threads_per_worker
        self._places = threading.Semaphore(max(1, server.http_threads - workers - _SPARE_THREADS))
        self._server = server
        self._queue = queue
        self._supervisor = supervisor

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place among those who wait.

        Raises
        ------
        RestError
            503 if there is none.
        """
        if not self._places.acquire(blocking=False):
            raise RestError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too many callers wait already: try again, or ask with 'Asynchronous': true",
                headers={"Retry-After": "1"},
            )
        try:
            yield
        finally:
            self._places.release()

    def wait_for(self, job: str) -> None:
        """Wait until a job is finished.

        Raises
        ------
        RestError
            503 if it is no use to wait: Orthanc stops, nobody works, what is tried fails, or it takes too long. The
            job goes on.
        """
        pause = _SHORTEST_WAIT
        start = moved = looked = time.monotonic()
        counts: dict[str, int] = {}
        while not self._is_finished(job):
            time.sleep(pause)
            pause = min(1.5 * pause, _LONGEST_WAIT)
            now = time.monotonic()
            if now - looked < _LOOK_AROUND_EVERY:
                continue
            looked = now
            obstacle, found = self._obstacle(job)
            if found != counts or not obstacle:
                counts, moved = found, now
            if now - moved > _PATIENCE_IN_VAIN:
                raise _in_vain(job, obstacle)
            if now - start > _PATIENCE or not self._is_listening():
                raise _in_vain(job, "it takes longer than one can wait here")

    def _is_finished(self, job: str) -> bool:
        try:
            return self._queue.records.is_finished(job)
        except StoreError:
            return False

    def _obstacle(self, job: str) -> tuple[str, dict[str, int]]:
        """Return what keeps a job from going on, if anything does, and how far it has come."""
        try:
            counts = self._queue.records.counts(job)
            reason = self._queue.records.put_back_for(job)
        except StoreError as error:
            return str(error), {}
        supervisor = self._supervisor()
        if supervisor is None or not supervisor.alive():
            return "no worker runs now: Orthanc's log says why", counts
        return meaning_of(reason) if reason else "", counts

    def _is_listening(self) -> bool:
        """Tell whether Orthanc still takes calls: when it stops, it waits for those who wait here."""
        address = urlsplit(self._server.url)
        with socket.socket() as probe:
            probe.settimeout(_LOOK_AROUND_EVERY)
            return probe.connect_ex((address.hostname, address.port)) == 0


def _in_vain(job: str, why: str) -> RestError:
    return RestError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"{why.rstrip('.')}; it goes on as a job",
        headers={"Retry-After": "60"},
        content={"Job": f"/greycloak/jobs/{job}"},
    )
