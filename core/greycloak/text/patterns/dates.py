"""Dates in all usual formats and languages, with the times beside them. All in folded text."""

from __future__ import annotations

import re
from calendar import monthrange
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives, context
from greycloak.text.patterns.times import with_time

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_YEAR, _LAST_YEAR = 1870, 2099
_LEAP_YEAR = 2000
_MONTHS = tuple(context(f"month {number:02}") for number in range(1, 13))
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_WORDS_TOO = context("month and word")
"""Months that are other words as well: with a year, or an ordinal, they are a month."""

_MONTH = "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True))
_ORDINAL = r"(?:st|nd|rd|th|er|re|ste|de|e|[.ºªo°])"
_NUMERIC = re.compile(r"(?<![\w.,/-])(\d{1,4})([./-])[ ]?(\d{1,2})\2[ ]?(\d{4}|\d{1,2})(?!\d|[./-]\d)")
_VERSION = re.compile(r"(?:\b(?:v|ver|vers|version|rel|release|rev|sw|software|r|build)[ .:]{0,2})$")
_UNIT_BEHIND = re.compile(r"[ ]?(?:mm|cm|ms|msec|min|mins|sec|s|ml|cc|deg|°|%|mg|kg|hz|mhz|kv|ma|mas|gy|x)\b")
_SPACED = re.compile(
    r"(?<![\w.,/-])(\d{4})[ ](\d{2})[ ](\d{2})(?![\w.,/-])|(?<![\w.,/-])(\d{2})[ ](\d{2})[ ](\d{4})(?![\w.,/-])"
)
_COMPACT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?:[t_ -]?([01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?(?![\d])"
)
_MONTH_AND_YEAR = re.compile(r"(?<![\w./,-])(?:(?:0?[1-9]|1[0-2])[/-]|(?:0[1-9]|1[0-2])\.)(?:19|20)\d\d(?![\w/-]|\.\d)")
_YEAR_AND_MONTH = re.compile(r"(?<![\w./,-])(?:19|20)\d\d[/.-](?:0[1-9]|1[0-2])(?![\w/-]|[.,]\d)")
_DAY_MONTH = re.compile(
    rf"(?<![\w.])(\d{{1,2}})({_ORDINAL})?[ ./_-]{{0,3}}(?:of |de |di |den )?({_MONTH})(?![^\W\d_])\.?"
    r"(?:[ ,./_-]{0,3}(?:de |del |of )?('?\d{4}|'\d\d|\d\d)(?!\d))?"
)
_MONTH_DAY = re.compile(
    rf"(?<![^\W_])({_MONTH})\.?[ ./_-]{{0,2}}(\d{{1,2}})(?!\d)({_ORDINAL})?(?!\w)"
    rf"(?:[ ,./_-]{{0,3}}(\d{{4}}|'\d\d)(?!\d))?"
)
_MONTH_YEAR = re.compile(rf"(?<![^\W_])({_MONTH})\.?[ ,./_-]{{0,3}}(?:de |of )?((?:19|20)\d\d|'\d\d)(?!\d)")
_YEAR_MONTH_DAY = re.compile(
    rf"(?<!\w)((?:19|20)\d\d)[ ,./_-]{{0,3}}({_MONTH})\.?(?![^\W\d_])(?:[ ,./_-]{{0,3}}(\d{{1,2}})(?!\d))?"
)
_ERA = r"(?:令和|平成|昭和|大正|明治|民国|民國)[ ]?(?:\d{1,3}|元)"
_TOKEN = re.compile(r"[^\W\d_]{3,}")
_LONGEST_ORDINAL = 3
_EASTERN_MARKS = re.compile("[年년月월]")
_EASTERN = re.compile(
    rf"(?:(?<!\d)(?:19|20)?\d\d|{_ERA})[ ]?[年년][ ]?(?:\d{{1,2}}[ ]?[月월])(?:[ ]?\d{{1,2}}[ ]?[日일号號])?"
    rf"|(?<!\d)\d{{1,2}}[ ]?[月월][ ]?\d{{1,2}}[ ]?[日일号號]|{_ERA}[ ]?年"
)
_BORN = alternatives("birth label")
_BIRTH = re.compile(
    rf"(?<![^\W\d_])(?:{_BORN})[ :.#=-]{{0,4}}"
    r"(\d{1,4}[./ -]{1,3}\d{1,2}[./ -]{1,3}\d{1,4}(?!\d)|\d[\d./-]{2,14}\d)"
)


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where dates stand in a folded text, with the times beside them."""
    for start, stop in (*_in_digits(text), *_in_words(text)):
        yield *with_time(text, start, stop), "date"
    yield from ((*found.span(1), "date") for found in _BIRTH.finditer(text))


def _in_digits(text: str) -> Iterator[tuple[int, int]]:
    for found in _NUMERIC.finditer(text):
        if _is_numeric_date(found) and not _UNIT_BEHIND.match(text, found.end()) and not _is_version(text, found):
            yield found.span()
    for found in _SPACED.finditer(text):
        year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
        if _is_date(int(year), int(month), int(day)) or _is_date(int(year), int(day), int(month)):
            yield found.span()
    yield from (found.span() for found in _COMPACT.finditer(text) if _is_date(*map(int, found.groups()[:3])))
    for shape in (_MONTH_AND_YEAR, _YEAR_AND_MONTH):
        yield from (found.span() for found in shape.finditer(text))
    if _EASTERN_MARKS.search(text):
        yield from (found.span() for found in _EASTERN.finditer(text))


def _names_a_month(text: str) -> bool:
    """Tell whether a word of a text is the name of a month, with an ordinal before it or not ("3rdmarch")."""
    return any(
        token[start:] in _MONTH_NUMBERS for token in _TOKEN.findall(text) for start in range(_LONGEST_ORDINAL + 1)
    )


def _in_words(text: str) -> Iterator[tuple[int, int]]:
    if not _names_a_month(text):
        return
    yield from (found.span() for found in _MONTH_YEAR.finditer(text))
    for found in _DAY_MONTH.finditer(text):
        if _is_day(found[1], found[3]) and (found[4] or found[3] not in _WORDS_TOO):
            yield found.span()
    for found in _MONTH_DAY.finditer(text):
        if _is_day(found[2], found[1]) and (found[3] or found[4] or found[1] not in _WORDS_TOO):
            yield found.span()
    for found in _YEAR_MONTH_DAY.finditer(text):
        if not found[3] or _is_day(found[3], found[2]):
            yield found.span()


def _is_version(text: str, found: re.Match[str]) -> bool:
    return found[2] == "." and _VERSION.search(text[max(found.start() - 12, 0) : found.start()]) is not None


def _is_numeric_date(found: re.Match[str]) -> bool:
    first, second, third = found[1], found[3], found[4]
    one, two, three = int(first), int(second), int(third)
    if len(first) == 4:  # noqa: PLR2004
        return len(third) <= 2 and (_is_date(one, two, three) or _is_date(one, three, two))  # noqa: PLR2004
    if len(first) > 2 or len(third) == 1:  # noqa: PLR2004
        return False
    year = three if len(third) == 4 else _LEAP_YEAR  # noqa: PLR2004
    if _is_date(year, two, one) or _is_date(year, one, two):
        return True
    return len(first) == len(second) == len(third) == 2 and _is_date(_LEAP_YEAR, two, three)  # noqa: PLR2004


def _is_date(year: int, month: int, day: int) -> bool:
    return _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]  # noqa: PLR2004


def _is_day(day: str, month: str) -> bool:
    return 1 <= int(day) <= monthrange(_LEAP_YEAR, _MONTH_NUMBERS[month])[1]
