"""Which studies and series of which subjects a project has recorded, so that the next object costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.pseudonyms.identity import Identity
from greycloak.pseudonyms.known_subjects import MAX_REMEMBERED
from greycloak.pseudonyms.owners import StudyRule
from greycloak.pseudonyms.recorded import Emitted

if TYPE_CHECKING:
    from greycloak.pseudonyms.recorded import RecordedSubject, SealedUid
    from greycloak.pseudonyms.records import Records
    from greycloak.pseudonyms.tokens import Tokens
    from greycloak.pseudonyms.vault import Vault

Uids = tuple[str, str]
"""An original UID and the new one."""


class StudyBook:
    """Remembers whose studies are recorded, and whether they came first with another subject.

    Parameters
    ----------
    vault : Vault
        How UIDs are sealed.
    tokens : Tokens
        How original studies are compared.
    keeps_apart : bool
        Whether the project derives study UIDs by subject.
    """

    def __init__(self, vault: Vault, tokens: Tokens, *, keeps_apart: bool) -> None:
        self._vault = vault
        self._tokens = tokens
        self._keeps_apart = keeps_apart
        self._admitted: dict[tuple[Identity, str, str], bool] = {}
        self._examined: dict[tuple[Identity, str, bool], bool] = {}

    def examine(
        self, key: Identity, study: Uids, known: RecordedSubject | None, records: Records, *, strict: bool
    ) -> bool:
        """Tell whether a study came first with another subject.

        Raises
        ------
        Refused
            If nothing of it must be emitted for this one.
        """
        found = self._examined.get((key, study[1], strict))
        if found is None:
            sealed = self._sealed(study)
            owners = records.owners(sealed)
            found = self._rule(key, study, strict=strict).contradicts(owners, known and known.id, sealed.new)
        return found

    def admitted(self, key: Identity, study: Uids, series: Uids) -> bool | None:
        """Return whether a study came first with another subject; None if this subject's series is not recorded."""
        return self._admitted.get((key, study[1], series[1]))

    def emitted(self, key: Identity, study: Uids, series: Uids, *, strict: bool) -> Emitted:
        """Return what is to be recorded."""
        return Emitted(self._sealed(study), self._vault.sealed_uid(*series), self._rule(key, study, strict=strict))

    def remember(self, key: Identity, study: Uids, series: Uids, *, strict: bool, contradicts: bool) -> None:
        """Spare the store the question from now on."""
        if contradicts or len(self._admitted) >= MAX_REMEMBERED:
            self.forget()  # what went for other subjects of this study need not go any longer
        self._admitted[key, study[1], series[1]] = contradicts
        self._examined[key, study[1], strict] = contradicts

    def forget(self) -> None:
        """Ask the store anew from now on."""
        self._admitted.clear()
        self._examined.clear()

    def _sealed(self, study: Uids) -> SealedUid:
        return self._vault.sealed_uid(*study, self._tokens.of_study(study[0]))

    def _rule(self, key: Identity, study: Uids, *, strict: bool) -> StudyRule:
        by_study = self._vault.look_up(Identity.of_study(study[0]))
        return StudyRule(bool(key.patient_id), by_study, self._keeps_apart, strict)
