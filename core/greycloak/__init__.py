"""Greycloak: DICOM de-identification after PS3.15 Annex E.

Examples
--------
>>> from pathlib import Path
>>> from greycloak import Deidentified, Engine, Installation, load_profile
>>> installation = Installation.open("sqlite:///store.sqlite", Path("key"))  # doctest: +SKIP
>>> engine = Engine(load_profile("basic"), installation.project("trial"))  # doctest: +SKIP
>>> outcome = engine.deidentify(Path("image.dcm").read_bytes())  # doctest: +SKIP
>>> if isinstance(outcome, Deidentified):  # doctest: +SKIP
...     Path("anonymized.dcm").write_bytes(outcome.to_bytes())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from greycloak._version import __version__

if TYPE_CHECKING:
    from greycloak.engine import Engine
    from greycloak.outcomes import Deidentified, Quarantined, Skipped
    from greycloak.profiles import available_profiles, load_profile
    from greycloak.pseudonyms import Installation

__all__ = [
    "Deidentified",
    "Engine",
    "Installation",
    "Quarantined",
    "Skipped",
    "__version__",
    "available_profiles",
    "load_profile",
]

_WHERE = {
    "Engine": "engine",
    "Deidentified": "outcomes",
    "Quarantined": "outcomes",
    "Skipped": "outcomes",
    "available_profiles": "profiles",
    "load_profile": "profiles",
    "Installation": "pseudonyms",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever it is
    """Import what is asked for, when it is: a process that only masks pixels needs no engine and no database."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
