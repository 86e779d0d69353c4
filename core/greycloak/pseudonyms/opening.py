"""Open a project with its key and store, the same way at every door."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.keys import InstallationKey
from greycloak.pseudonyms.project import Project
from greycloak.pseudonyms.store import Store


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
    """

    key: InstallationKey
    store: Store

    @classmethod
    def open(cls, store_url: str, key_file: Path) -> Installation:
        """Open the store and read the key; make both if neither is there yet.

        Raises
        ------
        KeyFileError
            If the key cannot be used.
        StoreError
            If the store cannot be used, or belongs to another key.
        """
        store = Store(store_url)
        owner = store.owner()
        if owner is not None and not key_file.exists():
            raise StoreError(
                f"the pseudonym store belongs to the key with fingerprint {owner}, but {key_file} does not exist"
            )
        key = InstallationKey.load_or_create(key_file)
        store.claim(key.fingerprint())
        return cls(key, store)

    def project(self, name: str) -> Project:
        """Return a project, made when it is new."""
        return Project(name, self.key, self.store)
