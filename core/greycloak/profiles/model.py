"""The profile model and its validation."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from greycloak.profiles.claims import leaves_more, what_becomes_of_dates
from greycloak.profiles.lines import ByVr, TagRule, Tags
from greycloak.profiles.options import (
    CLEAN_OPTIONS,
    CLEAN_PIXEL_DATA,
    CLEANERS,
    CONTRADICTIONS,
    GENERAL_OPTIONS,
    METHOD_CODES,
    RETAIN_OPTIONS,
    Documents,
    Listed,
    Option,
    References,
    Unlisted,
)
from greycloak.profiles.parts import Dates, Part, Pixels, Private, Rule, SopClasses, Subjects, Text, Uids
from greycloak.profiles.targets import parse_target
from greycloak.standard.imaging import IMAGING, ImagingAttribute, imaging_private
from greycloak.standard.private import PrivateName, safe_private

if TYPE_CHECKING:
    from collections.abc import Iterable

_INSIDE = frozenset({"clean-structured-content", "clean-graphics"})
"""Options that keep sequences, and much of what is in them."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def _read_name(written: str) -> str:
    if not _NAME.fullmatch(written):
        raise ValueError(f"a name has small letters, digits, '-' and '_', at most 64: not {written!r}")
    return written


class Profile(Part):
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
    references : str
        References that Table E.1-1 lets go where nothing demands them (X/Z/U*): as the ``basic`` profile says, or
        ``map``: keep them, with new UIDs.
    documents : str
        Encapsulated documents and models: ``remove`` what is in them (a dummy stands for it), ``quarantine`` the
        object, or ``clean`` them; what cannot be proven clean is quarantined then.
    identity_removed : bool or None
        Whether objects may say that the patient's identity is removed (0012,0062); None: if the profile conforms to
        the Basic profile.
    subjects, uids, dates, text, pixels, private, sop_classes
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
    references: References = "basic"
    documents: Documents = "remove"
    identity_removed: bool | None = Field(default=None, strict=True)
    subjects: Subjects = Subjects()
    uids: Uids = Uids()
    dates: Dates = Dates()
    text: Text = Text()
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
        if self.unlisted == "remove":
            for kept in sorted(_INSIDE.intersection(self.options)):
                yield f"{kept} keeps what is made of attributes that unlisted = 'remove' removes: choose one"
        if self.private.own and "retain-safe-private" not in self.options:
            yield "private.safe needs the option retain-safe-private"
        if self.private.others == "keep" and "retain-safe-private" in self.options:
            yield "private.others = 'keep' and retain-safe-private contradict each other: choose one"

    @cached_property
    def applied_options(self) -> tuple[str, ...]:
        """The options that are really applied, in the order of their codes."""
        applied = CLEANERS.union(RETAIN_OPTIONS)
        return tuple(option for option in METHOD_CODES if option in self.options and option in applied)

    @property
    def inspects_all(self) -> bool:
        """Whether every image is inspected, whether or not something speaks for identity in it."""
        return CLEAN_PIXEL_DATA in self.options

    @cached_property
    def missing_cleaners(self) -> tuple[str, ...]:
        """The options for which the Basic profile's action stands in."""
        missing = frozenset(CLEAN_OPTIONS) - CLEANERS
        return tuple(option for option in METHOD_CODES if option in self.options and option in missing)

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
        return tuple(
            dict.fromkeys(line.target.text for line in self.all_lines if leaves_more(line, self.applied_options))
        )

    @cached_property
    def conforms(self) -> bool:
        """Whether what it does is the Basic profile of PS3.15, with its options, or stricter."""
        keeps_unseen = self.unlisted == "keep" or self.private.others == "keep" or self.documents == "clean"
        return self.listed == "basic" and not keeps_unseen and not self.deviations

    @cached_property
    def removes_identity(self) -> bool:
        """Whether objects say that the patient's identity is removed."""
        return self.conforms if self.identity_removed is None else self.identity_removed

    @cached_property
    def dates_are(self) -> str:
        """What Longitudinal Temporal Information Modified (0028,0303) says: UNMODIFIED, MODIFIED or REMOVED."""
        return what_becomes_of_dates(self)

    @cached_property
    def safe_private(self) -> dict[PrivateName, str]:
        """VRs (empty where unknown) of the private attributes that stay; an element of -1 stands for a whole block."""
        if "retain-safe-private" not in self.options:
            return {}
        known = {name: known.vr for name, known in self.imaging.items()}
        known |= {name: known.vr for name, known in safe_private().items()}
        own = [parse_target(text).private for text in self.private.own]
        return known | {name: known.get(name, "") for name in own if name is not None}

    @cached_property
    def imaging(self) -> dict[PrivateName, ImagingAttribute]:
        """The attributes of the list ``imaging``, if they stay."""
        is_on = IMAGING in self.private.safe and "retain-safe-private" in self.options
        return imaging_private() if is_on else {}

    def digest(self) -> str:
        """Return a digest that changes whenever anything in the profile does."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:16]


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
