"""Record subjects of one project, and the studies and series of which something is emitted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from greycloak.outcomes import Refused
from greycloak.pseudonyms.database import ConflictError
from greycloak.pseudonyms.owners import Owner, owners_of
from greycloak.pseudonyms.recorded import Emitted, NewSubject, RecordedSubject, SealedUid
from greycloak.pseudonyms.sealed_records import SealedRecords
from greycloak.pseudonyms.tables import projects, series, studies, subjects
from greycloak.pseudonyms.tokens import disagree

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Records(SealedRecords):
    """Finds and records subjects, one process at a time."""

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
                subjects.c.issuer_token,
                subjects.c.merged_into,
                target.c.look_up,
                target.c.sealed,
            )
            .join(target, target.c.id == sa.func.coalesce(subjects.c.merged_into, subjects.c.id))
            .where(subjects.c.project == self.project, subjects.c.look_up == look_up)
        )
        row = connection.execute(wanted).first()
        if row is None:
            columns = (projects.c.sealed_with, projects.c.terms)
            project = connection.execute(sa.select(*columns).where(projects.c.id == self.project)).one()
            self.check(project.sealed_with, project.terms)  # with another key or other terms, nobody would be found
            return None
        tokens = (bytes(row.name_token), bytes(row.birth_token), bytes(row.issuer_token))
        of_target = (bytes(row.look_up), bytes(row.sealed)) if row.merged_into is not None else (b"", b"")
        return RecordedSubject(*row[:5], *tokens, *of_target)

    def owners(self, study: SealedUid) -> list[Owner]:
        """Return the subjects of an original study, in the order in which they came."""
        with self.database.reading() as connection:
            return owners_of(connection, self.project, study)

    def admit(
        self,
        subject: NewSubject,
        emitted: Emitted | None = None,
        on_new_study: Callable[[sa.Connection], None] | None = None,
    ) -> tuple[RecordedSubject, bool]:
        """Record a subject, a study and a series, as far as they are new, in one transaction.

        Parameters
        ----------
        subject : NewSubject
            Whoever comes second gets what the first has recorded.
        emitted : Emitted or None
            Study and series.
        on_new_study : callable, optional
            Is called inside the transaction if the study is new.

        Returns
        -------
        subject : RecordedSubject
            The subject.
        contradicts : bool
            Whether the study came first with another one.

        Raises
        ------
        StoreError
            If the store cannot be used now, or key or terms have changed meanwhile.
        Refused
            If the pseudonym belongs to another subject of the project, the issuer is another than the known one, or
            the study's rule says so. Then nothing is recorded.
        """
        try:
            with self.database.writing() as connection:
                counter = self._counter(connection)
                found = self._find(connection, subject.look_up)
                contradicts = False
                if emitted is not None:
                    owners = owners_of(connection, self.project, emitted.study)
                    contradicts = emitted.rule.contradicts(owners, found and found.id, emitted.study.new)
                if found is None:
                    found = self._insert(connection, subject, self._next(connection, subject.give, counter))
                else:
                    found = self._completed(connection, subject, found)
                if emitted is not None:
                    number, is_new = self._study(connection, found.id, emitted.study)
                    if is_new and on_new_study:
                        on_new_study(connection)
                    self._series(connection, number, emitted.series)
                return found, contradicts
        except ConflictError as conflict:
            raise Refused("pseudonym-clash") from conflict

    def _counter(self, connection: sa.Connection) -> int:
        """Be the only one to record in this project; return its counter."""
        return max(self.lock(connection), self._highest(connection))

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
        """Record name, birth date and issuer, where they were not known yet."""
        if disagree(found.issuer_token, new.issuer_token):
            raise Refused("identity-differs", "another issuer of its Patient ID")
        completed = found._replace(
            name_token=found.name_token or new.name_token,
            birth_token=found.birth_token or new.birth_token,
            issuer_token=found.issuer_token or new.issuer_token,
        )
        if completed != found:
            values = {name: getattr(completed, name) for name in ("name_token", "birth_token", "issuer_token")}
            if completed.issuer_token != found.issuer_token:
                values["sealed"] = new.sealed  # for those who look it up, with the issuer
            row = sa.and_(subjects.c.project == self.project, subjects.c.look_up == new.look_up)
            connection.execute(subjects.update().where(row).values(values))
        return completed

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
            "issuer_token": new.issuer_token,
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
        row = {
            "project": self.project,
            "subject": subject,
            "new_uid": study.new,
            "sealed": study.sealed,
            "original": study.original,
        }
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
            ``pseudonym-clash``, with the number of the line (from 1), if a subject has another pseudonym or issuer
            already, or a pseudonym belongs to somebody else.
        """
        added = 0
        line = 0
        try:
            with self.database.writing() as connection:
                for line, (new, name, days) in enumerate(rows, start=1):
                    counter = self._counter(connection)
                    found = self._find(connection, new.look_up)
                    if found is None:
                        self._insert(connection, new, counter + 1, given_name=name, given_days=days)
                        added += 1
                        continue
                    given = (found.pseudonym, found.given_name, found.given_days)
                    if given != (new.give(0), name, days) or disagree(found.issuer_token, new.issuer_token):
                        raise Refused("pseudonym-clash", f"line {line}")
                    self._completed(connection, new, found)
        except ConflictError as conflict:
            raise Refused("pseudonym-clash", f"line {line}") from conflict
        return added
