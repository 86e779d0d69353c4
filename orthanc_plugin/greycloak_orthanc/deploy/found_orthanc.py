"""The Orthanc of this machine: its configuration, and the Python that its plugin embeds."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greycloak_orthanc.deploy.json_text import JsonTextError, ObjectText, read_object, value_of

_WINDOWS_FOLDER = r"C:\Program Files\Orthanc Server\Configuration"
DEFAULT_FOLDER = Path(_WINDOWS_FOLDER if os.name == "nt" else "/etc/orthanc")
_PLUGIN_NAME = re.compile(r"(lib)?OrthancPython.*\.(so(\.[\d.]+)?|dll)", re.IGNORECASE)
_LINKED_PYTHON = re.compile(rb"libpython(3)\.(\d+)\.so|python(3)(\d+)\.dll")


class NotFoundError(Exception):
    """There is no Orthanc, or its configuration cannot be read; the message says what."""


@dataclass(frozen=True)
class File:
    """A file of the configuration."""

    path: Path
    text: str
    content: ObjectText


@dataclass(frozen=True)
class FoundOrthanc:
    """The configuration of an Orthanc, as it stands in a folder of ``*.json`` files.

    Attributes
    ----------
    folder : Path
        The folder.
    files : tuple of File
        What is in it.
    """

    folder: Path
    files: tuple[File, ...]

    def files_with(self, name: str) -> list[File]:
        """Return the files in which a top-level key stands; Orthanc wants at most one."""
        return [file for file in self.files if file.content.find(name)]

    def doubles(self) -> list[str]:
        """Return the top-level keys that stand in more than one file: with them, no Orthanc starts."""
        names = sorted({member.name for file in self.files for member in file.content.members})
        return [name for name in names if len(self.files_with(name)) > 1]

    def value(self, name: str, default: Any = None) -> Any:
        """Return the value of a top-level key.

        Raises
        ------
        NotFoundError
            If it cannot be read.
        """
        for file in self.files_with(name):
            member = file.content.find(name)
            assert member is not None
            try:
                return value_of(file.text, member)
            except JsonTextError as error:
                raise NotFoundError(f"cannot read {file.path}: {error}") from None
        return default

    def python_plugins(self) -> list[Path]:
        """Return Orthanc's Python plugin among the plugins that it loads."""
        found = []
        for entry in self.value("Plugins", []):
            path = self.folder / str(entry)
            inside = sorted(path.iterdir()) if path.is_dir() else [path]
            found += [one for one in inside if one.is_file() and _PLUGIN_NAME.fullmatch(one.name)]
        return found


def find_orthanc(folder: Path) -> FoundOrthanc:
    """Read the configuration in a folder.

    Raises
    ------
    NotFoundError
        If there is none, or it cannot be read.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json" and path.is_file())
    except OSError as error:
        raise NotFoundError(
            f"no configuration of Orthanc in {folder}: {error.strerror}; install Orthanc (on Debian 'apt-get install "
            "orthanc orthanc-python'), or name the folder with --config-folder"
        ) from None
    if not paths:
        raise NotFoundError(f"no configuration of Orthanc in {folder}: there is no *.json; see --config-folder")
    return FoundOrthanc(folder, tuple(map(_read, paths)))


def _read(path: Path) -> File:
    try:
        text = path.read_bytes().decode()
        return File(path, text, read_object(text))
    except OSError as error:
        raise NotFoundError(f"cannot read {path}: {error.strerror}") from None
    except (JsonTextError, UnicodeDecodeError) as error:
        said = error if isinstance(error, JsonTextError) else "it is no text in UTF-8"
        raise NotFoundError(f"cannot read {path}: {said}") from None


def embedded_python(plugin: Path) -> tuple[int, int] | None:
    """Return the version of the Python that a plugin is linked with, as it says itself."""
    match = _LINKED_PYTHON.search(plugin.read_bytes())
    if match is None:
        return None
    major, minor = (group for group in match.groups() if group)
    return int(major), int(minor)
