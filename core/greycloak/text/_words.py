"""Read the word lists in ``data``."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEADER = "do not edit.\n"


def lines_of(name: str) -> list[str]:
    """Return the lines of a list, without the header that names its sources."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return text[text.index(_HEADER) + len(_HEADER) :].split("\n")[:-1]


def rows_of(name: str) -> list[list[str]]:
    """Return the rows of a table, each with its cells."""
    return [line.split("\t") for line in lines_of(name)]


def by_kind(rows: Iterable[Sequence[str]]) -> dict[str, frozenset[str]]:
    """Return words by their kind, of rows of a kind and a word each."""
    found: dict[str, set[str]] = {}
    for kind, word in rows:
        found.setdefault(kind, set()).add(word)
    return {kind: frozenset(words) for kind, words in found.items()}


@cache
def _contexts() -> dict[str, frozenset[str]]:
    return by_kind(rows_of("context.tsv"))


def context(kind: str) -> frozenset[str]:
    """Return the folded words and phrases of a kind beside which identities stand, as "title", "strong label"."""
    return _contexts()[kind]


def alternatives(kind: str) -> str:
    """Return the words and phrases of a kind as part of a regular expression, the longest first."""
    return "|".join(sorted(map(re.escape, context(kind)), key=lambda phrase: (-len(phrase), phrase)))
