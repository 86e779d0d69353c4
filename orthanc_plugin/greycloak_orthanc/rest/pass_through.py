"""A file in, an anonymized file out: nothing of it stays in Orthanc.

For programs elsewhere that want this server's pseudonyms, as the 3D Slicer extension. The work is done in processes of
its own, so that it never holds up the server; they start with the first file.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import StrictBool, ValidationError

from greycloak import Quarantined, Skipped
from greycloak_orthanc.config import ProfileName, ProjectName, Section, plain
from greycloak_orthanc.rest.answers import NO_SNIFFING, RestError
from greycloak_orthanc.rest.callers import user_of
from greycloak_orthanc.rest.offered import check_offered
from greycloak_orthanc.work.helpers import HelperDiedError, Helpers

if TYPE_CHECKING:
    from greycloak_orthanc.config import Settings
    from greycloak_orthanc.rest.door import Door
    from greycloak_orthanc.rest.waiting import Waiting

HEADERS = {"greycloak-profile": "Profile", "greycloak-project": "Project", "greycloak-rehearse": "Rehearse"}
"""Headers that say what is asked for: Orthanc's plugins see no query of a POST."""

MAX_FILE = 1 << 30
"""Bytes of a file; larger ones go through Orthanc's storage, which does without holding them in memory."""


class PassThroughRequest(Section):
    """What the headers ask for.

    Attributes
    ----------
    profile, project : str or None
        Instead of the configured ones.
    rehearse : bool
        Whether the file is only looked at: no subject and no study is recorded.
    """

    profile: ProfileName | None = None
    project: ProjectName | None = None
    rehearse: StrictBool = False


class PassThrough:
    """Serves ``POST /tools/anonymize-greycloak``.

    Parameters
    ----------
    settings : Settings
        Key, store, and what is used unless the call says otherwise.
    waiting : Waiting
        How many callers may wait at once, here and for synchronous jobs together.
    door : Door
        Lets calls in.
    """

    def __init__(self, settings: Settings, waiting: Waiting, door: Door) -> None:
        self._settings = settings
        self.place = waiting.place
        self._door = door
        self._helpers = Helpers(settings)

    def serve(self, output: Any, uri: str, **request: Any) -> None:
        """Answer with the anonymized file, or with the reason why there is none."""
        answer = self._door.admitted(output, uri, request, {"POST": self._anonymized})
        if answer is not None:
            file, said = answer
            output.SetHttpHeader("Greycloak-Outcome", json.dumps(said))
            output.SetHttpHeader(*NO_SNIFFING)
            output.AnswerBuffer(file, "application/dicom")

    def _anonymized(self, request: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
        headers, body = request["headers"], request.get("body", b"")
        asked = _read(headers)
        if len(body) > MAX_FILE:
            raise RestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the file is too large: upload it, and anonymize it there"
            )
        order = {
            "profile": check_offered(self._settings, asked.profile).name,
            "project": asked.project or self._settings.project,
            "caller": user_of(headers.get("authorization", "")) or "somebody",
            "rehearse": asked.rehearse,
        }
        with self.place():
            said, file = self.ask(order, body)
        if "Reason" in said:
            meaning = str(Quarantined(said["Reason"], said["Detail"]))
            raise RestError(HTTPStatus.UNPROCESSABLE_ENTITY, meaning, content=said)
        if "Skipped" in said:
            meaning = f"it is no image, but {Skipped(said['Skipped'])}"
            raise RestError(HTTPStatus.UNPROCESSABLE_ENTITY, meaning, content=said)
        return file, said

    def ask(self, order: dict[str, Any], file: bytes) -> tuple[dict[str, Any], bytes]:
        """Ask a helper; whoever does has a place.

        Raises
        ------
        RestError
            503 if it cannot be done now.
        """
        try:
            said, answer = self._helpers.ask(order, file)
        except HelperDiedError as error:
            raise RestError(HTTPStatus.SERVICE_UNAVAILABLE, str(error), headers={"Retry-After": "1"}) from None
        if "Unavailable" in said:
            raise RestError(HTTPStatus.SERVICE_UNAVAILABLE, said["Unavailable"])
        return said, answer

    def stop(self) -> None:
        """End the processes; who waits for one is told to come again."""
        self._helpers.stop()


def _read(headers: dict[str, str]) -> PassThroughRequest:
    written: dict[str, Any] = {name: headers[header] for header, name in HEADERS.items() if header in headers}
    if "Rehearse" in written:
        written["Rehearse"] = {"true": True, "false": False}.get(written["Rehearse"].lower(), written["Rehearse"])
    try:
        return PassThroughRequest.model_validate(written)
    except ValidationError as error:
        said = "; ".join(f"header Greycloak-{problem['loc'][0]}: {plain(problem)}" for problem in error.errors())
        raise RestError(HTTPStatus.BAD_REQUEST, said) from None
