"""Open a project with its key and store, the same way at every door."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from greycloak.pseudonyms.audit import Audit, Caller
from greycloak.pseudonyms.detached import Detached, ProjectFacts
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.keys import InstallationKey, key_from_environment
from greycloak.pseudonyms.project import Project
from greycloak.pseudonyms.rehearsal import Rehearsal
from greycloak.pseudonyms.store import Store

IN_MEMORY = "sqlite://"
SQLITE = "sqlite:///"


def data_folder() -> Path:
    """Return where key and store live unless told otherwise (XDG Base Directory)."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "greycloak"


def default_store_url() -> str:
    """Return ``GREYCLOAK_STORE``, or a SQLite file in the data folder."""
    return os.environ.get("GREYCLOAK_STORE") or f"sqlite:///{data_folder() / 'store.sqlite'}"


def default_key_file() -> Path:
    """Return ``GREYCLOAK_KEY_FILE``, or a file in the data folder."""
    return Path(os.environ.get("GREYCLOAK_KEY_FILE") or data_folder() / "key")


@dataclass(frozen=True)
class Installation:
    """Key and store of one installation.

    Attributes
    ----------
    key : InstallationKey
        What every pseudonym rests on.
    store : Store
        Where subjects are recorded.
    caller : Caller
        Who works with them, for the audit.
    """

    key: InstallationKey
    store: Store
    caller: Caller

    @classmethod
    def open(
        cls, store_url: str, key_file: Path, caller: Caller | None = None, *, must_exist: bool = False
    ) -> Installation:
        """Open the store and read the key; make both if neither is there yet.

        Parameters
        ----------
        store_url : str
            The store.
        key_file : Path
            The key; not needed if the environment variable ``GREYCLOAK_KEY`` holds it.
        caller : Caller, optional
            Who asks; by default, the user of this process in Python.
        must_exist : bool
            Whether a missing key is an error, even if there is no store yet.

        Raises
        ------
        KeyFileError
            If the key cannot be used.
        StoreError
            If the store cannot be used, or belongs to another key.
        """
        given = cls.known_key(key_file)  # what is wrong with it is said before anything is written
        if given is None and must_exist:
            given = InstallationKey.load(key_file)
        store = Store(store_url)
        owners = store.owners()
        if given is None and owners and not key_file.exists():  # another process may have made both meanwhile
            raise StoreError(
                f"the pseudonym store belongs to the key with fingerprint {owners[1]}, but {key_file} does not exist"
            )
        key = given or InstallationKey.load_or_create(key_file)
        store.claim(key)
        store.begin_audit(key)
        return cls(key, store, caller or Caller.here("python"))

    @staticmethod
    def known_key(key_file: Path) -> InstallationKey | None:
        """Return the key of the environment or of a file, or None if there is none.

        Raises
        ------
        KeyFileError
            If there is one, and it cannot be used.
        """
        return key_from_environment() or (InstallationKey.load(key_file) if key_file.exists() else None)

    @classmethod
    def in_memory(cls, key: InstallationKey | None = None, caller: Caller | None = None) -> Installation:
        """Return an installation that leaves nothing behind.

        Parameters
        ----------
        key : InstallationKey, optional
            By default, a new one, which nobody ever has again.
        caller : Caller, optional
            Who asks; by default, the user of this process in Python.
        """
        return cls.with_key(IN_MEMORY, key or InstallationKey.new(), caller)

    @classmethod
    def with_key(cls, store_url: str, key: InstallationKey, caller: Caller | None = None) -> Installation:
        """Open the store with a key that is in no file.

        Raises
        ------
        StoreError
            If it cannot be used, or belongs to another key.
        """
        store = Store(store_url)
        store.claim(key)
        store.begin_audit(key)
        return cls(key, store, caller or Caller.here("python"))

    @classmethod
    def for_rehearsal(cls, store_url: str, key_file: Path, caller: Caller | None = None) -> Installation:
        """Open key and store for rehearsals; in the place of those that are not there yet, examples in memory.

        Raises
        ------
        KeyFileError, StoreError
            If they are there, and cannot be used.
        """
        if store_url.startswith(SQLITE) and not Path(store_url.removeprefix(SQLITE)).exists():
            return cls.in_memory(cls.known_key(key_file), caller)
        return cls.open(store_url, key_file, caller)

    def project(self, name: str) -> Project:
        """Return a project, made when it is new."""
        return Project(name, self.key, self.store, self.caller)

    def rehearse(self, name: str) -> Rehearsal:
        """Return a project, there or not yet, for a preview: nothing is recorded."""
        return Rehearsal(name, self.key, self.store, self.caller)

    def detached(self, name: str, facts: ProjectFacts) -> Detached:
        """Return a project whose store is elsewhere, and cannot be asked now."""
        return Detached(name, facts, self.key, self.store, self.caller)

    def seen_by(self, caller: Caller) -> Installation:
        """Return the same installation, worked with by somebody else."""
        return replace(self, caller=caller)

    @property
    def audit(self) -> Audit:
        """The audit of the store."""
        return self.store.audit(self.key)
