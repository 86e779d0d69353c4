"""Plan what takes Greycloak out of an Orthanc again, and leaves everything as it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak_orthanc.config import SECTION
from greycloak_orthanc.deploy.changes import Change
from greycloak_orthanc.deploy.install import BACKUP_SUFFIX
from greycloak_orthanc.deploy.json_text import JsonTextError, read_object, remove, value_of
from greycloak_orthanc.deploy.section import FILE_NAME, SCRIPT_KEY, is_as_written, is_own_script

if TYPE_CHECKING:
    from greycloak_orthanc.deploy.found_orthanc import File, FoundOrthanc

KEPT_SUFFIX = ".uninstalled"


def plan_uninstall(orthanc: FoundOrthanc) -> list[Change]:
    """Return the changes that take Greycloak out; none if it is not there. Store and key stay where they are."""
    changes = []
    own = orthanc.folder / FILE_NAME
    for file in orthanc.files:  # the script first: without it, the section means nothing
        member = file.content.find(SCRIPT_KEY)
        if file.path != own and member and is_own_script(str(value_of(file.text, member))):
            changes += _put_back(file)
    for file in orthanc.files:
        if file.path == own:
            changes += _take_away(file)
    return changes


def section_left(orthanc: FoundOrthanc) -> list[File]:
    """Return the files with a section that was not written here; it does nothing without the script."""
    return [file for file in orthanc.files_with(SECTION) if file.path.name != FILE_NAME]


def _put_back(file: File) -> list[Change]:
    """Put the script back that was there before; whatever else was edited meanwhile stays."""
    backup = file.path.with_name(file.path.name + BACKUP_SUFFIX)
    try:
        before = backup.read_bytes().decode()
        old = read_object(before).find(SCRIPT_KEY)
    except (FileNotFoundError, UnicodeDecodeError, JsonTextError):
        return [Change(file.path, file.text, remove(file.text, [SCRIPT_KEY]), like=file.path)]
    now = file.content.find(SCRIPT_KEY)
    assert now is not None
    if old is None:
        after = remove(file.text, [SCRIPT_KEY])
    else:  # letter for letter
        after = file.text[: now.value_start] + before[old.value_start : old.value_end] + file.text[now.value_end :]
    return [Change(file.path, file.text, after, like=backup), Change(backup, before, None, is_copy=True)]


def _take_away(file: File) -> list[Change]:
    """Delete our own file; one that somebody has added to is kept under a name that Orthanc does not read."""
    gone = Change(file.path, file.text, None)
    if is_as_written(file.text):
        return [gone]
    kept = file.path.with_name(file.path.name + KEPT_SUFFIX)
    old = kept.read_bytes().decode() if kept.exists() else None
    return [Change(kept, old, file.text, like=file.path, is_copy=True), gone]
