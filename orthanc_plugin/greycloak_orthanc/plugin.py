"""Start Greycloak inside Orthanc; the one module that imports ``orthanc``."""

from __future__ import annotations

import json
import logging
import uuid
from importlib.resources import files
from typing import Any

import orthanc
from greycloak import Installation
from greycloak.profiles import unusable_profiles
from greycloak.pseudonyms import KeyFileError, StoreError
from greycloak_orthanc.catch_up import CatchUp
from greycloak_orthanc.config import ConfigurationError, Settings, read_server, read_settings
from greycloak_orthanc.loopback import Loopback
from greycloak_orthanc.pass_through import PassThrough
from greycloak_orthanc.previews import Previews
from greycloak_orthanc.queue import Queue
from greycloak_orthanc.routes import PAGE, Routes
from greycloak_orthanc.rules import ARRIVAL_METADATA, MADE_BY_ORTHANC, Arrival, needs_modality, order_for
from greycloak_orthanc.supervisor import NoInterpreterError, Supervisor, find_python

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
        self.server = read_server(configuration)
        find_python(settings.python)
        for problem in unusable_profiles():
            orthanc.LogWarning(f"Greycloak leaves out a profile: {problem}")
        self.installation = Installation.open(settings.store, settings.key_file)
        self.queue = Queue(settings.store)
        self.supervisor: Supervisor | None = None
        self.catch_up: CatchUp | None = None
        routes = Routes(orthanc, settings, self.server, self.queue, self.installation, lambda: self.supervisor)
        routes.register()
        self.pass_through = PassThrough(settings, routes.waiting)
        orthanc.RegisterRestCallback("/tools/anonymize-greycloak", self.pass_through.serve)
        previews = Previews(settings, self.server, self.pass_through)
        orthanc.RegisterRestCallback("/greycloak/preview", previews.serve)

    def start(self) -> None:
        authorization = orthanc.GenerateRestApiAuthorizationToken()
        self.queue.node = self.settings.node or _own_name()
        self.supervisor = Supervisor(self.settings, self.server, authorization, self.queue)
        self.supervisor.start()
        if not self.settings.rules:
            self.queue.forget_bookmark()  # what arrives without rules is not to be caught up with later
        else:
            orthanc_api = Loopback(self.server, authorization, threads=1)
            self.catch_up = CatchUp(self.settings, self.queue, orthanc_api)
            self.catch_up.start()

    def stop(self) -> None:
        self.pass_through.stop()
        if self.catch_up:
            self.catch_up.stop()
        if self.supervisor:
            self.supervisor.stop()


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
    """Record an instance that has arrived, if a rule says so. Nothing else: every upload waits for this."""
    if _plugin is None or any(dicom.HasInstanceMetadata(name) for name in MADE_BY_ORTHANC):
        return
    settings = _plugin.settings
    modality = ""
    if needs_modality(settings):
        modality = json.loads(dicom.GetInstanceSimplifiedJson()).get("Modality") or ""
    metadata = {name: dicom.GetInstanceMetadata(name) for name in ARRIVAL_METADATA if dicom.HasInstanceMetadata(name)}
    order = order_for(settings, Arrival.of(metadata, modality))
    if order is not None:
        _plugin.queue.arrived(instance, order)


def explorer_js() -> str:
    """Return what Greycloak adds to Orthanc Explorer 1."""
    return (files(__package__) / "explorer.js").read_text(encoding="utf-8")
