"""The durable queue: what is to be done, by whom, and what became of it.

It lives in the database of the pseudonym store. No identity is in it: instances go by Orthanc's identifiers.
"""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak.pseudonyms.database import Database
from greycloak_orthanc.work.items import (
    ARRIVAL_PRIORITY,
    LEASE,
    MAX_ATTEMPTS,
    MAX_CRASHES,
    MAX_RETRY_AFTER,
    ON_ARRIVAL,
    RETRY_AFTER,
    Done,
    Item,
    NewJob,
    Order,
)
from greycloak_orthanc.work.job_records import JobRecords
from greycloak_orthanc.work.quarantine import Quarantine, note_outcomes
from greycloak_orthanc.work.tables import REFUSED, State, beats, bookmarks, create_tables, jobs, outputs, work

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_CHUNK = 500
_ITEM = ("job", "instance", "profile", "project", "keep_source", "replaces", "forced", "attempts")
_KEY = ("node", "job", "instance", "profile", "project")
_AGAIN = ("state", "attempts", "due", "claim", "updated", "keep_source", "replaces", "forced")


class Queue:
    """The queue, as one Orthanc sees it.

    Parameters
    ----------
    url : str
        The pseudonym store's.

    Attributes
    ----------
    node : str
        Name of this Orthanc: it only gets work on instances of its own.
    """

    def __init__(self, url: str, node: str = "") -> None:
        # What a power failure takes back here is found again: work in Orthanc's list of changes, outputs by what is in
        # them (`own_output`).
        self._database = Database(url, durable=False)
        self.node = node
        with self._database.writing() as connection:
            create_tables(connection)

    @property
    def records(self) -> JobRecords:
        """What it tells of jobs."""
        return JobRecords(self._database, self.node)

    @property
    def quarantine(self) -> Quarantine:
        """What did not go through and is still here."""
        return Quarantine(self._database, self.node)

    def arrived(self, arrivals: Sequence[tuple[str, Order]]) -> None:
        """Record instances that came by themselves, again if they came again; but for Greycloak's own outputs."""
        latest = dict(arrivals)  # of one that came twice in this moment, the last order counts
        with self._database.writing() as connection:
            own = set(connection.scalars(sa.select(outputs.c.instance).where(outputs.c.instance.in_(latest))))
            rows = [
                self._row(ON_ARRIVAL, instance, order, ARRIVAL_PRIORITY)
                for instance, order in latest.items()
                if instance not in own
            ]
            if rows:
                came = self._database.insert(work)
                again = {name: came.excluded[name] for name in _AGAIN}
                connection.execute(came.on_conflict_do_update(index_elements=list(_KEY), set_=again), rows)

    def submit(self, new: NewJob, instances: list[str]) -> str:
        """Record a job and its work; return the job's id."""
        job = str(uuid.uuid4())
        row = {
            "id": job,
            "node": self.node,
            "level": new.level,
            # Orthanc's identifier of a patient is a plain hash of the Patient ID: whoever has a list of those could
            # tell which one it is, and the result says the pseudonym.
            "resource": "" if new.level == "patients" else new.resource,
            "profile": new.order.profile,
            "project": new.order.project,
            "permissive": new.permissive,
            "priority": new.priority,
            "cancelled": False,
            "created": time.time(),
            "anonymizes": new.anonymizes,
        }
        rows = [self._row(job, instance, new.order, new.priority) for instance in instances]
        with self._database.writing() as connection:
            connection.execute(jobs.insert().values(row))
            for start in range(0, len(rows), _CHUNK):
                connection.execute(work.insert(), rows[start : start + _CHUNK])
        return job

    def claim(self, limit: int, worker: str = "") -> list[Item]:
        """Claim up to ``limit`` items, the most urgent first; one that was tried before comes alone."""
        now = time.time()
        mine = work.c.node == self.node
        waiting = sa.and_(mine, work.c.state == State.PENDING, work.c.due <= now)
        abandoned = sa.and_(mine, work.c.state == State.CLAIMED, work.c.due <= now)
        with self._database.reading() as connection:
            for free in (waiting, abandoned):
                if connection.scalar(sa.select(work.c.id).where(free).limit(1)) is not None:
                    break
            else:
                return []
        chosen = sa.select(work.c.id, work.c.attempts).where(free).order_by(work.c.rank, work.c.id).limit(limit)
        columns = [work.c[name] for name in _ITEM]
        claim = f"{worker}-{secrets.token_hex(8)}"
        with self._database.writing() as connection:
            if free is abandoned:
                self._give_up_hopeless(connection, abandoned)
            found = connection.execute(chosen.with_for_update(skip_locked=True)).all()
            fresh = [item for item, attempts in found if not attempts]
            changes = {"state": State.CLAIMED, "claim": claim, "due": now + LEASE, "attempts": work.c.attempts + 1}
            taken = work.c.id.in_(fresh or [item for item, _ in found[:1]])
            rows = connection.execute(
                work.update().where(taken).values(changes).returning(work.c.id, work.c.claim, *columns)
            )
            return sorted((Item(*row) for row in rows), key=lambda item: item.id)

    def renew(self, claims: Collection[str]) -> None:
        """Keep what is still worked on: nobody else is to take it over."""
        kept = sa.and_(work.c.node == self.node, work.c.state == State.CLAIMED, work.c.claim.in_(claims))
        with self._database.writing() as connection:
            connection.execute(work.update().where(kept).values(due=time.time() + LEASE))

    def put_back(self, claims: Collection[str]) -> None:
        """Put back what was claimed and not recorded as done: whatever was done of it is found again."""
        mine = sa.and_(work.c.node == self.node, work.c.state == State.CLAIMED, work.c.claim.in_(claims))
        with self._database.writing() as connection:
            connection.execute(work.update().where(mine).values(state=State.PENDING, due=0.0, claim="", attempts=0))
            self._skip_cancelled(connection)

    def register_outputs(self, instances: Iterable[str]) -> None:
        """Record instances that are about to be stored, so that nobody takes them for originals."""
        rows = [{"instance": instance} for instance in sorted(instances)]
        if rows:
            with self._database.writing() as connection:
                connection.execute(self._database.insert(outputs).on_conflict_do_nothing(), rows)

    def finish(self, results: Iterable[Done]) -> None:
        """Record what became of items; a claim that somebody else has taken over counts no more."""
        now = time.time()
        ended, is_any_put_back = [], False
        with self._database.writing() as connection:
            for done in results:
                item = done.item
                state, due = done.state, now + LEASE
                if state == State.PENDING:
                    due = now + min(MAX_RETRY_AFTER, RETRY_AFTER * 2**item.attempts)
                    state = State.FAILED if item.attempts >= MAX_ATTEMPTS else state
                    is_any_put_back = True
                values: dict[str, Any] = {"state": state, "due": due, "updated": now}
                values |= {"reason": done.reason, "detail": done.detail[:200], **(done.output or {})}
                mine = sa.and_(work.c.id == item.id, work.c.claim == item.claim)
                if connection.execute(work.update().where(mine).values(values)).rowcount:
                    ended.append(replace(done, state=state))
            note_outcomes(connection, self._database, self.node, ended)
            if is_any_put_back:
                self._skip_cancelled(connection)

    def release(self, worker: str) -> None:
        """Put back what a worker had claimed when it died; without a name, what all workers of this node had."""
        mine = sa.and_(work.c.node == self.node, work.c.state == State.CLAIMED)
        if worker:
            mine = sa.and_(mine, work.c.claim.startswith(f"{worker}-", autoescape=True))
        with self._database.writing() as connection:
            self._give_up_hopeless(connection, mine)
            connection.execute(work.update().where(mine).values(state=State.PENDING, due=0.0, claim=""))
            self._skip_cancelled(connection)

    def resubmit(self, job: str) -> None:
        """Put back what of a job did not go through."""
        again = {"state": State.PENDING, "attempts": 0, "due": 0.0, "claim": "", "reason": "", "detail": ""}
        refused = sa.and_(work.c.job == job, work.c.node == self.node, work.c.state.in_(REFUSED))
        with self._database.writing() as connection:
            connection.execute(work.update().where(refused).values(again))

    def was_done(self, item: Item) -> bool:
        """Tell whether another item has made the same twin already."""
        same = sa.select(work.c.id).where(
            work.c.node == self.node,
            work.c.instance == item.instance,
            work.c.profile == item.profile,
            work.c.project == item.project,
            work.c.output_instance != "",
        )
        with self._database.reading() as connection:
            return connection.scalar(same.limit(1)) is not None

    def _skip_cancelled(self, connection: sa.Connection) -> None:
        cancelled = sa.select(jobs.c.id).where(jobs.c.cancelled, jobs.c.node == self.node)
        waiting = sa.and_(work.c.state == State.PENDING, work.c.job.in_(cancelled))
        connection.execute(work.update().where(waiting).values(state=State.SKIPPED, updated=time.time()))

    def is_output(self, instance: str) -> bool:
        """Tell whether Greycloak has made an instance."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(outputs.c.instance).where(outputs.c.instance == instance)) is not None

    def totals(self) -> dict[str, int]:
        """Return how many items of this node are in which state."""
        counted = sa.select(work.c.state, sa.func.count()).where(work.c.node == self.node).group_by(work.c.state)
        with self._database.reading() as connection:
            return dict(connection.execute(counted).tuples().all())

    def tried_again(self) -> dict[str, int]:
        """Return how many items wait for yet another attempt, by the reason why the last ones failed."""
        waiting = sa.select(work.c.reason, sa.func.count()).where(
            work.c.node == self.node, work.c.state == State.PENDING, work.c.reason != "", work.c.attempts > 1
        )
        with self._database.reading() as connection:
            return dict(connection.execute(waiting.group_by(work.c.reason)).tuples().all())

    def beat(self) -> None:
        """Write something: whether that is possible, only trying tells."""
        row = self._database.insert(beats).values(node=self.node, at=time.time())
        with self._database.writing() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["node"], set_={"at": row.excluded.at}))

    def cancel(self, job: str) -> None:
        """Cancel a job: what has not begun is dropped, what has been done stays."""
        with self._database.writing() as connection:
            connection.execute(jobs.update().where(jobs.c.id == job).values(cancelled=True))
            self._skip_cancelled(connection)

    def bookmark(self) -> int | None:
        """Return up to which change Orthanc's list of changes has been seen; None if never."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(bookmarks.c.change).where(bookmarks.c.node == self.node))

    def set_bookmark(self, change: int) -> None:
        """Remember up to which change Orthanc's list of changes has been seen."""
        row = self._database.insert(bookmarks).values(node=self.node, change=change)
        with self._database.writing() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["node"], set_={"change": change}))

    def forget_bookmark(self) -> None:
        """Begin anew with the list of changes: what is in it up to the next look is nobody's work."""
        with self._database.writing() as connection:
            connection.execute(bookmarks.delete().where(bookmarks.c.node == self.node))

    def knows_arrival(self, instances: list[str]) -> set[str]:
        """Return those of the instances that are outputs, or have been recorded when they came."""
        recorded = sa.select(work.c.instance).where(
            work.c.node == self.node, work.c.job == ON_ARRIVAL, work.c.instance.in_(instances)
        )
        made = sa.select(outputs.c.instance).where(outputs.c.instance.in_(instances))
        with self._database.reading() as connection:
            return {*connection.scalars(recorded), *connection.scalars(made)}

    def _row(self, job: str, instance: str, order: Order, priority: int) -> dict[str, Any]:
        now = time.time()
        return {
            "node": self.node,
            "job": job,
            "instance": instance,
            "profile": order.profile,
            "project": order.project,
            "keep_source": order.keep_source,
            "replaces": order.replaces,
            "forced": order.forced,
            "rank": -priority,
            "state": State.PENDING,
            "attempts": 0,
            "due": 0.0,
            "claim": "",
            "updated": now,
        }

    def _give_up_hopeless(self, connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
        """Give up items that have taken down too many workers."""
        hopeless = sa.and_(which, work.c.attempts >= MAX_CRASHES)
        columns = [work.c[name] for name in _ITEM]
        rows = connection.execute(sa.select(work.c.id, work.c.claim, *columns).where(hopeless)).all()
        if not rows:
            return
        given_up = [Done(Item(*row), State.FAILED, "worker-died") for row in rows]
        values = {"state": State.FAILED, "updated": time.time(), "reason": "worker-died", "claim": ""}
        connection.execute(work.update().where(work.c.id.in_([done.item.id for done in given_up])).values(values))
        note_outcomes(connection, self._database, self.node, given_up)
