"""Anonymized files before they are delivered: in a private folder that only this run knows."""

from __future__ import annotations

import errno
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.batch import output_path
from greycloak.files import publish

if TYPE_CHECKING:
    from greycloak import Deidentified


@dataclass(frozen=True, slots=True)
class Output:
    """An anonymized file.

    Attributes
    ----------
    path : Path
        Where it is now.
    place : Path
        Where it belongs below a folder: only its pseudonym and new UIDs name it.
    pseudonym, patient_id, patient_name : str
        Whose it is, and what its Patient ID and Patient's Name say.
    study_uid, series_uid, sop_instance_uid : str
        The new UIDs.
    """

    path: Path
    place: Path
    pseudonym: str
    patient_id: str
    patient_name: str
    study_uid: str
    series_uid: str
    sop_instance_uid: str


class Staging:
    """A private folder for the files of one run.

    Parameters
    ----------
    parent : Path or None
        Where it is made; None: where the system keeps temporary files.
    """

    def __init__(self, parent: Path | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="greycloak-", dir=parent))  # only this user may enter it
        self._numbers: dict[Path, int] = {}

    def add(self, outcome: Deidentified) -> Output | None:
        """Write a file; None if there is one of these UIDs with other content.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if not self.folder.is_dir():
            raise OSError(errno.ENOENT, "it was removed")  # not to be made anew, for everybody to read
        place = output_path(Path(), outcome)
        path = self.folder / f"{self._numbers.setdefault(place, len(self._numbers)):06d}.dcm"  # short, as Windows wants
        if not publish(path, outcome.parts):
            return None
        return Output(
            path,
            place,
            outcome.pseudonym,
            outcome.patient_id,
            "",
            outcome.study_uid,
            outcome.series_uid,
            outcome.sop_instance_uid,
        )

    def remove(self) -> None:
        """Remove it with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.folder.exists():  # a virus scanner may have held a file for a moment
            shutil.rmtree(self.folder)
