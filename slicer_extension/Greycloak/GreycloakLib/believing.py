"""What a server says of a file is believed only as far as it can be checked here."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from greycloak import Deidentified, Quarantined
from greycloak.profiles.id_schemes import PSEUDONYM
from greycloak.quiet import quiet
from greycloak.reasons import REASONS
from greycloak.stream import Malformed, Part10, read_part10, top_values
from greycloak.stream.repair import repair
from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.outcomes import Outcome

_UID = re.compile(r"(?=.{1,64}$)(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_PATIENT_NAME, _PATIENT_ID, _SOP_INSTANCE = 0x00100010, 0x00100020, 0x00080018
_SHORTEST = 4
_LONG_NUMBER = 6
_LONGEST_DETAIL = 200
_TEXTS = frozenset("AE LO LT PN SH ST UC UN UR UT".split())


def believed(said: dict[str, Any], file: bytes, original: bytes, *, keeps_uids: bool) -> Outcome:
    """Return what a server made of a file.

    Parameters
    ----------
    said : dict
        What it says: an outcome, or a reason for a quarantine.
    file : bytes
        The new file; empty with a reason.
    original : bytes
        What it was sent.
    keeps_uids : bool
        Whether its profile keeps UIDs.

    Raises
    ------
    ProblemError
        If it says something impossible, or the new file still names the patient.
    """
    if not file and "Skipped" in said:  # it is not known to be anything else here, so a person is to look
        return Quarantined("not-dicom")
    if not file:
        reason, detail = said.get("Reason"), said.get("Detail")
        if reason not in REASONS or not isinstance(detail, str):
            raise _not_believed()
        return Quarantined(reason, detail[:_LONGEST_DETAIL] if detail.isprintable() else "")
    texts = {name: said.get(name) for name in ("Pseudonym", "PatientID", "SOPClassUID", "Method")}
    uids = [said.get(name) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    lists = [said.get(name) for name in ("MethodCodes", "Notes")]
    if (
        not all(isinstance(text, str) for text in texts.values())
        or not PSEUDONYM.fullmatch(str(texts["Pseudonym"]))  # it names folders
        or not all(isinstance(uid, str) and _UID.fullmatch(uid) for uid in uids)
        or not all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists)
    ):
        raise _not_believed()
    _check(file, original, keeps_uids=keeps_uids)
    return Deidentified(
        parts=[file],
        pseudonym=said["Pseudonym"],
        patient_id=said["PatientID"],
        study_uid=said["StudyInstanceUID"],
        series_uid=said["SeriesInstanceUID"],
        sop_instance_uid=said["SOPInstanceUID"],
        sop_class_uid=said["SOPClassUID"],
        method=said["Method"],
        method_codes=tuple(said["MethodCodes"]),
        changes=[],
        notes=tuple(said["Notes"]),
    )


def _check(file: bytes, original: bytes, *, keeps_uids: bool) -> None:
    """See that a new file is another one: that neither name nor ID of the original stands before its pixels."""
    try:
        before, after = _original_identifiers(original), _identifiers(read_part10(file))
    except Malformed:
        raise _not_believed() from None
    secrets = {value for tag in (_PATIENT_NAME, _PATIENT_ID) if len(value := before.get(tag, b"")) >= _SHORTEST}
    same_uid = before.get(_SOP_INSTANCE) == after.get(_SOP_INSTANCE)
    if (same_uid and not keeps_uids) or any(_tells(text, secrets) for text in _texts(file)):
        raise ProblemError(_("That Orthanc has sent back an image that still tells who the patient is."))


def _tells(text: bytes, secrets: set[bytes]) -> bool:
    """Tell whether a text repeats a name or ID: a short number as a whole only, for numbers are everywhere."""
    parts = {part.strip(b"\0 ") for part in text.split(b"\\")}
    telling = {secret for secret in secrets if not secret.isdigit() or len(secret) >= _LONG_NUMBER}
    return not parts.isdisjoint(secrets) or any(secret in text for secret in telling)


def _texts(file: bytes) -> Iterator[bytes]:
    """Yield the raw values before the pixels that are texts, at any depth."""
    import pydicom  # noqa: PLC0415  slow to load

    with quiet():
        data_set = pydicom.dcmread(BytesIO(file), stop_before_pixels=True)
        for element in data_set.iterall():
            if element.VR in _TEXTS:
                value = element.value
                several = not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")
                for one in value if several and not hasattr(value, "components") else [value]:
                    yield one if isinstance(one, bytes) else str(one).encode("utf-8", "replace")


def _original_identifiers(data: bytes) -> dict[int, bytes]:
    """Read an original, which may need the same repair that Orthanc has given it."""
    try:
        return _identifiers(read_part10(data))
    except Malformed:
        return _identifiers(repair(data))


def _identifiers(part10: Part10) -> dict[int, bytes]:
    found = top_values(part10.data, part10.start, part10.encoding, {_PATIENT_NAME, _PATIENT_ID, _SOP_INSTANCE})
    return {tag: value.strip(b"\0 ") for tag, value in found.items()}


def _not_believed() -> ProblemError:
    return ProblemError(_("Orthanc answers with something that Greycloak does not understand."))
