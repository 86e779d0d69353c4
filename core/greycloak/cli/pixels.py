"""``greycloak pixels``: where devices burn in text, as rules of a profile."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_USAGE, Commands
from greycloak.pixels.ctp_script import ScriptError, read_script

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


def _convert(options: argparse.Namespace) -> int:
    try:
        rules = read_script(options.script.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        print(f"greycloak: cannot read {options.script}: {why}", file=sys.stderr)
        return EXIT_USAGE
    except ScriptError as error:
        print(f"greycloak: {options.script}: {error}", file=sys.stderr)
        return EXIT_USAGE
    print("\n".join(rule.as_toml() for rule in rules), end="")
    return EXIT_DONE
