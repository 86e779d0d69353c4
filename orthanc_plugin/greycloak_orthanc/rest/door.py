"""What every REST call goes through: methods, foreign pages, errors."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak.pseudonyms import StoreError
from greycloak_orthanc.rest.answers import RestError, answer_error, answer_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from greycloak_orthanc.rest.callers import Callers

Request = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """Lets calls in.

    Attributes
    ----------
    callers : Callers
        Who may call.
    """

    callers: Callers

    def answering(self, methods: Mapping[str, Callable[[Request], Any]]) -> Callable[..., None]:
        """Return a callback for Orthanc that answers with JSON.

        Parameters
        ----------
        methods : dict
            What serves each method.
        """

        def serve(output: Any, uri: str, **request: Any) -> None:
            if (said := self.admitted(output, uri, request, methods)) is not None:
                answer_json(output, said)

        return serve

    def admitted(self, output: Any, uri: str, request: Request, methods: Mapping[str, Callable[[Request], Any]]) -> Any:
        """Return what serves a call says; None if it was answered already, with an error."""
        method = request["method"]
        if method not in methods:
            output.SendMethodNotAllowed(",".join(methods))
            return None
        try:
            self.callers.check(method, request["headers"])
            return methods[method](request)
        except RestError as error:
            answer_error(output, error, method, uri)
        except StoreError as error:
            answer_error(output, RestError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)), method, uri)
        return None
