"""Read a regular expression into its parts."""

from __future__ import annotations

import re
from typing import NamedTuple

_REPEAT = re.compile(r"[*+?]|\{(\d{0,5})(,?)(\d{0,5})\}")
_CHARACTER = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[dDwWsSnrtfv]|[^A-Za-z0-9])|[^\\]")
_SET = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>)?(?!\?)")
_MAX_DEPTH = 100
_MAX_REPEATS = 1000


class Node(NamedTuple):
    r"""A part of an expression.

    Attributes
    ----------
    kind : str
        ``character`` (or set of characters), ``at``, ``sequence``, ``choice`` or ``repeat``.
    source : str
        Of a character, or a place between characters (``^``, ``$``, ``\b``, ``\B``): as it is written.
    parts : tuple of Node
        Of the others: what they consist of.
    fewest, most : int, int or None
        Of a repeat: how often; None is without end.
    """

    kind: str
    source: str = ""
    parts: tuple[Node, ...] = ()
    fewest: int = 1
    most: int | None = 1


def parse_pattern(text: str) -> Node:
    """Read an expression.

    Raises
    ------
    ValueError
        If it is none, or has what cannot be matched in a time that grows with the text.
    """
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    reader = _Reader(text)
    node = reader.choice(0)
    if reader.at < len(text):
        raise reader.unknown()
    return node


class _Reader:
    """A descent through choices, sequences and repeats of an expression that Python takes for one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def unknown(self) -> ValueError:
        """Return the error for what this engine does not know."""
        return ValueError(
            f"{self._text!r} has {self._text[self.at : self.at + 4]!r}: look-around, back references, flags and "
            "possessive repeats are not possible here"
        )

    def choice(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise ValueError(f"{self._text!r} nests too deep")
        parts = [self._sequence(depth)]
        while self._text[self.at : self.at + 1] == "|":
            self.at += 1
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else Node("choice", parts=tuple(parts))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            parts.append(self._repeated(self._one(depth)))
        return Node("sequence", parts=tuple(parts))

    def _repeated(self, node: Node) -> Node:
        found = _REPEAT.match(self._text, self.at)
        if found is None or found[0] in {"{}", "{,}"}:
            return node
        self.at = found.end()
        if self._text[self.at : self.at + 1] == "?":  # to take as little as possible makes no difference here
            self.at += 1
        elif self._text[self.at : self.at + 1] == "+":
            raise self.unknown()
        fewest, most = _bounds(found)
        if max(fewest, most or 0) > _MAX_REPEATS:
            raise ValueError(f"{self._text!r} repeats something more than {_MAX_REPEATS} times")
        return Node("repeat", parts=(node,), fewest=fewest, most=most)

    def _one(self, depth: int) -> Node:
        text, at = self._text, self.at
        if text.startswith(("\\b", "\\B"), at):
            self.at += 2
            return Node("at", text[at : at + 2])
        if text.startswith(("\\A", "\\Z"), at):
            self.at += 2
            return Node("at", "^" if text[at + 1] == "A" else "$")
        if text[at] in "^$":
            self.at += 1
            return Node("at", text[at])
        if text[at] == "(":
            return self._group(depth)
        found = (_SET if text[at] == "[" else _CHARACTER).match(text, at)
        if found is None:
            raise self.unknown()
        self.at = found.end()
        source = found[0]
        return Node("character", re.escape(source) if source in {"{", "}", "]"} else source)

    def _group(self, depth: int) -> Node:
        found = _GROUP.match(self._text, self.at)
        if found is None:
            raise self.unknown()
        self.at = found.end()
        node = self.choice(depth + 1)
        self.at += 1
        return node


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    if found[0] in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[found[0]]
    fewest = int(found[1] or 0)
    if not found[2]:
        return fewest, fewest
    return fewest, int(found[3]) if found[3] else None
