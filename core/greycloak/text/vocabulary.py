"""What is surely no identity: words of radiology, of the language, of makers and models, and what is no word at all.

A word can be harmless and a name (Brown, Hand, May): `is_ambiguous`. What it is where it stands, its neighbours tell.
All functions take folded text (`greycloak.text.folding.fold`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from greycloak.text._words import lines_of, rows_of
from greycloak.text.gazetteer import is_name
from greycloak.text.segments import is_eastern, is_made_of, runs_of
from greycloak.text.wordforms import is_made_of_parts

_MIN_PLURAL = 4
_MAX_TOKEN = 64
_MAX_PARTS = 12
_MAX_DIGITS = 5
"""Numbers of more digits, as in patient IDs, accession numbers and dates, are not harmless by their shape."""

_NUMBER = re.compile(r"[#+±~<>=]{0,2}\d{1,5}(?:[.,]\d{1,4}){0,4}%?")
_UNITS = (
    "mm cm m um nm mcm inch ml cc l dl mg g kg mcg ug ng gm lbs ms msec s sec secs min mins h hr hrs d w wk wks mo y "
    "yr yrs kv kvp ma mas mgy gy cgy mgycm mgycm2 mbq gbq kbq mci t tesla hz khz mhz fps bpm mmhg kpa deg ° % x px dpi "
    "ch phase kev mev kw mmol mgi iu hu db ppm n st nd rd th er eme e v"
)
_LONGEST_FIRST = "|".join(sorted(_UNITS.split(), key=len, reverse=True))
_MEASURE = re.compile(rf"[+±]?\d{{1,5}}(?:[.,]\d{{1,3}})?(?:{_LONGEST_FIRST})\d?")
_SIZE = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?(?:x\d{1,4}(?:[.,]\d{1,2})?){1,3}(?:mm|cm|x)?")
_CODE = re.compile(
    r"[a-z]{1,2}\d{1,3}[a-z]?|\d{1,3}[a-z]{1,2}|[a-z]\d[a-z]\d{0,2}|b\d{1,4}"
    r"|(?:te|tr|ti|fa|bw|tp|ph|se|sl|nex|ser|im)\d{1,5}"
)
_VERSION = re.compile(r"(?:v|r|ver|rel|vb|va|vc|vd|ve|xa|n4_)?\d{1,4}(?:[._]\d{1,4}){1,5}[a-z]?\d?")
_NUMBERED = re.compile(r"([a-z]{2,24})(\d{1,4})([a-z]?)|(\d{1,4})([a-z]{2,24})")
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")
_PARTS = re.compile(r"[-.'’`´·•°²³%#*+±µμ@$§^_/:]+")
_PHRASE = re.compile(r"[^\W_]+")


@cache
def _harmless() -> frozenset[str]:
    return frozenset(lines_of("harmless.txt"))


@cache
def _equipment() -> dict[str, str]:
    return {row[0]: row[1] for row in rows_of("equipment.tsv")}


@cache
def equipment_words() -> frozenset[str]:
    """Return every word of makers, models and software, and of their legal forms, as "siemens", "ag", "medical"."""
    return frozenset(word for phrase in _equipment() for word in phrase.split())


def is_harmless(word: str) -> bool:
    """Tell whether a word is one of radiology, of a language, or of equipment. It may be a name as well."""
    words = _harmless()
    if word in words or (len(word) >= _MIN_PLURAL and word[-1] == "s" and word[:-1] in words):
        return True
    return is_made_of_parts(word)


def is_ambiguous(word: str) -> bool:
    """Tell whether a word is harmless and a name at once, as "brown", "hand", "may"."""
    return is_harmless(word) and is_name(word)


@lru_cache(maxsize=16384)
def is_harmless_token(token: str) -> bool:
    """Tell whether what stands between blanks is harmless, by its words or by its shape ("b1000", "512x512").

    Numbers of six digits and more, dates, and mixtures of many letters and digits are not.
    """
    if len(token) > _MAX_TOKEN:
        return False
    if is_harmless(token) or _is_harmless_shape(token):
        return True
    if is_eastern(token):
        runs = runs_of(token)
        return all(is_made_of(run, is_harmless) if is_eastern(run) else is_harmless_token(run) for run in runs)
    parts = [part for part in _PARTS.split(token) if part]
    if len(parts) > _MAX_PARTS or _is_like_a_number_of_somebody(parts):
        return False
    return all(len(part) == 1 or is_harmless(part) or _is_harmless_shape(part) for part in parts)


def _is_harmless_shape(token: str) -> bool:
    if len(token) == 1 and token.isascii():
        return True
    if any(shape.fullmatch(token) for shape in (_NUMBER, _MEASURE, _SIZE, _CODE, _VERSION, _ROMAN)):
        return sum(map(str.isdigit, token)) <= _MAX_DIGITS or _SIZE.fullmatch(token) is not None
    found = _NUMBERED.fullmatch(token)
    if not found:
        return False
    word = found[1] or found[5]
    return is_harmless(word) and (not found[3] or found[1] is not None)


def _is_like_a_number_of_somebody(parts: list[str]) -> bool:
    """Tell whether parts of a token together are a date, a phone, or an identifier written with separators."""
    numbers = [part for part in parts if part.isdecimal()]
    if len(numbers) > 1 and sum(map(len, numbers)) > _MAX_DIGITS + 1:
        return True
    return len(parts) > 1 and any(len(number) >= _MAX_DIGITS for number in numbers)


@lru_cache(maxsize=4096)
def is_equipment(phrase: str) -> bool:
    """Tell whether a phrase as a whole is a maker, a model, a product line or a software, versions included."""
    words = _PHRASE.findall(phrase)
    table = _equipment()
    joined = " ".join(words)
    if table.get(joined, "word") != "word":
        return True
    if words and table.get(words[0].rstrip("0123456789"), "word") != "word":
        start = 1
    else:
        sizes = range(len(words), 0, -1)
        start = next((size for size in sizes if table.get(" ".join(words[:size]), "word") != "word"), 0)
    return start > 0 and all(word in equipment_words() or _is_version(word) for word in words[start:])


def _is_version(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    return (0 < digits <= _MAX_DIGITS + 1 and len(word) <= _MAX_DIGITS + 5) or len(word) == 1
