"""Tables for a terminal: they fit its width, and nothing in them passes for anything else."""

from __future__ import annotations

import os
import sys
import unicodedata
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDTH = 100
_GAP = 2
_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cut": "9;31"}


def plain(text: str) -> str:
    """Return a text in which control and formatting characters are written out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def has_color(stream: TextIO | None = None) -> bool:
    """Tell whether colors are wanted: on a terminal, unless ``NO_COLOR`` is set (no-color.org)."""
    stream = stream or sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(text: str, style: str, *, color: bool) -> str:
    """Return a text in a style, if there are colors."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color and text else text


def width_of(text: str) -> int:
    """Return how many columns a plain text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1 for c in text
    )


def wrapped(text: str, width: int) -> list[str]:
    """Break a plain text into lines, at spaces where possible."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width_of(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, width)
        lines.extend(full)
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    pieces, piece, taken = [], "", 0
    for character in word:
        wide = width_of(character)
        if taken + wide > width:
            pieces.append(piece)
            piece, taken = "", 0
        piece, taken = piece + character, taken + wide
    return [*pieces, piece]


def table(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Yield the lines of a table.

    Parameters
    ----------
    rows : iterable of sequences of str
        Cells; whatever is not printable in them is written out.
    widths : sequence of int
        Columns that each cell gets; a negative number aligns to the right.
    """
    for row in rows:
        cells = [wrapped(plain(cell), abs(width)) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            line = ""
            for cell, width in zip(cells, widths, strict=True):
                text = cell[number] if number < len(cell) else ""
                space = " " * (abs(width) - width_of(text))
                line += (space + text if width < 0 else text + space) + " " * _GAP
            yield line.rstrip()
