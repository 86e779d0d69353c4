"""What is looked for in the bytes of an output: known identifiers, as they may be encoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from greycloak.text.days import read_day
from greycloak.text.folding import fold
from greycloak.text.known import MIN_LENGTH, MIN_NUMBER
from greycloak.text.spellings import is_east_asian, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from greycloak.text.known import Compiled

_CODECS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "shift_jis", "euc_jp", "euc_kr", "gb18030", "iso8859-5")
_MAX_NEEDLES = 20_000
_MIN_EAST_ASIAN = 2


class Needle(NamedTuple):
    """Something to look for.

    Attributes
    ----------
    kind : str
        As in `greycloak.text.findings.Finding`.
    is_own : bool
        Whether it is the patient's own name or number.
    """

    kind: str
    is_own: bool


class Hit(NamedTuple):
    """Where something was found.

    Attributes
    ----------
    start, stop : int
        Its span in the bytes.
    needle : Needle
        What it is.
    """

    start: int
    stop: int
    needle: Needle


@dataclass(frozen=True, eq=False)
class Needles:
    """What identifies anybody in the objects of a series, in bytes.

    Attributes
    ----------
    forms : dict of bytes to Needle
        Each form in small ASCII letters; other letters as they may be encoded.
    too_short : int
        How many values are too short to mean anything.
    """

    forms: dict[bytes, Needle] = field(repr=False)
    too_short: int

    @cached_property
    def _order(self) -> list[bytes]:
        return list(self.forms)

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        return BytesAhoCorasick(self._order)

    def hits_in(self, data: bytes) -> Iterator[Hit]:
        """Yield where needles stand as whole words or numbers.

        Parameters
        ----------
        data : bytes
            What is searched.
        """
        if not self.forms:
            return
        plain = data.lower()
        for index, start, stop in self._automaton.find_matches_as_indexes(plain, overlapping=True):
            if _is_whole(plain, start, stop):
                yield Hit(start, stop, self.forms[self._order[index]])


@lru_cache(maxsize=64)
def needles_of(compiled: Compiled) -> Needles:
    """Return what is looked for, for the identifiers of an object."""
    forms: dict[bytes, Needle] = {}
    too_short = 0
    for text, kind, is_own in chain(_words(compiled), _values(compiled)):
        if not _is_long_enough(text, is_own=is_own):
            too_short += 1
            continue
        for form in _encoded(text):
            if len(forms) < _MAX_NEEDLES:
                forms.setdefault(form, Needle(kind, is_own))
    return Needles(forms, too_short)


def _words(compiled: Compiled) -> Iterator[tuple[str, str, bool]]:
    for word in compiled.spelled_names:
        yield word, "name", fold(word) in compiled.own_words


def _values(compiled: Compiled) -> Iterator[tuple[str, str, bool]]:
    for one in compiled.identifying:
        if one.kind == "date":
            day = read_day(one.value)
            yield from ((form, one.kind, one.is_of_patient) for form in (_written(day) if day else ()))
        elif one.kind != "name":
            for form in {one.value, squeezed(one.value)}:
                yield form, one.kind, one.is_of_patient


def _written(day: date) -> tuple[str, ...]:
    orders = ("%Y%m%d", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
    return tuple(day.strftime(order) for order in orders)


def _is_long_enough(text: str, *, is_own: bool) -> bool:
    plain = squeezed(text)
    if is_east_asian(text):
        return len(plain) >= _MIN_EAST_ASIAN
    if plain.isdigit():
        return len(plain) >= MIN_NUMBER - is_own
    return len(plain) >= MIN_LENGTH


def _encoded(text: str) -> Iterator[bytes]:
    """Yield a text in the encodings in play, with small ASCII letters; what has no case in ASCII in each case."""
    cases = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    codecs = ("ascii", "utf-16-le") if text.isascii() else _CODECS
    for one in cases:
        for codec in codecs:
            try:
                raw = one.encode(codec).lower()
            except UnicodeEncodeError:
                continue
            # Of UTF-16, what both orders have in common.
            yield raw[:-1] if codec == "utf-16-le" and text.isascii() else raw


def _is_whole(data: bytes, start: int, stop: int) -> bool:
    """Tell whether a match is no part of a longer word or number."""
    return not (
        (start > 0 and _is_alike(data[start - 1], data[start]))
        or (stop < len(data) and _is_alike(data[stop - 1], data[stop]))
    )


def _is_alike(one: int, other: int) -> bool:
    return (_is_digit(one) and _is_digit(other)) or (_is_letter(one) and _is_letter(other))


def _is_digit(byte: int) -> bool:
    return ord("0") <= byte <= ord("9")


def _is_letter(byte: int) -> bool:
    return ord("a") <= byte <= ord("z")
