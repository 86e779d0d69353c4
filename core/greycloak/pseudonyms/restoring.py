"""Put a backup of the store in its place."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from greycloak.pseudonyms.errors import StoreError


def restore_backup(store_url: str, backup: Path, *, replacing: bool) -> Path:
    """Copy a backup to where a SQLite store is, and return that place.

    Nothing may use the store meanwhile. The journals of the store that was there go with it: beside another database,
    they would destroy it.

    Parameters
    ----------
    store_url : str
        The store.
    backup : Path
        What `Database.back_up` has written.
    replacing : bool
        Whether a store that is there may go.

    Raises
    ------
    StoreError
        If the store is no SQLite file, there is one already, or it cannot be written.
    """
    try:
        url = sa.make_url(store_url)
    except ArgumentError as error:
        raise StoreError(f"cannot use the pseudonym store: {error}") from None
    if url.get_backend_name() != "sqlite" or not url.database:
        raise StoreError("a store in PostgreSQL is restored with pg_restore or psql")
    place = Path(url.database)
    if place.exists() and not replacing:
        raise StoreError(f"{place} exists: say --replace if it may go")
    temporary = place.with_name(f".{place.name}-{secrets.token_hex(8)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with backup.open("rb") as source, open(temporary, "xb", opener=_only_for_its_owner) as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        for ending in ("-wal", "-shm"):
            place.with_name(place.name + ending).unlink(missing_ok=True)
        temporary.replace(place)
    except OSError as error:
        raise StoreError(f"cannot restore {backup}: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
    return place


def _only_for_its_owner(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
