"""Where an element's value begins and ends, if its header does not say it as it should.

A VR that does not exist leaves open whether the length has two bytes or four, and some writers take the wrong form
for a VR that does. Only one of the forms leads to what can be the next element, or there is no telling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import entry_for
from greycloak.stream.encoding import LONG_VRS, SHORT_VRS, UNDEFINED, Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.filling import is_only
from greycloak.stream.levels import ITEM, ITEM_DELIMITER, SEQUENCE_DELIMITER, show_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.stream.part10 import Source

HEADER_SIZE = 8
DELIMITERS = frozenset({ITEM_DELIMITER, SEQUENCE_DELIMITER})
FILLING = frozenset(b"\0 \t\n\r\x1a\xff")
"""Bytes that say nothing: people and programs leave them behind the data set."""

UNLIKELY, POSSIBLE, LIKELY = range(3)
"""How much speaks for an element at some place."""

_FILLING = bytes(FILLING)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an element.

    Attributes
    ----------
    tag : int
        Its tag.
    vr : str
        Its VR; empty if there is none that exists.
    value : int
        Where the value begins.
    length : int
        How long the value is, or ``UNDEFINED``.
    repair : str
        What had to be repaired to read it, if anything.
    uncounted : bool
        Whether a byte that pads the value is not counted by the length.
    """

    tag: int
    vr: str
    value: int
    length: int
    repair: str = ""
    uncounted: bool = False

    @property
    def stop(self) -> int:
        """Where the next element begins, if the length is defined."""
        return self.value + self.length + self.uncounted


def is_filling(source: Source, pos: int, end: int) -> bool:
    """Tell whether nothing but bytes that say nothing follow."""
    if not FILLING.issuperset(source[pos : min(pos + HEADER_SIZE, end)]):
        return False
    return is_only(_FILLING, source, pos, end)


def read_header(source: Source, pos: int, end: int, encoding: Encoding) -> Header:
    """Read the header of the element at ``pos``, in that of its forms that leads on.

    Raises
    ------
    Malformed
        If several forms do.
    """
    if end - pos < HEADER_SIZE:
        raise Malformed("truncated", "in an element's header")
    forms = list(_forms(source, pos, end, encoding))
    if not forms:
        raise Malformed("truncated", "in an element's header")
    first = forms[0]
    if len(forms) == 1 or (not first.repair and not first.length % 2 and _leads_on(source, first, end, encoding)):
        return first
    likely = [(_leads_on(source, form, end, encoding), form) for form in forms]
    best = max(likelihood for likelihood, _ in likely)
    leading = [form for likelihood, form in likely if likelihood == best]
    if best and len(leading) > 1:
        raise Malformed("unknown-vr", f"two lengths are possible at {show_tag(first.tag)}")
    return leading[0]


def _forms(source: Source, pos: int, end: int, encoding: Encoding) -> Iterator[Header]:
    """Yield the forms that the header may have, the one of the standard first."""
    for form in _plain_forms(source, pos, end, encoding):
        yield form
        if form.length % 2 and form.length != UNDEFINED:
            yield Header(form.tag, form.vr, form.value, form.length, form.repair or "odd-length", uncounted=True)


def _plain_forms(source: Source, pos: int, end: int, encoding: Encoding) -> Iterator[Header]:
    tag = encoding.tag_of(source[pos : pos + 4])
    vr = source[pos + 4 : pos + 6].decode("latin-1")
    is_known = vr in SHORT_VRS or vr in LONG_VRS
    value = pos + HEADER_SIZE
    all_four = encoding.long.unpack_from(source, pos + 4)[0]
    if not encoding.explicit:
        yield Header(tag, "", value, all_four)
        if not is_known:
            return
    short = int.from_bytes(source[pos + 6 : value], "little" if encoding.little else "big")
    has_long = end - value >= 4  # noqa: PLR2004  a length
    long = encoding.long.unpack_from(source, value)[0] if has_long else 0
    wrong = "explicit-in-implicit" if not encoding.explicit else ("" if is_known else "unknown-vr")
    shown = vr if is_known else ""
    if vr in LONG_VRS:
        if has_long:
            yield Header(tag, shown, value + 4, long, wrong or ("reserved-bytes" if short else ""))
        if short:
            yield Header(tag, shown, value, short, wrong or "length-form")
        return
    yield Header(tag, shown, value, short, wrong)
    if has_long and not short:
        yield Header(tag, shown, value + 4, long, wrong or "length-form")
    if not is_known:
        yield Header(tag, "", value, all_four, "implicit-in-explicit")


def _leads_on(source: Source, header: Header, end: int, encoding: Encoding) -> int:
    if header.length == UNDEFINED:
        if end - header.value < HEADER_SIZE:
            return UNLIKELY
        return LIKELY if encoding.item_header(source, header.value)[0] in {ITEM, SEQUENCE_DELIMITER} else UNLIKELY
    return looks_like_element(source, header.stop, end, encoding, header.tag)


def looks_like_element(  # noqa: PLR0911  one case after the other
    source: Source, pos: int, end: int, encoding: Encoding, after: int
) -> int:
    """Tell how likely an element, a delimiter or nothing at all stands at ``pos``, behind a tag."""
    if pos >= end:
        return LIKELY if pos == end else UNLIKELY
    if FILLING.issuperset(source[pos : min(pos + HEADER_SIZE, end)]):
        return LIKELY if is_filling(source, pos, end) else UNLIKELY
    room = end - pos - HEADER_SIZE
    if room < 0:
        return UNLIKELY
    tag, length = encoding.item_header(source, pos)
    if tag >> 16 == ITEM >> 16:
        return LIKELY if tag == ITEM or tag in DELIMITERS else UNLIKELY
    is_next, is_known = tag > after, entry_for(tag) is not None
    if not encoding.explicit:
        fits = length == UNDEFINED or length <= room
        return UNLIKELY if not fits else (is_next or is_known) + (is_next and is_known)
    vr = source[pos + 4 : pos + 6].decode("latin-1")
    if vr in LONG_VRS:
        return LIKELY if is_next or is_known else UNLIKELY
    if vr in SHORT_VRS:
        length = int.from_bytes(source[pos + 6 : pos + 8], "little" if encoding.little else "big")
        return LIKELY if is_known or length <= room else UNLIKELY
    return POSSIBLE if is_next and (is_known or tag >> 16 & 1) else UNLIKELY
