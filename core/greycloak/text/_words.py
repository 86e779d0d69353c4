"""Read the word lists in ``data``."""

from __future__ import annotations

from importlib.resources import files

_HEADER = "do not edit.\n"


def lines_of(name: str) -> list[str]:
    """Return the lines of a list, without the header that names its sources."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return text[text.index(_HEADER) + len(_HEADER) :].split("\n")[:-1]
