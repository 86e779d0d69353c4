#!/usr/bin/env python3
"""Write docs/quarantine.md from the tables of the code; what `make samples` has measured stays as it is.

.venv/bin/python tools/make_quarantine.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "orthanc_plugin")]

from greycloak.foreign import KINDS  # noqa: E402  the sources beside this file, not what is installed
from greycloak.pixels.risk import REMEDY, RISKS  # noqa: E402
from greycloak.reasons import REASONS  # noqa: E402
from greycloak_orthanc.rest.refusals import MORE_REASONS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from greycloak.reasons import Reason

PAGE = ROOT / "docs" / "quarantine.md"
BEGIN, END = "<!-- measured by `make samples` -->\n", "<!-- end -->\n"

_TEXT = """\
<!-- Written by tools/make_quarantine.py from the tables of the code: change those, not this. -->

# What does not go through, and what to do

Of an object that is **quarantined** nothing is emitted, and nothing is lost: the file stays where it is, and in Orthanc
the original is never deleted. Each reason comes with a sentence on what to do next:

| Where | How it is told |
|---|---|
| Command line | grouped by reason, with counts and the numbers of the files; exit status 1 |
| `--report FILE` | a line per file: `number`, `outcome`, `reason`, `detail`, `remedy`; names with `--report-names` |
| Orthanc | `Reasons` and `Quarantined` of a job, `GET /greycloak/quarantine` ([rest.md](rest.md)), the page |
| 3D Slicer | a table below the button, and the report |
| Python | `Quarantined.reason`, `.detail`, `.meaning`, `.remedy` |

The words in brackets behind a reason say where in the object, never what stands there.

Once the cause is mended, do it again: on the command line the same command (what is there stays as it is), in Orthanc
`POST /greycloak/jobs/{{id}}/resubmit`.

## Reasons

{reasons}

In Orthanc only:

{orthanc}

## Skipped

What is no DICOM object and is known for certain to be something else is counted apart, and leaves the exit status at 0.
Whatever else cannot be read is quarantined: it may be a damaged image.

{kinds}

## At risk

Unless a profile says otherwise, what may show identity in its pixels is [searched for text](pixels.md). What goes out
unsearched carries a note `at-risk: ...` in outcome and report, and is counted in every summary. {remedy}

{risks}

## Measured

{measured}"""


def page(measured: str) -> str:
    """Return the page, with what was measured as it is given."""
    return _TEXT.format(
        reasons=_reasons(REASONS),
        orthanc=_reasons(MORE_REASONS),
        kinds=_table(("Kind", "What it is"), KINDS.items()),
        risks=_table(("Note", "Why"), ((f"at-risk: {name}", why) for name, why in RISKS.items())),
        remedy=REMEDY,
        measured=f"{BEGIN}{measured}{END}",
    )


def measured_in(text: str) -> str:
    """Return what a page says was measured."""
    found = re.search(f"{re.escape(BEGIN)}(.*){re.escape(END)}", text, re.DOTALL)
    return found[1] if found else ""


def _reasons(reasons: Mapping[str, Reason]) -> str:
    lines = [f"| `{name}` | {known.meaning} | {known.remedy} |" for name, known in sorted(reasons.items())]
    return "\n".join(["| Reason | Meaning | What to do |", "|---|---|---|", *lines])


def _table(titles: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    head = [f"| {titles[0]} | {titles[1]} |", "|---|---|"]
    return "\n".join([*head, *(f"| `{name}` | {text} |" for name, text in rows)])


def main() -> None:
    measured = measured_in(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else ""
    PAGE.write_text(page(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
