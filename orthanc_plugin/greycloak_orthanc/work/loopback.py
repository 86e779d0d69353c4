"""Orthanc's REST API over loopback HTTP: how workers fetch and store."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import urllib3

if TYPE_CHECKING:
    from collections.abc import Collection

    from greycloak_orthanc.config import Server

_TIMEOUT = urllib3.Timeout(connect=10, read=600)


class LoopbackError(Exception):
    """Orthanc did not do what was asked.

    Parameters
    ----------
    status : int
        HTTP status; 0 if there was no answer.
    """

    def __init__(self, status: int, what: str) -> None:
        super().__init__(f"{what}: HTTP {status}" if status else f"{what}: no answer")
        self.status = status


@dataclass(frozen=True, slots=True)
class Stored:
    """Orthanc's identifiers of a stored instance and its parents, and whether it was there already."""

    instance: str
    series: str
    study: str
    patient: str
    was_there: bool


class Loopback:
    """A client that keeps its connections; safe to use from several threads.

    Parameters
    ----------
    server : Server
        Where Orthanc listens.
    authorization : str
        The plugin's token, as the value of the ``Authorization`` header.
    threads : int
        How many threads use the client.
    """

    def __init__(self, server: Server, authorization: str, threads: int) -> None:
        tls: dict[str, Any] = {}
        if server.certificate:
            # It is Orthanc's own and names the host by which users know it: trust it, not the name, nor who issued it.
            context = ssl.create_default_context(cafile=str(server.certificate))
            context.check_hostname = False
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            tls = {"ssl_context": context, "assert_hostname": False}
        self._pool = urllib3.PoolManager(
            maxsize=threads,
            headers={"Authorization": authorization},
            retries=False,
            timeout=_TIMEOUT,
            **tls,
        )
        self._url = server.url

    def fetch(self, instance: str, headers: dict[str, str] | None = None) -> bytes:
        """Return the file of an instance.

        Parameters
        ----------
        instance : str
            Orthanc's identifier.
        headers : dict, optional
            Instead of the plugin's own: Orthanc then decides whether whoever sent them may have it.
        """
        return self._call("GET", f"/instances/{instance}/file", headers=headers)

    def store(self, parts: bytes) -> Stored:
        """Store an instance; storing it again does no harm.

        Raises
        ------
        LoopbackError
            Also if Orthanc answers that it did not keep it, as a filter may decide.
        """
        answer = json.loads(self._call("POST", "/instances", parts))
        status = answer.get("Status", "")
        if status not in {"Success", "AlreadyStored"}:
            raise LoopbackError(HTTPStatus.BAD_REQUEST, f"POST /instances: {status}")
        return Stored(
            answer["ID"], answer["ParentSeries"], answer["ParentStudy"], answer["ParentPatient"], status != "Success"
        )

    def delete(self, instance: str) -> None:
        """Delete an instance, if it is still there."""
        try:
            self._call("DELETE", f"/instances/{instance}")
        except LoopbackError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise

    def get(self, path: str) -> Any:
        """Return a JSON answer."""
        return json.loads(self._call("GET", path))

    def there(self, instances: Collection[str]) -> set[str]:
        """Return those of some instances that Orthanc has."""
        asked = {"Resources": sorted(instances), "Level": "Instance", "Metadata": False}
        answer = json.loads(self._call("POST", "/tools/bulk-content", json.dumps(asked).encode()))
        return {found["ID"] for found in answer}

    def _call(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        what = f"{method} {path.split('?', maxsplit=1)[0]}"
        try:
            answer = self._pool.request(method, self._url + path, body=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise LoopbackError(0, what) from error
        if answer.status != HTTPStatus.OK:
            raise LoopbackError(answer.status, what)
        return answer.data
