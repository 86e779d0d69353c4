"""Find profiles: presets by name, a site's own in a folder, and files."""

from __future__ import annotations

import json
import os
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from greycloak.profiles.errors import ProfileError, UnknownProfileError, plain_problems
from greycloak.profiles.model import Profile
from greycloak.profiles.parts import Rule

FOLDER_VARIABLE = "GREYCLOAK_PROFILES"
_SUFFIXES = (".toml", ".json")
_MAX_BASES = 16
_ADDING = frozenset({"deny", "safe"})
_TABLES = ("subjects", "uids", "dates", "pixels", "private", "sop_classes", "tags")


def profile_folder() -> Path | None:
    """Return the folder with a site's own profiles, as the environment variable ``GREYCLOAK_PROFILES`` names it."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder) if folder else None


@cache
def presets() -> tuple[str, ...]:
    """Return the names of the presets."""
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".toml").replace("_", "-") for name in names if name.endswith(".toml")))


def available_profiles() -> tuple[str, ...]:
    """Return the names of the presets, and of the profiles in the site's folder."""
    folder = profile_folder()
    own = [path.stem for path in folder.glob("*") if _is_profile(path)] if folder else []
    return tuple(sorted({*presets(), *own}))


def _is_profile(path: Path) -> bool:
    """Tell whether a file looks like a profile; an editor's lock or a folder does not."""
    return path.suffix in _SUFFIXES and not path.name.startswith(".") and os.path.isfile(path)  # noqa: PTH113  no errors


def unusable_profiles() -> list[str]:
    """Return what is wrong with the profiles in the site's folder, if anything is."""
    found = []
    for name in available_profiles():
        try:
            load_profile(name)
        except ProfileError as error:
            found.append(str(error))
    return found


def load_profile(name: str) -> Profile:
    """Return a profile.

    Parameters
    ----------
    name : str
        The name of a preset or of a profile in the site's folder, or a file (``.toml`` or ``.json``).

    Raises
    ------
    UnknownProfileError
        If there is none of this name.
    ProfileError
        If it cannot be used.
    """
    if name in presets():
        return _preset(name)
    return parse_profile(*_read(name, None), shown=name)


@cache
def _preset(name: str) -> Profile:
    return parse_profile(*_read(name, None), shown=name)


def parse_profile(written: dict[str, Any], folder: Path | None = None, *, shown: str = "") -> Profile:
    """Validate a profile.

    Parameters
    ----------
    written : dict
        As TOML or JSON give it.
    folder : Path, optional
        Where other profiles are that it may be based on.
    shown : str
        How error messages call it.

    Raises
    ------
    ProfileError
        If it cannot be used.
    """
    shown = shown or str(written.get("name", "?"))
    whole = _whole(written, folder, shown)
    try:
        return Profile.model_validate(whole)
    except ValidationError as error:
        raise ProfileError(shown, plain_problems(error, _known_keys())) from None


def profile_as_written(name: str) -> dict[str, Any]:
    """Return a profile as profiles are written, with all that it is based on in it, and so without a base.

    Raises
    ------
    UnknownProfileError, ProfileError
        If there is none of this name, or it cannot be read.
    """
    return _whole(*_read(name, None), name)


def _whole(written: dict[str, Any], folder: Path | None, shown: str) -> dict[str, Any]:
    try:
        return _with_base(written, folder, ())
    except (UnknownProfileError, _BaseError) as error:
        raise ProfileError(shown, [f"base: {error}"]) from None


class _BaseError(ValueError):
    """Profiles cannot be based on each other like this."""


def _with_base(written: dict[str, Any], folder: Path | None, behind: tuple[str, ...]) -> dict[str, Any]:
    """Return a profile on top of what it is based on."""
    base = written.get("base")
    if base is None:
        return dict(written)
    if not isinstance(base, str):
        raise _BaseError(f"expected the name of a profile, not {base!r}")
    if base in behind or base == written.get("name") or len(behind) == _MAX_BASES:
        raise _BaseError(f"profiles are based on each other in a circle: {' -> '.join([*behind, base])}")
    below = _with_base(*_read(base, folder), (*behind, base))
    own = {key: value for key, value in written.items() if key != "base"}
    return merged(below, own)


