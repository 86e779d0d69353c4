"""``greycloak restore``."""

from __future__ import annotations

import getpass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, Commands, plain_name
from greycloak.encrypted import Opener, restore
from greycloak.files import find_files, publish, read_file
from greycloak.foreign import recognized
from greycloak.outcomes import Quarantined, Refused, Skipped
from greycloak.stream import Malformed

if TYPE_CHECKING:
    import argparse


def add_restore(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "restore",
        help="give objects their original attributes back, with a private key",
        description="Give objects that were anonymized with --encrypt-for their original attributes back. The restored "
        "files are as sensitive as the originals were.",
    )
    parser.add_argument("source", type=Path, metavar="SRC", help="an anonymized file, or a folder of them (nested)")
    parser.add_argument("destination", type=Path, metavar="DST", help="the folder for the restored files")
    parser.add_argument(
        "--certificate", type=Path, required=True, metavar="CERT.pem", help="the one they were sealed for"
    )
    parser.add_argument("--private-key", type=Path, required=True, metavar="KEY.pem", help="its RSA private key")
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--passphrase-file", type=Path, metavar="FILE", help="holds the passphrase of the private key")
    secret.add_argument("--ask-passphrase", action="store_true", help="ask for the passphrase of the private key")
    parser.set_defaults(run=partial(run_restore, parser))


def run_restore(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Restore as the command line says."""
    if not options.source.exists():
        parser.error(f"{options.source} does not exist")
    if options.destination.exists() and not options.destination.is_dir():
        parser.error(f"{options.destination} is not a folder")
    source, destination = options.source.resolve(), options.destination.resolve()
    if destination == source or source in destination.parents:
        parser.error("DST must not lie inside SRC")
    opener = Opener.load(options.certificate, options.private_key, _passphrase(parser, options))
    files = list(find_files(options.source))
    failed = skipped = 0
    for path in files:
        trouble = _restore_file(path, options.destination, opener)
        if isinstance(trouble, Skipped):
            skipped += 1
        elif trouble is not None:
            failed += 1
            name = path.name if path == options.source else path.relative_to(options.source)
            print(f"not restored: {plain_name(str(name))}: {trouble}")
    print(f"{len(files) - failed - skipped} restored, {failed} not{f', {skipped} skipped' if skipped else ''}")
    return EXIT_QUARANTINED if failed else EXIT_DONE


def _passphrase(parser: argparse.ArgumentParser, options: argparse.Namespace) -> bytes | None:
    if options.ask_passphrase:
        return getpass.getpass("Passphrase of the private key: ").encode()
    if options.passphrase_file is None:
        return None
    try:
        return options.passphrase_file.read_bytes().rstrip(b"\r\n")  # type: ignore[no-any-return]
    except OSError as error:
        parser.error(f"cannot read {options.passphrase_file}: {error.strerror}")


def _restore_file(path: Path, destination: Path, opener: Opener) -> Quarantined | Skipped | None:
    try:
        source = read_file(path)
    except OSError as error:
        return Quarantined("unreadable", error.strerror or "")
    kind = recognized(source)
    if kind is not None:
        return Skipped(kind)
    try:
        restored = restore(source, opener)
    except (Malformed, Refused) as refusal:
        return Quarantined(refusal.reason, refusal.detail)
    output = destination / restored.study_uid / restored.series_uid / f"{restored.sop_instance_uid}.dcm"
    return None if publish(output, [restored.data]) else Quarantined("output-differs")
