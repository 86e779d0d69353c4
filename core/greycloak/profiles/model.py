"""The profile model and its validation."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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


class Profile(_Part):
    """What is done to objects.

    Attributes
    ----------
    name : str
        How users call it.
    title : str
        What it is, in a line.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")
    title: str = ""
    subjects: Subjects = Subjects()
    uids: Uids = Uids()
    pixels: Pixels = Pixels()

    def digest(self) -> str:
        """Return a digest that changes whenever anything in the profile does."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
