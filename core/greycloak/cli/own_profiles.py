"""``greycloak profiles init`` and ``import``: a profile of one's own, from nothing or from another tool's rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, Commands, UsageError, plain_name, profile_argument
from greycloak.files import publish
from greycloak.profiles import parse_profile
from greycloak.profiles.rivals import FORMATS, Imported, import_rules

if TYPE_CHECKING:
    import argparse

_SHOWN = 100
_STARTER = """\
# A profile of Greycloak. What is not said here is as in the base; docs/profiles.md has every key.
name = "{name}"
title = "What it is for, in a line"
base = "{base}"

# What stays in addition (PS3.15 Annex E), as "retain-patient-characteristics":
options = []

# Attributes, and what is done to them:
[tags]
# StudyDescription = "clean"
# AccessionNumber = {{ hash = {{ length = 12, alphabet = "digits" }} }}
# "0009[MY VENDOR]10" = "remove"

# What holds only for some objects:
# [[rules]]
# if = 'Modality == "US" and Manufacturer contains "ACME"'
# mask = [[0, 0, 640, 40]]
"""


def add_own(actions: Commands) -> None:
    """Add the commands to ``greycloak profiles``."""
    start = actions.add_parser("init", help="write a profile to start from")
    start.add_argument("file", type=Path, metavar="FILE.toml")
    start.add_argument("--base", type=profile_argument, default="basic", help="what it builds on (%(default)s)")
    start.set_defaults(run=_init)

    taking = actions.add_parser(
        "import",
        help="make a profile of another tool's rules",
        description="Make a profile of the rules of CTP (DicomAnonymizer script), pydicom's deid (recipe), "
        "dicom-anonymizer (dictionary in JSON) or Orthanc (body of /anonymize). Says what became of every line. What "
        "the rules do not mention goes as the Basic profile says. Nothing is written if a line cannot be taken over, "
        "unless you say --without-refused.",
    )
    taking.add_argument("file", type=Path, metavar="FILE", help="the rules")
    taking.add_argument("--from", dest="form", choices=FORMATS, default="", help="whose they are (as they look)")
    taking.add_argument("--out", type=Path, metavar="FILE.toml", help="write the profile here; without it, only look")
    taking.add_argument("--without-refused", action="store_true", help="write it without the lines that are refused")
    taking.set_defaults(run=_import)


def _init(options: argparse.Namespace) -> int:
    _write(options.file, _STARTER.format(name=_name(options.file), base=options.base))
    print(f"{options.file}: change it, then 'greycloak profiles check {options.file}'")
    return EXIT_DONE


def _import(options: argparse.Namespace) -> int:
    found = import_rules(options.file, options.form)
    for line in found.lines:
        mark = "refused" if line.is_refused else "  taken"
        text = plain_name(" ".join(line.text.split()))[:_SHOWN]
        print(f"{mark}  {line.number:>4}  {text}\n               {line.said}")
    print(f"{len(found.lines) - len(found.refused)} lines taken over, {len(found.refused)} refused")
    if options.out and (options.without_refused or not found.refused):
        _write(options.out, _as_toml(found, options.out))
        print(f"written to {options.out}: read it, then 'greycloak profiles check {options.out}'")
    elif options.out:
        print("nothing is written: change what is refused, or say --without-refused")
    return EXIT_QUARANTINED if found.refused else EXIT_DONE


def _as_toml(found: Imported, path: Path) -> str:
    name = _name(path)
    written = {"name": name, "title": "Imported", **found.written}
    parse_profile(written, shown=name)
    try:
        import tomli_w  # noqa: PLC0415  not in Slicer, where nobody imports rules
    except ImportError:
        raise UsageError("this needs tomli-w: pip install tomli-w") from None
    return tomli_w.dumps(written)


def _name(path: Path) -> str:
    """Return what the profile in a file is called."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in path.stem.lower()).strip("-_")
    return kept[:64] or "own"


def _write(path: Path, text: str) -> None:
    if path.suffix != ".toml":
        raise UsageError(f"a profile's file ends in .toml: not {path.name}")
    if not publish(path, [text.encode()]):
        raise UsageError(f"{path} exists")
