"""The store of subjects: SQLite by default, any number of threads and processes."""

from __future__ import annotations

import time
from typing import NamedTuple

import sqlalchemy as sa

from greycloak.outcomes import Refused
from greycloak.pseudonyms.database import ConflictError, Database
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.migrations import SCHEMA_VERSION, migrate

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
    sa.UniqueConstraint("project", "look_up"),
    sa.UniqueConstraint("project", "pseudonym"),
    sa.UniqueConstraint("project", "number"),
)


class RecordedSubject(NamedTuple):
    """A subject as the store knows it: its pseudonym, and its number in the project from 1."""

    pseudonym: str
    number: int


class SealedIdentity(NamedTuple):
    """A subject's original identity as the store holds it."""

    look_up: bytes
    sealed: bytes


class Store:
    """A connection to the store; opens the database, and makes its tables the first time.

    Parameters
    ----------
    url : str
        As SQLAlchemy writes it: ``sqlite:////var/lib/greycloak/store.sqlite``.

    Raises
    ------
    StoreError
        If the database cannot be opened, or a newer Greycloak made it.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url, durable=True)
        with self._database.writing() as connection:
            migrate(connection)
            tables.create_all(connection)
            _remember(connection, "schema", str(SCHEMA_VERSION))

    def owner(self) -> str | None:
        """Return the fingerprint of the key that the store belongs to; None if nobody has claimed it."""
        with self._database.reading() as connection:
            return connection.scalar(sa.select(properties.c.value).where(properties.c.name == "key"))

    def claim(self, fingerprint: str) -> None:
        """Bind the store to a key, for good.

        Raises
        ------
        StoreError
            If it belongs to another one.
        """
        owner = self.owner()
        if owner is None:
            with self._database.writing() as connection:
                owner = _remember(connection, "key", fingerprint)
        if owner != fingerprint:
            raise StoreError(f"the pseudonym store belongs to the key with fingerprint {owner}, not to {fingerprint}")

    def open_project(self, name: str) -> tuple[int, float]:
        """Return the id of a project, and when it was made (Unix time); it is made when it is new."""
        wanted = sa.select(projects.c.id, projects.c.created).where(projects.c.name == name)
        with self._database.reading() as connection:
            found = connection.execute(wanted).first()
        if found is None:
            with self._database.writing() as connection:
                found = connection.execute(wanted).first()
                if found is None:
                    new = projects.insert().values(name=name, created=time.time())
                    found = connection.execute(new.returning(projects.c.id, projects.c.created)).one()
        return int(found.id), float(found.created)

    def project_names(self) -> list[str]:
        """Return the names of all projects."""
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(projects.c.name).order_by(projects.c.name)))

    def find_subject(self, project: int, look_up: bytes) -> RecordedSubject | None:
        """Return the subject that is recorded for an identity."""
        with self._database.reading() as connection:
            return _recorded(connection, project, look_up)

    def record_subject(self, project: int, look_up: bytes, pseudonym: str, sealed: bytes) -> RecordedSubject:
        """Record a new subject and return it; whoever comes second gets what the first recorded.

        Raises
        ------
        Refused
            If the pseudonym belongs to another subject of the project.
        """
        try:
            with self._database.writing() as connection:
                # Whoever writes this row waits here for others that record a subject of the same project.
                connection.execute(sa.select(projects.c.id).where(projects.c.id == project).with_for_update())
                found = _recorded(connection, project, look_up)
                if found is None:
                    last = connection.scalar(
                        sa.select(sa.func.max(subjects.c.number)).where(subjects.c.project == project)
                    )
                    found = RecordedSubject(pseudonym, (last or 0) + 1)
                    row = {"project": project, "look_up": look_up, "sealed": sealed, "created": time.time()}
                    connection.execute(subjects.insert().values(**row, **found._asdict()))
                return found
        except ConflictError as conflict:
            first = self.find_subject(project, look_up)
            if first is None:
                raise Refused("pseudonym-clash") from conflict
            return first

    def sealed_identity(self, project: int, pseudonym: str) -> SealedIdentity | None:
        """Return what the store holds about the subject behind a pseudonym."""
        wanted = sa.select(subjects.c.look_up, subjects.c.sealed).where(
            subjects.c.project == project, subjects.c.pseudonym == pseudonym
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else SealedIdentity(row.look_up, row.sealed)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def _recorded(connection: sa.Connection, project: int, look_up: bytes) -> RecordedSubject | None:
    wanted = sa.select(subjects.c.pseudonym, subjects.c.number).where(
        subjects.c.project == project, subjects.c.look_up == look_up
    )
    row = connection.execute(wanted).first()
    return None if row is None else RecordedSubject(row.pseudonym, row.number)


def _remember(connection: sa.Connection, name: str, value: str) -> str:
    """Return a property of the store, set to ``value`` if it is not set yet."""
    found = connection.scalar(sa.select(properties.c.value).where(properties.c.name == name))
    if found is None:
        connection.execute(properties.insert().values(name=name, value=value))
    return value if found is None else str(found)
