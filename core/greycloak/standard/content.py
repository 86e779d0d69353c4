"""PS3.15 Table E.3.4-1: what becomes of a content item, by its concept name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from greycloak.standard._data import table_lines
from greycloak.standard.confidentiality import EDITION

CONTENT_SECTION = f"PS3.15 {EDITION} Table E.3.4-1"

_SNOMED_CT = "SCT"
# What SNOMED RT was called in DICOM, before SNOMED CT took its place (PS3.16 section 8.1).
_SNOMED_RT = ("SRT", "SNM3", "99SDM")


@dataclass(frozen=True, slots=True)
class ContentRow:
    """What the table says about content items of one concept name and value type.

    Attributes
    ----------
    code, scheme, meaning : str
        The concept name.
    value_type : str
        As ``TEXT``.
    basic : str
        ``X``: remove the item; ``D``: replace its value by a dummy; ``X/D``: whichever its template demands.
    options : tuple of (str, str)
        Actions under options, by the option's name, as ``("retain-uids", "K")``.
    """

    code: str
    scheme: str
    meaning: str
    value_type: str
    basic: str
    options: tuple[tuple[str, str], ...] = ()

    def under(self, option: str) -> str:
        """Return the action under an option: ``K`` (keep), ``C`` (clean as the value type demands), or nothing."""
        return dict(self.options).get(option, "")


@cache
def content_rows() -> dict[tuple[str, str], tuple[ContentRow, ...]]:
    """Return the rows of each concept name, by code and scheme; older codes of SNOMED included."""
    header, *lines = (line.split("\t") for line in table_lines("e3_4_1.tsv"))
    names = [name.replace("_", "-") for name in header[6:]]
    found: dict[tuple[str, str], tuple[ContentRow, ...]] = {}
    for code, scheme, older, meaning, value_type, basic, *actions in lines:
        options = tuple((name, action) for name, action in zip(names, actions, strict=True) if action)
        row = ContentRow(code, scheme, meaning, value_type, basic, options)
        keys = [(code, scheme)]
        if scheme == _SNOMED_CT and older:
            keys += [(older, name) for name in _SNOMED_RT]
        for key in keys:
            found[key] = (*found.get(key, ()), row)
    return found


def rows_of(code: str, scheme: str) -> tuple[ContentRow, ...]:
    """Return what the table says about a concept name; nothing if it does not list it."""
    return content_rows().get((code, scheme), ())
