"""Anonymize a patient, study, series or instance of this Orthanc."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.jobs import LEVELS, job_view
from greycloak_orthanc.rest.offered import check_offered
from greycloak_orthanc.rest.requests import read_anonymize_request
from greycloak_orthanc.work.items import NewJob

if TYPE_CHECKING:
    from greycloak_orthanc.config import Settings
    from greycloak_orthanc.rest.waiting import Waiting
    from greycloak_orthanc.work.queue import Queue

_CHILDREN = {"patients": ("studies", "Studies"), "studies": ("series", "Series"), "series": ("instances", "Instances")}


@dataclass(frozen=True)
class Anonymize:
    """Serves ``POST /{level}/{id}/anonymize-greycloak``.

    Attributes
    ----------
    orthanc : module
        Orthanc's plugin API.
    settings : Settings
        What is used unless a call says otherwise.
    queue : Queue
        Who does it.
    waiting : Waiting
        Places for callers who wait.
    """

    orthanc: Any
    settings: Settings
    queue: Queue
    waiting: Waiting

    def serve(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer with the result, or with the job."""
        level, resource = request["groups"]
        asked = read_anonymize_request(request.get("body", b""))
        profile = check_offered(self.settings, asked.profile)
        instances = self._instances_of(level, resource)
        order = asked.order(self.settings, profile.name)
        new = NewJob(level, resource, order, asked.permissive, asked.priority, profile.removes_identity)
        if not asked.waits:
            job = self.queue.submit(new, instances)
            return {"ID": job, "Path": f"/greycloak/jobs/{job}"}
        with self.waiting.place():
            job = self.queue.submit(new, instances)
            self.waiting.wait_for(job)
        view = job_view(self.queue.records, job)
        assert view is not None
        if view["State"] != "Success":
            raise RestError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{view['ErrorDescription']}; what could be anonymized has been stored",
                content={"Job": f"/greycloak/jobs/{job}", **view["Content"]},
            )
        content: dict[str, Any] = view["Content"]
        return content

    def _instances_of(self, level: str, resource: str) -> list[str]:
        """Return all instances below a resource; reading Orthanc's index from a route blocks nobody."""
        if level == "instances":
            self._look_up(level, resource)
            return [resource]
        children, name = _CHILDREN[level]
        found = json.loads(self._look_up(level, resource))[name]
        return found if children == "instances" else [i for child in found for i in self._instances_of(children, child)]

    def _look_up(self, level: str, resource: str) -> bytes:
        try:
            found: bytes = self.orthanc.RestApiGet(f"/{level}/{resource}")
        except self.orthanc.OrthancException as error:
            raise RestError(HTTPStatus.NOT_FOUND, f"there is no {LEVELS[level].lower()} of this identifier") from error
        return found
