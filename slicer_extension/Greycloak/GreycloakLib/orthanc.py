"""A REST client for Orthanc: to anonymize through one with Greycloak, and to send copies to any."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from GreycloakLib.i18n import _
from GreycloakLib.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

_TIMEOUT = (10, 300)
_TRIES = 30
_MAX_PAUSE = 5.0
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _BUSY = 200, 401, 403, 404, 503


class Orthanc:
    """An Orthanc; safe to use from one thread at a time.

    Parameters
    ----------
    address : str
        Its URL, as ``http://localhost:8042``.
    user, password : str
        Who asks, if Orthanc wants to know.
    is_cancelled : callable
        Tells whether to stop waiting for a busy server.

    Raises
    ------
    ProblemError
        If the address is none.
    """

    def __init__(
        self, address: str, user: str = "", password: str = "", is_cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        import requests  # noqa: PLC0415  only who talks to a server needs it

        try:
            parts = urlsplit(address.strip())
            is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        except ValueError:
            is_address = False
        if not is_address:
            raise ProblemError(_("The address of Orthanc has to look like http://localhost:8042, without a password."))
        self._url = address.strip().rstrip("/")
        self._session = requests.Session()
        self._session.auth = (user, password) if user else None
        self._session.trust_env = False  # no proxy sees the images, no other credentials are sent
        self._is_cancelled = is_cancelled
        self._failures = requests.RequestException

    def get(self, path: str) -> Any:  # noqa: ANN401  JSON
        """Return JSON."""
        return self._checked(self._call("GET", path)).json()

    def find(self, uid: str) -> list[dict[str, Any]]:
        """Return the resources of a UID or Patient ID."""
        found: list[dict[str, Any]] = self._checked(self._call("POST", "/tools/lookup", uid.encode())).json()
        return found

    def file(self, instance: str) -> bytes:
        """Return the file of an instance."""
        return self._checked(self._call("GET", f"/instances/{instance}/file")).content

    def store(self, data: bytes) -> tuple[str, bool]:
        """Store a file; return the instance, and whether it is new."""
        answer = self._checked(self._call("POST", "/instances", data)).json()
        return answer["ID"], answer.get("Status") == "Success"

    def delete(self, instance: str) -> None:
        """Delete an instance; one that is gone already does not matter."""
        self._checked(self._call("DELETE", f"/instances/{instance}"), {_NOT_FOUND})

    def find_originals(self, project: str, pseudonyms: list[str]) -> list[dict[str, Any]]:
        """Return who is behind pseudonyms, if this user may know."""
        body = json.dumps({"Pseudonyms": pseudonyms}).encode()
        answer = self._call("POST", f"/greycloak/projects/{project}/pseudonyms/find", body)
        if answer.status_code == _FORBIDDEN:
            raise ProblemError(_("This user may not look up who is who on that Orthanc: no crosswalk can be written."))
        found: list[dict[str, Any]] = self._checked(answer).json()
        return found

    def anonymize(self, data: bytes, profile: str, project: str, *, rehearse: bool) -> requests.Response:
        """Send a file through Greycloak on that Orthanc; 200 and 422 are answers, anything else a problem."""
        headers = {"Greycloak-Profile": profile, "Greycloak-Project": project, "Greycloak-Rehearse": str(rehearse)}
        return self._checked(self._call("POST", "/tools/anonymize-greycloak", data, headers), {422})

    def _call(
        self, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        pause = 0.1
        for left in reversed(range(_TRIES)):
            try:
                answer = self._session.request(
                    method, self._url + path, data=data, headers=headers, timeout=_TIMEOUT, allow_redirects=False
                )
            except self._failures as error:  # its message shows the address, which may name somebody
                raise ProblemError(_("Orthanc does not answer ({kind}).").format(kind=type(error).__name__)) from None
            if answer.status_code != _BUSY or not left or self._is_cancelled():
                return answer
            time.sleep(pause)
            pause = min(1.5 * pause, _MAX_PAUSE)
        raise AssertionError  # the last try has returned

    @staticmethod
    def _checked(answer: requests.Response, also: set[int] | None = None) -> requests.Response:
        """Return an answer, or tell what is wrong with it."""
        status = answer.status_code
        if status == _OK or status in (also or ()):
            return answer
        if status in {_UNAUTHORIZED, _FORBIDDEN}:
            raise ProblemError(_("Orthanc refuses this user or password (status {status}).").format(status=status))
        if status == _NOT_FOUND and "greycloak" in str(answer.request.path_url):
            raise ProblemError(_("That Orthanc has no Greycloak, or an older one."))
        said = _message(answer)
        raise ProblemError(_("Orthanc answers with status {status}. {said}").format(status=status, said=said).strip())

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


def _message(answer: requests.Response) -> str:
    """Return what Greycloak says of a refusal; what others say is not shown, as nobody knows what is in it."""
    try:
        content = answer.json()
    except ValueError:
        return ""
    is_ours = isinstance(content, dict) and "greycloak" in str(content.get("Uri", ""))
    return str(content.get("Message", "")) if is_ours else ""
