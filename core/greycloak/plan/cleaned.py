"""Decide about what is cleaned from inside: structured content, graphics (PS3.15 E.3.3 and E.3.4), documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.plan.content import OPTION, PROTOCOL_CONTEXT_SEQUENCE, content_rule
from greycloak.plan.families import family_of
from greycloak.plan.rules import Rule
from greycloak.standard.confidentiality import TABLE_SECTION, rows

if TYPE_CHECKING:
    from greycloak.plan.decisions import Decisions, Position
    from greycloak.standard.dictionary import Entry

ENCAPSULATED_DOCUMENT = 0x00420011
STRUCTURE_NAMES = frozenset(
    {
        0x006A0005,  # Annotation Group Label
        0x30060026,  # ROI Name
        0x30060085,  # ROI Observation Label
        0x300A0016,  # Dose Reference Description
        0x30100033,  # User Content Label
        0x30100034,  # User Content Long Label
        0x30100035,  # Entity Label
        0x30100038,  # Entity Long Label
    }
)
"""Names of structures: made of abbreviations (AAPM TG-263), which no list of words has."""

GRAPHICS = "clean-graphics"
GRAPHICS_SECTION = "PS3.15 E.3.3"
_SEQUENCE_VRS = frozenset({"SQ", "UN", ""})

_UNFORMATTED_TEXT_VALUE = 0x00700006
_CURVE_GROUPS = range(0x5000, 0x5100)
_CURVE_DATA = 0x3000
# Of a curve: sound, in which somebody may say a name, and the overlays that it belonged to.
_GONE_WITH_CURVES = frozenset({*range(0x2000, 0x2010), 0x2600, 0x2610})


def cleaned_rule(decisions: Decisions, tag: int, vr: str, entry: Entry | None, at: Position) -> Rule | None:
    """Return what is done to an attribute that one of the two options keeps; None if they say nothing of it.

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    tag, vr, entry, at
        The attribute, as `Decisions.rule` knows it.
    """
    if entry is None:
        return None
    found = content_rule(decisions, tag, vr, at.item) if at.item is not None else None
    if found is None and tag == ENCAPSULATED_DOCUMENT and at.is_top:
        found = _document_rule(decisions, vr, entry)
    if found is None and entry.vrs[0] == "SQ" and vr in _SEQUENCE_VRS:
        found = _sequence_rule(decisions, tag)
    if found is None and family_of(entry, vr) != "sequence":
        found = _name_rule(decisions, tag, vr, entry) or _graphic_rule(decisions, tag, vr, entry)
    return found


def _document_rule(decisions: Decisions, vr: str, entry: Entry) -> Rule | None:
    policy, tag = decisions.profile.documents, ENCAPSULATED_DOCUMENT
    if policy == "remove":
        return None
    if family_of(entry, vr) != "bulk":
        return Rule(tag, "dummy", f"VR {vr}, which cannot hold it", TABLE_SECTION)
    return Rule(tag, f"{policy}-document", f"documents = {policy}", f"profile {decisions.profile.name}")


def _name_rule(decisions: Decisions, tag: int, vr: str, entry: Entry) -> Rule | None:
    if tag not in STRUCTURE_NAMES or not decisions.cleans_names or family_of(entry, vr) != "text":
        return None
    return Rule(tag, "clean", f"{rows()[f'{tag:08x}'].basic}, clean-descriptors C", TABLE_SECTION)


def _sequence_rule(decisions: Decisions, tag: int) -> Rule | None:
    row = rows().get(f"{tag:08x}")
    for option, applies in ((OPTION, decisions.cleans_content), (GRAPHICS, decisions.cleans_graphics)):
        if applies and row is not None and row.under(option) == "C":
            return Rule(tag, "keep", f"{row.basic}, {option} C", TABLE_SECTION)
    if tag == PROTOCOL_CONTEXT_SEQUENCE and decisions.cleans_content:
        return Rule(tag, "keep", f"content items, {OPTION}", "PS3.15 E.3.4")
    return None


def _graphic_rule(decisions: Decisions, tag: int, vr: str, entry: Entry) -> Rule | None:
    if not decisions.cleans_graphics:
        return None
    if tag == _UNFORMATTED_TEXT_VALUE:
        is_text = family_of(entry, vr) == "text"
        return Rule(tag, "clean" if is_text else "dummy", f"D, {GRAPHICS} C", GRAPHICS_SECTION)
    if tag >> 16 not in _CURVE_GROUPS:
        return None
    if tag & 0xFFFF in _GONE_WITH_CURVES:
        return Rule(tag, "remove", "sound, or a reference to overlays, which go", GRAPHICS_SECTION)
    source = f"X, {GRAPHICS} C"
    action = {"text": "clean", "number": "check", "checked": "check", "bulk": "look-untyped"}.get(family_of(entry, vr))
    return Rule(tag, action or "remove", source, GRAPHICS_SECTION)
