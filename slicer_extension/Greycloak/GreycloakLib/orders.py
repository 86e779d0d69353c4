"""What a run is told, how far it is, and what it has done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from greycloak import Quarantined
    from greycloak.summary import Tally
    from GreycloakLib.targets import Target

OPENING, ANONYMIZING, CHECKING, DELIVERING, UNDOING = "opening", "anonymizing", "checking", "delivering", "undoing"


@dataclass
class Progress:
    """How far a run is; changes while it runs.

    Attributes
    ----------
    stage : str
        ``opening``, ``anonymizing``, ``checking``, ``delivering`` or ``undoing``.
    done, total : int
        Files.
    quarantined : int
        How many of those done were.
    skipped : int
        How many of those done were no images.
    where : str
        Where files are being delivered to.
    """

    stage: str = OPENING
    done: int = 0
    total: int = 0
    quarantined: int = 0
    skipped: int = 0
    where: str = ""


@dataclass(frozen=True)
class Summary:
    """What a run has done.

    Attributes
    ----------
    anonymized : int
        Images that were delivered; several files of one image are one.
    quarantined : tuple of (Path, Quarantined)
        Files that were not, and why.
    tally : Tally
        The same in numbers: reasons, what was skipped, and what may show identity in its pixels.
    patients, studies, series : int
        In what was delivered.
    study_uids : tuple of str
        The new ones.
    where : tuple of str
        What took them.
    left : tuple of str
        Which direct identifiers they still hold, in words.
    """

    anonymized: int
    quarantined: tuple[tuple[Path, Quarantined], ...] = field(repr=False)
    tally: Tally = field(repr=False)
    patients: int
    studies: int
    series: int
    study_uids: tuple[str, ...]
    where: tuple[str, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Order:
    """What a run is to do.

    Attributes
    ----------
    files : sequence of Path
        The originals; they are only read.
    targets : sequence of Target
        Where the copies go.
    report : Path or None
        Where a line for each file goes, without values of the originals.
    crosswalk : Path or None
        Where the list of who is who goes.
    temporary : Path or None
        Where the private folder is made; None: where the system keeps temporary files.
    left : tuple of str
        Which direct identifiers the profile leaves, in words.
    """

    files: Sequence[Path] = field(repr=False)
    targets: Sequence[Target]
    report: Path | None = None
    crosswalk: Path | None = None
    temporary: Path | None = None
    left: tuple[str, ...] = ()
