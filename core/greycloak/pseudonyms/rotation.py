"""Rotate the key: a new version, and everything in the store sealed anew with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.keys import InstallationKey, key_from_environment
from greycloak.pseudonyms.matching import Matching
from greycloak.pseudonyms.store import lock_schema, remember
from greycloak.pseudonyms.tables import projects, series, studies, subjects
from greycloak.pseudonyms.vault import Vault

if TYPE_CHECKING:
    from pathlib import Path

    from greycloak.pseudonyms.opening import Installation


def rotate(installation: Installation, key_file: Path) -> InstallationKey:
    """Add a version to the key and seal the store with it; all of it, or nothing.

    The key file gets the new version first: should the rest fail, the file holds one version more than the store
    needs, which does no harm.

    Raises
    ------
    KeyFileError, StoreError
        If the key cannot be written, or the store not sealed.
    """
    if key_from_environment() is not None:
        raise StoreError("the key is in the environment, where it cannot be rotated: use a key file")
    database, store = installation.store.database, installation.store
    with database.writing() as connection:
        lock_schema(connection)  # one rotation at a time
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
        old = InstallationKey.load(key_file)
        if old != installation.key:
            raise StoreError("the key file has changed meanwhile: do it again")
        # A version that an attempt which broke off has left is used now.
        new = old if old.version > max(store.owners_in(connection)) else old.rotated()
        if new is not old:
            new.save(key_file, replacing=True)
        for project in connection.execute(sa.select(projects).with_for_update()).all():
            before = old.project_keys(project.name, project.sealed_with)
            after = new.project_keys(project.name, new.version)
            matching = Matching.of_terms(json.loads(project.terms or "{}"))
            _seal_anew(connection, project.id, matching, Vault(before), Vault(after))
            changed = projects.update().where(projects.c.id == project.id)
            connection.execute(changed.values(sealed_with=new.version))
        remember(connection, f"key-{new.version}", new.fingerprint())
        store.audit(new).append(connection, installation.caller, "rotate", version=new.version)
    database.wipe()
    return new


def _seal_anew(connection: sa.Connection, project: int, matching: Matching, old: Vault, new: Vault) -> None:
    wanted = sa.select(subjects.c.id, subjects.c.look_up, subjects.c.sealed).where(subjects.c.project == project)
    for row in connection.execute(wanted).all():
        identity = old.opened(bytes(row.sealed), bytes(row.look_up))
        look_up = new.look_up(matching.key(identity))
        changed = subjects.update().where(subjects.c.id == row.id)
        connection.execute(changed.values(look_up=look_up, sealed=new.sealed(identity, look_up)))
    of_project = sa.select(studies.c.id).where(studies.c.project == project)
    for table, condition in ((studies, studies.c.project == project), (series, series.c.study.in_(of_project))):
        rows = connection.execute(sa.select(table.c.id, table.c.new_uid, table.c.sealed).where(condition)).all()
        for row in rows:
            if not row.sealed:
                continue  # a UID that was kept: nothing is sealed
            original = old.opened_uid(bytes(row.sealed), row.new_uid)
            sealed = new.sealed_uid(original, row.new_uid).sealed
            connection.execute(table.update().where(table.c.id == row.id).values(sealed=sealed))
