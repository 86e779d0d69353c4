"""Where the images of a device are masked, as rules that a person puts into a profile."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AreaRule:
    """A device, and where it burns in text.

    Attributes
    ----------
    condition : str
        What its images have in common, as a profile's rule says it.
    areas : tuple of (int, int, int, int)
        Left, top, width, height in pixels.
    remark : str
        A line for people.
    """

    condition: str
    areas: tuple[tuple[int, int, int, int], ...]
    remark: str = ""

    def as_toml(self) -> str:
        """Return it as a rule of a profile."""
        remark = f"# {self.remark}\n" if self.remark else ""
        areas = ", ".join(str(list(area)) for area in self.areas)
        return f"{remark}[[rules]]\nif = {json.dumps(self.condition, ensure_ascii=False)}\nmask = [{areas}]\n"


def quoted(value: str) -> str:
    """Return a text as a condition writes it."""
    return f"'{value}'" if '"' in value else f'"{value}"'
