"""What is to be anonymized: a selection of Slicer's DICOM database, or a folder."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

_PATIENT_ID = "0010,0020"
_FILES_PER_STEP = 200


class Database(Protocol):
    """What is asked of a ``ctkDICOMDatabase``; lists come as tuples, and patients are row numbers as text."""

    def studiesForPatient(self, patient: str) -> Sequence[str]: ...  # noqa: N802, D102
    def seriesForStudy(self, study: str) -> Sequence[str]: ...  # noqa: N802, D102
    def studyForSeries(self, series: str) -> str: ...  # noqa: N802, D102
    def patientForStudy(self, study: str) -> str: ...  # noqa: N802, D102
    def instancesForSeries(self, series: str) -> Sequence[str]: ...  # noqa: N802, D102
    def filesForSeries(self, series: str) -> Sequence[str]: ...  # noqa: N802, D102
    def instanceValue(self, instance: str, tag: str) -> str: ...  # noqa: N802, D102


@dataclass(frozen=True, slots=True)
class Selection:
    """Files, and what they are.

    Attributes
    ----------
    files : tuple of Path
        What is on this machine.
    patients, studies, series : int
        How many there are; None in a folder, which nobody has read yet.
    series_without_files : int
        Series that are known, but of which nothing or not all is on this machine; what is missing is left out.
    mixed_studies : int
        Studies whose series name different patients.
    """

    files: tuple[Path, ...] = field(default=(), repr=False)
    patients: int | None = 0
    studies: int | None = 0
    series: int | None = 0
    series_without_files: int = 0
    mixed_studies: int = 0


def series_of(database: Database, patients: Iterable[str] = (), studies: Iterable[str] = ()) -> list[str]:
    """Return all series of patients and studies."""
    wanted = [*studies, *(study for patient in patients for study in database.studiesForPatient(patient))]
    return [one for study in dict.fromkeys(wanted) for one in database.seriesForStudy(study)]


def select_series(database: Database, series: Iterable[str]) -> Generator[None, None, Selection]:
    """Look series up; a step for each, so that a long selection holds up nobody."""
    files: list[Path] = []
    studies: dict[str, set[str]] = defaultdict(set)
    patients: set[str] = set()
    chosen = list(dict.fromkeys(series))
    incomplete = 0
    for one in chosen:
        instances = database.instancesForSeries(one)
        local = []
        for number, name in enumerate(database.filesForSeries(one)):
            if name and Path(name).is_file():  # of an image that is elsewhere, Slicer gives the database's folder
                local.append(Path(name))
            if number % _FILES_PER_STEP == _FILES_PER_STEP - 1:
                yield
        study = database.studyForSeries(one)
        patients.add(database.patientForStudy(study))
        if local:
            studies[study].add(database.instanceValue(instances[0], _PATIENT_ID) if instances else "")
        else:
            studies[study].update()
        incomplete += len(local) < max(len(instances), 1)
        files += local
        yield
    mixed = sum(len(ids) > 1 for ids in studies.values())
    return Selection(tuple(files), len(patients), len(studies), len(chosen), incomplete, mixed)


def select_folder(folder: Path) -> Generator[None, None, Selection]:
    """Find all files below a folder; a step for some hundreds."""
    from greycloak.files import find_files  # noqa: PLC0415

    files: list[Path] = []
    for path in find_files(folder):
        if _is_visible(path):
            files.append(path)
        if len(files) % _FILES_PER_STEP == 0:
            yield
    return Selection(tuple(files), None, None, None)


def _is_visible(path: Path) -> bool:
    """Tell whether a file is somebody's, not the operating system's."""
    return not path.name.startswith(".") and path.name != "Thumbs.db"


def instance_for_preview(selection: Selection) -> Path | None:
    """Return the file that stands for a selection: the one in the middle."""
    return selection.files[len(selection.files) // 2] if selection.files else None
