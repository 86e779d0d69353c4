"""The crosswalk of a run: a CSV that tells who is who. As sensitive as the images."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from GreycloakLib.anonymizers import CROSSWALK_COLUMNS
from GreycloakLib.i18n import _
from GreycloakLib.pending_file import PendingFile
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def prepare_crosswalk(path: Path, rows: Iterable[tuple[object, ...]]) -> PendingFile:
    """Write a crosswalk beside its later place; lines of an earlier one there are kept.

    Raises
    ------
    ProblemError
        If there is something else in its place, or it cannot be written.
    """
    lines = dict.fromkeys([*_earlier(path), *(tuple(map(str, row)) for row in rows)])
    pending = PendingFile(path)
    try:
        writer = csv.writer(pending.stream)
        writer.writerow(CROSSWALK_COLUMNS)
        writer.writerows(lines)
        pending.finish()
    except BaseException:
        pending.discard()
        raise
    return pending


def _earlier(path: Path) -> list[tuple[str, ...]]:
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = [tuple(line) for line in csv.reader(stream)]
    except (OSError, UnicodeDecodeError, csv.Error):
        lines = [()]
    if lines and lines[0] != CROSSWALK_COLUMNS:
        raise ProblemError(_("{name} is no crosswalk of Greycloak: choose another file.").format(name=path.name))
    return lines[1:]
