"""Which notes an object gets because its pixels may show identity; asked of what the walk has put aside."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.outcomes import AT_RISK
from greycloak.pixels.device_regions import attributes_asked
from greycloak.pixels.risk import ATTRIBUTES, burned_in_risks
from greycloak.standard.dictionary import name_of, tag_for_keyword

if TYPE_CHECKING:
    from greycloak.stream import Encoding

ENCAPSULATED_DOCUMENT = 0x00420011
MAX_VALUE = 256
"""So many bytes of a value are looked at."""

_SOP_CLASS_UID = 0x00080016
_NUMBERS = frozenset(filter(None, map(tag_for_keyword, ("Rows", "Columns"))))

ASKED = frozenset(filter(None, map(tag_for_keyword, (*ATTRIBUTES, *attributes_asked())))) - {_SOP_CLASS_UID}
"""The top-level attributes that tell; what repeats over several groups is not among them."""


@lru_cache(maxsize=4096)
def risk_notes(
    sop_class: str, encoding: Encoding, values: tuple[tuple[int, bytes], ...], *, document_stays: bool
) -> tuple[str, ...]:
    """Return why an object is at risk, as the report says it.

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
    attributes = {name_of(tag): _text(tag, value, encoding) for tag, value in values}
    risks = burned_in_risks({**attributes, "SOPClassUID": sop_class})
    return tuple(f"{AT_RISK}{risk}" for risk in risks if risk != "document" or document_stays)


def _text(tag: int, value: bytes, encoding: Encoding) -> str:
    if tag in _NUMBERS:
        return str(int.from_bytes(value[:2], "little" if encoding.little else "big"))
    return value.rstrip(b"\0 ").decode("latin-1")
