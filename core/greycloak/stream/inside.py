"""What is in the items of a sequence, at any depth, in one pass: for sequences that go or stay as a whole.

The splicer walks what it may change; here nothing is changed, so nothing limits how deep items nest, and every byte is
passed once, however often sequences are wrapped into each other.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from greycloak.standard.dictionary import entry_for
from greycloak.stream.encoding import EXPLICIT_LITTLE, IMPLICIT_LITTLE, LONG_VRS, SHORT_VRS, UNDEFINED, Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.levels import ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, show_tag

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source

MAX_LEAVES = 1_000_000
"""How many items and elements there may be in one sequence."""

_HEADER_SIZE = 8
_LONG_HEADER_SIZE = 12
_UNTYPED_VRS = frozenset({"UN", ""})
_FRAGMENTED_VRS = frozenset({"OB", "OW"})
_ITEM = b"\xfe\xff\x00\xe0"


class Leaf(NamedTuple):
    """An element that is no sequence.

    Attributes
    ----------
    item : int
        The number of the item that holds it, counted through all of them.
    tag : int
        Its tag.
    vr : str
        Its VR, from the dictionary where it does not say it; UN or empty if nobody knows it.
    start, stop : int
        The span of its value.
    """

    item: int
    tag: int
    vr: str
    start: int
    stop: int


class End(NamedTuple):
    """Where a sequence ends.

    Attributes
    ----------
    pos : int
        Behind its delimiter.
    depth : int
        How many sequences stand inside each other in it, itself included.
    """

    pos: int
    depth: int


@dataclass(slots=True)
class _Open:
    """A sequence or an item that is being walked."""

    encoding: Encoding
    stop: int
    delimited: bool
    item: int = -1
    last: int = -1
    guess: Leaf | None = None
    """Of a sequence that need not be one: the value that it is if it is none."""
    before: int = 0
    """How many leaves there were before it."""


class _Walk:
    """One pass over the items of a sequence."""

    def __init__(self, source: Source, pos: int, stop: int, encoding: Encoding, *, delimited: bool) -> None:
        self._source = source
        self._stack = [_Open(encoding, stop, delimited)]
        self._items = 0
        self._left = MAX_LEAVES
        self.pos = pos
        self.deepest = 1
        self.leaves: list[Leaf] = []

    def run(self) -> None:
        while self._stack:
            try:
                self._step()
            except (Malformed, struct.error) as error:
                self._fall_back(error)

    def _fall_back(self, error: Exception) -> None:
        """Take what turned out to be no sequence as a value; if there is no such thing, the walk has failed."""
        while self._stack and self._stack[-1].guess is None:
            self._stack.pop()
        if not self._stack or not self._left:
            raise error if isinstance(error, Malformed) else Malformed("truncated", "in a header")
        failed = self._stack.pop()
        assert failed.guess is not None
        del self.leaves[failed.before :]
        self.leaves.append(failed.guess)
        self.pos = failed.guess.stop

    def _step(self) -> None:
        """Pass one header."""
        top = self._stack[-1]
        if self.pos >= top.stop:
            if top.delimited or self.pos > top.stop:
                raise Malformed("truncated", "a sequence or item without its end")
            self._stack.pop()
            return
        self._left -= 1
        if not self._left:
            raise Malformed("too-large", "more items than make sense")
        if top.item < 0:
            self._pass_item(top)
        else:
            self._pass_element(top)

    def _pass_item(self, top: _Open) -> None:
        tag, length = top.encoding.item_header(self._source, self.pos)
        self.pos += _HEADER_SIZE
        if tag == SEQUENCE_DELIMITER and top.delimited and not length and self.pos <= top.stop:
            self._stack.pop()
            return
        if tag != ITEM:
            raise Malformed("misplaced-delimiter", "something other than an item in a sequence")
        is_open = length == UNDEFINED
        stop = top.stop if is_open else self.pos + length
        if stop > top.stop:
            raise Malformed("truncated", "an item ends behind its sequence")
        self._stack.append(_Open(top.encoding, stop, is_open, item=self._items))
        self._items += 1
        self.deepest = max(self.deepest, len(self._stack) // 2)

    def _pass_element(self, top: _Open) -> None:
        source, encoding, pos = self._source, top.encoding, self.pos
        tag, length = encoding.item_header(source, pos)
        if tag == ITEM_DELIMITER and top.delimited and not length and pos + _HEADER_SIZE <= top.stop:
            self.pos += _HEADER_SIZE
            self._stack.pop()
            return
        if tag >> 16 == ITEM >> 16:
            raise Malformed("misplaced-delimiter", "an item or delimiter where an element should be")
        if tag <= top.last:
            raise Malformed("elements-out-of-order", f"at {show_tag(tag)}")
        top.last = tag
        value = pos + _HEADER_SIZE
        vr = ""
        if encoding.explicit:
            vr = source[pos + 4 : pos + 6].decode("latin-1")
            if vr in LONG_VRS:
                value = pos + _LONG_HEADER_SIZE
                _, length = encoding.long_form.unpack_from(source, pos + 6)
            elif vr in SHORT_VRS:
                length = encoding.short.unpack_from(source, pos + 6)[0]
            else:
                raise Malformed("unknown-vr", f"at {show_tag(tag)}")
        self._pass_value(top, tag, vr, value, length)

    def _pass_value(self, top: _Open, tag: int, vr: str, value: int, length: int) -> None:
        entry = entry_for(tag) if vr in _UNTYPED_VRS else None
        known_vr = entry.vrs[0] if entry else vr
        inside = top.encoding if vr in {"SQ", ""} else IMPLICIT_LITTLE
        self.pos = value
        if length == UNDEFINED and vr not in SHORT_VRS:
            if vr in _FRAGMENTED_VRS:
                self.pos = end_of_fragments(self._source, value, top.stop)
            else:
                self._stack.append(_Open(inside, top.stop, delimited=True))
            return
        stop = value + length
        if stop > top.stop:
            raise Malformed("truncated", f"the value of {show_tag(tag)}")
        if known_vr == "SQ":
            self._stack.append(_Open(inside, stop, delimited=False))
            return
        leaf = Leaf(top.item, tag, known_vr, value, stop)
        if known_vr in _UNTYPED_VRS and self._source[value : value + 4] == _ITEM:
            guess = _Open(IMPLICIT_LITTLE, stop, delimited=False, guess=leaf, before=len(self.leaves))
            self._stack.append(guess)  # perhaps a sequence in disguise: unknown, private, or encoded as UN
            return
        self.leaves.append(leaf)
        self.pos = stop


def leaves_inside(source: Source, encoding: Encoding) -> list[Leaf]:
    """Return every element at any depth of a source that is nothing but the items of a sequence.

    Raises
    ------
    Malformed
        If the structure cannot be accounted for.
    """
    walk = _Walk(source, 0, len(source), encoding, delimited=False)
    walk.run()
    return walk.leaves


def end_of_items(source: Source, pos: int, stop: int, encoding: Encoding) -> End:
    """Return where a sequence of undefined length ends whose items begin at ``pos``.

    Raises
    ------
    Malformed
        If the structure cannot be accounted for before ``stop``.
    """
    walk = _Walk(source, pos, stop, encoding, delimited=True)
    walk.run()
    return End(walk.pos, walk.deepest)


def end_of_fragments(source: Source, pos: int, stop: int) -> int:
    """Return where a value that consists of fragments ends, behind its delimiter (PS3.5 section A.4).

    Raises
    ------
    Malformed
        If they do not add up.
    """
    while pos < stop:
        tag, length = EXPLICIT_LITTLE.item_header(source, pos)
        pos += _HEADER_SIZE
        if pos > stop:
            break
        if tag == SEQUENCE_DELIMITER and not length:
            return pos
        if tag != ITEM or length == UNDEFINED or pos + length > stop:
            raise Malformed("broken-fragments", "the fragments of encapsulated data do not add up")
        pos += length
    raise Malformed("truncated", "encapsulated data without its delimiter")
