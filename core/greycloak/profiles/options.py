"""The options of PS3.15 Annex E, by the names that profiles use."""

from __future__ import annotations

from typing import Literal, get_args

RetainOption = Literal[
    "retain-uids",
    "retain-device-identity",
    "retain-institution-identity",
    "retain-patient-characteristics",
    "retain-full-dates",
    "retain-modified-dates",
]
"""Options that keep something; each is applied, and stamped, when a profile has it."""

CleanOption = Literal[
    "clean-descriptors",
    "clean-structured-content",
    "clean-graphics",
    "clean-pixel-data",
    "clean-recognizable-visual-features",
]
"""Options that keep what is left after cleaning. Until a cleaner is there, the Basic profile's action stands: it takes
more, never less. The option is then not stamped, and the report notes it."""

Option = RetainOption | CleanOption

RETAIN_OPTIONS: tuple[str, ...] = get_args(RetainOption)
CLEAN_OPTIONS: tuple[str, ...] = get_args(CleanOption)

METHOD_CODES = {
    "clean-pixel-data": "113101",
    "clean-recognizable-visual-features": "113102",
    "clean-graphics": "113103",
    "clean-structured-content": "113104",
    "clean-descriptors": "113105",
    "retain-full-dates": "113106",
    "retain-modified-dates": "113107",
    "retain-patient-characteristics": "113108",
    "retain-device-identity": "113109",
    "retain-uids": "113110",
    "retain-institution-identity": "113112",
}
"""Codes of CID 7050."""

CONTRADICTIONS = (("retain-full-dates", "retain-modified-dates"),)
