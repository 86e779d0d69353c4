"""What a profile leaves, in a few words: for whoever is about to choose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.plan import Decisions, Position
from greycloak.standard.iods import Place

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

_GOING = frozenset(
    "remove remove-item empty dummy uid pseudonym fixed replace replace-each hash unfit shift truncate "
    "vocabulary".split()
)
_OF_OPTIONS = {
    "retain-patient-characteristics": (0x00100040, 0x00101010, 0x00101020),
    "retain-device-identity": (0x00181000, 0x00081010),
    "retain-institution-identity": (0x00080080,),
    "retain-uids": (0x0020000D, 0x0020000E),
}
"""Attributes that stay if what an option retains stays."""

_STUDY_DATE = 0x00080020

_AS_IT_IS = frozenset({"keep", "date", "check", "codes", "check-else-look"})


class _Actions:
    """What a profile does to attributes at the top of an object that may have them."""

    def __init__(self, profile: Profile) -> None:
        self._decisions = Decisions(profile)

    def of(self, tag: int) -> str:
        at = Position(Place({tag: ("3", None)}), is_top=True, paths=self._decisions.paths.top)
        return self._decisions.rule(tag, "", at).action


def direct_identifiers_left(profile: Profile) -> tuple[str, ...]:
    """Return in words which direct identifiers stay as they are in objects of any kind; none is as it should be.

    Parameters
    ----------
    profile : Profile
        The profile; its rules for some objects are not looked at.
    """
    actions = _Actions(profile)
    left = [words for words, tags in _DIRECT.items() if any(actions.of(tag) in _AS_IT_IS for tag in tags)]
    return (*left, *(["private attributes"] if profile.private.others == "keep" else []))


def options_that_hold(profile: Profile) -> frozenset[str]:
    """Return the options that retain whose attributes stay, whether the profile has the option or says so otherwise.

    Parameters
    ----------
    profile : Profile
        The profile; its rules for some objects are not looked at.
    """
    actions = _Actions(profile)
    held = {option for option, tags in _OF_OPTIONS.items() if not any(actions.of(tag) in _GOING for tag in tags)}
    if "retain-safe-private" in profile.options or profile.private.others == "keep":
        held.add("retain-safe-private")
    dates = actions.of(_STUDY_DATE)
    if dates in {"shift", "truncate"}:
        held.add("retain-modified-dates")
    elif dates not in _GOING:
        held.add("retain-full-dates")
    return frozenset(held)
