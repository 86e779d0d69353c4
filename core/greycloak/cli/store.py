"""``greycloak store``: back it up while it is in use, and check it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, Commands, add_store, open_installation

if TYPE_CHECKING:
    import argparse


def add_store_commands(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("store", help="back up and check the pseudonym store")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    backup = actions.add_parser(
        "backup",
        help="copy the store to a file while it is in use",
        description="Copy the store to a file while it is in use. To restore it, stop whatever uses the store, delete "
        "store.sqlite-wal and store.sqlite-shm if they are there, and put the copy in its place. The copy is sealed "
        "like the store itself; the key is not in it.",
    )
    add_store(backup)
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.set_defaults(run=_backup)

    check = actions.add_parser("check", help="check that the store is sound, and its audit whole")
    add_store(check)
    check.set_defaults(run=_check)


def _backup(options: argparse.Namespace) -> int:
    installation = open_installation(options)
    installation.audit.record(installation.caller, "backup")
    installation.store.database.back_up(options.file)
    print(f"wrote {options.file}")
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
