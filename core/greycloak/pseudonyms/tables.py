"""The tables of the pseudonym store."""

from __future__ import annotations

import sqlalchemy as sa

tables = sa.MetaData()

properties = sa.Table(
    "properties",
    tables,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)
projects = sa.Table(
    "projects",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(32), nullable=False, unique=True),
    sa.Column("created", sa.Float, nullable=False),
    # Versions of the key: what the project derives rests on one for ever, what is sealed on the newest.
    sa.Column("derived_with", sa.Integer, nullable=False, default=1),
    sa.Column("sealed_with", sa.Integer, nullable=False, default=1),
    # How many subjects the project has ever had.
    sa.Column("counter", sa.Integer, nullable=False, default=0),
    # How UIDs derive: 1, by their originals alone; 2, by the subject as well (`Project.derive_uid`).
    sa.Column("derivation", sa.Integer, nullable=False, default=1),
    # As JSON; empty until an engine has said it.
    sa.Column("terms", sa.Text, nullable=False, default=""),
)
subjects = sa.Table(
    "subjects",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("project", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("look_up", sa.LargeBinary(32), nullable=False),
    sa.Column("pseudonym", sa.String(64), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    # What a list of given pseudonyms says beside them; null where it says nothing.
    sa.Column("given_name", sa.String(64)),
    sa.Column("given_days", sa.Integer),
    # Keyed hashes of the name and the birth date that came first; empty where there was none.
    sa.Column("name_token", sa.LargeBinary(16), nullable=False, default=b""),
    sa.Column("birth_token", sa.LargeBinary(16), nullable=False, default=b""),
    # The same of Issuer of Patient ID, where it tells no subjects apart.
    sa.Column("issuer_token", sa.LargeBinary(16), nullable=False, default=b""),
    sa.Column("merged_into", sa.ForeignKey("subjects.id")),
    sa.UniqueConstraint("project", "look_up"),
    sa.UniqueConstraint("project", "pseudonym"),
    sa.UniqueConstraint("project", "number"),
)
studies = sa.Table(
    "studies",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("subject", sa.ForeignKey("subjects.id"), nullable=False),
    sa.Column("project", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("new_uid", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    # Keyed hash of the original UID; empty where a Greycloak before schema 4 has recorded the study.
    sa.Column("original", sa.LargeBinary(16), nullable=False, default=b""),
    sa.UniqueConstraint("project", "new_uid"),
    sa.Index("studies_subject", "subject"),
    sa.Index("studies_original", "project", "original"),
)
series = sa.Table(
    "series",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study", sa.ForeignKey("studies.id"), nullable=False),
    sa.Column("new_uid", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("study", "new_uid"),
)
audit = sa.Table(
    "audit",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("chain", sa.LargeBinary(32), nullable=False),
)
