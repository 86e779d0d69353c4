"""``greycloak anonymize``: what may be asked for, and whether it can be meant."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.batch.inputs import STANDARD, is_medium
from greycloak.batch.job import Job
from greycloak.batch.layouts import FIELDS, MEDIA, NAMES, SOURCE, Layout, LayoutError
from greycloak.batch.remote import is_url
from greycloak.cli.asked import add_profile, add_whose, written_profile
from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, EXIT_STOPPED, EXIT_USAGE, Commands
from greycloak.cli.running import Order, anonymize
from greycloak.cli.single import anonymize_one
from greycloak.reporting.runs import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPILOG = f"""\
examples:
  greycloak anonymize incoming anonymized
  greycloak anonymize cd.zip more/ anonymized --profile clinical-trial --project trial-7
  greycloak anonymize incoming anonymized --options retain-patient-characteristics --remove StudyDescription
  greycloak anonymize incoming anonymized --dry-run --report report.html
  greycloak anonymize incoming volumes --format nifti
  greycloak anonymize --in-place --backup originals --keep-names folder
  cat image.dcm | greycloak anonymize - - > anonymized.dcm

layouts:
  patient-study-series (as it comes), uid, flat, source (the folders of SRC, by number), media (with a DICOMDIR; as it
  comes if SRC has one), or a template of {", ".join(f"{{{name}}}" for name in FIELDS)}

exit status:
  {EXIT_DONE}  everything went through; files that are no images are skipped
  {EXIT_QUARANTINED}  something was quarantined; the list says why, and what to do
  {EXIT_USAGE}  wrong usage, or key or store cannot be used
  {EXIT_STOPPED}  stopped half-way (disk full, interrupted); --resume goes on
"""


def add_anonymize(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "anonymize",
        help="anonymize files, folders, media and archives",
        usage="greycloak anonymize [options] SRC [SRC ...] DST",
        description="Anonymize files, folders with all that is below them, media with a DICOMDIR, and ZIP and tar "
        "archives. The same patient gets the same pseudonym every time, as long as project, key and store are the "
        "same. What cannot be anonymized safely is not written, but listed with the reason and what to do. The list "
        "names no file, as names may tell who it is: it gives numbers, in the order of the report.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="SRC ... DST",
        help="what to anonymize: files, folders, archives, URLs (s3://...), or - for one object on standard input; and "
        "last, where to: a folder, a URL, or - for standard output",
    )
    add_profile(parser)
    add_whose(parser)
    _add_output(parser)
    _add_reports(parser)
    _add_run(parser)
    parser.set_defaults(run=partial(run_anonymize, parser))


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where to")
    group.add_argument("--layout", metavar="NAME|TEMPLATE", help="how new files are named (see below)")
    group.add_argument(
        "--keep-names",
        action="store_true",
        help="names of folders and files are harmless: keep them (with --layout source, or in place)",
    )
    group.add_argument(
        "--output", metavar="FILE", help="write the one object of SRC to this file; there is no DST then"
    )
    group.add_argument(
        "--format",
        choices=("dicom", "nifti"),
        default="dicom",
        help="nifti: volumes and BIDS sidecars instead of objects; needs dcm2niix or 'greycloak[nifti]' (%(default)s)",
    )
    group.add_argument(
        "--overwrite",
        action="store_true",
        help="replace what an earlier run has made in another way, as under an earlier version of the profile",
    )
    group.add_argument("--backup", type=Path, metavar="DIR", help="copy the originals here first")
    group.add_argument(
        "--in-place",
        action="store_true",
        help="put new files in the places of the originals, and take out what is not anonymized; needs --backup and "
        "--keep-names, and there is no DST then",
    )
    group.add_argument(
        "--encrypt-for",
        type=Path,
        action="append",
        default=[],
        metavar="CERT.pem",
        help="seal the original attributes into each object, for the holder of this certificate's private key, who can "
        "restore them with 'greycloak restore'; may be given several times",
    )


def _add_reports(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is told")
    group.add_argument(
        "--report", type=Path, metavar="FILE", help=f"write what was done, object by object; {', '.join(ENDINGS)}"
    )
    group.add_argument(
        "--report-names", action="store_true", help="show the names of the files in the report: they may tell who it is"
    )
    group.add_argument(
        "--report-values",
        action="store_true",
        help="show names and original values in the report: keep it as safe as the images",
    )
    group.add_argument("--audit-log", type=Path, metavar="FILE", help="add a line for each object, without identities")
    level = group.add_mutually_exclusive_group()
    level.add_argument("--verbose", action="store_true", help="a line for each object")
    level.add_argument("--quiet", action="store_true", help="nothing but errors")
    level.add_argument("--json", action="store_true", help="the summary as JSON")


def _add_run(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how it runs")
    group.add_argument(
        "--dry-run", action="store_true", help="the same report and summary; nothing is written or recorded"
    )
    group.add_argument("--resume", action="store_true", help="go on where a run that was stopped ended")
    group.add_argument("--workers", type=int, metavar="N", help="how many processes (as many as pay off)")
    group.add_argument("--executor", metavar="URL", help="let others do it: dask://HOST:PORT (needs 'greycloak[dask]')")


def run_anonymize(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Anonymize as the command line says."""
    sources, destination = _split(parser, options)
    _check(parser, options, sources, destination)
    try:
        layout = Layout(options.layout or _usual_layout(sources), keeps_names=options.keep_names)
    except LayoutError as error:
        parser.error(str(error))
    if options.executor:  # whoever does it stands somewhere else
        sources, destination = [_absolute(source) for source in sources], _absolute(destination)
    job = Job(
        destination=destination,
        profile=options.profile,
        written=written_profile(options),
        project=options.project,
        store_url=options.store,
        key_file=options.key_file.absolute(),
        layout=layout,
        with_report=bool(options.report or options.audit_log),
        with_names=options.report_names or options.report_values,
        with_values=options.report_values,
        certificates=tuple(options.encrypt_for),
        reviewed=options.reviewed,
        replaces=options.overwrite,
        is_rehearsal=options.dry_run,
        backup=options.backup,
        in_place=options.in_place,
    )
    if destination == STANDARD or options.output or sources == [STANDARD]:
        return anonymize_one(parser, job, sources, options.output)
    order = Order(
        report=options.report,
        audit_log=options.audit_log,
        workers=options.workers,
        executor=options.executor or "",
        resume=options.resume,
        to_nifti=options.format == "nifti",
        tell="json" if options.json else "little" if options.quiet else "much" if options.verbose else "",
    )
    return anonymize(job, sources, order)


