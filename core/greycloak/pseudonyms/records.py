"""The records of one project: subjects, and the studies and series of which something was emitted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from greycloak.outcomes import Refused
from greycloak.pseudonyms.database import ConflictError, Database
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.tables import projects, series, studies, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1000
_ROTATED = "the key was rotated while this was running: start it again"


class RecordedSubject(NamedTuple):
    """A subject as the store knows it.

    Attributes
    ----------
    id : int
        Its number in the store.
    pseudonym : str
        Its pseudonym.
    number : int
        Its number in the project, from 1.
    given_name : str or None
        The name that a list of given pseudonyms gives it.
    given_days : int or None
        By how many days such a list shifts its dates.
    name_token, birth_token : bytes
        Keyed hashes of the name and birth date that came first; empty where there was none.
    merged_look_up, merged_sealed : bytes
        If the identity was merged into this subject: the subject's own identity.
    """

    id: int
    pseudonym: str
    number: int
    given_name: str | None
    given_days: int | None
    name_token: bytes
    birth_token: bytes
    merged_look_up: bytes
    merged_sealed: bytes


class SealedUid(NamedTuple):
    """A new UID, and the original that it stands for, sealed."""

    new: str
    sealed: bytes


class SealedSubject(NamedTuple):
    """A subject's original identity as the store holds it."""

    id: int
    pseudonym: str
    number: int
    look_up: bytes
    sealed: bytes
    merged_into: int | None


@dataclass(frozen=True)
class NewSubject:
    """A subject that may be new.

    Attributes
    ----------
    look_up : bytes
        Keyed hash of its identity.
    sealed : bytes
        Its identity.
    give : callable
        Returns its pseudonym for its number in the project.
    name_token, birth_token : bytes
        Keyed hashes of its name and birth date.
    """

    look_up: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    give: Callable[[int], str]
    name_token: bytes = b""
    birth_token: bytes = b""


