"""The REST API: anonymize a resource, follow jobs, and the page."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from greycloak import __version__, load_profile
from greycloak.profiles import ProfileError, available_profiles
from greycloak.pseudonyms import StoreError
from greycloak.standard.confidentiality import EDITION
from greycloak_orthanc.answers import RestError, answer_error, answer_json
from greycloak_orthanc.callers import refuse_foreign_pages
from greycloak_orthanc.jobs import LEVELS, is_finished, job_view
from greycloak_orthanc.look_up import LookUp
from greycloak_orthanc.pages import serve_page, serve_statement
from greycloak_orthanc.queue import NewJob
from greycloak_orthanc.refusals import refusal_view
from greycloak_orthanc.requests import AnonymizeRequest, KnownStudiesRequest, read_anonymize_request, read_request
from greycloak_orthanc.rules import Order

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pseudonyms import Installation
    from greycloak_orthanc.config import Server, Settings
    from greycloak_orthanc.queue import Queue
    from greycloak_orthanc.supervisor import Supervisor

_CHILDREN = {"patients": ("studies", "Studies"), "studies": ("series", "Series"), "series": ("instances", "Instances")}
PAGE = "greycloak/page/index.html"
"""Where the page is, seen from Orthanc's root."""

_IDENTIFIER = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"
_SHORTEST_WAIT = 0.02
_LONGEST_WAIT = 0.25
_LOOK_AROUND_EVERY = 1.0
_PATIENCE_WITHOUT_WORKERS = 30.0
_PATIENCE = 3600.0
_SPARE_THREADS = 8

Request = dict[str, Any]


