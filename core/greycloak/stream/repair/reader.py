"""The repairing reader: reads a data set as any good reader would, and notes what it had to forgive."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import entry_for, name_of
from greycloak.stream.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, UNDEFINED, Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.levels import ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, show_tag
from greycloak.stream.repair.elements import Element, Elements, vr_of
from greycloak.stream.repair.headers import DELIMITERS, HEADER_SIZE, Header, is_filling, looks_like_element, read_header
from greycloak.stream.splice import MAX_DEPTH

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source

MAX_STEPS = 1_000_000
"""How many elements and items are read, those included that are read again in another encoding."""

PIXEL_DATA = 0x7FE00010
_PIXEL_VRS = frozenset({"OB", "OW"})
_FRAGMENTED_VRS = _PIXEL_VRS | {"UN", ""}
_MIN_HEADER = 8


_Known = tuple[list[Elements], int, dict[str, None], list[bytes]] | Malformed
"""What is known of a sequence in one encoding: its items, where it ends, what was repaired and dropped; or why not."""


class Reader:
    """One reading of a data set in one encoding.

    Parameters
    ----------
    source : bytes or mmap
        Holds the data set.
    encoding : Encoding
        How its elements are laid out.
    greedy : bool
        How to read a sequence delimiter inside an item, where both is possible: as one that closes the item by
        mistake (the usual case), or one that closes the sequence and whatever is open in it.

    Attributes
    ----------
    repairs : dict
        What was repaired, in order.
    dropped : list of bytes
        What was read and does not stay.
    forked : bool
        Whether another value of ``greedy`` may read something else.
    """

    def __init__(self, source: Source, encoding: Encoding, *, greedy: bool = False) -> None:
        self._source = source
        self._encoding = encoding
        self._greedy = greedy
        self._steps = MAX_STEPS
        self._depth = 0
        self._known: dict[tuple[int, int, Encoding, bool, bool], _Known] = {}
        self.repairs: dict[str, None] = {}
        self.dropped: list[bytes] = []
        self.forked = False

    def read(self, start: int) -> Elements:
        """Read from ``start`` to the end of the source.

        Raises
        ------
        Malformed
            If this reading does not account for every byte.
        """
        try:
            elements, _ = self._elements(start, len(self._source), self._encoding, open_item=False, bounded=False)
        except struct.error as error:
            raise Malformed("truncated", "in an element's header") from error
        return elements

    def _elements(
        self, pos: int, end: int, encoding: Encoding, *, open_item: bool, bounded: bool
    ) -> tuple[Elements, int]:
        """Read elements to ``end`` or to the end of an item; ``bounded`` if some length says where that is."""
        elements: Elements = []
        while pos < end:
            self._step()
            if not open_item and is_filling(self._source, pos, end):
                self._repaired("trailing-bytes")
                return elements, end
            tag = encoding.item_header(self._source, pos)[0] if end - pos >= _MIN_HEADER else 0
            if tag >> 16 == ITEM >> 16:
                pos, ended = self._delimiter(tag, pos, encoding, open_item=open_item)
                if ended:
                    return elements, pos
                continue
            if not self._source[pos : pos + HEADER_SIZE].strip(b"\0"):
                raise Malformed("misplaced-padding", "zeros where an element should be")
            header = read_header(self._source, pos, end, encoding)
            if header.repair:
                self._repaired(header.repair, header.tag)
            element, pos = self._element(header, end, encoding, bounded=bounded)
            if element is not None:
                elements.append(element)
        if open_item:
            if not bounded:
                raise Malformed("truncated", "an item without its delimiter")
            self._repaired("unclosed-item")
        return elements, pos

    def _delimiter(self, tag: int, pos: int, encoding: Encoding, *, open_item: bool) -> tuple[int, bool]:
        """Pass an item or delimiter where an element should be; return where to go on, and whether the item ends."""
        _, length = encoding.item_header(self._source, pos)
        if open_item and tag == ITEM_DELIMITER:
            if length:
                self._repaired("delimiter-length")
            return pos + HEADER_SIZE, True
        if open_item and tag == SEQUENCE_DELIMITER:
            following = self._tag_at(pos + HEADER_SIZE, encoding)
            if following in {ITEM, SEQUENCE_DELIMITER}:
                self.forked = True
                if not self._greedy:
                    self._repaired("wrong-delimiter")
                    return pos + HEADER_SIZE, True
            self._repaired("unclosed-item")
            return pos, True
        if open_item and tag == ITEM:
            self._repaired("unclosed-item")
            return pos, True
        if tag not in DELIMITERS or length:
            raise Malformed("misplaced-delimiter", "an item or delimiter where an element should be")
        self._repaired("stray-delimiter")
        return pos + HEADER_SIZE, False

    def _tag_at(self, pos: int, encoding: Encoding) -> int:
        return encoding.tag_of(self._source[pos : pos + 4]) if len(self._source) - pos >= _MIN_HEADER else 0

    def _element(self, header: Header, end: int, encoding: Encoding, *, bounded: bool) -> tuple[Element | None, int]:
        """Read a value; return the element, if it stays, and where the next one begins."""
        tag, start = header.tag, header.value
        vr = header.vr or vr_of(tag)
        if header.length == UNDEFINED:
            return self._open(header, vr, end, encoding, bounded=bounded)
        if header.stop > end:
            raise Malformed("truncated", f"the value of {show_tag(tag)}")
        stop = start + header.length
        if header.length % 2:
            self._repaired("odd-length", tag)
        entry = entry_for(tag)
        holds_items = self._tag_at(start, encoding) == ITEM if header.length >= _MIN_HEADER else False
        if vr == "SQ" or (vr == "UN" and entry is not None and entry.vrs[0] == "SQ"):
            if header.length and not holds_items:
                self.dropped.append(self._source[start:stop])
                self._repaired("no-sequence", tag)
                return None, header.stop
            items, _ = self._items_in_any(header, vr, stop, encoding, delimited=False)
            return Element(tag, "SQ", start, stop, items=items), header.stop
        return Element(tag, header.vr, start, stop), header.stop

    def _open(self, header: Header, vr: str, end: int, encoding: Encoding, *, bounded: bool) -> tuple[Element, int]:
        """Read a value of undefined length."""
        tag, start = header.tag, header.value
        if (tag == PIXEL_DATA or vr in _PIXEL_VRS) and vr in _FRAGMENTED_VRS | {"OB", "OW"}:
            stop = self._end_of_fragments(start, end, encoding)
            return Element(tag, vr if vr in _PIXEL_VRS else "OB", start, stop, open=True), stop
        entry = None if tag >> 16 & 1 else entry_for(tag)
        if vr not in {"SQ", "UN"} or (entry is not None and entry.vrs[0] != "SQ"):
            raise Malformed("unexpected-sequence", f"{show_tag(tag)} has a value of undefined length")
        items, stop = self._items_in_any(header, vr, end, encoding, delimited=True, bounded=bounded)
        return Element(tag, "SQ", start, stop, items=items), stop

    def _items_in_any(
        self, header: Header, vr: str, end: int, encoding: Encoding, *, delimited: bool, bounded: bool = True
    ) -> tuple[list[Elements], int]:
        """Read items in the encoding that they should have, or else in the other one."""
        own = IMPLICIT_LITTLE if vr == "UN" else encoding
        explicit = EXPLICIT_LITTLE if encoding.little else EXPLICIT_BIG
        other = explicit if own is IMPLICIT_LITTLE else IMPLICIT_LITTLE
        if other is self._encoding and own is not self._encoding:
            other = self._encoding
        repairs, dropped, depth = dict(self.repairs), len(self.dropped), self._depth
        try:
            return self._items(header.value, end, own, delimited=delimited, bounded=bounded)
        except (Malformed, struct.error) as refusal:
            if isinstance(refusal, Malformed) and refusal.reason in {"too-deep", "too-large"}:
                raise
            self.repairs, self._depth = repairs, depth
            del self.dropped[dropped:]
            try:
                items, stop = self._items(header.value, end, other, delimited=delimited, bounded=bounded)
            except (Malformed, struct.error):
                raise refusal from None
        self._repaired("explicit-in-implicit" if other.explicit else "implicit-in-explicit", header.tag)
        return items, stop

    def _items(
        self, pos: int, end: int, encoding: Encoding, *, delimited: bool, bounded: bool
    ) -> tuple[list[Elements], int]:
        """Read items to ``end`` or to the delimiter of their sequence, once in each encoding.

        Sequences around them may be read in one encoding and then in the other: without a memory, what is nested n
        levels deep would be read two to the n times.
        """
        key = (pos, end, encoding, delimited, bounded)
        known = self._known.get(key)
        if known is None:
            repairs, dropped = self.repairs, self.dropped
            self.repairs, self.dropped = {}, []
            try:
                items, stop = self._read_items(pos, end, encoding, delimited=delimited, bounded=bounded)
                known = self._known[key] = (items, stop, self.repairs, self.dropped)
            except struct.error:
                known = self._known[key] = Malformed("truncated", "in a header")
            except Malformed as refusal:
                known = self._known[key] = refusal
            finally:
                self.repairs, self.dropped = repairs, dropped
        if isinstance(known, Malformed):
            raise known
        items, stop, new_repairs, new_dropped = known
        self.repairs.update(new_repairs)
        self.dropped += new_dropped
        return items, stop

    def _read_items(  # noqa: C901  one loop over items, however they end
        self, pos: int, end: int, encoding: Encoding, *, delimited: bool, bounded: bool
    ) -> tuple[list[Elements], int]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Malformed("too-deep", f"sequences nest deeper than {MAX_DEPTH}")
        items: list[Elements] = []
        while pos < end:
            self._step()
            if not delimited and is_filling(self._source, pos, end):
                self._repaired("trailing-bytes")
                pos = end
                break
            tag, length = encoding.item_header(self._source, pos)
            start = pos + HEADER_SIZE
            if start > end:
                raise Malformed("truncated", "an item or delimiter ends behind its sequence")
            if tag == SEQUENCE_DELIMITER and delimited:
                self._depth -= 1
                if length:
                    self._repaired("delimiter-length")
                return items, start
            if tag in DELIMITERS and not length:
                self._repaired("stray-delimiter")
                pos = start
            elif tag == ITEM:
                item, pos = self._item(start, length, end, encoding, bounded=bounded)
                items.append(item)
            elif delimited and items and looks_like_element(self._source, pos, end, encoding, 0):
                break
            else:
                raise Malformed("misplaced-delimiter", "something other than an item in a sequence")
        if delimited:
            if pos >= end and not bounded:
                raise Malformed("truncated", "a sequence without its delimiter")
            self._repaired("unclosed-sequence")
        self._depth -= 1
        return items, pos

    def _item(self, start: int, length: int, end: int, encoding: Encoding, *, bounded: bool) -> tuple[Elements, int]:
        if length == UNDEFINED:
            return self._elements(start, end, encoding, open_item=True, bounded=bounded)
        stop = start + length
        if stop > end:
            raise Malformed("truncated", "an item ends behind its sequence")
        return self._elements(start, stop, encoding, open_item=False, bounded=True)

    def _end_of_fragments(self, pos: int, end: int, encoding: Encoding) -> int:
        while pos < end:
            tag, length = encoding.item_header(self._source, pos)
            pos += HEADER_SIZE
            if tag == SEQUENCE_DELIMITER and not length and pos <= end:
                return pos
            if tag != ITEM or length == UNDEFINED or pos + length > end:
                raise Malformed("broken-fragments", "the fragments of encapsulated data do not add up")
            pos += length
        raise Malformed("truncated", "encapsulated data without its delimiter")

    def _step(self) -> None:
        self._steps -= 1
        if not self._steps:
            raise Malformed("too-large", "more elements than make sense in an object that needs repair")

    def _repaired(self, what: str, tag: int | None = None) -> None:
        self.repairs[what if tag is None else f"{what} {name_of(tag)}"] = None
