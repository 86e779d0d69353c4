"""The profile model and its validation."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from greycloak.profiles.actions import Action, load_script, parse_action
from greycloak.profiles.conditions import Condition, parse_condition
from greycloak.profiles.id_schemes import IdScheme, parse_id_scheme
from greycloak.profiles.options import (
    CLEAN_OPTIONS,
    CONTRADICTIONS,
    GENERAL_OPTIONS,
    METHOD_CODES,
    RETAIN_OPTIONS,
    DatePolicy,
    Listed,
    Option,
    Unlisted,
)
from greycloak.profiles.schema import ID_SCHEMA, TAGS_SCHEMA
from greycloak.profiles.sop_classes import fits_sop_class, parse_sop_class
from greycloak.profiles.targets import Target, parse_target
from greycloak.profiles.values import DATED, TIMED, check_fits
from greycloak.standard.confidentiality import rows, supplement
from greycloak.standard.dictionary import FIRST_DATA_SET_GROUP, attributes, entry_for, name_of
from greycloak.standard.private import PrivateName, safe_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# What makes an object the object that it is: options and the subject decide about it, no rule.
PROTECTED = {
    0x00080005: "the object's texts are read with it",
    0x00080016: "it says what the object is",
    0x00080018: "use the option retain-uids to keep it",
    0x0020000D: "use the option retain-uids to keep it",
    0x0020000E: "use the option retain-uids to keep it",
    0x00120062: "it says what was done; see identity_removed",
    0x00120063: "it says what was done",
    0x00120064: "it says what was done",
    0x00280303: "it says what was done; see dates",
    0x04000500: "encrypted attributes are made anew or removed",
}
"""Attributes that no line of a profile may change, and why."""

PIXEL_DATA_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


_ROOT = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_MAX_ROOT = 40
_ELEMENT = 0xFFFF
_DICOM_ROOT = "1.2.840.10008"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class TagRule:
    """A line of ``[tags]``.

    Attributes
    ----------
    target : Target
        What it is about.
    action : Action
        What is done.
    """

    target: Target
    action: Action


def _read_tags(written: Any) -> tuple[TagRule, ...]:
    if isinstance(written, tuple) and all(isinstance(rule, TagRule) for rule in written):
        return written
    if not isinstance(written, dict):
        raise ValueError(f"expected a table of attributes and actions, not {written!r}")  # noqa: TRY004
    found: list[TagRule] = []
    problems: list[str] = []
    for text, action in written.items():
        try:
            found.append(_read_tag(text, action))
        except ValueError as error:
            problems.append(f"{text}: {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(found)


def _read_tag(text: str, written: Any) -> TagRule:
    target, action = parse_target(text), parse_action(written)
    tag = target.tag
    if tag in PROTECTED:
        raise ValueError(f"cannot be changed by a rule: {PROTECTED[tag]}")
    if tag in PIXEL_DATA_TAGS and action.name != "keep":
        raise ValueError("pixels cannot be changed by a rule")
    if action.name == "script":
        load_script(str(action.value))
    if tag is not None:
        _check_attribute(tag, action)
    if target.vr:
        check_fits(action, (target.vr,), f"what {text} names")
    elif target.mask & _ELEMENT == _ELEMENT and target.masked >= 0 and (entry := entry_for(target.masked)):
        check_fits(action, entry.vrs, name_of(target.masked))
    return TagRule(target, action)


def _check_attribute(tag: int, action: Action) -> None:
    """Refuse what no line can do anything about."""
    if tag >> 16 < FIRST_DATA_SET_GROUP or not tag & 0xFFFF:
        raise ValueError("is no attribute of a data set, and is made anew or removed anyway")
    if action.name not in {"remove", "X"} and entry_for(tag) is None and f"{tag:08x}" not in rows():
        raise ValueError("is unknown to PS3.6, and can only be removed")


Tags = Annotated[
    tuple[TagRule, ...],
    PlainValidator(_read_tags),
    PlainSerializer(lambda found: {rule.target.text: rule.action.written() for rule in found}),
    WithJsonSchema(TAGS_SCHEMA),
]


def _read_list(written: Any) -> tuple[TagRule, ...]:
    if isinstance(written, tuple):
        return written
    if not isinstance(written, list) or not all(isinstance(text, str) for text in written):
        raise ValueError(f"expected a list of attributes, not {written!r}")
    return _read_tags(dict.fromkeys(written, "by-vr"))


def _read_private(written: str) -> str:
    if parse_target(written).private is None:
        raise ValueError(f"{written!r} is no private attribute: expected one as 0019[SIEMENS MR HEADER]0C")
    return written


def _read_condition(written: Any) -> Condition:
    if isinstance(written, Condition):
        return written
    if not isinstance(written, str):
        raise ValueError(f"expected a condition in quotes, not {written!r}")  # noqa: TRY004
    return parse_condition(written)


ByVr = Annotated[
    tuple[TagRule, ...],
    PlainValidator(_read_list),
    PlainSerializer(lambda found: [rule.target.text for rule in found]),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "title": "By VR"}),
]
IdSchemeAsWritten = Annotated[
    IdScheme,
    PlainValidator(parse_id_scheme),
    PlainSerializer(lambda scheme: scheme.written()),
    WithJsonSchema(ID_SCHEMA),
]
PrivateAttribute = Annotated[str, AfterValidator(_read_private)]
SopClass = Annotated[str, AfterValidator(parse_sop_class)]
ReadCondition = Annotated[
    Condition,
    PlainValidator(_read_condition),
    PlainSerializer(lambda condition: condition.text),
    WithJsonSchema({"type": "string", "examples": ['Modality == "US"', 'ImageType contains "SECONDARY"']}),
]


def _read_root(written: str) -> str:
    if not _ROOT.fullmatch(written) or len(written) > _MAX_ROOT:
        raise ValueError(f"a root is numbers with dots between them, at most {_MAX_ROOT} characters: not {written!r}")
    if written == _DICOM_ROOT or written.startswith(f"{_DICOM_ROOT}."):
        raise ValueError(f"{_DICOM_ROOT} belongs to DICOM itself: take your own root")
    return written


def _read_name(written: str) -> str:
    if not _NAME.fullmatch(written):
        raise ValueError(f"a name has small letters, digits and '-', at most 64: not {written!r}")
    return written


class Subjects(_Part):
    """Who an object is about.

    Attributes
    ----------
    id : IdScheme
        How a subject gets its pseudonym: ``hash`` (keyed), a template as ``{project}-{counter:05d}``, ``list`` (only
        those that were imported), or whoever is asked: ``{ command = [...] }``, ``{ url = "https://..." }``.
    without_id : str
        What to do with an object without Patient ID: ``quarantine`` it, or take its ``study`` as the identity.
    strict_identity : bool
        Whether an object whose name or birth date differs from those that came first with its Patient ID is
        quarantined; it is noted in any case.
    """

    id: IdSchemeAsWritten = IdScheme()
    without_id: Literal["quarantine", "study"] = "quarantine"
    strict_identity: bool = Field(default=False, strict=True)


class Uids(_Part):
    """New UIDs.

    Attributes
    ----------
    root : str
        Root of new UIDs, without a dot at the end: ``2.25`` (UUID-derived, PS3.5 section B.2) or an organization's own.
    """

    root: Annotated[str, AfterValidator(_read_root)] = "2.25"


class Pixels(_Part):
    """Identity in the pixels.

    Attributes
    ----------
    burned_in : str
        ``trust-flag``: quarantine what says that identity is burned in (Burned In Annotation is YES), trust the
        rest. ``ignore``: do not even ask.
    """

    burned_in: Literal["trust-flag", "ignore"] = "trust-flag"


class DateShift(_Part):
    """By how many days dates are shifted: keyed per subject, any number between the bounds but 0.

    Attributes
    ----------
    min_days, max_days : int
        The bounds, both included.
    """

    min_days: int = Field(default=-365, ge=-36500, le=36500, strict=True)
    max_days: int = Field(default=-1, ge=-36500, le=36500, strict=True)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min_days > self.max_days:
            raise ValueError(f"min_days ({self.min_days}) is greater than max_days ({self.max_days})")
        if self.min_days == self.max_days == 0:
            raise ValueError("a shift by 0 days would shift nothing")
        return self


class Dates(_Part):
    """Dates and times.

    Attributes
    ----------
    policy : str or None
        With ``retain-modified-dates``: ``shift`` (the default there), or ``year`` or ``month`` to tell no more than
        that. Without a date option: ``remove`` what the profile does not keep, or write ``fixed`` (19000101) instead.
    shift : DateShift
        For ``shift``.
    times : str
        ``keep`` times of day, or ``remove`` them, where dates stay.
    max_age : int or None
        Ages above so many years become that many, as 89 for ``089Y``; None keeps them.
    """

    policy: DatePolicy | None = None
    shift: DateShift = DateShift()
    times: Literal["keep", "remove"] = "keep"
    max_age: int | None = Field(default=None, ge=1, le=150, strict=True)


class Private(_Part):
    """Private attributes.

    Attributes
    ----------
    safe : tuple of str
        A site's own safe list, for ``retain-safe-private``: ``0019[SIEMENS MR HEADER]0C``, or ``xx`` for the whole
        block of a creator.
    others : str
        ``remove`` the rest, or ``keep`` it: nobody knows what is in it.
    """

    safe: tuple[PrivateAttribute, ...] = ()
    others: Literal["remove", "keep"] = "remove"


class SopClasses(_Part):
    """Which kinds of objects may pass, by name, pattern (``*SR Storage``) or UID; others are quarantined.

    Attributes
    ----------
    allow : tuple of str
        If there are any, only these.
    deny : tuple of str
        Not these.
    """

    allow: tuple[SopClass, ...] = ()
    deny: tuple[SopClass, ...] = ()

    def let_pass(self, uid: str) -> bool:
        """Tell whether a SOP Class may pass."""
        if any(fits_sop_class(pattern, uid) for pattern in self.deny):
            return False
        return not self.allow or any(fits_sop_class(pattern, uid) for pattern in self.allow)


class Rule(_Part):
    """What holds only for some objects; every condition that is given must be met.

    Attributes
    ----------
    condition : Condition or None
        ``if``: a condition on the object's attributes.
    sop_classes : tuple of str
        One of these SOP Classes.
    quarantine : bool
        Whether such objects are quarantined.
    by_vr, tags : tuple of TagRule
        What is done; goes before the profile's own, and a later rule before an earlier one.
    """

    condition: ReadCondition | None = Field(default=None, alias="if")
    sop_classes: tuple[SopClass, ...] = ()
    quarantine: bool = Field(default=False, strict=True)
    by_vr: ByVr = ()
    tags: Tags = ()

    @property
    def lines(self) -> tuple[TagRule, ...]:
        """Everything that it does to attributes."""
        return (*self.tags, *self.by_vr)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.condition is None and not self.sop_classes:
            raise ValueError("a rule needs 'if' or 'sop_classes'; what holds always belongs to [tags]")
        if not self.quarantine and not self.lines:
            raise ValueError("a rule needs 'quarantine = true' or 'tags'")
        if self.quarantine and self.lines:
            raise ValueError("a rule that quarantines cannot have 'tags' as well")
        return self

    def may_fit(self, sop_class: str) -> bool:
        """Tell whether the rule may hold for objects of a SOP Class."""
        return not self.sop_classes or any(fits_sop_class(pattern, sop_class) for pattern in self.sop_classes)


class Profile(_Part):
    """What is done to objects.

    Attributes
    ----------
    name : str
        How users call it.
    title : str
        What it is, in a line.
    options : tuple of str
        Options of PS3.15 Annex E.
    listed : str
        Attributes in Table E.1-1: as the ``basic`` profile and the options say, or ``by-vr`` like any other.
    unlisted : str
        Other attributes: ``safe`` (by VR, with care), ``iod-only`` (and none that is foreign to the object's IOD),
        ``keep`` or ``remove``.
    identity_removed : bool or None
        Whether objects may say that the patient's identity is removed (0012,0062); None: if the profile conforms to
        the Basic profile.
    subjects, uids, dates, pixels, private, sop_classes
        How they are treated.
    by_vr, tags : tuple of TagRule
        Attributes and what is done to them: the last word. ``by_vr`` lists those that are treated by VR, with care,
        even if a table lists them or nothing else is kept.
    rules : tuple of Rule
        What holds only for some objects.
    """

    name: Annotated[str, AfterValidator(_read_name)]
    title: str = ""
    options: tuple[Option, ...] = ()
    listed: Listed = "basic"
    unlisted: Unlisted = "safe"
    identity_removed: bool | None = Field(default=None, strict=True)
    subjects: Subjects = Subjects()
    uids: Uids = Uids()
    dates: Dates = Dates()
    pixels: Pixels = Pixels()
    private: Private = Private()
    sop_classes: SopClasses = SopClasses()
    by_vr: ByVr = ()
    tags: Tags = ()
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        problems = [
            *_contradictions(self.options),
            *_date_problems(self.dates.policy, self.options),
            *self._without_effect(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _without_effect(self) -> Iterable[str]:
        """Name what promises something that would not be done."""
        if self.listed == "by-vr":
            for option in self.options:
                if option not in GENERAL_OPTIONS:
                    yield f"{option} belongs to the Basic profile, and listed = 'by-vr' does without: choose one"
        if self.private.safe and "retain-safe-private" not in self.options:
            yield "private.safe needs the option retain-safe-private"
        if self.private.others == "keep" and "retain-safe-private" in self.options:
            yield "private.others = 'keep' and retain-safe-private contradict each other: choose one"

    @cached_property
    def applied_options(self) -> tuple[str, ...]:
        """The options that are really applied, in the order of their codes."""
        return tuple(option for option in METHOD_CODES if option in self.options and option in RETAIN_OPTIONS)

    @cached_property
    def missing_cleaners(self) -> tuple[str, ...]:
        """The options for which the Basic profile's action stands in."""
        return tuple(option for option in METHOD_CODES if option in self.options and option in CLEAN_OPTIONS)

    @cached_property
    def lines(self) -> tuple[TagRule, ...]:
        """Everything that it does to attributes of every object, beside options and tables."""
        return (*self.tags, *self.by_vr)

    @cached_property
    def all_lines(self) -> tuple[TagRule, ...]:
        """The same, with what conditional rules do."""
        return (*self.lines, *(line for rule in self.rules for line in rule.lines))

    @cached_property
    def deviations(self) -> tuple[str, ...]:
        """Lines that leave more than Table E.1-1 and the options do, as the profile writes them."""
        return tuple(dict.fromkeys(line.target.text for line in self.all_lines if self._leaves_more(line)))

    def _leaves_more(self, line: TagRule) -> bool:
        action = line.action
        opens_sequences = action.name in {"uid", "U", "X/Z/U*"}
        if not action.leaves_something and not opens_sequences:
            return False
        if line.target.private is not None:
            return True
        for tag, row in (*rows().items(), *supplement().items()):
            entry = entry_for(int(tag.replace("x", "0"), 16)) if tag != "private" else None
            if tag == "private" or not line.target.touches(tag, entry.vrs if entry else ()):
                continue
            if opens_sequences:
                # Of a sequence, a new UID means that the rest of its items stays.
                if entry and "SQ" in entry.vrs and row.basic not in {"U", "X/Z/U*"}:
                    return True
                continue
            allowed = {code for option in self.applied_options if (code := row.under(option))}
            if "K" not in allowed and not ("C" in allowed and action.name in {"shift", "C"}):
                return True
        return False

    @cached_property
    def conforms(self) -> bool:
        """Whether what it does is the Basic profile of PS3.15, with its options, or stricter."""
        keeps_unseen = self.unlisted == "keep" or self.private.others == "keep"
        return self.listed == "basic" and not keeps_unseen and not self.deviations

    @cached_property
    def removes_identity(self) -> bool:
        """Whether objects say that the patient's identity is removed."""
        return self.conforms if self.identity_removed is None else self.identity_removed

    @cached_property
    def dates_are(self) -> str:
        """What Longitudinal Temporal Information Modified (0028,0303) says: UNMODIFIED, MODIFIED or REMOVED."""
        if "retain-modified-dates" in self.options:
            return "MODIFIED"
        keeps_all = self.listed == "by-vr" and self.unlisted == "keep" and self.dates.policy is None
        if "retain-full-dates" in self.options or keeps_all:
            is_changed = self.dates.times == "remove" or self._reach(DATED | TIMED, _changes)
            return "MODIFIED" if is_changed else "UNMODIFIED"
        keeps_times = self.listed == "by-vr" and self.unlisted == "keep" and self.dates.policy == "fixed"
        if keeps_times and not self._reach(TIMED, lambda action: not action.leaves_something):
            return "MODIFIED"
        keeps_unseen = self.dates.policy is None and (self.unlisted == "keep" or self.private.others == "keep")
        keeps_some = keeps_unseen or self._reach(DATED | TIMED, lambda action: action.leaves_something)
        return "MODIFIED" if keeps_some else "REMOVED"

    def _reach(self, vrs: frozenset[str], does: Callable[[Action], bool]) -> bool:
        """Tell whether a line that does something may be about an attribute of some VRs."""
        targets = [line.target for line in self.all_lines if does(line.action)]
        return any(
            target.fits(tag, entry.vrs)
            for tag, entry in attributes().items()
            if vrs & set(entry.vrs)
            for target in targets
        )

    @cached_property
    def safe_private(self) -> dict[PrivateName, str]:
        """VRs (empty where unknown) of the private attributes that stay; an element of -1 stands for a whole block."""
        if "retain-safe-private" not in self.options:
            return {}
        known = {name: known.vr for name, known in safe_private().items()}
        own = [parse_target(text).private for text in self.private.safe]
        return known | {name: known.get(name, "") for name in own if name is not None}

    def digest(self) -> str:
        """Return a digest that changes whenever anything in the profile does."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:16]


def _changes(action: Action) -> bool:
    """Tell whether an action may leave something else than was there."""
    return action.name not in {"keep", "K", "by-vr", "C", "clean"}


def _contradictions(options: tuple[str, ...]) -> Iterable[str]:
    for one, other in CONTRADICTIONS:
        if one in options and other in options:
            yield f"{one} and {other} contradict each other: choose one"
    repeated = {option for option in options if options.count(option) > 1}
    if repeated:
        yield f"{', '.join(sorted(repeated))}: named twice"


def _date_problems(policy: str | None, options: tuple[str, ...]) -> Iterable[str]:
    if policy in {"shift", "year", "month"} and "retain-modified-dates" not in options:
        yield f"dates.policy = {policy!r} needs the option retain-modified-dates"
    if policy in {"fixed", "remove"}:
        for option in ("retain-full-dates", "retain-modified-dates"):
            if option in options:
                yield f"dates.policy = {policy!r} and {option} contradict each other: choose one"
