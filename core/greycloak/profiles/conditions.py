"""Conditions on attributes, as ``Modality == "US" and ImageType contains "SECONDARY"``.

Texts are compared without regard to case. An attribute that is not there equals nothing and contains nothing. Only
attributes of the data set itself are looked at, none of its sequences' items.
"""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003  pydantic looks at the annotations
from dataclasses import dataclass, field

from greycloak.profiles.patterns import Pattern
from greycloak.profiles.targets import parse_target
from greycloak.standard.dictionary import FIRST_DATA_SET_GROUP, entry_for

Values = dict[int, str]
"""Values of the data set by tag: decoded, several separated by a backslash, without padding."""

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"[^"]*"|\'[^\']*\')|(?P<tag>[0-9A-Fa-f]{4},[0-9A-Fa-f]{4})(?!\w)'
    r"|(?P<number>-?\d+(?:\.\d+)?)(?!\w)|(?P<operator>==|!=|<=|>=|<|>|\(|\)|\[|\])|(?P<comma>,)|(?P<word>[A-Za-z]\w*))"
)
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_MAX_DEPTH = 200
_OPERATORS = "==, !=, <, <=, >, >=, contains, matches, in, exists"


@dataclass(frozen=True)
class Condition:
    """A condition, read.

    Attributes
    ----------
    text : str
        As the profile writes it.
    tags : frozenset of int
        The attributes it looks at.
    """

    text: str
    tags: frozenset[int] = field(compare=False)
    _holds: Callable[[Values], bool] = field(compare=False, repr=False)

    def holds(self, values: Values) -> bool:
        """Tell whether an object meets it."""
        return self._holds(values)


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises
    ------
    ValueError
        If it is none; the message says where and what was expected.
    """
    reader = _Reader(text)
    holds = reader.either()
    reader.end()
    return Condition(text, frozenset(reader.tags), holds)


class _Reader:
    """A descent through ``or``, ``and``, ``not``, parentheses and comparisons."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        self.tags: set[int] = set()
        self._depth = 0
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"cannot read the condition {text!r} at {text[at:].strip()!r}")
            self._tokens.append((str(found.lastgroup), found[found.lastgroup or 0]))
            at = found.end()
        self._tokens.append(("end", ""))

    def _next(self) -> tuple[str, str]:
        return self._tokens.pop(0)

    def _take(self, *words: str) -> bool:
        if self._tokens[0][0] in {"word", "operator", "comma"} and self._tokens[0][1] in words:
            self._next()
            return True
        return False

    def _fail(self, expected: str) -> ValueError:
        found = self._tokens[0][1] or "its end"
        return ValueError(f"the condition {self._text!r} has {found!r} where {expected} was expected")

    def end(self) -> None:
        if self._tokens[0][0] != "end":
            raise self._fail("'and', 'or' or its end")

    def either(self) -> Callable[[Values], bool]:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return lambda values: any(part(values) for part in parts)

    def _all(self) -> Callable[[Values], bool]:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return lambda values: all(part(values) for part in parts)

    def _one(self) -> Callable[[Values], bool]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError("the condition is too long: split it into several rules")
        if self._take("not"):
            inner = self._one()
            return lambda values: not inner(values)
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise self._fail("')'")
            return inner
        return self._comparison()

    def _comparison(self) -> Callable[[Values], bool]:
        tag = self._attribute()
        tests = {
            "exists": self._exists,
            "contains": self._contains,
            "matches": self._matches,
            "in": self._is_in,
            "==": self._equals,
            "!=": self._differs,
        }
        for word, test in tests.items():
            if self._take(word):
                return test(tag)
        for sign, compare in _ORDER.items():
            if self._take(sign):
                return self._ordered(tag, compare)
        raise self._fail(f"one of {_OPERATORS}")

    def _exists(self, tag: int) -> Callable[[Values], bool]:
        return lambda values: bool(values.get(tag))

    def _contains(self, tag: int) -> Callable[[Values], bool]:
        part = self._value().casefold()
        return lambda values: tag in values and part in values[tag].casefold()

    def _matches(self, tag: int) -> Callable[[Values], bool]:
        pattern = Pattern(self._value())
        return lambda values: tag in values and pattern.is_in(values[tag])

    def _is_in(self, tag: int) -> Callable[[Values], bool]:
        several = self._values()
        return lambda values: tag in values and any(_is_equal(values[tag], one) for one in several)

    def _equals(self, tag: int) -> Callable[[Values], bool]:
        one = self._value()
        return lambda values: tag in values and _is_equal(values[tag], one)

    def _differs(self, tag: int) -> Callable[[Values], bool]:
        equals = self._equals(tag)
        return lambda values: not equals(values)

    def _ordered(self, tag: int, compare: Callable[[float, float], bool]) -> Callable[[Values], bool]:
        if self._tokens[0][0] != "number":
            raise self._fail("a number")
        bound = float(self._next()[1])

        return lambda values: any(compare(number, bound) for number in _numbers(values.get(tag, "")))

    def _attribute(self) -> int:
        kind, text = self._tokens[0]
        if kind not in {"word", "tag"}:
            raise self._fail("an attribute")
        self._next()
        tag = parse_target(text).tag
        if tag is not None and tag >> 16 < FIRST_DATA_SET_GROUP:
            raise ValueError(f"the condition {self._text!r} needs an attribute of the data set, and {text} is none")
        if tag is None:
            raise ValueError(f"the condition {self._text!r} needs one attribute, not {text!r}")
        entry = entry_for(tag)
        if entry is not None and entry.vrs[0] in {"SQ", "OB", "OW"}:
            raise ValueError(f"the condition {self._text!r} needs an attribute with a value, and {text} has none")
        self.tags.add(tag)
        return tag

    def _value(self) -> str:
        kind, text = self._tokens[0]
        if kind not in {"text", "number"}:
            raise self._fail("a text in quotes or a number")
        self._next()
        return text[1:-1] if kind == "text" else text

    def _values(self) -> list[str]:
        if not self._take("["):
            raise self._fail("'[' and a list")
        found = [self._value()]
        while self._take(","):
            found.append(self._value())
        if not self._take("]"):
            raise self._fail("',' or ']'")
        return found


def _is_equal(value: str, wanted: str) -> bool:
    """Compare texts without regard to case, and numbers as numbers."""
    if value.casefold() == wanted.casefold():
        return True
    try:
        return float(value) == float(wanted)
    except ValueError:
        return False


def _numbers(value: str) -> list[float]:
    try:
        return [float(part) for part in value.split("\\")]
    except ValueError:
        return []
