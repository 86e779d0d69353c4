"""Whether who was one is still one, and who were two still two: patients, studies and series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.proof.verification.findings import Finding
from greycloak.proof.verification.originals import ISSUER, PATIENT_ID, SERIES, STUDY

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from greycloak.proof.verification.objects import Read
    from greycloak.proof.verification.originals import Original

_LEVELS = ("patient", "study", "series")
_PLURAL = {"patient": "patients", "study": "studies", "series": "series"}
_ATTRIBUTES = {"patient": "PatientID", "study": "StudyInstanceUID", "series": "SeriesInstanceUID"}


class People:
    """Remembers which original patient, study and series became which."""

    def __init__(self) -> None:
        self._new: dict[tuple[str, Hashable], dict[Hashable, int]] = {}
        self._old: dict[tuple[str, Hashable], dict[Hashable, int]] = {}

    def note(self, number: int, original: Original, read: Read) -> None:
        """Note what an original became."""
        top = read.top
        before: dict[str, Hashable] = {"patient": original.patient, "study": original.study, "series": original.series}
        after: dict[str, Hashable] = {
            "patient": (top.get(ISSUER, "").strip(), top.get(PATIENT_ID, "").strip()),
            "study": top.get(STUDY, "").strip(),
            "series": top.get(SERIES, "").strip(),
        }
        if not top.get(PATIENT_ID, "").strip():
            after["patient"] = ("", "", after["study"])  # as for originals: without Patient ID, one for each study
        for level in _LEVELS:
            self._new.setdefault((level, before[level]), {}).setdefault(after[level], number)
            self._old.setdefault((level, after[level]), {}).setdefault(before[level], number)

    def findings(self) -> Iterator[Finding]:
        """Yield what was mixed up."""
        for told, what in ((self._old, "{many} became one {one}"), (self._new, "one {one} became {many}")):
            for (level, _), others in told.items():
                if len(others) > 1:
                    said = what.format(one=level, many=f"{len(others)} {_PLURAL[level]}")
                    yield Finding("patient", said, max(others.values()), _ATTRIBUTES[level])
