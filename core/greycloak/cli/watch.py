"""``greycloak watch``: a folder in which files arrive."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.batch.hot_folder import HotFolder
from greycloak.batch.inputs import Input
from greycloak.batch.job import Job
from greycloak.batch.layouts import Layout, LayoutError
from greycloak.batch.process import Worker
from greycloak.cli.asked import add_profile, add_whose, written_profile
from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, EXIT_STOPPED, EXIT_USAGE, Commands
from greycloak.outcomes import Quarantined
from greycloak.pseudonyms import StoreError
from greycloak.summary import Tally

if TYPE_CHECKING:
    from greycloak.batch.job import Result

_EPILOG = f"""\
examples:
  greycloak watch incoming anonymized --profile clinical-trial --project trial-7
  greycloak watch incoming anonymized --once

Originals go to DIR.done or DIR.quarantine, under their own names: keep these folders as safe as the images. Stop it
with Ctrl-C or SIGTERM: it ends when the file at hand is done.

exit status:
  {EXIT_DONE}  it was stopped, or with --once: everything went through
  {EXIT_QUARANTINED}  with --once: something was quarantined
  {EXIT_USAGE}  wrong usage, or key or store cannot be used
  {EXIT_STOPPED}  a new file cannot be written, or an original cannot be moved
"""
_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


def add_watch(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "watch",
        help="anonymize whatever arrives in a folder",
        description="Anonymize whatever arrives in a folder, as soon as it has stopped growing. What goes through "
        "moves to the one folder, what does not to the other; nothing is lost. While the store is away, it "
        "waits.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where files arrive")
    parser.add_argument("destination", type=Path, metavar="DST", help="the folder for the anonymized files")
    parser.add_argument("--done", type=Path, metavar="DIR", help="for originals that went through (DIR.done)")
    parser.add_argument("--quarantine", type=Path, metavar="DIR", help="for those that did not (DIR.quarantine)")
    parser.add_argument(
        "--settle", type=float, default=5.0, metavar="SECONDS", help="how long a file must not change (%(default)s)"
    )
    parser.add_argument("--once", action="store_true", help="do what is there, and end")
    parser.add_argument("--layout", default="patient-study-series", help="how new files are named (%(default)s)")
    add_profile(parser)
    add_whose(parser)
    parser.set_defaults(run=partial(_watch, parser))


def _watch(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    folder = options.folder
    if not folder.is_dir():
        parser.error(f"{folder} is no folder")
    hot = HotFolder(
        folder,
        options.done or folder.with_name(f"{folder.name}.done"),
        options.quarantine or folder.with_name(f"{folder.name}.quarantine"),
        options.settle,
    )
    top = folder.resolve()
    for place in (options.destination, hot.done, hot.quarantine):
        if top in {place.resolve(), *place.resolve().parents}:
            parser.error(f"{place} must not lie in {folder}: it would be taken for what arrives")
    try:
        layout = Layout(options.layout)
    except LayoutError as error:
        parser.error(str(error))
    job = Job(
        destination=str(options.destination),
        profile=options.profile,
        written=written_profile(options),
        project=options.project,
        store_url=options.store,
        key_file=options.key_file,
        layout=layout,
        reviewed=options.reviewed,
    )
    tally = Tally()
    _Watch(hot, Worker.of(job), tally).run(is_once=options.once)
    print(tally)
    return EXIT_QUARANTINED if options.once and tally.quarantined else EXIT_DONE


class _Watch:
    """The loop: it ends between two files, when somebody says so."""

    def __init__(self, hot: HotFolder, worker: Worker, tally: Tally) -> None:
        self._hot, self._worker, self._tally = hot, worker, tally
        self._stopped = threading.Event()
        self._number = 0

    def run(self, *, is_once: bool) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self._stopped.set())
        pause = _PAUSE
        while not self._stopped.is_set():
            try:
                self._pass()
                pause = _PAUSE
            except StoreError as error:
                print(f"waiting: {error}", flush=True)
                pause = min(2 * pause, _LONGEST_PAUSE)
            if is_once and not any(True for _ in self._waiting()):
                return
            self._stopped.wait(pause)

    def _waiting(self) -> list[Path]:
        from greycloak.files import find_files  # noqa: PLC0415

        return [path for path in find_files(self._hot.folder) if not path.name.startswith(".")]

    def _pass(self) -> None:
        for path in self._hot.settled(time.monotonic()):
            if self._stopped.is_set():
                return
            self._number += 1
            parts = path.relative_to(self._hot.folder).parts
            result = self._worker.do(Input(self._number, str(path), parts=parts, numbers=(f"{self._number:06d}.dcm",)))
            self._count(result)
            self._hot.put_away(path, went_through=not isinstance(result.refusal, Quarantined))

    def _count(self, result: Result) -> None:
        if result.refusal:
            self._tally.add(self._number, result.refusal)
        else:
            self._tally.add_anonymized(result.told)
        print(f"{self._number}: {result.refusal or result.output}", flush=True)
