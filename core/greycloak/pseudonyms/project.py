"""A project: everybody in it has one pseudonym, and every UID one new UID."""

from __future__ import annotations

import hmac
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Refused
from greycloak.profiles.id_schemes import IdScheme
from greycloak.pseudonyms.derive import MAX_UID_LENGTH, UUID_ROOT, derive_days, derive_similar, derive_text, derive_uid
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.giving import pseudonym_giver
from greycloak.pseudonyms.identity import Demographics, Identity
from greycloak.pseudonyms.records import NewSubject, RecordedSubject, Records, SealedUid
from greycloak.pseudonyms.seal import seal, unseal

if TYPE_CHECKING:
    import sqlalchemy as sa

    from greycloak.pseudonyms.audit import Audit, Caller
    from greycloak.pseudonyms.keys import InstallationKey
    from greycloak.pseudonyms.store import ProjectRow, Store

DEFAULT_PROJECT = "default"
PROJECT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")

FRESH_FOR = 60.0
"""For how many seconds a project believes what it has read of a subject."""

_MAX_REMEMBERED = 50_000
_TOKEN_SIZE = 16
_SAID = {"id": "gives pseudonyms by", "root": "has UIDs below", "shift": "shifts dates by days between"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A person (or phantom, or animal) inside a project.

    Attributes
    ----------
    pseudonym : str
        What stands for the identity, in Patient ID.
    number : int
        Which subject of the project it is, from 1 and without gaps.
    name : str
        What stands for the identity in Patient's Name.
    differs : bool
        Whether name or birth date are not those that came first with this identity: perhaps two patients.
    """

    pseudonym: str
    number: int
    name: str
    differs: bool = field(default=False, compare=False)


class Project:
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
        self._keys = key.project_keys(name, self._row.derived_with)
        self._vault = key.project_keys(name, self._row.sealed_with)
        self.records = Records(store.database, self._row.id, self._row.sealed_with)
        self._scheme = IdScheme()
        self._subjects: dict[Identity, RecordedSubject] = {}
        self._admitted: set[tuple[Identity, str, str]] = set()
        self._fresh_until = 0.0
        self._uids: dict[tuple[str, str], str] = {}
        self._known_tokens: dict[Demographics, tuple[bytes, bytes]] = {}

    def agree(self, scheme: IdScheme, root: str | None, shift: tuple[int, int] | None) -> None:
        """Work on terms that the project keeps for ever; what it has not said yet is said now.

        Parameters
        ----------
        scheme : IdScheme
            How subjects get their pseudonyms.
        root : str or None
            Root of new UIDs, if there are any.
        shift : (int, int) or None
            The bounds of the date shift, if there is one.

        Raises
        ------
        StoreError
            If the project has other terms.
        """
        wanted: dict[str, Any] = {"id": scheme.term()}
        wanted |= {"root": root} if root is not None else {}
        wanted |= {"shift": list(shift)} if shift is not None else {}
        known = self._agreed(wanted)
        for term, value in wanted.items():
            if known.get(term, value) != value:
                raise StoreError(
                    f"the project {self.name} {_SAID[term]} {known[term]}, and the profile says {value}: "
                    "use another project, or the same terms"
                )
        self._scheme = scheme

    def _open(self, version: int) -> ProjectRow:
        return self._store.open_project(self.name, version)

    def _agreed(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return self._store.agree(self._row.id, wanted)

    def derive_uid(self, original: str, root: str = UUID_ROOT) -> str:
        """Return the new UID of an old one."""
        found = self._uids.get((original, root))
        if found is None:
            if len(self._uids) >= _MAX_REMEMBERED:
                self._uids.clear()
            found = derive_uid(self._keys.uids, original, root)
            if len(original) <= MAX_UID_LENGTH:
                self._uids[original, root] = found
        return found

    def date_shift(self, identity: Identity, min_days: int, max_days: int) -> int:
        """Return by how many days the dates of an identity are shifted, always the same number."""
        known = self._known(identity)
        if known is not None and known.given_days is not None:
            return known.given_days
        if known is not None and known.merged_sealed:
            identity = self.opened(known.merged_sealed, known.merged_look_up)
        return derive_days(self._keys.dates, identity.serialized(), min_days, max_days)

    def derive_text(self, original: bytes, alphabet: str, length: int) -> bytes:
        """Return the hash of a value, over an alphabet."""
        return derive_text(self._keys.values, original, alphabet, length).encode("ascii")

    def derive_similar(self, original: bytes) -> bytes:
        """Return the hash of a value that looks like it."""
        return derive_similar(self._keys.values, original)

    def subject(self, identity: Identity, demographics: Demographics | None = None) -> Subject:
        """Return the subject of an identity; a new one is recorded before it is returned.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If there is no pseudonym for it.
        """
        known = self._known(identity)
        if known is None:
            known = self._remember(identity, self.records.admit(self._new_subject(identity, demographics)))
        return self._seen(known, demographics)

    def admit(
        self,
        identity: Identity,
        study: tuple[str, str],
        series: tuple[str, str],
        demographics: Demographics | None = None,
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
        **facts
            What the audit says of a new study, beside project and study.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If there is no pseudonym for it.
        """
        known = self._known(identity)
        key = (identity, study[1], series[1])
        if known is not None and key in self._admitted:
            return self._seen(known, demographics)

        def note(connection: sa.Connection) -> None:
            shown = study[1] if study[0] != study[1] else "kept"
            self.audit.append(connection, self.caller, "anonymize", project=self.name, study=shown, **facts)

        new = self._new_subject(identity, demographics, known)
        known = self.records.admit(new, self._sealed_uid(*study), self._sealed_uid(*series), note)
        self._remember(identity, known)
        if len(self._admitted) >= _MAX_REMEMBERED:
            self._admitted.clear()
        self._admitted.add(key)
        return self._seen(known, demographics)

    def _known(self, identity: Identity) -> RecordedSubject | None:
        now = time.monotonic()
        if now > self._fresh_until:
            # Others may have merged or erased subjects meanwhile.
            self.forget_cache()
            self._fresh_until = now + FRESH_FOR
        found = self._subjects.get(identity)
        if found is None:
            found = self.records.find(self.look_up(identity))
            if found is not None:
                self._remember(identity, found)
        return found

    def _remember(self, identity: Identity, found: RecordedSubject) -> RecordedSubject:
        if len(self._subjects) >= _MAX_REMEMBERED:
            self._subjects.clear()
        self._subjects[identity] = found
        return found

    def _new_subject(
        self, identity: Identity, demographics: Demographics | None, known: RecordedSubject | None = None
    ) -> NewSubject:
        if known is None:
            give = pseudonym_giver(self._scheme, self.name, self._keys.subjects, identity)
        else:
            give = _give_no_other
        name, birth = self._tokens(demographics)
        return NewSubject(self.look_up(identity), self.sealed(identity), give, name, birth)

    def look_up(self, identity: Identity) -> bytes:
        """Return the keyed hash by which the store finds an identity."""
        return hmac.digest(self._vault.look_up, identity.serialized(), "sha256")

    def sealed(self, identity: Identity) -> bytes:
        """Return an identity, sealed for the store."""
        return seal(self._vault.seal, identity.serialized(), self.look_up(identity))

    def opened(self, sealed: bytes, look_up: bytes) -> Identity:
        """Open a sealed identity.

        Raises
        ------
        StoreError
            If it was sealed with another key, or has been changed.
        """
        return Identity.deserialized(unseal(self._vault.seal, sealed, look_up))

    def _sealed_uid(self, original: str, new: str) -> SealedUid:
        if original == new:  # kept as it is: there is nothing to look up, and the store shows no original
            return SealedUid(f"kept.{hmac.digest(self._vault.look_up, new.encode('ascii'), 'sha256').hex()[:40]}", b"")
        return SealedUid(new, seal(self._vault.seal, original.encode("utf-8"), new.encode("ascii")))

    def opened_uid(self, sealed: bytes, new: str) -> str:
        """Open a sealed UID.

        Raises
        ------
        StoreError
            If it was sealed with another key, or has been changed.
        """
        return unseal(self._vault.seal, sealed, new.encode("ascii")).decode("utf-8")

    def _tokens(self, demographics: Demographics | None) -> tuple[bytes, bytes]:
        if demographics is None:
            return b"", b""
        found = self._known_tokens.get(demographics)
        if found is None:
            if len(self._known_tokens) >= _MAX_REMEMBERED:
                self._known_tokens.clear()
            found = self._token(b"name", demographics.name), self._token(b"birth", demographics.birth_date)
            self._known_tokens[demographics] = found
        return found

    def _token(self, kind: bytes, text: str) -> bytes:
        return hmac.digest(self._keys.look_up, kind + b"\0" + text.encode(), "sha256")[:_TOKEN_SIZE] if text else b""

    def _seen(self, known: RecordedSubject, demographics: Demographics | None) -> Subject:
        name, birth = self._tokens(demographics)
        differs = _disagree(known.name_token, name) or _disagree(known.birth_token, birth)
        return Subject(known.pseudonym, known.number, known.given_name or known.pseudonym, differs)

    def original(self, pseudonym: str) -> Identity | None:
        """Return the identity behind a pseudonym, or None if the project has no such subject.

        Raises
        ------
        StoreError
            If the record cannot be opened with this key.
        """
        found = self.records.sealed_subject(pseudonym)
        return None if found is None else self.opened(found.sealed, found.look_up)

    def terms(self) -> dict[str, Any]:
        """Return the terms that the project keeps."""
        return self._store.terms(self._row.id)

    def forget_cache(self) -> None:
        """Ask the store anew from now on."""
        self._subjects.clear()
        self._admitted.clear()

    def close(self) -> None:
        """Let go of the store's connections; they open again when needed."""
        self._store.close()


def _disagree(one: bytes, other: bytes) -> bool:
    return bool(one and other) and not hmac.compare_digest(one, other)


def _give_no_other(_number: int) -> str:
    raise Refused("pseudonym-clash", "its subject was erased while this was running")
