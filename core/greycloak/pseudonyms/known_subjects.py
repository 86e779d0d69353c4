"""What a project has read of its subjects, so that a known one costs nothing."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from greycloak.outcomes import Refused
from greycloak.pseudonyms.matching import IGNORE
from greycloak.pseudonyms.recorded import NewSubject
from greycloak.pseudonyms.subject import Subject
from greycloak.pseudonyms.tokens import disagree

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pseudonyms.identity import Demographics, Identity
    from greycloak.pseudonyms.matching import Matching
    from greycloak.pseudonyms.recorded import RecordedSubject
    from greycloak.pseudonyms.records import Records
    from greycloak.pseudonyms.study_book import StudyBook
    from greycloak.pseudonyms.tokens import Tokens
    from greycloak.pseudonyms.vault import Vault

FRESH_FOR = 60.0
"""For how many seconds a project believes what it has read of a subject."""

MAX_REMEMBERED = 50_000
UNKNOWN_FOR = 1.0
"""For how many seconds it is believed that there is no such subject: as long as one object takes."""


class KnownSubjects:
    """Finds subjects, and remembers them until it is told to forget.

    Parameters
    ----------
    records : Records
        Where they are recorded.
    vault : Vault
        How they are found.
    tokens : Tokens
        How issuers are compared.
    studies : StudyBook
        What is to be forgotten with them.

    Attributes
    ----------
    records : Records
        Where they are recorded.
    matching : Matching
        Whom the project takes for one subject.
    """

    def __init__(self, records: Records, vault: Vault, tokens: Tokens, studies: StudyBook) -> None:
        self.records = records
        self.matching = records.matching
        self._vault = vault
        self._tokens = tokens
        self._studies = studies
        self._fresh_until = 0.0
        self._found: dict[Identity, RecordedSubject] = {}
        self._unknown: tuple[Identity, float] | None = None
        self._keys: dict[Identity, Identity] = {}

    def match_by(self, matching: Matching, *, recorded: bool) -> None:
        """Take others for one subject from now on.

        Parameters
        ----------
        matching : Matching
            Whom.
        recorded : bool
            Whether those that are recorded are found by it, too.
        """
        self.matching = matching
        if recorded:
            self.records = replace(self.records, matching=matching)
        self._keys.clear()
        self.forget()

    def key(self, identity: Identity) -> Identity:
        """Return what all identities of a subject have in common, and what everything of it derives from."""
        found = self._keys.get(identity)
        if found is None:
            if len(self._keys) >= MAX_REMEMBERED:
                self._keys.clear()
            found = self._keys[identity] = self.matching.key(identity)
        return found

    def base(self, identity: Identity) -> Identity:
        """Return the same; of an identity that was merged into another one, that one's."""
        known = self.find(identity)
        if known is not None and known.merged_sealed:
            return self.key(self._vault.opened(known.merged_sealed, known.merged_look_up))
        return self.key(identity)

    def look_up(self, identity: Identity) -> bytes:
        """Return the keyed hash by which the store finds the subject of an identity."""
        return self._vault.look_up(self.records.matching.key(identity))

    def find(self, identity: Identity) -> RecordedSubject | None:
        """Return the recorded subject of an identity."""
        now, key = time.monotonic(), self.key(identity)
        if now > self._fresh_until:
            # Others may have merged or erased subjects meanwhile.
            self.forget()
            self._fresh_until = now + FRESH_FOR
        found = self._found.get(key)
        if found is None:
            unknown = self._unknown
            if not self.records.project or (unknown is not None and unknown[0] == key and now < unknown[1]):
                return None
            found = self.records.find(self.look_up(identity))
            if found is not None:
                self.remember(identity, found)
            else:
                self._unknown = key, now + UNKNOWN_FOR
        return found

    def remember(self, identity: Identity, found: RecordedSubject) -> None:
        """Spare the store the question from now on."""
        if len(self._found) >= MAX_REMEMBERED:
            self._found.clear()
        self._found[self.key(identity)] = found
        self._unknown = None

    def forget(self) -> None:
        """Ask the store anew from now on."""
        self._found.clear()
        self._unknown = None
        self._studies.forget()

    def find_recorded(self, identity: Identity) -> RecordedSubject | None:
        """Return the subject of an identity as it is recorded now; None if there is none, or with another issuer."""
        found = self.records.find(self.look_up(identity))
        return None if found is None or self._has_other_issuer(found, identity) else found

    def new(
        self, identity: Identity, give: Callable[[int], str], demographics: Demographics | None = None
    ) -> NewSubject:
        """Return what is to be recorded of a subject that may be new."""
        look_up = self.look_up(identity)
        tokens = (*self._tokens.of_demographics(demographics), self._issuer_token(identity))
        return NewSubject(look_up, self._vault.sealed(identity, look_up), give, *tokens)

    def seen(
        self,
        known: RecordedSubject,
        identity: Identity,
        demographics: Demographics | None,
        *,
        contradicts: bool = False,
    ) -> Subject:
        """Return a recorded subject as an object shows it.

        Raises
        ------
        Refused
            If the object has another issuer than came first with its Patient ID.
        """
        if self._has_other_issuer(known, identity):
            raise Refused("identity-differs", "another issuer of its Patient ID")
        name, birth = self._tokens.of_demographics(demographics)
        differs = disagree(known.name_token, name) or disagree(known.birth_token, birth)
        return Subject(known.pseudonym, known.number, known.given_name or known.pseudonym, differs, contradicts)

    def is_news(self, known: RecordedSubject, identity: Identity) -> bool:
        """Tell whether an identity names the issuer of an ID that came without until now."""
        return bool(identity.issuer) and not known.issuer_token and self.matching.issuer == IGNORE

    def _issuer_token(self, identity: Identity) -> bytes:
        return self._tokens.of_issuer(identity.issuer) if self.matching.issuer == IGNORE else b""

    def _has_other_issuer(self, known: RecordedSubject, identity: Identity) -> bool:
        return disagree(known.issuer_token, self._issuer_token(identity))
