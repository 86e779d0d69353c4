"""``greycloak preview``."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import (
    EXIT_DONE,
    EXIT_QUARANTINED,
    EXIT_STOPPED,
    EXIT_USAGE,
    Commands,
    add_project,
    add_store,
    profile_argument,
    write_private,
)
from greycloak.files import find_files
from greycloak.profiles import available_profiles, load_profile
from greycloak.pseudonyms import Caller, Installation
from greycloak.reporting.columns import has_color

if TYPE_CHECKING:
    from greycloak.reporting.previews import SeriesPreview

_EPILOG = f"""\
examples:
  greycloak preview image.dcm
  greycloak preview incoming --profile clinical-trial --project trial --html preview.html
  greycloak preview image.dcm --all | less

A preview shows values: keep it as safe as the images.

exit status:
  {EXIT_DONE}  everything would go through
  {EXIT_QUARANTINED}  something would be quarantined
  {EXIT_USAGE}  wrong usage, or key or store cannot be used
  {EXIT_STOPPED}  stopped: there is no file, a report cannot be written, interrupted
"""


def add_preview(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "preview",
        help="show every attribute before and after, and why; nothing is written or recorded",
        description="Show what 'greycloak anonymize' would make of a file, or of each series of a folder: every "
        "attribute that changes, before and after, by which rule, and what is cut out of a text. Nothing is recorded.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", type=Path, metavar="SRC", help="a DICOM file, or a folder of them (nested)")
    parser.add_argument(
        "--profile",
        type=profile_argument,
        default="basic",
        metavar="NAME|FILE.toml",
        help=f"one of {', '.join(available_profiles())}, or a file of your own (%(default)s)",
    )
    add_project(parser)
    add_store(parser)
    parser.add_argument("--all", action="store_true", help="show attributes that are kept, too")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page instead")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    parser.set_defaults(run=partial(run_preview, parser))


def run_preview(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Preview as the command line says."""
    if not options.source.exists():
        parser.error(f"{options.source} does not exist")
    if options.html and options.source.is_dir() and options.source.resolve() in options.html.resolve().parents:
        parser.error("the page must not lie in SRC")
    files = list(find_files(options.source))
    if not files:
        print(f"greycloak: stopped: there is no file in {options.source}", file=sys.stderr)
        return EXIT_STOPPED
    from greycloak.engine import Engine  # noqa: PLC0415  slow to load
    from greycloak.reporting.previews import preview_files  # noqa: PLC0415

    if not options.key_file.exists() and Installation.known_key(options.key_file) is None:
        print("there is no key yet: pseudonyms, UIDs and dates are examples", file=sys.stderr)
    installation = Installation.for_rehearsal(options.store, options.key_file, Caller.here("cli"))
    engine = Engine(load_profile(options.profile), installation.rehearse(options.project))
    found = preview_files(engine, files, _show_progress)
    installation.store.close()
    _show(options, found)
    return EXIT_QUARANTINED if any(series.refused for series in found) else EXIT_DONE


def _show(options: argparse.Namespace, found: list[SeriesPreview]) -> None:
    from greycloak.reporting.preview import as_data, html_preview, text_preview  # noqa: PLC0415  as above

    names = {number: _name(series.example, options.source) for number, series in enumerate(found)}
    if options.html:
        write_private(options.html, html_preview(found, names, profile=options.profile, project=options.project))
    if options.json:
        print(json.dumps(as_data(found, names, everything=options.all), indent=1))
    elif not options.html:
        for line in text_preview(found, names, everything=options.all, color=has_color()):
            print(line)


def _name(path: Path, source: Path) -> str:
    return path.name if path == source else str(path.relative_to(source))


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total > 1 and (done % 50 == 0 or done == total):
        print(f"\r{done} of {total} files", end="\n" if done == total else "", file=sys.stderr, flush=True)
