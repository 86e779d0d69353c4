"""Bring a store that an earlier Greycloak made to the schema of today; each step runs once, inside one transaction."""

from __future__ import annotations

import sqlalchemy as sa

from greycloak.pseudonyms.errors import StoreError

SCHEMA_VERSION = 2
"""Of the tables of the pseudonym store."""


def migrate(connection: sa.Connection) -> None:
    """Run the steps that a store still lacks; a store without tables needs none.

    Raises
    ------
    StoreError
        If a newer Greycloak made the store.
    """
    if not sa.inspect(connection).has_table("properties"):
        return
    text = connection.scalar(sa.text("SELECT value FROM properties WHERE name = 'schema'"))
    found = SCHEMA_VERSION if text is None else int(text)
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"the pseudonym store has schema {found}, made by a newer Greycloak; "
            f"this one knows schemas up to {SCHEMA_VERSION}"
        )
    for version in range(found, SCHEMA_VERSION):
        _STEPS[version](connection)
    connection.execute(sa.text("UPDATE properties SET value = :v WHERE name = 'schema'"), {"v": str(SCHEMA_VERSION)})


def _number_subjects(connection: sa.Connection) -> None:
    """From 1 to 2: subjects have numbers, in the order in which they came."""
    connection.execute(sa.text("ALTER TABLE subjects ADD COLUMN number INTEGER"))
    connection.execute(
        sa.text(
            "UPDATE subjects SET number = "
            "(SELECT count(*) FROM subjects AS s WHERE s.project = subjects.project AND s.id <= subjects.id)"
        )
    )
    connection.execute(sa.text("CREATE UNIQUE INDEX subjects_number ON subjects (project, number)"))


_STEPS = {1: _number_subjects}
