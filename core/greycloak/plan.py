"""From a profile and a SOP Class to a plan: what to do with each element at each place.

The plan is a tree of `PlannedLevel`: the data set, and the items of each of its sequences. Each level decides about
an element name when it first meets it, from three sources in this order: Greycloak's supplement, PS3.15 Table
E.1-1, and for attributes that neither lists, the element's VR and its place in the IOD.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.actions.context import CAPTURED, PATIENT_ID, SOP_CLASS_UID, ObjectContext
from greycloak.actions.dates import DATE_VRS, date_mapping
from greycloak.actions.dummies import dummy_items, dummy_value
from greycloak.actions.stamps import PATIENT_NAME
from greycloak.actions.uids import uid_mapping
from greycloak.actions.values import CHECKS
from greycloak.outcomes import Refused
from greycloak.standard.confidentiality import TABLE_SECTION, Row, row_for
from greycloak.standard.dictionary import Entry, entry_for
from greycloak.standard.iods import Place, iod_of
from greycloak.stream import Encoding, Instruction, Level, Verb, passed_over
from greycloak.stream.encoding import IMPLICIT_LITTLE

if TYPE_CHECKING:
    from greycloak.profiles import Profile

Mapping = Callable[[ObjectContext, bytes], bytes | None]

BURNED_IN_ANNOTATION = 0x00280301
PIXEL_DATA = 0x7FE00010

_SUPPLEMENT_SECTION = "Greycloak supplement"
_UNLISTED_SECTION = "PS3.15 E.1.1, unlisted attributes by VR"

_FAMILIES = {
    vr: family
    for family, vrs in {
        "text": "LO LT SH ST UC UT",
        "checked": "CS DS IS",
        "number": "AT FD FL SL SS SV UL US UV",
        "bulk": "OB OD OF OL OV OW",
        "date": "AS DA DT TM",
        "person": "PN",
        "uid": "UI",
        "address": "AE UR",
        "sequence": "SQ",
        "untyped": "UN",
    }.items()
    for vr in vrs.split()
}
# Pixels and what is needed to see them belong to every image, of whatever SOP Class.
_PIXEL_GROUPS = frozenset({0x0028, 0x7FE0})
# Versions of code sets are published: shifted, they would tell by how many days everything is shifted.
_PUBLISHED_DATES = frozenset({0x00080106, 0x00080107})
_FIRST_DATA_SET_GROUP = 0x0008


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done to an attribute at its place, and who says so.

    Attributes
    ----------
    tag : int
        The attribute.
    action : str
        ``keep``, ``remove``, ``empty``, ``dummy``, ``uid``, ``pseudonym``, ``shift`` (of a date), ``date`` (keep if it
        is one), ``look`` (keep unless it repeats something removed) or ``check`` (keep if the value is valid for its
        VR, else look).
    source : str
        What the decision rests on, as ``X/Z/D, Type 2``.
    section : str
        Where that is written.
    """

    tag: int
    action: str
    source: str
    section: str


def resolve(code: str, type_: str | None) -> str:
    """Choose among the actions of PS3.15 the one that removes most and still leaves a valid object.

    Parameters
    ----------
    code : str
        Action code of Table E.1-1a, as ``X/Z/D``.
    type_ : str or None
        The attribute's Type at its place; None if it is foreign there.

    Returns
    -------
    str
        ``remove``, ``empty``, ``dummy`` or ``uid`` (of a sequence: map the UIDs in its items).

    Notes
    -----
    A Type 1 attribute is never emptied and a Type 3 attribute is really removed wherever the code lets one choose.
    Where the code says plainly X or Z for an attribute that this IOD requires, Z and D keep the object valid and
    tell as little.
    """
    required = type_ in {"1", "1C"}
    wanted = type_ in {"2", "2C"}
    if code in {"D", "U"}:
        return {"D": "dummy", "U": "uid"}[code]
    if code == "X/Z/U*" and required:
        return "uid"
    if code == "X" and type_ in {"1C", "2C"}:
        return "remove"
    if required or (code == "X/D" and wanted):
        return "dummy"
    if wanted or code in {"Z", "Z/D"}:
        return "empty"
    return "remove"


