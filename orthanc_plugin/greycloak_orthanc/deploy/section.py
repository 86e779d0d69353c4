"""What is written for Greycloak: its section, in a file of its own, and the script."""

from __future__ import annotations

import json
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greycloak_orthanc.config import SECTION
from greycloak_orthanc.deploy.json_text import JsonTextError, read_object, remove, set_value, value_of

FILE_NAME = "greycloak.json"
SCRIPT_KEY = "PythonScript"
ENVIRONMENT_KEY = "VirtualEnvironment"


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for; None leaves it as it is, or as is usual.

    Attributes
    ----------
    store : str or None
        URL of the pseudonym store.
    key_file, profile_folder : Path or None
        The key, and the folder with a site's own profiles.
    profile, project : str or None
        What is used unless a rule or a call says otherwise.
    keep_script, replace_script : bool
        What becomes of another script: it stays and starts Greycloak itself, or it makes way.
    """

    store: str | None = None
    key_file: Path | None = None
    profile_folder: Path | None = None
    profile: str | None = None
    project: str | None = None
    keep_script: bool = False
    replace_script: bool = False

    def settings(self) -> dict[str, str]:
        """Return what is asked for, as the section says it."""
        asked = {
            "Store": self.store,
            "KeyFile": self.key_file and self.key_file.absolute(),
            "ProfileFolder": self.profile_folder and self.profile_folder.absolute(),
            "Profile": self.profile,
            "Project": self.project,
        }
        return {name: str(value) for name, value in asked.items() if value is not None}


def own_script() -> Path:
    """Return what "PythonScript" is to point at.

    It has a folder of its own: Orthanc puts the script's folder first on the Python path.
    """
    package = Path(__file__).parents[1]
    installed = package / "script" / "plugin.py"
    return installed if installed.exists() else package.parent / "plugin.py"  # in a source checkout


def is_own_script(script: str) -> bool:
    """Tell whether a path is that of Greycloak's script, of whatever installation."""
    parts = Path(script).parts
    return parts[-3:] == ("greycloak_orthanc", "script", "plugin.py") or parts[-2:] == ("orthanc_plugin", "plugin.py")


def own_environment() -> str | None:
    """Return the environment that the script has to be told of; None for Debian's own Python, which Orthanc embeds."""
    places = {"base": sys.prefix, "platbase": sys.prefix}
    in_environment = sysconfig.get_path("purelib", "venv", places)
    return sys.prefix if sysconfig.get_path("purelib") == in_environment else None


def new_text(settings: dict[str, str], script: str | None) -> str:
    """Return the text of a new file.

    Parameters
    ----------
    settings : dict
        The section.
    script : str or None
        The script, if no other file names one.
    """
    content: dict[str, Any] = {} if script is None else {SCRIPT_KEY: script}
    return json.dumps(content | {SECTION: settings}, indent=2, ensure_ascii=False) + "\n"


def changed_text(text: str, settings: dict[str, str | None]) -> str:
    """Return a file's text with other settings; all others stay. None takes one out."""
    present = section_of(text)
    for name, value in settings.items():
        if value is None:
            text = remove(text, [SECTION, name])
        elif present.get(name) != value:
            text = set_value(text, [SECTION, name], value)
    return text


def section_of(text: str) -> dict[str, Any]:
    """Return the section of a text; empty if it has none.

    Raises
    ------
    JsonTextError
        If it is not a section.
    """
    member = read_object(text).find(SECTION)
    value = {} if member is None else value_of(text, member)
    if not isinstance(value, dict):
        raise JsonTextError(f"{SECTION!r} is to be an object")
    return value


def is_as_written(text: str) -> bool:
    """Tell whether a file says nothing but what was written here."""
    try:
        content = json.loads(text)
        section = content[SECTION]
    except (ValueError, KeyError, TypeError):
        return False
    known = {ENVIRONMENT_KEY, *Wishes("", Path(), Path(), "", "").settings()}
    return section.keys() <= known and text == new_text(section, content.get(SCRIPT_KEY))
