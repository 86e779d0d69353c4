"""Names that nothing announces: last^first, given name and surname side by side, a word that is only a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text.gazetteer import institution_words, is_place
from greycloak.text.patterns.taking import (
    MAX_NAMES,
    MIN_LONE,
    NO_NAMES,
    PARTICLES,
    SPACE,
    WITHIN,
    is_eponym,
    is_title_case,
    take,
)
from greycloak.text.vocabulary import is_equipment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.patterns.taking import Before
    from greycloak.text.patterns.words import Word

_CARET = re.compile(r"\^{1,2}")
_COMMA = re.compile(r",[ ]{0,2}")


def carets(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield names as DICOM writes them, Last^First; not "Head^Routine"."""
    at = 0
    while at + 1 < len(words):
        stop = at
        while stop + 1 < len(words) and _CARET.fullmatch(text[words[stop].stop : words[stop + 1].start]):
            stop += 1
        if stop > at:
            kinds = [word.kind for word in words[at : stop + 1]]
            is_named = any(kind.is_only_name for kind in kinds) or all(kind.is_unknown for kind in kinds)
            if is_named or (all(kind.is_name for kind in kinds) and any(kind.given for kind in kinds[1:])):
                yield words[_with_particles(text, words, at)].start, words[stop].stop
        at = stop + 1


def _with_particles(text: str, words: list[Word], at: int) -> int:
    """Return the first word of a surname of which a word is known: "De Souza^Ana", "Garcia Lopez^Eva"."""
    first = at
    while first > 0 and first > at - MAX_NAMES and text[words[first - 1].stop : words[first].start] == " ":
        before = words[first - 1]
        if not before.kind.is_only_name and (before.folded not in PARTICLES or not (before.is_capital or first == 1)):
            break
        first -= 1
    return first


def pairs(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield given name and surname side by side, in any order, with a comma or without."""
    at = 0
    while at + 1 < len(words):
        size = pair(text, words, at)
        if size:
            span = take(text, words, at, trust=True)
            stop = max(words[at + size - 1].stop, span[1] if span else 0)
            yield words[at].start, stop
            while at + 1 < len(words) and words[at + 1].stop <= stop:
                at += 1
        at += 1


def pair(text: str, words: list[Word], at: int) -> int:
    """Return how many words from one on are a given name and a surname, in any order; 0 if they are not."""
    if at + 1 >= len(words):
        return 0
    one, other = words[at], words[at + 1]
    gap = text[one.stop : other.start]
    if other.is_initial and at + 2 < len(words) and WITHIN.fullmatch(gap):  # John Q. Public
        last = words[at + 2]
        has_point = text[other.stop : last.start] in {". ", "."}
        is_named = one.kind.given and one.kind.is_only_name and one.is_capital and last.is_capital and len(last.raw) > 1
        return 3 if has_point and is_named else 0
    has_comma = _COMMA.fullmatch(gap) is not None
    if not has_comma and not SPACE.fullmatch(gap):
        return 0
    if has_comma and not (one.is_capital and other.is_capital):
        return 0
    if other.kind.plain and is_eponym(text, words, at + 1):
        return 0
    is_whole = one.start == 0 and other.stop == len(text.rstrip())
    return 2 if _are_pair(one, other, whole=is_whole) else 0


def _are_pair(one: Word, other: Word, *, whole: bool) -> bool:
    if {one.folded, other.folded} & NO_NAMES or len(one.raw) == 1 or len(other.raw) == 1:
        return False
    if is_equipment(f"{one.folded} {other.folded}"):
        return False
    first, second = one.kind, other.kind
    is_cased = one.is_capital and other.is_capital
    given = first.given or second.given
    if first.is_only_name and second.is_only_name:
        return given or is_cased
    if first.is_name and second.is_name:
        is_told = whole and first.given and second.surname and not one.is_loud
        return is_cased and (given if not (first.plain and second.plain) else is_told)
    return is_cased and _has_unknown_part(one, other)


def _has_unknown_part(one: Word, other: Word) -> bool:
    """Tell whether a known name stands beside a word that is known as nothing."""
    if one.kind.is_unknown:
        return other.kind.is_only_name and (is_title_case(one) or one.is_loud)
    return other.kind.is_unknown and one.kind.given and one.kind.is_only_name


def lone(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield words that are names and nothing else, written as names are, with the initials beside them."""
    for at, word in enumerate(words):
        if not word.kind.is_only_name or len(word.raw) < MIN_LONE or word.raw.islower():
            continue
        if is_place(word.folded) or word.folded in NO_NAMES or word.folded in institution_words():
            continue
        if is_eponym(text, words, at):
            continue
        beside = [f"{words[at - 1].folded} {word.folded}"] if at else []
        beside += [f"{word.folded} {words[at + 1].folded}"] if at + 1 < len(words) else []
        if not any(map(is_equipment, beside)):
            first = at
            while (
                first
                and words[first - 1].is_initial
                and text[words[first - 1].stop : words[first].start] in {". ", "."}
            ):
                first -= 1
            gap = text[words[at - 1].stop : word.start] if at and words[at - 1].kind.is_name else ""
            before: Before = "nothing"
            if _COMMA.fullmatch(gap):
                before = "surname"
            elif first < at or (gap == " " and words[at - 1].kind.is_only_name):
                before = "part"
            span = take(text, words, at, trust=False, before=before)
            yield words[first].start, span[1] if span else word.stop
