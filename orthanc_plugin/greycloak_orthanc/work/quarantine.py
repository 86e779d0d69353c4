"""What did not go through and is still here: one entry for each original and the way in which it was tried.

An entry goes when its original goes through in the project after all, when the original is gone, or when somebody
dismisses it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak_orthanc.work.tables import REFUSED, State, quarantine

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from greycloak.pseudonyms.database import Database
    from greycloak_orthanc.work.items import Done

GONE = "instance-gone"
"""Reason of what was deleted before its turn came."""

_LONGEST_DETAIL = 200


def note_outcomes(connection: sa.Connection, database: Database, node: str, outcomes: Iterable[Done]) -> None:
    """Add, count again or resolve the entries of originals whose work has ended."""
    now = time.time()
    for done in outcomes:
        item = done.item
        mine = sa.and_(quarantine.c.node == node, quarantine.c.instance == item.instance)
        if done.reason == GONE:
            connection.execute(quarantine.delete().where(mine))
        elif done.state == State.DONE:
            connection.execute(quarantine.delete().where(mine, quarantine.c.project == item.project))
        elif done.state in REFUSED:
            latest = {
                "job": item.job,
                "state": done.state,
                "reason": done.reason,
                "detail": done.detail[:_LONGEST_DETAIL],
                "last_seen": now,
            }
            key = {"node": node, "instance": item.instance, "profile": item.profile, "project": item.project}
            row = database.insert(quarantine).values(key | latest | {"first_seen": now, "count": 1})
            again = latest | {"count": quarantine.c.count + 1}
            connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=again))


class Quarantine:
    """The entries of one Orthanc.

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

    def entries(self, limit: int = 1000) -> list[dict[str, Any]]:
        """Return entries, the latest first."""
        mine = sa.select(quarantine).where(quarantine.c.node == self._node)
        with self._database.reading() as connection:
            rows = connection.execute(mine.order_by(quarantine.c.last_seen.desc(), quarantine.c.id).limit(limit))
            return [dict(row) for row in rows.mappings()]

    def entry(self, number: int) -> dict[str, Any] | None:
        """Return an entry, or None."""
        one = sa.select(quarantine).where(quarantine.c.node == self._node, quarantine.c.id == number)
        with self._database.reading() as connection:
            row = connection.execute(one).mappings().first()
        return None if row is None else dict(row)

    def dismiss(self, number: int) -> None:
        """Take an entry off the list."""
        with self._database.writing() as connection:
            connection.execute(quarantine.delete().where(quarantine.c.node == self._node, quarantine.c.id == number))

    def forget(self, instances: Collection[str]) -> None:
        """Take the entries of originals off the list that are gone."""
        gone = sa.and_(quarantine.c.node == self._node, quarantine.c.instance.in_(instances))
        with self._database.writing() as connection:
            connection.execute(quarantine.delete().where(gone))

    def reasons(self) -> dict[str, int]:
        """Return how many entries there are, by reason."""
        counted = sa.select(quarantine.c.reason, sa.func.count()).where(quarantine.c.node == self._node)
        with self._database.reading() as connection:
            return dict(connection.execute(counted.group_by(quarantine.c.reason)).tuples().all())
