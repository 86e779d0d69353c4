"""Greycloak: DICOM de-identification after PS3.15 Annex E.

Examples
--------
>>> from greycloak import Deidentified, Deidentifier
>>> deidentifier = Deidentifier(profile="clinical-trial", project="trial-7")  # doctest: +SKIP
>>> outcome = deidentifier.deidentify("image.dcm")  # doctest: +SKIP
>>> if isinstance(outcome, Deidentified):  # doctest: +SKIP
...     Path("anonymized.dcm").write_bytes(outcome.to_bytes())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from greycloak._version import __version__

if TYPE_CHECKING:
    from greycloak.deidentifier import Deidentifier, NotDeidentifiedError, scramble, verify, warnings
    from greycloak.engine import Engine
    from greycloak.outcomes import Deidentified, Quarantined, Skipped
    from greycloak.profiles import available_profiles, load_profile
    from greycloak.pseudonyms import Installation

__all__ = [
    "Deidentified",
    "Deidentifier",
    "Engine",
    "Installation",
    "NotDeidentifiedError",
    "Quarantined",
    "Skipped",
    "__version__",
    "available_profiles",
    "load_profile",
    "scramble",
    "verify",
    "warnings",
]

_WHERE = {
    "Deidentifier": "deidentifier",
    "NotDeidentifiedError": "deidentifier",
    "scramble": "deidentifier",
    "verify": "deidentifier",
    "warnings": "deidentifier",
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
