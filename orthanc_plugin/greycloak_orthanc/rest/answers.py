"""Answers to REST calls, over the differences between versions of the Python plugin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from http import HTTPStatus

_JSON = "application/json"

NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
"""An answer is what it says it is, whatever it looks like to a browser."""


class RestError(Exception):
    """A call that cannot be served.

    Parameters
    ----------
    status : HTTPStatus
        What went wrong.
    message : str
        What, and what was expected.
    headers : dict
        More headers of the answer.
    content : dict
        More fields of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        message: str,
        headers: dict[str, str] | None = None,
        content: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.content = content or {}


def answer_json(output: Any, content: Any) -> None:
    """Answer with JSON."""
    output.SetHttpHeader(*NO_SNIFFING)
    output.AnswerBuffer(json.dumps(content, indent=2), _JSON)


def answer_error(output: Any, error: RestError, method: str, uri: str) -> None:
    """Answer with an error in the shape of Orthanc's own."""
    body = {
        "HttpError": error.status.phrase,
        "HttpStatus": error.status.value,
        "Message": str(error),
        "Method": method,
        "Uri": uri,
    }
    text = json.dumps(body | error.content, indent=2)
    output.SetHttpHeader(*NO_SNIFFING)
    for name, value in error.headers.items():
        output.SetHttpHeader(name, value)
    try:
        output.SendHttpStatus(error.status.value, text.encode())
    except TypeError:  # plugin 4.0 and 4.1: the length by hand, and no content type of their own
        output.SetHttpHeader("Content-Type", _JSON)
        output.SendHttpStatus(error.status.value, text, len(text.encode()))
