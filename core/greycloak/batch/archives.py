"""ZIP and tar archives: their members are read where they are, one at a time, and nothing is unpacked onto a disk."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_MEMBER = 2 << 30
"""No member may have more bytes than this: it is held in memory as a whole."""

_MAX_RATIO = 1100
"""Deflate makes a thousandth of what says nothing, and never less."""

_ALLOWANCE = 1 << 30
_MAX_MEMBERS = 1_000_000
_PIECE = 1 << 20
_TAR_ENDS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_TOO_LARGE = "too large to be read in an archive: unpack it"
_BOMB = "the archive would grow beyond all measure"
DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    zlib.error,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes
    ----------
    name : str
        Its name; as sensitive as a file's.
    trouble : str
        Why it cannot be read.
    """

    name: str
    trouble: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Folders and file."""
        return tuple(part for part in PurePosixPath(self.name.replace("\\", "/")).parts if part not in {"/", ".."})


def archive_kind(path: Path) -> str:
    """Return ``zip`` or ``tar``, or nothing if a file is no archive that is opened."""
    name = path.name.lower()
    if name.endswith(".zip"):
        return "zip" if _begins_like_zip(path) else ""
    return "tar" if name.endswith(_TAR_ENDS) else ""


def _begins_like_zip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"PK"
    except OSError:
        return False


def find_members(path: Path) -> Iterator[Member]:
    """Yield the files in an archive, in a stable order; what is wrong with it is told of the archive."""
    try:
        members = list(_zip_members(path) if archive_kind(path) == "zip" else _tar_members(path))
    except DAMAGED:
        yield Member("", "an archive that cannot be read")
        return
    yield from members


def _zip_members(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        files = [one for one in archive.infolist() if not one.is_dir()]
    if sum(one.file_size for one in files) > _MAX_RATIO * path.stat().st_size + _ALLOWANCE:
        yield Member("", _BOMB)
        return
    for one in sorted(files, key=lambda one: one.filename):
        if one.flag_bits & 1:
            yield Member(one.filename, "encrypted in its archive: unpack it")
        else:
            yield Member(one.filename, _TOO_LARGE if one.file_size > MAX_MEMBER else "")


def _tar_members(path: Path) -> Iterator[Member]:
    """Yield members as they stand: a compressed tar is read from front to back."""
    allowed = _MAX_RATIO * path.stat().st_size + _ALLOWANCE
    with tarfile.open(path) as archive:
        for number, one in enumerate(archive):
            allowed -= one.size
            if allowed < 0 or number > _MAX_MEMBERS:
                yield Member("", _BOMB)
                return
            if one.isfile():
                yield Member(one.name, _TOO_LARGE if one.size > MAX_MEMBER else "")
            elif not one.isdir():
                yield Member(one.name, "a link or device in an archive")


def read_member(path: Path, name: str) -> bytes:
    """Read a member.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        return _open(str(path), path.stat().st_mtime_ns).read(name)
    except DAMAGED as error:
        if isinstance(error, OSError) and error.strerror:
            raise
        raise OSError(0, "cannot be read from its archive") from None


class _Zip:
    def __init__(self, path: str) -> None:
        self._archive = zipfile.ZipFile(path)

    def read(self, name: str) -> bytes:
        with self._archive.open(name) as stream:
            return _bounded(stream.read(MAX_MEMBER + 1))


class _Tar:
    """Reads members in any order, and in theirs without starting anew."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._start()

    def _start(self) -> None:
        self._archive = tarfile.open(self._path)  # noqa: SIM115  kept open: a compressed one is read once, not per member
        self._ahead: tarfile.TarInfo | None = None

    def read(self, name: str) -> bytes:
        for _ in range(2):
            while (one := self._archive.next()) is not None:
                setattr(self._archive, "members", [])  # noqa: B010  a million of them would be kept
                if one.name == name and one.isfile():
                    stream = self._archive.extractfile(one)
                    assert stream is not None
                    return _bounded(stream.read(MAX_MEMBER + 1))
            self._archive.close()
            self._start()
        raise OSError(0, "is not in its archive any more")


def _bounded(content: bytes) -> bytes:
    if len(content) > MAX_MEMBER:
        raise OSError(0, _TOO_LARGE)
    return content


@lru_cache(maxsize=1)
def _open(path: str, _changed: int) -> _Zip | _Tar:
    return _Zip(path) if archive_kind(Path(path)) == "zip" else _Tar(path)
