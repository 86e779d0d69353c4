"""Who is who: look up both ways, list, import and export, merge and forget. Everything here is noted in the audit."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from greycloak.outcomes import Refused
from greycloak.pseudonyms.derive import UUID_ROOT
from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.given_lists import IMPORT_COLUMNS, read_given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

    import sqlalchemy as sa

    from greycloak.pseudonyms.identity import Identity
    from greycloak.pseudonyms.project import Project
    from greycloak.pseudonyms.sealed_records import SealedSubject

CROSSWALK_COLUMNS = ("pseudonym", "number", "patient_id", "issuer", "study_uid", "merged_into")


class Found(NamedTuple):
    """A subject and who it is.

    Attributes
    ----------
    pseudonym : str
        Its pseudonym.
    number : int
        Its number in the project.
    patient_id, issuer : str
        Its identity.
    study_uid : str
        Its identity, if it has no Patient ID.
    merged_into : str
        The pseudonym of the subject that it was merged into, or empty.
    """

    pseudonym: str
    number: int
    patient_id: str
    issuer: str
    study_uid: str
    merged_into: str


class FoundUid(NamedTuple):
    """An original UID and the new one.

    Attributes
    ----------
    original, new : str
        The UIDs.
    pseudonym : str
        Of a study: its subject's pseudonym.
    """

    original: str
    new: str
    pseudonym: str = ""


@dataclass(frozen=True)
class Registry:
    """Looks up who is who in a project.

    Attributes
    ----------
    project : Project
        The project.
    """

    project: Project

    def find_originals(self, pseudonyms: Iterable[str]) -> list[Found]:
        """Return who is behind pseudonyms; those that the project does not have are left out."""
        asked = list(pseudonyms)
        records = self.project.records
        subjects = [one for text in asked if (one := records.sealed_subject(text))]
        # Whoever was merged into a subject bears its pseudonym, too.
        merged = [(other, one) for one in subjects for other in records.merged_into(one.id)]
        found = [self._found(one) for one in subjects]
        found += [self._found(other)._replace(merged_into=one.pseudonym) for other, one in merged]
        self._note("find", by="pseudonym", asked=len(asked), found=len(found))
        return found

    def find_pseudonyms(self, identities: Iterable[Identity]) -> list[Found]:
        """Return the subjects of identities; those that the project does not have are left out."""
        asked = list(identities)
        found = []
        for identity in asked:
            known = self.project.find(identity)
            if known is not None:
                found.append(Found(known.pseudonym, known.number, identity.patient_id, identity.issuer, "", ""))
        self._note("find", by="identity", asked=len(asked), found=len(found))
        return found

    def find_studies(self, uids: Iterable[str]) -> list[FoundUid]:
        """Return studies by their original or new Study Instance UIDs; those that are not known are left out."""
        asked = list(uids)
        root = self.project.terms().get("root", UUID_ROOT)
        found = list(dict.fromkeys(one for uid in asked for one in self._studies(uid, root)))
        self._note("find", by="study", asked=len(asked), found=len(found))
        return found

    def _studies(self, uid: str, root: str) -> Iterator[FoundUid]:
        """Yield what is known of a study: one for each subject under whose name something of it was emitted."""
        project = self.project
        by_original = project.records.studies_by_original(project.tokens.of_study(uid))
        if by_original:
            yield from (FoundUid(uid, uid if not one.sealed else one.new_uid, one.pseudonym) for one in by_original)
            return
        # Either it is a new one, or a Greycloak before schema 4 has recorded it.
        for new in (uid, project.derive_uid(uid, root)):
            known = project.records.sealed_study(new)
            if known is not None:
                yield FoundUid(project.vault.opened_uid(known[0], new), new, known[1])
                return

    def find_instances(
        self, new_uids: Iterable[str], candidates: Iterable[str], pseudonyms: Iterable[str] = ()
    ) -> list[FoundUid]:
        """Return the original instance UIDs of new ones, by recomputation.

        Parameters
        ----------
        new_uids : iterable of str
            New SOP Instance UIDs.
        candidates : iterable of str
            Original SOP Instance UIDs among which they are sought, as those of the original study.
        pseudonyms : iterable of str
            Whose they are; without any, every subject of the project is tried.
        """
        asked, originals = set(new_uids), list(candidates)
        project = self.project
        root = project.terms().get("root", UUID_ROOT)
        derived = ((uid, project.derive_uid(uid, root, key)) for key in self._uid_keys(pseudonyms) for uid in originals)
        found = [FoundUid(uid, new) for uid, new in derived if new in asked]
        self._note("find", by="instance", asked=len(asked), found=len(found))
        return found

    def _uid_keys(self, pseudonyms: Iterable[str]) -> set[bytes]:
        """Return the keys that the UIDs of some subjects, or of all, derive with."""
        project = self.project
        if project.derivation == 1:
            return {b""}
        named = [one for text in pseudonyms if (one := project.records.sealed_subject(text))]
        return {
            project.uid_key(project.vault.opened(one.sealed, one.look_up))
            for one in named or project.records.sealed_subjects()
        }

    def list_pseudonyms(self) -> Iterator[tuple[str, int]]:
        """Yield every pseudonym and its number; nobody's identity is opened."""
        for one in self.project.records.sealed_subjects():
            yield one.pseudonym, one.number

    def export(self, stream: TextIO) -> int:
        """Write the crosswalk, a line for each subject, as CSV; return how many."""
        writer = csv.writer(stream)
        writer.writerow(CROSSWALK_COLUMNS)
        return sum(1 for found in self.crosswalk() if writer.writerow(found))

    def crosswalk(self) -> Iterator[Found]:
        """Yield every subject and who it is."""
        self._note("export")  # before: an export that breaks off has shown something, too
        by_id = {one.id: one.pseudonym for one in self.project.records.sealed_subjects()}
        for one in self.project.records.sealed_subjects():
            yield self._found(one)._replace(merged_into=by_id.get(one.merged_into or 0, ""))

    def import_given(self, stream: TextIO) -> int:
        """Read given pseudonyms from CSV, all of them or none; return how many are new.

        Its first line names the columns: ``patient_id`` and ``pseudonym``, and if wanted ``issuer``, ``days`` (by how
        many days dates are shifted) and ``name`` (what Patient's Name becomes).

        Raises
        ------
        StoreError
            If a line cannot be used; the message has its number, and nothing of what stands there.
        """
        reader = csv.DictReader(stream)
        columns = set(reader.fieldnames or ())
        if not {"patient_id", "pseudonym"} <= columns or not columns <= set(IMPORT_COLUMNS):
            raise StoreError(f"the first line has to name columns, some of: {', '.join(IMPORT_COLUMNS)}")
        try:
            return self.record_given(reader)
        except csv.Error as error:
            raise StoreError(f"the file is no CSV: {error}; nothing was imported") from None

    def record_given(self, lines: Iterable[dict[str, str]]) -> int:
        """Record given pseudonyms, all of them or none; return how many are new.

        Parameters
        ----------
        lines : iterable of dict
            By column, as in a CSV file.

        Raises
        ------
        StoreError
            If a line cannot be used; the message has its number, and nothing of what stands there.
        """
        rows = read_given(lines)
        given = self.project.new_given
        ready = [(given(identity, pseudonym), name, days) for identity, pseudonym, name, days in rows]
        try:
            added = self.project.records.give(ready)
        except Refused as refusal:
            raise StoreError(
                f"{refusal.detail or 'a line'}: its subject has another pseudonym or issuer already, or the pseudonym "
                "belongs to somebody else; nothing was imported"
            ) from None
        self.project.forget_cache()
        self._note("import", lines=len(ready), added=added)
        return added

    def merge(self, pseudonym: str, into: str) -> None:
        """Let one subject be another from now on: whoever comes with the first identity gets the second's pseudonym.

        What was emitted before keeps the first one.

        Raises
        ------
        StoreError
            If there is no such subject.
        """
        one, other = self._existing(pseudonym), self._existing(into)
        if one.id == other.id:
            raise StoreError("a subject cannot be merged into itself")
        if other.merged_into is not None:
            raise StoreError("the subject to merge into was merged into another one itself")
        self.project.records.merge(one, other, self._noting("merge", pseudonym=pseudonym, into=into))
        self.project.forget_cache()

    def forget(self, pseudonym: str) -> None:
        """Erase a subject for good: its identity, its studies, and whoever was merged into it.

        Raises
        ------
        StoreError
            If there is no such subject.
        """
        one = self._existing(pseudonym)
        self.project.records.forget(one.id, self._noting("forget", pseudonym=pseudonym))
        self.project.forget_cache()

    def _existing(self, pseudonym: str) -> SealedSubject:
        found = self.project.records.sealed_subject(pseudonym)
        if found is None:
            raise StoreError(f"the project {self.project.name} has no subject with the pseudonym {pseudonym!r}")
        return found

    def _found(self, one: SealedSubject) -> Found:
        identity = self.project.vault.opened(one.sealed, one.look_up)
        return Found(one.pseudonym, one.number, identity.patient_id, identity.issuer, identity.study_uid, "")

    def _note(self, what: str, **facts: object) -> None:
        self.project.audit.record(self.project.caller, what, project=self.project.name, **facts)

    def _noting(self, what: str, **facts: object) -> Callable[[sa.Connection], None]:
        def note(connection: sa.Connection) -> None:
            self.project.audit.append(connection, self.project.caller, what, project=self.project.name, **facts)

        return note