@dataclass
class Routes:
    """Answers REST calls.

    Attributes
    ----------
    orthanc : module
        Orthanc's plugin API.
    settings, server, queue, installation, supervisor
        The parts of the plugin.
    waiting : Semaphore
        Places for callers who wait.
    """

    orthanc: Any
    settings: Settings
    server: Server
    queue: Queue
    installation: Installation
    supervisor: Callable[[], Supervisor | None]
    waiting: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        # Who waits holds one of Orthanc's HTTP threads, and the workers need some to do what is waited for.
        workers = self.settings.workers * self.settings.threads_per_worker
        self.waiting = threading.Semaphore(max(1, self.server.http_threads - workers - _SPARE_THREADS))

    def register(self) -> None:
        """Make the routes known to Orthanc."""
        routes: dict[str, dict[str, Callable[[Request], Any]]] = {
            rf"/({'|'.join(LEVELS)})/({_IDENTIFIER})/anonymize-greycloak": {"POST": self.anonymize},
            r"/greycloak/jobs": {"GET": self.list_jobs},
            r"/greycloak/jobs/([^/]+)": {"GET": self.show_job},
            r"/greycloak/jobs/([^/]+)/cancel": {"POST": self.cancel_job},
            r"/greycloak/jobs/([^/]+)/resubmit": {"POST": self.resubmit_job},
            r"/greycloak/profiles": {"GET": self.list_profiles},
            r"/greycloak/projects": {"GET": self.list_projects},
            r"/greycloak/projects/([A-Za-z0-9_-]+)/pseudonyms/(find|list|export|import|merge|forget)": {
                "POST": LookUp(self.settings, self.installation).serve
            },
            r"/greycloak/projects/([A-Za-z0-9_-]+)/studies/known": {"POST": self.known_studies},
            r"/greycloak/quarantine": {"GET": self.list_quarantine},
            r"/greycloak/status": {"GET": self.status},
        }
        for pattern, methods in routes.items():
            self.orthanc.RegisterRestCallback(pattern, self._serve(methods))
        self.orthanc.RegisterRestCallback(r"/greycloak/page/(.*)", serve_page)
        self.orthanc.RegisterRestCallback(r"/greycloak/profiles/([a-z0-9_-]+)/statement", serve_statement)
        self.orthanc.RegisterRestCallback(r"/greycloak", lambda output, _uri, **_: output.Redirect(PAGE))

    def _serve(self, methods: dict[str, Callable[[Request], Any]]) -> Callable[..., None]:
        def serve(output: Any, uri: str, **request: Any) -> None:
            method = request["method"]
            if method not in methods:
                output.SendMethodNotAllowed(",".join(methods))
                return
            try:
                if method != "GET":
                    refuse_foreign_pages(request["headers"])
                content = methods[method](request)
            except RestError as error:
                answer_error(output, error, method, uri)
            except StoreError as error:
                answer_error(output, RestError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)), method, uri)
            else:
                answer_json(output, content)

        return serve

    def anonymize(self, request: Request) -> dict[str, Any]:
        """Anonymize a patient, study, series or instance."""
        level, resource = request["groups"]
        asked = read_anonymize_request(request.get("body", b""))
        instances = self._instances_of(level, resource)
        new = NewJob(level, resource, self._order(asked), asked.permissive, asked.priority)
        if not asked.waits:
            job = self.queue.submit(new, instances)
            return {"ID": job, "Path": f"/greycloak/jobs/{job}"}
        if not self.waiting.acquire(blocking=False):
            raise RestError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "too many callers wait already: try again, or ask with 'Asynchronous': true",
                headers={"Retry-After": "1"},
            )
        try:
            job = self.queue.submit(new, instances)
            self._wait_for(job)
        finally:
            self.waiting.release()
        view = job_view(self.queue, job)
        assert view is not None
        if view["State"] != "Success":
            raise RestError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{view['ErrorDescription']}; what could be anonymized has been stored",
                content={"Job": f"/greycloak/jobs/{job}", **view["Content"]},
            )
        content: dict[str, Any] = view["Content"]
        return content

    def _order(self, asked: AnonymizeRequest) -> Order:
        return Order(
            profile=asked.profile or self.settings.profile,
            project=asked.project or self.settings.project,
            keep_source=self.settings.keep_source if asked.keep_source is None else asked.keep_source,
        )

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

    def _wait_for(self, job: str) -> None:
        """Wait until a job is finished; give up when Orthanc stops, when nobody works, or in the end."""
        pause = _SHORTEST_WAIT
        start = worked = looked = time.monotonic()
        while not is_finished(self.queue, job):
            time.sleep(pause)
            pause = min(1.5 * pause, _LONGEST_WAIT)
            now = time.monotonic()
            if now - looked < _LOOK_AROUND_EVERY:
                continue
            looked = now
            supervisor = self.supervisor()
            if supervisor and supervisor.alive():
                worked = now
            if now - worked > _PATIENCE_WITHOUT_WORKERS or now - start > _PATIENCE or not self._is_listening():
                raise RestError(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "it takes longer than one can wait here, and goes on as a job",
                    headers={"Retry-After": "60"},
                    content={"Job": f"/greycloak/jobs/{job}"},
                )

    def _is_listening(self) -> bool:
        """Tell whether Orthanc still takes calls: when it stops, it waits for those who wait here."""
        address = urlsplit(self.server.url)
        with socket.socket() as probe:
            probe.settimeout(_LOOK_AROUND_EVERY)
            return probe.connect_ex((address.hostname, address.port)) == 0

    def list_jobs(self, _request: Request) -> list[str]:
        """List jobs, newest first."""
        return self.queue.job_ids()

    def show_job(self, request: Request) -> dict[str, Any]:
        """Show a job."""
        view = job_view(self.queue, request["groups"][0])
        if view is None:
            raise RestError(HTTPStatus.NOT_FOUND, "there is no job of this identifier")
        return view

    def cancel_job(self, request: Request) -> dict[str, Any]:
        """Cancel a job: what has been done stays."""
        view = self.show_job(request)
        if view["State"] in {"Pending", "Running"}:
            self.queue.cancel(view["ID"])
        return {}

    def resubmit_job(self, request: Request) -> dict[str, Any]:
        """Try once more what did not go through."""
        view = self.show_job(request)
        self.queue.resubmit(view["ID"])
        return {}

    def list_profiles(self, _request: Request) -> list[dict[str, Any]]:
        """List the profiles that can be used; what is wrong with others, the log has said at the start."""
        listed = []
        for name in available_profiles():
            with suppress(ProfileError):
                profile = load_profile(name)
                listed.append(
                    {
                        "Name": name,
                        "Title": profile.title,
                        "Options": profile.options,
                        "IsDefault": name == self.settings.profile,
                    }
                )
        return listed

    def list_projects(self, _request: Request) -> list[dict[str, Any]]:
        """List projects."""
        names = {self.settings.project, *self.installation.store.project_names()}
        return [{"Name": name, "IsDefault": name == self.settings.project} for name in sorted(names)]

    def known_studies(self, request: Request) -> list[str]:
        """Return those of some new Study Instance UIDs that the project has given; they name nobody."""
        asked = read_request(request.get("body", b""), KnownStudiesRequest, max_size=1 << 20)
        name = request["groups"][0]
        if name not in self.installation.store.project_names():
            return []
        records = self.installation.project(name).records
        return [uid for uid in asked.study_instance_uids if records.sealed_study(uid) is not None]

    def list_quarantine(self, _request: Request) -> list[dict[str, Any]]:
        """List instances that did not go through."""
        return [refusal_view(item) for item in self.queue.refused()]

    def status(self, _request: Request) -> dict[str, Any]:
        """Tell how the plugin is."""
        supervisor = self.supervisor()
        return {
            "Version": __version__,
            "Standard": f"PS3.15 {EDITION}",
            "Node": self.queue.node,
            "Workers": supervisor.alive() if supervisor else 0,
            "KeyFingerprint": self.installation.key.fingerprint(),
            "Work": self.queue.totals(),
        }
