"""Words that no list can hold, since they are made as they are needed.

Compounds ("Kontrastmittelallergie", "röntgenundersökning"), terms of Greek and Latin parts in any language
("cholecystectomy", "Hepatosplenomegalie", "спондилоартроз"), medicines by the endings of their class
("pembrolizumab"). All functions take folded words.
"""

from __future__ import annotations

from functools import cache, lru_cache

from greycloak.text._words import by_kind, rows_of
from greycloak.text.gazetteer import is_name

_SHORTEST, _LONGEST = 7, 48
_SHORTEST_PART, _LONGEST_PART = 3, 24
_BEFORE_ENDING = 3
"""Letters that a medicine has before the ending of its class."""

_LINKS = ("", "s", "n", "en", "e", "es")
"""What joins two parts of a compound, or ends it."""


@cache
def _parts() -> dict[str, frozenset[str]]:
    return by_kind(rows_of("parts.tsv"))


@cache
def _medicine_endings() -> tuple[str, ...]:
    return tuple(sorted(_parts()["medicine"]))


@lru_cache(maxsize=16384)
def is_made_of_parts(word: str) -> bool:
    """Tell whether a word is made of known parts, wholly, or ends as medicines do. A known name never is."""
    if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha() or is_name(word):
        return False
    return _is_medicine(word) or _is_made(word)


def _is_medicine(word: str) -> bool:
    ending = next((one for one in _medicine_endings() if word.endswith(one)), "")
    return bool(ending) and len(word) >= len(ending) + _BEFORE_ENDING


def _is_made(word: str) -> bool:
    """Tell whether a word is two parts and more: what begins a term or a compound, then what may end one."""
    parts = _parts()
    words, heads, tails = parts["word"], parts["head"], parts["tail"]
    size = len(word)
    reached = [False] * (size + 1)
    reached[0] = True
    for start in range(size - _SHORTEST_PART + 1):
        if not reached[start]:
            continue
        for stop in range(start + _SHORTEST_PART, min(start + _LONGEST_PART, size) + 1):
            part = word[start:stop]
            if part in words:
                for link in _LINKS:
                    if word.startswith(link, stop):
                        reached[stop + len(link)] = reached[stop + len(link)] or start > 0 or stop + len(link) < size
            elif stop < size and part in heads:
                reached[stop] = True
            elif stop == size and start > 0 and part in tails:
                return True
    return reached[size]
