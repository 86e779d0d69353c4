"""Read raw values as people know them, for conditions."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from greycloak.pseudonyms.identity import decode_text
from greycloak.standard.dictionary import entry_for

if TYPE_CHECKING:
    from greycloak.stream import Encoding

_FORMATS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}


def text_of(tag: int, value: bytes, encoding: Encoding, characters: bytes) -> str:
    """Return a value as text; several are separated by a backslash.

    Parameters
    ----------
    tag : int
        The attribute.
    value : bytes
        Its raw value.
    encoding : Encoding
        Layout of the data set.
    characters : bytes
        Specific Character Set in force.

    Raises
    ------
    Refused
        If it is text that cannot be decoded: nobody could tell whether a condition holds.
    """
    entry = entry_for(tag)
    kind = _FORMATS.get(entry.vrs[0]) if entry else None
    if kind is None:
        return decode_text(value, characters)
    size = struct.calcsize(kind)
    whole = value[: len(value) // size * size]
    numbers = struct.unpack(f"{'<' if encoding.little else '>'}{len(whole) // size}{kind}", whole)
    return "\\".join(f"{number:g}" if kind in "df" else str(number) for number in numbers)
