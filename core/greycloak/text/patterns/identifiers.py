"""Numbers of patients, cases and studies, by their label or their form, and UIDs. All in folded text."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIN_UID = 14
_MIN_DIGITS = 7
_MIN_CHANGES = _MIN_MIXED_DIGITS = 4
_ROUND = re.compile(r"0|[1-9]\d{0,2}0")
_SIZE = re.compile(r"\d{1,5}(?:x\d{1,5}){1,3}(?:mm|cm)?")
_OF_IMAGES = re.compile(r"^(?:b|te|tr|ti|ww|wl|kv|ma)(?=\d)")
_MIN_PREFIX, _MAX_GROUP = 2, 6
_STANDARD_ROOT = "1.2.840.10008."
_UID = re.compile(r"(?<![\w.])[0-2](?:\.(?:0|[1-9]\d{0,38})){4,}+(?![\w])")
_UUID = re.compile(r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])")
_STRONG, _WEAK, _SERIAL = map(alternatives, ("strong label", "weak label", "serial label"))
# What may begin a word counts only as a word.
_STRONG += rf"|(?:{alternatives('short label')})(?![^\W\d_])"
_TAIL = r"(?:[ ]?(?:is|no|nr|num|number|#)(?![^\W\d_]))?[ .]{0,2}[:#=_-]{0,2}[ #]{0,2}"
_MORE = rf"((?:[ -]\d{{3,5}}(?![\w%°/]|[.,x×*:]\d|[ ]?(?:{alternatives('measure')})(?![^\W\d_]))){{0,4}})"
# Behind a strong label even a short number is an identifier, behind a weak one only that of two characters and more.
_LABELLED_STRONG = re.compile(
    rf"(?<![^\W\d_])(?:{_STRONG}){_TAIL}"
    rf"([a-z]{{0,6}}[-_/ ]?\d[a-z0-9]{{0,20}}(?:[-_/.][a-z0-9]{{1,12}}){{0,5}}{_MORE})(?!\w)"
)
_LABELLED_WEAK = re.compile(
    rf"(?<![^\W\d_])(?:{_WEAK}){_TAIL}([a-z]{{0,6}}[-_/]?\d[a-z0-9]{{1,20}}(?:[-_/.][a-z0-9]{{1,12}}){{0,5}}{_MORE})(?!\w)"
)
_SPLIT = (
    r"(?=[a-z]{0,3}\d)[a-z0-9]{4}[ ](?=[a-z]{0,3}\d)[a-z0-9]{4}|(?=[a-z0-9-]{0,9}\d)[a-z0-9]{1,4}(?:-[a-z0-9]{2,4}){2}"
)
"""Groups of letters and digits, as of accession numbers: "A9BJ MC97", "DX-JY4-R77"."""

_LABELLED_SPLIT = re.compile(rf"(?<![^\W\d_])(?:{_STRONG}|{_WEAK}){_TAIL}({_SPLIT})(?![\w%°/]|[.,x×*:]\d)")
_LABELLED_SERIAL = re.compile(
    rf"(?<![^\W\d_])(?:{_SERIAL}){_TAIL}([a-z]{{0,6}}[-_/]?\d[a-z0-9]{{2,20}}(?:[-_/.][a-z0-9]{{1,12}}){{0,5}})(?!\w)"
)
_HASH = re.compile(
    rf"(?<!\w)#[ ]?([a-z]{{0,4}}\d{{3,12}}[a-z]?(?:-\d{{2,9}}){{1,3}}|[a-z]{{0,4}}\d{{4,12}}{_MORE})(?!\w)"
)
_LONG_NUMBER = re.compile(r"(?<![\d.,])(?<!\d[eE][+-])\d{7,}+(?![\d])")
_PREFIXED = re.compile(r"(?<![^\W_])(?!iec|iso)[a-z]{1,5}[-_.]?\d{5,}+(?:[-_/][a-z0-9]{1,10}){0,3}(?![^\W_])")
_SUFFIXED = re.compile(r"(?<![\w.,])\d{5,12}[-/]?[a-z]{1,3}(?![^\W_])")
_GROUPS = re.compile(r"(?<![\w.,-])(?:[a-z]{2}-|[a-z]{0,4})\d{1,9}(?:[-/]\d{1,9}){1,5}(?![\w-]|\.\d)")
_MIXED = re.compile(r"(?<![\w.-])(?=[a-z0-9]{0,31}[a-z])[a-z0-9]{8,32}+(?![\w.-])")
_UNIT = re.compile(r"[ ]?(?:mm|cm|ms|s|hz|mhz|khz|bq|mbq|kbq|hu|px|counts|kcts|ml|mg)\b")


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where identifiers and UIDs stand in a folded text."""
    for found in _UID.finditer(text):
        if len(found[0]) >= _MIN_UID and not found[0].startswith(_STANDARD_ROOT):
            yield *found.span(), "uid"
    yield from ((*found.span(), "uid") for found in _UUID.finditer(text))
    yield from ((*found.span(1), "device") for found in _LABELLED_SERIAL.finditer(text))
    for shape in (_LABELLED_STRONG, _LABELLED_WEAK, _HASH):
        yield from ((found.start(1), _end(found), "id") for found in shape.finditer(text))
    yield from ((*found.span(1), "id") for found in _LABELLED_SPLIT.finditer(text) if _has_letter(found[1]))
    for shape in (_LONG_NUMBER, _PREFIXED, _SUFFIXED):
        for found in shape.finditer(text):
            if not _UNIT.match(text, found.end()):
                yield found.start() + _plain_start(found[0]), found.end(), "id"
    for found in _GROUPS.finditer(text):
        if _weight(found[0]) >= _MIN_DIGITS and not _is_size(found[0]) and not _UNIT.match(text, found.end()):
            yield *found.span(), "id"
    yield from ((*found.span(), "id") for found in _MIXED.finditer(text) if _is_mixed(found[0]))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _weight(text: str) -> int:
    """Return how many digits a number in groups has; letters before them count as one."""
    return _digits(text) + (len(text) > _MIN_PREFIX and text[:_MIN_PREFIX].isalpha())


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


def _plain_start(text: str) -> int:
    """Return where a number begins that an underscore joins to a plain word: "right_1234567"."""
    word, joint, _ = text.partition("_")
    return len(word) + 1 if joint and len(word) > _MIN_PREFIX and is_harmless(word) else 0


def _end(found: re.Match[str]) -> int:
    """Return where a labelled identifier ends: one that is long enough has no more groups behind blanks."""
    more = found[2] or ""
    return found.end(1) - (len(more) if len(found[1]) - len(more) > _MAX_GROUP else 0)


def _is_size(text: str) -> bool:
    """Tell whether numbers are sizes, as "1024/1024" or "b0-50-400-800": short round ones, or the same twice."""
    numbers = re.split(r"[-/]", _OF_IMAGES.sub("", text))
    if len(numbers[0]) == _MIN_PREFIX and numbers[0].isalpha():
        numbers = numbers[1:]
    if not all(number.isdecimal() for number in numbers):
        return False
    return len(set(numbers)) == 1 or all(_ROUND.fullmatch(number) for number in numbers)


def _is_mixed(token: str) -> bool:
    """Tell whether letters and digits alternate as in an identifier, and not as in "ep2d" or "256x256x128"."""
    changes = sum(one.isdigit() != other.isdigit() for one, other in pairwise(token))
    return changes >= _MIN_CHANGES and _digits(token) >= _MIN_MIXED_DIGITS and not _SIZE.fullmatch(token)
