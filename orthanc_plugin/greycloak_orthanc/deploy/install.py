"""Plan what adds Greycloak to an Orthanc, after everything that could go wrong at its start has been looked at."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

import greycloak
from greycloak_orthanc.config import SECTION, ConfigurationError, Settings, read_server, read_settings
from greycloak_orthanc.deploy.changes import Change
from greycloak_orthanc.deploy.found_orthanc import FoundOrthanc, NotFoundError, embedded_python
from greycloak_orthanc.deploy.json_text import set_value
from greycloak_orthanc.deploy.section import (
    ENVIRONMENT_KEY,
    FILE_NAME,
    SCRIPT_KEY,
    Wishes,
    changed_text,
    is_own_script,
    new_text,
    own_environment,
    own_script,
    section_of,
)

if TYPE_CHECKING:
    from greycloak_orthanc.deploy.account import Account

DEBIANS_SAMPLE = ("import orthanc", "orthanc.LogWarning('Hello world from Python!')")
"""The script that Debian's package brings as an example; nobody misses it."""

_NEEDED = ("greycloak", "greycloak_orthanc", "cryptography", "pydantic", "pydicom", "sqlalchemy", "urllib3")
"""What Orthanc imports."""

BACKUP_SUFFIX = ".before-greycloak"


class NotInstallableError(Exception):
    """Something is in the way.

    Attributes
    ----------
    problems : list of str
        All that was found, and what to do.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class _Site:
    """What a plan rests on."""

    orthanc: FoundOrthanc
    account: Account
    wishes: Wishes


def plan_install(orthanc: FoundOrthanc, account: Account, wishes: Wishes) -> list[Change]:
    """Return the changes that add Greycloak; none if it is there as wished.

    Raises
    ------
    NotInstallableError
        If Orthanc would not start with them, or they would take something away.
    """
    site = _Site(orthanc, account, wishes)
    problems = [
        f"{name!r} stands in {' and in '.join(file.path.name for file in orthanc.files_with(name))}: "
        "with the same key in two files, Orthanc does not start; leave it in one"
        for name in orthanc.doubles()
    ]
    problems += _problems_of_python(orthanc) + _problems_of_script(site)
    elsewhere = [file.path for file in orthanc.files_with(SECTION) if file.path.name != FILE_NAME]
    if elsewhere:
        problems.append(f"{elsewhere[0]} has a section {SECTION!r} already: move it to {orthanc.folder / FILE_NAME}")
    section = _planned_section(site)
    problems += _problems_of_settings(site, section.after or "")
    if problems:
        raise NotInstallableError(problems)
    changes = [section, *_changes_of_script(site)]
    return [change for change in changes if change.before != change.after]


def _problems_of_python(orthanc: FoundOrthanc) -> list[str]:
    plugins = orthanc.python_plugins()
    if not plugins:
        said = f"Orthanc's Python plugin is not where 'Plugins' in {orthanc.folder} points"
        return [f"{said}: install it (on Debian 'apt-get install orthanc-python'), or add its path there"]
    embedded, ours = embedded_python(plugins[0]), sys.version_info[:2]
    if embedded is None:
        return [f"cannot tell which Python {plugins[0]} embeds"]
    if embedded != ours:
        name = f"python{embedded[0]}.{embedded[1]}"
        said = f"{plugins[0]} embeds Python {embedded[0]}.{embedded[1]}, and this is Python {ours[0]}.{ours[1]}"
        return [
            f"{said}: make a virtual environment with {name} ('{name} -m venv FOLDER'), and install Greycloak there"
        ]
    return []


def _problems_of_script(site: _Site) -> list[str]:
    problems = []
    script = own_script()
    packages = Path(greycloak.__file__).resolve().parents[1]
    # Whoever installed them with a strict umask shut the packages, not the folder that they are in.
    needed = [Path(spec.origin) for name in _NEEDED if (spec := find_spec(name)) and spec.origin]
    for path in (script, packages, *needed):
        if not site.account.may_read(path):
            problems.append(
                f"the user {site.account.name}, as whom Orthanc runs, may not read {path}: install Greycloak in a "
                "virtual environment that everybody may read, as below /opt"
            )
            break
    other = _other_script(site.orthanc)
    if other and site.wishes.keep_script == site.wishes.replace_script:
        problems.append(
            f"{SCRIPT_KEY!r} in {site.orthanc.files_with(SCRIPT_KEY)[0].path} is {other} already, and Orthanc runs one "
            "script. Let it start Greycloak, too (docs/operations.md, 'Beside another script', shows how), and say "
            "--keep-script; or say --replace-script"
        )
    return problems


def _other_script(orthanc: FoundOrthanc) -> str | None:
    """Return the script that Orthanc runs, unless it is ours or an example."""
    script = str(orthanc.value(SCRIPT_KEY) or "")
    if not script or is_own_script(script):
        return None
    with suppress(OSError, UnicodeDecodeError):
        if (orthanc.folder / script).read_text(encoding="utf-8").split("\n") == [*DEBIANS_SAMPLE, ""]:
            return None
    return script


def _changes_of_script(site: _Site) -> list[Change]:
    """Let Orthanc run our script; what names one today is edited where it stands, after a copy was made."""
    named = site.orthanc.files_with(SCRIPT_KEY)
    if not named or named[0].path.name == FILE_NAME or (site.wishes.keep_script and _other_script(site.orthanc)):
        return []
    path, text = named[0].path, named[0].text
    script = str(own_script())
    before = str(site.orthanc.value(SCRIPT_KEY) or "")
    if before == script:
        return []
    changes = [Change(path, text, set_value(text, [SCRIPT_KEY], script), like=path)]
    if not is_own_script(before):
        backup = path.with_name(path.name + BACKUP_SUFFIX)
        old = backup.read_bytes().decode() if backup.exists() else None
        changes.insert(0, Change(backup, old, text, like=path, is_copy=True))
    return changes


def _planned_section(site: _Site) -> Change:
    """Return what becomes of our own file."""
    path = site.orthanc.folder / FILE_NAME
    there = next((file for file in site.orthanc.files if file.path == path), None)
    asked = site.wishes.settings()
    named = [file.path.name for file in site.orthanc.files_with(SCRIPT_KEY)]
    if there is not None:
        after = changed_text(there.text, {ENVIRONMENT_KEY: own_environment(), **asked})
        if named in ([], [FILE_NAME]) and not (site.wishes.keep_script and _other_script(site.orthanc)):
            after = set_value(after, [SCRIPT_KEY], str(own_script()))
        return Change(path, there.text, after, like=path)
    environment = own_environment()
    settings = {} if environment is None else {ENVIRONMENT_KEY: environment}
    settings |= _usual_places(site) | asked
    return Change(path, None, new_text(settings, None if named else str(own_script())), group=site.account.group)


def _usual_places(site: _Site) -> dict[str, str]:
    """Return where key and store are unless somebody says otherwise: beside Orthanc's own data, if that can be."""
    storage = Path(site.orthanc.value("StorageDirectory", "OrthancStorage"))
    if not storage.is_absolute():
        return {}
    inside, beside = storage / "greycloak", storage.parent / "greycloak"
    is_inside = any((inside / name).exists() for name in ("key", "store.sqlite"))  # other things are there anyhow
    folder = inside if is_inside or not site.account.may_write_in(storage.parent) else beside
    return {"Store": f"sqlite:///{folder / 'store.sqlite'}", "KeyFile": str(folder / "key")}


