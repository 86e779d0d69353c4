"""A project away from its store: a worker that shares nothing but the key gives what the project would give.

Whatever derives from the key needs no store: UIDs, shifts, hashes and pseudonyms are the same everywhere. What would
be recorded is kept, sealed with the project's key, and recorded when the worker's manifest is merged.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from greycloak.pseudonyms.errors import StoreError
from greycloak.pseudonyms.identity import Demographics, Identity
from greycloak.pseudonyms.project import Project
from greycloak.pseudonyms.seal import seal, unseal
from greycloak.pseudonyms.store import ProjectRow

if TYPE_CHECKING:
    from greycloak.pseudonyms.audit import Caller
    from greycloak.pseudonyms.keys import InstallationKey
    from greycloak.pseudonyms.store import Store
    from greycloak.pseudonyms.subject import Subject

_PURPOSE = b"greycloak admission 1 "


@dataclass(frozen=True)
class ProjectFacts:
    """What a project derives from beside the key; nothing of it is secret.

    Attributes
    ----------
    created : float
        When it was made (Unix time).
    derived_with, sealed_with : int
        The versions of the key that its derivations and its sealed records rest on.
    derivation : int
        How its UIDs derive.
    terms : dict
        What it has agreed on.
    """

    created: float
    derived_with: int
    sealed_with: int
    derivation: int
    terms: dict[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, store: Store, name: str) -> ProjectFacts:
        """Return those of a project of a store.

        Raises
        ------
        StoreError
            If it is not there.
        """
        row = store.find_project(name)
        if row is None:
            raise StoreError(f"there is no project {name!r}")
        return cls(row.created, row.derived_with, row.sealed_with, row.derivation, row.terms)

    def written(self) -> dict[str, Any]:
        """Return them for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Admission:
    """What a store has to record of an object's subject, study and series.

    Attributes
    ----------
    identity : Identity
        Whose object it is.
    study, series : (str, str)
        Their original and new UIDs.
    demographics : Demographics or None
        What else the object says of the patient.
    facts : dict
        What the audit says of a new study.
    """

    identity: Identity
    study: tuple[str, str]
    series: tuple[str, str]
    demographics: Demographics | None
    facts: dict[str, Any]

    def sealed(self, project: Project) -> str:
        """Return it for a manifest: only the project's key opens it."""
        other = None if self.demographics is None else [self.demographics.name, self.demographics.birth_date]
        content = [self.identity.serialized().decode("ascii"), self.study, self.series, other, self.facts]
        key, purpose = project.vault.keys.seal, _PURPOSE + project.name.encode()
        return base64.b85encode(seal(key, json.dumps(content).encode(), purpose)).decode("ascii")

    @classmethod
    def opened(cls, sealed: str, project: Project) -> Admission:
        """Open what `sealed` made.

        Raises
        ------
        StoreError
            If it was sealed for another project or with another key, or has been changed.
        """
        try:
            content = base64.b85decode(sealed)
        except ValueError:
            raise StoreError("a line of the manifest has been changed") from None
        opened = unseal(project.vault.keys.seal, content, _PURPOSE + project.name.encode())
        identity, study, series, other, facts = json.loads(opened)
        demographics = None if other is None else Demographics(*other)
        return cls(Identity.deserialized(identity.encode()), tuple(study), tuple(series), demographics, facts)


class Detached(Project):
    """A project whose store is elsewhere; its own, in memory, knows what this worker has seen.

    Parameters
    ----------
    facts : ProjectFacts
        What its store says of it.
    """

    def __init__(self, name: str, facts: ProjectFacts, key: InstallationKey, store: Store, caller: Caller) -> None:
        self._facts = facts
        self._news: list[Admission] = []
        self._told: set[tuple[Identity, tuple[str, str], tuple[str, str], Demographics | None]] = set()
        super().__init__(name, key, store, caller)

    def _open(self, version: int) -> ProjectRow:  # noqa: ARG002
        facts = self._facts
        row = ProjectRow(0, facts.created, facts.derived_with, facts.sealed_with, facts.derivation, facts.terms)
        return self._store.adopt_project(self.name, row)

    def admit(
        self,
        identity: Identity,
        study: tuple[str, str],
        series: tuple[str, str],
        demographics: Demographics | None = None,
        *,
        strict: bool = False,
        **facts: Any,  # noqa: ANN401
    ) -> Subject:
        """Return the subject of an object, and keep what is new of it for the manifest."""
        subject = super().admit(identity, study, series, demographics, strict=strict, **facts)
        news = identity, study, series, demographics
        if news not in self._told:
            self._told.add(news)
            self._news.append(Admission(*news, facts))
        return subject

    def take_news(self) -> list[str]:
        """Return what has to be recorded since the last time, sealed."""
        news, self._news = self._news, []
        return [one.sealed(self) for one in news]


def record_admission(project: Project, admission: Admission) -> tuple[str, ...]:
    """Record what a detached worker has admitted; return in what it contradicts what came first.

    Raises
    ------
    StoreError
        If the store cannot be used now.
    Refused
        If it contradicts what the store knows.
    """
    one = admission
    return project.admit(one.identity, one.study, one.series, one.demographics, **one.facts).notes
