"""How elements are laid out in bytes (PS3.5 section 7.1, Annex A)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source

UNDEFINED = 0xFFFFFFFF
"""The length of a value that a delimiter ends."""

LONG_VRS = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
SHORT_VRS = frozenset("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_PADDED_WITH_SPACE = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UR UT".split())


@dataclass(frozen=True, eq=False)  # there are three of them
class Encoding:
    """One of the three layouts of a data set: Implicit LE, Explicit LE or Explicit BE.

    Attributes
    ----------
    explicit : bool
        Whether elements carry their VR.
    little : bool
        Whether numbers are little endian.
    key_size : int
        How many bytes of an element's header name it: tag and VR, or the tag alone.
    short, long : Struct
        Reads the length of a value in the usual form, and in 32 bits.
    long_form : Struct
        Reads the reserved bytes before a 32-bit length, and the length.
    """

    explicit: bool
    little: bool
    key_size: int = field(init=False)
    _tag: struct.Struct = field(init=False, repr=False, compare=False)
    _item: struct.Struct = field(init=False, repr=False, compare=False)
    short: struct.Struct = field(init=False, repr=False, compare=False)
    long: struct.Struct = field(init=False, repr=False, compare=False)
    long_form: struct.Struct = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        order = "<" if self.little else ">"
        set_field = object.__setattr__
        set_field(self, "key_size", 6 if self.explicit else 4)
        set_field(self, "_tag", struct.Struct(f"{order}HH"))
        set_field(self, "_item", struct.Struct(f"{order}HHL"))
        set_field(self, "long", struct.Struct(f"{order}L"))
        set_field(self, "long_form", struct.Struct(f"{order}HL"))
        set_field(self, "short", struct.Struct(f"{order}H") if self.explicit else self.long)

    def tag_of(self, key: bytes) -> int:
        """Return the tag at the start of a header."""
        group, element = self._tag.unpack_from(key)
        return int(group << 16 | element)

    def is_long(self, vr: str) -> bool:
        """Tell whether elements of this VR have a 32-bit length after two reserved bytes."""
        return self.explicit and vr in LONG_VRS

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """Return the header of an element."""
        packed = self._tag.pack(tag >> 16, tag & 0xFFFF)
        if not self.explicit:
            return packed + self.long.pack(length)
        if vr in LONG_VRS:
            return packed + vr.encode() + b"\0\0" + self.long.pack(length)
        return packed + vr.encode() + self.short.pack(length)

    def element(self, tag: int, vr: str, value: bytes) -> bytes:
        """Return a whole element, its value padded to even length (PS3.5 section 6.2)."""
        if len(value) % 2:
            value += b" " if vr in _PADDED_WITH_SPACE else b"\0"
        return self.header(tag, vr, len(value)) + value

    def item(self, length: int) -> bytes:
        """Return the header of a sequence item of defined length."""
        return self._tag.pack(0xFFFE, 0xE000) + self.long.pack(length)

    def item_header(self, source: Source, pos: int) -> tuple[int, int]:
        """Return tag and length of an item or delimiter (PS3.5 section 7.5)."""
        group, element, length = self._item.unpack_from(source, pos)
        return group << 16 | element, length


IMPLICIT_LITTLE = Encoding(explicit=False, little=True)
EXPLICIT_LITTLE = Encoding(explicit=True, little=True)
EXPLICIT_BIG = Encoding(explicit=True, little=False)
