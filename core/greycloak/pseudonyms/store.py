"""The pseudonym store: which key it belongs to, and its projects."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak.pseudonyms.audit import Audit
from greycloak.pseudonyms.database import ConflictError, Database
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.migrations import SCHEMA_VERSION, migrate, number_the_rest
from greycloak.pseudonyms.tables import projects, properties, subjects, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pseudonyms.keys import InstallationKey


DERIVATION = 2
"""How UIDs derive in new projects; those that are there keep their version."""


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """What the store says of a project.

    Attributes
    ----------
    id : int
        Its number in the store.
    created : float
        When it was made (Unix time).
    derived_with, sealed_with : int
        The versions of the key that its derivations and its sealed records rest on.
    derivation : int
        How its UIDs derive: ``1``, by their originals alone; ``2``, by the subject as well.
    terms : dict
        What it has agreed on so far.
    """

    id: int
    created: float
    derived_with: int
    sealed_with: int
    derivation: int = DERIVATION
    terms: dict[str, Any] = field(default_factory=dict)


class Store:
    """A connection to the store; opens the database, and makes its tables the first time.

    Parameters
    ----------
    url : str
        As SQLAlchemy writes it: ``sqlite:////var/lib/greycloak/store.sqlite``.

    Attributes
    ----------
    database : Database
        Where everything is.

    Raises
    ------
    StoreError
        If the database cannot be opened, or a newer Greycloak made it.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url, durable=True)
        if self._schema() == SCHEMA_VERSION and not self._lacks_numbers():
            return
        with self.database.writing() as connection:
            lock_schema(connection)
            migrate(connection)
            if sa.inspect(connection).has_table("subjects"):
                number_the_rest(connection)
            tables.create_all(connection)
            remember(connection, "schema", str(SCHEMA_VERSION))

    def _schema(self) -> int:
        """Return the schema that is there; 0 if there is none."""
        with self.database.reading() as connection:
            if not sa.inspect(connection).has_table("properties"):
                return 0
            found = connection.scalar(sa.select(properties.c.value).where(properties.c.name == "schema"))
            return int(found or 0)

    def _lacks_numbers(self) -> bool:
        """Tell whether an older Greycloak has recorded subjects after a newer one has migrated the store."""
        with self.database.reading() as connection:
            if connection.scalar(sa.select(properties.c.value).where(properties.c.name == "came-from")) is None:
                return False
            return connection.scalar(sa.select(subjects.c.id).where(subjects.c.number.is_(None)).limit(1)) is not None

    def owners(self) -> dict[int, str]:
        """Return the fingerprints of the key versions that the store belongs to; empty if nobody has claimed it."""
        with self.database.reading() as connection:
            return self.owners_in(connection)

    @staticmethod
    def owners_in(connection: sa.Connection) -> dict[int, str]:
        """Return the same, as a transaction sees it."""
        wanted = sa.select(properties.c.name, properties.c.value).where(properties.c.name.like("key%"))
        return {int(row.name.partition("-")[2] or 1): row.value for row in connection.execute(wanted)}

    def claim(self, key: InstallationKey) -> None:
        """Bind the store to a key, for good.

        Raises
        ------
        StoreError
            If it belongs to another one, or to a newer version of it.
        """
        owners = self.owners()
        if not owners:
            with suppress(ConflictError), self.database.writing() as connection:
                remember(connection, "key", key.fingerprint(1))
            owners = self.owners()
        mine = key.fingerprints()
        for version, owner in sorted(owners.items()):
            if mine.get(version) is None:
                raise StoreError(
                    f"the key was rotated: the store needs version {version} of it (fingerprint {owner}), and this is "
                    f"version {key.version}"
                )
            if mine[version] != owner:
                raise StoreError(
                    f"the pseudonym store belongs to the key with fingerprint {owner}, not to {mine[version]}"
                )

    def begin_audit(self, key: InstallationKey) -> None:
        """Write the head of an empty audit, if there is none yet."""
        log = self.audit(key)
        with self.database.reading() as connection:
            if log.is_begun(connection):
                return
        with suppress(ConflictError), self.database.writing() as connection:
            if not log.is_begun(connection):
                remember(connection, "audit-head", log.empty_head())

    def audit(self, key: InstallationKey) -> Audit:
        """Return the store's audit."""
        return Audit(self.database, key.audit_key())

    def open_project(self, name: str, version: int) -> ProjectRow:
        """Return a project; made when it is new, with a version of the key.

        Parameters
        ----------
        name : str
            Its name.
        version : int
            The newest version of the key.
        """
        found = self.find_project(name)
        if found is None:
            new = {"name": name, "created": time.time(), "derived_with": version, "sealed_with": version}
            new |= {"derivation": DERIVATION}
            with suppress(ConflictError), self.database.writing() as connection:  # another process may make it as well
                if connection.execute(_named(name)).first() is None:
                    connection.execute(projects.insert().values(new))
            found = self.find_project(name)
        assert found is not None
        return found

    def adopt_project(self, name: str, row: ProjectRow) -> ProjectRow:
        """Return a project; made when it is new, as another store has it.

        Parameters
        ----------
        name : str
            Its name.
        row : ProjectRow
            What the other store says of it.
        """
        found = self.find_project(name)
        if found is None:
            new = {"name": name, "created": row.created, "derived_with": row.derived_with, "derivation": row.derivation}
            new |= {"sealed_with": row.sealed_with, "terms": json.dumps(row.terms)}
            with self.database.writing() as connection:
                connection.execute(projects.insert().values(new))
            found = self.find_project(name)
        assert found is not None
        return found

    def find_project(self, name: str) -> ProjectRow | None:
        """Return a project, or None if there is none of this name."""
        with self.database.reading() as connection:
            found = connection.execute(_named(name)).first()
        if found is None:
            return None
        versions = found.derived_with, found.sealed_with, found.derivation
        return ProjectRow(found.id, float(found.created), *versions, _terms(found.terms))

    def terms(self, project: int) -> dict[str, Any]:
        """Return the terms of a project."""
        with self.database.reading() as connection:
            return _terms(connection.scalar(sa.select(projects.c.terms).where(projects.c.id == project)))

    def agree(
        self, project: int, terms: dict[str, Any], first: Callable[[sa.Connection, dict[str, Any]], None]
    ) -> dict[str, Any]:
        """Add terms that a project does not have yet, and return all.

        Parameters
        ----------
        project : int
            The project.
        terms : dict
            Terms as somebody wants to work with; those that the project has stay.
        first : callable
            Is called inside the transaction with the terms that are new.
        """
        known = self.terms(project)
        if set(terms) <= set(known):
            return known
        with self.database.writing() as connection:
            row = sa.select(projects.c.terms).where(projects.c.id == project).with_for_update()
            before = _terms(connection.scalar(row))
            known = terms | before
            first(connection, {term: value for term, value in terms.items() if term not in before})
            connection.execute(projects.update().where(projects.c.id == project).values(terms=json.dumps(known)))
        return known

    def project_names(self) -> list[str]:
        """Return the names of all projects."""
        with self.database.reading() as connection:
            return list(connection.scalars(sa.select(projects.c.name).order_by(projects.c.name)))

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def _named(name: str) -> sa.Select[Any]:
    return sa.select(projects).where(projects.c.name == name)


def _terms(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}


def lock_schema(connection: sa.Connection) -> None:
    """Let others that make or migrate tables wait; in SQLite, whoever writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(7239871236128936)"))


def remember(connection: sa.Connection, name: str, value: str) -> str:
    """Return a property of the store, set to ``value`` if it is not set yet."""
    found = connection.scalar(sa.select(properties.c.value).where(properties.c.name == name))
    if found is None:
        connection.execute(properties.insert().values(name=name, value=value))
    return value if found is None else str(found)
