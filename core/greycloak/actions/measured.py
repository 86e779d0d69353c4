"""Private attributes of the list ``imaging``: kept if they hold what the list says, and nothing else."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from greycloak.actions.private import clean_block, is_known_block
from greycloak.stream import LOOK_AT_BYTES, LOOK_AT_IT

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.standard.imaging import ImagingAttribute
    from greycloak.stream import Encoding, Path

_FORMATS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "UL": "I", "US": "H"}
_SMALLEST = 1e-9
"""Nothing is measured below; as a number, most text is smaller, or greater than any bound."""


def measured_mapping(
    tag: int, encoding: Encoding, known: ImagingAttribute
) -> Callable[[ObjectContext, bytes, Path], bytes | None]:
    """Return the mapping of an attribute of the list, for the splicer.

    Parameters
    ----------
    tag, encoding
        The attribute.
    known : ImagingAttribute
        What it may hold. A value that is anything else is removed; a text that may stay is still looked at.
    """

    def mapping(context: ObjectContext, value: bytes, _path: Path) -> bytes | None:
        if known.values == "block":
            if is_known_block(value) and clean_block(value) is not None:
                return LOOK_AT_BYTES
            context.note("not-cleaned", tag)
            return b""
        if known.bounds is not None:
            is_fine = _are_within(_numbers(value, known.vr, encoding), known)
            # Letters may make numbers, too.
            return (LOOK_AT_BYTES if known.vr in _FORMATS else None) if is_fine else b""
        return LOOK_AT_IT if _are_texts(value, known) else b""

    return mapping


def _numbers(value: bytes, vr: str, encoding: Encoding) -> list[float] | None:
    """Return the numbers in a raw value; None if it holds anything else."""
    kind = _FORMATS.get(vr)
    try:
        if kind is None:
            text = value.rstrip(b"\0 ").decode("ascii")
            return [float(part) for part in text.split("\\")] if text.strip() else []
        return list(
            struct.unpack(f"{'<' if encoding.little else '>'}{len(value) // struct.calcsize(kind)}{kind}", value)
        )
    except (ValueError, struct.error):
        return None


def _are_within(numbers: list[float] | None, known: ImagingAttribute) -> bool:
    assert known.bounds is not None
    low, high = known.bounds
    if numbers is None or not known.allows(len(numbers)):
        return False
    return all(low <= number <= high and (not number or abs(number) >= _SMALLEST) for number in numbers)


def _are_texts(value: bytes, known: ImagingAttribute) -> bool:
    assert known.pattern is not None
    try:
        text = value.rstrip(b"\0 ").decode("ascii")
    except UnicodeDecodeError:
        return False
    parts = [part.strip(" ") for part in text.split("\\")] if text else []
    return known.allows(len(parts)) and all(not part or known.pattern.fullmatch(part) for part in parts)
