"""Orthanc's identifiers: SHA-1 over DICOM identifiers, so that they are known before anything is stored."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak import Deidentified


def orthanc_id(*identifiers: str) -> str:
    """Return the identifier of a patient (1 part), study (2), series (3) or instance (4).

    See "Orthanc identifiers" in the Orthanc Book.
    """
    digest = hashlib.sha1("|".join(identifiers).encode("utf-8"), usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def instance_id(outcome: Deidentified) -> str:
    """Return the identifier under which Orthanc will store an object."""
    return orthanc_id(outcome.patient_id, outcome.study_uid, outcome.series_uid, outcome.sop_instance_uid)
