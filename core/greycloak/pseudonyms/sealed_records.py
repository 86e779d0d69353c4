"""What the store holds of one project for those who look up who is who; and what they change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.matching import Matching
from greycloak.pseudonyms.tables import projects, series, studies, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from greycloak.pseudonyms.database import Database

_CHUNK = 1000
_ROTATED = "the key was rotated while this was running: start it again"
_AGREED = "the terms of the project were agreed while this was running: start it again"


class SealedSubject(NamedTuple):
    """A subject's original identity as the store holds it."""

    id: int
    pseudonym: str
    number: int
    look_up: bytes
    sealed: bytes
    merged_into: int | None


class SealedStudy(NamedTuple):
    """A study as the store holds it."""

    new_uid: str
    sealed: bytes
    pseudonym: str


@dataclass(frozen=True)
class SealedRecords:
    """What is recorded of one project.

    Attributes
    ----------
    database : Database
        Where it is.
    project : int
        The project.
    sealed_with : int
        The version of the key that it is to be sealed with.
    matching : Matching
        By what the project finds its subjects.
    """

    database: Database
    project: int
    sealed_with: int
    matching: Matching

    def check(self, sealed_with: int, terms: str | None) -> None:
        """Refuse to go on with a key or terms that are no longer the project's.

        Parameters
        ----------
        sealed_with : int
            What the project says now.
        terms : str or None
            The same, as JSON.

        Raises
        ------
        StoreError
            If they are others.
        """
        if sealed_with != self.sealed_with:
            raise StoreError(_ROTATED)
        if Matching.of_terms(json.loads(terms or "{}")) != self.matching:
            raise StoreError(_AGREED)

    def lock(self, connection: sa.Connection) -> int:
        """Be the only one to record in this project; return its counter."""
        columns = (projects.c.counter, projects.c.sealed_with, projects.c.terms)
        row = connection.execute(sa.select(*columns).where(projects.c.id == self.project).with_for_update()).one()
        self.check(row.sealed_with, row.terms)
        return int(row.counter)

    def sealed_subject(self, pseudonym: str) -> SealedSubject | None:
        """Return what the store holds about the subject behind a pseudonym."""
        found = list(self._sealed(subjects.c.pseudonym == pseudonym))
        return found[0] if found else None

    def sealed_subjects(self) -> Iterator[SealedSubject]:
        """Yield what the store holds about each subject, in the order of their numbers."""
        last = 0
        while True:
            rows = list(self._sealed(subjects.c.number > last))
            yield from rows
            if len(rows) < _CHUNK:
                return
            last = rows[-1].number

    def _sealed(self, condition: sa.ColumnElement[bool]) -> Iterator[SealedSubject]:
        columns = (
            subjects.c.id,
            subjects.c.pseudonym,
            subjects.c.number,
            subjects.c.look_up,
            subjects.c.sealed,
            subjects.c.merged_into,
        )
        wanted = sa.select(*columns).where(subjects.c.project == self.project, condition)
        with self.database.reading() as connection:
            rows = connection.execute(wanted.order_by(subjects.c.number).limit(_CHUNK)).all()
        for row in rows:
            yield SealedSubject(*row[:3], bytes(row.look_up), bytes(row.sealed), row.merged_into)

    def sealed_study(self, new_uid: str) -> tuple[bytes, str] | None:
        """Return the sealed original UID of a study, and its subject's pseudonym."""
        found = self._studies(studies.c.new_uid == new_uid)
        return (found[0].sealed, found[0].pseudonym) if found else None

    def studies_by_original(self, token: bytes) -> list[SealedStudy]:
        """Return what the store holds about an original study: as many as it has subjects."""
        return self._studies(studies.c.original == token)

    def _studies(self, condition: sa.ColumnElement[bool]) -> list[SealedStudy]:
        wanted = (
            sa.select(studies.c.new_uid, studies.c.sealed, subjects.c.pseudonym)
            .join(subjects, subjects.c.id == studies.c.subject)
            .where(studies.c.project == self.project, condition)
            .order_by(studies.c.id)
        )
        with self.database.reading() as connection:
            rows = connection.execute(wanted).all()
        return [SealedStudy(row.new_uid, bytes(row.sealed), row.pseudonym) for row in rows]

    def sealed_series(self, new_uid: str) -> bytes | None:
        """Return the sealed original UID of a series."""
        wanted = (
            sa.select(series.c.sealed)
            .join(studies, studies.c.id == series.c.study)
            .where(studies.c.project == self.project, series.c.new_uid == new_uid)
        )
        with self.database.reading() as connection:
            found = connection.scalar(wanted)
        return None if found is None else bytes(found)

    def studies_of(self, subject: int) -> list[tuple[str, bytes]]:
        """Return the studies of a subject: new UID, and sealed original."""
        wanted = sa.select(studies.c.new_uid, studies.c.sealed).where(studies.c.subject == subject)
        with self.database.reading() as connection:
            return [(row.new_uid, bytes(row.sealed)) for row in connection.execute(wanted.order_by(studies.c.id))]

    def merged_into(self, subject: int) -> list[SealedSubject]:
        """Return the subjects that were merged into another one."""
        return list(self._sealed(subjects.c.merged_into == subject))

    def merge(self, one: SealedSubject, into: SealedSubject, note: Callable[[sa.Connection], None]) -> None:
        """Let a subject, and all that were merged into it, be another one from now on.

        Raises
        ------
        StoreError
            If either has changed meanwhile.
        """
        with self.database.writing() as connection:
            self.lock(connection)
            for subject in (one, into):
                known = sa.select(subjects.c.merged_into).where(
                    subjects.c.id == subject.id, subjects.c.look_up == subject.look_up
                )
                row = connection.execute(known).first()
                if row is None or (subject is into and row.merged_into is not None):
                    raise StoreError("a subject was merged or erased meanwhile: look again")
            affected = sa.or_(subjects.c.id == one.id, subjects.c.merged_into == one.id)
            connection.execute(subjects.update().where(affected).values(merged_into=into.id))
            note(connection)

    def forget(self, subject: int, note: Callable[[sa.Connection], None]) -> None:
        """Erase a subject, all that were merged into it, and their studies."""
        with self.database.writing() as connection:
            self.lock(connection)
            gone = sa.select(subjects.c.id).where(sa.or_(subjects.c.id == subject, subjects.c.merged_into == subject))
            numbers = list(connection.scalars(gone))
            theirs = sa.select(studies.c.id).where(studies.c.subject.in_(numbers))
            connection.execute(series.delete().where(series.c.study.in_(theirs)))
            connection.execute(studies.delete().where(studies.c.subject.in_(numbers)))
            connection.execute(subjects.delete().where(subjects.c.merged_into.in_(numbers)))
            connection.execute(subjects.delete().where(subjects.c.id.in_(numbers)))
            note(connection)
        self.database.wipe()
