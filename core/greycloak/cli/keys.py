"""``greycloak keys``: make, name, rotate, and take the key elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, Commands, add_store, ask_passphrase, open_installation
from greycloak.pseudonyms import InstallationKey, KeyFileError, default_key_file
from greycloak.pseudonyms.key_export import unwrap, wrap
from greycloak.pseudonyms.rotation import rotate

if TYPE_CHECKING:
    import argparse


def add_keys(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("keys", help="make, show, rotate, export and import the key")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    init = actions.add_parser("init", help="make a new key")
    _add_key_file(init)
    init.set_defaults(run=_init)

    show = actions.add_parser("show-fingerprint", help="tell which key it is, without telling anything of it")
    _add_key_file(show)
    show.set_defaults(run=_show)

    turn = actions.add_parser(
        "rotate",
        help="add a new version to the key, and seal the store with it",
        description="Add a new version to the key, and seal everything in the store anew with it. Pseudonyms, UIDs and "
        "dates of the projects that there are stay as they are. Stop whatever uses the store before, and start it "
        "again afterwards; every copy of the key needs the new version.",
    )
    add_store(turn)
    turn.set_defaults(run=_rotate)

    export = actions.add_parser("export", help="write the key to a file that only a passphrase opens")
    _add_key_file(export)
    export.add_argument("file", type=Path, metavar="FILE")
    _add_passphrase(export)
    export.set_defaults(run=_export)

    take = actions.add_parser("import", help="make the key file from an exported key")
    _add_key_file(take)
    take.add_argument("file", type=Path, metavar="FILE")
    _add_passphrase(take)
    take.set_defaults(run=_import)


def _add_key_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key-file", type=Path, default=default_key_file(), metavar="FILE", help="(%(default)s)")


def _add_passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="FILE", help="holds the passphrase (else you are asked)"
    )


def _init(options: argparse.Namespace) -> int:
    key = InstallationKey.create(options.key_file)
    print(f"made {options.key_file}, fingerprint {key.fingerprint()}")
    print("Keep a copy in a safe place, apart from the store: without it, nobody can tell who is who.", file=sys.stderr)
    return EXIT_DONE


def _show(options: argparse.Namespace) -> int:
    for version, fingerprint in InstallationKey.load(options.key_file).fingerprints().items():
        print(f"version {version}: {fingerprint}")
    return EXIT_DONE


def _rotate(options: argparse.Namespace) -> int:
    key = rotate(open_installation(options), options.key_file)
    print(f"version {key.version}: {key.fingerprint()}")
    return EXIT_DONE


def _export(options: argparse.Namespace) -> int:
    text = wrap(InstallationKey.load(options.key_file), ask_passphrase(options.passphrase_file, twice=True))
    try:
        handle = os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(text)
    except OSError as error:
        raise KeyFileError(f"cannot write {options.file}: {error.strerror}") from None
    print(f"wrote {options.file}")
    return EXIT_DONE


def _import(options: argparse.Namespace) -> int:
    try:
        text = options.file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise KeyFileError(f"cannot read an exported key from {options.file}") from None
    key = unwrap(text, ask_passphrase(options.passphrase_file))
    key.save(options.key_file)
    print(f"made {options.key_file}, fingerprint {key.fingerprint()}")
    return EXIT_DONE