class PlannedLevel(Level):
    """A level of a plan.

    Parameters
    ----------
    profile : Profile
        The profile that is planned for.
    encoding : Encoding
        Layout of the elements.
    place : Place or None
        Where PS3.3 sees this level; None where it does not know it.
    is_top : bool
        Whether it is the data set itself.
    encapsulated : bool
        Whether Pixel Data may consist of fragments.
    """

    def __init__(
        self,
        profile: Profile,
        encoding: Encoding,
        place: Place | None,
        *,
        is_top: bool = False,
        encapsulated: bool = False,
    ) -> None:
        super().__init__(encoding)
        self._profile = profile
        self._place = place
        self._is_top = is_top
        self._encapsulated = encapsulated

    def rule(self, tag: int, vr: str = "") -> Rule:
        """Decide about an attribute.

        Parameters
        ----------
        tag : int
            The attribute.
        vr : str
            Its VR as encoded; empty in Implicit VR.
        """
        unfit = _unfit(tag)
        if unfit is not None:
            return unfit
        if self._is_top and tag in {PATIENT_NAME, PATIENT_ID}:
            return Rule(tag, "pseudonym", "subject", TABLE_SECTION)
        entry = entry_for(tag)
        row = row_for(tag)
        if row is not None:
            return self._listed(tag, entry, row, vr)
        if entry is None:
            return Rule(tag, "remove", "unknown to PS3.6", _UNLISTED_SECTION)
        return self._unlisted(tag, entry, vr)

    def _type_of(self, tag: int) -> str | None:
        return self._place.type_of(tag) if self._place else None

    def _listed(self, tag: int, entry: Entry | None, row: Row, vr: str) -> Rule:
        type_ = self._type_of(tag)
        option, retained = self._retained(row, entry)
        if option and not (entry and vr and _family(entry, vr) == "mismatch"):
            return Rule(tag, retained, f"{row.basic}, {option} {row.under(option)}", TABLE_SECTION)
        action = resolve(row.basic, type_)
        if entry and vr == "SQ" and entry.vrs[0] != "SQ":
            action = resolve("X/Z/D", type_)  # no sequence: nothing in it is what it seems
        elif action == "dummy" and entry and entry.vrs[0] == "UI":
            action = "uid"
        source = f"{row.basic}, Type {type_}" if type_ else row.basic
        return Rule(tag, action, source, _SUPPLEMENT_SECTION if row.reason else TABLE_SECTION)

    def _retained(self, row: Row, entry: Entry | None) -> tuple[str, str]:
        """Return the option that retains a listed attribute, and how; nothing if none does.

        Where Retain Device Identity says keep and Retain Modified Dates says clean, the date is shifted: the standard
        leaves it open, and this tells less.
        """
        is_dated = bool(row.under("retain-full-dates"))
        # What only the table knows is retained only where it is a date, which can be checked: those are date times.
        vr = entry.vrs[0] if entry is not None else ("DT" if is_dated else "")
        is_date = vr in DATE_VRS and (is_dated or vr != "SH")
        if (
            self._profile_has("retain-modified-dates")
            and is_dated
            and is_date
            and int(row.tag, 16) not in _PUBLISHED_DATES
        ):
            return "retain-modified-dates", "shift"
        for option in self._profile.applied_options:
            if row.under(option) == "K" and vr and (is_date or option != "retain-full-dates"):
                return option, "date" if is_date else {"UI": "check"}.get(vr, "keep")
        return "", ""

    def _profile_has(self, option: str) -> bool:
        return option in self._profile.options

    def _unlisted(self, tag: int, entry: Entry, vr: str) -> Rule:
        type_ = self._type_of(tag)
        family = _family(entry, vr)
        by_type = resolve("X/Z/D", type_)
        if family == "uid":
            is_class = self._is_top and tag == SOP_CLASS_UID
            action = "check" if is_class or self._profile_has("retain-uids") else "uid"
        elif family == "date" and self._profile_has("retain-modified-dates"):
            action = "shift"
        elif family == "date" and self._profile_has("retain-full-dates"):
            action = "date"
        elif family == "bulk":
            action = "keep" if type_ or tag >> 16 in _PIXEL_GROUPS else "remove"
        elif family == "text":
            action = "look" if type_ else "remove"
        else:
            action = {"number": "keep", "sequence": "keep", "checked": "check"}.get(family, by_type)
        place = f"Type {type_}" if type_ else "foreign to the IOD"
        return Rule(tag, action, f"VR {vr or entry.vrs[0]}, {place}", _UNLISTED_SECTION)

    def instruction(self, tag: int, vr: str) -> Instruction:
        """Turn a rule into an instruction for the splicer."""
        decided = self._decided(tag, vr)
        if not self._is_top:
            return decided
        if tag in CAPTURED:
            return _wrapped(decided, lambda context, value: context.captured.__setitem__(tag, value))
        if tag == BURNED_IN_ANNOTATION and self._profile.pixels.burned_in == "trust-flag":
            return _wrapped(decided, _refuse_burned_in)
        return decided

    def _decided(self, tag: int, vr: str) -> Instruction:
        rule = self.rule(tag, vr)
        entry = entry_for(tag)
        known_vr = vr if vr and vr != "UN" else (entry.vrs[0] if entry else "")
        long = self.encoding.is_long(vr)
        whole = passed_over(self.encoding if vr in {"SQ", ""} else IMPLICIT_LITTLE)

        def instruct(
            verb: int, *, written: bytes = b"", level: Level | None = None, mapping: Mapping | None = None
        ) -> Instruction:
            matches = CHECKS[known_vr] if verb in {Verb.CHECK, Verb.CHECK_ELSE_LOOK} else None
            return Instruction(verb, tag, vr or known_vr, long, written, mapping, matches, level or whole, rule=rule)

        if known_vr == "SQ" and rule.action in {"keep", "uid"}:
            # A sequence that is encoded as UN is Implicit VR inside (PS3.5 section 6.2.2).
            encoding = IMPLICIT_LITTLE if vr == "UN" else self.encoding
            place = self._place.item_of(tag) if self._place else None
            return instruct(Verb.ENTER, level=_level_of_items(self._profile, encoding, place))
        match rule.action:
            case "keep":
                fragmented = self._encapsulated and self._is_top and tag == PIXEL_DATA and vr in {"OB", "OW"}
                return Instruction(Verb.KEEP, tag, vr or known_vr, long, fragmented=fragmented, rule=rule)
            case "uid":
                return instruct(Verb.MAP, mapping=uid_mapping(tag, self.encoding))
            case "shift" | "date":
                return instruct(Verb.MAP, mapping=self._date_mapping(tag, entry, shift=rule.action == "shift"))
            case "check" | "look":
                verb = self._verb(rule, known_vr, tag)
                return instruct(verb, written=self._written(tag, entry, resolve("X/Z/D", self._type_of(tag))))
        return instruct(Verb.WRITE, written=self._written(tag, entry, rule.action))

    def _verb(self, rule: Rule, vr: str, tag: int) -> int:
        """Choose between looking and checking; what is foreign to the IOD and fails its check is not looked at."""
        if rule.action == "look":
            return Verb.LOOK
        return Verb.CHECK if vr == "UI" or self._type_of(tag) is None else Verb.CHECK_ELSE_LOOK

    def _date_mapping(self, tag: int, entry: Entry | None, *, shift: bool) -> Mapping:
        """Return the mapping of a date, time or age; what is not valid goes, as its Type demands."""
        if entry is None:  # listed, and not in the dictionary: all of those are date times
            return date_mapping(tag, "DT", self.encoding, b"", shift=shift)
        otherwise = self._written(tag, entry, resolve("X/Z/D", self._type_of(tag)))
        return date_mapping(tag, entry.vrs[0], self.encoding, otherwise, shift=shift)

    def _written(self, tag: int, entry: Entry | None, action: str) -> bytes:
        """Return the element that an action leaves; nothing if it removes (or another hand writes it)."""
        if action not in {"empty", "dummy"}:
            return b""
        if entry is None:
            raise Refused("internal-error", f"no VR for ({tag >> 16:04X},{tag & 0xFFFF:04X})")
        vr = entry.vrs[0]
        if action == "empty":
            return self.encoding.header(tag, vr, 0)
        if vr != "SQ":
            return self.encoding.element(tag, vr, dummy_value(entry.keyword, vr))
        items = dummy_items(entry.keyword, self._place.item_of(tag) if self._place else None, self.encoding)
        return self.encoding.header(tag, vr, len(items)) + items


