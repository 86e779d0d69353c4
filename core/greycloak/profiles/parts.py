"""The tables of a profile."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

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

from greycloak.pixels.areas import Area, Mask, strips
from greycloak.profiles.conditions import Condition, parse_condition
from greycloak.profiles.id_schemes import IdScheme, parse_id_scheme
from greycloak.profiles.lines import ByVr, TagRule, Tags
from greycloak.profiles.options import DatePolicy
from greycloak.profiles.schema import ID_SCHEMA
from greycloak.profiles.sop_classes import fits_sop_class, parse_sop_class
from greycloak.profiles.targets import parse_target
from greycloak.standard.imaging import IMAGING

_ROOT = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_MAX_ROOT = 40
_DICOM_ROOT = "1.2.840.10008"


class Part(BaseModel):
    """A table of a profile: frozen, and with no keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _read_private(written: str) -> str:
    if written == IMAGING:
        return written
    if parse_target(written).private is None:
        raise ValueError(
            f"{written!r} is no private attribute: expected one as 0019[SIEMENS MR HEADER]0C, or {IMAGING!r}"
        )
    return written


def _read_condition(written: Any) -> Condition:
    if isinstance(written, Condition):
        return written
    if not isinstance(written, str):
        raise ValueError(f"expected a condition in quotes, not {written!r}")  # noqa: TRY004
    return parse_condition(written)


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


class Subjects(Part):
    """Who an object is about.

    Attributes
    ----------
    id : IdScheme
        How a subject gets its pseudonym: ``hash`` (keyed), a template as ``{project}-{counter:05d}``, ``list`` (only
        those that were imported), or whoever is asked: ``{ command = [...] }``, ``{ url = "https://..." }``.
    without_id : str
        What to do with an object without Patient ID: ``quarantine`` it, or take its ``study`` as the identity.
    without_study : str
        What to do with an object without Study or Series Instance UID: ``quarantine`` it, or ``derive`` a study and
        series of its own from its SOP Instance UID.
    strict_identity : bool
        Whether an object whose name or birth date differs from those that came first with its Patient ID, or whose
        study came first with another subject, is quarantined; it is noted in any case.
    issuer : str or None
        ``ignore``: Issuer of Patient ID tells no subjects apart, and an object with another issuer than came first
        with its Patient ID is quarantined. ``exact``: it does. None: as the project does, which is ``ignore`` in a
        new one.
    match : str or None
        Patient IDs are one if they are equal (``exact``), but for case (``fold-case``), or but for case, leading
        zeros and whatever is neither letter nor digit (``fold-punctuation``). None: as the project does, which is
        ``exact`` in a new one.
    """

    id: IdSchemeAsWritten = IdScheme()
    without_id: Literal["quarantine", "study"] = "quarantine"
    without_study: Literal["quarantine", "derive"] = "quarantine"
    strict_identity: bool = Field(default=False, strict=True)
    issuer: Literal["ignore", "exact"] | None = None
    match: Literal["exact", "fold-case", "fold-punctuation"] | None = None


class Uids(Part):
    """New UIDs.

    Attributes
    ----------
    root : str
        Root of new UIDs, without a dot at the end: ``2.25`` (UUID-derived, PS3.5 section B.2) or an organization's own.
    """

    root: Annotated[str, AfterValidator(_read_root)] = "2.25"


class Text(Part):
    """Text that Clean Descriptors keeps, after cleaning.

    Attributes
    ----------
    descriptors : str
        Short text: ``vocabulary``: nothing stays but what is known to be harmless; ``clean``: what is recognized as an
        identity goes; ``remove``: it goes whole, as in the Basic profile.
    prose : str
        Long text: ``empty`` it; ``clean`` it like any other; ``review``: quarantine the object until somebody has read
        what is left of it.
    prose_length : int
        Characters from which on a text is long.
    """

    descriptors: Literal["vocabulary", "clean", "remove"] = "vocabulary"
    prose: Literal["empty", "clean", "review"] = "empty"
    prose_length: int = Field(default=256, ge=1, strict=True)


