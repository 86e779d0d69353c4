"""``greycloak audit``: what was done, and whether the record of it is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, Commands, add_store, open_installation

if TYPE_CHECKING:
    import argparse


def add_audit(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("audit", help="show and verify what was done with the store")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    show = actions.add_parser("show", help="show events, a line of JSON each")
    add_store(show)
    show.add_argument(
        "--since", default="", metavar="TIME", help="from this time on (UTC), as 2026-11-21 or 2026-11-21T09:30"
    )
    show.set_defaults(run=_show)

    verify = actions.add_parser(
        "verify",
        help="detect any change, deletion or reordering",
        description="Check the chain of events, and print its head. Note the head elsewhere, and give it the next "
        "time: then an older copy of the store that somebody has brought back shows, too.",
    )
    add_store(verify)
    verify.add_argument("--head", default="", help="a head that was noted earlier")
    verify.set_defaults(run=_verify)


def _show(options: argparse.Namespace) -> int:
    for event in open_installation(options).audit.events(options.since):
        print(json.dumps(event))
    return EXIT_DONE


def _verify(options: argparse.Namespace) -> int:
    verdict = open_installation(options).audit.verify(options.head)
    if verdict.problem:
        print(f"not whole: {verdict.problem}")
        return EXIT_QUARANTINED
    print(f"{verdict.count} events, whole; head {verdict.head}")
    return EXIT_DONE
