"""Recognize what Greycloak has made itself, by what is in it.

The list of outputs in the queue says it at once. This says it even when that list is older than the object: after a
power failure, or when a backup of the store has been brought back.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.pseudonyms import Project

_PATIENT_ID = 0x00100020
_METHOD = 0x00120063
_MARK = "Greycloak "
_HEADER_SIZE = 1 << 16


def is_own_output(source: bytes, project: Project) -> bool:
    """Tell whether an object bears Greycloak's mark and a pseudonym of the project.

    Anybody can write the mark; nobody without the key knows a pseudonym that the store has given.
    """
    if _MARK.encode() not in source[:_HEADER_SIZE]:
        return False
    from pydicom import dcmread  # noqa: PLC0415  rarely needed, and slow to load
    from pydicom.errors import InvalidDicomError  # noqa: PLC0415

    try:
        found = dcmread(BytesIO(source), stop_before_pixels=True, specific_tags=[_PATIENT_ID, _METHOD])
        method, pseudonym = str(found.get("DeidentificationMethod", "")), str(found.get("PatientID", ""))
    except (InvalidDicomError, ValueError, NotImplementedError, OSError):
        return False
    return method.startswith(_MARK) and project.original(pseudonym) is not None
