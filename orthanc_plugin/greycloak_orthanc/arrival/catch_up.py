"""Find instances that arrived while nobody could record them: Orthanc was killed, or the store was away."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak.pseudonyms import StoreError
from greycloak_orthanc.arrival.rules import MADE_BY_ORTHANC, Arrival, needs_modality, order_for
from greycloak_orthanc.work.loopback import Loopback, LoopbackError

if TYPE_CHECKING:
    from greycloak_orthanc.config import Settings
    from greycloak_orthanc.work.queue import Queue

EVERY = 60.0
"""Seconds between two looks at Orthanc's list of changes."""

_PAGE = 500

_log = logging.getLogger("greycloak")


class CatchUp:
    """Follows Orthanc's list of changes, which survives everything, a little behind the hook.

    Parameters
    ----------
    settings : Settings
        With the rules.
    queue : Queue
        Where work is recorded.
    orthanc : Loopback
        Where the list is.
    """

    def __init__(self, settings: Settings, queue: Queue, orthanc: Loopback) -> None:
        self._settings = settings
        self._queue = queue
        self._orthanc = orthanc
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait until it has stopped."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self.look()
            except (StoreError, LoopbackError) as error:
                _log.warning("Greycloak cannot look for missed instances now: %s", error)
            except Exception as error:  # noqa: BLE001  the next look may succeed; the message may hold values
                _log.error("Greycloak failed to look for missed instances: %s", type(error).__name__)
            if self._stopping.wait(EVERY):
                return

    def look(self) -> None:
        """Record what has been missed since the last look; the first look only sets the bookmark."""
        since = self._queue.bookmark()
        last = self._orthanc.get("/changes?last")["Last"]
        if since is None or since > last:  # never seen, or Orthanc's index has been made anew
            self._queue.set_bookmark(last)
            return
        while True:
            page = self._orthanc.get(f"/changes?since={since}&limit={_PAGE}")
            came = [change["ID"] for change in page["Changes"] if change["ChangeType"] == "NewInstance"]
            known = self._queue.knows_arrival(came)
            for instance in came:
                if instance not in known:
                    self._record(instance)
            if self._stopping.is_set():
                return
            if page["Last"] > since:
                since = page["Last"]
                self._queue.set_bookmark(since)
            if page["Done"]:
                return

    def _record(self, instance: str) -> None:
        try:
            metadata: dict[str, Any] = self._orthanc.get(f"/instances/{instance}/metadata?expand")
            modality = ""
            if needs_modality(self._settings):
                modality = self._orthanc.get(f"/instances/{instance}/simplified-tags").get("Modality") or ""
        except LoopbackError as error:
            if error.status == HTTPStatus.NOT_FOUND:  # deleted since
                return
            raise
        if any(name in metadata for name in MADE_BY_ORTHANC):
            return
        order = order_for(self._settings, Arrival.of(metadata, modality))
        if order is not None:
            # What was missed may be old: its twin is made, but nothing is deleted behind anybody's back.
            self._queue.arrived([(instance, replace(order, keep_source=True))])
