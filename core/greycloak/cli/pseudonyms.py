"""``greycloak pseudonyms``: who is who, for those who hold the key."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, Commands, add_project, add_store, open_installation
from greycloak.pseudonyms import Identity, Registry, StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_FORGOTTEN = """\
{pseudonym} is forgotten: who it was, and its studies, are no longer in this store. What that does not do:
  - objects that were emitted stay where they are, under this pseudonym;
  - copies and backups of the store still hold it, until they are deleted;
  - in a project with hashed pseudonyms, the same patient gets the same pseudonym again; otherwise a new one."""


def add_pseudonyms(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("pseudonyms", help="look up who is who; import, export, merge and forget")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    find = _add(
        actions,
        "find",
        "find who is behind pseudonyms, or the other way round",
        "Find who is behind pseudonyms, or with an option, something else. Values are read from standard input, a line "
        "each, unless they are given: then other users of this machine may see them.",
    )
    what = find.add_mutually_exclusive_group()
    what.add_argument("--patient-ids", action="store_true", help="values are Patient IDs: find their pseudonyms")
    what.add_argument("--studies", action="store_true", help="values are Study Instance UIDs, original or new ones")
    find.add_argument("--issuer", default="", help="Issuer of Patient ID, for --patient-ids")
    find.add_argument("values", nargs="*", metavar="VALUE")
    find.set_defaults(run=_find)

    _add(actions, "list", "list all pseudonyms, and nobody's identity").set_defaults(run=_list)

    take = _add(
        actions,
        "import",
        "record given pseudonyms from a CSV file",
        "Record given pseudonyms from a CSV file with the columns patient_id, pseudonym, and perhaps issuer, days (by "
        "how many days dates are shifted) and name (what Patient's Name becomes). All lines are recorded, or none.",
    )
    take.add_argument("file", type=Path, metavar="FILE.csv")
    take.set_defaults(run=_import)

    give = _add(actions, "export", "write the crosswalk: who is who, a line each")
    give.add_argument("file", type=Path, metavar="FILE.csv")
    give.set_defaults(run=_export)

    merge = _add(
        actions,
        "merge",
        "let one subject be another from now on",
        "Let one subject be another from now on: objects with the identity of PSEUDONYM get the pseudonym of INTO. "
        "What was emitted before keeps its pseudonym.",
    )
    merge.add_argument("pseudonym", metavar="PSEUDONYM")
    merge.add_argument("into", metavar="INTO")
    merge.set_defaults(run=_merge)

    forget = _add(actions, "forget", "erase a subject for good")
    forget.add_argument("pseudonym", metavar="PSEUDONYM")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(run=_forget)


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, said: str, description: str = ""
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=said, description=description or f"{said}.".capitalize()
    )
    add_project(parser)
    add_store(parser)
    return parser


def _registry(options: argparse.Namespace) -> Registry:
    installation = open_installation(options)
    names = installation.store.project_names()
    if options.project not in names and options.action != "import":
        raise StoreError(f"there is no project {options.project!r}; there are: {', '.join(names) or 'none'}")
    return Registry(installation.project(options.project))


def _find(options: argparse.Namespace) -> int:
    values = options.values or [line.strip() for line in sys.stdin.read().lstrip("\ufeff").splitlines() if line.strip()]
    registry = _registry(options)
    header: tuple[str, ...]
    found: Sequence[tuple[object, ...]]
    if options.studies:
        header, found = ("original", "new", "pseudonym"), registry.find_studies(values)
    elif options.patient_ids:
        header = ("patient_id", "issuer", "pseudonym", "number")
        subjects = registry.find_pseudonyms([Identity.of_text(value, options.issuer) for value in values])
        found = [(one.patient_id, one.issuer, one.pseudonym, one.number) for one in subjects]
    else:
        header = ("pseudonym", "patient_id", "issuer", "study_uid")
        subjects = registry.find_originals(values)
        found = [(one.pseudonym, one.patient_id, one.issuer, one.study_uid) for one in subjects]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(found)
    return EXIT_DONE if len(found) == len(values) else EXIT_QUARANTINED


def _list(options: argparse.Namespace) -> int:
    for pseudonym, number in _registry(options).list_pseudonyms():
        print(f"{number}\t{pseudonym}")
    return EXIT_DONE


def _import(options: argparse.Namespace) -> int:
    try:
        with options.file.open(encoding="utf-8-sig", newline="") as stream:
            added = _registry(options).import_given(stream)
    except UnicodeDecodeError:
        raise StoreError(f"{options.file} is no text in UTF-8") from None
    except FileNotFoundError:
        raise StoreError(f"{options.file} does not exist") from None
    print(f"{added} new")
    return EXIT_DONE


def _export(options: argparse.Namespace) -> int:
    registry = _registry(options)
    with _new_file(options.file) as stream:
        count = registry.export(stream)
    print(f"{count} subjects written to {options.file}: keep it as safe as the images", file=sys.stderr)
    return EXIT_DONE


def _new_file(path: Path) -> TextIO:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="")
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from None


def _merge(options: argparse.Namespace) -> int:
    _registry(options).merge(options.pseudonym, options.into)
    print(f"{options.pseudonym} is {options.into} from now on; start again whatever is running on this store")
    return EXIT_DONE


def _forget(options: argparse.Namespace) -> int:
    registry = _registry(options)
    if not options.yes and input(f"Erase {options.pseudonym} for good? (yes/no) ") != "yes":
        print("nothing was erased")
        return EXIT_QUARANTINED
    registry.forget(options.pseudonym)
    print(_FORGOTTEN.format(pseudonym=options.pseudonym))
    return EXIT_DONE
