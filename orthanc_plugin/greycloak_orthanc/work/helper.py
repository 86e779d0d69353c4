"""A helper: an ordinary Python process that anonymizes the files it is sent, one at a time."""

from __future__ import annotations

import json
import logging
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from greycloak import Deidentified, Engine, Installation, Quarantined, Skipped, load_profile
from greycloak.pseudonyms import Caller, StoreError
from greycloak.report import mask_line
from greycloak_orthanc.work.helpers import receive, send

_MAX_REMEMBERED = 64
_MAX_NOTED = 10_000


class Helper:
    """Key, store, and what was opened with them.

    Parameters
    ----------
    orders : dict
        Where key and store are.
    """

    def __init__(self, orders: dict[str, Any]) -> None:
        self._orders = orders
        self._noted: set[tuple[object, ...]] = set()
        self._open()

    def _open(self) -> None:
        self._installation = Installation.open(self._orders["store"], Path(self._orders["key_file"]))
        self._engine = lru_cache(_MAX_REMEMBERED)(self._open_engine)

    def _open_engine(self, profile: str, project: str, caller: str) -> Engine:
        return Engine(load_profile(profile), self._installation.seen_by(Caller(caller, "orthanc")).project(project))

    def answer(self, order: dict[str, Any], file: bytes) -> tuple[dict[str, Any], bytes]:
        """Anonymize a file; return what became of it, and the new one."""
        try:
            return self._answered(order, file)
        except StoreError as error:
            self._open()  # the key may have been rotated meanwhile
            return {"Unavailable": str(error)}, b""

    def _answered(self, order: dict[str, Any], file: bytes) -> tuple[dict[str, Any], bytes]:
        profile, project, caller = order["profile"], order["project"], order["caller"]
        if order["rehearse"]:  # anew each time: what it gives depends on what is recorded meanwhile
            installation = self._installation.seen_by(Caller(caller, "orthanc"))
            engine = Engine(load_profile(profile), installation.rehearse(project))
        else:
            engine = self._engine(profile, project, caller)
        if order.get("preview"):
            return self._previewed(engine, file)
        outcome = engine.deidentify(file)
        if isinstance(outcome, Quarantined):
            return {"Reason": outcome.reason, "Detail": outcome.detail, "Remedy": outcome.remedy}, b""
        if isinstance(outcome, Skipped):
            return {"Skipped": outcome.kind}, b""
        self._note(engine, outcome.study_uid, rehearsed=order["rehearse"])
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
            "Masks": [mask_line(mask) for mask in outcome.masks],
        }
        return said, outcome.to_bytes()

    def _previewed(self, engine: Engine, file: bytes) -> tuple[dict[str, Any], bytes]:
        """Return every element before and after, as the answer of a REST call."""
        from greycloak.reporting.rest import preview_answer  # noqa: PLC0415  not needed to anonymize

        answer, outcome = preview_answer(engine, file)
        if isinstance(outcome, Deidentified):
            self._note(engine, outcome.study_uid, rehearsed=True)
        return {}, json.dumps(answer).encode()

    def _note(self, engine: Engine, study: str, *, rehearsed: bool) -> None:
        """Note in the audit who was told the pseudonym of a study, once a study; before it is told."""
        project = engine.project
        key = (project.name, project.caller, study, rehearsed)
        if key in self._noted:
            return
        shown = study if "retain-uids" not in engine.profile.options else "kept"
        facts = {"project": project.name, "profile": engine.profile.name, "study": shown, "rehearsed": rehearsed}
        project.audit.record(project.caller, "pass-through", **facts)
        if len(self._noted) >= _MAX_NOTED:
            self._noted.clear()
        self._noted.add(key)


def main() -> None:
    """Answer until the input closes."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s", level=logging.WARNING)
    source, target = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not come between
    orders = receive(source)
    if orders is None:
        return
    helper = Helper(orders[0])
    while (asked := receive(source)) is not None:
        send(target, *helper.answer(*asked))


if __name__ == "__main__":
    main()
