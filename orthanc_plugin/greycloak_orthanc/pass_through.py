"""A file in, an anonymized file out: nothing of it stays in Orthanc.

For programs elsewhere that want this server's pseudonyms, as the 3D Slicer extension. The work is done in processes of
its own, so that it never holds up the server; they start with the first file.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import StrictBool, ValidationError

from greycloak import Engine, Installation, Quarantined, load_profile
from greycloak.pseudonyms import Caller, StoreError
from greycloak_orthanc.answers import RestError, answer_error
from greycloak_orthanc.callers import refuse_foreign_pages, user_of
from greycloak_orthanc.config import ProfileName, ProjectName, Section
from greycloak_orthanc.supervisor import find_python
from greycloak_orthanc.worker import end_with_parent

if TYPE_CHECKING:
    from concurrent.futures import Future

    from greycloak_orthanc.config import Settings

HEADERS = {"greycloak-profile": "Profile", "greycloak-project": "Project", "greycloak-rehearse": "Rehearse"}
"""Headers that say what is asked for: Orthanc's plugins see no query of a POST."""

_WAITING_PER_PROCESS = 4
_PATIENCE = 600.0
_MAX_ENGINES = 64


class PassThroughRequest(Section):
    """What the headers ask for.

    Attributes
    ----------
    profile, project : str or None
        Instead of the configured ones.
    rehearse : bool
        Whether the file is only looked at: nothing is recorded.
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
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._python = find_python(settings.python)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._places = threading.Semaphore(settings.workers * _WAITING_PER_PROCESS)
        self._is_stopped = False

    def serve(self, output: Any, uri: str, **request: Any) -> None:
        """Answer with the anonymized file, or with the reason why there is none."""
        if request["method"] != "POST":
            output.SendMethodNotAllowed("POST")
            return
        try:
            refuse_foreign_pages(request["headers"])
            file, said = self._anonymized(request["headers"], request.get("body", b""))
        except RestError as error:
            answer_error(output, error, "POST", uri)
            return
        output.SetHttpHeader("Greycloak-Outcome", json.dumps(said))
        output.AnswerBuffer(file, "application/dicom")

    def _anonymized(self, headers: dict[str, str], body: bytes) -> tuple[bytes, dict[str, Any]]:
        asked = _read(headers)
        profile, project = asked.profile or self._settings.profile, asked.project or self._settings.project
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            caller = user_of(headers.get("authorization", "")) or "somebody"
            return self._submit(profile, project, caller, rehearse=asked.rehearse, file=body).result(_PATIENCE)
        except BrokenProcessPool:
            self._give_up_pool()
            raise RestError(HTTPStatus.SERVICE_UNAVAILABLE, "the process that anonymized it died: try again") from None
        except TimeoutError:
            raise _busy() from None
        except StoreError as error:
            raise RestError(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
        except _QuarantinedError as refusal:
            raise RestError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                str(Quarantined(*refusal.args)),
                content={"Reason": refusal.args[0], "Detail": refusal.args[1]},
            ) from None
        finally:
            self._places.release()

    def _submit(
        self, profile: str, project: str, caller: str, *, rehearse: bool, file: bytes
    ) -> Future[tuple[bytes, dict[str, Any]]]:
        with self._lock:
            if self._is_stopped:
                raise _busy()
            if self._pool is None:
                self._pool = self._start_pool()
            return self._pool.submit(_anonymize, profile, project, caller, rehearse, file)

    def _start_pool(self) -> ProcessPoolExecutor:
        # Inside Orthanc, sys.executable is Orthanc.
        multiprocessing.set_executable(str(self._python))
        context = multiprocessing.get_context("spawn")
        orders = (self._settings.store, str(self._settings.key_file), os.getpid())
        return ProcessPoolExecutor(self._settings.workers, context, initializer=_start, initargs=orders)

    def _give_up_pool(self) -> None:
        with self._lock:
            if self._pool:
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None

    def stop(self) -> None:
        """End the processes; a thread that outlives the interpreter takes Orthanc down with it."""
        with self._lock:
            self._is_stopped = True
            if self._pool:
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = None


def _read(headers: dict[str, str]) -> PassThroughRequest:
    written: dict[str, Any] = {name: headers[header] for header, name in HEADERS.items() if header in headers}
    if "Rehearse" in written:
        written["Rehearse"] = {"true": True, "false": False}.get(written["Rehearse"].lower(), written["Rehearse"])
    try:
        return PassThroughRequest.model_validate(written)
    except ValidationError as error:
        said = "; ".join(f"header Greycloak-{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
        raise RestError(HTTPStatus.BAD_REQUEST, said) from None


def _busy() -> RestError:
    return RestError(
        HTTPStatus.SERVICE_UNAVAILABLE, "too many files are being anonymized: try again", headers={"Retry-After": "1"}
    )


class _QuarantinedError(Exception):
    """Carries reason and detail out of the process; nothing in them names anybody."""


_installation: Installation


def _start(store: str, key_file: str, parent: int) -> None:
    global _installation  # noqa: PLW0603  the one way to hand a pool's processes something of their own
    end_with_parent(parent)
    _installation = Installation.open(store, Path(key_file))


@lru_cache(_MAX_ENGINES)
def _engine(profile: str, project: str, caller: str, rehearse: bool) -> Engine:  # noqa: FBT001  pools pass no keywords
    installation = _installation.seen_by(Caller(caller, "orthanc"))
    return Engine(load_profile(profile), installation.rehearse(project) if rehearse else installation.project(project))


def _anonymize(
    profile: str,
    project: str,
    caller: str,
    rehearse: bool,  # noqa: FBT001
    file: bytes,
) -> tuple[bytes, dict[str, Any]]:
    outcome = _engine(profile, project, caller, rehearse).deidentify(file)
    if isinstance(outcome, Quarantined):
        raise _QuarantinedError(outcome.reason, outcome.detail)
    said = {
        "Pseudonym": outcome.pseudonym,
        "PatientID": outcome.patient_id,
        "StudyInstanceUID": outcome.study_uid,
        "SeriesInstanceUID": outcome.series_uid,
        "SOPInstanceUID": outcome.sop_instance_uid,
        "SOPClassUID": outcome.sop_class_uid,
        "Method": outcome.method,
        "MethodCodes": outcome.method_codes,
        "Notes": outcome.notes,
    }
    return outcome.to_bytes(), said
