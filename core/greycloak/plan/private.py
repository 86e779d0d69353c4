"""Decide about private attributes: which of them are safe, and what is done to those that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.plan.families import family_of
from greycloak.plan.rules import Rule
from greycloak.standard.confidentiality import TABLE_SECTION
from greycloak.standard.dictionary import Entry
from greycloak.standard.imaging import IMAGING_SECTION
from greycloak.standard.private import SAFE_PRIVATE_SECTION, PrivateName, safe_private

if TYPE_CHECKING:
    from greycloak.plan.decisions import Decisions
    from greycloak.profiles import Profile

_LAST_BLOCK = 0xFF


def safe_vr(profile: Profile, tag: int, creator: str) -> str | None:
    """Return the VR of a safe private attribute (empty if unknown); None if it is not one."""
    known = profile.safe_private
    group, element = tag >> 16, tag & 0xFF
    found = known.get(PrivateName(group, element, creator))
    return found if found is not None else known.get(PrivateName(group, -1, creator))


def private_rule(decisions: Decisions, tag: int, vr: str, creator: str) -> Rule:
    """Decide about a private attribute (PS3.15 section E.3.10).

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    tag, vr, creator
        The attribute, as `Decisions.rule` knows it.
    """
    keeps_others = decisions.profile.private.others == "keep"
    safe = safe_vr(decisions.profile, tag, creator) if creator and tag & 0xFFFF > _LAST_BLOCK else None
    if safe is None and not keeps_others:
        return Rule(tag, "remove", "private attribute", TABLE_SECTION)
    if not creator or tag & 0xFFFF <= _LAST_BLOCK:
        return Rule(tag, "remove", "private attribute without a creator", "PS3.5 7.8.1")
    entry = Entry((safe,), "", "") if safe else Entry((vr or "UN",), "", "")
    family = family_of(entry, vr)
    is_table = PrivateName(tag >> 16, tag & 0xFF, creator) in safe_private()
    section = SAFE_PRIVATE_SECTION if is_table else f"profile {decisions.profile.name}"
    source = f"safe private attribute, VR {vr or entry.vrs[0]}" if safe is not None else "private.others = keep"
    if family == "date":
        return decisions.dates.rule(tag, entry.vrs[0], source, "remove", keeps=keeps_others)
    if safe is None and family not in {"uid", "mismatch"}:
        return Rule(tag, "keep", source, section)
    action = {
        "number": "look-untyped",
        "bulk": "look-untyped",
        "sequence": "keep",
        "checked": "check-else-look",
        "text": "clean" if decisions.cleans_descriptors else "look",
        "uid": "check" if "retain-uids" in decisions.options else "uid",
    }.get(family, "keep" if keeps_others else "remove")
    if family == "untyped" or (family == "checked" and vr in {"", "UN"}):
        action = "look-unknown"
    known = None if is_table else decisions.profile.imaging.get(PrivateName(tag >> 16, tag & 0xFF, creator))
    if known is not None:
        section = IMAGING_SECTION
        action = action if family in {"mismatch", "sequence"} else "measured"
    return Rule(tag, action, source, section, decisions.dates.plan if action == "look-unknown" else None, known=known)
