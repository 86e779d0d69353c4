"""Postal codes, and the places beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives
from greycloak.text.folding import fold
from greycloak.text.gazetteer import is_name, is_place
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽА-ЯΑ-Ω]"
"""A capital letter, in a regular expression."""

_STATES = alternatives("state").upper()
_AREAS = alternatives("british area").upper()
_COUNTRIES = r"(?:D|A|CH|F|I|B|L|NL|DK|S|E|P|CZ|PL|FIN|SF|N|DE|AT|FR|IT|ES)-"
_NAME = rf"{CAPITAL}[^\W\d_]{{1,24}}"
_TOWN = rf"{CAPITAL}[^\W\d_]{{2,24}}(?:[ -]{_NAME}){{0,2}}"
_SHORT_CODE = 4
_ZIP = re.compile(
    rf"(?:({_NAME}(?:[ ]{_NAME}){{0,3}}),?[ ]{{1,2}})?(?<![\w-])(?:{_STATES}),?[ ]{{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w-])"
)
_CODE_AND_TOWN = re.compile(
    rf"(?<![\w.,-])(?:{_COUNTRIES})?(\d{{4,5}}|\d{{3}}[ ]\d{{2}}|\d{{2}}-\d{{3}}|\d{{4}}[ ]?[A-Z]{{2}})[ ]({_TOWN})"
)
_TOWN_AND_STATE = re.compile(rf"(?<!\w)({_NAME}(?:[ ]{_NAME}){{0,2}}),[ ](?:{_STATES})(?!\w)")
_COUNTRY_CODE = re.compile(rf"(?<![\w-]){_COUNTRIES}\d{{4,5}}(?![\w-])")
_CODES = re.compile(
    rf"(?<![\w-])(?:(?:{_AREAS})(?:\d{{1,2}}|\d[A-Z])[ ]\d[ABD-HJLNP-UW-Z]{{2}}"
    r"|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ ]?\d[ABCEGHJ-NPRSTV-Z]\d|\d{5}-\d{3,4})(?![\w-])"
    r"|〒[ ]?\d{3}-?\d{4}"
)
_FROM = re.compile(
    r"(?<!\w)(?:[Ff]rom|[Rr]esident of|[Ll]ives in|[Ll]iving in|[Bb]orn in|[Aa]us|[Ww]ohnhaft in|[Hh]abite à"
    rf"|[Dd]omicili[ée]{{1,2}} à|[Rr]esidente (?:en|a|em))[ ]({_TOWN})"
)


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where postal codes and places stand in a text."""
    if any(map(str.isdigit, text)):
        yield from _with_code(text)
    yield from ((*found.span(), "postal") for found in _TOWN_AND_STATE.finditer(text) if is_place(fold(found[1])))
    yield from ((*found.span(1), "postal") for found in _FROM.finditer(text) if is_place(fold(found[1])))


def is_plain(text: str) -> bool:
    """Tell whether every word of a text is a plain word, and no name."""
    return all(is_harmless(word) and not is_name(word) for word in _words(text))


def _with_code(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _ZIP.finditer(text):
        start = found.start()
        if found[1] and is_plain(found[1]):
            start = found.end(1) + 1
        yield start, found.end(), "postal"
    for found in _CODE_AND_TOWN.finditer(text):
        is_short = len(found[1]) == _SHORT_CODE and found[1].isdecimal()
        if is_place(fold(found[2])) or (not is_short and _is_town(found[2])):
            yield *found.span(), "postal"
    for shape in (_COUNTRY_CODE, _CODES):
        yield from ((*found.span(), "postal") for found in shape.finditer(text))


def _words(text: str) -> list[str]:
    return [fold(word) for word in re.findall(r"[^\W\d_]+", text)]


def _is_town(text: str) -> bool:
    """Tell whether words can be a town: it is known, or has a word that is nothing else."""
    words = _words(text)
    return is_place(words[0]) or not all(map(is_harmless, words))
