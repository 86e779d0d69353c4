"""A project: everybody in it has one pseudonym, and every UID one new UID."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from greycloak.pseudonyms.derive import (
    MAX_UID_LENGTH,
    UUID_ROOT,
    derive_days,
    derive_pseudonym,
    derive_similar,
    derive_text,
    derive_uid,
)
from greycloak.pseudonyms.identity import Identity
from greycloak.pseudonyms.seal import seal, unseal

if TYPE_CHECKING:
    from greycloak.pseudonyms.keys import InstallationKey
    from greycloak.pseudonyms.store import Store

DEFAULT_PROJECT = "default"
PROJECT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")

_MAX_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Subject:
    """A person (or phantom, or animal) inside a project.

    Attributes
    ----------
    pseudonym : str
        What stands for the identity, in Patient ID and Patient's Name.
    number : int
        Which subject of the project it is, from 1 and without gaps.
    """

    pseudonym: str
    number: int


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

    Attributes
    ----------
    created : datetime
        When it was made.

    Raises
    ------
    ValueError
        If the name is not one.
    StoreError
        If the store cannot be used.
    """

    def __init__(self, name: str, key: InstallationKey, store: Store) -> None:
        if not PROJECT_NAME.fullmatch(name):
            raise ValueError(f"a project's name has letters, digits, '-' and '_', and at most 32 of them: not {name!r}")
        self.name = name
        self._keys = key.project_keys(name)
        self._store = store
        self._project_id, created = store.open_project(name)
        self.created = datetime.fromtimestamp(created, UTC)
        self._subjects: dict[Identity, Subject] = {}
        self._uids: dict[tuple[str, str], str] = {}

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
        return derive_days(self._keys.dates, identity.serialized(), min_days, max_days)

    def derive_text(self, original: bytes, alphabet: str, length: int) -> bytes:
        """Return the hash of a value, over an alphabet."""
        return derive_text(self._keys.values, original, alphabet, length).encode("ascii")

    def derive_similar(self, original: bytes) -> bytes:
        """Return the hash of a value that looks like it."""
        return derive_similar(self._keys.values, original)

    def subject(self, identity: Identity) -> Subject:
        """Return the subject of an identity; a new one is recorded before it is returned.

        Raises
        ------
        StoreError
            If the store cannot be used now.
        Refused
            If its pseudonym belongs to another subject already.
        """
        found = self._subjects.get(identity)
        if found is None:
            if len(self._subjects) >= _MAX_REMEMBERED:
                self._subjects.clear()
            found = self._subjects[identity] = self._recorded(identity)
        return found

    def _recorded(self, identity: Identity) -> Subject:
        serialized = identity.serialized()
        look_up = hmac.digest(self._keys.look_up, serialized, "sha256")
        known = self._store.find_subject(self._project_id, look_up)
        if known is None:
            pseudonym = derive_pseudonym(self._keys.subjects, self.name, serialized)
            sealed = seal(self._keys.seal, serialized, look_up)
            known = self._store.record_subject(self._project_id, look_up, pseudonym, sealed)
        return Subject(*known)

    def original(self, pseudonym: str) -> Identity | None:
        """Return the identity behind a pseudonym, or None if the project has no such subject.

        Raises
        ------
        StoreError
            If the record cannot be opened with this key.
        """
        found = self._store.sealed_identity(self._project_id, pseudonym)
        return None if found is None else Identity.deserialized(unseal(self._keys.seal, found.sealed, found.look_up))

    def close(self) -> None:
        """Let go of the store's connections; they open again when needed."""
        self._store.close()
