"""Slicer's DICOM database, where copies become a patient and studies of their own.

Slicer tells patients apart by Patient ID and name, has one study of a UID, and silently replaces an image whose UID
comes again. A copy that shares any of these with somebody else would merge two patients, or take images from an
original.
"""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from greycloak.files import is_same_content
from GreycloakLib.i18n import _
from GreycloakLib.problems import CancelledError, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from GreycloakLib.anonymizers import Anonymizer
    from GreycloakLib.in_background import Background
    from GreycloakLib.outputs import Output
    from GreycloakLib.targets import OnDone, Steps

_PAUSE = 0.005
_LONGEST = 5000
"""Milliseconds that a window that goes away waits for Slicer."""


class Indexer(Protocol):
    """What is asked of a ``ctkDICOMIndexer``."""

    importing: bool
    backgroundImportEnabled: bool  # noqa: N815

    def addListOfFiles(self, database: Any, files: list[str], copy: bool) -> None:  # noqa: ANN401, FBT001, N802
        """Index files."""

    def cancel(self) -> None:
        """Stop soon."""

    def waitForImportFinished(self, milliseconds: int) -> None:  # noqa: N802
        """Wait."""


class DatabaseTarget:
    """Slicer's DICOM database.

    Parameters
    ----------
    database : ctkDICOMDatabase
        The open database.
    make_indexer : callable
        Returns a new ``ctkDICOMIndexer``.

    Attributes
    ----------
    new_series : list of str
        Series that this run has brought.
    """

    def __init__(self, database: Any, make_indexer: Callable[[], Indexer]) -> None:  # noqa: ANN401
        self.title = _("DICOM database")
        self._database = database
        self._make_indexer = make_indexer
        self._new: list[Output] = []
        self.new_series: list[str] = []

    def refuse_profile(self, anonymizer: Anonymizer) -> None:
        """Object to a profile that keeps UIDs."""
        if anonymizer.keeps_uids:
            raise ProblemError(
                _(
                    "This profile keeps UIDs. Slicer's database has one study of a UID, so the copies would take the "
                    "place of the originals. Choose a profile that replaces UIDs, or deliver to a folder."
                )
            )

    def check(self, outputs: Sequence[Output], anonymizer: Anonymizer, background: Background) -> Steps:
        """Object to whatever would mix patients up in the database."""
        if not self._database.isOpen:
            raise ProblemError(_("Slicer's DICOM database is not open: open the DICOM module once."))
        _check_that_studies_have_one_patient(outputs)
        _check_that_patients_have_one_name(outputs)
        yield from self._check_patients(outputs, anonymizer, background)
        yield from self._find_new(outputs, background)

    def _check_patients(self, outputs: Sequence[Output], anonymizer: Anonymizer, background: Background) -> Steps:
        """Object if the database has somebody else with the Patient ID of a copy."""
        ids = {output.patient_id for output in outputs}
        ours = {output.study_uid for output in outputs}
        for patient in self._database.patients():
            yield
            if self._database.fieldForPatient("PatientID", patient) not in ids:
                continue
            for study in self._database.studiesForPatient(patient):
                if study in ours:
                    continue
                if not (yield from background.do(anonymizer.has_study, study)):
                    raise ProblemError(
                        _(
                            "The database has a patient already whose Patient ID is the pseudonym of a copy, and who "
                            "is not of this project: Slicer would merge the two. Choose another project."
                        )
                    )

    def _find_new(self, outputs: Sequence[Output], background: Background) -> Steps:
        """Find what the database does not have yet; object to what it has with other content."""
        self._new = []
        for output in outputs:
            known = self._database.fileForInstance(output.sop_instance_uid)
            if not known or not Path(known).is_file():
                self._new.append(output)
            elif not (yield from background.do(is_same_content, Path(known), output.path)):
                raise ProblemError(
                    _(
                        "The database has an image of this project already that was anonymized in another way, perhaps "
                        "with another profile. Remove that patient from the database, or choose another project. "
                        "Nothing was delivered."
                    )
                )
            yield

    def deliver(self, outputs: Sequence[Output], background: Background, on_done: OnDone) -> Steps:
        """Let Slicer's indexer copy the files, in a thread of its own; then see that all have arrived."""
        del background
        there = set()
        for series in {output.series_uid for output in self._new}:
            if self._database.instancesForSeries(series, 1):
                there.add(series)
        self.new_series = list(dict.fromkeys(one.series_uid for one in self._new if one.series_uid not in there))
        yield from self._index([str(output.path) for output in self._new])
        on_done(len(outputs) - len(self._new))
        arrived = yield from self._arrived()
        on_done(len(outputs) - len(self._new) + arrived)
        if arrived < len(self._new):
            raise ProblemError(
                _("Slicer's database has taken {arrived} of {count} files: see Slicer's log.").format(
                    arrived=arrived, count=len(self._new)
                )
            )

    def _index(self, files: list[str]) -> Steps:
        if not files:
            return
        indexer = self._make_indexer()
        indexer.backgroundImportEnabled = True
        indexer.addListOfFiles(self._database, files, True)
        try:
            while indexer.importing:
                time.sleep(_PAUSE)
                yield
        except CancelledError:
            indexer.cancel()
            while indexer.importing:  # what it still adds is taken back afterwards
                yield
            raise
        except GeneratorExit:  # nobody asks for more steps: wait here
            indexer.cancel()
            indexer.waitForImportFinished(_LONGEST)
            raise

    def _arrived(self) -> Generator[None, None, int]:
        wanted: dict[str, set[str]] = defaultdict(set)
        for output in self._new:
            wanted[output.series_uid].add(output.sop_instance_uid)
        count = 0
        for series, instances in wanted.items():
            count += len(instances & set(self._database.instancesForSeries(series)))
            yield
        return count

    def undo(self, background: Background) -> Steps:
        """Remove the series that were not there before, with Slicer's copies of their files.

        Raises
        ------
        ProblemError
            If some stay: Slicer removes no single image from a series that was there, and nothing if it is closed.
        """
        del background
        for series in self.new_series:
            self._database.removeSeries(series, True)  # with its cached tags
            yield
        self.new_series = []
        if not self._database.isOpen or (yield from self._arrived()):
            raise ProblemError(_("Some of the copies stay in the DICOM database."))

    def release(self) -> None:
        """Hold nothing."""


def _check_that_studies_have_one_patient(outputs: Sequence[Output]) -> None:
    if not _is_unique((output.study_uid, output.pseudonym) for output in outputs):
        raise ProblemError(
            _(
                "A study has images of more than one patient. Slicer's database would give all of them to one: sort "
                "that out first, or deliver to a folder."
            )
        )


def _check_that_patients_have_one_name(outputs: Sequence[Output]) -> None:
    if not _is_unique((output.patient_id, output.patient_name) for output in outputs):
        raise ProblemError(
            _(
                "With this profile, a patient would have several names: Slicer's database would make several patients "
                "of one. Choose a profile that writes the pseudonym into Patient's Name, or deliver to a folder."
            )
        )


def _is_unique(pairs: Iterable[tuple[str, str]]) -> bool:
    """Tell whether the first always goes with the same second."""
    known: dict[str, str] = {}
    return all(known.setdefault(one, other) == other for one, other in pairs)
