"""Greycloak's list ``imaging``: private attributes that converters need and that carry no identity."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from greycloak.standard._data import table_lines
from greycloak.standard.private import PrivateName

IMAGING = "imaging"
"""What a profile calls the list."""

IMAGING_SECTION = "Greycloak list imaging"

_BOUNDS = re.compile(r"(-?[\d.]+(?:e\d+)?)\.\.(-?[\d.]+(?:e\d+)?)")


@dataclass(frozen=True, slots=True)
class ImagingAttribute:
    """What is known about an attribute of the list.

    Attributes
    ----------
    vr : str
        Its VR.
    vm : str
        How many values it has, as ``1``, ``1-4`` or ``1-n``.
    values : str
        What values it may have: ``lowest..highest``, ``~`` and a regular expression, ``block`` or ``items``.
    meaning, reason, source : str
        What it says, what converters need it for, and where that was found.
    bounds : (float, float) or None
        The lowest and the highest value, if it has numbers.
    pattern : re.Pattern or None
        What each value has to be, if it has texts.
    """

    vr: str
    vm: str
    values: str
    meaning: str
    reason: str
    source: str
    bounds: tuple[float, float] | None = field(init=False)
    pattern: re.Pattern[str] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        found = _BOUNDS.fullmatch(self.values)
        pattern = re.compile(self.values[1:]) if self.values.startswith("~") else None
        object.__setattr__(self, "bounds", (float(found[1]), float(found[2])) if found else None)
        object.__setattr__(self, "pattern", pattern)

    def allows(self, count: int) -> bool:
        """Tell whether an attribute may have so many values; none is always possible."""
        fewest, _, most = self.vm.partition("-")
        return not count or int(fewest) <= count <= (count if most == "n" else int(most or fewest))


@cache
def imaging_private() -> dict[PrivateName, ImagingAttribute]:
    """Return the list."""
    rows = (line.split("\t") for line in table_lines("imaging_private.tsv")[1:])
    return {
        PrivateName(int(group, 16), int(element, 16), creator): ImagingAttribute(*known)
        for group, element, creator, *known in rows
    }
