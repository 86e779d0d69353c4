"""Read the generated tables."""

from __future__ import annotations

from importlib.resources import files


def table_lines(name: str) -> list[str]:
    """Return the lines of a table in ``data``, without its comment header."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.split("\n")[:-1] if not line.startswith("#")]
