"""A worker: an ordinary Python process that claims work, and fetches and stores through loopback HTTP.

It gets its orders as one JSON line on standard input and ends when that closes, which is also what happens when
Orthanc dies.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak import Deidentified, Engine, Installation, Quarantined, Skipped, load_profile
from greycloak.pseudonyms import Caller, StoreError
from greycloak_orthanc.config import Server
from greycloak_orthanc.identifiers import instance_id
from greycloak_orthanc.loopback import Loopback, LoopbackError
from greycloak_orthanc.own_output import is_own_output
from greycloak_orthanc.queue import AT_RISK, LEASE, ON_ARRIVAL, Done, Item, Queue
from greycloak_orthanc.tables import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

BATCH = 8
"""How many items a thread claims at once."""

MAX_HELD = 32 << 20
"""Bytes of new objects that a thread holds before it stores them."""

_IDLE = 0.05
_MAX_IDLE = 0.5
_AFTER_ERROR = 2.0
_LONGEST = 3600.0
"""Seconds that a thread may work on what it has claimed: an image of very many frames takes minutes."""

_log = logging.getLogger("greycloak.worker")


class Worker:
    """What the threads of a worker process share.

    Parameters
    ----------
    orders : dict
        What the supervisor sent.
    """

    def __init__(self, orders: dict[str, Any]) -> None:
        self._name = orders["worker"]
        self._queue = Queue(orders["store"], orders["node"])
        self._installation = Installation.open(
            orders["store"], Path(orders["key_file"]), Caller(orders["node"], "orthanc")
        )
        self._orthanc = Loopback(
            Server.model_validate(orders["server"]), orders["authorization"], orders["threads_per_worker"]
        )
        self._engine = cache(self._open_engine)
        self._begun: dict[str, float] = {}

    def _open_engine(self, profile: str, project: str) -> Engine:
        return Engine(load_profile(profile), self._installation.project(project))

    def run(self) -> None:
        """Work for ever."""
        idle = _IDLE
        while True:
            try:
                items = self._queue.claim(BATCH, self._name)
                if items:
                    with self._kept(items):
                        self._finish(self._work(items))
                    idle = _IDLE
                else:
                    time.sleep(idle)
                    idle = min(idle * 1.5, _MAX_IDLE)
            except Exception as error:  # noqa: BLE001  a thread must not die in silence: the supervisor starts a new process
                if not isinstance(error, StoreError):
                    _log.critical("a worker ends after an unforeseen %s", type(error).__name__)
                    os._exit(1)
                # Nothing was recorded as done: the claims run out, and the work is done again.
                _log.error("%s", error)
                time.sleep(_AFTER_ERROR)

    @contextmanager
    def _kept(self, items: list[Item]) -> Iterator[None]:
        """Let `keep_claims` know what is worked on."""
        claim = items[0].claim
        self._begun[claim] = time.monotonic()
        try:
            yield
        finally:
            del self._begun[claim]

    def keep_claims(self) -> None:
        """Renew the claims of what is worked on, for ever."""
        while True:
            time.sleep(LEASE / 4)
            oldest = time.monotonic() - _LONGEST
            claims = [claim for claim, begun in list(self._begun.items()) if begun > oldest]
            try:
                if claims:
                    self._queue.renew(claims)
            except Exception as error:  # noqa: BLE001  the next time it may be there again
                _log.warning("could not renew claims: %s", type(error).__name__)

    def _work(self, items: list[Item]) -> list[Done]:
        results: list[Done] = []
        ready: list[tuple[Item, Deidentified]] = []
        held = 0
        for item in items:
            try:
                outcome = self._deidentify(item)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001  one bad item must not take its neighbours down
                outcome = Done(item, State.FAILED, "internal-error", type(error).__name__)
            if isinstance(outcome, Done):
                results.append(outcome)
                continue
            ready.append((item, outcome))
            held += sum(map(len, outcome.parts))
            if held >= MAX_HELD:
                results += self._store_all(ready)
                ready, held = [], 0
        return results + self._store_all(ready)

    def _store_all(self, ready: list[tuple[Item, Deidentified]]) -> list[Done]:
        # Known as ours before they are stored: Orthanc's hook sees them the moment they are.
        self._queue.register_outputs(instance_id(outcome) for _, outcome in ready)
        return [self._store(item, outcome) for item, outcome in ready]

    def _deidentify(self, item: Item) -> Deidentified | Done:
        try:
            source = self._orthanc.fetch(item.instance)
        except LoopbackError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                return Done(item, State.PENDING, "not-fetched", str(error))
            if not item.keep_source and self._queue.was_done(item):
                return Done(item, State.DONE)  # and taken away afterwards
            return Done(item, State.FAILED, "instance-gone")
        engine = self._engine(item.profile, item.project)
        if item.job == ON_ARRIVAL and is_own_output(source, engine.project):
            return Done(item, State.SKIPPED, "own-output")
        outcome = engine.deidentify(source)
        return outcome if isinstance(outcome, Deidentified) else _refused(item, outcome)

    def _store(self, item: Item, outcome: Deidentified) -> Done:
        try:
            stored = self._orthanc.store(outcome.to_bytes())
            if stored.instance != instance_id(outcome):
                return Done(item, State.FAILED, "not-stored", "Orthanc has changed it: is it set to transcode?")
            if stored.was_there and self._done_to(stored.instance) != (
                _profile_in(outcome.method),
                outcome.method_codes,
            ):
                return Done(item, State.FAILED, "twin-differs")
        except LoopbackError as error:
            # Orthanc refuses a file with 400 for good; anything else may pass.
            state = State.FAILED if error.status == HTTPStatus.BAD_REQUEST else State.PENDING
            return Done(item, state, "not-stored", str(error))
        output = {
            "output_patient": stored.patient,
            "output_study": stored.study,
            "output_series": stored.series,
            "output_instance": stored.instance,
        }
        reason, detail = (AT_RISK, " ".join(outcome.risks)) if outcome.risks else ("", "")
        return Done(item, State.DONE, reason, detail, output)

    def _done_to(self, instance: str) -> tuple[str, tuple[str, ...]]:
        """Return what an object says of its own de-identification."""
        tags = self._orthanc.get(f"/instances/{instance}/simplified-tags")
        codes = tags.get("DeidentificationMethodCodeSequence", [])
        method = tags.get("DeidentificationMethod", "")
        return _profile_in(method), tuple(code.get("CodeValue", "") for code in codes)

    def _finish(self, results: list[Done]) -> None:
        """Record results; an original goes only when its twin is recorded as stored, and before the work is done."""
        going = [done for done in results if _leaves_a_source_to_delete(done)]
        if going:
            self._queue.finish(replace(done, state=State.CLAIMED) for done in going)
        # A list: nothing is to be waited for while the queue is locked.
        self._queue.finish([self._without_source(done) if done in going else done for done in results])
        self._note_counts(results)

    def _note_counts(self, results: list[Done]) -> None:
        """Note in the audit how many instances went through, and how many did not."""
        ways = {(done.item.project, done.item.profile) for done in results}
        for project, profile in sorted(ways):
            states = [done.state for done in results if (done.item.project, done.item.profile) == (project, profile)]
            counts = {
                "anonymized": states.count(State.DONE),
                "quarantined": states.count(State.QUARANTINED) + states.count(State.FAILED),
            }
            if any(counts.values()):
                self._installation.audit.record(
                    self._installation.caller, "run", project=project, profile=profile, **counts
                )

    def _without_source(self, done: Done) -> Done:
        try:
            self._orthanc.get(f"/instances/{done.output_instance}")
            self._orthanc.delete(done.item.instance)
        except LoopbackError as error:
            return replace(done, state=State.PENDING, reason="not-deleted", detail=str(error))
        return done


def _profile_in(method: str) -> str:
    """Return the profile that De-identification Method names, if it names one; versions do not matter."""
    return method.partition("\\")[2]


def _refused(item: Item, outcome: Quarantined | Skipped) -> Done:
    if isinstance(outcome, Skipped):
        return Done(item, State.SKIPPED, outcome.kind)
    return Done(item, State.QUARANTINED, outcome.reason, outcome.detail)


def _leaves_a_source_to_delete(done: Done) -> bool:
    return not done.item.keep_source and done.output_instance not in {"", done.item.instance}


def _end_with_parent(parent: int) -> None:
    """End the process as soon as Orthanc is gone, whatever the threads are doing."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Run the worker that the orders on standard input describe."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s", level=logging.WARNING)
    _end_with_parent(os.getppid())
    orders = json.loads(sys.stdin.readline())
    worker = Worker(orders)
    for _ in range(orders["threads_per_worker"]):
        threading.Thread(target=worker.run, daemon=True).start()
    threading.Thread(target=worker.keep_claims, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
