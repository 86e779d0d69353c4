"""The tables of the queue, in the database of the pseudonym store."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa

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

tables = sa.MetaData()
jobs = sa.Table(
    "orthanc_jobs",
    tables,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("node", sa.String(100), nullable=False),
    sa.Column("level", sa.String(10), nullable=False),
    sa.Column("resource", _ORTHANC_ID, nullable=False),
    sa.Column("profile", sa.String(64), nullable=False),
    sa.Column("project", sa.String(32), nullable=False),
    sa.Column("permissive", sa.Boolean, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
work = sa.Table(
    "orthanc_work",
    tables,
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
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("claim", sa.String(36), nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("reason", sa.String(40), nullable=False, default=""),
    sa.Column("detail", sa.String(200), nullable=False, default=""),
    sa.Column("output_patient", _ORTHANC_ID, nullable=False, default=""),
    sa.Column("output_study", _ORTHANC_ID, nullable=False, default=""),
    sa.Column("output_series", _ORTHANC_ID, nullable=False, default=""),
    sa.Column("output_instance", _ORTHANC_ID, nullable=False, default=""),
    sa.UniqueConstraint("node", "job", "instance", "profile", "project"),
    sa.Index("orthanc_work_next", "node", "state", "rank", "id"),
    sa.Index("orthanc_work_job", "job", "state"),
)
outputs = sa.Table("orthanc_outputs", tables, sa.Column("instance", _ORTHANC_ID, primary_key=True))
bookmarks = sa.Table(
    "orthanc_bookmarks",
    tables,
    sa.Column("node", sa.String(100), primary_key=True),
    sa.Column("change", sa.BigInteger, nullable=False),
)
