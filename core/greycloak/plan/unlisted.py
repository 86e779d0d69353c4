"""Decide about attributes that neither PS3.15 Table E.1-1 nor the supplement lists, by VR and place in the IOD."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.actions.classes import CLASS_TAGS
from greycloak.actions.context import SOP_CLASS_UID, SPECIFIC_CHARACTER_SET
from greycloak.plan.families import family_of
from greycloak.plan.rules import RETAINED, UNLISTED_SECTION, Rule, resolve
from greycloak.profiles.lines import PROTECTED
from greycloak.standard.schemes import CODING_SCHEME_DESIGNATOR

if TYPE_CHECKING:
    from greycloak.plan.decisions import Decisions, Position
    from greycloak.standard.dictionary import Entry

CODE_MEANING = 0x00080104
PIXEL_DATA = 0x7FE00010

# Pixels and what is needed to see them belong to every image, of whatever SOP Class.
_PIXEL_GROUPS = frozenset({0x0028, 0x7FE0})
# Codes look like numbers of somebody, and are none.
_TEXT_ACTIONS = {
    CODE_MEANING: "meaning",
    CODING_SCHEME_DESIGNATOR: "scheme",
    **dict.fromkeys((0x00080100, 0x00080103, 0x00080119, 0x0008010F), "look"),
}
_EQUIPMENT = re.compile(r"Manufacturer|ModelName|SoftwareVersion|CoilName|DeviceName")


def by_vr(decisions: Decisions, tag: int, entry: Entry, vr: str, at: Position, policy: str) -> Rule:
    """Decide about an attribute that no table lists by its VR and place.

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    tag, vr, entry, at
        The attribute, as `Decisions.rule` knows it.
    policy : str
        What the profile says of such attributes, as its key ``unlisted``.
    """
    type_ = at.type_of(tag)
    family = family_of(entry, vr)
    source = f"VR {vr or entry.vrs[0]}, {f'Type {type_}' if type_ else 'foreign to the IOD'}"
    is_pixel = tag >> 16 in _PIXEL_GROUPS
    is_vital = tag == SPECIFIC_CHARACTER_SET or (at.is_top and (tag in PROTECTED or tag == PIXEL_DATA))
    if policy == "remove" and not is_vital:
        return Rule(tag, "remove", "not on the profile's list", f"profile {decisions.profile.name}")
    if family == "uid":
        is_class = at.is_top and tag == SOP_CLASS_UID
        action = "class" if tag in CLASS_TAGS or tag == SOP_CLASS_UID else "uid"
        return Rule(
            tag, "check" if is_class or "retain-uids" in decisions.options else action, source, UNLISTED_SECTION
        )
    if policy == "iod-only" and type_ is None and not is_pixel:
        return Rule(tag, "remove", source, UNLISTED_SECTION)
    by_type = resolve("X/Z/D", type_)
    if family == "date":
        return decisions.dates.rule(tag, entry.vrs[0], source, by_type, keeps=policy == "keep")
    if policy == "keep":
        looks = (
            RETAINED.get(entry.vrs[0], "keep") if decisions.profile.removes_identity and family == "text" else "keep"
        )
        return Rule(tag, looks, f"{source}, unlisted = keep", UNLISTED_SECTION)
    if family == "checked":
        action = "codes" if entry.vrs[0] == "CS" and type_ == "1" else "check"
    elif family == "text":
        action = _text_action(decisions, tag, entry, at)
    elif family == "bulk":
        action = "keep" if type_ or is_pixel else "remove"
    elif family == "number":
        # How many there may be is open: of what does not belong to the object, nobody knows what they are.
        action = by_type if type_ is None and entry.vm.endswith("n") else "check"
    else:
        action = "keep" if family == "sequence" else by_type
    return Rule(tag, action, source, UNLISTED_SECTION)


def _text_action(decisions: Decisions, tag: int, entry: Entry, at: Position) -> str:
    """Return what is done to text that no table lists."""
    is_equipment = _EQUIPMENT.search(entry.keyword)
    if at.is_top and at.place is None and is_equipment:  # whatever a SOP Class is that nobody knows, a device made it
        return "equipment"
    if at.type_of(tag) is None:
        return decisions.profile.text.descriptors if decisions.cleans_descriptors else "remove"
    if tag == CODE_MEANING and (decisions.cleans_content or decisions.cleans_names):  # a report reads by the meanings
        return "meaning-cleaned"
    if tag in _TEXT_ACTIONS:
        return _TEXT_ACTIONS[tag]
    if is_equipment:
        return "equipment"
    return "clean" if decisions.cleans_descriptors else "look"
