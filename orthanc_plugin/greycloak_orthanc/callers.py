"""Who calls: Orthanc has checked the password, and hands on the raw header only."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from urllib.parse import urlsplit

from greycloak_orthanc.answers import RestError


def user_of(authorization: str) -> str:
    """Return the user that a Basic ``Authorization`` header names; empty if there is none."""
    kind, _, credentials = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode("utf-8").partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def refuse_foreign_pages(headers: dict[str, str]) -> None:
    """Refuse calls that a browser makes for a page of another host: Orthanc itself does not look.

    Raises
    ------
    RestError
        403.
    """
    site = headers.get("sec-fetch-site")  # what today's browsers say, and no page can change
    if site is not None:
        is_foreign = site not in {"same-origin", "none"}
    else:
        origin = headers.get("origin", "")
        hosts = {urlsplit(f"//{headers.get(name, '')}").hostname for name in ("host", "x-forwarded-host")}
        is_foreign = bool(origin) and urlsplit(origin).hostname not in hosts - {None}
    if is_foreign:
        raise RestError(HTTPStatus.FORBIDDEN, "a page of another host must not call this")
