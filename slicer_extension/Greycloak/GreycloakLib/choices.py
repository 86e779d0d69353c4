"""What a person may choose: profiles, options, and where pseudonyms come from. Known before anything is installed."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from GreycloakLib.i18n import _

if TYPE_CHECKING:
    from pathlib import Path

Source = Literal["local", "postgresql", "orthanc"]
"""Where pseudonyms come from: a file on this machine, the hospital's database, or a Greycloak Orthanc."""

_SUFFIXES = (".toml", ".json")

DEFAULT_PROFILE, DEFAULT_PROJECT = "basic", "default"


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A profile as the panel lists it.

    Attributes
    ----------
    name : str
        What loads it: the name of a preset, or a file.
    title : str
        What it is, in a line.
    options : tuple of str
        The options of PS3.15 that it has.
    """

    name: str
    title: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """An option of PS3.15 Annex E, explained.

    Attributes
    ----------
    name : str
        As profiles call it.
    title, explanation : str
        For people.
    """

    name: str
    title: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Where pseudonyms come from.

    Attributes
    ----------
    source : str
        ``local``, ``postgresql`` or ``orthanc``.
    address : str
        URL of the database or of Orthanc; for ``local``, of another store than this user's, if it is not empty.
    user, password : str
        For Orthanc; for the database, the password only.
    key_file : Path or None
        Key of the installation; None: the default one of this user.
    """

    source: Source = "local"
    address: str = ""
    user: str = ""
    password: str = ""
    key_file: Path | None = None

    def __repr__(self) -> str:
        """Show no address, user or password."""
        return f"Pseudonyms({self.source!r})"


@dataclass(frozen=True, slots=True)
class Choices:
    """What is to be done.

    Attributes
    ----------
    profile : str
        Name of a preset, or a profile file; with ``orthanc``, one of those that the server has.
    options : tuple of str or None
        The options instead of the profile's own; None keeps those.
    project : str
        Whose pseudonyms to use.
    pseudonyms : Pseudonyms
        Where they come from.
    """

    profile: str = DEFAULT_PROFILE
    options: tuple[str, ...] | None = None
    project: str = DEFAULT_PROJECT
    pseudonyms: Pseudonyms = Pseudonyms()


def options() -> tuple[Option, ...]:
    """Return the options that a person may choose, with what each keeps."""
    return (
        Option(
            "retain-modified-dates",
            _("Keep dates, shifted"),
            _("All dates of a patient move by the same number of days, so intervals stay true."),
        ),
        Option(
            "retain-full-dates",
            _("Keep dates as they are"),
            _("True dates of examination stay. Birth dates never do."),
        ),
        Option(
            "retain-patient-characteristics",
            _("Keep patient characteristics"),
            _("Sex, age, size, weight, allergies, pregnancy and the like stay."),
        ),
        Option(
            "retain-device-identity",
            _("Keep device identity"),
            _("Serial numbers, station names and calibration stay: they tell which scanner it was."),
        ),
        Option(
            "retain-institution-identity",
            _("Keep institution"),
            _("Name, address and department of the institution stay."),
        ),
        Option(
            "retain-uids",
            _("Keep UIDs"),
            _("Study, series and image identifiers stay: whoever has the originals can match them."),
        ),
        Option(
            "retain-safe-private",
            _("Keep safe private elements"),
            _("Vendor elements that the standard lists as safe stay, such as diffusion weighting or PET factors."),
        ),
    )


CONTRADICTIONS = (("retain-modified-dates", "retain-full-dates"),)
"""Options of which only one can be chosen."""

RETAINS_UIDS = "retain-uids"


def presets(core: Path) -> list[ShownProfile]:
    """Return the presets of the core, ``basic`` first; their files are read, nothing of the core is imported."""
    found = []
    for path in (core / "profiles").glob("*.toml"):
        written = _written(path)
        name, title = path.stem.replace("_", "-"), str(written.get("title", ""))
        found.append(ShownProfile(name, title, _options(written, path.parent, core)))
    return sorted(found, key=lambda one: (one.name != DEFAULT_PROFILE, one.name))


def profile_file(path: Path, core: Path) -> ShownProfile | None:
    """Return a site's own profile as the panel lists it; None if it cannot be read."""
    try:
        written = _written(path)
        return ShownProfile(str(path), str(written.get("title", "")), _options(written, path.parent, core))
    except (OSError, ValueError, RecursionError):
        return None


def _written(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    written = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    if not isinstance(written, dict):
        raise ValueError("a profile is a table")  # noqa: TRY004
    return written


def _options(written: dict[str, Any], folder: Path, core: Path) -> tuple[str, ...]:
    """Return the options that are written; those of what a profile is based on add up."""
    own = written.get("options", ())
    own = [one for one in own if isinstance(one, str)] if isinstance(own, list) else []
    base = written.get("base")
    if not isinstance(base, str):
        return tuple(own)
    below = [core / "profiles" / f"{base.replace('-', '_')}.toml", *(folder / f"{base}{end}" for end in _SUFFIXES)]
    found = next((path for path in (*below, folder / base) if path.is_file()), None)
    earlier = _options(_written(found), found.parent, core) if found else ()
    return tuple(dict.fromkeys((*earlier, *own)))
