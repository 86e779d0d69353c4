"""How far a name goes that begins with a word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from greycloak.text._words import context
from greycloak.text.gazetteer import institution_words, is_place

if TYPE_CHECKING:
    from greycloak.text.patterns.words import Word

Before = Literal["nothing", "part", "surname"]
MAX_NAMES = 4
"""Words of one name."""

MIN_LONE = 4
"""Letters of a word that is a name without anything beside it that says so."""

TITLES = context("title")
DEGREES = context("degree")
PARTICLES = context("particle")
_NEVER_THIRD = context("eponym") | context("body")
"""Words that may be a name, but not behind two others: "Ana Martinez Foley in place"."""

_EPONYM_NOUNS = context("eponym noun")
CLOSING = frozenset({"", ".", ",", ";", ":", ")", "\n", "\r", "|", "_"})
"""What may stand behind a name at the end of a clause."""

NO_NAMES = PARTICLES | TITLES | DEGREES
"""Words beside names that are none."""

_NO_PERSONS = NO_NAMES | context("nobody") | institution_words()

WITHIN = re.compile(r"(?:\.?[ ]{1,2}|\.|[-'’]|[ ]?\^[ ]?|_)")
WITHIN_COMMA = re.compile(r"(?:\.?,?[ ]{1,2}|\.|[-'’]|[ ]?\^[ ]?|_|\.?,)")
SPACE = re.compile(r"[ \t]{1,2}|[_^]")


def take(
    text: str, words: list[Word], at: int, *, trust: bool, told: bool = False, before: Before = "nothing"
) -> tuple[int, int] | None:
    """Return the span of a name that begins with a word, or None.

    Parameters
    ----------
    at : int
        The first word.
    trust : bool
        Whether something before it says that a name follows: then a word that is also a plain one may be it.
    told : bool
        Whether it leaves no other reading ("Rad: Bates", "Dr. Bag"): then any word may be it, written as names are,
        and what stands behind a comma.
    before : str
        Whether another part of the name stands before it, or a surname with a comma.
    """
    first = next((word for word in words[at : at + MAX_NAMES] if not word.is_initial), words[at])
    told = told and _is_written(first)
    start = at
    taken = -1
    seen_surname = before == "surname"
    is_styled = True
    while at < len(words) and at - start < MAX_NAMES + 1:
        word = words[at]
        if at > start and not (WITHIN if taken >= 0 else WITHIN_COMMA).fullmatch(text[words[at - 1].stop : word.start]):
            break
        if word.kind.plain and at > start and is_eponym(text, words, at):
            break
        if (taken > start or (before != "nothing" and taken == start)) and word.folded in _NEVER_THIRD:
            break
        can_be = _can_be(word, trust=trust and taken < 0, after_name=taken >= 0 and is_styled, ended=seen_surname)
        if not can_be and not (told and taken < 0 and _is_written(word)):
            if word.folded in PARTICLES or word.is_initial:
                at += 1
                continue
            break
        taken = at
        seen_surname = seen_surname or (word.kind.surname and not word.kind.given)
        at += 1
        is_styled = at == len(words) or _goes_on(words[start:at], words[at])
    if taken < 0:
        return None
    if told:
        taken = _behind_comma(text, words, taken)
    return words[start].start, _with_initial(text, words, taken)


def _with_initial(text: str, words: list[Word], at: int) -> int:
    """Return where a name ends, with an initial behind it ("Jones, A.")."""
    stop = words[at].stop
    if at + 1 == len(words) or not words[at + 1].is_initial:
        return stop
    gap, behind = text[stop : words[at + 1].start], text[words[at + 1].stop : words[at + 1].stop + 1]
    if behind in {"/", "'", "’"} or behind.isdigit():
        return stop
    return words[at + 1].stop if gap in {", ", ",", "^"} or (gap == " " and behind in {".", ""}) else stop


def is_eponym(text: str, words: list[Word], at: int) -> bool:
    """Tell whether a word is the name of a thing by what stands behind it: "Couinaud segment", "Brown tumor"."""
    following = words[at + 1] if at + 1 < len(words) else None
    return (
        following is not None
        and following.folded in _EPONYM_NOUNS
        and SPACE.fullmatch(text[words[at].stop : following.start]) is not None
    )


def _is_written(word: Word) -> bool:
    """Tell whether any word behind a title may be a name: with a capital letter, and not said of nobody."""
    raw = word.raw
    is_title = raw[0].isupper() and raw[1:].islower()
    return (is_title or (word.kind.is_name and len(raw) >= MIN_LONE)) and word.folded not in _NO_PERSONS


def _goes_on(taken: list[Word], word: Word) -> bool:
    """Tell whether a word that is also a plain one is written as the name before it: "Marie BLANC", not "LEE Knee"."""
    if not (word.kind.plain and word.kind.is_name):
        return True
    parts = [one for one in taken if len(one.raw) > 1 and one.folded not in PARTICLES]
    if not parts or parts[-1].is_loud == word.is_loud:
        return True
    return word.is_loud and word.kind.surname and all(one.kind.given for one in parts)


def _behind_comma(text: str, words: list[Word], taken: int) -> int:
    """Return the last word of a name, with the given names behind a comma ("Albers, Anastasia")."""
    at = taken + 1
    if at >= len(words) or text[words[taken].stop : words[at].start] not in {", ", ","}:
        return taken
    word = words[at]
    kind, behind = word.kind, text[word.stop : word.stop + 1]
    is_name = kind.is_only_name or (kind.is_unknown and is_title_case(word)) or (kind.given and behind in CLOSING)
    if not is_name or not word.is_capital or word.folded in NO_NAMES or is_place(word.folded):
        return taken
    following = at + 1
    if following < len(words) and words[following].kind.given and text[word.stop : words[following].start] == " ":
        return following if words[following].kind.is_only_name and words[following].is_capital else at
    return at


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