def _absolute(path: str) -> str:
    return path if is_url(path) or path == STANDARD else str(Path(path).absolute())


def _usual_layout(sources: list[str]) -> str:
    return MEDIA if any(map(is_medium, sources)) else NAMES[0]


def _split(parser: argparse.ArgumentParser, options: argparse.Namespace) -> tuple[list[str], str]:
    """Return the sources and the destination; in place, the destination is the source."""
    if options.in_place:
        return options.paths, options.paths[0]
    if options.output:
        return options.paths, ""
    if len(options.paths) == 1:
        parser.error("the following arguments are required: DST (or --output FILE, or --in-place)")
    return options.paths[:-1], options.paths[-1]


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace, sources: list[str], destination: str) -> None:
    """Refuse what cannot be meant."""
    for source in sources:
        if source != STANDARD and not is_url(source) and not Path(source).exists():
            parser.error(f"{source} does not exist")
    if STANDARD in sources and len(sources) > 1:
        parser.error("standard input is one object: there can be no other SRC")
    said = [*_of_reports(options), *_of_places(options, sources, destination), *_of_volumes(options, destination)]
    said += _misplaced(options, [source for source in sources if source != STANDARD], destination)
    if said:
        parser.error(said[0])


def _misplaced(options: argparse.Namespace, sources: list[str], destination: str) -> Iterable[str]:
    """Name what lies where it would be anonymized, or be taken for an original."""
    folders = [Path(source).resolve() for source in sources if not is_url(source)]
    places = [*folders]
    if destination not in {"", STANDARD} and not is_url(destination) and not options.in_place:
        place = Path(destination).resolve()
        places.append(place)
        if place.exists() and not place.is_dir():
            yield f"{destination} is not a folder"
        if any(_lies_in(place, folder) for folder in folders):
            yield "DST must not lie inside SRC: its files would be anonymized again the next time"
    for name, path in (("the report", options.report), ("the audit log", options.audit_log)):
        if path and any(_lies_in(path.resolve(), folder) for folder in folders):
            yield f"{name} must not lie in SRC"
    if options.backup and any(_lies_in(options.backup.resolve(), place) for place in places):
        yield "the backup must not lie in SRC or DST"


def _of_reports(options: argparse.Namespace) -> Iterable[str]:
    for option in ("values", "names"):
        if getattr(options, f"report_{option}") and not options.report:
            yield f"--report-{option} needs --report FILE"
    if options.report and options.report.suffix.lower() not in ENDINGS:
        yield f"the report ends in {', '.join(ENDINGS)}: not {options.report.name}"
    if options.workers is not None and options.workers < 1:
        yield "--workers must be at least 1"
    if options.dry_run and options.resume:
        yield "--dry-run and --resume contradict each other"


def _of_places(options: argparse.Namespace, sources: list[str], destination: str) -> Iterable[str]:
    if options.in_place and not (options.backup and options.keep_names):
        yield "--in-place needs --backup DIR, and --keep-names, as files keep their names"
    if options.in_place and any(source == STANDARD or is_url(source) or Path(source).is_file() for source in sources):
        yield "--in-place takes folders"
    if options.in_place and (options.layout or options.output or options.format == "nifti"):
        yield "--in-place goes with no --layout, --output or --format"
    if options.keep_names and not options.in_place and options.layout != SOURCE:
        yield "--keep-names needs --layout source: the others have no names to keep"
    if options.backup and any(source == STANDARD or is_url(source) for source in sources):
        yield "--backup copies files of this machine"
    if is_url(destination) and (options.resume or options.overwrite or options.format == "nifti"):
        yield "--resume, --overwrite and --format need a folder as DST"


def _of_volumes(options: argparse.Namespace, destination: str) -> Iterable[str]:
    if options.format == "nifti" and (options.layout or options.dry_run or options.output or destination == STANDARD):
        yield "--format nifti goes with no --layout, --output or --dry-run: volumes have names of their own"


def _lies_in(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
