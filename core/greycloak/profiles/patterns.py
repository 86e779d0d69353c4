"""Regular expressions of profiles, matched in a time that grows with the text and never explodes.

What is written is a subset of Python's: no look-around, back references, conditions or possessive repeats, which need
more. All states that an expression can be in are followed at once (Thompson's construction), so nobody's pattern and
nobody's text can make an object hang.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from greycloak.outcomes import Refused
from greycloak.profiles.pattern_reader import Node, parse_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_STATES = 500
"""How many states an expression may have; every repeat of a part counts."""

MAX_LENGTH = 1 << 16
"""How long a text may be."""

_MAX_CACHED = 20_000
_WORD = re.compile(r"\w").fullmatch
_Moves = tuple[bool, frozenset[int]]
"""Whether the expression has matched, and the set of states behind a character."""


@dataclass
class _State:
    """A state: what it takes to leave it, and where to.

    Attributes
    ----------
    kind : str
        ``character``, ``split`` (nothing), ``at`` (a place between characters) or ``match``.
    source : str
        Of a character or a place: as it is written.
    after : list of int
        The next states.
    """

    kind: str
    source: str = ""
    after: list[int] = field(default_factory=list)


class Pattern:
    """A regular expression that is searched for without regard to case.

    Parameters
    ----------
    text : str
        As the profile writes it.

    Raises
    ------
    ValueError
        If it is none, or one that this engine does not know.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._states: list[_State] = []
        end = self._new("match")
        self._start = self._built(parse_pattern(text), end)
        self._moves: dict[tuple[frozenset[int], str, str], _Moves] = {}

    def _new(self, kind: str, source: str = "", after: list[int] | None = None) -> int:
        if len(self._states) >= MAX_STATES:
            raise ValueError(f"{self.text!r} is too long a regular expression: it has more than {MAX_STATES} states")
        self._states.append(_State(kind, source, after or []))
        return len(self._states) - 1

    def _built(self, node: Node, after: int) -> int:
        """Add the states of a part, from its end; return the first."""
        if node.kind in {"character", "at"}:
            return self._new(node.kind, node.source, [after])
        if node.kind == "sequence":
            for part in reversed(node.parts):
                after = self._built(part, after)
            return after
        if node.kind == "choice":
            return self._new("split", after=[self._built(part, after) for part in node.parts])
        inner = node.parts[0]
        if node.most is None:
            loop = self._new("split", after=[after])
            self._states[loop].after.append(self._built(inner, loop))
            after = loop
        for _ in range(0 if node.most is None else node.most - node.fewest):
            after = self._new("split", after=[after, self._built(inner, after)])
        for _ in range(node.fewest):
            after = self._built(inner, after)
        return after

    def is_in(self, text: str) -> bool:
        """Tell whether it matches anywhere in a text.

        Raises
        ------
        Refused
            If the text is too long for anybody to wait.
        """
        if len(text) > MAX_LENGTH:
            raise Refused("too-large", "a text that a condition looks at")
        current, before = frozenset({self._start}), ""
        for character in text:
            key = (current, before, character)
            move = self._moves.get(key) or self._move(key)
            if move[0]:
                return True
            current, before = move[1], "w" if _is_word(character) else ("\n" if character == "\n" else "-")
        return self._move((current, before, ""))[0]

    def _move(self, key: tuple[frozenset[int], str, str]) -> _Moves:
        """Follow all states of a set at a place, and over the character that comes next."""
        current, before, character = key
        reached = self._reached(current, before, character)
        states = self._states
        if any(states[one].kind == "match" for one in reached):
            return True, frozenset()
        behind = {self._start}
        for one in reached if character else ():
            state = states[one]
            if state.kind == "character" and _matcher(state.source)(character):
                behind.update(state.after)
        if len(self._moves) >= _MAX_CACHED:
            self._moves.clear()
        move = self._moves[key] = False, frozenset(behind)
        return move

    def _reached(self, states: frozenset[int], before: str, character: str) -> set[int]:
        """Add to some states what can be reached from them at a place without taking a character."""
        reached, open_ = set(states), list(states)
        while open_:
            state = self._states[open_.pop()]
            if state.kind == "split" or (state.kind == "at" and _is_at(state.source, before, character)):
                new = [one for one in state.after if one not in reached]
                reached.update(new)
                open_ += new
        return reached


def _is_at(source: str, before: str, character: str) -> bool:
    r"""Tell whether a place between characters is what is asked for: ``^``, ``$``, ``\b``, ``\B``."""
    if source == "^":
        return not before
    if source == "$":
        return not character
    is_boundary = (before == "w") != (bool(character) and _is_word(character))
    return is_boundary == (source == "\\b")


@cache
def _matcher(source: str) -> Callable[[str], object]:
    """Return what tells whether a character is one of those that are meant."""
    return re.compile(source, re.IGNORECASE).fullmatch


@cache
def _is_word(character: str) -> bool:
    return bool(_WORD(character))
