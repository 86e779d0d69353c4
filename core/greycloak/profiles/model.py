"""The profile model and its validation."""

from __future__ import annotations

import hashlib
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from greycloak.profiles.options import CLEAN_OPTIONS, CONTRADICTIONS, METHOD_CODES, RETAIN_OPTIONS, Option


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subjects(_Part):
    """Who an object is about.

    Attributes
    ----------
    without_id : str
        What to do with an object without Patient ID: ``quarantine`` it, or take its ``study`` as the identity.
    """

    without_id: Literal["quarantine", "study"] = "quarantine"


class Uids(_Part):
    """New UIDs.

    Attributes
    ----------
    root : str
        Root of new UIDs, without a dot at the end: ``2.25`` (UUID-derived, PS3.5 section B.2) or an organization's own.
    """

    root: str = Field(default="2.25", pattern=r"^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$", max_length=40)


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

    min_days: int = Field(default=-365, ge=-36500, le=36500)
    max_days: int = Field(default=-1, ge=-36500, le=36500)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.min_days > self.max_days or self.min_days == self.max_days == 0:
            raise ValueError(f"no number of days but 0 lies between {self.min_days} and {self.max_days}")
        return self


class Dates(_Part):
    """Dates, where they are not retained or removed.

    Attributes
    ----------
    shift : DateShift
        For ``retain-modified-dates``.
    """

    shift: DateShift = DateShift()


class Profile(_Part):
    """What is done to objects.

    Attributes
    ----------
    name : str
        How users call it.
    title : str
        What it is, in a line.
    options : tuple of str
        Options of PS3.15 Annex E on top of the Basic profile.
    subjects, uids, dates, pixels
        How they are treated.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str = ""
    options: tuple[Option, ...] = ()
    subjects: Subjects = Subjects()
    uids: Uids = Uids()
    dates: Dates = Dates()
    pixels: Pixels = Pixels()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for one, other in CONTRADICTIONS:
            if one in self.options and other in self.options:
                raise ValueError(f"{one} and {other} contradict each other: choose one")
        repeated = {option for option in self.options if self.options.count(option) > 1}
        if repeated:
            raise ValueError(f"{', '.join(sorted(repeated))}: named twice")
        return self

    @property
    def applied_options(self) -> tuple[str, ...]:
        """The options that are really applied, in the order of their codes."""
        return tuple(option for option in METHOD_CODES if option in self.options and option in RETAIN_OPTIONS)

    @property
    def missing_cleaners(self) -> tuple[str, ...]:
        """The options for which the Basic profile's action stands in."""
        return tuple(option for option in METHOD_CODES if option in self.options and option in CLEAN_OPTIONS)

    def digest(self) -> str:
        """Return a digest that changes whenever anything in the profile does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
