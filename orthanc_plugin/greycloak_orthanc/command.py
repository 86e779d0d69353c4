"""``greycloak orthanc``; core's command line finds it by its entry point."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_USAGE, Commands

if TYPE_CHECKING:
    import argparse

    from greycloak_orthanc.deploy.changes import Change

_INSTALL = """\
Add Greycloak to the Orthanc of this machine: let Orthanc's "PythonScript" point at Greycloak, and write Greycloak's own
section to a file of its own. What would keep Orthanc from starting is told before anything is written. A copy of every
file that is edited stays beside it. Can be repeated; an option that is not given leaves its setting as it is."""
_UNINSTALL = """\
Take Greycloak out of Orthanc's configuration, and leave that as it was before. Store and key stay where they are."""


def add_orthanc(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("orthanc", help="add Greycloak to the Orthanc of this machine, or take it out")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    install = actions.add_parser("install", help="add Greycloak to Orthanc's configuration", description=_INSTALL)
    _add_common(install)
    install.add_argument("--store", metavar="URL", help="the pseudonym store (a SQLite file beside Orthanc's data)")
    install.add_argument(
        "--key-file", type=Path, metavar="FILE", help="the key, made if missing (beside Orthanc's data)"
    )
    install.add_argument("--profile-folder", type=Path, metavar="FOLDER", help="holds your own profiles")
    install.add_argument("--profile", metavar="NAME", help="what is done unless a rule or a call says otherwise")
    install.add_argument("--project", metavar="NAME", help="whose pseudonyms are used, likewise")
    install.add_argument("--user", metavar="NAME", help="the user as whom Orthanc runs (orthanc)")
    script = install.add_mutually_exclusive_group()
    script.add_argument("--keep-script", action="store_true", help="Orthanc's other script stays, and starts Greycloak")
    script.add_argument("--replace-script", action="store_true", help="Orthanc's other script makes way for Greycloak")
    install.set_defaults(run=_install)

    uninstall = actions.add_parser(
        "uninstall", help="take Greycloak out of Orthanc's configuration", description=_UNINSTALL
    )
    _add_common(uninstall)
    uninstall.set_defaults(run=_uninstall)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what would be changed, and change nothing")
    parser.add_argument(
        "--config-folder", type=Path, metavar="FOLDER", help="Orthanc's configuration (on Debian /etc/orthanc)"
    )


def _install(options: argparse.Namespace) -> int:
    # Here and not above, for every other command would wait for it.
    from greycloak_orthanc.deploy.account import NoAccountError, find_account  # noqa: PLC0415
    from greycloak_orthanc.deploy.found_orthanc import DEFAULT_FOLDER, NotFoundError, find_orthanc  # noqa: PLC0415
    from greycloak_orthanc.deploy.install import NotInstallableError, plan_install  # noqa: PLC0415
    from greycloak_orthanc.deploy.json_text import JsonTextError  # noqa: PLC0415
    from greycloak_orthanc.deploy.section import Wishes  # noqa: PLC0415

    wishes = Wishes(
        store=options.store,
        key_file=options.key_file,
        profile_folder=options.profile_folder,
        profile=options.profile,
        project=options.project,
        keep_script=options.keep_script,
        replace_script=options.replace_script,
    )
    try:
        account = find_account(options.user)
        changes = plan_install(find_orthanc(options.config_folder or DEFAULT_FOLDER), account, wishes)
    except NotInstallableError as error:
        return _refuse(error.problems)
    except (JsonTextError, NoAccountError, NotFoundError) as error:
        return _refuse([str(error)])
    if not account.can_be_asked:
        print("not checked, for it takes root: what the user of the service may read and write", file=sys.stderr)
    return _apply(changes, options, "Greycloak is installed already, just so.", "")


def _uninstall(options: argparse.Namespace) -> int:
    from greycloak_orthanc.deploy.found_orthanc import DEFAULT_FOLDER, NotFoundError, find_orthanc  # noqa: PLC0415
    from greycloak_orthanc.deploy.json_text import JsonTextError  # noqa: PLC0415
    from greycloak_orthanc.deploy.uninstall import plan_uninstall, section_left  # noqa: PLC0415

    try:
        orthanc = find_orthanc(options.config_folder or DEFAULT_FOLDER)
        changes = plan_uninstall(orthanc)
    except (JsonTextError, NotFoundError) as error:
        return _refuse([str(error)])
    for file in section_left(orthanc):
        print(f"the section in {file.path} stays: it was not written by this command", file=sys.stderr)
    return _apply(changes, options, "There is no Greycloak to uninstall.", " Store and key stay where they are.")


def _refuse(problems: list[str]) -> int:
    print("greycloak: nothing was changed:", file=sys.stderr)
    for problem in problems:
        print(f"  - {problem}", file=sys.stderr)
    return EXIT_USAGE


def _apply(changes: list[Change], options: argparse.Namespace, nothing: str, more: str) -> int:
    from greycloak_orthanc.deploy.changes import carry_out, diff  # noqa: PLC0415

    if not changes:
        print(nothing)
        return EXIT_DONE
    if options.dry_run:
        print(diff(changes), end="")
        return EXIT_DONE
    try:
        carry_out(changes)
    except OSError as error:
        return _refuse([f"cannot write {error.filename}: {error.strerror}; is this root?"])
    for change in changes:
        print(f"{_done(change)} {change.path}")
    print(f"Restart Orthanc now, as with 'systemctl restart orthanc'.{more}")
    return EXIT_DONE


def _done(change: Change) -> str:
    if change.before is None:
        return "made"
    return "removed" if change.after is None else "changed"
