"""Times of day, and ages over 89. All in folded text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.text._words import alternatives

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOK_BACK = 24
_HOUR, _MINUTES = r"(?:[01]?\d|2[0-3])", r"[0-5]\d"
_SHORT_HOUR = r"(?:0?\d|1[0-2])"
_CLOCK = (
    rf"{_HOUR}[:.h]{_MINUTES}(?:[:.]{_MINUTES}(?:[.,]\d{{1,6}})?)?"
    r"(?:[ ]?(?:am|pm|a\.m\.|p\.m\.|uhr|h|hrs|z|utc))?(?![\d])"
)
_TIME_BEHIND = re.compile(rf"[ t,;@_-]{{1,3}}(?:at |um |a las |alle |om |kl\.? )?{_CLOCK}")
_TIME_BEFORE = re.compile(rf"(?<![\w:.])({_HOUR}:{_MINUTES}(?::{_MINUTES}(?:\.\d{{1,6}})?)?)[ ,;@-]{{1,3}}$")
# "5 pm" may be a point, "3:15 pm" is not.
_TIME = re.compile(
    rf"(?<![\w:.])(?:{_HOUR}:{_MINUTES}:{_MINUTES}(?:[.,]\d{{1,6}})?"
    rf"|{_SHORT_HOUR}(?:[:.]{_MINUTES})?[ ]?(?:am|a\.m\.|p\.m\.)|{_SHORT_HOUR}[:.]{_MINUTES}[ ]?pm|(?:0?[1-9]|1[0-2])pm"
    rf"|{_HOUR}(?:[:.]{_MINUTES})?[ ]?uhr|{_HOUR}[時시点點][ ]?\d{{1,2}}[分분])(?![\w:])"
)
_OLD = alternatives("years old")
_HIGH = r"(?:0?9\d|1[0-3]\d)"
_AGE = re.compile(rf"(?<![^\W_])(?<![.,-]){_HIGH}[ -]{{0,2}}(?:{_OLD})(?![^\W\d_])")
_AGE_LABELLED = re.compile(
    rf"(?<![^\W\d_])(?:{alternatives('age label')})[ :=.]{{0,3}}({_HIGH}(?:[ -]?(?:{_OLD})(?![^\W\d_]))?)(?!\w|[.,]\d)"
)


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where times of day, by their form alone, and high ages stand in a folded text."""
    yield from ((*found.span(), "time") for found in _TIME.finditer(text))
    yield from ((*found.span(), "age") for found in _AGE.finditer(text))
    yield from ((*found.span(1), "age") for found in _AGE_LABELLED.finditer(text))


def with_time(text: str, start: int, stop: int) -> tuple[int, int]:
    """Return the span of a date and of the time of day beside it."""
    behind = _TIME_BEHIND.match(text, stop)
    before = _TIME_BEFORE.search(text[max(start - _LOOK_BACK, 0) : start])
    return (start - len(before[0]) if before else start), (behind.end() if behind else stop)
