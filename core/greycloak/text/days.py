"""Days in a text, however people write them: to be compared with days that are known."""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from greycloak.text.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

Day = tuple[int, int, int]
"""Year of the century, month and day."""

_VALUE = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})")
_SEPARATED = re.compile(r"(?<!\d)(\d{1,4})\W{0,2}[./\- _]\W{0,2}(\d{1,2})\W{0,2}[./\- _]\W{0,2}(\d{1,4})(?!\d)")
_EAST_ASIAN = re.compile(r"(?<!\d)(\d{2,4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]?")
_RUN = re.compile(r"(?<!\d)(?:\d{14}|\d{12}|\d{8}|\d{6})(?!\d)")
_DIGIT, _WORD = re.compile(r"\d"), re.compile(r"[^\W\d_]{3}")
_SHORT_RUN = 6
_MONTHS = (
    "january januar janvier enero gennaio januari janeiro stycznia yanvarya ocak января",
    "february februar fevrier febrero febbraio februari fevereiro lutego fevralya subat февраля",
    "march marz mars marzo maart marco marca marta mart марта",
    "april avril abril aprile kwietnia aprelya nisan апреля",
    "may mai mayo maggio mei maio maja maya mayis мая",
    "june juni juin junio giugno junho czerwca iyunya haziran июня",
    "july juli juillet julio luglio julho lipca iyulya temmuz июля",
    "august aout agosto augustus sierpnia avgusta agustos августа",
    "september septembre septiembre settembre setembro wrzesnia sentyabrya eylul сентября",
    "october oktober octobre octubre ottobre outubro pazdziernika oktyabrya ekim октября",
    "november novembre noviembre novembro listopada noyabrya kasim ноября",
    "december dezember decembre diciembre dicembre dezembro grudnia dekabrya aralik декабря",
)
_SHORT_NAME = 3


@cache
def _worded() -> tuple[re.Pattern[str], dict[str, int]]:
    """Return what finds dates with the name of a month, whole or short, and which month that is."""
    numbers = {
        name[:length]: number
        for number, names in enumerate(_MONTHS, start=1)
        for name in map(fold, names.split())
        for length in (len(name), _SHORT_NAME, _SHORT_NAME + 1)
    }
    month = "|".join(sorted(numbers, key=len, reverse=True))
    number, gap = r"(\d{1,4})(?:st|nd|rd|th)?", r"[\W_]{0,3}(?:(?:de|of) )?"
    first, third = rf"(?<!\d)(?:{number}{gap})?", rf"(?:{gap}(\d{{1,4}}))?(?!\d)"
    return re.compile(rf"{first}(?<![^\W\d_])({month}){gap}{number}{third}"), numbers


def read_day(value: str) -> date | None:
    """Return the day that a value of DA or DT names, if it names one."""
    found = _VALUE.match(value.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def day_of(day: date) -> Day:
    """Return what a date of two or four digits a year can be compared by."""
    return day.year % 100, day.month, day.day


def days_in(text: str, known: frozenset[Day]) -> Iterator[tuple[int, int]]:
    """Yield the spans of a folded text that may be read as one of some days.

    Parameters
    ----------
    text : str
        The text.
    known : frozenset of Day
        The days.
    """
    if not _DIGIT.search(text):
        return
    for pattern in (_SEPARATED, _EAST_ASIAN):
        for found in pattern.finditer(text):
            if any(_is_known(order, known) for order in _orders(*map(int, found.groups()))):
                yield found.span()
    for found in _RUN.finditer(text):
        if _is_known_run(found[0], known):
            yield found.span()
    if not _WORD.search(text):
        return
    worded, numbers = _worded()
    for found in worded.finditer(text):
        span = _worded_span(found, numbers, known)
        if span is not None:
            yield span


def _worded_span(found: re.Match[str], numbers: dict[str, int], known: frozenset[Day]) -> tuple[int, int] | None:
    """Return which part of a match is a known day: one number on each side of the month, or both behind it."""
    before, name, behind, last = found.groups()
    month = numbers[name]
    if before and any(
        _is_known((int(year), month, int(day)), known) for day, year in ((before, behind), (behind, before))
    ):
        return found.start(), found.end(3)
    if last and _is_known((int(last), month, int(behind)), known):
        return found.start(2), found.end()
    return None


def _orders(first: int, second: int, third: int) -> tuple[tuple[int, int, int], ...]:
    """Return year, month and day in the orders in which people write them."""
    return (first, second, third), (third, second, first), (third, first, second)


@lru_cache(maxsize=4096)
def _is_known_run(digits: str, known: frozenset[Day]) -> bool:
    """Tell whether digits without anything between may be read as one of some days, with a time behind it or not."""
    if len(digits) == _SHORT_RUN:
        orders = _orders(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    else:
        year, first, second = int(digits[4:8]), int(digits[:2]), int(digits[2:4])
        orders = (int(digits[:4]), int(digits[4:6]), int(digits[6:8])), (year, second, first), (year, first, second)
    return any(_is_known(order, known) for order in orders)


def _is_known(order: tuple[int, int, int], known: frozenset[Day]) -> bool:
    year, month, day = order
    return (year % 100, month, day) in known
