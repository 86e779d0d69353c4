"""A DICOMDIR for what was anonymized (PS3.10 section 8, PS3.3 Annex F): made anew, never copied."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom import Dataset
    from pydicom.fileset import FileSet

DICOMDIR = "DICOMDIR"
_DUMMIES = {
    "PatientID": "ANONYMOUS",
    "StudyDate": "19000101",
    "StudyTime": "000000",
    "StudyID": "1",
    "Modality": "OT",
    "SeriesNumber": "1",
    "InstanceNumber": "1",
}
"""What a directory record demands and an anonymized object need not have."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a DICOMDIR.

    Attributes
    ----------
    listed : int
        How many objects it lists.
    left_out : tuple of str
        The places of those that it cannot list.
    """

    listed: int
    left_out: tuple[str, ...]


def write_dicomdir(folder: Path, places: Iterable[str]) -> Made:
    """Write the DICOMDIR of a folder whose files are named as media demand.

    Parameters
    ----------
    folder : Path
        The folder.
    places : iterable of str
        Where its objects are: four parts of eight characters.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    from pydicom import dcmread  # noqa: PLC0415  slow to load
    from pydicom.fileset import FileSet  # noqa: PLC0415

    files, listed, left_out = FileSet(), {}, []
    with quiet():
        for place in sorted(set(places)):
            head = dcmread(folder / place, stop_before_pixels=True)
            if _added(files, head):
                listed[str(head.SOPInstanceUID)] = place
            else:
                left_out.append(place)
        with tempfile.TemporaryDirectory(prefix="greycloak-") as temporary:
            files.write(temporary)
            directory = dcmread(Path(temporary, DICOMDIR))
        for record in directory.DirectoryRecordSequence:
            # Of the same length as the names that were given, so that all offsets stay right.
            if "ReferencedFileID" in record:
                record.ReferencedFileID = listed[record.ReferencedSOPInstanceUIDInFile].split("/")
        partial = folder / f".{DICOMDIR}.part"
        try:
            directory.save_as(partial, enforce_file_format=True)
            partial.replace(folder / DICOMDIR)
        finally:
            partial.unlink(missing_ok=True)
    return Made(len(listed), tuple(left_out))


def _added(files: FileSet, head: Dataset) -> bool:
    for keyword, dummy in _DUMMIES.items():
        if not head.get(keyword):
            setattr(head, keyword, dummy)
    try:
        files.add(head)
    except Exception:  # noqa: BLE001  whatever it lacks: there is no record for it
        return False
    return True
