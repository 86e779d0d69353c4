"""``greycloak anonymize``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from greycloak.batch import Job, record_run, run
from greycloak.cli.common import (
    EXIT_DONE,
    EXIT_QUARANTINED,
    EXIT_STOPPED,
    EXIT_USAGE,
    Commands,
    add_project,
    add_store,
    profile_argument,
)
from greycloak.files import find_files
from greycloak.profiles import available_profiles
from greycloak.summary import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

_EPILOG = f"""\
exit status:
  {EXIT_DONE}  everything went through; files that are no images are skipped
  {EXIT_QUARANTINED}  something was quarantined; the list says why, and what to do
  {EXIT_USAGE}  wrong usage, or key or store cannot be used
  {EXIT_STOPPED}  stopped half-way (disk full, interrupted); do it again to go on
"""


def add_anonymize(commands: Commands) -> None:
    """Add the command to the command line."""
    anonymize = commands.add_parser(
        "anonymize",
        help="anonymize a file, or all files of a folder",
        description="Anonymize a file, or all files below a folder, into another folder. The same patient gets the "
        "same pseudonym every time, as long as project, key and store are the same. What cannot be anonymized "
        "safely is not written, but listed with the reason and what to do. The list names no file, as names may "
        "tell who it is: it gives numbers, in the order of the report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    anonymize.add_argument("source", type=Path, metavar="SRC", help="a DICOM file, or a folder of them (nested)")
    anonymize.add_argument("destination", type=Path, metavar="DST", help="the folder for the anonymized files")
    anonymize.add_argument(
        "--profile",
        type=profile_argument,
        default="basic",
        metavar="NAME|FILE.toml",
        help=f"one of {', '.join(available_profiles())}, or a file of your own (%(default)s)",
    )
    add_project(anonymize)
    add_store(anonymize)
    anonymize.add_argument("--report", type=Path, metavar="FILE.jsonl", help="write what was done, a line per file")
    anonymize.add_argument(
        "--report-names", action="store_true", help="show the names of the files in the report: they may tell who it is"
    )
    anonymize.add_argument(
        "--report-values",
        action="store_true",
        help="show names and original values in the report: keep it as safe as the images",
    )
    anonymize.add_argument(
        "--reviewed",
        action="store_true",
        help="somebody has read what is left of long texts that the profile wants to be read (text.prose = 'review')",
    )
    anonymize.add_argument(
        "--replace",
        action="store_true",
        help="replace what an earlier run has made in another way, as under an earlier version of the profile",
    )
    anonymize.add_argument("--processes", type=int, metavar="N", help="how many to use (as many as pay off)")
    anonymize.add_argument(
        "--encrypt-for",
        type=Path,
        action="append",
        default=[],
        metavar="CERT.pem",
        help="seal the original attributes into each object, for the holder of this certificate's private key, who can "
        "restore them with 'greycloak restore'; may be given several times",
    )
    anonymize.set_defaults(run=partial(run_anonymize, anonymize))


def run_anonymize(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Anonymize as the command line says."""
    _check(parser, options)
    job = Job(
        destination=options.destination,
        profile=options.profile,
        project=options.project,
        store_url=options.store,
        key_file=options.key_file,
        with_report=options.report is not None,
        with_names=options.report_names or options.report_values,
        with_values=options.report_values,
        certificates=tuple(options.encrypt_for),
        reviewed=options.reviewed,
        replaces=options.replace,
    )
    return _anonymize(job, options.source, options.report, options.processes)


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse what cannot be meant."""
    if not options.source.exists():
        parser.error(f"{options.source} does not exist")
    for option in ("values", "names"):
        if getattr(options, f"report_{option}") and not options.report:
            parser.error(f"--report-{option} needs --report FILE.jsonl")
    if options.processes is not None and options.processes < 1:
        parser.error("--processes must be at least 1")
    source, destination = options.source.resolve(), options.destination.resolve()
    if destination.exists() and not destination.is_dir():
        parser.error(f"{options.destination} is not a folder")
    if _lies_in(destination, source):
        parser.error("DST must not lie inside SRC: its files would be anonymized again the next time")
    if options.report and _lies_in(options.report.resolve(), source):
        parser.error("the report must not lie in SRC")


def _lies_in(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _anonymize(job: Job, source: Path, report: Path | None, processes: int | None) -> int:
    files = list(find_files(source))
    tally = Tally()
    with _open_report(report) as stream:
        for number, result in enumerate(run(job, files, processes), start=1):
            if result.refusal:
                tally.add(number, result.refusal)
            else:
                tally.add_anonymized(result.told)
                tally.replaced += result.is_replacement
            if stream:
                stream.write(json.dumps({"number": number, **result.report}) + "\n")
            _show_progress(number, len(files))
    *lines, counts = tally.lines()
    if tally.quarantined and report is None:
        lines.append("which files these are: --report FILE.jsonl --report-names lists numbers and names")
    print("\n".join([*lines, counts]))
    record_run(job, tally)
    return EXIT_QUARANTINED if tally.quarantined else EXIT_DONE


@contextlib.contextmanager
def _open_report(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        path.chmod(0o600)
        yield stream


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and (done % 50 == 0 or done == total):
        print(f"\r{done} of {total} files", end="\n" if done == total else "", file=sys.stderr, flush=True)
