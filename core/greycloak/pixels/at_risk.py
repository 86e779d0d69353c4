"""Whether the pixels of an object may show identity; asked of what the walk has put aside."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.pixels.device_regions import attributes_asked
from greycloak.pixels.overlay_bits import OVERLAY_BIT_POSITIONS
from greycloak.pixels.risk import ATTRIBUTES, burned_in_risks
from greycloak.standard.dictionary import name_of, tag_for_keyword

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.stream import Encoding

ENCAPSULATED_DOCUMENT = 0x00420011
DOCUMENT = "document"
"""The risk that is none of pixels."""

MAX_VALUE = 256
"""So many bytes of a value are looked at."""

_SOP_CLASS_UID = 0x00080016
_NUMBERS = frozenset(filter(None, map(tag_for_keyword, ("BitsAllocated", "Columns", "Rows", "SamplesPerPixel"))))

_TELLING = frozenset(filter(None, map(tag_for_keyword, (*ATTRIBUTES, *attributes_asked())))) - {_SOP_CLASS_UID}

ASKED = _TELLING | OVERLAY_BIT_POSITIONS
"""The top-level attributes that tell; of what repeats over several groups, only where bits of overlays are."""


@lru_cache(maxsize=4096)
def risks_of(
    sop_class: str, encoding: Encoding, values: tuple[tuple[int, bytes], ...], *, document_stays: bool
) -> tuple[str, ...]:
    """Return why an object is at risk: some of `greycloak.pixels.risk.RISKS`.

    Parameters
    ----------
    sop_class : str
        Its SOP Class UID.
    encoding : Encoding
        Layout of its elements.
    values : tuple of (int, bytes)
        Those of `ASKED` that it has, with their original values.
    document_stays : bool
        Whether the profile keeps an encapsulated document.
    """
    risks = burned_in_risks(attributes_of(sop_class, encoding, values))
    return tuple(risk for risk in risks if risk != DOCUMENT or document_stays)


def attributes_of(sop_class: str, encoding: Encoding, values: Iterable[tuple[int, bytes]]) -> dict[str, str]:
    """Return what tells of an object, by keyword."""
    told = {name_of(tag): _text(tag, value, encoding) for tag, value in values if tag in _TELLING}
    return {**told, "SOPClassUID": sop_class}


def _text(tag: int, value: bytes, encoding: Encoding) -> str:
    if tag in _NUMBERS:
        return str(int.from_bytes(value[:2], "little" if encoding.little else "big"))
    return value.rstrip(b"\0 ").decode("latin-1")
