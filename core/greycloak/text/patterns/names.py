"""People who are named: beside a title or a role, as last^first, as given name and surname. Scripts with spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import context
from greycloak.text.gazetteer import institution_words, is_place
from greycloak.text.patterns.words import words_of
from greycloak.text.vocabulary import is_equipment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.patterns.words import Word

_MAX_NAMES = 4
_MIN_LONE = 4
_MAX_SIGN = 3


_TITLES = context("title")
_PROTOCOL_TITLES = context("protocol title")
"""Titles that are plain words of images in capitals or small letters: "DR Hand", "MR Brain"."""

_DEGREES = context("degree")
_WEAK_DEGREES = context("weak degree")
_BY = context("by")
_ACTS = context("act")
_ROLES = context("role")
_PATIENTS = context("patient")
_NAMED = context("name label")
_FOR = context("for")
_PARTICLES = context("particle")
_NO_NAMES = _PARTICLES | _TITLES | _DEGREES
_WITHIN = re.compile(r"(?:\.?[ ]{1,2}|\.|[-'’]|[ ]?\^[ ]?|_)")
_WITHIN_COMMA = re.compile(r"(?:\.?,?[ ]{1,2}|\.|[-'’]|[ ]?\^[ ]?|_|\.?,)")
_AFTER_TITLE = re.compile(r"[.:]?[ \t^_]{0,2}(?:(?:med|rer|nat|habil|hc|h\.c)\.?[ ]{0,1}){0,3}")
_BEFORE_DEGREE = re.compile(r",?[ ]{0,2}")
_LABEL = re.compile(r"[ .'’s]{0,3}[:=#/]+[ \t]{0,3}")
_SPACE = re.compile(r"[ \t]{1,2}|[_^]")
_CARET = re.compile(r"\^{1,2}")
_COMMA = re.compile(r",[ ]{0,2}")


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where names of people stand in a text."""
    words = words_of(text)
    for at in range(len(words)):
        span = _after_title(text, words, at) or _after_role(text, words, at) or _before_degree(text, words, at)
        if span:
            yield *span, "name"
    for span in (*_carets(text, words), *_pairs(text, words), *_lone(text, words)):
        yield *span, "name"


def _gap(text: str, words: list[Word], at: int) -> str | None:
    return text[words[at].stop : words[at + 1].start] if at + 1 < len(words) else None


def _take(text: str, words: list[Word], at: int, *, trust: bool) -> tuple[int, int] | None:
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
    while at < len(words) and at - start < _MAX_NAMES + 1:
        word = words[at]
        if at > start and not (_WITHIN if taken >= 0 else _WITHIN_COMMA).fullmatch(
            text[words[at - 1].stop : word.start]
        ):
            break
        if not _can_be(word, trust=trust and taken < 0, after_name=taken >= 0, ended=seen_surname):
            if word.folded in _PARTICLES or word.is_initial:
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
    if word.folded in _NO_NAMES or len(word.raw) == 1:
        return False
    if kind.is_only_name:
        return word.is_capital or trust or after_name
    if kind.is_unknown:
        return word.is_capital
    if not kind.is_name:
        return False
    return word.is_capital and (trust or (after_name and (kind.given or not ended)))


