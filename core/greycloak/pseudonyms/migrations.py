"""Bring a store that an earlier Greycloak made to the schema of today; each step runs once, inside one transaction."""

from __future__ import annotations

import sqlalchemy as sa

from greycloak.pseudonyms.errors import StoreError

SCHEMA_VERSION = 4
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
    if found == SCHEMA_VERSION:
        return
    words = {"binary": "BYTEA", "nothing": "''"} if connection.dialect.name == "postgresql" else _SQLITE_WORDS
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))  # a large store takes its time
    has_studies = sa.inspect(connection).has_table("studies")
    for version in range(found, SCHEMA_VERSION):
        for statement in (*_STEPS[version], *(_STEPS_OF_STUDIES.get(version, ()) if has_studies else ())):
            connection.execute(sa.text(statement.format_map(words)))
    connection.execute(sa.text("UPDATE properties SET value = :v WHERE name = 'schema'"), {"v": str(SCHEMA_VERSION)})


NUMBER_SUBJECTS = """
    UPDATE subjects SET number = counted.number
    FROM (SELECT id, row_number() OVER (PARTITION BY project ORDER BY id) AS number FROM subjects) AS counted
    WHERE counted.id = subjects.id
"""
_SQLITE_WORDS = {"binary": "BLOB", "nothing": "x''"}
_STEPS = {
    # Subjects have numbers, in the order in which they came. (A Greycloak that knows none may still be running.)
    1: (
        "INSERT INTO properties (name, value) VALUES ('came-from', '1')",
        "ALTER TABLE subjects ADD COLUMN number INTEGER",
        NUMBER_SUBJECTS,
        "CREATE UNIQUE INDEX subjects_number ON subjects (project, number)",
    ),
    # Keys have versions, projects their terms, subjects what a list says of them. (Other tables are made as new.)
    2: (
        "ALTER TABLE projects ADD COLUMN derived_with INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE projects ADD COLUMN sealed_with INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE projects ADD COLUMN counter INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE projects ADD COLUMN terms TEXT NOT NULL DEFAULT ''",
        "UPDATE projects SET counter = (SELECT count(*) FROM subjects WHERE subjects.project = projects.id)",
        'UPDATE projects SET terms = \'{{"id": "hash"}}\' WHERE counter > 0',
        "ALTER TABLE subjects ADD COLUMN given_name VARCHAR(64)",
        "ALTER TABLE subjects ADD COLUMN given_days INTEGER",
        "ALTER TABLE subjects ADD COLUMN name_token {binary} NOT NULL DEFAULT {nothing}",
        "ALTER TABLE subjects ADD COLUMN birth_token {binary} NOT NULL DEFAULT {nothing}",
        "ALTER TABLE subjects ADD COLUMN merged_into INTEGER REFERENCES subjects (id)",
    ),
    # Projects that are there derive as they did. Studies are found by their originals, for two subjects may share one.
    3: (
        "ALTER TABLE projects ADD COLUMN derivation INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE subjects ADD COLUMN issuer_token {binary} NOT NULL DEFAULT {nothing}",
    ),
}
_STEPS_OF_STUDIES = {
    3: (
        "ALTER TABLE studies ADD COLUMN original {binary} NOT NULL DEFAULT {nothing}",
        "CREATE INDEX studies_original ON studies (project, original)",
    ),
}
"""What the table of studies lacks; where there is none yet, it is made as new."""


def number_the_rest(connection: sa.Connection) -> None:
    """Give numbers to subjects that an older Greycloak has recorded without."""
    missing = "SELECT id, project FROM subjects WHERE number IS NULL ORDER BY id"
    for row in connection.execute(sa.text(missing)).all():
        connection.execute(sa.text("UPDATE projects SET counter = counter + 1 WHERE id = :p"), {"p": row.project})
        counter = "(SELECT counter FROM projects WHERE id = :p)"
        numbered = sa.text(f"UPDATE subjects SET number = {counter} WHERE id = :i")  # noqa: S608  nothing of it is foreign
        connection.execute(numbered, {"p": row.project, "i": row.id})
