"""A folder that one run at a time delivers into. The system frees the lock of a process that dies."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from pathlib import Path

_NAME = ".greycloak-lock"


class FolderLock:
    """A lock on a folder.

    Parameters
    ----------
    folder : Path
        The folder; it is made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME
        self._handle: int | None = None

    def acquire(self) -> None:
        """Lock it.

        Raises
        ------
        ProblemError
            If another run has, or the folder cannot be written.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ProblemError(_("The folder cannot be written: {said}.").format(said=error.strerror or "?")) from None
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            raise ProblemError(
                _("Another run delivers into this folder: wait for it, or choose another one.")
            ) from None
        self._handle = handle

    def release(self) -> None:
        """Free it; the folder goes if nothing is in it."""
        if self._handle is None:
            return
        with suppress(OSError):
            self._file.unlink()
        os.close(self._handle)
        self._handle = None
        with suppress(OSError):
            self._file.parent.rmdir()


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
