"""Who is who, over REST: for the users whom the configuration names, and noted in the audit. Bodies only.

Identities never stand in a URL, where proxies and logs would keep them.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak.pseudonyms import Caller, Identity, Registry, StoreError
from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.callers import user_of
from greycloak_orthanc.rest.requests import (
    EmptyRequest,
    FindRequest,
    ForgetRequest,
    ImportRequest,
    MergeRequest,
    read_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pseudonyms import Installation
    from greycloak.pseudonyms.registry import Found
    from greycloak_orthanc.config import Settings

_MAX_SIZE = 1 << 24
_EVERYBODY = "*"


@dataclass(frozen=True)
class LookUp:
    """Answers who is who.

    Attributes
    ----------
    settings : Settings
        Names the users who may ask.
    installation : Installation
        Key and store.
    """

    settings: Settings
    installation: Installation

    def serve(self, request: dict[str, Any]) -> Any:
        """Answer ``POST /greycloak/projects/{project}/pseudonyms/{action}``.

        Raises
        ------
        RestError
            403 if the user may not ask, 404 if there is no such project, 400 if the body is not as expected.
        """
        project, action = request["groups"]
        user = self._user(request["headers"])
        answers: dict[str, Callable[[Registry, bytes], Any]] = {
            "find": _find,
            "list": _list,
            "export": _export,
            "import": _import,
            "merge": _merge,
            "forget": _forget,
        }
        if action != "import" and project not in self.installation.store.project_names():
            raise RestError(HTTPStatus.NOT_FOUND, "there is no such project")
        registry = Registry(self.installation.seen_by(Caller(user, "orthanc")).project(project))
        return answers[action](registry, request.get("body", b""))

    def _user(self, headers: dict[str, str]) -> str:
        """Return the user who asks, if that is one who may; Orthanc itself has checked the password."""
        allowed = self.settings.look_up
        user = user_of(headers.get("authorization", ""))
        if _EVERYBODY in allowed or (user and user in allowed):
            return user or "somebody"
        raise RestError(
            HTTPStatus.FORBIDDEN,
            "this user may not look up who is who: the setting 'LookUp' of Greycloak names those who may",
        )


def _subject(found: Found) -> dict[str, Any]:
    return {
        "Pseudonym": found.pseudonym,
        "Number": found.number,
        "PatientID": found.patient_id,
        "IssuerOfPatientID": found.issuer,
        "StudyInstanceUID": found.study_uid,
    }


def _find(registry: Registry, body: bytes) -> list[dict[str, Any]]:
    asked = read_request(body, FindRequest, max_size=_MAX_SIZE)
    if sum(map(bool, (asked.pseudonyms, asked.patient_ids, asked.study_instance_uids))) != 1:
        raise RestError(HTTPStatus.BAD_REQUEST, "expected one of Pseudonyms, PatientIDs, StudyInstanceUIDs")
    if asked.study_instance_uids:
        return [
            {"Original": found.original, "New": found.new, "Pseudonym": found.pseudonym}
            for found in registry.find_studies(asked.study_instance_uids)
        ]
    if asked.pseudonyms:
        return [_subject(found) for found in registry.find_originals(asked.pseudonyms)]
    identities = [Identity.of_text(one, asked.issuer_of_patient_id) for one in asked.patient_ids]
    return [_subject(found) for found in registry.find_pseudonyms(identities)]


def _list(registry: Registry, body: bytes) -> list[dict[str, Any]]:
    read_request(body, EmptyRequest)
    return [{"Pseudonym": pseudonym, "Number": number} for pseudonym, number in registry.list_pseudonyms()]


def _export(registry: Registry, body: bytes) -> list[dict[str, Any]]:
    read_request(body, EmptyRequest)
    return [_subject(found) | {"MergedInto": found.merged_into} for found in registry.crosswalk()]


def _import(registry: Registry, body: bytes) -> dict[str, Any]:
    asked = read_request(body, ImportRequest, max_size=_MAX_SIZE)
    rows = [
        {
            "patient_id": one.patient_id,
            "pseudonym": one.pseudonym,
            "issuer": one.issuer_of_patient_id,
            "days": "" if one.days is None else str(one.days),
            "name": one.name,
        }
        for one in asked.subjects
    ]
    return {"Added": _done(lambda: registry.record_given(rows))}


def _merge(registry: Registry, body: bytes) -> dict[str, Any]:
    asked = read_request(body, MergeRequest)
    _done(lambda: registry.merge(asked.pseudonym, asked.into))
    return {}


def _forget(registry: Registry, body: bytes) -> dict[str, Any]:
    asked = read_request(body, ForgetRequest)
    _done(lambda: registry.forget(asked.pseudonym))
    return {}


def _done(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except StoreError as error:
        raise RestError(HTTPStatus.BAD_REQUEST, str(error)) from None
