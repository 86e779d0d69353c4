"""What a REST call may ask for, in Orthanc's words."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import Field, StrictBool, StrictInt, ValidationError

from greycloak_orthanc.config import ProfileName, ProjectName, Section, plain
from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.work.items import Order

if TYPE_CHECKING:
    from greycloak_orthanc.config import Settings

_MAX_SIZE = 1 << 16
_LEAST_OF_A_LINE = 30
_MAX_NESTING = 50
"""Orthanc's threads have small stacks, which deeply nested JSON would exhaust."""


Request = TypeVar("Request", bound=Section)


class AnonymizeRequest(Section):
    """The body of ``POST .../anonymize-greycloak``; everything may be left out.

    Attributes
    ----------
    profile, project : str or None
        Instead of the configured ones.
    keep_source : bool or None
        False deletes each original once its copy is stored.
    replace : bool
        Whether a twin that was made in another way, as under an earlier version of the profile, is replaced.
    force : bool
        Whether what Greycloak has made itself is anonymized once more.
    synchronous, asynchronous : bool or None
        Whether to wait for the result (the default) or to answer with a job.
    priority : int
        Higher comes first.
    permissive : bool
        Whether instances that are quarantined leave the job a success.
    """

    profile: ProfileName | None = None
    project: ProjectName | None = None
    keep_source: StrictBool | None = None
    replace: StrictBool = False
    force: StrictBool = False
    synchronous: StrictBool | None = None
    asynchronous: StrictBool | None = None
    priority: StrictInt = Field(default=0, ge=-1000, le=1000)
    permissive: StrictBool = False

    @property
    def waits(self) -> bool:
        """Whether the caller waits for the result."""
        if self.synchronous is not None:
            return self.synchronous
        return not self.asynchronous

    def order(self, settings: Settings, profile: str, project: str | None = None) -> Order:
        """Return what is to be done; what the request leaves open, the settings say, or who calls this."""
        return Order(
            profile=profile,
            project=self.project or project or settings.project,
            keep_source=settings.keep_source if self.keep_source is None else self.keep_source,
            replaces=self.replace,
            forced=self.force,
        )


class FindRequest(Section):
    """The body of ``POST .../pseudonyms/find``: one of the three lists.

    Attributes
    ----------
    pseudonyms : tuple of str
        Find who is behind them.
    patient_ids : tuple of str
        Find their pseudonyms.
    issuer_of_patient_id : str
        Of all of these Patient IDs.
    study_instance_uids : tuple of str
        Find the original of new ones, and the new one of originals.
    """

    pseudonyms: tuple[str, ...] = ()
    patient_ids: tuple[str, ...] = Field(default=(), alias="PatientIDs")
    issuer_of_patient_id: str = Field(default="", alias="IssuerOfPatientID")
    study_instance_uids: tuple[str, ...] = Field(default=(), alias="StudyInstanceUIDs")


class KnownStudiesRequest(Section):
    """The body of ``POST /greycloak/projects/{project}/studies/known``."""

    study_instance_uids: tuple[str, ...] = Field(alias="StudyInstanceUIDs")


class GivenSubject(Section):
    """A line of the body of ``POST .../pseudonyms/import``."""

    patient_id: str = Field(alias="PatientID")
    pseudonym: str
    issuer_of_patient_id: str = Field(default="", alias="IssuerOfPatientID")
    days: StrictInt | None = None
    name: str = ""


class ImportRequest(Section):
    """The body of ``POST .../pseudonyms/import``."""

    subjects: tuple[GivenSubject, ...]


class MergeRequest(Section):
    """The body of ``POST .../pseudonyms/merge``."""

    pseudonym: str
    into: str


class ForgetRequest(Section):
    """The body of ``POST .../pseudonyms/forget``."""

    pseudonym: str


class EmptyRequest(Section):
    """A body that says nothing."""


def read_anonymize_request(body: bytes) -> AnonymizeRequest:
    """Validate the body of ``POST .../anonymize-greycloak``.

    Raises
    ------
    RestError
        400, saying what was expected.
    """
    request = read_request(body, AnonymizeRequest)
    if request.synchronous is not None and request.synchronous == request.asynchronous:
        raise RestError(HTTPStatus.BAD_REQUEST, "'Synchronous' and 'Asynchronous' contradict each other")
    return request


def read_request(body: bytes, kind: type[Request], *, max_size: int = _MAX_SIZE) -> Request:
    """Validate a body.

    Raises
    ------
    RestError
        400, saying what was expected.
    """
    nesting = _MAX_NESTING if max_size == _MAX_SIZE else max_size // _LEAST_OF_A_LINE
    if len(body) > max_size or body.count(b"[") + body.count(b"{") > nesting:
        raise RestError(HTTPStatus.BAD_REQUEST, "the body is larger than any that makes sense: expected {}")
    try:
        content: Any = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise RestError(HTTPStatus.BAD_REQUEST, "the body is no JSON: expected an object, as {}") from error
    if not isinstance(content, dict):
        raise RestError(HTTPStatus.BAD_REQUEST, "expected a JSON object, as {}")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise RestError(HTTPStatus.BAD_REQUEST, _plainly(error, kind)) from None


def _plainly(error: ValidationError, kind: type[Section]) -> str:
    known = ", ".join(str(field.alias) for field in kind.model_fields.values()) or "none"
    said = []
    for problem in error.errors():
        where = ".".join(map(str, problem["loc"]))
        expected = f"unknown option; known are {known}" if problem["type"] == "extra_forbidden" else plain(problem)
        said.append(f"{where}: {expected}")
    return "; ".join(said)
