"""A data set as a tree of elements, and how it is written anew, well-formed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import entry_for
from greycloak.stream.encoding import LONG_VRS, SHORT_VRS, UNDEFINED, Encoding

if TYPE_CHECKING:
    from greycloak.stream.levels import Buffer
    from greycloak.stream.part10 import Source

_SIZES = {"AT": 4, "FD": 8, "FL": 4, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2}
_LONGEST_SHORT = 0xFFFE
_PIXEL_REPRESENTATION, _PIXEL_DATA = 0x00280103, 0x7FE00010
_SPACE_PADDED = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UR UT".split())
TEXT_VRS = frozenset("LO LT PN SH ST UC UT".split())
"""VRs whose values are in the character sets of the data set."""


@dataclass(slots=True, eq=False)
class Element:
    """An element as it was read.

    Attributes
    ----------
    tag : int
        Its tag.
    vr : str
        Its VR as encoded; empty if it has none, or one that does not exist.
    start, stop : int
        The span of its value in the source; of one of undefined length up to behind the delimiter.
    items : list of list of Element or None
        The items of a sequence that was looked into.
    open : bool
        Whether the value has undefined length, and is copied as it is.
    value : bytes or None
        What is written instead of the span.
    """

    tag: int
    vr: str
    start: int
    stop: int
    items: list[list[Element]] | None = None
    open: bool = False
    value: bytes | None = None

    def raw(self, source: Source) -> bytes:
        """Return the value as bytes."""
        return source[self.start : self.stop] if self.value is None else self.value

    def is_text(self) -> bool:
        """Tell whether its value is in the character sets of the data set."""
        return self.items is None and (self.vr or vr_of(self.tag)) in TEXT_VRS


Elements = list[Element]


def vr_of(tag: int) -> str:
    """Return the VR of a tag that does not say it: UN if the dictionary does not know it either."""
    if not tag & 0xFFFF:
        return "UL"
    if tag >> 16 & 1:
        return "LO" if 0x10 <= tag & 0xFFFF <= 0xFF else "UN"  # noqa: PLR2004  private creators (PS3.5 section 7.8.1)
    entry = entry_for(tag)
    return entry.vrs[0] if entry else "UN"


def fitting_vr(tag: int, length: int, *, signed: bool = False) -> str:
    """Return the VR to write for a value that came without one: UN if it cannot be what the dictionary says.

    Parameters
    ----------
    tag : int
        The attribute.
    length : int
        How long its value is.
    signed : bool
        Whether attributes that are numbers as pixels are have signed ones.
    """
    entry = None if tag >> 16 & 1 else entry_for(tag)
    vrs = entry.vrs if entry else (vr_of(tag),)
    if signed and "SS" in vrs:
        vrs = ("SS", *vrs)
    if tag == _PIXEL_DATA:
        vrs = ("OW",)  # the one that native pixels of any depth may have in any encoding (PS3.5 section A.1)
    for vr in vrs:
        if vr != "SQ" and not length % _SIZES.get(vr, 1) and (vr in LONG_VRS or length <= _LONGEST_SHORT):
            return vr
    return "UN"


def encoded(source: Source, elements: Elements, encoding: Encoding) -> list[Buffer]:
    """Return a data set, or the content of an item, as it should have been written."""
    view = memoryview(source)
    parts: list[Buffer] = []
    signed = any(element.tag == _PIXEL_REPRESENTATION and element.raw(source)[:1] != b"\0" for element in elements)
    for element in elements:
        if element.items is not None:
            content: list[Buffer] = []
            for item in element.items:
                inside = encoded(source, item, encoding)
                content += [encoding.item(sum(map(len, inside))), *inside]
            parts += [encoding.header(element.tag, "SQ", sum(map(len, content))), *content]
        elif element.open:
            parts += [encoding.header(element.tag, element.vr, UNDEFINED), view[element.start : element.stop]]
        else:
            parts += _leaf(element, view, encoding, signed=signed)
    return parts


def _leaf(element: Element, view: memoryview, encoding: Encoding, *, signed: bool) -> list[Buffer]:
    value: Buffer = view[element.start : element.stop] if element.value is None else element.value
    vr = element.vr
    if vr not in SHORT_VRS and vr not in LONG_VRS:
        vr = fitting_vr(element.tag, len(value), signed=signed)
    if vr in SHORT_VRS and len(value) > _LONGEST_SHORT:
        vr = "UN"
    if not len(value) % 2:
        return [encoding.header(element.tag, vr, len(value)), value]
    padded_as = vr if encoding.explicit else vr_of(element.tag)
    padding = b" " if padded_as in _SPACE_PADDED else b"\0"
    return [encoding.header(element.tag, vr, len(value) + 1), value, padding]
