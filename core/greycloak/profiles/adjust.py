"""A profile with a few things changed for one run, as the command line and programs ask for them.

What is asked for has the last word: it goes before every line and rule of the profile. It is validated like a profile
of one's own, and claims, statement, digest and reports say what is true of the whole.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from greycloak.profiles.actions import parse_action
from greycloak.profiles.errors import ProfileError
from greycloak.profiles.load import merged, profile_as_written
from greycloak.profiles.options import METHOD_CODES
from greycloak.profiles.rivals.dictionaries import read_dictionary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EVERY_OBJECT = "*"
_SHIFT = "retain-modified-dates"
_UIDS = "retain-uids"
_ADJUSTED, _LONGEST = "-adjusted", 55


@dataclass(frozen=True)
class Adjustments:
    """What is to be different.

    Attributes
    ----------
    options : tuple of str
        Options of PS3.15 in addition.
    actions : tuple of (str, action)
        Attributes and what is done to them, as ``[tags]`` of a profile writes it; a later one goes before an earlier.
    overlay : mapping or None
        More keys of a profile, put on top of it.
    shift_days : int or None
        By how many days all dates are shifted, the same for everybody; None: as the profile says.
    keeps_uids : bool or None
        Whether UIDs stay as they are; None: as the profile says.
    """

    options: tuple[str, ...] = ()
    actions: tuple[tuple[str, Any], ...] = ()
    overlay: Mapping[str, Any] | None = None
    shift_days: int | None = None
    keeps_uids: bool | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is to be different."""
        return self != Adjustments()


def adjusted(name: str, adjustments: Adjustments) -> dict[str, Any]:
    """Return a profile with adjustments, as profiles are written, on no base.

    Parameters
    ----------
    name : str
        The profile: a name or a file.
    adjustments : Adjustments
        What is to be different.

    Raises
    ------
    UnknownProfileError, ProfileError
        If there is no such profile, or it cannot be read. Whether the whole can be used, `parse_profile` says.
    """
    whole = profile_as_written(name)
    title = whole.get("title", "")
    if adjustments.overlay:
        overlay = {key: value for key, value in adjustments.overlay.items() if key not in {"base", "name"}}
        always = overlay.pop("tags", {})
        whole = merged(whole, overlay)
        _last_word(whole, always)
    options = [*whole.get("options", []), *adjustments.options]
    if adjustments.shift_days is not None:
        options.append(_SHIFT)
        dates = {key: value for key, value in whole.get("dates", {}).items() if key not in {"policy", "shift"}}
        whole["dates"] = dates | {"shift": dict.fromkeys(("min_days", "max_days"), adjustments.shift_days)}
    if adjustments.keeps_uids is not None:
        options = [option for option in options if option != _UIDS] + [_UIDS] * adjustments.keeps_uids
    whole["options"] = list(dict.fromkeys(options))
    for target, action in adjustments.actions:
        _last_word(whole, {target: action})
    whole["title"] = f"{title} (adjusted)".strip()
    whole["name"] = f"{whole.get('name', 'own')[:_LONGEST]}{_ADJUSTED}"
    return whole


def _last_word(whole: dict[str, Any], tags: Mapping[str, Any]) -> None:
    """Add a rule that holds for every object: rules go before lines, and later ones before earlier ones."""
    if tags:
        whole["rules"] = [*whole.get("rules", []), {"sop_classes": [_EVERY_OBJECT], "tags": dict(tags)}]


def read_options(text: str) -> tuple[str, ...]:
    """Read options as the command line gives them: their names, separated by commas.

    Raises
    ------
    ValueError
        If one is none.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in METHOD_CODES]
    if unknown or not names:
        raise ValueError(f"{', '.join(unknown) or repr(text)} is no option; there are {', '.join(METHOD_CODES)}")
    return names


def read_action(action: str, text: str) -> tuple[str, Any]:
    """Read ``TAG`` or ``TAG=VALUE`` as the command line gives it after ``--keep`` and the like.

    Raises
    ------
    ValueError
        If there is no value where one is needed, or the other way round.
    """
    target, is_given, value = text.partition("=")
    if action != "replace":
        if is_given:
            raise ValueError(f"--{action} takes an attribute and no value: {target}")
        return target, {"hash": True} if action == "hash" else action
    if not is_given:
        raise ValueError(f"--replace takes TAG=VALUE, not just {text}")
    parse_action({"replace": value})
    return target, {"replace": value}


def read_rules(path: Path) -> Mapping[str, Any]:
    """Read a file of rules: TOML as in a profile, or JSON in the form that dicom-anonymizer has.

    Raises
    ------
    ProfileError
        If it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        written = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ProfileError(path.name, [f"cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix == ".json" else "TOML"
        raise ProfileError(path.name, [f"is no {kind}: {error}"]) from None
    if not isinstance(written, dict):
        raise ProfileError(path.name, ["expected a table of keys"])
    if path.suffix != ".json" or "tags" in written or "rules" in written:
        return written
    imported = read_dictionary(written)
    refused = [line.said for line in imported.lines if line.is_refused]
    if refused:
        raise ProfileError(path.name, refused)
    return imported.written
