"""Decide what is done to an attribute at its place.

Who decides, in this order: the profile's own lines, Greycloak's supplement, PS3.15 Table E.1-1 with the profile's
options, and for attributes that neither lists, the element's VR and its place in the IOD.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from greycloak.actions.context import PATIENT_ID, PATIENT_NAME
from greycloak.actions.stamps import ENCRYPTED_ATTRIBUTES_SEQUENCE, PIXEL_STAMPED, STAMPED
from greycloak.plan.asked import asked_rule, asked_source
from greycloak.plan.cleaned import cleaned_rule
from greycloak.plan.kept_dates import KeptDates
from greycloak.plan.listed import DESCRIPTORS, listed_rule
from greycloak.plan.private import private_rule, safe_vr
from greycloak.plan.rules import UNLISTED_SECTION, Rule
from greycloak.plan.unlisted import by_vr
from greycloak.profiles.lines import PIXEL_DATA_TAGS, PROTECTED
from greycloak.profiles.targets import PathMatcher, Places
from greycloak.standard.confidentiality import SUPPLEMENT_SECTION, TABLE_SECTION, row_for
from greycloak.standard.dictionary import FIRST_DATA_SET_GROUP, Entry, entry_for

if TYPE_CHECKING:
    from greycloak.plan.content import ContentItem
    from greycloak.profiles import Profile
    from greycloak.profiles.lines import TagRule
    from greycloak.standard.iods import Place

# Said anew, or no longer true once anything has changed, whatever the profile.
_NEVER_KEPT = frozenset({*STAMPED, 0x00080001, ENCRYPTED_ATTRIBUTES_SEQUENCE}) - {PATIENT_NAME, PATIENT_ID}
_LAST_GROUP = 0xFFFF
_CAREFUL = frozenset({"safe", "iod-only"})
_REMOVING = frozenset({"remove", "X"})


@dataclass(frozen=True, slots=True)
class Position:
    """Where an attribute stands.

    Attributes
    ----------
    place : Place or None
        Where PS3.3 sees it; None where it does not know it.
    is_top : bool
        Whether that is the data set itself.
    paths : frozenset
        How far the paths of the profile's lines have come.
    item : ContentItem or None
        The content item that it belongs to, where those are told apart.
    """

    place: Place | None
    is_top: bool = False
    paths: Places = frozenset()
    item: ContentItem | None = None

    def type_of(self, tag: int) -> str | None:
        """Return the attribute's Type here, or None if it is foreign."""
        return self.place.type_of(tag) if self.place else None


