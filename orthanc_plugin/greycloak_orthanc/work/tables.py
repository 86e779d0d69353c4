"""The tables of the queue, in the database of the pseudonym store."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

_ORTHANC_ID = sa.String(44)


class State(StrEnum):
    """What has become of a piece of work."""

    PENDING = "pending"
    CLAIMED = "claimed"
    DONE = "done"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    SKIPPED = "skipped"


UNFINISHED = (State.PENDING, State.CLAIMED)
REFUSED = (State.QUARANTINED, State.FAILED)

_tables = sa.MetaData()


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, default=False, server_default=sa.false())


def _time(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float, nullable=False)


jobs = sa.Table(
    "orthanc_jobs",
    _tables,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("node", sa.String(100), nullable=False),
    sa.Column("level", sa.String(10), nullable=False),
    sa.Column("resource", _ORTHANC_ID, nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
    sa.Column("project", sa.String(32), nullable=False),
    sa.Column("permissive", sa.Boolean, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    _time("created"),
    sa.Column("anonymizes", sa.Boolean, nullable=False, default=True, server_default=sa.true()),
)
work = sa.Table(
    "orthanc_work",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("node", sa.String(100), nullable=False),
    sa.Column("job", sa.String(36), nullable=False),
    sa.Column("instance", _ORTHANC_ID, nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
    sa.Column("project", sa.String(32), nullable=False),
    sa.Column("keep_source", sa.Boolean, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    _time("due"),
    sa.Column("claim", sa.String(36), nullable=False),
    _time("updated"),
    sa.Column("reason", sa.String(40), nullable=False, default=""),
    sa.Column("detail", sa.String(200), nullable=False, default=""),
    sa.Column("output_patient", _ORTHANC_ID, nullable=False, default=""),
    sa.Column("output_study", _ORTHANC_ID, nullable=False, default=""),
    sa.Column("output_series", _ORTHANC_ID, nullable=False, default=""),
    sa.Column("output_instance", _ORTHANC_ID, nullable=False, default=""),
    _no("replaces"),
    _no("forced"),
    sa.UniqueConstraint("node", "job", "instance", "profile", "project"),
    sa.Index("orthanc_work_next", "node", "state", "rank", "id"),
    sa.Index("orthanc_work_job", "job", "state"),
    sa.Index("orthanc_work_instance", "node", "instance"),
)
quarantine = sa.Table(
    "orthanc_quarantine",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("node", sa.String(100), nullable=False),
    sa.Column("instance", _ORTHANC_ID, nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
    sa.Column("project", sa.String(32), nullable=False),
    sa.Column("job", sa.String(36), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("detail", sa.String(200), nullable=False),
    _time("first_seen"),
    _time("last_seen"),
    sa.Column("count", sa.Integer, nullable=False),
    sa.UniqueConstraint("node", "instance", "profile", "project"),
    sa.Index("orthanc_quarantine_latest", "node", "last_seen"),
)
outputs = sa.Table("orthanc_outputs", _tables, sa.Column("instance", _ORTHANC_ID, primary_key=True))
bookmarks = sa.Table(
    "orthanc_bookmarks",
    _tables,
    sa.Column("node", sa.String(100), primary_key=True),
    sa.Column("change", sa.BigInteger, nullable=False),
)
beats = sa.Table("orthanc_beats", _tables, sa.Column("node", sa.String(100), primary_key=True), _time("at"))


def create_tables(connection: sa.Connection) -> None:
    """Create what is missing: tables, and of tables that an earlier version has made, columns and indexes."""
    had_quarantine = sa.inspect(connection).has_table(quarantine.name)
    _tables.create_all(connection)
    inspector = sa.inspect(connection)
    for table in _tables.sorted_tables:
        known = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                definition = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
        found = {index["name"] for index in inspector.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in found:
                index.create(connection)
    if not had_quarantine:
        connection.execute(_earlier_refusals())


def _earlier_refusals() -> sa.Insert:
    """Fill the quarantine with what was refused before it had a table of its own."""
    key = (work.c.node, work.c.instance, work.c.profile, work.c.project)
    rows = sa.select(
        *key,
        sa.func.max(work.c.job),
        sa.func.max(work.c.state),
        sa.func.max(work.c.reason),
        sa.literal(""),
        sa.func.min(work.c.updated),
        sa.func.max(work.c.updated),
        sa.func.count(),
    )
    columns = ["node", "instance", "profile", "project", "job", "state", "reason", "detail", "first_seen", "last_seen"]
    return quarantine.insert().from_select([*columns, "count"], rows.where(work.c.state.in_(REFUSED)).group_by(*key))
