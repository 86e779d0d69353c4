"""What the plugin shows to people: its page, and the conformance statements of profiles."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from greycloak.profiles import ProfileError, UnknownProfileError, load_profile
from greycloak.statement import statement

_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


def serve_page(output: Any, _uri: str, **request: Any) -> None:
    """Serve a file of the page."""
    if request["method"] != "GET":
        output.SendMethodNotAllowed("GET")
        return
    found = _files().get(request["groups"][0])
    if found is None:
        output.SendHttpStatusCode(HTTPStatus.NOT_FOUND.value)
        return
    _answer(output, *found, policy="default-src 'self'; img-src data:")


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {
        entry.name: (entry.read_bytes(), kind)
        for entry in (files("greycloak_orthanc") / "page").iterdir()
        for ending, kind in _TYPES.items()
        if entry.name.endswith(ending)
    }


def serve_statement(output: Any, _uri: str, **request: Any) -> None:
    """Serve what a profile does to each attribute."""
    if request["method"] != "GET":
        output.SendMethodNotAllowed("GET")
        return
    try:
        document = statement(load_profile(request["groups"][0]))
    except (ProfileError, UnknownProfileError):
        output.SendHttpStatusCode(HTTPStatus.NOT_FOUND.value)
        return
    _answer(
        output, document.to_html().encode(), _TYPES[".html"], policy="default-src 'none'; style-src 'unsafe-inline'"
    )


def _answer(output: Any, content: bytes, kind: str, *, policy: str) -> None:
    output.SetHttpHeader("Cache-Control", "no-cache")
    output.SetHttpHeader("Content-Security-Policy", f"{policy}; frame-ancestors 'none'; base-uri 'none'")
    for name, value in _HEADERS.items():
        output.SetHttpHeader(name, value)
    output.AnswerBuffer(content, kind)
