"""The command line: one module per command."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from greycloak._version import __version__
from greycloak.batch.errors import BatchError
from greycloak.batch.run import ProcessDiedError
from greycloak.cli.anonymize import add_anonymize
from greycloak.cli.audit import add_audit
from greycloak.cli.batch import add_batch
from greycloak.cli.common import EXIT_DONE, EXIT_STOPPED, EXIT_USAGE, UsageError
from greycloak.cli.completion import add_completion
from greycloak.cli.keys import add_keys
from greycloak.cli.pixels import add_pixels
from greycloak.cli.preview import add_preview
from greycloak.cli.profiles import add_profiles
from greycloak.cli.pseudonyms import add_pseudonyms
from greycloak.cli.restore import add_restore
from greycloak.cli.send import add_send
from greycloak.cli.store import add_store_commands
from greycloak.cli.verify import add_verify
from greycloak.cli.watch import add_watch
from greycloak.encrypted import EncryptionError
from greycloak.profiles import ProfileError, UnknownProfileError
from greycloak.pseudonyms import KeyFileError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

MORE_COMMANDS = "greycloak.commands"
"""The entry points of packages that add commands of their own, as the Orthanc plugin does."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="greycloak", description="De-identify DICOM objects (PS3.15 Annex E).")
    parser.add_argument("--version", action="version", version=f"greycloak {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_anonymize(commands)
    add_preview(commands)
    add_send(commands)
    add_watch(commands)
    add_batch(commands)
    add_verify(commands)
    add_restore(commands)
    add_profiles(commands)
    add_pixels(commands)
    add_pseudonyms(commands)
    add_audit(commands)
    add_keys(commands)
    add_store_commands(commands)
    for entry in entry_points(group=MORE_COMMANDS):
        entry.load()(commands)
    add_completion(commands, parser)
    return parser


def _parse(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; options may stand between paths, which argparse cannot do by itself."""
    options, rest = parser.parse_known_args(arguments)
    if rest and (not hasattr(options, "paths") or any(word.startswith("-") and word != "-" for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        options.paths = [*options.paths, *rest]
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parse(build_parser(), arguments)
    try:
        return int(options.run(options))
    except (
        BatchError,
        EncryptionError,
        EOFError,
        KeyFileError,
        ProfileError,
        StoreError,
        UnknownProfileError,
        UsageError,
    ) as error:
        said = "nobody is there to answer: say it with an option (see --help)" if type(error) is EOFError else error
        print(f"greycloak: {said}", file=sys.stderr)
        return EXIT_USAGE
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        return EXIT_DONE
    except OSError as error:
        print(f"greycloak: stopped: cannot write {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_STOPPED
    except ProcessDiedError as error:
        print(f"greycloak: stopped: {error}; do it again to go on", file=sys.stderr)
        return EXIT_STOPPED
    except KeyboardInterrupt:
        print("greycloak: stopped; do it again to go on", file=sys.stderr)
        return EXIT_STOPPED
