"""Many files: read, de-identify and write them, in as many processes as there are processors."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from greycloak.encrypted import Recipients
from greycloak.engine import Engine
from greycloak.files import publish, read_file, replace_file, time_in
from greycloak.outcomes import NOTHING_TOLD, Deidentified, Outcome, Quarantined, Skipped, Told
from greycloak.profiles import load_profile
from greycloak.pseudonyms import Caller, Installation
from greycloak.report import report_line
from greycloak.same_output import files_say_the_same

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from greycloak.stream.part10 import Source
    from greycloak.summary import Tally

_CHUNK = 16
_MAX_REFUSED = 1 << 32
_MIN_FILES_PER_PROCESS = 64


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
    with_names : bool
        Whether report lines show the names of the files.
    with_values : bool
        Whether report lines show original values.
    certificates : tuple of Path
        For whom the original attributes are sealed into the new files.
    reviewed : bool
        Whether somebody has read the long texts that the profile wants to be read.
    replaces : bool
        Whether files that earlier runs have made in another way are replaced.
    began : int
        When the run began, in nanoseconds, by the clock of the destination: what is older, earlier runs have made.
    """

    destination: Path
    profile: str
    project: str
    store_url: str
    key_file: Path
    with_report: bool = False
    with_names: bool = False
    with_values: bool = False
    certificates: tuple[Path, ...] = ()
    reviewed: bool = False
    replaces: bool = False
    began: int = 0

    def engine(self) -> Engine:
        """Return the engine that does it."""
        installation = Installation.open(self.store_url, self.key_file, Caller.here("cli"))
        recipients = Recipients.load(self.certificates) if self.certificates else None
        return Engine(load_profile(self.profile), installation.project(self.project), recipients, self.reviewed)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file.

    Attributes
    ----------
    source : Path
        The file.
    output : Path or None
        The new file; None if there is none.
    refusal : Quarantined, Skipped or None
        Why.
    told : Told
        What a summary says of the new one.
    report : dict
        Its report line, if the job asks for one.
    is_replacement : bool
        Whether it took the place of one that an earlier run had made in another way.
    """

    source: Path
    output: Path | None
    refusal: Quarantined | Skipped | None
    told: Told = NOTHING_TOLD
    report: dict[str, Any] = field(default_factory=dict)
    is_replacement: bool = False


class ProcessDiedError(Exception):
    """A process that worked on files was killed; what it had written is whole."""


def record_run(job: Job, tally: Tally) -> None:
    """Note in the audit that many files went through, and how many did not."""
    project = job.engine().project
    counts = {"anonymized": tally.anonymized, "quarantined": tally.quarantined}
    if tally.replaced:
        counts["replaced"] = tally.replaced
    facts: dict[str, Any] = {"project": job.project, "profile": job.profile, **counts}
    project.audit.record(project.caller, "run", **facts)
    project.close()


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
    EncryptionError, KeyFileError, ProfileError, StoreError
        If a certificate, the key, the profile or the store cannot be used.
    OSError
        If a new file cannot be written, as on a full disk. Everything that was written is whole, and doing it
        again goes on where this ended.
    ProcessDiedError
        If a process was killed, as for want of memory.
    """
    if job.replaces:
        job = replace(job, began=time_in(job.destination))
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
        source = read_file(path)
    except OSError as error:
        return _result(job, engine, path, b"", Quarantined("unreadable", error.strerror or ""))
    outcome = engine.deidentify(source, with_changes=job.with_report)
    output, is_replacement = None, False
    if isinstance(outcome, Deidentified):
        output = output_path(job.destination, outcome)
        if not publish(output, outcome.parts, files_say_the_same):
            is_replacement = job.replaces and output.stat().st_mtime_ns < job.began
            if is_replacement:
                replace_file(output, outcome.parts)
            else:
                outcome, output = Quarantined("output-differs"), None
    result = _result(job, engine, path, source, outcome, output)
    return replace(result, is_replacement=is_replacement)


def _result(
    job: Job, engine: Engine, path: Path, source: Source, outcome: Outcome, output: Path | None = None
) -> Result:
    report: dict[str, Any] = {}
    if job.with_report:
        report = report_line(
            engine,
            outcome,
            input_digest=_digest(source, outcome),
            output=None if output is None else str(output.relative_to(job.destination)),
            with_values=job.with_values,
        )
        if job.with_names:
            report["input"] = str(path)
    if isinstance(outcome, Deidentified):
        return Result(path, output, None, outcome.told, report)
    return Result(path, output, outcome, report=report)


def _digest(source: Source, outcome: Outcome) -> str | None:
    """Return the digest of a file; None of one that was refused and is too large to be read for that alone."""
    if len(source) > _MAX_REFUSED and not isinstance(outcome, Deidentified):
        return None
    return hashlib.sha256(source).hexdigest()


def output_path(destination: Path, outcome: Deidentified) -> Path:
    """Return where a new object goes: only its pseudonym and new UIDs name it."""
    return destination / outcome.pseudonym / outcome.study_uid / outcome.series_uid / f"{outcome.sop_instance_uid}.dcm"
