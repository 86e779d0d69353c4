"""What a profile does, attribute by attribute, and the conformance statement; both are read off the plan itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from greycloak._version import __version__
from greycloak.actions.context import PATIENT_ID, PATIENT_NAME
from greycloak.document import Document
from greycloak.plan import Decisions, Position
from greycloak.profiles.options import CLEAN_PIXEL_DATA, METHOD_CODES
from greycloak.reporting.cleaning import what_is_cleaned
from greycloak.reporting.pixels import what_becomes_of_pixels, what_is_not_inspected
from greycloak.standard.confidentiality import EDITION, row_for, rows, supplement
from greycloak.standard.dictionary import attributes, entry_for, name_of
from greycloak.standard.imaging import IMAGING
from greycloak.standard.iods import Place, iod_of
from greycloak.standard.methods import BASIC_PROFILE, CID_7050

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.plan import Rule
    from greycloak.profiles import Profile
    from greycloak.profiles.lines import TagRule

_TYPES = ("1", "2", "3", None)
_FIRST_DATA_SET_GROUP = 0x0008

SAID = {
    "keep": "keep",
    "remove": "remove",
    "remove-item": "remove the content item",
    "empty": "empty",
    "dummy": "dummy value",
    "uid": "new UID",
    "class": "keep if it names a SOP Class, else new UID",
    "pseudonym": "pseudonym",
    "shift": "shift date",
    "truncate": "coarsen date",
    "fixed": "19000101",
    "date": "keep if a valid date or time",
    "check": "keep if valid for its VR, and nobody's name or number",
    "check-else-look": "keep without what is known to identify",
    "clean-document": "clean, or quarantine the object",
    "quarantine-document": "quarantine the object",
    "codes": "keep those code strings that are valid",
    "look": "keep without what is known to identify",
    "own": "keep without the patient's own name and numbers",
    "equipment": "keep makers and models, and other words without what is known to identify",
    "clean": "keep without what is known, or has the form, to identify",
    "vocabulary": "keep words that are known to be harmless",
    "look-untyped": "keep unless it repeats something removed",
    "measured": "keep if its values are what Greycloak's list says, cleaned by format if they are a block",
    "look-unknown": "keep unless it repeats something removed, or may be a person, date or UID that does not stay",
    "scheme": "keep without what is known to identify",
    "meaning-cleaned": "keep without what is known to identify; in schemes of others only words known to be harmless",
    "meaning": "keep in coding schemes that the standard names, without what is known to identify",
    "replace": "replace",
    "replace-each": "replace each value",
    "add": "write, even where it is absent",
    "unfit": "remove: what is asked for makes no sense for its VR",
    "hash": "keyed hash",
    "cut": "keep the first characters",
    "script": "ask a script",
}
"""Actions in words."""


class AttributeLine(NamedTuple):
    """What is done to an attribute.

    Attributes
    ----------
    tag : str
        As ``(gggg,eeee)``; ``x`` for any digit.
    attribute : str
        Its keyword or name.
    vr : str
        Its VR, if one is known.
    action : str
        What is done, by Type where that makes a difference.
    rule : str
        What the decision rests on.
    section : str
        Where that is written.
    reason : str
        Why Greycloak's supplement lists it, if it does.
    """

    tag: str
    attribute: str
    vr: str
    action: str
    rule: str
    section: str
    reason: str


def attribute_lines(profile: Profile, sop_class: str | None = None, *, every: bool = False) -> list[AttributeLine]:
    """Return what a profile does to each attribute at the top of a data set.

    Parameters
    ----------
    profile : Profile
        The profile.
    sop_class : str, optional
        UID of the SOP Class of the objects; without it, actions are given by Type.
    every : bool
        Whether to include attributes that only their VR decides about.
    """
    holding = tuple(
        number
        for number, rule in enumerate(profile.rules)
        if sop_class and rule.condition is None and not rule.quarantine and rule.may_fit(sop_class)
    )
    decisions = Decisions(profile, holding)
    place = iod_of(sop_class) if sop_class else None
    return [_line(decisions, text, place, by_type=sop_class is None) for text in sorted(_tags(profile, every=every))]


def _tags(profile: Profile, *, every: bool) -> set[str]:
    """Return the tags to speak of, as eight digits."""
    listed = {tag for tag in (*rows(), *supplement()) if tag != "private"}
    named = {line.target.tag for line in profile.all_lines if line.target.path is None}
    own = {f"{tag:08x}" for tag in named if tag is not None}
    known = {f"{tag:08x}" for tag in attributes()} if every else set()
    return {tag for tag in listed | own | known if int(tag[:4].replace("x", "0"), 16) >= _FIRST_DATA_SET_GROUP}


def _line(decisions: Decisions, text: str, place: Place | None, *, by_type: bool) -> AttributeLine:
    tag = int(text.replace("x", "0"), 16)
    entry = entry_for(tag)
    paths = decisions.paths.top
    places = [Place({tag: (type_, None)} if type_ else {}) for type_ in _TYPES] if by_type else [place]
    found = [decisions.rule(tag, "", Position(one, is_top=True, paths=paths)) for one in places]
    row = row_for(tag)
    return AttributeLine(
        tag=f"({text[:4]},{text[4:]})".upper().replace("X", "x"),
        attribute=name_of(tag) if "x" not in text or row is None else row.name,
        vr="/".join(entry.vrs) if entry else "",
        action=_by_type(found) if by_type else _said(found[0]),
        rule=row.basic
        if by_type and row and found[-1].asked is None and "E.1-1" in found[-1].section
        else found[-1].source,
        section=found[-1].section,
        reason=row.reason if row and row.reason and "supplement" in found[-1].section else "",
    )


def _said(rule: Rule) -> str:
    entry = entry_for(rule.tag)
    if rule.action in {"shift", "truncate"} and entry and entry.vrs[0] in {"AS", "SH", "TM"}:
        return SAID["date"]
    return (
        f"{SAID[rule.action]}: {rule.asked.value}"
        if rule.action in {"replace", "add"} and rule.asked
        else SAID[rule.action]
    )


def _by_type(found: list[Rule]) -> str:
    """Say an action, and where Type 2 and Type 1 make another one of it."""
    one, two, three, foreign = map(_said, found)
    parts = [three]
    if foreign != three:
        parts.append(f"foreign to the IOD: {foreign}")
    if two != three:
        parts.append(f"Type 2: {two}")
    if one != three:
        parts.append(f"Type 1: {one}")
    return "; ".join(parts)


@dataclass(frozen=True)
class _Facts:
    """What a statement says about a profile."""

    profile: Profile

    def claims(self) -> Iterator[str]:
        profile = self.profile
        if profile.conforms:
            always = [option for option in profile.applied_options if option != CLEAN_PIXEL_DATA]
            codes = [BASIC_PROFILE, *(CID_7050[METHOD_CODES[option]] for option in always)]
            said = ", ".join(f"{code.value} {code.meaning}" for code in codes)
            yield f"De-identification Method Code Sequence (0012,0064): {said}"
            if profile.pixels.cleans or profile.inspects_all:
                code = CID_7050[METHOD_CODES[CLEAN_PIXEL_DATA]]
                yield f"{code.value} {code.meaning}, in objects whose pixels were inspected"
            method = f"Greycloak {__version__} PS3.15 {EDITION}"
        else:
            yield "De-identification Method Code Sequence (0012,0064): nothing new; codes of an earlier one are kept"
            method = f"Greycloak {__version__}\\profile {profile.name}"
        yield f"De-identification Method (0012,0063): {method}"
        removed = "YES" if profile.removes_identity else "NO, unless an earlier de-identification has said YES"
        yield f"Patient Identity Removed (0012,0062): {removed}"
        yield f"Longitudinal Temporal Information Modified (0028,0303): {profile.dates_are}"
        yield "Burned In Annotation (0028,0301): NO where pixels were inspected, else as it was"

    def limits(self) -> Iterator[str]:
        profile = self.profile
        for option in profile.missing_cleaners:
            yield f"{option}: no cleaner yet; the Basic profile's action stands, and no code is stamped"
        if profile.listed == "basic":
            for line in profile.deviations:
                yield f"{line}: leaves more than the Basic profile does; therefore no code of PS3.15 is stamped"
        if profile.listed == "by-vr":
            yield "Table E.1-1 is not applied: this profile makes no claim of PS3.15"
        if profile.documents == "clean":
            yield "documents are cleaned instead of replaced by a dummy; therefore no code of PS3.15 is stamped"
        if profile.unlisted == "keep":
            yield "attributes that no line names are kept whatever they hold, free text included"
        if IMAGING in profile.private.safe and not profile.imaging:
            yield "private.safe = imaging: without effect, as the option retain-safe-private is not on"
        if profile.private.others == "keep":
            yield "private attributes are kept whatever they hold"
        yield from what_is_not_inspected(profile)
        yield "numbers and code strings are kept if they are valid, whatever they may stand for"

    def treatment(self) -> Iterator[str]:
        written = {line.target.tag for line in self.profile.all_lines}
        names = {PATIENT_NAME: "Patient's Name", PATIENT_ID: "Patient ID"}
        ours = [name for tag, name in names.items() if tag not in written]
        if ours:
            nested = "; in sequences they stay" if self.profile.listed == "by-vr" and not self._names_nested() else ""
            yield f"{' and '.join(ours)}: the subject's pseudonym, the same in the whole project{nested}"
        yield self._subjects()
        yield self._one_subject()
        without = {
            "study": "its Study Instance UID is the identity, unless the study's patient is known",
            "quarantine": "quarantined",
        }
        yield f"an object without Patient ID: {without[self.profile.subjects.without_id]}"
        if self.profile.subjects.without_study == "derive":
            yield "an object without Study or Series Instance UID: it gets a study and series of its own"
        yield self._uids()
        yield self._dates()
        yield self._private()
        yield self._unlisted()
        yield from what_is_cleaned(self.profile)
        yield from what_becomes_of_pixels(self.profile)
        yield from self._sop_classes()

    def _names_nested(self) -> bool:
        """Tell whether something becomes of the patient's name and number at other places than the top."""
        decisions = Decisions(self.profile)
        nested = Position(None, paths=decisions.paths.top)
        return all(decisions.rule(tag, "", nested).action != "keep" for tag in (PATIENT_NAME, PATIENT_ID))

    def _subjects(self) -> str:
        subjects = self.profile.subjects
        how = {
            "hash": "a keyed hash of the identity",
            "list": "as imported; others are quarantined",
            "counter": f"{subjects.id.template}, in the order in which subjects come",
            "command": "as a command of the site says",
            "service": f"as {subjects.id.url} says",
        }[subjects.id.kind]
        differing = "quarantined" if subjects.strict_identity else "noted in the report"
        return (
            f"pseudonyms: {how}; an object whose name or birth date differs from the first, or whose study came first "
            f"with another subject: {differing}"
        )

    def _one_subject(self) -> str:
        subjects = self.profile.subjects
        issuers = {
            "ignore": "Issuer of Patient ID tells no subjects apart, and another one than came first is quarantined",
            "exact": "Issuer of Patient ID tells subjects apart",
            None: "Issuer of Patient ID as the project takes it",
        }[subjects.issuer]
        matches = {
            "exact": "Patient IDs are one if they are equal",
            "fold-case": "Patient IDs are one but for case",
            "fold-punctuation": "Patient IDs are one but for case, signs, blanks and leading zeros",
            None: "Patient IDs are compared as the project does",
        }[subjects.match]
        return f"one subject: {matches}; {issuers}"

    def _uids(self) -> str:
        if "retain-uids" in self.profile.options:
            return "UIDs: kept"
        return (
            f"UIDs: new ones below {self.profile.uids.root}, keyed, the same for the same UID of a subject; "
            "those that the standard registers are kept"
        )

    def _dates(self) -> str:
        dates = self.profile.dates
        times = "" if dates.times == "keep" else "; times of day removed"
        ages = f"; ages above {dates.max_age} years become {dates.max_age:03d}Y" if dates.max_age else ""
        if "retain-full-dates" in self.profile.options:
            return f"dates and times: kept if valid{times}{ages}"
        if "retain-modified-dates" in self.profile.options:
            shift = f"shifted by {dates.shift.min_days} to {dates.shift.max_days} days, keyed by subject"
            how = f"truncated to the {dates.policy}" if dates.policy in {"year", "month"} else shift
            return f"dates: {how}; what is no valid date is removed or replaced by a dummy{times}{ages}"
        if dates.policy == "fixed":
            return "dates: 19000101"
        keeps = dates.policy is None and self.profile.listed == "by-vr" and self.profile.unlisted == "keep"
        return "dates and times: kept" if keeps else "dates and times: removed, emptied or a dummy, by Type"

    def _private(self) -> str:
        if self.profile.private.others == "keep":
            return "private attributes: kept, but those in blocks without a private creator"
        if "retain-safe-private" not in self.profile.options:
            named = any(line.target.private for line in self.profile.all_lines)
            return "private attributes: removed" + (", but those that a line names" if named else "")
        added, own = len(self.profile.imaging), len(self.profile.private.own)
        lists = (
            f", {added} that conversion needs (Greycloak's list imaging, checked by VR, number and range)"
            if added
            else ""
        )
        lists += f" and {own} of the site's own list" if own else ""
        return f"private attributes: those of PS3.15 Table E.3.10-1{lists} are kept, by VR; the rest is removed"

    def _unlisted(self) -> str:
        which = "attributes that Table E.1-1 does not list" if self.profile.listed == "basic" else "attributes"
        how = {
            "safe": "by VR: people, addresses and foreign text go, dates as above, UIDs are new, numbers and codes "
            "stay, text of the object's IOD stays without what is known to identify anybody in the object",
            "iod-only": "as far as they belong to the object's IOD, by VR: people and addresses go, dates as above, "
            "UIDs are new, numbers and codes stay, text stays without what is known to identify anybody in the object",
            "keep": "kept, but UIDs are new",
            "remove": "removed, but those that a line or a rule names",
        }[self.profile.unlisted]
        return f"other {which}: {how}" if which == "attributes" else f"{which}: {how}"

    def _sop_classes(self) -> Iterator[str]:
        allow, deny = self.profile.sop_classes.allow, self.profile.sop_classes.deny
        if allow:
            yield f"SOP Classes that may pass: {', '.join(allow)}; others are quarantined"
        if deny:
            yield f"SOP Classes that are quarantined: {', '.join(deny)}"
        for number, rule in enumerate(self.profile.rules):
            conditions = [rule.condition.text] if rule.condition else []
            conditions += [", ".join(rule.sop_classes)] if rule.sop_classes else []
            what = "quarantined" if rule.quarantine else f"{len(rule.lines)} lines of their own, which go first"
            yield f"rules.{number}: objects with {' and '.join(conditions)}: {what}"


