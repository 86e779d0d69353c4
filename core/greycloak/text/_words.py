"""Read the word lists in ``data``."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_HEADER = "do not edit.\n"


def lines_of(name: str) -> list[str]:
    """Return the lines of a list, without the header that names its sources."""
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return text[text.index(_HEADER) + len(_HEADER) :].split("\n")[:-1]


@cache
def _contexts() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in lines_of("context.tsv")[1:]:
        kind, _, phrase = line.partition("\t")
        found.setdefault(kind, set()).add(phrase)
    return {kind: frozenset(phrases) for kind, phrases in found.items()}


def context(kind: str) -> frozenset[str]:
    """Return the folded words and phrases of a kind beside which identities stand, as "title", "strong label"."""
    return _contexts()[kind]


def alternatives(kind: str) -> str:
    """Return the words and phrases of a kind as part of a regular expression, the longest first."""
    return "|".join(sorted(map(re.escape, context(kind)), key=lambda phrase: (-len(phrase), phrase)))
