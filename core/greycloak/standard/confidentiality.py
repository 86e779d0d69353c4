"""PS3.15 Table E.1-1, and Greycloak's supplement to it.

The table gives an action for an attribute under the Basic Application Level Confidentiality Profile and under
each option. The supplement names attributes that the table does not list although they can carry identity, or
that cannot stay true once others have gone; every row of it has a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from greycloak.standard._data import table_lines

EDITION = "2026d"
TABLE_SECTION = f"PS3.15 {EDITION} Table E.1-1"
SUPPLEMENT_SECTION = "Greycloak supplement"


@dataclass(frozen=True, slots=True)
class Row:
    """What a table says about one attribute.

    Attributes
    ----------
    tag : str
        Eight hexadecimal digits in lower case, ``x`` where a repeating group has any digit.
    name : str
        The attribute's name in the table.
    basic : str
        Action code of the Basic profile, as ``X/Z/D`` (PS3.15 Table E.1-1a).
    reason : str
        Why the supplement lists it; empty for rows of the standard.
    options : tuple of (str, str)
        Actions under options, by the option's name, as ``("retain-uids", "K")``.
    """

    tag: str
    name: str
    basic: str
    reason: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def under(self, option: str) -> str:
        """Return the action under an option: ``K`` (keep), ``C`` (clean), or nothing."""
        return dict(self.options).get(option, "")


@cache
def rows() -> dict[str, Row]:
    """Return the rows of Table E.1-1 by tag (the row ``private`` stands for every odd group)."""
    header, *lines = (line.split("\t") for line in table_lines("e1_1.tsv"))
    names = [name.replace("_", "-") for name in header[3:]]
    return {
        tag: Row(tag, name, basic, options=tuple((o, code) for o, code in zip(names, codes, strict=True) if code))
        for tag, name, basic, *codes in lines
    }


@cache
def supplement() -> dict[str, Row]:
    """Return the supplement's rows by tag."""
    listed = (line.split("\t") for line in table_lines("supplement.tsv")[1:])
    return {tag: Row(tag, name, basic, reason) for tag, name, basic, reason in listed}


def row_for(tag: int) -> Row | None:
    """Return the row that governs an attribute: the supplement's if there is one, else the standard's."""
    key = f"{tag:08x}"
    for table in (supplement(), rows()):
        for candidate in (key, f"{key[:2]}xx{key[4:]}", f"{key[:2]}xxxxxx"):
            if candidate in table:
                return table[candidate]
    return None
