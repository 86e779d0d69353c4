"""An instance before and after, for whoever may see the original.

No subject and no study is recorded; the audit notes who was told the pseudonym.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import Field

from greycloak_orthanc.config import ProfileName, ProjectName, Section
from greycloak_orthanc.rest.answers import NO_SNIFFING, RestError
from greycloak_orthanc.rest.callers import user_of
from greycloak_orthanc.rest.offered import check_offered
from greycloak_orthanc.rest.pass_through import MAX_FILE
from greycloak_orthanc.rest.requests import read_request
from greycloak_orthanc.work.loopback import Loopback, LoopbackError

if TYPE_CHECKING:
    from greycloak_orthanc.config import Server, Settings
    from greycloak_orthanc.rest.door import Door
    from greycloak_orthanc.rest.pass_through import PassThrough

_THREADS = 4
_OF_THIS_CALL = frozenset(
    "accept accept-encoding connection content-encoding content-length content-type expect host keep-alive origin "
    "te transfer-encoding upgrade".split()
)
"""Headers that say nothing of who calls."""


class PreviewRequest(Section):
    """The body of ``POST /greycloak/preview``.

    Attributes
    ----------
    instance : str
        Orthanc's identifier.
    profile, project : str or None
        Instead of the configured ones.
    """

    instance: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{8}){4}$")
    profile: ProfileName | None = None
    project: ProjectName | None = None


class Previews:
    """Serves ``POST /greycloak/preview``.

    Parameters
    ----------
    settings : Settings
        What is used unless the call says otherwise.
    server : Server
        Where Orthanc listens.
    pass_through : PassThrough
        Whose processes do the work.
    door : Door
        Lets calls in.
    """

    def __init__(self, settings: Settings, server: Server, pass_through: PassThrough, door: Door) -> None:
        self._settings = settings
        self._door = door
        self._pass_through = pass_through
        self._loopback = Loopback(server, "", _THREADS)

    def serve(self, output: Any, uri: str, **request: Any) -> None:
        """Answer with every element before and after."""
        answer = self._door.admitted(output, uri, request, {"POST": self._answer})
        if answer is not None:
            output.SetHttpHeader("Cache-Control", "no-store")
            output.SetHttpHeader(*NO_SNIFFING)
            output.AnswerBuffer(answer, "application/json")

    def _answer(self, request: dict[str, Any]) -> bytes:
        headers = request["headers"]
        asked = read_request(request.get("body", b""), PreviewRequest)
        order = {
            "profile": check_offered(self._settings, asked.profile).name,
            "project": asked.project or self._settings.project,
            "caller": user_of(headers.get("authorization", "")) or "somebody",
            "rehearse": True,
            "preview": True,
        }
        with self._pass_through.place():
            file = self._fetch(asked.instance, headers)
            if len(file) > MAX_FILE:
                raise RestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the file is too large for a preview")
            return self._pass_through.ask(order, file)[1]

    def _fetch(self, instance: str, headers: dict[str, str]) -> bytes:
        """Return the original, if Orthanc gives it to whoever calls: it is asked with the caller's own headers."""
        own = {name: value for name, value in headers.items() if name.lower() not in _OF_THIS_CALL}
        try:
            return self._loopback.fetch(instance, own)
        except LoopbackError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                raise RestError(HTTPStatus.NOT_FOUND, "there is no instance of this identifier") from None
            if error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                raise RestError(HTTPStatus.FORBIDDEN, "who may not see the original sees no preview of it") from None
            raise RestError(HTTPStatus.SERVICE_UNAVAILABLE, "Orthanc does not give the instance now") from None
