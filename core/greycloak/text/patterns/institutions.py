"""Hospitals, practices and departments that are named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import context
from greycloak.text.gazetteer import institution_words, is_place, is_town
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.patterns.words import Word

_MAX_BEFORE, _MAX_BEHIND = 4, 4
_HEADS = context("institution head")
_FIRST = context("institution first")
"""Heads whose name stands behind them: "Hôpital Saint-Louis"."""

_JOINS = context("institution join")
_SERVICES_FIRST = context("service first")
_SERVICES = _SERVICES_FIRST | context("service last")
"""What a practice offers, and is called by."""

_PREFIXES = frozenset(word.strip(".") for word in context("town prefix"))
_ENDINGS = ("krankenhaus", "hospital", "spital", "klinikum", "klinik", "ziekenhuis", "sjukhus", "sykehus", "sygehus")
_HYPHEN = "-"
_MAX_SHORT = 2
"""Letters of an abbreviation before the name of a town."""

_NAMING = institution_words() | _JOINS
_ONLY_SPACE = re.compile(r"(?:[ ]{1,2}|\. |, |-| - |'|’|\.)")
_TWO_WORD_HEADS = re.compile(
    r"(?<!\w)(?i:medical|health|imaging|radiology|cancer|heart|diagnostic|medizinisches|centro|centre)[ ]"
    r"(?:Center|Centre|CENTER|CENTRE|System|SYSTEM|Zentrum|ZENTRUM|Médico|Medico|Hospitalier|Associates|Group)(?!\w)"
)
_EASTERN = re.compile(
    r"[\u4e00-\u9fffァ-ヶー]{2,14}(?:病院|医院|醫院|クリニック|医療センター|診療所|大学|大學|卫生院|中心)|[가-힣]{2,12}(?:병원|의원|대학교|의료원|클리닉)"
)


def spans_in(text: str, words: list[Word]) -> Iterator[tuple[int, int, str]]:
    """Yield where named institutions stand in a text with these words."""
    if not text.isascii():
        yield from ((*found.span(), "institution") for found in _EASTERN.finditer(text))
    for at, word in enumerate(words):
        if word.folded in _HEADS and word.is_capital:
            yield from _around(text, words, at, at)
        if _is_compound(word):
            yield from _around(text, words, at, at, is_named=True)
        elif word.folded in _SERVICES and _is_title(word):
            yield from _service(text, words, at)
    ends = {word.stop: at for at, word in enumerate(words)}
    for found in _TWO_WORD_HEADS.finditer(text):
        last = ends.get(found.end())
        if last is not None and last > 0:
            yield from _around(text, words, last - 1, last)


def _is_title(word: Word) -> bool:
    return word.raw[0].isupper() and word.raw[1:].islower()


def _is_compound(word: Word) -> bool:
    """Tell whether a word is a name and a head: "Josef-Krankenhaus", "Marienhospital"."""
    before, hyphen, head = word.folded.rpartition("-")
    if hyphen:
        return head in _HEADS and _HYPHEN in word.raw and any(not is_harmless(part) for part in before.split("-"))
    is_joined = word.folded.endswith(_ENDINGS) and word.folded not in _HEADS
    return is_joined and word.is_capital and not is_harmless(word.folded)


def _service(text: str, words: list[Word], at: int) -> Iterator[tuple[int, int, str]]:
    """Yield a practice that is called by its service, and a name or a place: "Radiologie Essen", "Oakdale Imaging"."""
    before = words[at - 1] if at and text[words[at - 1].stop : words[at].start] == " " else None
    behind = words[at + 1] if at + 1 < len(words) and text[words[at].stop : words[at + 1].start] == " " else None
    if words[at].folded in _SERVICES_FIRST:
        if behind and _could_be_place(behind):
            yield words[at].start, words[at + 1].stop, "institution"
    elif before and _could_be_place(before):
        first = at - 1
        is_prefixed = first > 0 and words[first - 1].folded in _PREFIXES and _is_title(words[first - 1])
        if is_prefixed and text[words[first - 1].stop : words[first].start] in {" ", ". "}:
            first -= 1
        yield words[first].start, words[at].stop, "institution"


def _could_be_place(word: Word) -> bool:
    """Tell whether a word is written as a name, and is one or nothing that is known."""
    return _is_title(word) and (is_town(word.folded) or not word.kind.plain)


def _around(
    text: str, words: list[Word], first: int, last: int, *, is_named: bool = False
) -> Iterator[tuple[int, int, str]]:
    """Yield an institution around its head, if anything there names it."""
    start, stop = first, last
    while start > 0 and first - start < _MAX_BEFORE and _belongs(text, words[start - 1], words[start]):
        if words[first].folded in _FIRST and words[start - 1].kind.plain and words[start - 1].folded not in _NAMING:
            break
        start -= 1
    is_named = is_named or any(map(_names_one, words[start:first]))
    while (
        stop + 1 < len(words)
        and stop - last < _MAX_BEHIND
        and _belongs(text, words[stop], words[stop + 1], behind=True)
        and not (words[stop + 1].is_loud and words[stop + 1].kind.plain and not words[last].is_loud)
        and not (is_named and words[stop + 1].kind.plain and words[stop + 1].folded not in _NAMING)
    ):
        stop += 1
    while start < first and words[start].folded in _JOINS and not words[start].is_capital:
        start += 1
    while stop > last and (words[stop].folded in _JOINS or len(words[stop].raw) <= _MAX_SHORT):
        stop -= 1
    names = [word for word in (*words[start:first], *words[last + 1 : stop + 1]) if _names_one(word)]
    if names or is_named:
        yield words[start].start, words[stop].stop, "institution"


def _belongs(text: str, left: Word, right: Word, *, behind: bool = False) -> bool:
    other = right if behind else left
    if not _ONLY_SPACE.fullmatch(text[left.stop : right.start]):
        return False
    if other.folded in _PREFIXES and (len(other.raw) <= _MAX_SHORT if behind else _is_title(other)):
        return True
    if other.folded in _JOINS or other.folded in institution_words():
        return True
    if behind and _is_title(other) and is_town(other.folded):
        return True
    return other.is_capital and (not other.kind.plain or other.kind.is_name or is_place(other.folded))


def _names_one(word: Word) -> bool:
    """Tell whether a word says which institution it is."""
    if word.folded in _JOINS - {"st", "saint", "san", "santa", "sant"} or word.folded in _HEADS:
        return False
    generic = {
        "department",
        "dept",
        "abteilung",
        "unit",
        "ward",
        "system",
        "bed",
        "imaging",
        "radiology",
        "radiologie",
        "medical",
        "service",
    }
    return word.folded not in generic and (
        not word.kind.plain
        or (_is_title(word) and is_town(word.folded))
        or word.kind.is_name
        or word.folded in institution_words()
    )
