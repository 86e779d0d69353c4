"""Where a new object goes: only what names nobody makes up its name."""

from __future__ import annotations

import base64
import hashlib
import re
import string
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from greycloak.standard.uids import name_of_uid

if TYPE_CHECKING:
    from pathlib import Path

    from greycloak.batch.inputs import Input
    from greycloak.outcomes import Deidentified

FIELDS = {
    "subject": "the subject's pseudonym",
    "study": "the new Study Instance UID",
    "series": "the new Series Instance UID",
    "object": "the new SOP Instance UID",
    "sop_class": "its SOP Class, as CTImageStorage",
    "number": "its number in the run",
    "project": "the project",
}
"""What a template may name."""

PRESETS = {
    "patient-study-series": "{subject}/{study}/{series}/{object}.dcm",
    "uid": "{study}/{series}/{object}.dcm",
    "flat": "{object}.dcm",
}
MEDIA, SOURCE = "media", "source"
NAMES = (*PRESETS, SOURCE, MEDIA)
"""The layouts that have a name; anything with braces is a template."""

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")
_TELLS_APART = {"object", "number"}
_MAX_PART = 120
_FILE_ID = 7


class LayoutError(ValueError):
    """A template that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How new objects are named.

    Attributes
    ----------
    text : str
        One of `NAMES`, or a template of `FIELDS`.
    keeps_names : bool
        Of ``source``: whether folders and files keep their names, which somebody has called harmless.
    """

    text: str = "patient-study-series"
    keeps_names: bool = False

    def __post_init__(self) -> None:
        if self.text not in NAMES:
            _check(self.text)

    @property
    def is_by_source(self) -> bool:
        """Whether the original's place decides."""
        return self.text == SOURCE

    def path(self, outcome: Deidentified, project: str = "", source: Input | None = None) -> PurePosixPath:
        """Return where an object goes, below the destination.

        Parameters
        ----------
        outcome : Deidentified
            The object.
        project : str
            The project's name.
        source : Input, optional
            Where it comes from: its number, and its place among the others.
        """
        if self.text == SOURCE and source:
            return PurePosixPath(*(source.parts if self.keeps_names else source.numbers))
        if self.text == MEDIA:
            return _media_path(outcome)
        facts = {
            "subject": outcome.pseudonym,
            "study": outcome.study_uid,
            "series": outcome.series_uid,
            "object": outcome.sop_instance_uid,
            "sop_class": name_of_uid(outcome.sop_class_uid).replace(" ", ""),
            "number": f"{source.number if source else 0:06d}",
            "project": project,
        }
        parts = PRESETS.get(self.text, self.text).split("/")
        return PurePosixPath(*(_part(part.format(**facts)) for part in parts))


def _part(text: str) -> str:
    """Return a part of a path that every file system takes."""
    return _SAFE.sub("_", text)[:_MAX_PART].strip(".") or "_"


def _check(template: str) -> None:
    known = ", ".join(f"{{{name}}}" for name in FIELDS)
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(template) if name]
    except ValueError as error:
        raise LayoutError(f"{template!r} is no template: {error}") from None
    if not fields:
        raise LayoutError(f"there is no layout {template!r}: one of {', '.join(NAMES)}, or a template of {known}")
    for name, spec, conversion in fields:
        if name not in FIELDS or spec or conversion:
            raise LayoutError(f"{{{name}}} is no field of a layout; there are {known}")
    if template.startswith("/") or ".." in template.split("/") or "" in template.split("/"):
        raise LayoutError(f"{template!r} must lead into the destination: folders, each with a name")
    if not _TELLS_APART.intersection(name for name, *_ in fields):
        raise LayoutError(f"{template!r} must have {{object}} or {{number}}, or objects would have the same name")


def _media_path(outcome: Deidentified) -> PurePosixPath:
    """Return a File ID (PS3.10 section 8.2): four parts of eight characters, the same every time."""
    uids = {"P": outcome.pseudonym, "S": outcome.study_uid, "E": outcome.series_uid, "I": outcome.sop_instance_uid}
    return PurePosixPath(*(first + _short(f"{first}{text}") for first, text in uids.items()))


def _short(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode("ascii")[:_FILE_ID]


def output_path(destination: Path, outcome: Deidentified) -> Path:
    """Return where a new object goes unless somebody says otherwise."""
    return destination / Layout().path(outcome)
