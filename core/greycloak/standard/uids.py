"""UIDs that the standard itself registers (PS3.6 Annex A): never identifiers of anybody's object."""

from __future__ import annotations

from functools import cache

from greycloak.standard._data import table_lines

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"


@cache
def _registered() -> dict[str, tuple[str, str]]:
    return {uid: (kind, name) for uid, kind, name in (line.split("\t") for line in table_lines("uids.tsv"))}


def is_registered(uid: str) -> bool:
    """Tell whether PS3.6 registers this UID."""
    return uid in _registered()


def name_of_uid(uid: str) -> str:
    """Return the registered name of a UID, or the UID itself."""
    found = _registered().get(uid)
    return found[1] if found else uid


@cache
def sop_classes() -> dict[str, str]:
    """Return the names of all SOP Classes, by UID."""
    return {uid: name for uid, (kind, name) in _registered().items() if kind == "SOP Class"}
