"""The durable queue: what is to be done, by whom, and what became of it.

It lives in the database of the pseudonym store. No identity is in it: instances go by Orthanc's identifiers.
"""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from greycloak.pseudonyms.database import Database
from greycloak_orthanc.tables import State, bookmarks, jobs, outputs, tables, work

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from greycloak_orthanc.rules import Order

LEASE = 120.0
"""Seconds after which a claim counts as abandoned."""

MAX_CRASHES = 5
"""How many workers one item may take down."""

MAX_ATTEMPTS = 50
RETRY_AFTER = 2.0
MAX_RETRY_AFTER = 60.0
"""Seconds before a failed attempt is repeated: doubled each time, up to the maximum."""

ARRIVAL_PRIORITY = -1
"""Whoever asks comes before what came by itself."""

ON_ARRIVAL = ""
"""The job of instances that came by themselves."""

AT_RISK = "at-risk"
"""Reason of what is done, but may show identity in its pixels; the details say why."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of work that a worker has claimed."""

    id: int
    claim: str
    job: str
    instance: str
    profile: str
    project: str
    keep_source: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an item.

    Attributes
    ----------
    item : Item
        The claimed item.
    state : State
        ``PENDING`` puts it back for another attempt; ``CLAIMED`` records the output, with something left to do.
    reason, detail : str
        Why, if it is not done; `AT_RISK` if it is and somebody should look at it.
    output : dict
        Orthanc's identifiers of the new instance and its parents.
    """

    item: Item
    state: State
    reason: str = ""
    detail: str = ""
    output: dict[str, str] | None = None

    @property
    def output_instance(self) -> str:
        """The new instance; empty if none was stored."""
        return self.output["output_instance"] if self.output else ""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that somebody asks for."""

    level: str
    resource: str
    order: Order
    permissive: bool
    priority: int


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
            tables.create_all(connection)

    def arrived(self, instance: str, order: Order) -> bool:
        """Record an instance that came by itself; again if it came again.

        Returns
        -------
        bool
            False if it is one of Greycloak's own outputs.
        """
        with self._database.writing() as connection:
            if connection.scalar(sa.select(outputs.c.instance).where(outputs.c.instance == instance)):
                return False
            connection.execute(self._upsert(self._row(ON_ARRIVAL, instance, order, ARRIVAL_PRIORITY)))
        return True

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
        columns = (work.c.job, work.c.instance, work.c.profile, work.c.project, work.c.keep_source, work.c.attempts)
        claim = f"{worker}-{secrets.token_hex(8)}"
        with self._database.writing() as connection:
            if free is abandoned:
                _give_up_hopeless(connection, abandoned)
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

    def register_outputs(self, instances: Iterable[str]) -> None:
        """Record instances that are about to be stored, so that nobody takes them for originals."""
        rows = [{"instance": instance} for instance in sorted(instances)]
        if rows:
            with self._database.writing() as connection:
                connection.execute(self._insert(outputs).on_conflict_do_nothing(), rows)

    def finish(self, results: Iterable[Done]) -> None:
        """Record what became of items; a claim that somebody else has taken over counts no more."""
        now = time.time()
        is_any_put_back = False
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
                connection.execute(work.update().where(work.c.id == item.id, work.c.claim == item.claim).values(values))
            if is_any_put_back:
                self._skip_cancelled(connection)

    def release(self, worker: str) -> None:
        """Put back what a worker had claimed when it died; without a name, what all workers of this node had."""
        mine = sa.and_(work.c.node == self.node, work.c.state == State.CLAIMED)
        if worker:
            mine = sa.and_(mine, work.c.claim.startswith(f"{worker}-", autoescape=True))
        with self._database.writing() as connection:
            _give_up_hopeless(connection, mine)
            connection.execute(work.update().where(mine).values(state=State.PENDING, due=0.0, claim=""))
            self._skip_cancelled(connection)

    def resubmit(self, job: str) -> None:
        """Put back what of a job did not go through."""
        again = {"state": State.PENDING, "attempts": 0, "due": 0.0, "claim": "", "reason": "", "detail": ""}
        refused = sa.and_(
            work.c.job == job, work.c.node == self.node, work.c.state.in_([State.QUARANTINED, State.FAILED])
        )
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

    def job(self, job: str) -> dict[str, Any] | None:
        """Return a job as it was submitted, or None."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(jobs).where(jobs.c.id == job, jobs.c.node == self.node)).first()
        return None if row is None else dict(row._mapping)  # noqa: SLF001  the documented name

    def job_ids(self, limit: int = 1000) -> list[str]:
        """Return the latest jobs, newest first."""
        latest = sa.select(jobs.c.id).where(jobs.c.node == self.node).order_by(jobs.c.created.desc()).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(latest))

    def counts(self, job: str) -> dict[str, int]:
        """Return how many items of a job are in which state."""
        counted = sa.select(work.c.state, sa.func.count()).where(work.c.job == job, work.c.node == self.node)
        with self._database.reading() as connection:
            return dict(connection.execute(counted.group_by(work.c.state)).tuples().all())

    def last_update(self, job: str) -> float:
        """Return when an item of a job last changed."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.max(work.c.updated)).where(work.c.job == job)) or 0.0

    def first_output(self, job: str) -> dict[str, Any] | None:
        """Return the identifiers of one new instance of a job, which tell its study and patient too."""
        chosen = sa.select(work).where(work.c.job == job, work.c.output_instance != "").order_by(work.c.id).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(chosen).first()
        return None if row is None else dict(row._mapping)  # noqa: SLF001

    def output_studies(self, job: str) -> list[str]:
        """Return the studies that a job has filled."""
        chosen = sa.select(work.c.output_study).where(work.c.job == job, work.c.output_study != "").distinct()
        with self._database.reading() as connection:
            return sorted(connection.scalars(chosen))

    def refused(self, job: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
        """Return what did not go through, newest first; of one job, or of everything."""
        columns = (work.c.job, work.c.instance, work.c.state, work.c.reason, work.c.detail, work.c.updated)
        chosen = sa.select(*columns).where(
            work.c.node == self.node, work.c.state.in_([State.QUARANTINED, State.FAILED])
        )
        if job is not None:
            chosen = chosen.where(work.c.job == job)
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(work.c.updated.desc()).limit(limit))
            return [dict(row._mapping) for row in rows]  # noqa: SLF001

    def reasons(self, job: str) -> list[tuple[str, int]]:
        """Return for which reasons how much of a job did not go through, the most frequent first."""
        number = sa.func.count()
        counted = sa.select(work.c.reason, number).where(
            work.c.job == job, work.c.node == self.node, work.c.state.in_([State.QUARANTINED, State.FAILED])
        )
        with self._database.reading() as connection:
            rows = connection.execute(counted.group_by(work.c.reason).order_by(number.desc(), work.c.reason))
            return list(rows.tuples())

    def at_risk(self, job: str, limit: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
        """Return the new instances of a job whose pixels may show identity.

        Returns
        -------
        counts : dict
            How many there are, by their risks.
        instances : list of (str, str)
            The first of them, and the risks of each.
        """
        theirs = (work.c.job == job, work.c.node == self.node, work.c.state == State.DONE, work.c.reason == AT_RISK)
        counted = sa.select(work.c.detail, sa.func.count()).where(*theirs).group_by(work.c.detail)
        chosen = sa.select(work.c.output_instance, work.c.detail).where(*theirs).order_by(work.c.id).limit(limit)
        with self._database.reading() as connection:
            counts: dict[str, int] = dict(connection.execute(counted).tuples().all())
            return counts, list(connection.execute(chosen).tuples())

    def totals(self) -> dict[str, int]:
        """Return how many items of this node are in which state."""
        counted = sa.select(work.c.state, sa.func.count()).where(work.c.node == self.node).group_by(work.c.state)
        with self._database.reading() as connection:
            return dict(connection.execute(counted).tuples().all())

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
        row = self._insert(bookmarks).values(node=self.node, change=change)
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
            "rank": -priority,
            "state": State.PENDING,
            "attempts": 0,
            "due": 0.0,
            "claim": "",
            "updated": now,
        }

    def _insert(self, table: sa.Table) -> Any:
        return {"sqlite": sqlite, "postgresql": postgresql}[self._database.dialect].insert(table)

    def _upsert(self, row: dict[str, Any]) -> Any:
        again = {name: row[name] for name in ("state", "attempts", "due", "claim", "updated", "keep_source")}
        keys = ["node", "job", "instance", "profile", "project"]
        return self._insert(work).values(row).on_conflict_do_update(index_elements=keys, set_=again)


def _give_up_hopeless(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    """Give up items that have taken down too many workers."""
    given_up = {"state": State.FAILED, "updated": time.time(), "reason": "worker-died", "claim": ""}
    connection.execute(work.update().where(which, work.c.attempts >= MAX_CRASHES).values(given_up))
