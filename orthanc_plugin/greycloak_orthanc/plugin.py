"""Start Greycloak inside Orthanc; the one module that imports ``orthanc``."""

from __future__ import annotations

import json
import logging
import uuid
from importlib.resources import files
from typing import Any

import orthanc
from greycloak.profiles import unusable_profiles
from greycloak.pseudonyms import KeyFileError, StoreError
from greycloak_orthanc.arrival.arrivals import Arrivals
from greycloak_orthanc.arrival.catch_up import CatchUp
from greycloak_orthanc.arrival.rules import ARRIVAL_METADATA, MADE_BY_ORTHANC, Arrival, needs_modality, order_for
from greycloak_orthanc.config import ConfigurationError, Settings, read_server, read_settings
from greycloak_orthanc.parts import Parts
from greycloak_orthanc.rest.routes import PAGE, Routes
from greycloak_orthanc.work.loopback import Loopback
from greycloak_orthanc.work.supervisor import NoInterpreterError, Supervisor, find_python

_NODE_PROPERTY = 6390
"""Our number among Orthanc's global properties."""


def _own_name() -> str:
    """Return a name that stays with Orthanc's index, wherever it moves, and that Orthancs of one index share."""
    name: str = orthanc.GetGlobalProperty(_NODE_PROPERTY, "")
    if not name:
        name = str(uuid.uuid4())
        orthanc.SetGlobalProperty(_NODE_PROPERTY, name)
    return name


class _OrthancLog(logging.Handler):
    """Hands our log to Orthanc's; nothing in it names anybody."""

    def emit(self, record: logging.LogRecord) -> None:
        log = orthanc.LogError if record.levelno >= logging.ERROR else orthanc.LogWarning
        log(self.format(record))


class _Plugin:
    """The plugin while Orthanc runs."""

    def __init__(self, settings: Settings, configuration: dict[str, Any]) -> None:
        self.settings = settings
        find_python(settings.python)
        for problem in unusable_profiles():
            orthanc.LogWarning(f"Greycloak leaves out a profile: {problem}")
        self.parts = Parts(settings, read_server(configuration))
        if settings.rules:
            self.parts.arrivals = Arrivals(self.parts.queue, self.parts.server.storage / "greycloak")
        self.catch_up: CatchUp | None = None
        self.routes = Routes(orthanc, self.parts)
        self.routes.register()

    def start(self) -> None:
        parts = self.parts
        authorization = orthanc.GenerateRestApiAuthorizationToken()
        parts.queue.node = self.settings.node or _own_name()
        parts.supervisor = Supervisor(self.settings, parts.server, authorization, parts.queue)
        parts.supervisor.start()
        parts.loopback = Loopback(parts.server, authorization, threads=2)
        parts.health.start()
        if parts.arrivals is None:
            parts.queue.forget_bookmark()  # what arrives without rules is not to be caught up with later
        else:
            parts.arrivals.start()
            self.catch_up = CatchUp(self.settings, parts.queue, parts.loopback)
            self.catch_up.start()

    def stop(self) -> None:
        self.routes.pass_through.stop()
        self.parts.health.stop()
        if self.catch_up:
            self.catch_up.stop()
        if self.parts.arrivals:
            self.parts.arrivals.stop()
        if self.parts.supervisor:
            self.parts.supervisor.stop()


_plugin: _Plugin | None = None


def start() -> None:
    """Read the configuration, check key and store, and register the routes; for scripts that chain the callbacks.

    Raises
    ------
    ConfigurationError, KeyFileError, StoreError, NoInterpreterError
        If anything is not as it should be; the message says what to do.
    """
    global _plugin  # noqa: PLW0603  Orthanc runs one script
    handler = _OrthancLog()
    logging.getLogger("greycloak").addHandler(handler)
    try:
        configuration = json.loads(orthanc.GetConfiguration())
        settings = read_settings(configuration)
        if settings.enable:
            _plugin = _Plugin(settings, configuration)
    except (ConfigurationError, KeyFileError, StoreError, NoInterpreterError) as error:
        orthanc.LogError(f"Greycloak does not start: {error}")
        raise


def register() -> None:
    """Start Greycloak as this Orthanc's one and only Python script."""
    start()
    if _plugin is None:
        return
    orthanc.RegisterOnChangeCallback(on_change)
    if _plugin.settings.rules:
        orthanc.RegisterOnStoredInstanceCallback(on_stored)
    orthanc.ExtendOrthancExplorer(explorer_js())
    orthanc.SetRootUri(f"/{PAGE}")
    orthanc.SetDescription("Greycloak: DICOM de-identification (PS3.15 Annex E) into a separate study")


def on_change(change_type: int, _level: int, _resource: str) -> None:
    """Start with Orthanc, stop with Orthanc."""
    if _plugin is None:
        return
    if change_type == orthanc.ChangeType.ORTHANC_STARTED:
        _plugin.start()
    elif change_type == orthanc.ChangeType.ORTHANC_STOPPED:
        _plugin.stop()


def on_stored(dicom: Any, instance: str) -> None:
    """Note an instance that has arrived, if a rule says so. Nothing else: every upload waits for this."""
    if _plugin is None or any(dicom.HasInstanceMetadata(name) for name in MADE_BY_ORTHANC):
        return
    settings = _plugin.settings
    modality = ""
    if needs_modality(settings):
        modality = json.loads(dicom.GetInstanceSimplifiedJson()).get("Modality") or ""
    metadata = {name: dicom.GetInstanceMetadata(name) for name in ARRIVAL_METADATA if dicom.HasInstanceMetadata(name)}
    order = order_for(settings, Arrival.of(metadata, modality))
    if order is not None and _plugin.parts.arrivals is not None:
        _plugin.parts.arrivals.note(instance, order)


def explorer_js() -> str:
    """Return what Greycloak adds to Orthanc Explorer 1."""
    return (files(__package__) / "explorer.js").read_text(encoding="utf-8")
