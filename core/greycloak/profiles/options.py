"""The words that profiles use: options of PS3.15 Annex E, actions, policies."""

from __future__ import annotations

from typing import Literal, get_args

RetainOption = Literal[
    "retain-safe-private",
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
"""Options that keep what is left after cleaning."""

CLEAN_PIXEL_DATA = "clean-pixel-data"

CLEANERS: frozenset[str] = frozenset(
    {"clean-descriptors", "clean-structured-content", "clean-graphics", CLEAN_PIXEL_DATA}
)
"""Those of them that are applied. Until there is a cleaner for another, the Basic profile's action stands: it takes
more, never less. The option is then not stamped, and the report notes it."""

Option = Literal[RetainOption, CleanOption]

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
    "retain-safe-private": "113111",
    "retain-institution-identity": "113112",
}
"""Codes of CID 7050."""

CONTRADICTIONS = (("retain-full-dates", "retain-modified-dates"),)

GENERAL_OPTIONS = frozenset({"retain-safe-private", "retain-uids", "retain-full-dates", "retain-modified-dates"})
"""Options that say something of attributes that Table E.1-1 does not list, too."""

ActionName = Literal["keep", "by-vr", "remove", "empty", "dummy", "uid", "shift", "clean", "vocabulary", "pseudonym"]
CompoundCode = Literal["X", "Z", "D", "U", "K", "C", "X/Z", "X/D", "X/Z/D", "X/Z/U*", "Z/D"]
"""Codes of PS3.15 Table E.1-1a; where they leave a choice, the attribute's Type decides."""

Listed = Literal["basic", "by-vr"]
Documents = Literal["remove", "quarantine", "clean"]
References = Literal["basic", "map"]
Unlisted = Literal["safe", "iod-only", "keep", "remove"]
DatePolicy = Literal["shift", "year", "month", "fixed", "remove"]