def _after_title(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    word = words[at]
    if word.folded not in _TITLES or at + 1 == len(words):
        return None
    gap = text[word.stop : words[at + 1].start]
    if not _AFTER_TITLE.fullmatch(gap):
        return None
    is_clear = gap.startswith(".") or word.folded not in _PROTOCOL_TITLES or (word.is_capital and not word.is_loud)
    following = words[at + 1]
    if following.folded in _TITLES or following.folded in {"med", "rer", "nat", "habil", "dent", "univ"}:
        return None if following.folded in _TITLES else _after_title_words(text, words, at + 2)
    if not is_clear and not (following.kind.is_only_name and len(following.raw) > 2):  # noqa: PLR2004
        return None
    return _take(text, words, at + 1, trust=is_clear) or _initials(words, at + 1, is_clear=is_clear)


def _after_title_words(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    return _take(text, words, at, trust=True) if at < len(words) else None


def _initials(words: list[Word], at: int, *, is_clear: bool) -> tuple[int, int] | None:
    """Return the span of initials that stand for a name, as in "Dr. K."."""
    word = words[at]
    return (word.start, word.stop) if is_clear and word.is_initial else None


def _after_role(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    word, gap = words[at], _gap(text, words, at)
    if gap is None:
        return None
    if word.folded in _BY and at > 0 and words[at - 1].folded in _ACTS | _ROLES and _SPACE.fullmatch(gap):
        return _take(text, words, at + 1, trust=True) or _sign(words, at + 1)
    if word.folded in _NAMED | _ROLES | _PATIENTS | _ACTS and _LABEL.fullmatch(gap):
        return _take(text, words, at + 1, trust=True) or (
            _sign(words, at + 1) if word.folded not in _PATIENTS else None
        )
    if word.folded in _ROLES and _SPACE.fullmatch(gap):
        return _take(text, words, at + 1, trust=False)
    if word.folded in _PATIENTS | _FOR | _ACTS | _NAMED and (_SPACE.fullmatch(gap) or gap == ". "):
        following = words[at + 1]
        is_sure = following.kind.is_only_name or (following.kind.is_unknown and _is_title_case(following))
        if is_sure or _pair(text, words, at + 1):
            return _take(text, words, at + 1, trust=False)
    return None


def _is_title_case(word: Word) -> bool:
    return len(word.raw) >= _MIN_LONE and word.raw[0].isupper() and word.raw[1:].islower()


def _sign(words: list[Word], at: int) -> tuple[int, int] | None:
    """Return the span of somebody's sign, as in "Tech: AB"."""
    word = words[at]
    is_sign = len(word.raw) <= _MAX_SIGN and (word.raw.isupper() or not word.kind.plain)
    return (word.start, word.stop) if is_sign and len(word.raw) > 1 else None


def _before_degree(text: str, words: list[Word], at: int) -> tuple[int, int] | None:
    word = words[at]
    if word.folded not in _DEGREES or at == 0 or not word.raw[0].isupper():
        return None
    gap = text[words[at - 1].stop : word.start]
    if not _BEFORE_DEGREE.fullmatch(gap) or (word.folded in _WEAK_DEGREES and not gap.startswith(",")):
        return None
    first = at
    while first > 0 and at - first < _MAX_NAMES and _could_have_degree(words[first - 1], gap):
        if first < at and not _WITHIN_COMMA.fullmatch(text[words[first - 1].stop : words[first].start]):
            break
        first -= 1
    while first < at and (words[first].is_initial or words[first].folded in _PARTICLES):
        first += 1
    named = [other for other in words[first:at] if not other.kind.plain or other.kind.is_name]
    is_clear = any(not other.kind.plain for other in named) or (named and word.folded not in _WEAK_DEGREES)
    return (words[first].start, words[at - 1].stop) if is_clear else None


def _could_have_degree(word: Word, gap: str) -> bool:
    if word.is_initial or word.folded in _PARTICLES:
        return True
    kind = word.kind
    return word.is_capital and (kind.is_only_name or kind.is_unknown or (kind.is_name and gap.startswith(",")))


def _carets(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
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
    while first > 0 and first > at - _MAX_NAMES and text[words[first - 1].stop : words[first].start] == " ":
        before = words[first - 1]
        if before.folded not in _PARTICLES and not before.kind.is_only_name:
            break
        first -= 1
    return first


def _pairs(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield given name and surname side by side, in any order, with a comma or without."""
    at = 0
    while at + 1 < len(words):
        size = _pair(text, words, at)
        if size:
            span = _take(text, words, at, trust=True)
            stop = max(words[at + size - 1].stop, span[1] if span else 0)
            yield words[at].start, stop
            while at + 1 < len(words) and words[at + 1].stop <= stop:
                at += 1
        at += 1


def _pair(text: str, words: list[Word], at: int) -> int:
    """Return how many words from one on are a given name and a surname, in any order; 0 if they are not."""
    if at + 1 >= len(words):
        return 0
    one, other = words[at], words[at + 1]
    gap = text[one.stop : other.start]
    if other.is_initial and at + 2 < len(words) and _WITHIN.fullmatch(gap):  # John Q. Public
        last = words[at + 2]
        has_point = text[other.stop : last.start] in {". ", "."}
        is_named = one.kind.given and one.kind.is_only_name and one.is_capital and last.is_capital and len(last.raw) > 1
        return 3 if has_point and is_named else 0
    has_comma = _COMMA.fullmatch(gap) is not None
    if not has_comma and not _SPACE.fullmatch(gap):
        return 0
    if has_comma and not (one.is_capital and other.is_capital):
        return 0
    is_whole = one.start == 0 and other.stop == len(text.rstrip())
    return 2 if _are_pair(one, other, whole=is_whole) else 0


def _are_pair(one: Word, other: Word, *, whole: bool) -> bool:
    if {one.folded, other.folded} & _NO_NAMES or len(one.raw) == 1 or len(other.raw) == 1:
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
        return other.kind.is_only_name and (_is_title_case(one) or one.is_loud)
    return other.kind.is_unknown and one.kind.given and one.kind.is_only_name


def _lone(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield words that are names and nothing else, written as names are, with the initials beside them."""
    for at, word in enumerate(words):
        if not word.kind.is_only_name or len(word.raw) < _MIN_LONE or word.raw.islower():
            continue
        if is_place(word.folded) or word.folded in _NO_NAMES or word.folded in institution_words():
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
            span = _take(text, words, at, trust=False)
            yield words[first].start, span[1] if span else word.stop
