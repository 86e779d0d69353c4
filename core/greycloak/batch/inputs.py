"""Where objects come from: files, folders, media, archives, and object stores."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.batch.archives import archive_kind, find_members
from greycloak.batch.media import DICOMDIR
from greycloak.batch.remote import find_remote, is_url
from greycloak.files import find_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANDARD = "-"
"""Stands for standard input and output."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file, or a member of an archive.

    Attributes
    ----------
    number : int
        Its number in the run, from 1.
    path : str
        The file, or its URL.
    member : str
        Its name in the archive; empty if it is a file of its own.
    parts : tuple of str
        Folders and file below its source, as they are called.
    numbers : tuple of str
        The same as numbers, in the order of the names.
    trouble : str
        Why it cannot be read, if that is known already.
    """

    number: int
    path: str
    member: str = ""
    parts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def name(self) -> str:
        """How it is called; as sensitive as an original."""
        return f"{self.path}#{self.member}" if self.member else self.path


@dataclass(frozen=True, slots=True)
class Found:
    """A file below a source, before it has a number.

    Attributes
    ----------
    path, member, trouble : str
        As of `Input`.
    parts : tuple of str
        Folders and file as they are called, below the source.
    """

    path: str
    parts: tuple[str, ...]
    member: str = ""
    trouble: str = ""


def find_inputs(sources: Iterable[str]) -> list[Input]:
    """Return all that lies in sources, in a stable order.

    Parameters
    ----------
    sources : iterable of str
        Files, folders, archives, DICOMDIRs (their medium is meant), URLs.
    """
    roots = [list(_below(source)) for source in sources]
    found = [(root, one) for root, files in enumerate(roots, start=1) for one in files]
    parts = [_plain(one.parts if len(roots) == 1 else (str(root), *one.parts)) for root, one in found]
    return [
        Input(number, one.path, one.member, names, numbers, one.trouble)
        for number, ((_, one), names, numbers) in enumerate(zip(found, parts, _numbered(parts), strict=True), start=1)
    ]


def is_medium(source: str) -> bool:
    """Tell whether a source is a medium: a folder with a DICOMDIR, or a DICOMDIR itself."""
    if is_url(source):
        return False
    path = Path(source)
    return path.name.upper() == DICOMDIR if path.is_file() else (path / DICOMDIR).is_file()


def _below(source: str) -> Iterator[Found]:
    if is_url(source):
        yield from (Found(url, parts) for url, parts in find_remote(source))
        return
    root = Path(source)
    if root.name.upper() == DICOMDIR and root.is_file():
        root = root.parent
    top = root.resolve()
    for path in find_files(root):
        folders = path.relative_to(root).parts
        parts = folders or (path.name,)
        trouble = _trouble(path, top)
        if not trouble and archive_kind(path):
            yield from (Found(str(path), (*folders, *one.parts), one.name, one.trouble) for one in find_members(path))
        else:
            yield Found(str(path), parts, trouble=trouble)


def _trouble(path: Path, top: Path) -> str:
    """Tell why a file is not touched: it leads out of what was named."""
    if not path.is_symlink():
        return ""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link that leads nowhere"
    if path == top or top in target.parents:
        return "a link to a folder" if target.is_dir() else ""
    return "a link that leads out of the folder"


def _plain(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path that cannot lead out of the destination."""
    kept = tuple(part.replace(os.sep, "_").replace("/", "_") for part in parts if part not in {"", ".", ".."})
    return kept or ("_",)


def _numbered(paths: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give every folder and file its number among its siblings; the order of names stays, the names do not."""
    siblings: dict[tuple[str, ...], dict[str, int]] = {}
    for parts in paths:
        for depth, part in enumerate(parts):
            known = siblings.setdefault(parts[:depth], {})
            known.setdefault(part, len(known) + 1)
    for parts in paths:
        numbers = [f"{siblings[parts[:depth]][part]:04d}" for depth, part in enumerate(parts)]
        yield (*numbers[:-1], f"{numbers[-1]}.dcm")