def merged(below: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Put a profile on top of another: lists add up, in tables the own keys count."""
    whole = below | own
    whole.setdefault("title", "")
    if "title" not in own:
        whole["title"] = ""
    for key in ("options", "by_vr", "rules"):
        if isinstance(own.get(key), list) and isinstance(below.get(key), list):
            whole[key] = [*below[key], *(one for one in own[key] if key == "rules" or one not in below[key])]
    for key in _TABLES:
        if isinstance(own.get(key), dict) and isinstance(below.get(key), dict):
            whole[key] = _merged_table(below[key], own[key])
    return whole


def _merged_table(below: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Put a table on top of another; a line that comes again moves to the end, where the last word is."""
    whole = {key: value for key, value in below.items() if key not in own} | own
    for key, value in own.items():
        under = below.get(key)
        if key in _ADDING and isinstance(value, list) and isinstance(under, list):
            whole[key] = [*under, *(one for one in value if one not in under)]
        if key == "shift" and isinstance(value, dict) and isinstance(under, dict):
            whole[key] = under | value
    return whole


def _read(name: str, folder: Path | None) -> tuple[dict[str, Any], Path | None]:
    """Read a profile as it is written; return it, and the folder that it lies in."""
    if name in presets():
        text = (files(__package__) / f"{name.replace('-', '_')}.toml").read_text(encoding="utf-8")
        return tomllib.loads(text), None
    path = _find(name, folder)
    if path is None:
        raise UnknownProfileError(name, available_profiles())
    try:
        text = path.read_text(encoding="utf-8")
        written = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ProfileError(name, [f"cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError) as error:  # not TOML, not JSON, not UTF-8
        raise ProfileError(name, [f"is no {path.suffix[1:].upper()}: {error}"]) from None
    if not isinstance(written, dict):
        raise ProfileError(name, ["expected a table of keys"])
    written.setdefault("name", path.stem)
    return written, path.parent


def _find(name: str, folder: Path | None) -> Path | None:
    if name.endswith(_SUFFIXES):
        path = Path(name) if folder is None else folder / name
        return path if _is_file(path) else None
    for place in filter(None, (folder, profile_folder())):
        for suffix in _SUFFIXES:
            path = place / f"{name}{suffix}"
            if os.sep not in name and _is_file(path):
                return path
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # as in a folder that others may not enter
        raise ProfileError(path.stem, [f"cannot be read: {error.strerror}"]) from None


@cache
def _known_keys() -> dict[str, list[str]]:
    """Return the keys of each table of a profile."""
    known = {"": ["base", *_keys_of(Profile)], "rules": _keys_of(Rule)}
    for name, field in Profile.model_fields.items():
        part = field.annotation
        if isinstance(part, type) and issubclass(part, BaseModel):
            known[name] = _keys_of(part)
            for inner, below in part.model_fields.items():
                if isinstance(below.annotation, type) and issubclass(below.annotation, BaseModel):
                    known[f"{name}.{inner}"] = _keys_of(below.annotation)
    return known


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def profile_schema() -> dict[str, Any]:
    """Return the JSON Schema of profiles as people write them."""
    schema = _with_short_descriptions(Profile.model_json_schema(by_alias=True))
    base = {"type": "string", "title": "Base", "description": "A preset or another profile that this one is built on."}
    schema["properties"] = {"base": base, **schema["properties"]}
    schema["required"] = []  # the name of a file is a name
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Greycloak profile"}


def _with_short_descriptions(schema: Any) -> Any:
    """Cut docstrings to their first paragraph: editors show them beside what is typed."""
    if isinstance(schema, list):
        return [_with_short_descriptions(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    short = {key: _with_short_descriptions(part) for key, part in schema.items()}
    if isinstance(short.get("description"), str):
        short["description"] = " ".join(short["description"].split("\n\n")[0].split())
    return short