class Decisions:
    """The decisions of a profile, as far as they are the same for many objects.

    Parameters
    ----------
    profile : Profile
        The profile.
    rules : tuple of int
        Which of its conditional rules hold.
    pixels_cleaned : bool
        Whether the pixels have been inspected or changed, so that what the object says of them is said anew.

    Attributes
    ----------
    masks : tuple of Mask
        What the rules that hold mask in pixels.
    paths : PathMatcher
        How paths of the profile's lines are followed.
    options : frozenset of str
        The options of PS3.15 that the profile applies.
    dates : KeptDates
        What becomes of dates that stay.
    cleans_descriptors : bool
        Whether descriptors are cleaned.
    """

    def __init__(self, profile: Profile, rules: tuple[int, ...] = (), *, pixels_cleaned: bool = False) -> None:
        self.profile = profile
        self.masks = tuple(mask for number in rules for mask in profile.rules[number].masks)
        self.pixels_cleaned = pixels_cleaned
        self._lines: list[tuple[int, TagRule]] = [(0, line) for line in profile.lines]
        for number in rules:
            self._lines += [(number + 1, line) for line in profile.rules[number].lines]
        self.paths = PathMatcher([line.target for _, line in self._lines])
        self.options = frozenset(profile.applied_options)
        self.dates = KeptDates(profile)
        self.cleans_descriptors = DESCRIPTORS in self.options

    @property
    def cleans_content(self) -> bool:
        """Whether content items are told apart."""
        return "clean-structured-content" in self.options

    @property
    def cleans_graphics(self) -> bool:
        """Whether graphics stay."""
        return "clean-graphics" in self.options

    @property
    def may_add(self) -> tuple[int, ...]:
        """The attributes that some line adds, in ascending order; which one decides about each, is for the rules."""
        found = {line.target.tag for _, line in self._lines if line.action.name == "add"}
        return tuple(sorted(tag for tag in found if tag is not None))

    @property
    def cleans_names(self) -> bool:
        """Whether names of structures, and meanings of local codes, are descriptors that stay."""
        return self.cleans_descriptors and self.profile.text.descriptors != "remove"

    @property
    def sees_private(self) -> bool:
        """Whether any private attribute may stay."""
        return bool(
            self.profile.safe_private
            or self.profile.private.others == "keep"
            or any(line.target.private is not None for _, line in self._lines)
        )

    def entry_for(self, tag: int, vr: str, creator: str = "") -> Entry | None:
        """Return what is known about an attribute; of a private one, the VR that it has or should have."""
        if not tag >> 16 & 1:
            return entry_for(tag)
        known = safe_vr(self.profile, tag, creator) or ""
        return Entry((known or vr or "UN",), "", "")

    def rule(self, tag: int, vr: str, at: Position, creator: str = "") -> Rule:
        """Decide about an attribute.

        Parameters
        ----------
        tag : int
            The attribute.
        vr : str
            Its VR as encoded; empty in Implicit VR.
        at : Position
            Where it stands.
        creator : str
            Its private creator, if it is a private attribute in a block that has one.
        """
        unfit = _unfit(tag)
        if unfit is not None:
            return unfit
        entry = self.entry_for(tag, vr, creator)
        line = self._line_for(tag, vr, entry, at, creator)
        if self.pixels_cleaned and at.is_top and tag in PIXEL_STAMPED and (not line or line.action.leaves_something):
            return Rule(tag, "remove", "said anew, as pixels were cleaned", SUPPLEMENT_SECTION)
        asked = asked_rule(self, line, tag, vr, entry, at) if line is not None else None
        if asked is not None:
            return asked
        usual = private_rule(self, tag, vr, creator) if tag >> 16 & 1 else self._standard(tag, vr, entry, at)
        return replace(usual, source=f"{asked_source(line)}, as without it: {usual.source}") if line else usual

    def _line_for(self, tag: int, vr: str, entry: Entry | None, at: Position, creator: str) -> TagRule | None:
        """Return the line of the profile that decides; of a later rule first, then the most specific, then the last."""
        if tag in PROTECTED or tag in PIXEL_DATA_TAGS:
            return None
        known = entry.vrs if entry else ()
        vrs = {vr, *known} if vr != "UN" or not known else known
        is_subject = at.is_top and tag in {PATIENT_NAME, PATIENT_ID}
        found: tuple[int, ...] = (-1,)
        best = None
        for number, (rank, line) in enumerate(self._lines):
            target = line.target
            strength = (rank, target.specificity, int(target.path is not None))
            if strength < found or (is_subject and target.tag is None):
                continue
            if tag >> 16 & 1 and target.private is None and line.action.name not in _REMOVING:
                continue  # of private attributes, only their names tell what they are
            # What an element claims to be is reason enough to take it away, and none to leave it.
            believed = known if entry and line.action.leaves_something else vrs
            if self.paths.holds(at.paths, number) and target.fits(tag, believed, creator):
                found, best = strength, line
        return best

    def _standard(self, tag: int, vr: str, entry: Entry | None, at: Position) -> Rule:
        if at.is_top and tag in {PATIENT_NAME, PATIENT_ID}:
            return Rule(tag, "pseudonym", "subject", TABLE_SECTION)
        found = cleaned_rule(self, tag, vr, entry, at)
        if found is not None:
            return found
        row = row_for(tag)
        if tag in _NEVER_KEPT:
            return Rule(tag, "remove", "said anew, or no longer true", SUPPLEMENT_SECTION)
        if row is not None and (self.profile.listed == "basic" or (row.reason and self.profile.unlisted in _CAREFUL)):
            return listed_rule(self, tag, entry, row, vr, at)
        if entry is None:
            return Rule(tag, "remove", "unknown to PS3.6", UNLISTED_SECTION)
        return by_vr(self, tag, entry, vr, at, self.profile.unlisted)


def _unfit(tag: int) -> Rule | None:
    """Return the rule for what is no attribute of a data set."""
    group = tag >> 16
    if not tag & 0xFFFF:
        return Rule(tag, "remove", "group length, retired", "PS3.5 7.2")
    if group < FIRST_DATA_SET_GROUP or group == _LAST_GROUP:
        return Rule(tag, "remove", "not an attribute of a data set", "PS3.5 7.1")
    return None