def _problems_of_settings(site: _Site, text: str) -> list[str]:
    """Return what would keep Greycloak from starting with these settings."""
    try:
        configuration = _configuration(site.orthanc) | {SECTION: section_of(text)}
        settings = read_settings(configuration)
        read_server(configuration)
    except ConfigurationError as error:
        return str(error).splitlines()
    return _problems_of_workers(settings) + _problems_of_places(site.account, settings)


def _configuration(orthanc: FoundOrthanc) -> dict[str, Any]:
    """Return Orthanc's whole configuration, but for what is no JSON until Orthanc has put variables in."""
    values = {}
    for name in {member.name for file in orthanc.files for member in file.content.members} - {SECTION}:
        with suppress(NotFoundError):
            values[name] = orthanc.value(name)
    return values


def _problems_of_workers(settings: Settings) -> list[str]:
    usual = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    if settings.python or os.name != "posix" or usual.exists():
        return []
    return [f"Greycloak's workers need {usual}: 'apt-get install {usual.name}', or set 'Python' in section {SECTION!r}"]


def _problems_of_places(account: Account, settings: Settings) -> list[str]:
    try:
        url = sa.make_url(settings.store)
    except sa.exc.ArgumentError:
        return [f"{SECTION}.Store is no URL of a database, as sqlite:////var/lib/orthanc/greycloak/store.sqlite"]
    problems = []
    folders = set() if settings.key_file.exists() else {settings.key_file.parent}
    if url.get_backend_name() == "sqlite":
        folders.add(Path(url.database or "").parent)
    elif find_spec("psycopg") is None:
        problems.append("a store in PostgreSQL needs one more package: pip install 'greycloak[postgres]'")
    problems += [
        f"the user {account.name}, as whom Orthanc runs, may not write in {folder}: make it with "
        f"'install -d -o {account.name} -m 0700 {folder}'"
        for folder in sorted(folders)
        if not account.may_write_in(folder)
    ]
    if settings.profile_folder and not account.may_read(settings.profile_folder):
        problems.append(f"the user {account.name}, as whom Orthanc runs, may not read {settings.profile_folder}")
    if settings.key_file.exists() and not account.may_read(settings.key_file):
        problems.append(
            f"the user {account.name}, as whom Orthanc runs, may not read the key {settings.key_file}: give it to that "
            f"user, as with 'chown {account.name} {settings.key_file}'"
        )
    return problems
