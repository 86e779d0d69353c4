"""Verify a folder of anonymized objects, one object at a time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.files import find_files
from greycloak.proof.verification import judge
from greycloak.proof.verification.checks import Forbidden, problems_of
from greycloak.proof.verification.claims import claim_of
from greycloak.proof.verification.findings import Finding, Verification
from greycloak.proof.verification.identifiers import still_secret
from greycloak.proof.verification.objects import Read, UnreadableError, read_object
from greycloak.proof.verification.originals import PATIENT_ID, SERIES, SOP_CLASS, Matcher, Original, Originals
from greycloak.proof.verification.people import People
from greycloak.proof.verification.survivors import Searcher
from greycloak.standard.dictionary import tag_for_keyword
from greycloak.standard.private import safe_private
from greycloak.standard.uids import MEDIA_STORAGE_DIRECTORY, name_of_uid
from greycloak.text.identifiers import Identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from pathlib import Path

    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.crosswalk import Crosswalk
    from greycloak.proof.verification.originals import DeriveUid
    from greycloak.standard.private import PrivateName

_MAX_SEARCHERS = 64


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known beside the files.

    Attributes
    ----------
    crosswalk : Crosswalk or None
        Who is behind each pseudonym.
    derive_uid : callable or None
        Returns the new UID that Greycloak's project gives to an original one, of a patient.
    second_opinion : bool
        Whether dciodvfy is asked, if it is installed: for the first object of every series.
    safe_private : container of PrivateName
        Private attributes that are known to be safe; by default those of PS3.15 Table E.3.10-1.
    """

    crosswalk: Crosswalk | None = None
    derive_uid: DeriveUid | None = None
    second_opinion: bool = True
    safe_private: Container[PrivateName] = field(default_factory=safe_private)


