"""The quarantine over REST: what did not go through, once for each original; try it again, or dismiss it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.offered import check_offered
from greycloak_orthanc.rest.refusals import refusal_view
from greycloak_orthanc.rest.requests import read_anonymize_request
from greycloak_orthanc.work.items import NewJob
from greycloak_orthanc.work.loopback import LoopbackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak_orthanc.config import Settings
    from greycloak_orthanc.work.loopback import Loopback
    from greycloak_orthanc.work.queue import Queue


@dataclass(frozen=True)
class QuarantineRoutes:
    """Serves ``/greycloak/quarantine`` and what is below.

    Attributes
    ----------
    settings : Settings
        What is used unless a call says otherwise.
    queue : Queue
        Where the entries are.
    loopback : callable
        Returns how Orthanc is reached, once it runs.
    """

    settings: Settings
    queue: Queue
    loopback: Callable[[], Loopback | None]

    def show_all(self, _request: dict[str, Any]) -> list[dict[str, Any]]:
        """List what did not go through, the latest first; what is gone from Orthanc meanwhile leaves the list."""
        entries = self.queue.quarantine.entries()
        gone = self._gone({entry["instance"] for entry in entries})
        if gone:
            self.queue.quarantine.forget(gone)
        return [_view(entry) for entry in entries if entry["instance"] not in gone]

    def show(self, request: dict[str, Any]) -> dict[str, Any]:
        """Show an entry."""
        return _view(self._entry(request))

    def dismiss(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take an entry off the list; its original stays where it is."""
        self.queue.quarantine.dismiss(self._entry(request)["id"])
        return {}

    def retry(self, request: dict[str, Any]) -> dict[str, Any]:
        """Try an original once more, perhaps in another way; answer with the job."""
        entry = self._entry(request)
        asked = read_anonymize_request(request.get("body", b""))
        profile = check_offered(self.settings, asked.profile or entry["profile"])
        if self._gone({entry["instance"]}):
            self.queue.quarantine.forget([entry["instance"]])
            raise RestError(HTTPStatus.NOT_FOUND, "its original is not in this Orthanc any more")
        order = asked.order(self.settings, profile.name, entry["project"])
        new = NewJob("instances", entry["instance"], order, asked.permissive, asked.priority, profile.removes_identity)
        job = self.queue.submit(new, [entry["instance"]])
        return {"ID": job, "Path": f"/greycloak/jobs/{job}"}

    def _entry(self, request: dict[str, Any]) -> dict[str, Any]:
        found = self.queue.quarantine.entry(int(request["groups"][0]))
        if found is None:
            raise RestError(HTTPStatus.NOT_FOUND, "there is no such entry, or not any more")
        return found

    def _gone(self, instances: set[str]) -> set[str]:
        """Return those that Orthanc does not have any more, as far as it can be asked."""
        orthanc = self.loopback()
        if orthanc is None or not instances:
            return set()
        try:
            return instances - orthanc.there(instances)
        except LoopbackError:
            return set()


def _view(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "ID": str(entry["id"]),
        "Path": f"/greycloak/quarantine/{entry['id']}",
        **refusal_view(entry),
        "Profile": entry["profile"],
        "Project": entry["project"],
        "FirstSeen": _time(entry["first_seen"]),
        "LastSeen": _time(entry["last_seen"]),
        "Count": entry["count"],
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")
