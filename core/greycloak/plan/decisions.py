"""Decide what is done to an attribute at its place.

Who decides, in this order: the profile's own lines, Greycloak's supplement, PS3.15 Table E.1-1 with the profile's
options, and for attributes that neither lists, the element's VR and its place in the IOD.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from greycloak.actions.classes import CLASS_TAGS
from greycloak.actions.context import PATIENT_ID, PATIENT_NAME, SOP_CLASS_UID, SPECIFIC_CHARACTER_SET
from greycloak.actions.dates import DATE_VRS, DatePlan
from greycloak.actions.stamps import ENCRYPTED_ATTRIBUTES_SEQUENCE, PIXEL_STAMPED, STAMPED
from greycloak.plan.cleaned import cleaned_rule
from greycloak.plan.families import family_of
from greycloak.plan.rules import Rule, resolve
from greycloak.profiles.actions import COMPOUND_CODES
from greycloak.profiles.lines import PIXEL_DATA_TAGS, PROTECTED
from greycloak.profiles.targets import PathMatcher, Places
from greycloak.profiles.values import check_fits, check_fits_private
from greycloak.standard.confidentiality import SUPPLEMENT_SECTION, TABLE_SECTION, Row, row_for
from greycloak.standard.dictionary import FIRST_DATA_SET_GROUP, Entry, entry_for
from greycloak.standard.imaging import IMAGING_SECTION
from greycloak.standard.private import SAFE_PRIVATE_SECTION, PrivateName, safe_private
from greycloak.standard.schemes import CODING_SCHEME_DESIGNATOR

if TYPE_CHECKING:
    from greycloak.plan.content import ContentItem
    from greycloak.profiles import Action, Profile
    from greycloak.profiles.lines import TagRule
    from greycloak.standard.iods import Place

UNLISTED_SECTION = "PS3.15 E.1.1, unlisted attributes by VR"

DESCRIPTORS = "clean-descriptors"
CODE_MEANING = 0x00080104
PIXEL_DATA = 0x7FE00010
# Pixels and what is needed to see them belong to every image, of whatever SOP Class.
_PIXEL_GROUPS = frozenset({0x0028, 0x7FE0})
# Versions of code sets are published: shifted, they would tell by how many days everything is shifted.
_PUBLISHED_DATES = frozenset({0x00080106, 0x00080107})
# Said anew, or no longer true once anything has changed, whatever the profile.
_NEVER_KEPT = frozenset({*STAMPED, 0x00080001, ENCRYPTED_ATTRIBUTES_SEQUENCE}) - {PATIENT_NAME, PATIENT_ID}
# Codes look like numbers of somebody, and are none.
_TEXT_ACTIONS = {
    CODE_MEANING: "meaning",
    CODING_SCHEME_DESIGNATOR: "scheme",
    **dict.fromkeys((0x00080100, 0x00080103, 0x00080119, 0x0008010F), "look"),
}
_EQUIPMENT = re.compile(r"Manufacturer|ModelName|SoftwareVersion|CoilName|DeviceName")
# What an option retains is looked at: the patient's own name and numbers do not belong in it.
_RETAINED = {"UI": "check"} | dict.fromkeys(("AE", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), "own")
_LAST_GROUP = 0xFFFF
_LAST_BLOCK = 0xFF
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
    """

    def __init__(self, profile: Profile, rules: tuple[int, ...] = (), *, pixels_cleaned: bool = False) -> None:
        self.profile = profile
        self.masks = tuple(mask for number in rules for mask in profile.rules[number].masks)
        self.pixels_cleaned = pixels_cleaned
        self._lines: list[tuple[int, TagRule]] = [(0, line) for line in profile.lines]
        for number in rules:
            self._lines += [(number + 1, line) for line in profile.rules[number].lines]
        self.paths = PathMatcher([line.target for _, line in self._lines])
        self._options = frozenset(profile.applied_options)
        self._dates = _date_plan(profile)
        self._ages = DatePlan(max_age=profile.dates.max_age)
        self._cleans_descriptors = DESCRIPTORS in self._options

    @property
    def cleans_content(self) -> bool:
        """Whether content items are told apart."""
        return "clean-structured-content" in self._options

    @property
    def cleans_graphics(self) -> bool:
        """Whether graphics stay."""
        return "clean-graphics" in self._options

    @property
    def may_add(self) -> tuple[int, ...]:
        """The attributes that some line adds, in ascending order; which one decides about each, is for the rules."""
        found = {line.target.tag for _, line in self._lines if line.action.name == "add"}
        return tuple(sorted(tag for tag in found if tag is not None))

    @property
    def cleans_names(self) -> bool:
        """Whether names of structures, and meanings of local codes, are descriptors that stay."""
        return self._cleans_descriptors and self.profile.text.descriptors != "remove"

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
        known = self._safe_vr(tag, creator) or ""
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
        if line is not None:
            return self._as_asked(line, tag, vr, entry, at, creator)
        if tag >> 16 & 1:
            return self._private(tag, vr, creator)
        return self._standard(tag, vr, entry, at)

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

    def _as_asked(self, line: TagRule, tag: int, vr: str, entry: Entry | None, at: Position, creator: str) -> Rule:
        asked, type_ = line.action, at.type_of(tag)
        source, section = f"[tags] {line.target.text} = {asked}", f"profile {self.profile.name}"
        name = {"K": "keep", "C": "clean", "X": "remove"}.get(asked.name, asked.name)
        if name in {"clean", "vocabulary"}:
            if not tag >> 16 & 1 and _is_text(entry, vr):
                basic = Rule(tag, name, source, section, asked=asked)
            else:
                basic = self._private(tag, vr, creator) if tag >> 16 & 1 else self._standard(tag, vr, entry, at)
                basic = replace(basic, source=f"{source}, as without it: {basic.source}")
            return basic
        if name == "by-vr":
            if entry is None or tag >> 16 & 1:
                return Rule(tag, "remove", f"{source}, unknown to PS3.6", section)
            return replace(self._by_vr(tag, entry, vr, at, "safe"), section=section)
        if name in COMPOUND_CODES:
            name = resolve(name, type_)
        is_private = bool(tag >> 16 & 1)
        name = _sensible_private(name, asked, entry) if is_private else _sensible(name, asked, entry, type_)
        if name == "replace" and line.target.vr:
            name = "replace-each"
        if name == "add" and not at.is_top:
            name = "replace"
        if name == "shift":
            return self._shifted(tag, source, section, asked, type_)
        if name == "truncate":
            return _truncated(tag, source, section, asked)
        return Rule(tag, name, source, section, asked=asked)

    def _shifted(self, tag: int, source: str, section: str, asked: Action, type_: str | None) -> Rule:
        if tag in _PUBLISHED_DATES:
            return Rule(tag, resolve("X/Z/D", type_), f"{source}, but published", section)
        dates = self.profile.dates
        plan = DatePlan(shifted=True, without_times=dates.times == "remove", max_age=dates.max_age)
        return Rule(tag, "shift", source, section, plan, asked)

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
            return self._listed(tag, entry, row, vr, at)
        if entry is None:
            return Rule(tag, "remove", "unknown to PS3.6", UNLISTED_SECTION)
        return self._by_vr(tag, entry, vr, at, self.profile.unlisted)

    def _listed(self, tag: int, entry: Entry | None, row: Row, vr: str, at: Position) -> Rule:
        type_ = at.type_of(tag)
        retained = self._retained(row, entry, vr) or self._cleaned(tag, entry, row, vr)
        if retained is not None:
            return retained
        action = resolve(row.basic, type_)
        if row.basic == "X/Z/U*" and self.profile.references == "map":
            action = "uid"
        if entry and vr == "SQ" and entry.vrs[0] != "SQ":
            action = resolve("X/Z/D", type_)  # no sequence: nothing in it is what it seems
        elif action == "dummy" and entry and entry.vrs[0] == "UI":
            action = "uid"
        source = f"{row.basic}, Type {type_}" if type_ else row.basic
        section = SUPPLEMENT_SECTION if row.reason else TABLE_SECTION
        if entry and entry.vrs[0] in {"DA", "DT"} and self._dates is not None and self._dates.fixed:
            return Rule(tag, "fixed", f"{source}, dates.policy fixed", section, self._dates)
        return Rule(tag, action, source, section)

    def _cleaned(self, tag: int, entry: Entry | None, row: Row, vr: str) -> Rule | None:
        """Return how Clean Descriptors keeps a listed attribute (PS3.15 section E.3.5); None if it does not."""
        is_text = row.under(DESCRIPTORS) == "C" or row.reason.startswith("free text")
        if not self._cleans_descriptors or not is_text or entry is None:
            return None
        source = f"{row.basic}, {DESCRIPTORS} C"
        if entry.vrs[0] == "SQ" and vr in {"SQ", "UN", ""}:
            return Rule(tag, "keep", source, TABLE_SECTION)
        if not _is_text(entry, vr) or self.profile.text.descriptors == "remove":
            return None
        return Rule(tag, self.profile.text.descriptors, source, TABLE_SECTION)

    def _retained(self, row: Row, entry: Entry | None, vr: str) -> Rule | None:
        """Return how an option retains a listed attribute; None if none does.

        Where Retain Device Identity says keep and Retain Modified Dates says clean, the date is shifted: the standard
        leaves it open, and this tells less.
        """
        if entry and vr and family_of(entry, vr) == "mismatch":
            return None
        tag = int(row.tag, 16) if "x" not in row.tag else -1
        is_dated = bool(row.under("retain-full-dates"))
        # What only the table knows is retained only where it is a date, which can be checked: those are date times.
        known = entry.vrs[0] if entry is not None else ("DT" if is_dated else "")
        is_date = known in DATE_VRS and (is_dated or known != "SH")
        retaining = [option for option in self.profile.applied_options if row.under(option)]
        source = ", ".join([row.basic, *(f"{option} {row.under(option)}" for option in retaining)])
        if is_dated and is_date and known == "TM" and self.profile.dates.times == "remove":
            return None
        if "retain-modified-dates" in self._options and is_dated and is_date and tag not in _PUBLISHED_DATES:
            return Rule(tag, self._date_action, source, TABLE_SECTION, self._dates)
        for option in retaining:
            if row.under(option) == "K" and known and (is_date or option != "retain-full-dates"):
                if not is_date:
                    return Rule(tag, _RETAINED.get(known, "keep"), source, TABLE_SECTION)
                return Rule(tag, "date", source, TABLE_SECTION, self._dates if is_dated else self._ages)
        return None

    @property
    def _date_action(self) -> str:
        """What is done to dates that stay."""
        if self._dates is None:
            return "date"
        if self._dates.fixed:
            return "fixed"
        return "shift" if self._dates.shifted else ("truncate" if self._dates.precision else "date")

    def dated(self, tag: int, vr: str, source: str, by_type: str, *, keeps: bool) -> Rule:
        """Decide about a date, time or age that no table lists.

        Parameters
        ----------
        tag, vr, source
            The attribute.
        by_type : str
            What becomes of it if nothing keeps it.
        keeps : bool
            Whether it stays if nothing is said of dates.
        """
        dates, said = self._dates, self.profile.dates
        if vr == "TM" and said.times == "remove":
            return Rule(tag, by_type, f"{source}, dates.times remove", UNLISTED_SECTION)
        if dates is not None and dates.shifted and tag in _PUBLISHED_DATES:
            return Rule(tag, by_type, f"{source}, published", UNLISTED_SECTION)
        if dates is not None and (not dates.fixed or vr in {"DA", "DT"}):
            return Rule(tag, self._date_action, source, UNLISTED_SECTION, dates)
        if not keeps or said.policy == "remove":
            return Rule(tag, by_type, source, UNLISTED_SECTION)
        if said.times == "remove" or said.max_age is not None:
            kept = DatePlan(without_times=said.times == "remove", max_age=said.max_age)
            return Rule(tag, "date", source, UNLISTED_SECTION, kept)
        return Rule(tag, "keep", source, UNLISTED_SECTION)

    def _by_vr(self, tag: int, entry: Entry, vr: str, at: Position, policy: str) -> Rule:
        """Decide by VR and place, as ``unlisted`` says."""
        type_ = at.type_of(tag)
        family = family_of(entry, vr)
        source = f"VR {vr or entry.vrs[0]}, {f'Type {type_}' if type_ else 'foreign to the IOD'}"
        is_pixel = tag >> 16 in _PIXEL_GROUPS
        is_vital = tag == SPECIFIC_CHARACTER_SET or (at.is_top and (tag in PROTECTED or tag == PIXEL_DATA))
        if policy == "remove" and not is_vital:
            return Rule(tag, "remove", "not on the profile's list", f"profile {self.profile.name}")
        if family == "uid":
            is_class = at.is_top and tag == SOP_CLASS_UID
            action = "class" if tag in CLASS_TAGS or tag == SOP_CLASS_UID else "uid"
            return Rule(
                tag, "check" if is_class or "retain-uids" in self._options else action, source, UNLISTED_SECTION
            )
        if policy == "iod-only" and type_ is None and not is_pixel:
            return Rule(tag, "remove", source, UNLISTED_SECTION)
        by_type = resolve("X/Z/D", type_)
        if family == "date":
            return self.dated(tag, entry.vrs[0], source, by_type, keeps=policy == "keep")
        if policy == "keep":
            looks = (
                _RETAINED.get(entry.vrs[0], "keep") if self.profile.removes_identity and family == "text" else "keep"
            )
            return Rule(tag, looks, f"{source}, unlisted = keep", UNLISTED_SECTION)
        if family == "checked":
            action = "codes" if entry.vrs[0] == "CS" and type_ == "1" else "check"
        elif family == "text":
            action = self._text_action(tag, entry, type_)
        elif family == "bulk":
            action = "keep" if type_ or is_pixel else "remove"
        elif family == "number":
            # How many there may be is open: of what does not belong to the object, nobody knows what they are.
            action = by_type if type_ is None and entry.vm.endswith("n") else "check"
        else:
            action = "keep" if family == "sequence" else by_type
        return Rule(tag, action, source, UNLISTED_SECTION)

    def _text_action(self, tag: int, entry: Entry, type_: str | None) -> str:
        """Return what is done to text that no table lists."""
        if type_ is None:
            return self.profile.text.descriptors if self._cleans_descriptors else "remove"
        if tag == CODE_MEANING and (self.cleans_content or self.cleans_names):  # a report reads by the meanings
            return "meaning-cleaned"
        if tag in _TEXT_ACTIONS:
            return _TEXT_ACTIONS[tag]
        if _EQUIPMENT.search(entry.keyword):
            return "equipment"
        return "clean" if self._cleans_descriptors else "look"

    def _safe_vr(self, tag: int, creator: str) -> str | None:
        """Return the VR of a safe private attribute (empty if unknown); None if it is not one."""
        known = self.profile.safe_private
        group, element = tag >> 16, tag & 0xFF
        found = known.get(PrivateName(group, element, creator))
        return found if found is not None else known.get(PrivateName(group, -1, creator))

    def _private(self, tag: int, vr: str, creator: str) -> Rule:
        """Decide about a private attribute (PS3.15 section E.3.10)."""
        keeps_others = self.profile.private.others == "keep"
        safe = self._safe_vr(tag, creator) if creator and tag & 0xFFFF > _LAST_BLOCK else None
        if safe is None and not keeps_others:
            return Rule(tag, "remove", "private attribute", TABLE_SECTION)
        if not creator or tag & 0xFFFF <= _LAST_BLOCK:
            return Rule(tag, "remove", "private attribute without a creator", "PS3.5 7.8.1")
        entry = Entry((safe,), "", "") if safe else Entry((vr or "UN",), "", "")
        family = family_of(entry, vr)
        is_table = PrivateName(tag >> 16, tag & 0xFF, creator) in safe_private()
        section = SAFE_PRIVATE_SECTION if is_table else f"profile {self.profile.name}"
        source = f"safe private attribute, VR {vr or entry.vrs[0]}" if safe is not None else "private.others = keep"
        if family == "date":
            return self.dated(tag, entry.vrs[0], source, "remove", keeps=keeps_others)
        if safe is None and family not in {"uid", "mismatch"}:
            return Rule(tag, "keep", source, section)
        action = {
            "number": "look-untyped",
            "bulk": "look-untyped",
            "sequence": "keep",
            "checked": "check-else-look",
            "text": "clean" if self._cleans_descriptors else "look",
            "uid": "check" if "retain-uids" in self._options else "uid",
        }.get(family, "keep" if keeps_others else "remove")
        if family == "untyped" or (family == "checked" and vr in {"", "UN"}):
            action = "look-unknown"
        known = None if is_table else self.profile.imaging.get(PrivateName(tag >> 16, tag & 0xFF, creator))
        if known is not None:
            section = IMAGING_SECTION
            action = action if family in {"mismatch", "sequence"} else "measured"
        return Rule(tag, action, source, section, self._dates if action == "look-unknown" else None, known=known)


