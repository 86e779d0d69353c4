"""The known identifiers of an object, ready to be found in any text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from greycloak.text.days import Day, days_in, read_day
from greycloak.text.findings import Finding, merged
from greycloak.text.folding import Folded, fold, folded
from greycloak.text.names import Names, honorific_at
from greycloak.text.spellings import LETTERS, is_east_asian, squeezed
from greycloak.text.vocabulary import is_equipment, is_harmless_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.identifiers import Identifier

MIN_LENGTH = 4
"""Letters and digits of the shortest value that is looked for; shorter ones are found in too many innocent words."""

MIN_NUMBER = 6
"""Digits of the shortest number that is looked for where nothing says that it is an identifier."""

MAX_FINDINGS = 10_000
"""Identifiers in one text from which on nothing of it is worth the time to take it apart."""

_MAX_COMPILED = 64
_VARYING = frozenset({"time", "uid"})
"""Kinds that differ from object to object of a series: they are looked for one by one."""

_ROUND_TIME = re.compile(r"(\d\d)(?:00|30)00")
_TIME = re.compile(r"(\d{2}):?(\d{2}):?(\d{2})")
_SEPARATING = re.compile(r"[\W_]+")
_DECIMAL = re.compile(r"[+-]?\d*\.\d+(e[+-]?\d+)?")
_TOKENS = re.compile(r"[\s^_,;=/()\[\]{}<>|]+")
_PARTS = {"address": re.compile(r"[,;\n\r^]+"), "institution": re.compile(r"[\W_]+")}
"""Where values of some kinds fall into parts that identify as well."""

_PHONE_DIGITS = (7, 9, 10)
"""How many digits of a number are left without area or country."""

_MAX_LENGTH = 512
_MIN_STREET = 8
_NUMBERED = frozenset({"address", "id", "phone"})
_SPECIFIC = frozenset({"id", "name", "date"})


@dataclass(frozen=True, eq=False)
class Compiled:
    """What is the same for all objects of a series; made once for equal identifiers, so results are remembered by it.

    Attributes
    ----------
    names : Names
        The names.
    needles, kinds : tuple of str
        What is looked for beside them, squeezed, and what kind it is.
    days : frozenset of Day
        Dates.
    values : tuple of str
        The same values as they stood in the object, folded.
    identifying : frozenset of Identifier
        Those identifiers that say something of somebody.
    patient : frozenset of Identifier
        What is the patient's own.
    """

    names: Names
    needles: tuple[str, ...]
    kinds: tuple[str, ...]
    days: frozenset[Day]
    values: tuple[str, ...]
    identifying: frozenset[Identifier] = field(repr=False)
    patient: frozenset[Identifier] = field(repr=False)

    @cached_property
    def automaton(self) -> AhoCorasick | None:
        """What finds all needles in one pass."""
        return AhoCorasick(self.needles) if self.needles else None

    @cached_property
    def spelled_names(self) -> frozenset[str]:
        """Words of names that count by themselves: folded, and as they stood in the object."""
        spelled = {word for one in self.identifying if one.kind == "name" for word in LETTERS.findall(one.value)}
        return self.names.words.union(word for word in spelled if fold(word) in self.names.words)

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Words of the patient's names, folded."""
        return _compile(self.patient).names.words

    def alone(self) -> Known:
        """Return it without what differs from object to object."""
        return Known(self, frozenset())

    @cached_property
    def strong(self) -> tuple[str, ...]:
        """What is long enough to be looked for in bytes that need not be text: folded, in ASCII."""
        words = (word for word in self.names.words if len(word) >= MIN_LENGTH)
        return tuple({form for form in (*words, *self.needles, *self.values) if form.isascii()})


