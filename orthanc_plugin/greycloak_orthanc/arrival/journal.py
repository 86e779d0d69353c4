"""A file of what has arrived and is not in the queue yet: a line costs the sender nothing, and outlives the process.

Orthanc's list of changes tells most of it too, but no instance that came a second time.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "arrivals"
_MOST_FILES = 64
_CHUNK = 1 << 16


class Journal:
    """Lines in the order in which they came.

    Parameters
    ----------
    folder : Path
        Where it is kept; several processes may use one folder.

    Raises
    ------
    OSError
        If nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._handle = -1
        left: list[int] = []
        for number in range(_MOST_FILES):
            path = folder / f"{_NAME}.{number}"
            if self._handle >= 0 and not path.exists():
                break
            handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # another process's
                os.close(handle)
                continue
            if self._handle < 0:
                self._handle = handle
                self._pen = os.open(path, os.O_WRONLY)  # what is appended to cannot be written in elsewhere
            else:
                left.append(handle)  # of processes that have ended
        if self._handle < 0:
            raise OSError("all files are in use")
        self._read = 0
        self._take_over(left)

    def append(self, line: bytes) -> bool:
        """Write a line; False if it cannot be written."""
        with self._lock:
            try:
                size = os.fstat(self._handle).st_size
                if os.write(self._handle, line + b"\n") == len(line) + 1:
                    return True
                os.ftruncate(self._handle, size)
            except OSError:
                pass
            return False

    def count(self) -> int:
        """Return how many lines there are that have not been recorded."""
        start = found = 0
        while content := os.pread(self._handle, _CHUNK, start):
            found += len([line for line in content.split(b"\n")[:-1] if line])
            start += content.rfind(b"\n") + 1 or len(content)
        return found

    def unread(self, most: int) -> tuple[list[bytes], int]:
        """Return the next lines, not more than that, and how far they reach: see `settle`."""
        content = os.pread(self._handle, _CHUNK, self._read)
        lines = content.split(b"\n")[:-1][:most]  # a last one that is not whole waits
        return lines, self._read + sum(len(line) + 1 for line in lines)

    def settle(self, reached: int) -> None:
        """Strike out all up to there, for it is recorded; once everything is, the file begins anew."""
        with self._lock, suppress(OSError):
            os.pwrite(self._pen, b"\n" * (reached - self._read), self._read)
            self._read = reached
            if os.fstat(self._handle).st_size == reached:
                os.ftruncate(self._handle, 0)
                self._read = 0

    def _take_over(self, left: list[int]) -> None:
        """Append what processes have left that ended before it was recorded."""
        for handle in left:
            start = 0
            while content := os.pread(handle, _CHUNK, start):
                lines = content.split(b"\n")[:-1]
                if not lines or not all(self.append(line) for line in lines if line):
                    break
                start += sum(len(line) + 1 for line in lines)
            else:
                os.ftruncate(handle, 0)
            os.close(handle)

    def close(self) -> None:
        """Let go of the file; what is in it stays."""
        os.close(self._handle)
        os.close(self._pen)
