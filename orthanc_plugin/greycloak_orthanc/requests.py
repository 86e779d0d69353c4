"""What a REST call may ask for, in Orthanc's words."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from pydantic import Field, StrictBool, StrictInt, ValidationError

from greycloak_orthanc.answers import RestError
from greycloak_orthanc.config import ProfileName, ProjectName, Section

_MAX_SIZE = 1 << 16
_MAX_NESTING = 50
"""Orthanc's threads have small stacks, which deeply nested JSON would exhaust."""


class AnonymizeRequest(Section):
    """The body of ``POST .../anonymize-greycloak``; everything may be left out.

    Attributes
    ----------
    profile, project : str or None
        Instead of the configured ones.
    keep_source : bool or None
        False deletes each original once its copy is stored.
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


def read_request(body: bytes) -> AnonymizeRequest:
    """Validate a body.

    Raises
    ------
    RestError
        400, saying what was expected.
    """
    if len(body) > _MAX_SIZE or body.count(b"[") + body.count(b"{") > _MAX_NESTING:
        raise RestError(HTTPStatus.BAD_REQUEST, "the body is larger than any that makes sense: expected {}")
    try:
        content: Any = json.loads(body) if body.strip() else {}
    except ValueError as error:
        raise RestError(HTTPStatus.BAD_REQUEST, "the body is no JSON: expected an object, as {}") from error
    if not isinstance(content, dict):
        raise RestError(HTTPStatus.BAD_REQUEST, "expected a JSON object, as {}")
    try:
        request = AnonymizeRequest.model_validate(content)
    except ValidationError as error:
        raise RestError(HTTPStatus.BAD_REQUEST, _plainly(error)) from None
    if request.synchronous is not None and request.synchronous == request.asynchronous:
        raise RestError(HTTPStatus.BAD_REQUEST, "'Synchronous' and 'Asynchronous' contradict each other")
    return request


def _plainly(error: ValidationError) -> str:
    known = ", ".join(str(field.alias) for field in AnonymizeRequest.model_fields.values())
    said = []
    for problem in error.errors():
        where = ".".join(map(str, problem["loc"]))
        expected = f"unknown option; known are {known}" if problem["type"] == "extra_forbidden" else problem["msg"]
        said.append(f"{where}: {expected}")
    return "; ".join(said)
