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

from greycloak._version import __version__
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