@dataclass(frozen=True, slots=True)
class Known:
    """Known identifiers.

    Attributes
    ----------
    compiled : Compiled
        What is the same for all objects of a series.
    varying : frozenset of (str, str)
        Needles that are not, squeezed, with their kind.
    """

    compiled: Compiled
    varying: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, identifiers: frozenset[Identifier]) -> Known:
        """Prepare some identifiers.

        What says nothing of anybody is left out: equipment, anatomy and other harmless words, unless the patient is
        called so; values that are too short.
        """
        varying = frozenset(one for one in identifiers if one.kind in _VARYING)
        needles = frozenset((form, one.kind) for one in varying for form in _varying_forms(one))
        return cls(_compile(identifiers - varying), needles)

    @property
    def needles(self) -> frozenset[str]:
        """Everything that is looked for as it is, squeezed; names are looked for as words, beside these."""
        return frozenset(self.compiled.needles) | {needle for needle, _ in self.varying}

    def findings(self, text: str) -> list[Finding]:
        """Return where identifiers stand in a text, in order, none over another; with very many, all of it is one."""
        found = list(islice(self._findings(folded(text)), MAX_FINDINGS))
        return merged(found) if len(found) < MAX_FINDINGS else [Finding(0, len(text), found[0].kind)]

    def findings_in_bytes(self, text: str) -> list[Finding]:
        """Return what is long enough not to stand by chance in bytes that need not be text."""
        return [one for one in self.findings(text) if one.stop - one.start >= MIN_LENGTH]

    def varies_in(self, squeezed_text: str) -> bool:
        """Tell whether something that differs from object to object may stand in a squeezed text."""
        return any(needle in squeezed_text for needle, _ in self.varying)

    def of_patient(self) -> Known:
        """Return only what is the patient's own: name, numbers, birth date."""
        return Known(_compile(self.compiled.patient), frozenset())

    def stands_in(self, raw: bytes) -> bool:
        """Tell whether an identifier stands in bytes that need not be text, one or two bytes a character."""
        plain = raw.lower()
        texts = (plain, plain.replace(b"\0", b"")) if b"\0" in plain else (plain,)
        return any(form.encode() in text for text in texts for form in self.compiled.strong)

    def _findings(self, text: Folded) -> Iterator[Finding]:
        yield from self._stable_findings(text)
        if self.varying:
            squeeze = _Squeezed(text.text)
            for needle, kind in self.varying:
                start = squeeze.text.find(needle)
                while start >= 0:
                    yield from _found(text, squeeze, start, start + len(needle), kind)
                    start = squeeze.text.find(needle, start + 1)

    def _stable_findings(self, text: Folded) -> Iterator[Finding]:
        compiled = self.compiled
        for span in compiled.names.spans_in(text.text):
            yield Finding(*text.span(*span), "name")
        if compiled.days:
            yield from (Finding(*text.span(*span), "date") for span in days_in(text.text, compiled.days))
        if compiled.automaton is None:
            return
        squeeze = _Squeezed(text.text)
        for index, start, stop in compiled.automaton.find_matches_as_indexes(squeeze.text, overlapping=True):
            yield from _found(text, squeeze, start, stop, compiled.kinds[index])


@dataclass(frozen=True, eq=False)
class _Squeezed:
    """The letters and digits of a folded text, and where they stand."""

    origin: str

    @cached_property
    def text(self) -> str:
        return _SEPARATING.sub("", self.origin)

    @cached_property
    def where(self) -> list[int]:
        return [at for at, character in enumerate(self.origin) if character.isalnum()]


def _found(text: Folded, squeeze: _Squeezed, start: int, stop: int, kind: str) -> Iterator[Finding]:
    """Yield what an automaton has found, if it is not a part of a longer word or number."""
    where = squeeze.where
    first, last = where[start], where[stop - 1]
    needle = squeeze.text[start:stop]
    if is_east_asian(needle):
        last += honorific_at(text.text, last + 1)
    else:
        begins = kind == "phone" or _is_edge(text.text, first - 1, first, needle)
        if not begins or not _is_edge(text.text, last + 1, last, needle):
            return
    if any(after - before > _MAX_GAP for before, after in pairwise(where[start:stop])):
        return
    while kind == "id" and first and text.text[first - 1] == "0":
        first -= 1
    inside = text.text[first:last]
    if first and text.text[first - 1] == "(" and ")" in inside and "(" not in inside:
        first -= 1
    yield Finding(*text.span(first, last + 1), kind)


_MAX_GAP = 4
"""How far the letters and digits of an identifier may stand apart."""

_MAX_ZEROS = 64