class Pixels(Part):
    """Identity in the pixels.

    Attributes
    ----------
    burned_in : str
        What becomes of objects that may show identity in their pixels. ``clean``: text is looked for and masked, and
        what cannot be is quarantined. ``quarantine``: all of them are. ``trust-flag``: those that say so (Burned In
        Annotation is YES) are quarantined, the rest is trusted. ``ignore``: do not even ask.
    text : str
        What ``clean`` masks. ``all-text``: every text but marks of sides, scales and units. ``identifiers``: what
        repeats or resembles an identity; an object with text that nobody could read is quarantined.
    """

    burned_in: Literal["clean", "quarantine", "trust-flag", "ignore"] = "clean"
    text: Literal["all-text", "identifiers"] = "all-text"

    @property
    def cleans(self) -> bool:
        """Whether objects at risk are inspected."""
        return self.burned_in == "clean"


class DateShift(Part):
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


class Dates(Part):
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


class Private(Part):
    """Private attributes.

    Attributes
    ----------
    safe : tuple of str
        What ``retain-safe-private`` keeps beside the standard's list: ``imaging`` (what conversion to research formats
        needs), and a site's own: ``0019[SIEMENS MR HEADER]0C``, or ``xx`` for the whole block of a creator.
    others : str
        ``remove`` the rest, or ``keep`` it: nobody knows what is in it.
    """

    safe: tuple[PrivateAttribute, ...] = ()
    others: Literal["remove", "keep"] = "remove"

    @property
    def own(self) -> tuple[str, ...]:
        """The site's own safe attributes."""
        return tuple(text for text in self.safe if text != IMAGING)


class SopClasses(Part):
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


Pixel = Annotated[int, Field(ge=0, le=0xFFFF, strict=True)]
"""A column or a row of an image, or how many."""


class Rule(Part):
    """What holds only for some objects; every condition that is given must be met.

    Attributes
    ----------
    condition : Condition or None
        ``if``: a condition on the object's attributes.
    sop_classes : tuple of str
        One of these SOP Classes.
    quarantine : bool
        Whether such objects are quarantined.
    mask : tuple of (int, int, int, int)
        Rectangles that are masked in their pixels: left, top, width, height.
    mask_polygons : tuple of tuple of (int, int)
        Polygons that are: three and more corners, each a column and a row.
    by_vr, tags : tuple of TagRule
        What is done; goes before the profile's own, and a later rule before an earlier one.
    """

    condition: ReadCondition | None = Field(default=None, alias="if")
    sop_classes: tuple[SopClass, ...] = ()
    quarantine: bool = Field(default=False, strict=True)
    mask: tuple[tuple[Pixel, Pixel, Pixel, Pixel], ...] = Field(default=(), max_length=1000)
    mask_polygons: tuple[Annotated[tuple[tuple[Pixel, Pixel], ...], Field(min_length=3, max_length=1000)], ...] = Field(
        default=(), max_length=100
    )
    by_vr: ByVr = ()
    tags: Tags = ()

    @property
    def lines(self) -> tuple[TagRule, ...]:
        """Everything that it does to attributes."""
        return (*self.tags, *self.by_vr)

    @property
    def masks(self) -> tuple[Mask, ...]:
        """Everything that it masks."""
        areas = [Area.of_rectangle(*rectangle) for rectangle in self.mask]
        areas += [area for polygon in self.mask_polygons for area in strips(polygon)]
        return tuple(Mask(area, "rule") for area in areas)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.condition is None and not self.sop_classes:
            raise ValueError("a rule needs 'if' or 'sop_classes'; what holds always belongs to [tags]")
        if not self.quarantine and not self.lines and not self.masks:
            raise ValueError("a rule needs 'quarantine = true', 'mask' or 'tags'")
        if self.quarantine and (self.lines or self.masks):
            raise ValueError("a rule that quarantines cannot have 'mask' or 'tags' as well")
        return self

    def may_fit(self, sop_class: str) -> bool:
        """Tell whether the rule may hold for objects of a SOP Class."""
        return not self.sop_classes or any(fits_sop_class(pattern, sop_class) for pattern in self.sop_classes)
