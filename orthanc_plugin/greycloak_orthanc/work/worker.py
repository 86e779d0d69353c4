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
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak import Deidentified, Engine, Installation, Quarantined, Skipped, load_profile
from greycloak.pseudonyms import Caller, StoreError
from greycloak.same_output import say_the_same
from greycloak_orthanc.config import Server
from greycloak_orthanc.work.identifiers import instance_id
from greycloak_orthanc.work.items import AT_RISK, LEASE, ON_ARRIVAL, Done, Item
from greycloak_orthanc.work.loopback import Loopback, LoopbackError, Stored
from greycloak_orthanc.work.own_output import is_own_output
from greycloak_orthanc.work.queue import Queue
from greycloak_orthanc.work.supervisor import READY
from greycloak_orthanc.work.tables import State

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

_NICE = 10
"""How much workers let others go first: Orthanc, which takes in images, above all."""

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
        server = Server.model_validate(orders["server"])
        self._orthanc = Loopback(server, orders["authorization"], orders["threads_per_worker"])
        self._overwrites, self._transcodes = server.overwrites, server.transcodes
        self._engine = cache(self._open_engine)
        self._begun: dict[str, float] = {}
        self._complaint = ""

    def _open_engine(self, profile: str, project: str) -> Engine:
        return Engine(load_profile(profile), self._installation.project(project))

    def run(self) -> None:
        """Work for ever."""
        idle = _IDLE
        unrecorded: list[str] = []  # claims of which the store did not take the results
        while True:
            try:
                if unrecorded:
                    self._queue.put_back(unrecorded)
                    unrecorded = []
                items = self._queue.claim(BATCH, self._name)
                self._complaint = ""
                if items:
                    unrecorded = [items[0].claim]
                    with self._kept(items):
                        self._finish(self._work(items))
                    unrecorded = []
                    idle = _IDLE
                else:
                    time.sleep(idle)
                    idle = min(idle * 1.5, _MAX_IDLE)
            except Exception as error:  # noqa: BLE001  a thread must not die in silence: the supervisor starts a new process
                if not isinstance(error, StoreError):
                    _log.critical("a worker ends after an unforeseen %s", type(error).__name__)
                    os._exit(1)
                if self._complaint != str(error):  # said once, by whichever thread meets it first
                    self._complaint = str(error)
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
        if not item.forced and (self._queue.is_output(item.instance) or is_own_output(source, engine.project)):
            return Done(item, State.SKIPPED if item.job == ON_ARRIVAL else State.QUARANTINED, "own-output")
        outcome = engine.deidentify(source)
        return outcome if isinstance(outcome, Deidentified) else _refused(item, outcome)

    def _store(self, item: Item, outcome: Deidentified) -> Done:
        new, twin = outcome.to_bytes(), instance_id(outcome)
        try:
            earlier = self._earlier_twin(twin, new) if self._overwrites else b""
            stored = None if earlier and not item.replaces else self._orthanc.store(new)
            if stored is not None and stored.was_there:
                earlier = self._earlier_twin(twin, new)
                stored = self._put_in_place_of(earlier, twin, new) if earlier and item.replaces else stored
        except LoopbackError as error:
            # Orthanc refuses a file with 400 for good; anything else may pass.
            state = State.FAILED if error.status == HTTPStatus.BAD_REQUEST else State.PENDING
            return Done(item, state, "not-stored", str(error))
        if stored is None or (earlier and not item.replaces):
            return Done(item, State.FAILED, "twin-differs")
        if stored.instance != twin:
            return Done(item, State.FAILED, "not-stored", "Orthanc has changed it: is it set to transcode?")
        output = {
            "output_patient": stored.patient,
            "output_study": stored.study,
            "output_series": stored.series,
            "output_instance": stored.instance,
        }
        reason, detail = (AT_RISK, " ".join(outcome.risks)) if outcome.risks else ("", "")
        return Done(item, State.DONE, reason, detail, output, has_replaced=bool(earlier))

    def _earlier_twin(self, twin: str, new: bytes) -> bytes:
        """Return a twin that is there already, if it was made in another way; else nothing."""
        try:
            found = self._orthanc.fetch(twin)
        except LoopbackError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return b""
            raise
        return b"" if say_the_same(found, new, may_be_transcoded=self._transcodes) else found

    def _put_in_place_of(self, earlier: bytes, twin: str, new: bytes) -> Stored:
        """Replace a twin; if the new one cannot be stored, the earlier one comes back."""
        self._orthanc.delete(twin)
        try:
            return self._orthanc.store(new)
        except LoopbackError:
            with suppress(LoopbackError):
                self._orthanc.store(earlier)
            raise

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
            mine = [done for done in results if (done.item.project, done.item.profile) == (project, profile)]
            states = [done.state for done in mine]
            counts = {
                "anonymized": states.count(State.DONE),
                "quarantined": states.count(State.QUARANTINED) + states.count(State.FAILED),
            }
            if replaced := sum(done.has_replaced for done in mine):
                counts["replaced"] = replaced
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
    os.nice(_NICE)
    orders = json.loads(sys.stdin.readline())
    worker = Worker(orders)
    os.write(sys.stdout.fileno(), READY)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody reads the other any more
    for _ in range(orders["threads_per_worker"]):
        threading.Thread(target=worker.run, daemon=True).start()
    threading.Thread(target=worker.keep_claims, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
