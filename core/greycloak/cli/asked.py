"""The options by which a profile is chosen and adjusted, the same for every command that anonymizes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greycloak.cli.common import add_project, add_store, profile_argument
from greycloak.profiles import available_profiles, parse_profile
from greycloak.profiles.adjust import Adjustments, adjusted, read_action, read_options, read_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

_ACTIONS = {
    "remove": "take it out",
    "empty": "leave it without a value",
    "replace": "this text instead",
    "keep": "leave it as it is",
    "hash": "a keyed hash of its value",
    "dummy": "a value that says nothing",
}


class _Act(argparse.Action):
    """Gathers what is done to attributes in the order of the command line, where the last one counts."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        action = str(option_string).removeprefix("--")
        try:
            said = read_action(action, str(values))
        except ValueError as error:
            parser.error(str(error))
        namespace.actions = [*namespace.actions, said]


def add_profile(parser: argparse.ArgumentParser) -> None:
    """Add the options that name and adjust the profile."""
    group = parser.add_argument_group("what is done")
    group.add_argument(
        "--profile",
        type=profile_argument,
        default="basic",
        metavar="NAME|FILE.toml",
        help=f"one of {', '.join(available_profiles())}, or a file of your own (%(default)s)",
    )
    group.add_argument(
        "--options",
        type=_options,
        default=(),
        metavar="A,B",
        help="options of PS3.15 in addition, as retain-modified-dates (see docs/profiles.md)",
    )
    group.add_argument(
        "--shift-dates",
        type=_days,
        metavar="DAYS",
        help="keep dates, shifted by this many days for everybody, as -100; or 'keyed': by days of each subject's own",
    )
    uids = group.add_mutually_exclusive_group()
    uids.add_argument("--regenerate-uids", action="store_true", help="new UIDs, whatever the profile says")
    uids.add_argument("--keep-uids", action="store_true", help="leave UIDs as they are (retain-uids)")
    group.set_defaults(actions=[])
    for action, means in _ACTIONS.items():
        form = "TAG=VALUE" if action == "replace" else "TAG"
        group.add_argument(f"--{action}", action=_Act, metavar=form, dest="actions", help=f"of this attribute: {means}")
    group.add_argument(
        "--rules",
        type=Path,
        metavar="FILE",
        help="more keys of a profile (TOML), or a dictionary of dicom-anonymizer (JSON); what is said here goes before "
        "the profile, and the options above before this",
    )
    group.add_argument(
        "--reviewed",
        action="store_true",
        help="somebody has read what is left of long texts that the profile wants to be read (text.prose = 'review')",
    )


def add_whose(parser: argparse.ArgumentParser) -> None:
    """Add the options that say whose pseudonyms are used."""
    add_project(parser)
    add_store(parser)


def _options(text: str) -> tuple[str, ...]:
    try:
        return read_options(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _days(text: str) -> int | str:
    if text == "keyed":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number of days, or 'keyed': not {text!r}") from None


def written_profile(options: argparse.Namespace) -> str:
    """Return the profile as JSON if it is adjusted; empty if its name says all.

    Raises
    ------
    ProfileError
        If it cannot be used as adjusted.
    """
    keyed = options.shift_dates == "keyed"
    adjustments = Adjustments(
        options=(*options.options, *(["retain-modified-dates"] if keyed else [])),
        actions=tuple(options.actions),
        overlay=read_rules(options.rules) if options.rules else None,
        shift_days=None if keyed else options.shift_dates,
        keeps_uids=True if options.keep_uids else False if options.regenerate_uids else None,
    )
    if not adjustments:
        return ""
    written = adjusted(options.profile, adjustments)
    parse_profile(written, shown=f"{options.profile}, adjusted")
    return json.dumps(written)
