"""``greycloak pixels``: where devices burn in text, as rules of a profile."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, Commands, UsageError
from greycloak.files import find_files
from greycloak.pixels.ctp_script import ScriptError, read_script
from greycloak.pixels.learning import learn
from greycloak.pixels.process import MissingExtra, PixelWorker
from greycloak.reasons import REASONS

if TYPE_CHECKING:
    import argparse


def add_pixels(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("pixels", help="where devices burn in text, as rules of a profile")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    convert = actions.add_parser(
        "convert",
        help="make rules of a CTP script",
        description="Write the rules of a profile that mask what a script of CTP's DicomPixelAnonymizer masks. Put "
        "them at the end of a profile of your own.",
    )
    convert.add_argument("script", type=Path, metavar="SCRIPT", help="the script, as DicomPixelAnonymizer.script")
    convert.set_defaults(run=_convert)
    learning = actions.add_parser(
        "learn",
        help="find where devices burn in text",
        description="Look for text in images, and write the rules of a profile that mask the places where it stands in "
        "at least half of a device's images, and in three of them. Look at the rules before you use them.",
    )
    learning.add_argument("source", type=Path, metavar="FILE|FOLDER", help="images, of any devices")
    learning.set_defaults(run=_learn)


def _convert(options: argparse.Namespace) -> int:
    try:
        rules = read_script(options.script.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise UsageError(f"cannot read {options.script}: {why}") from error
    except ScriptError as error:
        raise UsageError(f"{options.script}: {error}") from error
    print("\n".join(rule.as_toml() for rule in rules), end="")
    return EXIT_DONE


def _learn(options: argparse.Namespace) -> int:
    if not options.source.exists():
        raise UsageError(f"{options.source} does not exist")
    try:
        with PixelWorker() as worker:
            learned = learn(find_files(options.source), worker)
    except MissingExtra as missing:
        raise UsageError(f"{REASONS[missing.reason].meaning}: {missing.detail}") from missing
    print("\n".join(rule.as_toml() for rule in learned.rules), end="")
    counts = f"{learned.images} images, {len(learned.rules)} devices with text at the same places"
    few = f"; too few images of {learned.few} more devices" if learned.few else ""
    others = f"; {learned.passed_over} files passed over" if learned.passed_over else ""
    print(f"{counts}{few}{others}", file=sys.stderr)
    return EXIT_DONE
