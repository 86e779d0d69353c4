"""Where devices are known to burn text into their images.

The list was collected by Stanford (Scrubber, Apache-2.0) on top of RSNA's for CTP. It knows many devices,
never all.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Region(NamedTuple):
    """A rectangle of pixels; it may reach beyond the image.

    Attributes
    ----------
    left, top, width, height : int
        In pixels, from the upper left corner.
    """

    left: int
    top: int
    width: int
    height: int

    def within(self, columns: int, rows: int) -> Region | None:
        """Return the part that lies in an image, or None if nothing does."""
        right, bottom = min(self.left + self.width, columns), min(self.top + self.height, rows)
        if right <= self.left or bottom <= self.top:
            return None
        return Region(self.left, self.top, right - self.left, bottom - self.top)


class _Rule(NamedTuple):
    conditions: tuple[tuple[str, str, str], ...]
    regions: tuple[Region, ...]


_HOLDS = {"contains": str.__contains__, "equals": str.__eq__, "startswith": str.startswith}


@cache
def _rules() -> tuple[_Rule, ...]:
    text = (files(__package__) / "data" / "device_regions.jsonl").read_text(encoding="utf-8")
    rows = (json.loads(line) for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        _Rule(
            tuple((keyword, how, value.casefold()) for keyword, how, value in conditions),
            tuple(Region(*region) for region in regions),
        )
        for conditions, regions in rows
    )


@cache
def attributes_asked() -> frozenset[str]:
    """Return the keywords of the attributes that decide which device it is."""
    return frozenset(keyword for rule in _rules() for keyword, _, _ in rule.conditions)


def regions_of_device(attributes: Mapping[str, str]) -> tuple[Region, ...]:
    """Return the regions where the device that made an image is known to burn in text.

    Parameters
    ----------
    attributes : mapping of str to str
        Attributes of the image by keyword; several values with a backslash between them.

    Returns
    -------
    tuple of Region
        Empty if the list does not know the device; that tells nothing about its images.
    """
    values = {keyword: value.strip().casefold() for keyword, value in attributes.items()}
    found: dict[Region, None] = {}
    for rule in _rules():
        if all(_HOLDS[how](values.get(keyword, ""), value) for keyword, how, value in rule.conditions):
            found.update(dict.fromkeys(rule.regions))
    return tuple(found)
