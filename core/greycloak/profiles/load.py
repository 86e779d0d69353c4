"""Find profiles by name."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from greycloak.profiles.model import Profile


class UnknownProfileError(LookupError):
    """There is no profile of this name.

    Parameters
    ----------
    name : str
        The name that was asked for.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown profile {name!r}; available: {', '.join(available_profiles())}")


@cache
def available_profiles() -> tuple[str, ...]:
    """Return the names of the presets."""
    folder = files(__package__)
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def load_profile(name: str) -> Profile:
    """Return a profile.

    Raises
    ------
    UnknownProfileError
        If there is none of this name.
    """
    if name not in available_profiles():
        raise UnknownProfileError(name)
    return Profile.model_validate(tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8")))
