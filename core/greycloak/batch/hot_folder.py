"""A folder in which files arrive: each is anonymized when it is whole, and put away."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greycloak.files import find_files, make_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_IGNORED = (".part", ".tmp", ".crdownload", ".filepart")
"""Endings of files that somebody is still writing."""


@dataclass
class HotFolder:
    """What arrives, and where it goes.

    Attributes
    ----------
    folder : Path
        Where files arrive.
    done, quarantine : Path
        Where originals go that went through, or did not.
    settle : float
        For how many seconds a file must not have changed.
    """

    folder: Path
    done: Path
    quarantine: Path
    settle: float
    _seen: dict[Path, tuple[int, int, float]] = field(default_factory=dict, init=False, repr=False)

    def settled(self, now: float) -> Iterator[Path]:
        """Yield files that have not changed for long enough.

        Parameters
        ----------
        now : float
            What time it is, in seconds, by a clock that never goes back.
        """
        there = set()
        for path in find_files(self.folder):
            if path.name.startswith(".") or path.name.endswith(_IGNORED):
                continue
            try:
                status = path.stat()
            except OSError:
                continue
            there.add(path)
            size, changed, since = self._seen.get(path, (-1, -1, now))
            if (size, changed) != (status.st_size, status.st_mtime_ns):
                self._seen[path] = (status.st_size, status.st_mtime_ns, now)
                since = now
            if now - since >= self.settle:
                yield path
        for path in set(self._seen) - there:
            del self._seen[path]

    def put_away(self, path: Path, *, went_through: bool) -> None:
        """Move an original out of the way; one of the same name that is there stays.

        Raises
        ------
        OSError
            If it cannot be moved.
        """
        target = (self.done if went_through else self.quarantine) / path.relative_to(self.folder)
        make_private(target.parent)
        place, number = target, 1
        while place.exists():
            number += 1
            place = target.with_name(f"{target.name}.{number}")
        shutil.move(path, place)
        self._seen.pop(path, None)
        for folder in path.parents:
            if folder == self.folder or self.folder not in folder.parents or any(folder.iterdir()):
                break
            folder.rmdir()
