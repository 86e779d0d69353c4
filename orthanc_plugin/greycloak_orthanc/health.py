"""Whether twins are being made, and if not, why: for monitors, the page and the log."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from greycloak.pseudonyms import InstallationKey, KeyFileError, StoreError
from greycloak_orthanc.rest.refusals import meaning_of
from greycloak_orthanc.work.tables import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from greycloak.pseudonyms import Installation
    from greycloak_orthanc.arrival.arrivals import Arrivals
    from greycloak_orthanc.config import Settings
    from greycloak_orthanc.work.queue import Queue
    from greycloak_orthanc.work.supervisor import Supervisor

_EVERY = 5.0
_SLOW = 5.0
"""Seconds after which a store that has not answered counts as one that cannot be used."""

_STUCK = 600.0
"""Seconds in which something has to be finished, if anything waits."""

_LEAST_FREE = 100 << 20
"""Bytes."""

_log = logging.getLogger("greycloak")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why twins are not being made, or will not be soon.

    Attributes
    ----------
    name : str
        In a word, for monitors.
    message : str
        What is wrong, and what helps.
    """

    name: str
    message: str


class Health:
    """Looks after everything that is needed to make twins.

    Parameters
    ----------
    settings : Settings
        What should be there.
    installation : Installation
        Key and store, as they were opened.
    queue : Queue
        What waits.
    storage : Path
        Orthanc's storage directory.
    supervisor, arrivals : callable
        Return those parts, once they run.
    """

    def __init__(
        self,
        settings: Settings,
        installation: Installation,
        queue: Queue,
        storage: Path,
        supervisor: Callable[[], Supervisor | None],
        arrivals: Callable[[], Arrivals | None],
    ) -> None:
        self._settings = settings
        self._installation = installation
        self._queue = queue
        self._storage = storage
        self._supervisor = supervisor
        self._arrivals = arrivals
        self._asked = 0.0
        self._store_said = ""
        self._waits_for: Counter[str] = Counter()
        self._seen: tuple[dict[str, int], float] = ({}, time.monotonic())
        self._told: dict[str, str] = {}
        self._stopping = threading.Event()
        # Two, for the store may keep the one that asks it waiting.
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._keep_asking, self._keep_telling)]

    def start(self) -> None:
        """Start to look."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop, and wait until it has stopped."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def problems(self) -> list[Problem]:
        """Return what is wrong now, as far as the last look has found out."""
        return [problem for problem in self._found() if problem.message]

    def _found(self) -> Iterator[Problem]:
        yield Problem("store", self._store())
        yield Problem("key", self._key())
        yield Problem("workers", self._workers())
        yield Problem("disk", self._disk())
        for reason, count in self._waits_for.items():
            message = f"{count} instances wait to be tried again: {meaning_of(reason)}"
            yield Problem(reason, message)
        yield Problem("stuck", self._stuck())

    def _store(self) -> str:
        arrivals = self._arrivals()
        said = self._store_said or (arrivals.failure if arrivals else "")
        if not said and self._asked and time.monotonic() - self._asked > _SLOW:
            said = "it does not answer"
        return (
            f"the pseudonym store cannot be used: {said.removeprefix('cannot use the pseudonym store: ')}"
            if said
            else ""
        )

    def _key(self) -> str:
        try:
            key = InstallationKey.load(self._settings.key_file)
        except KeyFileError as error:
            return str(error)
        if key.fingerprint() != self._installation.key.fingerprint():
            return "the key is another one than at the start: if it was rotated, restart Orthanc; if not, bring it back"
        return ""

    def _workers(self) -> str:
        supervisor = self._supervisor()
        if supervisor is None or supervisor.alive():
            return ""
        return "no worker runs: Orthanc's log says why"

    def _disk(self) -> str:
        try:
            free = shutil.disk_usage(self._storage).free
        except OSError:
            return ""
        return f"the disk of Orthanc's storage is full: {free >> 20} MB are free" if free < _LEAST_FREE else ""

    def _stuck(self) -> str:
        totals, since = self._seen
        waiting = sum(totals.get(state, 0) for state in UNFINISHED)
        if not waiting or time.monotonic() - since < _STUCK:
            return ""
        return f"{waiting} instances wait, and none was finished for {int(time.monotonic() - since) // 60} minutes"

    def _keep_asking(self) -> None:
        while not self._stopping.wait(_EVERY):
            self._look()

    def _keep_telling(self) -> None:
        """Write to the log what is wrong, once, and when it is well again."""
        while not self._stopping.wait(_EVERY):
            found = {problem.name: problem.message for problem in self.problems()}
            for name in found.keys() - self._told.keys():
                _log.error("Greycloak: %s", found[name])
            for name in self._told.keys() - found.keys():
                _log.warning("Greycloak: this is well again: %s", name)
            self._told = found

    def _look(self) -> None:
        """Ask the store what only it can tell; it may take long to answer, or never do."""
        self._asked = time.monotonic()
        try:
            self._queue.beat()
            totals = self._queue.totals()
            self._waits_for = Counter(self._queue.tried_again())
        except StoreError as error:
            self._store_said = str(error)
        else:
            self._store_said = ""
            if not _has_finished_nothing(self._seen[0], totals):
                self._seen = totals, time.monotonic()
        self._asked = 0.0


def _has_finished_nothing(before: dict[str, int], now: dict[str, int]) -> bool:
    """Tell whether something waits and nothing was finished meanwhile."""
    waiting = any(now.get(state, 0) for state in UNFINISHED)
    ended = [{state: count for state, count in one.items() if state not in UNFINISHED} for one in (before, now)]
    return waiting and ended[0] == ended[1]


def health_view(health: Health) -> dict[str, Any]:
    """Return what callers are told."""
    problems = health.problems()
    return {
        "Healthy": not problems,
        "Problems": [{"Problem": problem.name, "Message": problem.message} for problem in problems],
    }
