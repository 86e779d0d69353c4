"""``greycloak send``: anonymize, and send to another system; nothing lies on a disk in between."""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.batch.inputs import find_inputs
from greycloak.batch.job import Job
from greycloak.batch.process import read_input
from greycloak.batch.remote import is_url
from greycloak.batch.run import record_run
from greycloak.cli.asked import add_profile, add_whose, written_profile
from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, EXIT_STOPPED, EXIT_USAGE, Commands
from greycloak.cli.progress import progress
from greycloak.outcomes import Deidentified, Quarantined
from greycloak.sending import AUTH_VARIABLE, SendError, open_sender
from greycloak.summary import Tally, files_counted, show_numbers

if TYPE_CHECKING:
    from greycloak.engine import Engine
    from greycloak.sending import Sender

_EPILOG = f"""\
examples:
  greycloak send incoming --to dicom://RESEARCH@10.0.0.5:4242 --profile clinical-trial --project trial-7
  greycloak send incoming --to dicomweb+https://pacs.example.org/dicom-web
  greycloak send incoming --to orthanc+http://localhost:8042

Name and password for HTTP come from the environment variable {AUTH_VARIABLE} (user:password) or from ~/.netrc.

exit status:
  {EXIT_DONE}  everything was sent; files that are no images are skipped
  {EXIT_QUARANTINED}  something was quarantined, or the receiver does not take it
  {EXIT_USAGE}  wrong usage, or key or store cannot be used
  {EXIT_STOPPED}  stopped half-way; do it again: whoever has an object already gets the same again
"""
_ATTEMPTS = 3
_PAUSE = 0.5


def add_send(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "send",
        help="anonymize, and send to a DICOM node, a DICOMweb server or an Orthanc",
        description="Anonymize files, folders, media and archives, and send what went through. Nothing lies on a disk "
        "in between. What the receiver does not take is tried three times, and told.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="SRC", help="as of 'greycloak anonymize'")
    parser.add_argument("--to", required=True, metavar="URL", help="the receiver (see below)")
    parser.add_argument("--aet", default="GREYCLOAK", metavar="TITLE", help="our own AE title (%(default)s)")
    add_profile(parser)
    add_whose(parser)
    parser.set_defaults(run=partial(_send, parser))


def _send(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    for source in options.paths:
        if not is_url(source) and not Path(source).exists():
            parser.error(f"{source} does not exist")
    sender = open_sender(options.to, options.aet)
    job = Job(
        destination="",
        profile=options.profile,
        written=written_profile(options),
        project=options.project,
        store_url=options.store,
        key_file=options.key_file,
        reviewed=options.reviewed,
    )
    inputs, tally, failed = find_inputs(options.paths), Tally(), dict[str, list[int]]()
    engine = job.engine()
    try:
        with progress(len(inputs)) as done:
            for one in inputs:
                try:
                    content = read_input(one)
                except OSError as error:
                    tally.add(one.number, Quarantined("unreadable", error.strerror or ""))
                    continue
                trouble = _one(engine, sender, tally, (one.number, bytes(content)))
                if trouble:
                    failed.setdefault(trouble, []).append(one.number)
                done(len(content))
    finally:
        sender.close()
        engine.project.close()
    *lines, counts = tally.lines()
    lines += [f"not sent: files {show_numbers(numbers)}: {trouble}" for trouble, numbers in failed.items()]
    count = sum(map(len, failed.values()))
    print("\n".join([*lines, f"{files_counted(tally.total)}: {counts}, {tally.anonymized - count} sent"]))
    record_run(job, tally)
    return EXIT_QUARANTINED if tally.quarantined or failed else EXIT_DONE


def _one(engine: Engine, sender: Sender, tally: Tally, numbered: tuple[int, bytes]) -> str:
    """Anonymize and send an object; return why it could not be sent, if it could not."""
    number, content = numbered
    outcome = engine.deidentify(content)
    tally.add(number, outcome)
    if not isinstance(outcome, Deidentified):
        return ""
    trouble = ""
    for attempt in range(_ATTEMPTS):
        if attempt:
            time.sleep(_PAUSE * 2**attempt)
        try:
            sender.send(outcome)
        except SendError as error:
            trouble = str(error)
        else:
            return ""
    return trouble
