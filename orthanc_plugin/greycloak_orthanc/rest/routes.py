"""Which REST route is served by whom."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak import __version__
from greycloak.standard.confidentiality import EDITION
from greycloak_orthanc.health import health_view
from greycloak_orthanc.rest.anonymize import Anonymize
from greycloak_orthanc.rest.answers import RestError
from greycloak_orthanc.rest.callers import Callers
from greycloak_orthanc.rest.door import Door, Request
from greycloak_orthanc.rest.job_routes import JobRoutes
from greycloak_orthanc.rest.jobs import LEVELS
from greycloak_orthanc.rest.look_up import LookUp
from greycloak_orthanc.rest.offered import offered_profiles, profile_view
from greycloak_orthanc.rest.pages import serve_page, serve_statement
from greycloak_orthanc.rest.pass_through import PassThrough
from greycloak_orthanc.rest.previews import Previews
from greycloak_orthanc.rest.quarantine_routes import QuarantineRoutes
from greycloak_orthanc.rest.requests import KnownStudiesRequest, read_request
from greycloak_orthanc.rest.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak_orthanc.parts import Parts

PAGE = "greycloak/page/index.html"
"""Where the page is, seen from Orthanc's root."""

_IDENTIFIER = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"
_NUMBER = "[0-9]{1,18}"


class Routes:
    """Answers REST calls.

    Parameters
    ----------
    orthanc : module
        Orthanc's plugin API.
    parts : Parts
        The parts of the plugin.
    """

    def __init__(self, orthanc: Any, parts: Parts) -> None:
        self._orthanc = orthanc
        self._parts = parts
        settings, server, queue = parts.settings, parts.server, parts.queue
        self._door = Door(Callers(settings, server))
        waiting = Waiting(settings, server, queue, lambda: parts.supervisor)
        self._anonymize = Anonymize(orthanc, settings, queue, waiting)
        self._jobs = JobRoutes(queue)
        self._quarantine = QuarantineRoutes(settings, queue, lambda: parts.loopback)
        self._look_up = LookUp(settings, parts.installation)
        self.pass_through = PassThrough(settings, waiting, self._door)
        self._previews = Previews(settings, server, self.pass_through, self._door)

    def register(self) -> None:
        """Make the routes known to Orthanc."""
        routes: dict[str, dict[str, Callable[[Request], Any]]] = {
            rf"/({'|'.join(LEVELS)})/({_IDENTIFIER})/anonymize-greycloak": {"POST": self._anonymize.serve},
            r"/greycloak/jobs": {"GET": self._jobs.show_all},
            r"/greycloak/jobs/([^/]+)": {"GET": self._jobs.show},
            r"/greycloak/jobs/([^/]+)/cancel": {"POST": self._jobs.cancel},
            r"/greycloak/jobs/([^/]+)/resubmit": {"POST": self._jobs.resubmit},
            r"/greycloak/profiles": {"GET": self.list_profiles},
            r"/greycloak/projects": {"GET": self.list_projects},
            r"/greycloak/projects/([A-Za-z0-9_-]+)/pseudonyms/(find|list|export|import|merge|forget)": {
                "POST": self._look_up.serve
            },
            r"/greycloak/projects/([A-Za-z0-9_-]+)/studies/known": {"POST": self.known_studies},
            r"/greycloak/quarantine": {"GET": self._quarantine.show_all},
            rf"/greycloak/quarantine/({_NUMBER})": {"GET": self._quarantine.show, "DELETE": self._quarantine.dismiss},
            rf"/greycloak/quarantine/({_NUMBER})/retry": {"POST": self._quarantine.retry},
            r"/greycloak/status": {"GET": self.status},
            r"/greycloak/health": {"GET": self.health},
        }
        for pattern, methods in routes.items():
            self._orthanc.RegisterRestCallback(pattern, self._door.answering(methods))
        self._orthanc.RegisterRestCallback("/tools/anonymize-greycloak", self.pass_through.serve)
        self._orthanc.RegisterRestCallback("/greycloak/preview", self._previews.serve)
        self._orthanc.RegisterRestCallback(r"/greycloak/page/(.*)", serve_page)
        self._orthanc.RegisterRestCallback(r"/greycloak/profiles/([a-z0-9_-]+)/statement", serve_statement)
        self._orthanc.RegisterRestCallback(r"/greycloak", lambda output, _uri, **_: output.Redirect(PAGE))

    def list_profiles(self, _request: Request) -> list[dict[str, Any]]:
        """List the profiles that callers may ask for."""
        settings = self._parts.settings
        return [profile_view(settings, profile) for profile in offered_profiles(settings)]

    def list_projects(self, _request: Request) -> list[dict[str, Any]]:
        """List projects."""
        default = self._parts.settings.project
        names = {default, *self._parts.installation.store.project_names()}
        return [{"Name": name, "IsDefault": name == default} for name in sorted(names)]

    def known_studies(self, request: Request) -> list[str]:
        """Return those of some new Study Instance UIDs that the project has given; they name nobody."""
        asked = read_request(request.get("body", b""), KnownStudiesRequest, max_size=1 << 20)
        name = request["groups"][0]
        installation = self._parts.installation
        if name not in installation.store.project_names():
            return []
        records = installation.project(name).records
        return [uid for uid in asked.study_instance_uids if records.sealed_study(uid) is not None]

    def status(self, _request: Request) -> dict[str, Any]:
        """Tell how the plugin is."""
        parts = self._parts
        return {
            "Version": __version__,
            "Standard": f"PS3.15 {EDITION}",
            "Node": parts.queue.node,
            **health_view(parts.health),
            "Workers": parts.supervisor.alive() if parts.supervisor else 0,
            "KeyFingerprint": parts.installation.key.fingerprint(),
            "Work": parts.queue.totals(),
            "NotYetRecorded": parts.arrivals.waiting if parts.arrivals else 0,
        }

    def health(self, _request: Request) -> dict[str, Any]:
        """Tell whether twins are being made: 200, or 503 with what is wrong."""
        view = health_view(self._parts.health)
        if not view["Healthy"]:
            message = "; ".join(problem["Message"] for problem in view["Problems"])
            raise RestError(HTTPStatus.SERVICE_UNAVAILABLE, message, content=view)
        return view