@dataclass(frozen=True)
class Records:
    """The records of one project.

    Attributes
    ----------
    database : Database
        Where they are.
    project : int
        The project.
    sealed_with : int
        The version of the key that they are to be sealed with.
    """

    database: Database
    project: int
    sealed_with: int

    def find(self, look_up: bytes) -> RecordedSubject | None:
        """Return the subject of an identity; of one that was merged into another, that one."""
        with self.database.reading() as connection:
            return self._find(connection, look_up)

    def _find(self, connection: sa.Connection, look_up: bytes) -> RecordedSubject | None:
        target = subjects.alias()
        wanted = (
            sa.select(
                target.c.id,
                target.c.pseudonym,
                target.c.number,
                target.c.given_name,
                target.c.given_days,
                subjects.c.name_token,
                subjects.c.birth_token,
                subjects.c.merged_into,
                target.c.look_up,
                target.c.sealed,
            )
            .join(target, target.c.id == sa.func.coalesce(subjects.c.merged_into, subjects.c.id))
            .where(subjects.c.project == self.project, subjects.c.look_up == look_up)
        )
        row = connection.execute(wanted).first()
        if row is None:
            self._check_version(connection)
            return None
        of_target = (bytes(row.look_up), bytes(row.sealed)) if row.merged_into is not None else (b"", b"")
        return RecordedSubject(*row[:5], bytes(row.name_token), bytes(row.birth_token), *of_target)

    def _check_version(self, connection: sa.Connection) -> None:
        wanted = sa.select(projects.c.sealed_with).where(projects.c.id == self.project)
        if connection.scalar(wanted) != self.sealed_with:
            raise StoreError(_ROTATED)

    def admit(
        self,
        subject: NewSubject,
        study: SealedUid | None = None,
        one_series: SealedUid | None = None,
        on_new_study: Callable[[sa.Connection], None] | None = None,
    ) -> RecordedSubject:
        """Record a subject, a study and a series, as far as they are new, in one transaction.

        Parameters
        ----------
        subject : NewSubject
            Whoever comes second gets what the first has recorded.
        study, one_series : SealedUid or None
            Of what something is going to be emitted.
        on_new_study : callable, optional
            Is called inside the transaction if the study is new.

        Raises
        ------
        StoreError
            If the store cannot be used now, or the key was rotated meanwhile.
        Refused
            If the pseudonym belongs to another subject of the project.
        """
        try:
            with self.database.writing() as connection:
                counter = self._lock(connection)
                found = self._find(connection, subject.look_up)
                if found is None:
                    found = self._insert(connection, subject, self._next(connection, subject.give, counter))
                else:
                    found = self._completed(connection, subject, found)
                if study is not None:
                    number, is_new = self._study(connection, found.id, study)
                    if is_new and on_new_study:
                        on_new_study(connection)
                    if one_series is not None:
                        self._series(connection, number, one_series)
                return found
        except ConflictError as conflict:
            raise Refused("pseudonym-clash") from conflict

    def _lock(self, connection: sa.Connection) -> int:
        """Be the only one to record in this project; return its counter."""
        wanted = sa.select(projects.c.counter, projects.c.sealed_with).where(projects.c.id == self.project)
        row = connection.execute(wanted.with_for_update()).one()
        if row.sealed_with != self.sealed_with:
            raise StoreError(_ROTATED)
        return max(int(row.counter), self._highest(connection))

    def _highest(self, connection: sa.Connection) -> int:
        wanted = sa.select(sa.func.max(subjects.c.number)).where(subjects.c.project == self.project)
        return connection.scalar(wanted) or 0

    def next_number(self, give: Callable[[int], str]) -> int:
        """Return the number that the next new subject gets, as far as nobody else comes first."""
        with self.database.reading() as connection:
            counter = connection.scalar(sa.select(projects.c.counter).where(projects.c.id == self.project))
            return self._next(connection, give, max(int(counter or 0), self._highest(connection)))

    def _next(self, connection: sa.Connection, give: Callable[[int], str], counter: int) -> int:
        """Return the next number; one whose pseudonym somebody was given already is passed over."""
        number = counter + 1
        while give(number) != give(number + 1):
            taken = sa.select(subjects.c.id).where(
                subjects.c.project == self.project, subjects.c.pseudonym == give(number)
            )
            if connection.scalar(taken) is None:
                break
            number += 1
        return number

    def _completed(self, connection: sa.Connection, new: NewSubject, found: RecordedSubject) -> RecordedSubject:
        """Record name and birth date, where they were not known yet."""
        name, birth = found.name_token or new.name_token, found.birth_token or new.birth_token
        if (name, birth) == (found.name_token, found.birth_token):
            return found
        row = sa.and_(subjects.c.project == self.project, subjects.c.look_up == new.look_up)
        connection.execute(subjects.update().where(row).values(name_token=name, birth_token=birth))
        return found._replace(name_token=name, birth_token=birth)

    def _insert(self, connection: sa.Connection, new: NewSubject, number: int, **given: Any) -> RecordedSubject:  # noqa: ANN401
        row = {
            "project": self.project,
            "look_up": new.look_up,
            "sealed": new.sealed,
            "pseudonym": new.give(number),
            "number": number,
            "created": time.time(),
            "name_token": new.name_token,
            "birth_token": new.birth_token,
            **given,
        }
        connection.execute(subjects.insert().values(row))
        connection.execute(projects.update().where(projects.c.id == self.project).values(counter=number))
        found = self._find(connection, new.look_up)
        assert found is not None
        return found

    def _study(self, connection: sa.Connection, subject: int, study: SealedUid) -> tuple[int, bool]:
        wanted = sa.select(studies.c.id).where(studies.c.project == self.project, studies.c.new_uid == study.new)
        found = connection.scalar(wanted)
        if found is not None:
            return int(found), False
        row = {"project": self.project, "subject": subject, "new_uid": study.new, "sealed": study.sealed}
        connection.execute(studies.insert().values(**row, created=time.time()))
        return int(connection.scalar(wanted) or 0), True

    def _series(self, connection: sa.Connection, study: int, one: SealedUid) -> None:
        wanted = sa.select(series.c.id).where(series.c.study == study, series.c.new_uid == one.new)
        if connection.scalar(wanted) is None:
            connection.execute(series.insert().values(study=study, new_uid=one.new, sealed=one.sealed))

    def give(self, rows: list[tuple[NewSubject, str | None, int | None]]) -> int:
        """Record given pseudonyms, all of them or none; return how many are new.

        Parameters
        ----------
        rows : list of (NewSubject, str or None, int or None)
            Subjects, their given names, and by how many days their dates are shifted.

        Raises
        ------
        Refused
            ``pseudonym-clash``, with the number of the line (from 1), if a subject has another pseudonym already or a
            pseudonym belongs to somebody else.
        """
        added = 0
        line = 0
        try:
            with self.database.writing() as connection:
                for line, (new, name, days) in enumerate(rows, start=1):
                    counter = self._lock(connection)
                    found = self._find(connection, new.look_up)
                    if found is None:
                        self._insert(connection, new, counter + 1, given_name=name, given_days=days)
                        added += 1
                    elif (found.pseudonym, found.given_name, found.given_days) != (new.give(0), name, days):
                        raise Refused("pseudonym-clash", f"line {line}")
        except ConflictError as conflict:
            raise Refused("pseudonym-clash", f"line {line}") from conflict
        return added

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
        wanted = (
            sa.select(studies.c.sealed, subjects.c.pseudonym)
            .join(subjects, subjects.c.id == studies.c.subject)
            .where(studies.c.project == self.project, studies.c.new_uid == new_uid)
        )
        with self.database.reading() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else (bytes(row.sealed), row.pseudonym)

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
            self._lock(connection)
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
            self._lock(connection)
            gone = sa.select(subjects.c.id).where(sa.or_(subjects.c.id == subject, subjects.c.merged_into == subject))
            numbers = list(connection.scalars(gone))
            theirs = sa.select(studies.c.id).where(studies.c.subject.in_(numbers))
            connection.execute(series.delete().where(series.c.study.in_(theirs)))
            connection.execute(studies.delete().where(studies.c.subject.in_(numbers)))
            connection.execute(subjects.delete().where(subjects.c.merged_into.in_(numbers)))
            connection.execute(subjects.delete().where(subjects.c.id.in_(numbers)))
            note(connection)
        self.database.wipe()
