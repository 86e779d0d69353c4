"""People who are named: beside a title or a role, or alone. Scripts with spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import context
from greycloak.text.patterns.pairs import carets, lone, pair, pairs
from greycloak.text.patterns.taking import (
    CLOSING,
    DEGREES,
    MAX_NAMES,
    MIN_LONE,
    PARTICLES,
    SPACE,
    TITLES,
    WITHIN_COMMA,
    is_title_case,
    take,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.patterns.words import Word

_MAX_SIGN = 3
"""Letters of somebody's sign."""

_PROTOCOL_TITLES = context("protocol title")
"""Titles that are plain words of images in capitals or small letters: "DR Hand", "MR Brain"."""

_WEAK_DEGREES = context("weak degree")
_BY = context("by")
_ACTS = context("act")
_ROLES = context("role")
_PATIENTS = context("patient")
_NAMED = context("name label")
_FOR = context("for")
_BEFORE_NAME = _BY | _ACTS
_BEFORE_BY = _ACTS | _ROLES
_TOLD = _ROLES | context("short role")
_LABELLED = _NAMED | _TOLD | _PATIENTS | _ACTS
_BARE = _PATIENTS | _FOR | _ACTS | _NAMED
_AFTER_TITLE = re.compile(r"[.:]?[ \t^_]{0,2}(?:(?:med|rer|nat|habil|hc|h\.c)\.?[ ]{0,1}){0,3}")
_BEFORE_DEGREE = re.compile(r",?[ ]{0,2}")
_LABEL = re.compile(r"[ .'’s]{0,3}[:=#/]+[ \t]{0,3}")


def spans_in(text: str, words: list[Word]) -> Iterator[tuple[int, int, str]]:
    """Yield where names of people stand in a text with these words."""
    for at in range(len(words)):
        span = _after_title(text, words, at) or _after_role(text, words, at) or _before_degree(text, words, at)
        if span:
            yield *span, "name"
    for span in (*carets(text, words), *pairs(text, words), *lone(text, words)):
        yield *span, "name"


def _gap(text: str, words: list[Word], at: int) -> str | None:
    return text[words[at].stop : words[at + 1].start] if at + 1 < len(words) else None


