"""Whether what was read in an image may stay: not what is known to identify, nor what looks like identity."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.text import patterns
from greycloak.text.folding import fold
from greycloak.text.identifiers import Identifier
from greycloak.text.known import Known
from greycloak.text.spellings import squeezed
from greycloak.text.vocabulary import is_harmless_token

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE = str.maketrans({"o": "0", "q": "0", "d": "0", "i": "1", "l": "1", "z": "2", "s": "5", "g": "6", "b": "8"})
"""Characters that readers take for one another, folded."""

_LEAST, _LONGEST = 4, 64
_PER_MISTAKE = 5
"""Characters of an identifier for each that may be read wrong."""

_DATE = re.compile(r"\d{4}\D?\d{2}\D?\d{2}")
_TOKENS = re.compile(r"[^\W_]+(?:[.,:][^\W_]+)*%?")
_UNITS = "mm|cm|m|in|ml|l|g|kg|s|ms|sec|min|hz|khz|mhz|db|kv|kvp|ma|mas|fps|bpm|cm/s|m/s|deg|x|w|ww|wl|c|t|hu|px|%"
_NUMBER = re.compile(rf"[+-]?\d{{1,4}}(?:[.,]\d{{1,3}})?(?:{_UNITS})?")
_MARKERS = frozenset(
    "l r a p h f s i left right ap pa lat lao rao cc mlo ml lm lmlo rmlo lcc rcc ant post sup inf cran caud "
    "mi ti tis tib tic thi gen gn dr fr 2d 3d pw cw zoom dist depth gain freq frq pen res low high".split()
)
_MARKERS_OR_UNITS = _MARKERS | frozenset(_UNITS.split("|"))


class Matcher:
    """Judges what was read.

    Parameters
    ----------
    identifiers : iterable of str
        What the object says of its subject.
    mode : str
        ``all-text``: only markers, scales and units stay; ``identifiers``: all but identity.
    """

    def __init__(self, identifiers: Iterable[str], mode: str) -> None:
        values = sorted({value.strip() for value in identifiers} - {""})
        self._all_text = mode != "identifiers"
        self._known = Known.of(frozenset(Identifier(_kind(value), value, 0x00100010) for value in values))
        forms = {form for value in values for form in _forms(value)}
        self._alike = sorted({form.translate(_ALIKE) for form in forms if _LEAST <= len(form) <= _LONGEST})

    def may_stay(self, text: str) -> bool:
        """Tell whether a line may stay in the image."""
        if self.identifies(text):
            return False
        return is_marker(text) if self._all_text else _is_harmless(text)

    def identifies(self, text: str) -> bool:
        """Tell whether a line holds an identifier of the object, some characters of it read wrong."""
        if self._known.findings(text):
            return True
        plain = squeezed(text).translate(_ALIKE)
        return any(_stands_in(form, plain) for form in self._alike)


def is_marker(text: str) -> bool:
    """Tell whether a line is made of markers of sides and views, numbers and units."""
    tokens = [token.casefold() for token in _TOKENS.findall(text)]
    numbers = [token for token in tokens if any(map(str.isdigit, token))]
    if sum(map(len, numbers)) > 12 or patterns.findings(text):  # noqa: PLR2004  dates and numbers in pieces
        return False
    return all(token in _MARKERS_OR_UNITS or _NUMBER.fullmatch(token) for token in tokens)


def _is_harmless(text: str) -> bool:
    if patterns.findings(text):
        return False
    return all(is_harmless_token(fold(token)) for token in _TOKENS.findall(text))


def _kind(value: str) -> str:
    if _DATE.fullmatch(value):
        return "date"
    return "id" if any(map(str.isdigit, value)) else "name"


def _forms(value: str) -> set[str]:
    words = re.split(r"[\W_]+", value)
    return {squeezed(value), *map(squeezed, words)}


@lru_cache(maxsize=4096)
def _stands_in(form: str, text: str) -> bool:
    """Tell whether a form stands in a text, with a mistake for every some characters."""
    if form in text:
        return True
    mistakes = len(form) // _PER_MISTAKE
    if not mistakes:
        return False
    row = [0] * (len(text) + 1)  # it may begin anywhere
    for number, wanted in enumerate(form, start=1):
        before, row = row, [number]
        for at, character in enumerate(text, start=1):
            row.append(min(before[at - 1] + (wanted != character), before[at] + 1, row[at - 1] + 1))
    return min(row) <= mistakes
