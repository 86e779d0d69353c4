"""A project: everybody in it has one pseudonym, and every UID one new UID."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Refused
from greycloak.profiles.id_schemes import IdScheme
from greycloak.pseudonyms.derivations import Derivations
from greycloak.pseudonyms.giving import pseudonym_giver
from greycloak.pseudonyms.known_subjects import KnownSubjects
from greycloak.pseudonyms.matching import Matching
from greycloak.pseudonyms.records import Records
from greycloak.pseudonyms.study_book import StudyBook
from greycloak.pseudonyms.terms import Terms, find_anew
from greycloak.pseudonyms.tokens import Tokens
from greycloak.pseudonyms.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from greycloak.pseudonyms.audit import Audit, Caller
    from greycloak.pseudonyms.identity import Demographics, Identity
    from greycloak.pseudonyms.keys import InstallationKey
    from greycloak.pseudonyms.recorded import NewSubject, RecordedSubject
    from greycloak.pseudonyms.store import ProjectRow, Store
    from greycloak.pseudonyms.subject import Subject

DEFAULT_PROJECT = "default"
PROJECT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class Project(Derivations):
    """Pseudonyms and UIDs of one project; safe to use from several threads.

    Parameters
    ----------
    name : str
        Letters, digits, ``-`` and ``_``; at most 32.
    key : InstallationKey
        What the project's keys derive from.
    store : Store
        Where its subjects are recorded.
    caller : Caller
        Who works with it, for the audit.

    Attributes
    ----------
    created : datetime
        When it was made.
    records : Records
        What the store holds of it.
    audit : Audit
        Where look-ups and new studies are noted.

    Raises
    ------
    ValueError
        If the name is not one.
    StoreError
        If the store cannot be used.
    """

    def __init__(self, name: str, key: InstallationKey, store: Store, caller: Caller) -> None:
        if not PROJECT_NAME.fullmatch(name):
            raise ValueError(f"a project's name has letters, digits, '-' and '_', and at most 32 of them: not {name!r}")
        self.name = name
        self.caller = caller
        self.audit: Audit = store.audit(key)
        self._store = store
        self._row = self._open(max(store.owners(), default=key.version))
        self.created = datetime.fromtimestamp(self._row.created, UTC)
        keys = key.project_keys(name, self._row.derived_with)
        self.vault = Vault(key.project_keys(name, self._row.sealed_with))
        self.tokens = Tokens(keys.look_up)
        records = Records(store.database, self._row.id, self._row.sealed_with, Matching.of_terms(self._row.terms))
        self._studies = StudyBook(self.vault, self.tokens, keeps_apart=self._row.derivation > 1)
        known_subjects = KnownSubjects(records, self.vault, self.tokens, self._studies)
        super().__init__(keys, self._row.derivation, known_subjects)
        self._scheme = IdScheme()

    @property
    def records(self) -> Records:
        """What the store holds of the project."""
        return self._known_subjects.records

    def agree(
        self,
        scheme: IdScheme,
        root: str | None,
        shift: tuple[int, int] | None,
        issuer: str | None = None,
        match: str | None = None,
    ) -> None:
        """Work on terms that the project keeps for ever; what it has not said yet is said now.

        Parameters
        ----------
        scheme : IdScheme
            How subjects get their pseudonyms.
        root : str or None
            Root of new UIDs, if there are any.
        shift : (int, int) or None
            The bounds of the date shift, if there is one.
        issuer, match : str or None
            Whom to take for one subject, as `Matching` says; None: as the project does.

        Raises
        ------
        StoreError
            If the project has other terms.
        """
        terms = Terms(scheme, root, shift, issuer, match)
        agreed = self._agreed(terms.wanted(self.derivation))
        terms.check(self.name, agreed)
        self._scheme = scheme
        self._match_by(Matching.of_terms(agreed))

    def _open(self, version: int) -> ProjectRow:
        return self._store.open_project(self.name, version)

    def _agreed(self, wanted: dict[str, Any]) -> dict[str, Any]:
        def first(connection: sa.Connection, terms: dict[str, Any]) -> None:
            matching = Matching.of_terms(terms)
            if matching != Matching():
                find_anew(connection, self._row.id, matching, self.vault, self.tokens)

        return self._store.agree(self._row.id, wanted, first)

    def _match_by(self, matching: Matching) -> None:
        if matching != self._known_subjects.matching:
            self._known_subjects.match_by(matching, recorded=True)

    def subject(self, identity: Identity, demographics: Demographics | None = None) -> Subject:
        """Return the subject of an identity; a new one is recorded before it is returned.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If there is no pseudonym for it, or its issuer is another than the known one.
        """
        known = self._known_subjects.find(identity)
        if known is None:
            known, _ = self.records.admit(self._new_subject(identity, demographics))
            self._known_subjects.remember(identity, known)
        return self._known_subjects.seen(known, identity, demographics)

    def examine(
        self,
        identity: Identity,
        study: tuple[str, str],
        demographics: Demographics | None = None,
        *,
        strict: bool = False,
    ) -> bool:
        """Tell whether a study came first with another subject, before anything of an object is recorded.

        Parameters
        ----------
        identity : Identity
            Whose object it is.
        study : (str, str)
            Its original and new UID.
        demographics : Demographics, optional
            What else the object says of the patient.
        strict : bool
            Whether whatever contradicts what came first is refused.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If the object must not be emitted.
        """
        known = self._known_subjects.find(identity)
        if known is not None and self._known_subjects.seen(known, identity, demographics).differs and strict:
            raise Refused("identity-differs")
        key = self._known_subjects.key(identity)
        return self._studies.examine(key, study, known, self.records, strict=strict)

    def admit(
        self,
        identity: Identity,
        study: tuple[str, str],
        series: tuple[str, str],
        demographics: Demographics | None = None,
        *,
        strict: bool = False,
        **facts: Any,  # noqa: ANN401
    ) -> Subject:
        """Return the subject of an object that is going to be emitted; what is new of it is recorded before.

        Parameters
        ----------
        identity : Identity
            Whose object it is.
        study, series : (str, str)
            Their original and new UIDs.
        demographics : Demographics, optional
            What else the object says of the patient.
        strict : bool
            Whether an object whose study came first with another subject is refused.
        **facts
            What the audit says of a new study, beside project and study.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If there is no pseudonym for it, or it must not be emitted.
        """
        known, key = self._known_subjects.find(identity), self._known_subjects.key(identity)
        before = self._studies.admitted(key, study, series)
        if known is not None and before is not None and not self._known_subjects.is_news(known, identity):
            return self._known_subjects.seen(known, identity, demographics, contradicts=before)

        def note(connection: sa.Connection) -> None:
            shown = study[1] if study[0] != study[1] else "kept"
            self.audit.append(connection, self.caller, "anonymize", project=self.name, study=shown, **facts)

        new = self._new_subject(identity, demographics, known)
        emitted = self._studies.emitted(key, study, series, strict=strict)
        known, contradicts = self.records.admit(new, emitted, note)
        self._known_subjects.remember(identity, known)
        self._studies.remember(key, study, series, strict=strict, contradicts=contradicts)
        return self._known_subjects.seen(known, identity, demographics, contradicts=contradicts)

    def _new_subject(
        self, identity: Identity, demographics: Demographics | None, known: RecordedSubject | None = None
    ) -> NewSubject:
        give = self._giver(identity) if known is None else _give_no_other
        return self._known_subjects.new(identity, give, demographics)

    def _giver(self, identity: Identity) -> Callable[[int], str]:
        key = self._known_subjects.key(identity)
        return pseudonym_giver(self._scheme, self.name, self._keys.subjects, identity, key)

    def new_given(self, identity: Identity, pseudonym: str) -> NewSubject:
        """Return the record of a subject whose pseudonym somebody has given."""
        return self._known_subjects.new(identity, lambda _number: pseudonym)

    def find(self, identity: Identity) -> RecordedSubject | None:
        """Return the subject of an identity as it is recorded now; None if there is none, or with another issuer."""
        return self._known_subjects.find_recorded(identity)

    def original(self, pseudonym: str) -> Identity | None:
        """Return the identity behind a pseudonym, or None if the project has no such subject.

        Raises
        ------
        StoreError
            If the record cannot be opened with this key.
        """
        found = self.records.sealed_subject(pseudonym)
        return None if found is None else self.vault.opened(found.sealed, found.look_up)

    def terms(self) -> dict[str, Any]:
        """Return the terms that the project keeps."""
        return self._store.terms(self._row.id)

    def forget_cache(self) -> None:
        """Ask the store anew from now on."""
        self._known_subjects.forget()

    def close(self) -> None:
        """Let go of the store's connections; they open again when needed."""
        self._store.close()


def _give_no_other(_number: int) -> str:
    raise Refused("pseudonym-clash", "its subject was erased while this was running")
