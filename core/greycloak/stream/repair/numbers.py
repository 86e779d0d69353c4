"""Numbers with a VR that the dictionary contradicts: the same numbers as the VR that they should have."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import entry_for, name_of
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from greycloak.stream.encoding import Encoding
    from greycloak.stream.part10 import Source
    from greycloak.stream.repair.elements import Element, Elements

FORMATS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
"""How numbers of a VR are packed."""

_TEXTS = frozenset({"DS", "IS"})


def mend_numbers(source: Source, elements: Elements, encoding: Encoding) -> dict[str, None]:
    """Give numbers the VR of the dictionary; return what was repaired.

    Raises
    ------
    Malformed
        If a value cannot be the same number in that VR.
    """
    repairs: dict[str, None] = {}
    for element in elements:
        for item in element.items or ():
            repairs |= mend_numbers(source, item, encoding)
        wanted = _wanted_vrs(element)
        if wanted:
            element.value, element.vr = _converted(element, element.raw(source), wanted, encoding)
            repairs[f"wrong-vr {name_of(element.tag)}"] = None
    return repairs


def _wanted_vrs(element: Element) -> tuple[str, ...]:
    """Return the VRs that a number may have, if it has another one."""
    if element.items is not None or element.open or (element.vr not in FORMATS and element.vr not in _TEXTS):
        return ()
    entry = None if element.tag >> 16 & 1 else entry_for(element.tag)
    if entry is None or element.vr in entry.vrs:
        return ()
    return tuple(vr for vr in entry.vrs if vr in FORMATS)


def _converted(element: Element, raw: bytes, wanted: tuple[str, ...], encoding: Encoding) -> tuple[bytes, str]:
    order = "<" if encoding.little else ">"
    for vr in wanted:
        numbers = _numbers(raw, element.vr, order)
        size = struct.calcsize(FORMATS[vr])
        if numbers is None and element.vr not in _TEXTS and not len(raw) % size:
            return raw, vr  # no number of the VR that it claims, but one of its own
        try:
            packed = struct.pack(f"{order}{len(numbers or ())}{FORMATS[vr]}", *(numbers or ()))
        except (struct.error, OverflowError):
            continue
        if numbers and list(struct.unpack(f"{order}{len(numbers)}{FORMATS[vr]}", packed)) == numbers:
            return packed, vr
    raise Malformed("wrong-vr", f"at {name_of(element.tag)}")


def _numbers(raw: bytes, vr: str, order: str) -> list[int] | list[float] | None:
    """Return the numbers that a value claims to be; None if it is none. Whole ones are whole."""
    try:
        if vr in _TEXTS:
            found = [float(text) for text in raw.strip(b"\0 ").decode("ascii").split("\\")]
        else:
            count, rest = divmod(len(raw), struct.calcsize(FORMATS[vr]))
            if rest or not count:
                return None
            found = list(struct.unpack(f"{order}{count}{FORMATS[vr]}", raw))
    except ValueError:
        return None
    return [int(number) for number in found] if all(float(number).is_integer() for number in found) else found