def verify(
    anonymized: Path,
    originals: Path | None = None,
    knowledge: Knowledge | None = None,
    on_progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Verification:
    """Verify anonymized objects.

    Parameters
    ----------
    anonymized : Path
        A file, or a folder of them.
    originals : Path, optional
        What they were made from.
    knowledge : Knowledge, optional
        What is known beside them.
    on_progress : callable
        Is told what is read, how many files are done, and how many there are.
    """
    known = _read_originals(originals, on_progress) if originals else None
    run = _Run(anonymized, known, knowledge or Knowledge())
    files = list(find_files(anonymized))
    for number, path in enumerate(files):
        run.look_at(number, path)
        on_progress("anonymized", number + 1, len(files))
    return run.result()


def _read_originals(folder: Path, on_progress: Callable[[str, int, int], None]) -> Originals:
    found = Originals()
    files = list(find_files(folder))
    for number, path in enumerate(files, start=1):
        try:
            read = read_object(path)
        except UnreadableError:
            continue  # nothing was made from it, or what was made will be an extra object
        if read.top.get(SOP_CLASS) is not None:
            found.add(read)
        on_progress("originals", number, len(files))
    return found


@dataclass
class _Run:
    """A verification under way."""

    root: Path
    known: Originals | None
    knowledge: Knowledge
    findings: list[Finding] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    matched: int = 0
    ignored: dict[object, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        crosswalk = self.knowledge.crosswalk
        patient_of: Callable[[str], str | None] = crosswalk.original_ids.get if crosswalk else lambda _: None
        self._matcher = Matcher(self.known.all if self.known else [], self.knowledge.derive_uid, patient_of)
        self._people = People()
        self._judged: set[tuple[str, str]] = set()
        self._judge = judge.program() if self.known and self.knowledge.second_opinion else None
        self._searcher = lru_cache(_MAX_SEARCHERS)(self._make_searcher)

    def look_at(self, number: int, path: Path) -> None:
        """Check one file."""
        name = path.name if path == self.root else path.relative_to(self.root).as_posix()
        try:
            read = read_object(path)
        except UnreadableError as error:
            # Its name was not searched for identities, for there may be no telling whose they are.
            self.names.append(f"file {number + 1}")
            self.findings.append(Finding("unreadable", str(error), number, "", "", name))
            return
        original, is_sure = self._original_of(read)
        before = _read_again(original) if original else None
        claim = claim_of(read)
        searchers = (self._searcher(patient, claim) for patient in self._patients(read, original, is_sure=is_sure))
        uids = self.known.uids if self.known else set()
        forbidden = Forbidden(tuple(searchers), uids, self.knowledge.safe_private)
        found = list(problems_of(number, name, read, before if is_sure else None, claim, forbidden))
        self.names.append(_shown_name(number, name, path, found))
        self.findings.extend(found)
        self._compare(number, read, original, is_sure=is_sure)

    def _original_of(self, read: Read) -> tuple[Original | None, bool]:
        if self.known is None or read.top.get(SOP_CLASS, read.top.get(0x00020002)) == MEDIA_STORAGE_DIRECTORY:
            return None, False
        return self._matcher.original_of(read)

    def _patients(self, read: Read, original: Original | None, *, is_sure: bool) -> list[object]:
        """Return whose identifiers to look for: its own patient's, or everybody's if that is not known."""
        crosswalk = self.knowledge.crosswalk
        pseudonym = read.top.get(PATIENT_ID, "").strip()
        listed: list[object] = [pseudonym] if crosswalk and pseudonym in crosswalk.people else []
        if self.known is None:
            return listed or list(crosswalk.people if crosswalk else ())
        if original is not None and is_sure:
            return [original.patient, *listed]
        return [*self.known.identifiers, *listed]

    def _make_searcher(self, patient: object, claim: Claim) -> Searcher:
        identifiers: frozenset[Identifier]
        if isinstance(patient, str):
            assert self.knowledge.crosswalk is not None
            identifiers = frozenset(map(_of_column, self.knowledge.crosswalk.people[patient]))
        else:
            assert self.known is not None
            identifiers = frozenset(self.known.identifiers[patient])  # type: ignore[index]
        searcher = Searcher(still_secret(identifiers, claim))
        self.ignored[patient] = searcher.ignored
        return searcher

    def _compare(self, number: int, read: Read, original: Original | None, *, is_sure: bool) -> None:
        if self.known is None:
            return
        if original is None:
            sop_class = read.top.get(SOP_CLASS, "")
            self.findings.append(Finding("object", f"has no original: {name_of_uid(sop_class) or 'unknown'}", number))
            return
        self.matched += 1
        if is_sure:
            self._people.note(number, original, read)
        series = (read.top.get(SERIES, ""), read.top.get(SOP_CLASS, ""))
        if self._judge and series not in self._judged:
            self._judged.add(series)
            for said in judge.new_errors(original.path, read.path, self._judge):
                self.findings.append(Finding("iod", f"{judge.NAME}: {said}", number))

    def result(self) -> Verification:
        """Return what was found."""
        if self.known is not None:
            self.findings.extend(self._people.findings())
            for original in self._matcher.without_output(self.known.all):
                said = f"an original has no output: {name_of_uid(original.key.likeness[0]) or 'unknown'}"
                self.findings.append(Finding("object", said, -1, value=str(original.path)))
        return Verification(
            tuple(self.findings),
            tuple(self.names),
            len(self.known.all) if self.known else None,
            self.matched,
            sum(self.ignored.values()),
            (judge.NAME,) if self._judge else (),
        )


def _read_again(original: Original) -> Read | None:
    try:
        return read_object(original.path)
    except UnreadableError:
        return None


def _shown_name(number: int, name: str, path: Path, found: list[Finding]) -> str:
    """Return what an object is called in a report: not by its name, if that names somebody."""
    if not any(finding.attribute == "file name" for finding in found):
        return name
    return f"file {number + 1} ({hashlib.sha256(path.read_bytes()).hexdigest()[:12]})"


def _of_column(known: tuple[str, str]) -> Identifier:
    column, value = known
    keyword = {"patient_id": "PatientID", "issuer": "IssuerOfPatientID", "study_uid": "StudyInstanceUID"}.get(column)
    kind = "name" if "name" in column else "date" if "date" in column else "id"
    return Identifier(kind, value, tag_for_keyword(keyword) or 0 if keyword else 0)
