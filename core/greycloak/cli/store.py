"""``greycloak store``: back it up while it is in use, and check it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, Commands, add_store, open_installation
from greycloak.pseudonyms import Caller, Installation, StoreError
from greycloak.pseudonyms.restoring import restore_backup

if TYPE_CHECKING:
    import argparse


def add_store_commands(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("store", help="back up and check the pseudonym store")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    backup = actions.add_parser(
        "backup",
        help="copy the store to a file while it is in use",
        description="Copy the store to a file while it is in use. The copy is sealed like the store itself; the key is "
        "not in it.",
    )
    add_store(backup)
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(run=_backup)

    restore = actions.add_parser(
        "restore",
        help="put a backup in the store's place",
        description="Put a backup in the store's place. Stop whatever uses the store before.",
    )
    add_store(restore)
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--replace", action="store_true", help="the store that is there may go")
    restore.set_defaults(run=_restore)

    check = actions.add_parser("check", help="check that the store is sound, and its audit whole")
    add_store(check)
    check.set_defaults(run=_check)


def _backup(options: argparse.Namespace) -> int:
    installation = open_installation(options)
    installation.audit.record(installation.caller, "backup")
    installation.store.database.back_up(options.file)
    print(f"wrote {options.file}")
    return EXIT_DONE


def _restore(options: argparse.Namespace) -> int:
    if not options.file.is_file():
        raise StoreError(f"{options.file} does not exist")
    backup = Installation.open(f"sqlite:///{options.file}", options.key_file, Caller.here("cli"), must_exist=True)
    problems = backup.store.database.problems() if options.file.stat().st_size else ["it is empty"]
    backup.store.close()
    if problems:
        raise StoreError(f"{options.file} is not sound: {'; '.join(problems)}")
    place = restore_backup(options.store, options.file, replacing=options.replace)
    installation = open_installation(options)
    installation.audit.record(installation.caller, "restore")
    print(f"restored {place}")
    return EXIT_DONE


def _check(options: argparse.Namespace) -> int:
    installation = open_installation(options)
    verdict = installation.audit.verify()
    problems = installation.store.database.problems() + ([f"audit: {verdict.problem}"] if verdict.problem else [])
    for problem in problems:
        print(problem)
    if not problems:
        print(f"sound; {verdict.count} events in the audit")
    return EXIT_QUARANTINED if problems else EXIT_DONE
