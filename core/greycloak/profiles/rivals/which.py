"""Whose rules a file holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from greycloak.profiles.errors import ProfileError
from greycloak.profiles.rivals.ctp import ScriptError, read_ctp
from greycloak.profiles.rivals.dictionaries import read_dictionary
from greycloak.profiles.rivals.orthanc_bodies import KEYS, read_body
from greycloak.profiles.rivals.recipes import RecipeError, read_recipe

if TYPE_CHECKING:
    from pathlib import Path

    from greycloak.profiles.rivals.sheet import Imported

FORMATS = ("ctp", "deid", "dicom-anonymizer", "orthanc")
"""Whose rules can be read: CTP's DicomAnonymizer, pydicom's deid, dicom-anonymizer, Orthanc's own anonymization."""


def import_rules(path: Path, form: str = "") -> Imported:
    """Read another tool's rules.

    Parameters
    ----------
    path : Path
        The file.
    form : str
        One of `FORMATS`; by default, what the file looks like.

    Raises
    ------
    ProfileError
        If it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ProfileError(path.name, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ProfileError(path.name, ["is no text (UTF-8)"]) from None
    form = form or _form(text)
    try:
        if form == "ctp":
            return read_ctp(text)
        if form == "deid":
            return read_recipe(text)
        written = _json(text)
    except (ScriptError, RecipeError, ValueError, RecursionError) as error:
        raise ProfileError(path.name, [str(error)]) from None
    return read_body(written) if form == "orthanc" else read_dictionary(written)


def _json(text: str) -> dict[str, Any]:
    written = json.loads(text)
    if not isinstance(written, dict):
        raise ValueError("expected an object of JSON")  # noqa: TRY004  one kind of error for what cannot be read
    return written


def _form(text: str) -> str:
    start = text.lstrip()
    if start.startswith("{"):
        try:
            written = json.loads(text)
        except (ValueError, RecursionError):
            return "dicom-anonymizer"
        return "orthanc" if KEYS.intersection(written) else "dicom-anonymizer"
    if start.startswith("<") or "set.[" in text:
        return "ctp"
    return "deid"
