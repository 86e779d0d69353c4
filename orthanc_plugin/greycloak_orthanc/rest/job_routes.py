"""Jobs over REST: list, show, cancel, try again."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.jobs import job_view

if TYPE_CHECKING:
    from greycloak_orthanc.work.queue import Queue


@dataclass(frozen=True)
class JobRoutes:
    """Serves ``/greycloak/jobs`` and what is below.

    Attributes
    ----------
    queue : Queue
        Where the jobs are.
    """

    queue: Queue

    def show_all(self, _request: dict[str, Any]) -> list[str]:
        """List jobs, newest first."""
        return self.queue.records.job_ids()

    def show(self, request: dict[str, Any]) -> dict[str, Any]:
        """Show a job."""
        view = job_view(self.queue.records, request["groups"][0])
        if view is None:
            raise RestError(HTTPStatus.NOT_FOUND, "there is no job of this identifier")
        return view

    def cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        """Cancel a job: what has been done stays."""
        view = self.show(request)
        if view["State"] in {"Pending", "Running"}:
            self.queue.cancel(view["ID"])
        return {}

    def resubmit(self, request: dict[str, Any]) -> dict[str, Any]:
        """Try once more what did not go through."""
        view = self.show(request)
        self.queue.resubmit(view["ID"])
        return {}
