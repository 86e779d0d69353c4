"""Files: find them, read them, and put new ones in place as a whole or not at all."""

from __future__ import annotations

import errno
import mmap
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from greycloak.stream.levels import Buffer
    from greycloak.stream.part10 import Source

MAPPED_FROM = 8 << 20
"""Files of at least this size, in bytes, are mapped instead of read: a gigabyte of pixels costs a header."""

_BINARY = getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_MAX_PARTS = 512
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


def find_files(source: Path) -> Iterator[Path]:
    """Yield a file, or all files below a folder in a stable order; also what cannot be read, so that it is told."""
    if not source.is_dir():
        yield source
        return
    unreadable: list[Path] = []
    for folder, folders, names in os.walk(source, onerror=lambda error: unreadable.append(Path(error.filename))):
        folders.sort()
        # Links to folders are not followed, but told: what is behind them may be anywhere, or here again.
        linked = [name for name in folders if Path(folder, name).is_symlink()]
        for name in sorted([*names, *linked]):
            yield Path(folder, name)
    yield from unreadable


def read_file(path: Path, mapped_from: int = MAPPED_FROM) -> Source:
    """Read a file, or map it if it is large.

    Parameters
    ----------
    path : Path
        The file.
    mapped_from : int
        From how many bytes on. Whoever reads a mapped file that is cut short meanwhile is ended by the system.

    Raises
    ------
    OSError
        If it cannot be read, or is no file.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device never end
            raise OSError(errno.EINVAL, "not a file")
        if status.st_size >= mapped_from:
            return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
        pieces = []
        while piece := os.read(handle, MAPPED_FROM):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    finally:
        os.close(handle)


def publish(path: Path, parts: Iterable[Buffer], agree: Callable[[Path, Path], bool] | None = None) -> bool:
    """Write a file so that it is there as a whole or not at all; never replace one.

    Parameters
    ----------
    path : Path
        Its name.
    parts : iterable of buffers
        Its content.
    agree : callable, optional
        Tells whether a file that is there already says the same; by default, if every byte is the same.

    Returns
    -------
    bool
        False if a file of this name exists with other content.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with _written(path, parts) as temporary:
        return _put_in_place(temporary, path, agree or is_same_content)


def replace_file(path: Path, parts: Iterable[Buffer]) -> None:
    """Put a file in the place of one that is there: at every moment, one of the two is there as a whole.

    Raises
    ------
    OSError
        If it cannot be written; the old one stays.
    """
    with _written(path, parts) as temporary:
        temporary.replace(path)


def time_in(folder: Path) -> int:
    """Return what time it is for the files of a folder, in nanoseconds; it may be on another machine.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _written(folder / "now", []) as temporary:
        return temporary.stat().st_mtime_ns


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, into which only their owner may look.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def _written(path: Path, parts: Iterable[Buffer]) -> Iterator[Path]:
    """Write a temporary file beside a path; whatever is left of it goes afterwards."""
    temporary = path.parent / f".greycloak-{secrets.token_hex(8)}.part"
    try:
        handle = os.open(temporary, _NEW, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, _NEW, 0o666)
    try:
        try:
            _write_all(handle, parts)
        finally:
            os.close(handle)
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _write_all(handle: int, parts: Iterable[Buffer]) -> None:
    """Write the parts: small ones joined, large ones (the pixels) as they are."""
    pieces = [memoryview(part) for part in parts]
    if len(pieces) > _MAX_PARTS or not hasattr(os, "writev"):
        large = pieces.pop() if len(pieces[-1]) > len(pieces[0]) else memoryview(b"")
        pieces = [memoryview(b"".join(pieces)), large]
    while pieces:
        written = os.writev(handle, pieces) if hasattr(os, "writev") else os.write(handle, pieces[0])
        while pieces and written >= len(pieces[0]):
            written -= len(pieces.pop(0))
        if pieces and written:
            pieces[0] = pieces[0][written:]


def _put_in_place(temporary: Path, path: Path, agree: Callable[[Path, Path], bool]) -> bool:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return agree(temporary, path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.exists():
            return agree(temporary, path)
        temporary.rename(path)
    return True


def is_same_content(one: Path, other: Path) -> bool:
    """Tell whether two files are the same, byte for byte."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(MAPPED_FROM):
            if chunk != second.read(MAPPED_FROM):
                return False
    return True