def statement(profile: Profile) -> Document:
    """Return the conformance statement of a profile."""
    facts = _Facts(profile)
    document = Document(f"Conformance statement: {profile.name}")
    if profile.title:
        document.paragraph(f"{profile.title}.")
    claim = (
        f"Greycloak {__version__} applies the Basic Application Level Confidentiality Profile of DICOM PS3.15 {EDITION}"
        if profile.conforms
        else f"Greycloak {__version__} applies a profile of its own, which claims no conformance to PS3.15 {EDITION}"
    )
    options = f", with {', '.join(profile.applied_options)}" if profile.applied_options else ""
    document.paragraph(f"{claim}{options}. Digest of the profile: {profile.digest()}.")
    document.heading("What objects say afterwards")
    document.bullets(facts.claims())
    document.heading("What is done")
    document.bullets(facts.treatment())
    document.heading("What is not done")
    document.bullets(facts.limits())
    document.heading("Attributes")
    document.paragraph("Actions hold at any depth. Where the Type of an attribute at its place matters, it is named.")
    document.table(("Tag", "Attribute", "VR", "Action", "Rule", "Section", "Reason"), attribute_lines(profile))
    others = [line for line in profile.all_lines if line.target.tag is None or line.target.path is not None]
    if others:
        document.heading("Lines for several attributes, places and private attributes")
        document.table(("Line", "Action"), [_other(line) for line in others])
    return document


def _other(line: TagRule) -> tuple[str, ...]:
    return line.target.text, str(line.action)
