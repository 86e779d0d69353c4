"""What the commands share."""

from __future__ import annotations

import argparse
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.profiles import ProfileError, UnknownProfileError, load_profile
from greycloak.pseudonyms import (
    DEFAULT_PROJECT,
    PROJECT_NAME,
    Caller,
    Installation,
    KeyFileError,
    default_key_file,
    default_store_url,
)

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  it has no other name
else:
    Commands = object

EXIT_DONE, EXIT_QUARANTINED, EXIT_USAGE, EXIT_STOPPED = 0, 1, 2, 3


class UsageError(Exception):
    """A command cannot be done as it was asked for; the message says why."""


def profile_argument(text: str) -> str:
    """Check that a profile can be loaded, and return what names it."""
    try:
        load_profile(text)
    except (ProfileError, UnknownProfileError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def add_store(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where key and store are."""
    parser.add_argument("--store", default=default_store_url(), metavar="URL", help="the pseudonym store (%(default)s)")
    parser.add_argument(
        "--key-file", type=Path, default=default_key_file(), metavar="FILE", help="made if missing (%(default)s)"
    )


def add_project(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the project."""
    parser.add_argument(
        "--project", type=project_argument, default=DEFAULT_PROJECT, help="whose pseudonyms to use (%(default)s)"
    )


def project_argument(text: str) -> str:
    """Check the name of a project."""
    if not PROJECT_NAME.fullmatch(text):
        message = "letters, digits, '-' and '_', at most 32 of them"
        raise argparse.ArgumentTypeError(message)
    return text


def open_installation(options: argparse.Namespace) -> Installation:
    """Open key and store as the command line says; neither is made here.

    Raises
    ------
    KeyFileError, StoreError
        If they are missing, or cannot be used.
    """
    return Installation.open(options.store, options.key_file, Caller.here("cli"), must_exist=True)


def ask_passphrase(path: Path | None, *, twice: bool = False) -> str:
    """Return a passphrase from a file, or ask for it.

    Raises
    ------
    KeyFileError
        If the file cannot be read, or what was typed the second time is something else.
    """
    if path is not None:
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyFileError(f"cannot read the passphrase in {path}: {type(error).__name__}") from None
    passphrase = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != passphrase:
        raise KeyFileError("the two passphrases differ")
    return passphrase


def plain_name(name: str) -> str:
    """Return a file's name so that it cannot pass for anything else on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)


def write_private(path: Path, text: str) -> None:
    """Write a report that only its owner may read.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as stream:
        path.chmod(0o600)
        stream.write(text)
