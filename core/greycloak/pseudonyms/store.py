"""The store of subjects: SQLite by default, any number of threads and processes."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from greycloak.outcomes import Refused
from greycloak.pseudonyms.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

SCHEMA_VERSION = 1
BUSY_TIMEOUT = 30
"""Seconds to wait for another process that writes."""

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
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.UniqueConstraint("project", "look_up"),
    sa.UniqueConstraint("project", "pseudonym"),
)


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
        self._engine = _open(url)
        with self.writing() as connection:
            tables.create_all(connection)
            found = _remember(connection, "schema", str(SCHEMA_VERSION))
        if int(found) > SCHEMA_VERSION:
            message = (
                f"the pseudonym store has schema {found}, made by a newer Greycloak; "
                f"this one knows schemas up to {SCHEMA_VERSION}"
            )
            raise StoreError(message)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads."""
        with _plain_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction that writes: committed as a whole, or not at all."""
        with _plain_errors(), self._engine.execution_options(greycloak_writes=True).begin() as connection:
            yield connection

    def owner(self) -> str | None:
        """Return the fingerprint of the key that the store belongs to; None if nobody has claimed it."""
        with self.reading() as connection:
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
            with self.writing() as connection:
                owner = _remember(connection, "key", fingerprint)
        if owner != fingerprint:
            message = f"the pseudonym store belongs to the key with fingerprint {owner}, not to {fingerprint}"
            raise StoreError(message)

    def open_project(self, name: str) -> int:
        """Return the id of a project, made when it is new."""
        wanted = sa.select(projects.c.id).where(projects.c.name == name)
        with self.reading() as connection:
            found = connection.scalar(wanted)
        if found is None:
            with self.writing() as connection:
                found = connection.scalar(wanted)
                if found is None:
                    new = projects.insert().values(name=name, created=time.time()).returning(projects.c.id)
                    found = connection.execute(new).scalar_one()
        return int(found)

    def project_names(self) -> list[str]:
        """Return the names of all projects."""
        with self.reading() as connection:
            return list(connection.scalars(sa.select(projects.c.name).order_by(projects.c.name)))

    def find_subject(self, project: int, look_up: bytes) -> str | None:
        """Return the pseudonym that is recorded for an identity."""
        with self.reading() as connection:
            return _pseudonym(connection, project, look_up)

    def record_subject(self, project: int, look_up: bytes, pseudonym: str, sealed: bytes) -> str:
        """Record a new subject and return its pseudonym; whoever comes second gets what the first recorded.

        Raises
        ------
        Refused
            If the pseudonym belongs to another subject of the project.
        """
        try:
            with self.writing() as connection:
                found = _pseudonym(connection, project, look_up)
                if found is None:
                    row = {"project": project, "look_up": look_up, "pseudonym": pseudonym, "sealed": sealed}
                    connection.execute(subjects.insert().values(**row, created=time.time()))
                    found = pseudonym
                return found
        except _ConflictError as conflict:
            first = self.find_subject(project, look_up)
            if first is None:
                raise Refused("pseudonym-clash") from conflict
            return first

    def sealed_identity(self, project: int, pseudonym: str) -> SealedIdentity | None:
        """Return what the store holds about the subject behind a pseudonym."""
        wanted = sa.select(subjects.c.look_up, subjects.c.sealed).where(
            subjects.c.project == project, subjects.c.pseudonym == pseudonym
        )
        with self.reading() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else SealedIdentity(row.look_up, row.sealed)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


class _ConflictError(StoreError):
    """Another process recorded it first."""


def _pseudonym(connection: sa.Connection, project: int, look_up: bytes) -> str | None:
    wanted = sa.select(subjects.c.pseudonym).where(subjects.c.project == project, subjects.c.look_up == look_up)
    return connection.scalar(wanted)


def _remember(connection: sa.Connection, name: str, value: str) -> str:
    """Return a property of the store, set to ``value`` if it is not set yet."""
    found = connection.scalar(sa.select(properties.c.value).where(properties.c.name == name))
    if found is None:
        connection.execute(properties.insert().values(name=name, value=value))
    return value if found is None else str(found)


def _open(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed)
        return sa.create_engine(parsed, pool_pre_ping=True)
    except (SQLAlchemyError, NoSuchModuleError, ImportError) as error:
        message = f"cannot use the pseudonym store: {_said(error)}"
        raise StoreError(message) from error
    except OSError as error:
        message = f"cannot open the pseudonym store {error.filename}: {error.strerror}"
        raise StoreError(message) from error


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if url.database:
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite would make the file with the process's umask; its journals take over the mode of the file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says so
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes the lock at once: one that began as a reader could not wait for it.
        writes = connection.get_execution_options().get("greycloak_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn SQLAlchemy's errors into ours: theirs show statements with their values."""
    try:
        yield
    except IntegrityError as error:
        raise _ConflictError(_said(error)) from None
    except SQLAlchemyError as error:
        message = f"the pseudonym store cannot be used now: {_said(error)}"
        raise StoreError(message) from None


def _said(error: Exception) -> str:
    """Return what the database said, without statement and parameters."""
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)