def _unfit(tag: int) -> Rule | None:
    """Return the rule for what is no standard attribute of a data set."""
    group = tag >> 16
    if group & 1:
        return Rule(tag, "remove", "private attribute", TABLE_SECTION)
    if not tag & 0xFFFF:
        return Rule(tag, "remove", "group length, retired", "PS3.5 7.2")
    if group < _FIRST_DATA_SET_GROUP:
        return Rule(tag, "remove", "not an attribute of a data set", "PS3.5 7.1")
    return None


def _family(entry: Entry, vr: str) -> str:
    """Return the family to treat an attribute as, from the VRs it may have and the VR it claims to have."""
    families = [_FAMILIES.get(known, "untyped") for known in entry.vrs]
    if vr in {"", "UN"}:
        return families[0]
    claimed = _FAMILIES[vr]
    if claimed in families:
        return claimed
    return "text" if {claimed, *families} <= {"text", "checked"} else "mismatch"


def _wrapped(decided: Instruction, first: Callable[[ObjectContext, bytes], None]) -> Instruction:
    """Return an instruction that shows the original value to ``first``, and then does the same."""
    verb, inner, matches, written = decided.verb, decided.mapping, decided.matches, decided.written
    if verb not in {Verb.CHECK, Verb.CHECK_ELSE_LOOK, Verb.MAP, Verb.WRITE}:
        tag = decided.tag
        raise Refused("unexpected-sequence", f"({tag >> 16:04X},{tag & 0xFFFF:04X}) has another VR than it should")

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        first(context, value)
        if inner is not None:
            return inner(context, value)
        return None if matches is not None and matches(value) else written

    return replace(decided, verb=Verb.MAP, mapping=mapping)


def _refuse_burned_in(_context: object, value: bytes) -> None:
    if b"YES" in value.upper():
        raise Refused("burned-in-annotation")


@lru_cache(maxsize=8192)
def _level_of_items(profile: Profile, encoding: Encoding, place: Place | None) -> PlannedLevel:
    """Return the level of items; all that PS3.3 does not know share one."""
    return PlannedLevel(profile, encoding, place)


@lru_cache(maxsize=512)
def plan_for(profile: Profile, sop_class_uid: str, encoding: Encoding, *, encapsulated: bool) -> PlannedLevel:
    """Return the plan of a profile for objects of one SOP Class in one encoding."""
    return PlannedLevel(profile, encoding, iod_of(sop_class_uid), is_top=True, encapsulated=encapsulated)
