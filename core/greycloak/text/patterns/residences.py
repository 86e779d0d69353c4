"""Where somebody is said to live ("lives at", "Adresse:"): what follows is an address, whatever it looks like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives, context
from greycloak.text.folding import fold
from greycloak.text.patterns.address_parts import (
    MAX_WORDS,
    SPACE,
    WORD,
    Both,
    behind_street,
    house_number,
    is_clinical,
    is_like_a_name,
    named_street,
    place,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_CUE = re.compile(rf"(?<![^\W\d_])(?:{alternatives('address label')})(?![^\W\d_])[ ]?[:=.：]?[ ]{{0,2}}")
_FIRST_WORDS = frozenset(re.split(r"[\W\d_]+", phrase)[0] for phrase in context("address label"))
_RUN = re.compile(r"[^\W\d_]+")
_LETTER = r"\u3005\u3400-\u4dbf\u4e00-\u9fff가-힣ぁ-んァ-ヶー"
_EASTERN_PART = rf"[{_LETTER}]+[市区町村郡县縣州省도시군구읍면동리로길호]"
_EASTERN = re.compile(
    rf"(?:〒?[ ]?\d{{3}}-\d{{4}}[ ]?)?[{_LETTER}][\w-]*"
    rf"(?:[ ,，、]{{1,2}}(?:{_EASTERN_PART}|지하[ ]?\d+|\d{{1,4}}[동호층]|\d[\d-]{{3,}})(?![A-Za-z])[{_LETTER}\d-]*)*"
)
_STREETS = frozenset().union(
    *(
        {word.strip(".") for phrase in context(kind) for word in phrase.split()}
        for kind in ("sure street", "street", "germanic street", "french street", "romance street", "named street")
    )
)
"""Words for streets and squares, folded, without a full stop behind them."""

_UNIT_FIRST = re.compile(r"(?:flat|studio|apt\.?|unit|h\.no\.)[ ]\d{1,4}[^\W\d_]?[,\n ]{1,2}")
_NUMBER_FIRST = re.compile(r"\d{1,6}[^\W\d_]?(?:[/-]\d{1,5})?,?[ \n]{1,2}")
_BEFORE_NUMBER = re.compile(r"\.?,?[ ]{1,2}")


def spans_in(both: Both) -> Iterator[tuple[int, int, str]]:
    """Yield where addresses stand in a text behind words that announce them."""
    if both.plain.isascii() and _FIRST_WORDS.isdisjoint(_RUN.findall(both.plain)):
        return
    for cue in _CUE.finditer(both.plain):
        stop = _address(both, cue.end())
        if stop > cue.end():
            yield cue.end(), stop, "address"


def _address(both: Both, at: int) -> int:
    eastern = _eastern(both.text, at)
    if eastern:
        return eastern
    unit = _UNIT_FIRST.match(both.plain, at)
    start = unit.end() if unit else at
    number = _NUMBER_FIRST.match(both.plain, start)
    stop = _street(both, number.end(), is_numbered=True) if number else _street_before_number(both, start)
    if not stop:
        stop = _street(both, start) if not number else 0
    if stop:
        return behind_street(both, stop)
    stop, _ = place(both, at, is_apart=True)
    return behind_street(both, stop) if stop > at else (unit.end() if unit else at)


def _eastern(text: str, at: int) -> int:
    """Return where an address in a script without spaces ends."""
    found = _EASTERN.match(text, at)
    return found.end() if found else 0


def _words(both: Both, at: int) -> list[tuple[str, str, int]]:
    """Return the words from a place on with only blanks between, folded and as they are, and where they end."""
    found = []
    for _ in range(MAX_WORDS):
        match = WORD.match(both.text, at)
        if not match:
            break
        found.append((fold(match[0]).strip(".'’"), match[0], match.end()))
        space = SPACE.match(both.text, match.end())
        if not space:
            break
        at = space.end()
    return found


def _street(both: Both, at: int, *, is_numbered: bool = False) -> int:
    """Return where the name of a street ends whose number is elsewhere; 0 if there is none."""
    words = _words(both, at)
    kinds = [word in _STREETS for word, _, _ in words]
    last = next((index for index, is_street in enumerate(kinds) if is_street and index), 0)
    while last and last + 1 < len(words) and kinds[last + 1] and is_like_a_name(words[last + 1][1]):
        last += 1
    is_title = is_numbered and all(raw[0].isupper() and not raw[1:2].isupper() for _, raw, _ in words[: last + 1])
    if last and (is_title or not all(is_clinical(word) for word, _, _ in words[:last])):
        return words[last][2]
    if words and not kinds[0] and both.text[words[-1][2] :].startswith(",") and not all(map(_is_clinical, words)):
        return words[-1][2]
    first = SPACE.match(both.text, words[0][2]) if words and kinds[0] else None
    return named_street(both.text, first.end() if first else at, is_sure=first is not None)


def _is_clinical(word: tuple[str, str, int]) -> bool:
    return is_clinical(word[0])


def _street_before_number(both: Both, at: int) -> int:
    """Return where a number ends that stands behind the name of a street, as in "Calle Mayor 5"; 0 if none does."""
    words = _words(both, at)
    if not words or all(is_clinical(word) and word not in _STREETS for word, _, _ in words):
        return 0
    gap = _BEFORE_NUMBER.match(both.text, words[-1][2])
    stop = house_number(both, gap.end()) if gap else 0
    return stop if gap and stop > gap.end() else 0
