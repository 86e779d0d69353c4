"""A run over many objects, as its user sees it: progress, reports, and the summary at its end."""

from __future__ import annotations

import hmac
import json
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from greycloak.batch.book import Book
from greycloak.batch.executors import open_executor
from greycloak.batch.inputs import find_inputs
from greycloak.batch.job import Result
from greycloak.batch.layouts import MEDIA, Layout
from greycloak.batch.media import write_dicomdir
from greycloak.batch.remote import is_url
from greycloak.batch.run import record_run, run
from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED
from greycloak.cli.progress import progress
from greycloak.nifti import convert, find_converter, staging
from greycloak.reporting.runs import log_line, open_report, private_text
from greycloak.summary import Tally, files_counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from greycloak.batch.inputs import Input
    from greycloak.batch.job import Job
    from greycloak.nifti import Converted

_STAGED = "{subject}/{series}/{object}.dcm"
_MEDIA_FILES = "P*/S*/E*/I*"


@dataclass(frozen=True)
class Order:
    """How a run goes, beside what it does.

    Attributes
    ----------
    report, audit_log : Path or None
        Where it is reported.
    workers : int or None
        How many processes.
    executor : str
        Who does it, if not processes of our own.
    resume : bool
        Whether it goes on with one that was stopped.
    to_nifti : bool
        Whether volumes are made instead of objects.
    tell : str
        ``much``, ``little`` or ``json``; empty: the summary.
    """

    report: Path | None = None
    audit_log: Path | None = None
    workers: int | None = None
    executor: str = ""
    resume: bool = False
    to_nifti: bool = False
    tell: str = ""


def anonymize(job: Job, sources: list[str], order: Order) -> int:
    """Anonymize sources, and return the exit status."""
    inputs = find_inputs(sources)
    if order.to_nifti:
        return _to_nifti(job, inputs, order)
    tally = Tally()
    count(tally, _results(job, inputs, order), len(inputs), order)
    remarks = _after(job)
    conclude(job, tally, order, remarks)
    return EXIT_QUARANTINED if tally.quarantined else EXIT_DONE


def _results(job: Job, inputs: list[Input], order: Order) -> Iterator[Result]:
    """Yield what became of the inputs; a book says how far it came, unless nothing is written here."""
    with open_executor(order.executor) as executor:
        if job.is_rehearsal or job.in_place or is_url(job.destination):
            yield from run(job, inputs, order.workers, executor)
            return
        book = _book(job)
        done = book.done() if order.resume else {}
        left = inputs if not done else [one for one in inputs if not _is_done(job, done.get(book.mark(one)))]
        if done:
            yield from (_done_before(one) for one in _without(inputs, left))
        with ExitStack() as stack:
            stream: TextIO | None = None  # nothing is written before key, store and profile have been found fit
            for result in run(job, left, order.workers, executor):
                stream = stream or stack.enter_context(book.open(is_continued=order.resume))
                book.note(stream, result)
                yield result
        book.close()


def _book(job: Job) -> Book:
    project = job.open_project()
    key = hmac.digest(project.tokens.key, b"greycloak run 1", "sha256")
    project.close()
    head = json.dumps([job.open_profile().digest(), job.project, job.layout.text, job.layout.keeps_names, job.reviewed])
    return Book.of(Path(job.destination), key, head)


def _is_done(job: Job, output: str | None) -> bool:
    return output is not None and Path(job.destination, output).is_file()


def _without(inputs: list[Input], left: list[Input]) -> Iterator[Input]:
    numbers = {one.number for one in left}
    return (one for one in inputs if one.number not in numbers)


def _done_before(source: Input) -> Result:
    return Result(source, None, None, is_done_before=True)


def count(tally: Tally, results: Iterable[Result], total: int, order: Order) -> None:
    """Go through results: count, report and show them."""
    with ExitStack() as stack:
        report = stack.enter_context(open_report(order.report))
        log: TextIO | None = None
        if order.audit_log:
            log = stack.enter_context(private_text(order.audit_log, is_continued=True))
        done = stack.enter_context(progress(total, is_quiet=bool(order.tell)))
        for result in results:
            _count_one(tally, result)
            line = {"number": result.source.number, **result.report}
            if report and result.report:
                report.add(line)
            if log and result.report:
                log.write(log_line(line))
            if order.tell == "much":
                print(_said(result))
            done(result.size)
        if report:
            report.end(tally)


def _count_one(tally: Tally, result: Result) -> None:
    if result.is_done_before:
        tally.done_before += 1
    elif result.refusal:
        tally.add(result.source.number, result.refusal)
    else:
        tally.add_anonymized(result.told)
        tally.replaced += result.is_replacement


def _said(result: Result) -> str:
    if result.is_done_before:
        return f"{result.source.number}: done before"
    return f"{result.source.number}: {result.refusal or result.output}"


def _after(job: Job) -> list[str]:
    """Do what a layout wants done at the end; return what is to be said of it."""
    if job.layout.text != MEDIA or job.is_rehearsal or job.in_place or is_url(job.destination):
        return []
    folder = Path(job.destination)
    made = write_dicomdir(folder, (path.relative_to(folder).as_posix() for path in folder.glob(_MEDIA_FILES)))
    said = [f"a new DICOMDIR lists {made.listed} files"]
    return [*said, f"{len(made.left_out)} files have no place in a DICOMDIR"] if made.left_out else said


def conclude(job: Job, tally: Tally, order: Order, remarks: Iterable[str] = ()) -> None:
    """Show the summary, and note the run in the audit."""
    if not job.is_rehearsal:
        record_run(job, tally)
    if order.tell == "json":
        print(json.dumps(tally.as_data() | {"dry_run": job.is_rehearsal}, indent=1))
        return
    if order.tell == "little":
        return
    *lines, counts = tally.lines()
    if tally.quarantined and order.report is None:
        lines.append("which files these are: --report FILE.jsonl --report-names lists numbers and names")
    if job.is_rehearsal:
        lines.append("a dry run: nothing was written or recorded")
    print("\n".join([*lines, *remarks, f"{files_counted(tally.total)}: {counts}"]))


def _to_nifti(job: Job, inputs: list[Input], order: Order) -> int:
    """Anonymize into a folder of our own, and convert what is there."""
    converter = find_converter()
    destination = Path(job.destination)
    folder = staging(destination)
    try:
        staged = replace(job, destination=str(folder), layout=Layout(_STAGED))
        tally = Tally()
        with open_executor(order.executor) as executor:
            count(tally, run(staged, inputs, order.workers, executor), len(inputs), order)
        made = list(convert(folder, destination, converter))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failed = [one for one in made if not one.files]
    conclude(staged, tally, order, _said_of(made, failed, converter))
    return EXIT_QUARANTINED if tally.quarantined or failed else EXIT_DONE


def _said_of(made: list[Converted], failed: list[Converted], converter: str) -> Iterator[str]:
    for one in failed:
        yield f"not converted: series {one.series} of {one.subject}: {one.trouble}"
    yield f"{len(made) - len(failed)} of {len(made)} series converted by {converter}"
