"""Dummy values: non-empty, valid for their VR, and the same for everybody (PS3.15 action D)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.standard.dictionary import entry_for, tag_for_keyword

if TYPE_CHECKING:
    from greycloak.standard.iods import Place
    from greycloak.stream import Encoding

TEXT = "ANONYMIZED"
DATE = "19000101"
TIME = "000000"

_BY_VR = {
    "AE": TEXT,
    "AS": "000Y",
    "CS": TEXT,
    "DA": DATE,
    "DS": "0",
    "DT": DATE + TIME,
    "IS": "0",
    "LO": TEXT,
    "LT": TEXT,
    "PN": TEXT,
    "SH": TEXT,
    "ST": TEXT,
    "TM": TIME,
    "UC": TEXT,
    "UI": "2.25.0",
    "UR": "urn:oid:2.25.0",
    "UT": TEXT,
}
_ZERO_BYTES = {"AT": 4, "FD": 8, "FL": 4, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "SL": 4, "SS": 2, "SV": 8, "UL": 4,
               "US": 2, "UV": 8}  # fmt: skip
# Where PS3.3 enumerates the values, a dummy has to be one of them.
_BY_KEYWORD = {
    "AnchorPointAnnotationUnits": "PIXEL",
    "AnchorPointVisibility": "N",
    "CodingSchemeDesignator": "99GREYCLOAK",
    "ReferencedSOPClassUID": "1.2.840.10008.5.1.4.1.1.66",
    "RelationshipType": "CONTAINS",
    "ValueType": "TEXT",
}
# Conditional attributes without which a dummy item would say nothing valid.
_ALSO_NEEDED = {
    "GraphicAnnotationSequence": ("TextObjectSequence",),
    "TextObjectSequence": ("AnchorPoint", "AnchorPointAnnotationUnits", "AnchorPointVisibility"),
    "WaveformAnnotationSequence": ("UnformattedTextValue",),
}
# Items of many kinds: PS3.3 lists what each kind requires, and the dummy is of one.
_NAMED_TEXT = ("ValueType", "ConceptNameCodeSequence", "TextValue")
_OF_ONE_KIND = {
    "ContentSequence": ("RelationshipType", *_NAMED_TEXT),
    "SpecimenPreparationStepContentItemSequence": _NAMED_TEXT,
}
_CODE = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
_VALUE_COUNTS = {"AnchorPoint": 2, "ReferencedWaveformChannels": 2}
_MAX_DEPTH = 4


def dummy_value(keyword: str, vr: str) -> bytes:
    """Return a dummy value for an attribute that is no sequence."""
    text = _BY_KEYWORD.get(keyword) or _BY_VR.get(vr)
    if text is not None:
        return text.encode("ascii")
    return bytes(_ZERO_BYTES.get(vr, 2)) * _VALUE_COUNTS.get(keyword, 1)


def dummy_items(keyword: str, place: Place | None, encoding: Encoding, depth: int = 0) -> bytes:
    """Return the encoded content of a sequence with one dummy item.

    The item has the attributes that PS3.3 requires at this place; for a code sequence, a code that says nothing.
    """
    if keyword in _OF_ONE_KIND:
        tags = {_tag(name): True for name in _OF_ONE_KIND[keyword]}
    else:
        tags = dict.fromkeys(place.required(), True) if place else {}
    code_tags = [_tag(name) for name in _CODE]
    if keyword.endswith("CodeSequence") or (place and code_tags[2] in tags):
        tags = dict.fromkeys(code_tags, True)
    tags |= {_tag(name): True for name in _ALSO_NEEDED.get(keyword, ())}
    content = b"".join(_dummy_element(tag, place, encoding, depth) for tag in sorted(tags))
    return encoding.item(len(content)) + content


def _tag(keyword: str) -> int:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise LookupError(keyword)
    return tag


def _dummy_element(tag: int, place: Place | None, encoding: Encoding, depth: int) -> bytes:
    entry = entry_for(tag)
    if entry is None:
        return b""
    vr = entry.vrs[0]
    is_empty_allowed = place is not None and place.type_of(tag) == "2"
    if vr != "SQ":
        return encoding.element(tag, vr, b"" if is_empty_allowed else dummy_value(entry.keyword, vr))
    if is_empty_allowed or depth == _MAX_DEPTH:
        return encoding.header(tag, vr, 0)
    items = dummy_items(entry.keyword, place.item_of(tag) if place else None, encoding, depth + 1)
    return encoding.header(tag, vr, len(items)) + items
