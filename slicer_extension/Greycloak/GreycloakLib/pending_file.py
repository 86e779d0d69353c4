"""Files for one person's eyes that get their names only when everything else has gone well."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class PendingFile:
    """A text file beside its later place, which only its owner may read.

    Parameters
    ----------
    path : Path
        Its later place; what is there then is replaced.

    Raises
    ------
    ProblemError
        If it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        mark = secrets.token_hex(8)
        self._temporary, self._earlier = (path.with_name(f".greycloak-{mark}.{end}") for end in ("part", "before"))
        self._is_in_place = False
        try:
            handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise self._cannot(error) from None
        self.stream: TextIO = os.fdopen(handle, "w", encoding="utf-8", newline="")

    def _cannot(self, error: OSError) -> ProblemError:
        said = error.strerror or "?"
        return ProblemError(_("{name} cannot be written: {said}.").format(name=self._path.name, said=said))

    def finish(self) -> None:
        """Write out what is still on its way.

        Raises
        ------
        ProblemError
            If the disk is full.
        """
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()
        except OSError as error:
            raise self._cannot(error) from None

    def put_in_place(self) -> None:
        """Give it its name; what was there can be put back until `keep`.

        Raises
        ------
        ProblemError
            If that cannot be done; then nothing has changed.
        """
        try:
            if self._path.exists():
                self._path.replace(self._earlier)
            self._temporary.replace(self._path)
        except OSError as error:
            if self._earlier.exists():
                self._earlier.replace(self._path)
            raise self._cannot(error) from None
        self._is_in_place = True

    def put_back(self) -> None:
        """Let what was there before be there again."""
        if self._is_in_place:
            self._path.replace(self._temporary)
            if self._earlier.exists():
                self._earlier.replace(self._path)
            self._is_in_place = False

    def keep(self) -> None:
        """Let it stay for good."""
        with suppress(OSError):  # a copy of what was there before may stay; nothing is lost
            self._earlier.unlink()

    def discard(self) -> None:
        """Remove it, unless it is in place."""
        with suppress(OSError):
            self.stream.close()
        with suppress(FileNotFoundError):
            self._temporary.unlink()


def put_in_place(pending: Iterable[PendingFile]) -> None:
    """Give files their names, all of them or none.

    Raises
    ------
    ProblemError
        If that cannot be done; then nothing has changed.
    """
    pending = list(pending)
    try:
        for one in pending:
            one.put_in_place()
    except ProblemError:
        put_back(pending)
        raise


def put_back(pending: Iterable[PendingFile]) -> None:
    """Let what was there before be there again."""
    for one in pending:
        one.put_back()


def prepare_report(path: Path) -> PendingFile:
    """Begin a report beside its later place; lines of an earlier one there stay before the new ones.

    Raises
    ------
    ProblemError
        If there is something else in its place, or it cannot be written.
    """
    if path.exists() and not _is_report(path):
        raise ProblemError(_("{name} is no report of Greycloak: choose another file.").format(name=path.name))
    pending = PendingFile(path)
    try:
        if path.exists():
            with path.open(encoding="utf-8") as earlier:
                shutil.copyfileobj(earlier, pending.stream)
    except (OSError, UnicodeDecodeError):
        pending.discard()
        raise ProblemError(_("{name} cannot be read.").format(name=path.name)) from None
    return pending


def _is_report(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as stream:
            line = stream.readline(1 << 24)
        return not line or "input_sha256" in json.loads(line)
    except (OSError, ValueError, TypeError):
        return False
