"""Who calls: Orthanc has checked the password, hands on the raw headers only, and does not look at foreign pages."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import socket
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from greycloak_orthanc.rest.answers import RestError

if TYPE_CHECKING:
    from greycloak_orthanc.config import Server, Settings

_PORTS = {"http": 80, "https": 443}
_OWN_NAMES = ("localhost", "*.localhost")
_HOSTS = ("host", "x-forwarded-host")


def user_of(authorization: str) -> str:
    """Return the user that a Basic ``Authorization`` header names; empty if there is none."""
    kind, _, credentials = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


@dataclass(frozen=True)
class Callers:
    """Refuses what a browser asks in the name of a page that is not ours; programs are not concerned.

    Attributes
    ----------
    settings, server
        The names under which this server is known, and whether it knows users.
    """

    settings: Settings
    server: Server

    def check(self, method: str, headers: dict[str, str]) -> None:
        """Refuse a call if it comes from a foreign page.

        Raises
        ------
        RestError
            403.
        """
        if not _is_browser(headers):
            return
        self._check_host(headers)
        if method != "GET":
            _check_page(headers)

    def _check_host(self, headers: dict[str, str]) -> None:
        """Refuse names that somebody else may have let point here (DNS rebinding); an address cannot."""
        if not (self.settings.hosts or self.settings.look_up or self.server.has_users):
            return
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        known = (*_OWN_NAMES, socket.gethostname().lower(), *(name.lower() for name in self.settings.hosts))
        if not _is_address(host) and not any(fnmatchcase(host, name) for name in known):
            raise RestError(
                HTTPStatus.FORBIDDEN,
                "this server is not known by the name it was called: the setting 'Hosts' of Greycloak lists its names",
            )


def _is_browser(headers: dict[str, str]) -> bool:
    told = {"sec-fetch-site", "origin", "referer"}
    return not told.isdisjoint(headers) or headers.get("user-agent", "").startswith("Mozilla/")


def _check_page(headers: dict[str, str]) -> None:
    site = headers.get("sec-fetch-site")  # what today's browsers say of servers with TLS, and no page can change
    if site is not None:
        is_foreign = site not in {"same-origin", "none"}
    else:
        origin = headers.get("origin")
        is_foreign = origin is not None and not _is_ours(origin, headers)
        # No foreign page can send either without being asked first, and Orthanc answers no such question.
        is_plain = "x-requested-with" not in headers and not _is_json(headers)
        is_foreign = is_foreign or is_plain
    if is_foreign:
        raise RestError(
            HTTPStatus.FORBIDDEN,
            "a page of another server must not call this; a page of this one says X-Requested-With",
        )


def _is_json(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _is_ours(origin: str, headers: dict[str, str]) -> bool:
    """Tell whether a page's scheme, host and port are those that were called."""
    try:
        page = urlsplit(origin)
        default = _PORTS.get(page.scheme)
        asking = page.hostname, page.port or default
        called = [urlsplit(f"//{headers[name]}") for name in _HOSTS if name in headers]
        ours = {(one.hostname, one.port or default) for one in called}
    except ValueError:  # a port that is none
        return False
    return page.hostname is not None and asking in ours


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
