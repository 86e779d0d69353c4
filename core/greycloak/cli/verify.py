"""``greycloak verify``."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import (
    EXIT_DONE,
    EXIT_QUARANTINED,
    EXIT_STOPPED,
    EXIT_USAGE,
    Commands,
    add_store,
    open_installation,
    profile_argument,
    project_argument,
    write_private,
)
from greycloak.profiles import load_profile
from greycloak.proof.verification.crosswalk import CrosswalkError, read_crosswalk
from greycloak.proof.verification.findings import KINDS, Verification
from greycloak.pseudonyms import Identity, StoreError
from greycloak.pseudonyms.derive import UUID_ROOT
from greycloak.reporting.columns import has_color
from greycloak.reporting.verification import as_data, html_report, text_report
from greycloak.standard.private import safe_private

if TYPE_CHECKING:
    from greycloak.proof.verification.originals import DeriveUid

_EPILOG = f"""\
examples:
  greycloak verify originals --against anonymized
  greycloak verify originals --against anonymized --html report.html --json report.json
  greycloak verify anonymized --crosswalk crosswalk.csv
  greycloak verify anonymized --ignore pixels

kinds of findings:
  {", ".join(KINDS)}

exit status:
  {EXIT_DONE}  nothing found
  {EXIT_QUARANTINED}  something found
  {EXIT_USAGE}  wrong usage, or crosswalk, key or store cannot be used
  {EXIT_STOPPED}  stopped: nothing there that could be checked, a report cannot be written, interrupted
"""


def add_verify(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "verify",
        help="check anonymized objects, whoever made them, against their originals or without",
        description="Check anonymized objects, whoever made them: for identifiers of the originals that are still "
        "there, attributes of PS3.15 Table E.1-1 that should have gone (by what the objects claim, or by the Basic "
        "profile), UIDs, private attributes, dates, pixels, new errors, and patients that were mixed up. Nothing is "
        "changed or recorded.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="the originals with --against, else what is to be checked; or a file",
    )
    parser.add_argument("--against", type=Path, metavar="ANONYMIZED", help="what was made from the originals in FOLDER")
    parser.add_argument(
        "--crosswalk", type=Path, metavar="FILE.csv", help="who is who: columns pseudonym, patient_id, ..."
    )
    parser.add_argument(
        "--project",
        type=project_argument,
        help="Greycloak's project that made them: finds each object's original by its UID (needs key and store)",
    )
    add_store(parser)
    parser.add_argument(
        "--profile",
        type=profile_argument,
        metavar="NAME|FILE.toml",
        help="the private attributes that this profile keeps are safe as well (those of Table E.3.10-1)",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], choices=list(KINDS), metavar="KIND", help="leave out a kind of finding"
    )
    parser.add_argument(
        "--with-values", action="store_true", help="show what was found: keep the report as safe as the images"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--no-dciodvfy", action="store_true", help="do not ask dciodvfy, even if it is installed")
    parser.set_defaults(run=partial(run_verify, parser))


def run_verify(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Verify as the command line says."""
    anonymized, originals = (options.against, options.folder) if options.against else (options.folder, None)
    _check(parser, options, anonymized, originals)
    from greycloak.proof.verification.verify import Knowledge, verify  # noqa: PLC0415  0.2 s for pydicom

    try:
        crosswalk = read_crosswalk(options.crosswalk) if options.crosswalk else None
    except CrosswalkError as error:
        parser.error(str(error))
    safe = load_profile(options.profile).safe_private if options.profile else {}
    knowledge = Knowledge(crosswalk, _derivation(options), not options.no_dciodvfy, {**safe_private(), **safe})
    result = _without(verify(anonymized, originals, knowledge, _show_progress), options.ignore)
    if not result.names or len(result.of_kind("unreadable")) == len(result.names):
        print(f"greycloak: stopped: no DICOM object in {anonymized} could be checked", file=sys.stderr)
        return EXIT_STOPPED
    for line in text_report(result, with_values=options.with_values, color=has_color()):
        print(line)
    if options.html:
        write_private(options.html, html_report(result, with_values=options.with_values))
    if options.json:
        write_private(options.json, json.dumps(as_data(result, with_values=options.with_values), indent=1) + "\n")
    return EXIT_DONE if result.is_clean else EXIT_QUARANTINED


def _check(
    parser: argparse.ArgumentParser, options: argparse.Namespace, anonymized: Path, originals: Path | None
) -> None:
    """Refuse what cannot be meant."""
    folders = [folder for folder in (anonymized, originals) if folder]
    for folder in folders:
        if not folder.exists():
            parser.error(f"{folder} does not exist")
    places = [folder.resolve() for folder in folders]
    if len(places) > 1 and (places[0] in {places[1], *places[1].parents} or places[1] in places[0].parents):
        parser.error("originals and anonymized objects must not lie in the same folder")
    if options.project and not originals:
        parser.error("--project finds the originals of objects: it needs --against")
    for report in filter(None, (options.html, options.json)):
        if any(place in report.resolve().parents for place in places):
            parser.error(f"{report} must not lie among the objects: it would be checked the next time")
        if report.is_dir():
            parser.error(f"{report} is a folder")


def _derivation(options: argparse.Namespace) -> DeriveUid | None:
    """Return how Greycloak's project derives UIDs, if one was named."""
    if not options.project:
        return None
    installation = open_installation(options)
    if options.project not in installation.store.project_names():
        raise StoreError(f"there is no project {options.project!r}")
    project = installation.rehearse(options.project)
    root = project.terms().get("root", UUID_ROOT)

    def derived(uid: str, patient: tuple[str, ...]) -> str:
        issuer, patient_id, *study = patient
        identity = Identity.of_text(patient_id, issuer) if patient_id else Identity.of_study(*study)
        return project.derive_uid(uid, root, project.uid_key(identity))

    return derived


def _without(result: Verification, kinds: list[str]) -> Verification:
    return replace(result, findings=tuple(finding for finding in result.findings if finding.kind not in kinds))


def _show_progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty() and (done % 50 == 0 or done == total):
        print(f"\r{what}: {done} of {total} files", end="\n" if done == total else "", file=sys.stderr, flush=True)
