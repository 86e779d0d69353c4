"""What is recorded, and what is going to be: subjects, and new UIDs with their originals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pseudonyms.owners import StudyRule


class RecordedSubject(NamedTuple):
    """A subject as the store knows it.

    Attributes
    ----------
    id : int
        Its number in the store.
    pseudonym : str
        Its pseudonym.
    number : int
        Its number in the project, from 1.
    given_name : str or None
        The name that a list of given pseudonyms gives it.
    given_days : int or None
        By how many days such a list shifts its dates.
    name_token, birth_token, issuer_token : bytes
        Keyed hashes of the name, birth date and issuer that came first; empty where there was none.
    merged_look_up, merged_sealed : bytes
        If the identity was merged into this subject: the subject's own identity.
    """

    id: int
    pseudonym: str
    number: int
    given_name: str | None
    given_days: int | None
    name_token: bytes
    birth_token: bytes
    issuer_token: bytes
    merged_look_up: bytes
    merged_sealed: bytes


class SealedUid(NamedTuple):
    """A new UID, and the original that it stands for, sealed; of a study, its keyed hash as well."""

    new: str
    sealed: bytes
    original: bytes = b""


class Emitted(NamedTuple):
    """Of what something is going to be emitted.

    Attributes
    ----------
    study, series : SealedUid
        Their UIDs.
    rule : StudyRule
        What to do if the study is known with another subject.
    """

    study: SealedUid
    series: SealedUid
    rule: StudyRule


@dataclass(frozen=True)
class NewSubject:
    """A subject that may be new.

    Attributes
    ----------
    look_up : bytes
        Keyed hash of its identity.
    sealed : bytes
        Its identity.
    give : callable
        Returns its pseudonym for its number in the project.
    name_token, birth_token, issuer_token : bytes
        Keyed hashes of its name and birth date, and of its issuer, if that tells no subjects apart.
    """

    look_up: bytes = field(repr=False)
    sealed: bytes = field(repr=False)
    give: Callable[[int], str]
    name_token: bytes = b""
    birth_token: bytes = b""
    issuer_token: bytes = b""
