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

_CONNECT, _READ, _READ_ANONYMIZED = 10, 60, 660
"""Seconds to wait; an anonymizing server gives itself ten minutes for a file."""

_TRIES = 30
_SMALL = 256 << 20
_ANONYMIZE = "/tools/anonymize-greycloak"
_MAX_PAUSE = 5.0
_KEPT = {"Success", "AlreadyStored"}
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _QUARANTINED, _BUSY = 200, 401, 403, 404, 422, 503


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
        from requests.adapters import HTTPAdapter  # noqa: PLC0415
        from urllib3.util import Retry  # noqa: PLC0415

        try:
            parts = urlsplit(address.strip())
            is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        except ValueError:
            is_address = False
        if not is_address:
            raise ProblemError(_("The address of Orthanc has to look like http://localhost:8042, without a password."))
        self._url = address.strip().rstrip("/")
        self._session = requests.Session()
        self._session.auth = requests.auth.HTTPBasicAuth(user.encode(), password.encode()) if user else None
        # Orthanc closes a connection that was idle for a second, perhaps at the moment it is used again. Doing anything
        # here twice is doing it once.
        again = HTTPAdapter(max_retries=Retry(total=1, allowed_methods=None))
        self._session.mount("http://", again)
        self._session.mount("https://", again)
        self._session.trust_env = False  # no proxy sees the images, no other credentials are sent
        self._is_cancelled = is_cancelled
        self._failures = requests.RequestException

    def system(self) -> dict[str, Any]:
        """Return what Orthanc says of itself."""
        return _object(self._checked(self._call("GET", "/system")))

    def profiles(self) -> dict[str, dict[str, Any]]:
        """Return the profiles of its Greycloak, by name."""
        return {str(one.get("Name")): one for one in _objects(self._checked(self._call("GET", "/greycloak/profiles")))}

    def find(self, uid: str) -> list[dict[str, Any]]:
        """Return the resources of a UID or Patient ID."""
        return _objects(self._checked(self._call("POST", "/tools/lookup", uid.encode())))

    def has_study(self, project: str, new_uid: str) -> bool:
        """Tell whether a project of its Greycloak has given a study its UID."""
        body = json.dumps({"StudyInstanceUIDs": [new_uid]}).encode()
        answer = self._checked(self._call("POST", f"/greycloak/projects/{project}/studies/known", body))
        return bool(_json(answer))

    def file(self, instance: str) -> bytes:
        """Return the file of an instance."""
        return self._checked(self._call("GET", f"/instances/{instance}/file")).content

    def store(self, data: bytes) -> None:
        """Store a file.

        Raises
        ------
        ProblemError
            If Orthanc does not keep it.
        """
        answer = self._checked(self._call("POST", "/instances", data))
        content = _object(answer)
        if content.get("Status") not in _KEPT:
            raise ProblemError(_("Orthanc did not keep an image: it may be set to filter what arrives."))

    def delete(self, instance: str) -> None:
        """Delete an instance; one that is gone already does not matter."""
        self._checked(self._call("DELETE", f"/instances/{instance}"), {_NOT_FOUND})

    def find_originals(self, project: str, pseudonyms: list[str]) -> list[dict[str, Any]]:
        """Return who is behind pseudonyms, if this user may know."""
        body = json.dumps({"Pseudonyms": pseudonyms}).encode()
        answer = self._call("POST", f"/greycloak/projects/{project}/pseudonyms/find", body)
        if answer.status_code == _FORBIDDEN:
            raise ProblemError(_("This user may not look up who is who on that Orthanc: no crosswalk can be written."))
        return _objects(self._checked(answer))

    def anonymize(self, data: bytes, profile: str, project: str, *, rehearse: bool) -> tuple[dict[str, Any], bytes]:
        """Send a file through Greycloak on that Orthanc; return what it says of it, and the new file."""
        headers = {"Greycloak-Profile": profile, "Greycloak-Project": project, "Greycloak-Rehearse": str(rehearse)}
        answer = self._checked(self._call("POST", _ANONYMIZE, data, headers), {_QUARANTINED})
        if answer.status_code == _QUARANTINED:
            return _object(answer), b""
        try:
            said = json.loads(answer.headers["Greycloak-Outcome"])
        except (KeyError, ValueError):
            raise _not_understood() from None
        if not isinstance(said, dict):
            raise _not_understood()
        return said, answer.content

    def _call(
        self, method: str, path: str, data: bytes | None = None, headers: dict[str, str] | None = None
    ) -> requests.Response:
        pause = 0.1
        for left in reversed(range(_TRIES)):
            try:
                answer = self._session.request(
                    method,
                    self._url + path,
                    data=data,
                    headers=headers,
                    timeout=(_CONNECT, _READ_ANONYMIZED if path == _ANONYMIZE else _READ),
                    allow_redirects=False,
                    stream=True,
                )
                _read_whole(answer, 4 * len(data or b"") + _SMALL)
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


def _read_whole(answer: requests.Response, most: int) -> None:
    """Read an answer, but no more than makes sense.

    Raises
    ------
    ProblemError
        If it is longer.
    """
    pieces, size = [], 0
    for piece in answer.iter_content(1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            answer.close()
            raise _not_understood()
    answer._content = b"".join(pieces)  # noqa: SLF001  where `content` and `json` look for it


def _not_understood() -> ProblemError:
    return ProblemError(_("Orthanc answers with something that Greycloak does not understand."))


def _json(answer: requests.Response) -> Any:  # noqa: ANN401
    try:
        return answer.json()
    except ValueError:
        raise _not_understood() from None


def _object(answer: requests.Response) -> dict[str, Any]:
    content = _json(answer)
    if not isinstance(content, dict):
        raise _not_understood()
    return content


def _objects(answer: requests.Response) -> list[dict[str, Any]]:
    content = _json(answer)
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise _not_understood()
    return content


def _message(answer: requests.Response) -> str:
    """Return what Greycloak says of a refusal; what others say is not shown, as nobody knows what is in it."""
    try:
        content = answer.json()
    except ValueError:
        return ""
    is_ours = isinstance(content, dict) and "greycloak" in str(content.get("Uri", ""))
    return str(content.get("Message", "")) if is_ours else ""