def _is_edge(text: str, outside: int, inside: int, needle: str) -> bool:
    """Tell whether a word or number ends between two neighbouring characters; zeros before a number do not count."""
    if not 0 <= outside < len(text) or not text[outside].isalnum():
        return True
    if text[outside].isdigit() != text[inside].isdigit():
        return True
    if outside < inside and text[outside] == "0" and needle[0].isdigit():
        return not text[max(0, inside - _MAX_ZEROS) : inside].rstrip("0")[-1:].isdigit()
    return False


@lru_cache(maxsize=_MAX_COMPILED)
def _compile(identifiers: frozenset[Identifier]) -> Compiled:
    names = [one for one in identifiers if one.kind == "name"]
    known_names = Names.of(
        [one.value for one in names if one.is_of_patient], [one.value for one in names if not one.is_of_patient]
    )
    kinds = dict.fromkeys(known_names.unspaced, "name")
    values = set()
    identifying = set(names)
    for one in sorted(identifiers):
        forms = _forms(one)
        if forms or one.kind == "date":
            identifying.add(one)
        kinds.update({form: one.kind for form in forms if form not in kinds})
        if forms and one.kind != "name":
            values.add(fold(one.value))
    needles = tuple(sorted(kinds))
    patient = frozenset(one for one in identifiers if one.is_of_patient)
    days = frozenset(
        (day.year % 100, day.month, day.day)
        for one in identifiers
        if one.kind == "date" and (day := read_day(one.value))
    )
    return Compiled(
        known_names,
        needles,
        tuple(kinds[needle] for needle in needles),
        days,
        tuple(values),
        frozenset(identifying),
        patient,
    )


@lru_cache(maxsize=16384)
def _forms(identifier: Identifier) -> frozenset[str]:
    """Return what is looked for, squeezed; nothing if the identifier is none."""
    kind, value = identifier.kind, identifier.value
    if kind == "date":
        return frozenset()
    if kind == "name":
        # Its words are looked for as words; what has digits in it is rather a number.
        values = [part for part in _TOKENS.split(value) if any(map(str.isdigit, part))]
    else:
        values = [value, *_PARTS[kind].split(value)] if kind in _PARTS else [value]
    own = identifier.is_of_patient and kind != "name"
    shortest = MIN_LENGTH if own else MIN_LENGTH + 1
    forms = (form for one in values if own or not _says_nothing(kind, one) for form in _forms_of(kind, one))
    return frozenset(form for form in forms if len(form) >= shortest or not form.isdigit())


def _says_nothing(kind: str, value: str) -> bool:
    """Tell whether a value is no identifier after all; with a number, a street may be called like anything."""
    is_numbered = any(map(str.isdigit, value)) and (kind == "id" or len(value) >= _MIN_STREET)
    return not (is_numbered and kind in _NUMBERED) and is_harmless_value(value)


def _forms_of(kind: str, value: str) -> Iterator[str]:
    plain = squeezed(value)
    shortest = MIN_LENGTH if kind in _SPECIFIC or not plain.isdigit() else MIN_NUMBER
    forms = {plain}
    if kind == "id":
        forms.add(plain.lstrip("0"))
    if kind == "phone" and plain.isdigit():
        forms |= {plain[-digits:] for digits in _PHONE_DIGITS}
    yield from (form for form in forms if shortest <= len(form) <= _MAX_LENGTH)


def is_harmless_value(value: str) -> bool:
    """Tell whether a value says nothing of anybody: equipment, anatomy, protocol words, numbers with units."""
    plain = folded(value).text
    return (
        bool(_DECIMAL.fullmatch(plain.strip()))
        or is_equipment(plain)
        or all(is_harmless_token(token) for token in _TOKENS.split(plain) if token)
    )


@lru_cache(maxsize=16384)
def _varying_forms(identifier: Identifier) -> tuple[str, ...]:
    if identifier.kind == "uid":
        plain = squeezed(identifier.value)
        return (plain,) if len(plain) > MIN_NUMBER * 2 else ()
    found = _TIME.match(identifier.value)
    plain = "".join(found.groups()) if found else ""
    return (plain,) if plain and not _ROUND_TIME.fullmatch(plain) else ()