def _date_plan(profile: Profile) -> DatePlan | None:
    """Return what becomes of dates that an option or the policy keeps; None if they are treated like the rest."""
    dates = profile.dates
    without_times = dates.times == "remove"
    if "retain-modified-dates" in profile.options:
        if dates.policy in {"year", "month"}:
            return DatePlan(precision=dates.policy, max_age=dates.max_age)
        return DatePlan(shifted=True, without_times=without_times, max_age=dates.max_age)
    if "retain-full-dates" in profile.options:
        return DatePlan(without_times=without_times, max_age=dates.max_age)
    return DatePlan(fixed=True) if dates.policy == "fixed" else None


def _is_text(entry: Entry | None, vr: str) -> bool:
    return entry is not None and family_of(entry, vr) == "text"


def _sensible(name: str, asked: Action, entry: Entry | None, type_: str | None) -> str:
    """Return the action itself, or what takes its place where it makes no sense for an attribute."""
    if entry is None:
        return "keep" if name == "keep" else "remove"  # no VR is known to write
    if not _fits(asked, entry, name):
        name = resolve("X/Z/D", type_)
    return "uid" if name == "dummy" and entry.vrs[0] == "UI" else name


def _sensible_private(name: str, asked: Action, entry: Entry | None) -> str:
    """Return the action itself, or ``unfit`` where it makes no sense for a private attribute."""
    vr = entry.vrs[0] if entry else ""
    try:
        check_fits_private(replace(asked, name=name, length=None), vr, "")
    except ValueError:
        return "unfit"
    return "uid" if name == "dummy" and vr == "UI" else name


def _truncated(tag: int, source: str, section: str, asked: Action) -> Rule:
    if asked.value in {"year", "month"}:
        return Rule(tag, "truncate", source, section, DatePlan(precision=str(asked.value)), asked)
    return Rule(tag, "cut", source, section, asked=asked)


def _fits(asked: Action, entry: Entry, name: str) -> bool:
    """Tell whether an action that was asked for many attributes makes sense for this one."""
    try:
        check_fits(replace(asked, name=name, length=None), entry.vrs, "")
    except ValueError:
        return False
    return True


def _unfit(tag: int) -> Rule | None:
    """Return the rule for what is no attribute of a data set."""
    group = tag >> 16
    if not tag & 0xFFFF:
        return Rule(tag, "remove", "group length, retired", "PS3.5 7.2")
    if group < FIRST_DATA_SET_GROUP or group == _LAST_GROUP:
        return Rule(tag, "remove", "not an attribute of a data set", "PS3.5 7.1")
    return None
