"""A project as a preview sees it: it gives what the project would give, and records nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from greycloak.profiles.id_schemes import COMMAND, SERVICE
from greycloak.pseudonyms.project import Project
from greycloak.pseudonyms.store import ProjectRow
from greycloak.pseudonyms.subject import Subject

if TYPE_CHECKING:
    from greycloak.pseudonyms.identity import Demographics, Identity
    from greycloak.pseudonyms.matching import Matching

GIVEN_LATER = "GIVEN-LATER"
"""Stands for the pseudonym of a new subject where somebody else gives it: a preview does not ask."""

_NOT_THERE = 0


class Rehearsal(Project):
    """A project, there or not yet, that is only looked at.

    UIDs, date shifts and hashes are those that the project will have. So are the pseudonyms of subjects that it knows,
    and of new ones if they derive from the key. A number is the next one; a pseudonym that a command or service gives
    is not asked for (`GIVEN_LATER`).
    """

    def _open(self, version: int) -> ProjectRow:
        return self._store.find_project(self.name) or ProjectRow(_NOT_THERE, time.time(), version, version)

    def _match_by(self, matching: Matching) -> None:
        # Subjects that were imported before the project has agreed on anything are found as they were imported.
        self._known_subjects.match_by(matching, recorded=not self._is_there or "match" in self.terms())

    @property
    def _is_there(self) -> bool:
        return self._row.id != _NOT_THERE

    def _agreed(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return wanted | self.terms()

    def terms(self) -> dict[str, Any]:
        """Return the terms that the project keeps; none if it is not there yet."""
        return super().terms() if self._is_there else {}

    def subject(self, identity: Identity, demographics: Demographics | None = None) -> Subject:
        """Return the subject that an identity has, or would get.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If there is no pseudonym for it.
        """
        known = self._known_subjects.find(identity)
        if known is not None:
            return self._known_subjects.seen(known, identity, demographics)
        if self._scheme.kind in {COMMAND, SERVICE}:
            return Subject(GIVEN_LATER, 0, GIVEN_LATER)
        give = self._giver(identity)
        number = self.records.next_number(give)
        pseudonym = give(number)
        return Subject(pseudonym, number, pseudonym)

    def admit(
        self,
        identity: Identity,
        study: tuple[str, str],
        series: tuple[str, str],  # noqa: ARG002
        demographics: Demographics | None = None,
        *,
        strict: bool = False,
        **facts: Any,  # noqa: ANN401, ARG002
    ) -> Subject:
        """Return the same: nothing is going to be emitted."""
        contradicts = self.examine(identity, study, demographics, strict=strict)
        return replace(self.subject(identity, demographics), contradicts=contradicts)
