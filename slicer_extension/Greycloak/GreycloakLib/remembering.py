"""What the panel remembers from one session to the next: choices, nothing that could name a patient or be secret."""

from __future__ import annotations

import re

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

_PASSWORD = re.compile(r"(?<=//)([^/@:]*):[^/@]*@")


def recall(key: str, default: str = "") -> str:
    """Return what was remembered."""
    assert key in KEYS
    value = qt.QSettings().value(f"{_PREFIX}/{key}")
    return default if value is None else str(value)


def remember(key: str, value: str) -> None:
    """Remember something; a password in an address is left out."""
    assert key in KEYS
    qt.QSettings().setValue(f"{_PREFIX}/{key}", _PASSWORD.sub(r"\1@", value))
