"""Walk a data set once and splice edits into it; what is kept is copied, never decoded.

Consecutive kept elements become one span of the source.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from greycloak.stream.encoding import UNDEFINED
from greycloak.stream.errors import Malformed
from greycloak.stream.filling import is_only
from greycloak.stream.inside import End, end_of_fragments, end_of_items
from greycloak.stream.levels import (
    AS_BYTES,
    ITEM,
    LOOK_AT_BYTES,
    LOOK_AT_IT,
    LOOK_CLOSELY,
    SEQUENCE_DELIMITER,
    Buffer,
    Instruction,
    Level,
    Look,
    Padding,
    Path,
    Verb,
    show_tag,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from greycloak.stream.levels import GroupElements
    from greycloak.stream.part10 import Source

NEVER = 1 << 32
"""Greater than any tag."""

MAX_DEPTH = 64
"""How deep sequences may nest."""

MAX_EDITS = MAX_ITEMS = 1_000_000
"""How many changes one object may need, and how many items its sequences may have."""

MAX_NAMES = 50_000
"""How many element names one object may have that nobody remembers: each costs a decision."""

_ITEM_HEADER_SIZE = 8
_DELIMITER_SIZE = 8
_UNTYPED_VRS = frozenset({"UN", ""})
_FRAGMENTED_VRS = frozenset({"OB", "OW"})
_LOOKS = frozenset({LOOK_AT_IT, LOOK_CLOSELY, LOOK_AT_BYTES})
_NO_ANSWERS: Mapping[Look, bytes] = {}

_KEEP, _ENTER, _CHECK, _LOOK, _MAP, _END = Verb.KEEP, Verb.ENTER, Verb.CHECK, Verb.LOOK, Verb.MAP, Verb.END
_SEE, _GROUP, _PIXELS, _CHARACTERS, _BULK = Verb.SEE, Verb.GROUP, Verb.PIXELS, Verb.CHARACTERS, Verb.BULK

Edit = tuple[Path, Instruction, int, int]
"""A change that the walk made: where, by which instruction, and the span of the old value in the source."""

_LAST_CREATOR = 0xFF
"""Elements up to this one reserve blocks in a private group (PS3.5 section 7.8.1)."""


class Splicer:
    """One walk over one data set.

    Parameters
    ----------
    source : bytes or mmap
        Holds the data set.
    context : object
        Handed to mappings.
    answers : mapping of Look to bytes
        What becomes of the values of LOOK elements: the new value; empty if nothing of it may stay. Others are kept.

    Attributes
    ----------
    edits : list of Edit
        Every change, in order.
    looked : set of Look
        The values of all LOOK elements, whatever becomes of them.
    pixels : list of int
        Which of the pieces are pixels.
    characters : bytes
        Specific Character Set in force where the walk is.
    """

    __slots__ = (
        "_depth",
        "_dropped",
        "_ends",
        "_items_left",
        "_names_left",
        "_source",
        "_staying",
        "_view",
        "answers",
        "characters",
        "context",
        "edits",
        "looked",
        "pixels",
    )

    def __init__(self, source: Source, context: object = None, answers: Mapping[Look, bytes] = _NO_ANSWERS) -> None:
        self._source = source
        self._view = memoryview(source)
        self._depth = 0
        self._ends: dict[int, End] = {}
        self._dropped: list[Path] = []
        self._staying: dict[int, GroupElements] = {}
        self._items_left = MAX_ITEMS
        self._names_left = MAX_NAMES
        self.context = context
        self.answers = answers
        self.characters = b""
        self.edits: list[Edit] = []
        self.looked: set[Look] = set()
        self.pixels: list[int] = []

    def run(self, start: int, level: Level, insertions: Sequence[tuple[int, bytes | bytearray]] = ()) -> list[Buffer]:
        """Walk the data set from ``start`` to the end of the source.

        Parameters
        ----------
        start : int
            Where the first element begins.
        level : Level
            What to do at the top level.
        insertions : sequence of (tag, element)
            New elements for the top level, in ascending order of tags. The level has to drop elements of the
            same tags. An element may be a bytearray, to be filled after the walk.

        Returns
        -------
        list of bytes or memoryview
            The new data set, in pieces.

        Raises
        ------
        Malformed
            If the structure cannot be accounted for.
        """
        try:
            parts, _ = self._elements(start, len(self._source), level, (), delimited=False, insertions=insertions)
        except struct.error as error:
            raise Malformed("truncated", "in an element's header") from error
        return [self._view[start:]] if parts is None else parts

    def run_items(self, level: Level) -> None:
        """Walk a source that is nothing but the items of a sequence, to see what is in them.

        Raises
        ------
        Malformed
            If the structure cannot be accounted for.
        """
        try:
            self._items(0, len(self._source), level, (), delimited=False)
        except struct.error as error:
            raise Malformed("truncated", "in an item's header") from error

    def run_item(self, start: int, end: int, level: Level, *, delimited: bool) -> None:
        """Walk one item, to see what is in it.

        Raises
        ------
        Malformed
            If the structure cannot be accounted for.
        """
        try:
            self._elements(start, end, level, (0,), delimited=delimited)
        except struct.error as error:
            raise Malformed("truncated", "in an element's header") from error

    def _elements(  # noqa: C901, PLR0912, PLR0915  the hot loop: calls would double its cost
        self,
        pos: int,
        end: int,
        level: Level,
        path: Path,
        *,
        delimited: bool,
        insertions: Sequence[tuple[int, bytes | bytearray]] = (),
    ) -> tuple[list[Buffer] | None, int]:
        """Walk elements to ``end`` or to an item delimiter; return the new content (None: as it was) and where."""
        source, view, look_up = self._source, self._view, level.table.get
        edits, looked, answer_to, context = self.edits, self.looked, self.answers.get, self.context
        encoding = level.encoding
        key_size, read_long, read_short = encoding.key_size, encoding.long_form.unpack_from, encoding.short.unpack_from
        pending = iter(insertions)
        due, due_element = next(pending, (NEVER, b""))
        parts: list[Buffer] = []
        changed = ended = False
        kept = pos
        last = -1
        odd = 0
        try:
            while pos < end:
                key = source[pos : pos + key_size]
                instruction = look_up(key)
                if instruction is None:
                    instruction = self._first_met(level, key)
                verb = instruction.verb
                tag = instruction.tag
                if tag <= last:
                    raise Malformed("elements-out-of-order", f"at {show_tag(tag)}")
                last = tag
                if tag >= due:
                    parts.append(view[kept:pos])
                    kept = pos
                    changed = True
                    while tag >= due:
                        parts.append(due_element)
                        due, due_element = next(pending, (NEVER, b""))
                if instruction.long:
                    reserved, length = read_long(source, pos + 6)
                    value = pos + 12
                    if reserved:
                        raise Malformed("reserved-bytes", f"at {show_tag(tag)}")
                else:
                    length = read_short(source, pos + key_size)[0]
                    value = pos + 8
                if length != UNDEFINED or not (instruction.long or key_size == 4):  # noqa: PLR2004  implicit
                    stop = value + length
                    if stop > end:
                        raise Malformed("truncated", f"the value of {show_tag(tag)}")
                    odd |= length
                    if verb == _KEEP:
                        pos = stop
                        continue
                    if verb == _ENTER:
                        content, _ = self._items(value, stop, instruction.level, (*path, tag), delimited=False)
                        if content is not None:
                            parts.append(view[kept:pos])
                            if content:
                                parts.append(encoding.header(tag, instruction.vr, sum(map(len, content))))
                                parts += content
                            else:
                                parts.append(instruction.written)
                            kept = stop
                            changed = True
                        pos = stop
                        continue
                elif verb == _ENTER:
                    content, stop = self._items(value, end, instruction.level, (*path, tag), delimited=True)
                    if content is not None:
                        parts.append(view[kept : value if content else pos])
                        parts += content or (instruction.written,)
                        kept = stop - _ITEM_HEADER_SIZE if content else stop
                        changed = True
                    pos = stop
                    continue
                else:
                    stop = value if verb == _GROUP else self._end_of_undefined(instruction, value, end)
                    if verb == _KEEP:
                        pos = stop
                        continue
                    if verb == _PIXELS:
                        self._set_apart(parts, view, kept, pos, stop)
                        changed = True
                        pos = kept = stop
                        continue
                if verb <= _LOOK:
                    text = source[value:stop]
                    if verb != _LOOK and instruction.matches(text):  # type: ignore[misc]
                        pos = stop
                        continue
                    written = instruction.written
                    if verb != _CHECK:
                        look = (instruction.how, self.characters, text)
                        looked.add(look)
                        answer = answer_to(look)
                        if answer is None:
                            pos = stop
                            continue
                        if answer:
                            written = encoding.element(tag, instruction.vr, answer)
                elif verb == _MAP:
                    replaced = instruction.mapping(context, source[value:stop])  # type: ignore[misc]
                    if replaced is None:
                        pos = stop
                        continue
                    written = replaced
                elif verb == _END:
                    if not delimited or length or value > end:
                        raise Malformed("misplaced-delimiter", "an item delimiter between elements")
                    ended = True
                    break
                elif verb == _SEE:
                    text = source[value:stop]
                    replaced = instruction.mapping(context, text, (*path, tag))  # type: ignore[misc]
                    if replaced in _LOOKS:
                        how = {LOOK_AT_IT: instruction.how, LOOK_CLOSELY: instruction.closely}.get(replaced, AS_BYTES)
                        look = (how, self.characters, text)
                        looked.add(look)
                        replaced = answer_to(look)
                        if replaced is not None:
                            replaced = (
                                encoding.element(tag, instruction.vr, replaced) if replaced else instruction.written
                            )
                        instruction = replace(instruction, verb=_LOOK)
                    if replaced is None:
                        pos = stop
                        continue
                    written = replaced
                elif verb == _CHARACTERS:
                    self.characters = source[value:stop].strip(b"\0 ")
                    replaced = instruction.mapping(context, source[value:stop])  # type: ignore[misc]
                    if replaced is None:
                        pos = stop
                        continue
                    written = replaced
                elif verb == _GROUP:
                    content, stop = self._group(pos, end, level, instruction, path)
                    if content is not None:
                        parts.append(view[kept:pos])
                        parts += content
                        kept = stop
                        changed = True
                    pos = stop
                    last = tag | 0xFFFF
                    continue
                elif verb == _PIXELS:
                    if length:
                        raise Malformed("native-pixels", "under a transfer syntax that compresses them")
                    pos = stop
                    continue
                elif verb == _BULK:
                    self._set_apart(parts, view, kept, pos, stop)
                    changed = True
                    pos = kept = stop
                    continue
                else:
                    written = instruction.written
                edits.append(
                    ((*path, tag), instruction, value, stop if length != UNDEFINED else stop - _DELIMITER_SIZE)
                )
                changed = True
                if kept < pos:
                    parts.append(view[kept:pos])
                if written:
                    parts.append(written)
                elif tag >> 16 & 1:
                    self._dropped.append(edits[-1][0])
                pos = kept = stop
        except Padding:
            if path != () or not is_only(b"\0", source, pos, end):
                raise Malformed("misplaced-padding", "zeros where an element should be") from None
            changed = True
        if delimited and not ended:
            raise Malformed("truncated", "an item without its delimiter")
        if odd & 1:
            raise Malformed("odd-length", "a value of an odd number of bytes")
        if len(edits) > MAX_EDITS:  # at one level there are no more than names, and those have a limit of their own
            raise Malformed("too-large", "more changes than make sense")
        if kept < pos:
            parts.append(view[kept:pos])
        if due != NEVER:
            parts += [due_element, *(element for _, element in pending)]
            changed = True
        return (parts if changed else None), pos

    def _first_met(self, level: Level, key: bytes) -> Instruction:
        """Ask a level for the instruction of a name that it does not remember."""
        self._names_left -= 1
        if not self._names_left:
            raise Malformed("too-large", "more different elements than make sense")
        return level.miss(key)

    def _set_apart(self, parts: list[Buffer], view: memoryview, kept: int, start: int, stop: int) -> None:
        """Make pixels a piece of their own."""
        if kept < start:
            parts.append(view[kept:start])
        self.pixels.append(len(parts))
        parts.append(view[start:stop])

    def _group(
        self, pos: int, end: int, level: Level, instruction: Instruction, path: Path
    ) -> tuple[list[Buffer] | None, int]:
        """Walk the elements of one group as the level decides that knows them all."""
        encoding, group, start = level.encoding, instruction.tag >> 16, pos
        any_element: Level = instruction.level  # type: ignore[assignment]
        elements = []
        while pos < end:
            key = self._source[pos : pos + encoding.key_size]
            if len(key) < encoding.key_size or encoding.tag_of(key) >> 16 != group:
                break
            known = any_element.table.get(key) or self._first_met(any_element, key)
            at = pos + 8 if known.long else pos + encoding.key_size
            length = (encoding.long if known.long else encoding.short).unpack_from(self._source, at)[0]
            value = pos + 12 if known.long else pos + 8
            if length == UNDEFINED and (known.long or not encoding.explicit):
                stop = self._end_of_undefined(known, value, end, whatever=True)
            else:
                stop = value + length
            if stop > end:
                raise Malformed("truncated", f"the value of {show_tag(known.tag)}")
            is_creator = known.tag & 0xFFFF <= _LAST_CREATOR
            elements.append((known.tag, known.vr, self._source[value:stop] if is_creator else b""))
            pos = stop
        edited, dropped = len(self.edits), len(self._dropped)
        staying = self._staying.get(start)
        decided = level.of_group(tuple(elements) if staying is None else staying)
        content, _ = self._elements(start, pos, decided, path, delimited=False)
        if staying is None and len(self._dropped) > dropped:
            gone = {where[-1] for where in self._dropped[dropped:] if len(where) == len(path) + 1}
            left = tuple(element for element in elements if element[0] not in gone)
            if _has_orphan(left):
                # What a creator was kept for has gone by its value: walk again, as if it had never been there. Whoever
                # comes here once more, because of a group around this one, need not find that out again.
                self._staying[start] = left
                del self.edits[edited:], self._dropped[dropped:]
                content, _ = self._elements(start, pos, level.of_group(left), path, delimited=False)
        return content, pos

    def _items(  # noqa: C901, PLR0912, PLR0915  one loop over items, in either form
        self, pos: int, end: int, level: Level | None, path: Path, *, delimited: bool
    ) -> tuple[list[Buffer] | None, int]:
        """Walk a sequence's items; return its new content (None: as it was) and where the sequence ends."""
        if level is None:
            raise Malformed("unexpected-sequence", "a value of undefined length that is no sequence")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Malformed("too-deep", f"sequences nest deeper than {MAX_DEPTH}")
        view, encoding = self._view, level.encoding
        parts: list[Buffer] = []
        changed = ended = False
        kept = pos
        number = 0
        characters = self.characters
        while pos < end:
            self.characters = characters
            tag, length = encoding.item_header(self._source, pos)
            start = pos + _ITEM_HEADER_SIZE
            if start > end:
                raise Malformed("truncated", "an item or delimiter ends behind its sequence")
            if tag == SEQUENCE_DELIMITER and delimited and not length:
                ended = True
                break
            if tag != ITEM:
                raise Malformed("misplaced-delimiter", "something other than an item in a sequence")
            inside = (*path, number)
            number += 1
            self._items_left -= 1
            if not self._items_left:
                raise Malformed("too-large", "more items than make sense")
            is_open = length == UNDEFINED
            stop = end if is_open else start + length
            if stop > end:
                raise Malformed("truncated", "an item ends behind its sequence")
            inner = level
            if level.sorts_items:
                inner = level.of_item(self._source, (start, stop), self.context, delimited=is_open)
            content, stop = self._elements(start, stop, inner, inside, delimited=is_open)
            behind = stop + _ITEM_HEADER_SIZE if is_open else stop
            if behind > end:
                raise Malformed("truncated", "an item's delimiter ends behind its sequence")
            if inner.drops_items:
                if kept < pos:
                    parts.append(view[kept:pos])
                kept = behind
                changed = True
            elif content is not None:
                parts.append(view[kept : start if is_open else pos])
                if not is_open:
                    parts.append(encoding.item(sum(map(len, content))))
                parts += content
                kept = stop
                changed = True
            pos = behind
        if delimited and not ended:
            raise Malformed("truncated", "a sequence without its delimiter")
        if changed and kept < pos:
            parts.append(view[kept:pos])
        self.characters = characters
        self._depth -= 1
        return (parts if changed else None), (pos + _ITEM_HEADER_SIZE if ended else pos)

    def _end_of_undefined(self, instruction: Instruction, pos: int, end: int, *, whatever: bool = False) -> int:
        """Find where a value of undefined length ends that is not entered; ``whatever`` is done to it."""
        unseen = instruction.verb == Verb.KEEP and instruction.level is None and not instruction.fragmented
        is_untyped = instruction.verb == Verb.SEE and instruction.vr in _UNTYPED_VRS
        if unseen or (instruction.verb not in {Verb.KEEP, Verb.WRITE, Verb.PIXELS} and not is_untyped):
            raise Malformed("unexpected-sequence", f"{show_tag(instruction.tag)} has a value of undefined length")
        if instruction.vr in _FRAGMENTED_VRS:
            return end_of_fragments(self._source, pos, end)
        if instruction.level is None:
            raise Malformed("unexpected-sequence", "a value of undefined length that is no sequence")
        # A private group is measured before it is walked: what it holds is not to be measured at each level.
        found = self._ends.get(pos)
        if found is None:
            found = self._ends[pos] = end_of_items(self._source, pos, end, instruction.level.encoding)
        if found.depth + self._depth > MAX_DEPTH and instruction.verb != Verb.WRITE and not whatever:
            raise Malformed("too-deep", f"sequences nest deeper than {MAX_DEPTH}")
        return found.pos


def _has_orphan(elements: GroupElements) -> bool:
    """Tell whether a group has a private creator without anything in its block."""
    blocks = {tag >> 8 & 0xFF for tag, _, _ in elements if tag & 0xFFFF > _LAST_CREATOR}
    return any(tag & 0xFFFF <= _LAST_CREATOR and tag & 0xFF not in blocks for tag, _, _ in elements)
