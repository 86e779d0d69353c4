"""What Greycloak needs, and what that needs, on this machine."""

from __future__ import annotations

from importlib.metadata import distribution

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

__all__ = ["EXTRAS", "MORE_EXTRAS", "canonical", "needed"]

EXTRAS = ("documents", "ocr", "pixels", "postgres")
"""What a hospital installs: the bill of materials lists it."""

MORE_EXTRAS = ("cloud", "dask", "nifti", "send")
"""What pipelines install beside."""


def needed(name, extras=()):
    """Yield the names of everything that a package needs on this machine, itself included."""
    seen, waiting = set(), [(name, frozenset(extras))]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for line in distribution(here[0]).requires or []:
            one = Requirement(line)
            environments = [default_environment() | {"extra": extra} for extra in (*here[1], "")]
            if one.marker is None or any(map(one.marker.evaluate, environments)):
                waiting.append((one.name, frozenset(one.extras)))
    return sorted({canonical(name) for name, _ in seen})
