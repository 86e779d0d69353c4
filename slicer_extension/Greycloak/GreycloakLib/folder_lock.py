"""A folder that one run at a time delivers into.

The lock is a file among the system's temporary ones, so that nothing stands about in the folder; the system frees the
lock of a process that dies.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


class FolderLock:
    """A lock on a folder, for the runs of this user on this computer.

    Parameters
    ----------
    folder : Path
        The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = Path()
        self._handle: int | None = None

    def acquire(self) -> None:
        """Lock it.

        Raises
        ------
        ProblemError
            If another run has, or it cannot be told.
        """
        name = hashlib.sha256(f"{Path.home()} {self._folder.resolve()}".encode()).hexdigest()[:16]
        self._path = Path(tempfile.gettempdir(), f"greycloak-lock-{name}")
        while self._handle is None:
            handle = _opened(self._path)
            if _is_still(self._path, handle):
                self._handle = handle
            else:  # whoever had it has just taken the file away
                os.close(handle)

    def release(self) -> None:
        """Free it, and take the file away."""
        if self._handle is None:
            return
        if sys.platform != "win32":  # there, nobody can take away what is open
            self._path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = None
        if sys.platform == "win32":
            with suppress(OSError):  # another run has opened it meanwhile
                self._path.unlink()


def _opened(path: Path) -> int:
    """Open and lock a file.

    Raises
    ------
    ProblemError
        If another run has locked it, or it cannot be told.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ProblemError(
            _("There is no place for temporary files: {said}.").format(said=error.strerror or "?")
        ) from None
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        taken = _("Another run delivers into this folder: wait for it, or choose another one.")
        said = taken if error.errno in _TAKEN else _("The folder cannot be locked.")
        raise ProblemError(said) from None
    return handle


def _is_still(path: Path, handle: int) -> bool:
    """Tell whether a file still has its name, so that others meet the lock on it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
