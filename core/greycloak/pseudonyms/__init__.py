"""Pseudonyms: keys, what derives from them, and the store in which people look up who is who."""

from greycloak.pseudonyms.audit import Audit, Caller
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.identity import Demographics, Identity
from greycloak.pseudonyms.keys import InstallationKey, KeyFileError
from greycloak.pseudonyms.opening import Installation, default_key_file, default_store_url
from greycloak.pseudonyms.project import DEFAULT_PROJECT, PROJECT_NAME, Project
from greycloak.pseudonyms.registry import Registry
from greycloak.pseudonyms.store import Store
from greycloak.pseudonyms.subject import Subject

__all__ = [
    "DEFAULT_PROJECT",
    "PROJECT_NAME",
    "Audit",
    "Caller",
    "Demographics",
    "Identity",
    "Installation",
    "InstallationKey",
    "KeyFileError",
    "Project",
    "Registry",
    "Store",
    "StoreError",
    "Subject",
    "default_key_file",
    "default_store_url",
]
