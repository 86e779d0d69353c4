"""``greycloak profiles``: what there is, what each does to every attribute, and whether one's own is right."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_USAGE, Commands
from greycloak.cli.own_profiles import add_own
from greycloak.profiles import (
    ProfileError,
    UnknownProfileError,
    available_profiles,
    load_profile,
    profile_schema,
)
from greycloak.profiles.sop_classes import fits_sop_class, parse_sop_class
from greycloak.standard.uids import sop_classes
from greycloak.statement import AttributeLine, attribute_lines, statement

if TYPE_CHECKING:
    from collections.abc import Iterable

_PROFILE = "NAME|FILE.toml"


def add_profiles(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("profiles", help="list, show, check, start and import profiles")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    listing = actions.add_parser("list", help="list all profiles, with a line on each")
    listing.set_defaults(run=_list)

    show = actions.add_parser(
        "show",
        help="show what a profile does to each attribute",
        description="Show what a profile does to each attribute, by what rule, and why. Without --sop-class, the "
        "action is given for each Type that the attribute may have at its place.",
    )
    show.add_argument("profile", metavar=_PROFILE)
    show.add_argument("--sop-class", type=_sop_class, metavar="NAME|UID", help="in objects of this SOP Class")
    show.add_argument("--all", action="store_true", help="every attribute of PS3.6, not just those that a table lists")
    show.add_argument("--format", choices=["text", "csv", "json"], default="text", help="(%(default)s)")
    show.set_defaults(run=_show)

    stating = actions.add_parser("statement", help="write the conformance statement of a profile")
    stating.add_argument("profile", metavar=_PROFILE)
    stating.add_argument("--format", choices=["markdown", "html"], default="markdown", help="(%(default)s)")
    stating.set_defaults(run=_statement)

    check = actions.add_parser("check", help="check profiles of your own")
    check.add_argument("profiles", nargs="+", metavar=_PROFILE)
    check.set_defaults(run=_check)

    add_own(actions)

    schema = actions.add_parser("schema", help="print the JSON Schema of profiles, for your editor")
    schema.set_defaults(run=_schema)


def _sop_class(text: str) -> str:
    try:
        parse_sop_class(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    found = [uid for uid in sop_classes() if fits_sop_class(text, uid)]
    if len(found) > 1:
        raise argparse.ArgumentTypeError(f"{len(found)} SOP Classes are called like {text!r}: name one")
    return found[0] if found else text


def _list(_options: argparse.Namespace) -> int:
    names = available_profiles()
    width = max(map(len, names))
    for name in names:
        try:
            print(f"{name:{width}}  {load_profile(name).title}".rstrip())
        except ProfileError as error:
            print(f"{name:{width}}  cannot be used: {'; '.join(error.problems)}")
    return EXIT_DONE


def _show(options: argparse.Namespace) -> int:
    lines = attribute_lines(load_profile(options.profile), options.sop_class, every=options.all)
    if options.format == "json":
        print(json.dumps([line._asdict() for line in lines], indent=2))
    elif options.format == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(AttributeLine._fields)
        writer.writerows(lines)
    else:
        _print_table([AttributeLine._fields, *lines])
    return EXIT_DONE


def _print_table(rows: Iterable[tuple[str, ...]]) -> None:
    rows = [tuple(map(str, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _statement(options: argparse.Namespace) -> int:
    document = statement(load_profile(options.profile))
    print(document.to_html() if options.format == "html" else document.to_markdown())
    return EXIT_DONE


def _check(options: argparse.Namespace) -> int:
    status = EXIT_DONE
    for name in options.profiles:
        try:
            profile = load_profile(name)
        except (ProfileError, UnknownProfileError) as error:
            print(error)
            status = EXIT_USAGE
            continue
        claim = "conforms to the Basic profile of PS3.15" if profile.conforms else "makes no claim of PS3.15"
        print(f"profile {name}: is in order, and {claim}")
        for line in profile.deviations if profile.listed == "basic" else ():
            print(f"  {line}: leaves more than the Basic profile does")
        for option in profile.missing_cleaners:
            print(f"  {option}: there is no cleaner yet; what it would clean is treated as the Basic profile does")
    return status


def _schema(_options: argparse.Namespace) -> int:
    print(json.dumps(profile_schema(), indent=2))
    return EXIT_DONE
