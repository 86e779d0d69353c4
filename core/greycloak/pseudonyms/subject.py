"""A person (or phantom, or animal) inside a project."""

from __future__ import annotations

from dataclasses import dataclass, field

from greycloak.outcomes import DOUBTS


@dataclass(frozen=True, slots=True)
class Subject:
    """A person (or phantom, or animal) inside a project.

    Attributes
    ----------
    pseudonym : str
        What stands for the identity, in Patient ID.
    number : int
        Which subject of the project it is, from 1 and without gaps.
    name : str
        What stands for the identity in Patient's Name.
    differs : bool
        Whether name or birth date are not those that came first with this identity: perhaps two patients.
    contradicts : bool
        Whether the study came first with another subject: perhaps one patient with two identities.
    """

    pseudonym: str
    number: int
    name: str
    differs: bool = field(default=False, compare=False)
    contradicts: bool = field(default=False, compare=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the report should say of it."""
        return tuple(note for note, holds in zip(DOUBTS, (self.differs, self.contradicts), strict=True) if holds)
