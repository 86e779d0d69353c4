"""Whose a study is: two subjects never share one output study unawares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from greycloak.outcomes import Refused
from greycloak.pseudonyms.tables import studies, subjects

if TYPE_CHECKING:
    from greycloak.pseudonyms.recorded import SealedUid

KEPT = "kept."
"""With what begins what stands in the store for a UID that was kept."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A subject under whose name something of a study was emitted.

    Attributes
    ----------
    subject : int
        Its number in the store; of one that was merged into another, that one's.
    look_up : bytes
        Keyed hash of the identity that the objects had.
    new_uid : str
        The new UID of the study.
    """

    subject: int
    look_up: bytes
    new_uid: str


def owners_of(connection: sa.Connection, project: int, study: SealedUid) -> list[Owner]:
    """Return the subjects of an original study, in the order in which they came.

    A study that a Greycloak before schema 4 has recorded is found by its new UID alone.
    """
    root = sa.func.coalesce(subjects.c.merged_into, subjects.c.id).label("root")
    same = sa.or_(studies.c.original == study.original, studies.c.new_uid == study.new)
    wanted = (
        sa.select(root, subjects.c.look_up, studies.c.new_uid)
        .join(subjects, subjects.c.id == studies.c.subject)
        .where(studies.c.project == project, same)
        .order_by(studies.c.id)
    )
    return [Owner(row.root, bytes(row.look_up), row.new_uid) for row in connection.execute(wanted)]


def _are_kept(one: str, other: str) -> bool:
    """Tell whether both stand for a UID that was kept: what stands for it changes when the key is rotated."""
    return one.startswith(KEPT) and other.startswith(KEPT)


@dataclass(frozen=True, slots=True)
class StudyRule:
    """What a project thinks of an object whose study is known with another subject.

    Attributes
    ----------
    has_patient_id : bool
        Whether the object has one.
    by_study : bytes
        Keyed hash of the identity that an object of this study without Patient ID has.
    keeps_apart : bool
        Whether the project derives study UIDs by subject (derivation version 2).
    strict : bool
        Whether any contradiction is refused.
    """

    has_patient_id: bool
    by_study: bytes
    keeps_apart: bool
    strict: bool

    def contradicts(self, owners: list[Owner], subject: int | None, new_uid: str) -> bool:
        """Tell whether the object's subject is another one than came first under its study.

        Parameters
        ----------
        owners : list of Owner
            Who is known under the study.
        subject : int or None
            The object's subject, if it is recorded already.
        new_uid : str
            The new UID of the study, as the store writes it.

        Raises
        ------
        Refused
            If the object must not be emitted.
        """
        others = [owner for owner in owners if owner.subject != subject]
        if not others:
            return False
        if not self.has_patient_id:
            raise Refused("patient-of-study-known")
        shared = [owner for owner in others if owner.new_uid == new_uid or _are_kept(owner.new_uid, new_uid)]
        # Projects of derivation version 1 go on as they did; but no patient joins a study that was taken for nobody's.
        if shared and (self.keeps_apart or any(owner.look_up == self.by_study for owner in shared)):
            raise Refused("study-of-two-subjects")
        contradicts = owners[0].subject != subject
        if contradicts and self.strict:
            raise Refused("study-of-two-subjects")
        return contradicts
