"""How far a name goes that begins with a word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import context

if TYPE_CHECKING:
    from greycloak.text.patterns.words import Word

MAX_NAMES = 4
"""Words of one name."""

MIN_LONE = 4
"""Letters of a word that is a name without anything beside it that says so."""

TITLES = context("title")
DEGREES = context("degree")
PARTICLES = context("particle")
NO_NAMES = PARTICLES | TITLES | DEGREES
"""Words beside names that are none."""

WITHIN = re.compile(r"(?:\.?[ ]{1,2}|\.|[-'’]|[ ]?\^[ ]?|_)")
WITHIN_COMMA = re.compile(r"(?:\.?,?[ ]{1,2}|\.|[-'’]|[ ]?\^[ ]?|_|\.?,)")
SPACE = re.compile(r"[ \t]{1,2}|[_^]")


def take(text: str, words: list[Word], at: int, *, trust: bool) -> tuple[int, int] | None:
    """Return the span of a name that begins with a word, or None.

    Parameters
    ----------
    at : int
        The first word.
    trust : bool
        Whether something before it says that a name follows: then a word that is also a plain one may be it.
    """
    start = at
    taken = -1
    seen_surname = False
    while at < len(words) and at - start < MAX_NAMES + 1:
        word = words[at]
        if at > start and not (WITHIN if taken >= 0 else WITHIN_COMMA).fullmatch(text[words[at - 1].stop : word.start]):
            break
        if not _can_be(word, trust=trust and taken < 0, after_name=taken >= 0, ended=seen_surname):
            if word.folded in PARTICLES or word.is_initial:
                at += 1
                continue
            break
        taken = at
        seen_surname = seen_surname or (word.kind.surname and not word.kind.given)
        at += 1
    if taken < 0:
        return None
    return words[start].start, _with_initial(text, words, taken)


def _with_initial(text: str, words: list[Word], at: int) -> int:
    """Return where a name ends, with an initial behind it ("Jones, A.")."""
    stop = words[at].stop
    if at + 1 == len(words) or not words[at + 1].is_initial:
        return stop
    gap, behind = text[stop : words[at + 1].start], text[words[at + 1].stop : words[at + 1].stop + 1]
    return words[at + 1].stop if gap in {", ", ",", "^"} or (gap == " " and behind in {".", ""}) else stop


def _can_be(word: Word, *, trust: bool, after_name: bool, ended: bool) -> bool:
    kind = word.kind
    if word.folded in NO_NAMES or len(word.raw) == 1:
        return False
    if kind.is_only_name:
        return word.is_capital or trust or after_name
    if kind.is_unknown:
        return word.is_capital
    if not kind.is_name:
        return False
    return word.is_capital and (trust or (after_name and (kind.given or not ended)))


def is_title_case(word: Word) -> bool:
    """Tell whether a word is written as names are: long enough, and only its first letter a capital."""
    return len(word.raw) >= MIN_LONE and word.raw[0].isupper() and word.raw[1:].islower()
