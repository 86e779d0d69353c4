"""What the queue tells of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak_orthanc.work.items import AT_RISK
from greycloak_orthanc.work.tables import REFUSED, UNFINISHED, State, jobs, work

if TYPE_CHECKING:
    from greycloak.pseudonyms.database import Database


class JobRecords:
    """The jobs of one Orthanc.

    Parameters
    ----------
    database : Database
        Where they are.
    node : str
        Name of this Orthanc.
    """

    def __init__(self, database: Database, node: str) -> None:
        self._database = database
        self._node = node

    def job(self, job: str) -> dict[str, Any] | None:
        """Return a job as it was submitted, or None."""
        chosen = sa.select(jobs).where(jobs.c.id == job, jobs.c.node == self._node)
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().first()
        return None if row is None else dict(row)

    def job_ids(self, limit: int = 1000) -> list[str]:
        """Return the latest jobs, newest first."""
        latest = sa.select(jobs.c.id).where(jobs.c.node == self._node).order_by(jobs.c.created.desc()).limit(limit)
        with self._database.reading() as connection:
            return list(connection.scalars(latest))

    def counts(self, job: str) -> dict[str, int]:
        """Return how many items of a job are in which state."""
        counted = sa.select(work.c.state, sa.func.count()).where(work.c.job == job, work.c.node == self._node)
        with self._database.reading() as connection:
            return dict(connection.execute(counted.group_by(work.c.state)).tuples().all())

    def is_finished(self, job: str) -> bool:
        """Tell whether nothing of a job is left to do."""
        left = sa.select(work.c.id).where(work.c.job == job, work.c.node == self._node, work.c.state.in_(UNFINISHED))
        with self._database.reading() as connection:
            return connection.scalar(left.limit(1)) is None

    def put_back_for(self, job: str) -> str:
        """Return why something of a job waits for another attempt; empty if nothing does."""
        waiting = sa.select(work.c.reason).where(
            work.c.job == job, work.c.node == self._node, work.c.state == State.PENDING, work.c.reason != ""
        )
        with self._database.reading() as connection:
            return connection.scalar(waiting.limit(1)) or ""

    def last_update(self, job: str) -> float:
        """Return when an item of a job last changed."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(sa.func.max(work.c.updated)).where(work.c.job == job)) or 0.0

    def first_output(self, job: str) -> dict[str, Any] | None:
        """Return the identifiers of one new instance of a job, which tell its study and patient too."""
        chosen = sa.select(work).where(work.c.job == job, work.c.output_instance != "").order_by(work.c.id).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(chosen).mappings().first()
        return None if row is None else dict(row)

    def output_studies(self, job: str) -> list[str]:
        """Return the studies that a job has filled."""
        chosen = sa.select(work.c.output_study).where(work.c.job == job, work.c.output_study != "").distinct()
        with self._database.reading() as connection:
            return sorted(connection.scalars(chosen))

    def refused(self, job: str, limit: int) -> list[dict[str, Any]]:
        """Return what of a job did not go through, newest first."""
        columns = (work.c.job, work.c.instance, work.c.state, work.c.reason, work.c.detail, work.c.updated)
        chosen = sa.select(*columns).where(work.c.job == job, work.c.node == self._node, work.c.state.in_(REFUSED))
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(work.c.updated.desc()).limit(limit))
            return [dict(row) for row in rows.mappings()]

    def reasons(self, job: str) -> list[tuple[str, int]]:
        """Return for which reasons how much of a job did not go through, the most frequent first."""
        number = sa.func.count()
        counted = sa.select(work.c.reason, number).where(
            work.c.job == job, work.c.node == self._node, work.c.state.in_(REFUSED)
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
        theirs = (work.c.job == job, work.c.node == self._node, work.c.state == State.DONE, work.c.reason == AT_RISK)
        counted = sa.select(work.c.detail, sa.func.count()).where(*theirs).group_by(work.c.detail)
        chosen = sa.select(work.c.output_instance, work.c.detail).where(*theirs).order_by(work.c.id).limit(limit)
        with self._database.reading() as connection:
            counts: dict[str, int] = dict(connection.execute(counted).tuples().all())
            return counts, list(connection.execute(chosen).tuples())
