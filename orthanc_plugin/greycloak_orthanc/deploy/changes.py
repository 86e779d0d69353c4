"""Changes of files: shown as a diff, or carried out, each as a whole or not at all."""

from __future__ import annotations

import difflib
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Change:
    """What a file is to become.

    Attributes
    ----------
    path : Path
        The file.
    before, after : str or None
        Its content; None where there is no file.
    like : Path or None
        The file whose owner and permissions it gets; by default those of a new file that only its owner may read.
    group : int
        The group that may read a new file; -1 is that of this process.
    is_copy : bool
        Whether it holds what another file says or said: nothing to show anew, for there may be passwords in it.
    """

    path: Path
    before: str | None
    after: str | None
    like: Path | None = None
    group: int = -1
    is_copy: bool = False


def diff(changes: Iterable[Change]) -> str:
    """Return a unified diff."""
    return "".join(line if line.endswith("\n") else f"{line}\n" for change in changes for line in _diff(change))


def _diff(change: Change) -> Iterator[str]:
    if change.is_copy:
        yield f"# {change.path}: {'removed' if change.after is None else 'a copy of the file as it is'}"
        return
    nowhere = os.devnull
    yield from difflib.unified_diff(
        (change.before or "").splitlines(keepends=True),
        (change.after or "").splitlines(keepends=True),
        nowhere if change.before is None else str(change.path),
        nowhere if change.after is None else str(change.path),
    )


def carry_out(changes: Iterable[Change]) -> None:
    """Make the changes in their order; all new files are written before the first one takes its place.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    changes = list(changes)
    written: dict[int, Path] = {}
    try:
        for number, change in enumerate(changes):
            if change.after is not None:
                written[number] = _write(change)
        for number, change in enumerate(changes):
            if number in written:
                written[number].replace(_target(change))
            else:
                change.path.unlink()
    finally:
        for path in written.values():
            with suppress(FileNotFoundError):
                path.unlink()


def _target(change: Change) -> Path:
    """Return the file itself, where a link leads to it."""
    return change.path.resolve()


def _write(change: Change) -> Path:
    """Write the new content beside the file; the name is none that Orthanc reads."""
    target = _target(change)
    temporary = target.parent / f".{target.name}.{secrets.token_hex(8)}.part"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write((change.after or "").encode())
        stream.flush()
        os.fsync(handle)
    if change.like is not None:
        _be_like(temporary, change.like)
    elif change.group >= 0:
        os.chown(temporary, -1, change.group)
        temporary.chmod(0o640)
    return temporary


def _be_like(path: Path, model: Path) -> None:
    if hasattr(os, "chown"):
        status = model.stat()
        os.chown(path, status.st_uid, status.st_gid)
    shutil.copymode(model, path)
