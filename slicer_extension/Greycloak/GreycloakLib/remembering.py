"""What the panel remembers from one session to the next: choices, nothing that could name a patient or be secret."""

from __future__ import annotations

from urllib.parse import urlsplit

import qt

_PREFIX = "Greycloak"
KEYS = frozenset(
    {
        "profile",
        "profileFile",
        "project",
        "pseudonyms",
        "postgresqlAddress",
        "orthancAddress",
        "orthancUser",
        "keyFile",
        "toDatabase",
        "toOrthanc",
        "outputAddress",
        "outputUser",
    }
)
"""Everything that may be remembered. Source, output folder, report and crosswalk are not: paths may name patients."""


def recall(key: str, default: str = "") -> str:
    """Return what was remembered."""
    assert key in KEYS
    value = qt.QSettings().value(f"{_PREFIX}/{key}")
    return default if value is None else str(value)


def remember(key: str, value: str) -> None:
    """Remember something; of an address, no more than where it is and who asks there."""
    assert key in KEYS
    qt.QSettings().setValue(f"{_PREFIX}/{key}", _harmless(value) if key.endswith("Address") else value)


def _harmless(address: str) -> str:
    """Return an address without password and query; nothing of one that cannot be taken apart."""
    try:
        parts = urlsplit(address)
        host, user = parts.hostname or "", parts.username or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if not host or "@" in parts.path:
        return ""
    return f"{parts.scheme}://{f'{user}@' if user else ''}{host}{port}{parts.path}"
