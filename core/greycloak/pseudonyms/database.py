"""A database: SQLite by default, any number of threads and processes; PostgreSQL when several nodes share it."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from greycloak.pseudonyms.errors import StoreError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

BUSY_TIMEOUT = 30
"""Seconds to wait for another process that writes."""


_IMPATIENT = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "options": "-c statement_timeout=20000"}
"""For PostgreSQL: one that does not answer must not hold up those who wait for us."""


class ConflictError(StoreError):
    """Another process recorded it first."""


class Database:
    """Transactions on a database, with errors that show no values.

    Parameters
    ----------
    url : str
        As SQLAlchemy writes it: ``sqlite:////var/lib/greycloak/store.sqlite``.
    durable : bool
        Whether a transaction that was committed survives even a power failure. Without it, it survives whatever
        happens to the process, and a power failure takes back the last ones as a whole.

    Raises
    ------
    StoreError
        If it cannot be opened.
    """

    def __init__(self, url: str, *, durable: bool) -> None:
        try:
            parsed = sa.make_url(url)
            is_sqlite = parsed.get_backend_name() == "sqlite"
            self._engine = (
                _sqlite(parsed, durable=durable)
                if is_sqlite
                else sa.create_engine(parsed, pool_pre_ping=True, pool_timeout=BUSY_TIMEOUT, connect_args=_IMPATIENT)
            )
        except (SQLAlchemyError, ImportError) as error:
            raise StoreError(f"cannot use the pseudonym store: {_said(error)}") from None
        except OSError as error:
            raise StoreError(f"cannot open the pseudonym store {error.filename}: {error.strerror}") from None

    @property
    def dialect(self) -> str:
        """Return which database it is: ``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    def insert(self, table: sa.Table) -> Any:  # noqa: ANN401  the two have no type in common
        """Return an insertion that can say what happens on a conflict: every database has one of its own."""
        return {"sqlite": sqlite, "postgresql": postgresql}[self.dialect].insert(table)

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

    def wipe(self) -> None:
        """See that what was deleted is not left in the file; a database that is a server cares for itself."""
        if self.dialect == "sqlite":
            with _plain_errors(), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def back_up(self, path: Path) -> None:
        """Copy a SQLite database to a new file, whatever others are doing with it.

        Raises
        ------
        StoreError
            If it is no SQLite database, the file exists, or it cannot be written.
        """
        if self.dialect != "sqlite":
            raise StoreError("a store in PostgreSQL is backed up with pg_dump")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise StoreError(f"cannot write {path}: {error.strerror}") from None
        try:
            with _plain_errors(), self._engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("VACUUM INTO ?", (str(path),))
        except StoreError:
            path.unlink(missing_ok=True)
            raise

    def problems(self) -> list[str]:
        """Return what a check of the database finds; empty if it is sound."""
        if self.dialect != "sqlite":
            return []
        with self.reading() as connection:
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(10)")]
            loose = len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())
        return [line for line in found if line != "ok"] + ([f"{loose} records belong to nothing"] if loose else [])

    def close(self) -> None:
        """Let go of all connections; they open again when needed."""
        self._engine.dispose()


def _sqlite(url: sa.URL, *, durable: bool) -> sa.Engine:
    if url.database:
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite would make the file with the process's umask; its journals take over the mode of the file. One that is
        # there must not be opened beside SQLite: closing it would drop the locks that this process holds on it (POSIX),
        # and whoever leaves the database next would take himself for the last one, and take its journal away.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    # One in memory is gone with its connection: there is one, and threads wait for it.
    pool: dict[str, Any] = {} if url.database else {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0}
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False}, **pool)
    synchronous = "FULL" if durable else "NORMAL"

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says so
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "secure_delete=ON"):
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
        raise ConflictError(_said(error)) from None
    except SQLAlchemyError as error:
        raise StoreError(f"the pseudonym store cannot be used now: {_said(error)}") from None


def _said(error: Exception) -> str:
    """Return what the database said, without statement and parameters."""
    return str(error.orig).splitlines()[0] if isinstance(error, DBAPIError) else str(error)
