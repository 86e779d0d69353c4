"""Which direct identifiers a profile leaves as they are: for whoever is about to choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.plan import Decisions, Position

if TYPE_CHECKING:
    from greycloak.profiles import Profile

_DIRECT = {
    "birth date": (0x00100030,),
    "accession number": (0x00080050,),
    "other patient numbers": (0x00101000,),
    "other names": (0x00101001, 0x00101005, 0x00101060),
    "address and telephone": (0x00101040, 0x00102154),
    "admission and insurance": (0x00380010, 0x00101050),
    "names of physicians and operators": (0x00080090, 0x00081048, 0x00081050, 0x00081060, 0x00081070, 0x00321032),
    "institution": (0x00080080, 0x00080081),
    "comments": (0x00104000, 0x001021B0, 0x00204000),
}
"""Attributes that say by themselves whose images these are, or where to ask, and what they are in words."""

_AS_IT_IS = frozenset({"keep", "date", "check", "codes", "check-else-look"})


def direct_identifiers_left(profile: Profile) -> tuple[str, ...]:
    """Return in words which direct identifiers stay as they are in objects of any kind; none is as it should be.

    Parameters
    ----------
    profile : Profile
        The profile; its rules for some objects are not looked at.
    """
    decisions = Decisions(profile)
    at = Position(None, is_top=True, paths=decisions.paths.top)
    left = [
        words for words, tags in _DIRECT.items() if any(decisions.rule(tag, "", at).action in _AS_IT_IS for tag in tags)
    ]
    return (*left, *(["private attributes"] if profile.private.others == "keep" else []))
