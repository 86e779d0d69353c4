"""A file for one person's eyes that gets its name only when everything else has gone well."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
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
        self._temporary = path.with_name(f".greycloak-{secrets.token_hex(8)}.part")
        try:
            handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise ProblemError(
                _("{name} cannot be written: {said}.").format(name=path.name, said=error.strerror or "?")
            ) from None
        self.stream: TextIO = os.fdopen(handle, "w", encoding="utf-8", newline="")

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
            raise ProblemError(
                _("{name} cannot be written: {said}.").format(name=self._path.name, said=error.strerror or "?")
            ) from None

    def put_in_place(self) -> None:
        """Give it its name."""
        self._temporary.replace(self._path)

    def discard(self) -> None:
        """Remove it, unless it is in place."""
        with suppress(OSError):
            self.stream.close()
        with suppress(FileNotFoundError):
            self._temporary.unlink()
