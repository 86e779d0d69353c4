"""The Pythons of this machine that Greycloak is for: Debian's, and those of pyenv."""

from __future__ import annotations

from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def interpreters() -> dict[str, Path]:
    """Return an interpreter for each version that is there."""
    found = {}
    for version in VERSIONS:
        candidates = [Path(f"/usr/bin/python{version}"), *Path.home().glob(f".pyenv/versions/{version}.*/bin/python")]
        if there := [path for path in candidates if path.exists()]:
            found[version] = there[0]
    return found