def _after_title(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    word = words[at]
    if word.folded not in TITLES or at + 1 == len(words):
        return None
    gap = text[word.stop : words[at + 1].start]
    if not _AFTER_TITLE.fullmatch(gap):
        return None
    is_clear = gap.startswith(".") or word.folded not in _PROTOCOL_TITLES or (word.is_capital and not word.is_loud)
    following = words[at + 1]
    if following.folded in TITLES or following.folded in {"med", "rer", "nat", "habil", "dent", "univ"}:
        return None if following.folded in TITLES else _after_title_words(text, words, at + 2)
    if not is_clear and not (following.kind.is_only_name and len(following.raw) > 2):  # noqa: PLR2004
        return None
    return take(text, words, at + 1, trust=is_clear, told=is_clear) or _initials(words, at + 1, is_clear=is_clear)


def _after_title_words(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    return take(text, words, at, trust=True, told=True) if at < len(words) else None


def _initials(words: list[Word], at: int, *, is_clear: bool) -> tuple[int, int] | None:
    """Return the span of initials that stand for a name, as in "Dr. K."."""
    word = words[at]
    return (word.start, word.stop) if is_clear and word.is_initial else None


def _after_role(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    word, gap = words[at], _gap(text, words, at)
    if gap is None:
        return None
    if word.folded in _BY and at > 0 and words[at - 1].folded in _BEFORE_BY and SPACE.fullmatch(gap):
        return take(text, words, at + 1, trust=True) or _sign(words, at + 1)
    if word.folded in _LABELLED and _LABEL.fullmatch(gap):
        told = word.folded in _TOLD
        return take(text, words, at + 1, trust=True, told=told) or (
            _sign(words, at + 1) if word.folded not in _PATIENTS else None
        )
    if word.folded in _ROLES and SPACE.fullmatch(gap):
        return take(text, words, at + 1, trust=False, told=_is_signed(text, words, at + 1))
    if word.folded in _BARE and (SPACE.fullmatch(gap) or gap == ". "):
        return _bare(text, words, at + 1, is_patient=word.folded in _PATIENTS)
    return None


def _bare(text: str, words: list[Word], at: int, *, is_patient: bool) -> tuple[int, int] | None:
    """Return the span of a name behind a word that only may announce one: "for Hall, K", "pt Sims"."""
    word = words[at]
    if _has_initial(text, words, at):
        return word.start, words[at + 1].stop
    if is_patient and _is_alone(text, words, at):
        return word.start, word.stop
    is_sure = word.kind.is_only_name or (word.kind.is_unknown and is_title_case(word))
    return take(text, words, at, trust=False) if is_sure or pair(text, words, at) else None


def _is_alone(text: str, words: list[Word], at: int) -> bool:
    """Tell whether a word is a name, whatever it is besides, and nothing stands behind it: "tech Burns"."""
    word = words[at]
    return word.kind.is_name and word.raw.istitle() and text[word.stop : word.stop + 1] in CLOSING


def _has_initial(text: str, words: list[Word], at: int) -> bool:
    """Tell whether a word is a name, whatever it is besides, with an initial behind it: "Hall, K"."""
    if at + 1 >= len(words) or not words[at + 1].is_initial:
        return False
    word, initial = words[at], words[at + 1]
    gap, behind = text[word.stop : initial.start], text[initial.stop : initial.stop + 1]
    is_closed = gap in {", ", ","} or (gap == " " and behind == ".")
    return word.kind.is_name and word.raw.istitle() and is_closed and (behind in CLOSING or behind == " ")


def _is_signed(text: str, words: list[Word], at: int) -> bool:
    """Tell whether words are written as signatures are: "C. Lamb", "Bag, Seonghun", "Burns"."""
    if _is_alone(text, words, at):
        return True
    if at + 1 >= len(words):
        return False
    first, second = words[at], words[at + 1]
    gap = text[first.stop : second.start]
    if first.is_initial:
        return gap in {". ", "."} and second.is_capital
    is_name = second.kind.is_only_name or (second.kind.is_unknown and is_title_case(second))
    return gap in {", ", ","} and is_name and second.is_capital


def _sign(words: list[Word], at: int) -> tuple[int, int] | None:
    """Return the span of somebody's sign, as in "Tech: AB"."""
    word = words[at]
    is_sign = len(word.raw) <= _MAX_SIGN and (word.raw.isupper() or not word.kind.plain)
    return (word.start, word.stop) if is_sign and len(word.raw) > 1 else None


def _before_degree(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    word = words[at]
    if word.folded not in DEGREES or at == 0 or not word.raw[0].isupper():
        return None
    gap = text[words[at - 1].stop : word.start]
    if not _BEFORE_DEGREE.fullmatch(gap) or (word.folded in _WEAK_DEGREES and not gap.startswith(",")):
        return None
    first = at
    while first > 0 and at - first < MAX_NAMES and _could_have_degree(words[first - 1], gap):
        if first < at and not WITHIN_COMMA.fullmatch(text[words[first - 1].stop : words[first].start]):
            break
        first -= 1
    while first < at and (words[first].is_initial or words[first].folded in PARTICLES):
        first += 1
    named = [other for other in words[first:at] if not other.kind.plain or other.kind.is_name]
    if not named and _is_named_by(words, at - 1):
        return words[at - 2 if words[at - 2].is_initial else at - 1].start, words[at - 1].stop
    is_clear = any(not other.kind.plain for other in named) or (named and word.folded not in _WEAK_DEGREES)
    return (words[first].start, words[at - 1].stop) if is_clear else None


def _is_named_by(words: list[Word], at: int) -> bool:
    """Tell whether a word that is no name is one before a degree: "read by Bag MD", "S. Bag MD"."""
    raw = words[at].raw
    if at == 0 or len(raw) == 1 or not (raw[0].isupper() and raw[1:].islower()):
        return False
    return words[at - 1].is_initial or words[at - 1].folded in _BEFORE_NAME


def _could_have_degree(word: Word, gap: str) -> bool:
    if word.is_initial or word.folded in PARTICLES:
        return True
    kind = word.kind
    if not word.is_capital:
        return False
    is_spelled = gap.startswith(",") or word.raw.istitle() or (word.is_loud and len(word.raw) >= MIN_LONE)
    return kind.is_only_name or kind.is_unknown or (kind.is_name and is_spelled)
