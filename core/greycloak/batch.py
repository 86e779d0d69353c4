"""Many files: read, de-identify and write them, in as many processes as there are processors."""

from __future__ import annotations

import errno
import hashlib
import mmap
import multiprocessing
import os
import secrets
import stat
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greycloak.engine import Engine
from greycloak.outcomes import Deidentified, Outcome, Quarantined
from greycloak.profiles import load_profile
from greycloak.pseudonyms import Installation
from greycloak.report import report_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from greycloak.stream.part10 import Source
    from greycloak.stream.splice import Buffer

MAPPED_FROM = 8 << 20
"""Files of at least this size, in bytes, are mapped instead of read: a gigabyte of pixels costs a header."""

_CHUNK = 16
_MIN_FILES_PER_PROCESS = 64
_MAX_PARTS = 512
_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with every file.

    Attributes
    ----------
    destination : Path
        Folder of the new files.
    profile, project : str
        By name.
    store_url : str
        The pseudonym store.
    key_file : Path
        The installation's key.
    with_report : bool
        Whether results carry a report line.
    with_values : bool
        Whether report lines show original values.
    """

    destination: Path
    profile: str
    project: str
    store_url: str
    key_file: Path
    with_report: bool = False
    with_values: bool = False

    def engine(self) -> Engine:
        """Return the engine that does it."""
        installation = Installation.open(self.store_url, self.key_file)
        return Engine(load_profile(self.profile), installation.project(self.project))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file.

    Attributes
    ----------
    source : Path
        The file.
    output : Path or None
        The new file; None if the object was quarantined.
    quarantined : Quarantined or None
        Why.
    report : dict
        Its report line, if the job asks for one.
    """

    source: Path
    output: Path | None
    quarantined: Quarantined | None
    report: dict[str, Any] = field(default_factory=dict)


class ProcessDiedError(Exception):
    """A process that worked on files was killed; what it had written is whole."""


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


def run(job: Job, files: list[Path], processes: int | None = None) -> Iterator[Result]:
    """De-identify files; results come in the order of the files.

    Parameters
    ----------
    job : Job
        What to do.
    files : list of Path
        The files.
    processes : int, optional
        How many to use; by default as many as there are processors, and only as many as pay off.

    Raises
    ------
    KeyFileError, StoreError
        If key or store cannot be used.
    OSError
        If a new file cannot be written, as on a full disk. Everything that was written is whole, and doing it
        again goes on where this ended.
    ProcessDiedError
        If a process was killed, as for want of memory.
    """
    if processes is None:
        processes = min(os.cpu_count() or 1, 1 + len(files) // _MIN_FILES_PER_PROCESS)
    if processes == 1:
        engine = job.engine()
        for path in files:
            yield process(job, engine, path)
        return
    job.engine().project.close()  # says what is wrong with key or store before any process starts
    start = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(processes, context, initializer=_start_process, initargs=(job,)) as pool:
        try:
            yield from pool.map(_process_in_child, files, chunksize=_CHUNK)
        except BrokenProcessPool:
            raise ProcessDiedError("a process died, perhaps for want of memory") from None


_child: tuple[Job, Engine]


def _start_process(job: Job) -> None:
    global _child  # noqa: PLW0603  the one way to hand a pool's processes something of their own
    _child = job, job.engine()


def _process_in_child(path: Path) -> Result:
    return process(*_child, path)


def process(job: Job, engine: Engine, path: Path) -> Result:
    """De-identify one file."""
    try:
        source = _read(path)
    except OSError as error:
        return _result(job, engine, path, b"", Quarantined("unreadable", error.strerror or ""))
    outcome = engine.deidentify(source, with_changes=job.with_report)
    output = None
    if isinstance(outcome, Deidentified):
        output = output_path(job.destination, outcome)
        if not publish(output, outcome.parts):
            outcome, output = Quarantined("output-differs"), None
    return _result(job, engine, path, source, outcome, output)


def _result(
    job: Job, engine: Engine, path: Path, source: Source, outcome: Outcome, output: Path | None = None
) -> Result:
    report: dict[str, Any] = {}
    if job.with_report:
        report = report_line(
            engine,
            outcome,
            input_digest=hashlib.sha256(source).hexdigest(),
            output=None if output is None else str(output.relative_to(job.destination)),
            with_values=job.with_values,
        )
        if job.with_values:
            report["input"] = str(path)
    return Result(path, output, outcome if isinstance(outcome, Quarantined) else None, report)


def output_path(destination: Path, outcome: Deidentified) -> Path:
    """Return where a new object goes: only its pseudonym and new UIDs name it."""
    return destination / outcome.pseudonym / outcome.study_uid / outcome.series_uid / f"{outcome.sop_instance_uid}.dcm"


def _read(path: Path) -> Source:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device never end
            raise OSError(errno.EINVAL, "not a file")
        if status.st_size >= MAPPED_FROM:
            return mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
        pieces = []
        while piece := os.read(handle, MAPPED_FROM):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    finally:
        os.close(handle)


def publish(path: Path, parts: Iterable[Buffer]) -> bool:
    """Write a file so that it is there as a whole or not at all; never replace one.

    Returns
    -------
    bool
        False if a file of this name exists with other content.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    temporary = path.parent / f".greycloak-{secrets.token_hex(8)}.part"
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write_all(handle, parts)
        finally:
            os.close(handle)
        return _put_in_place(temporary, path)
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


def _put_in_place(temporary: Path, path: Path) -> bool:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return _same_content(temporary, path)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.exists():
            return _same_content(temporary, path)
        temporary.rename(path)
    return True


def _same_content(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(MAPPED_FROM):
            if chunk != second.read(MAPPED_FROM):
                return False
    return True
