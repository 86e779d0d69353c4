"""The parts of the plugin, as they know each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greycloak.pseudonyms import Installation
from greycloak_orthanc.health import Health
from greycloak_orthanc.work.queue import Queue

if TYPE_CHECKING:
    from greycloak_orthanc.arrival.arrivals import Arrivals
    from greycloak_orthanc.config import Server, Settings
    from greycloak_orthanc.work.loopback import Loopback
    from greycloak_orthanc.work.supervisor import Supervisor


@dataclass
class Parts:
    """What there is from the start, and what runs only while Orthanc does.

    Attributes
    ----------
    settings, server
        The configuration.
    installation : Installation
        Key and store.
    queue : Queue
        What is to be done.
    health : Health
        Whether it is being done.
    supervisor : Supervisor or None
        Who lets workers run.
    loopback : Loopback or None
        How Orthanc is reached.
    arrivals : Arrivals or None
        What comes by itself; None without rules.
    """

    settings: Settings
    server: Server
    installation: Installation = field(init=False)
    queue: Queue = field(init=False)
    health: Health = field(init=False)
    supervisor: Supervisor | None = None
    loopback: Loopback | None = None
    arrivals: Arrivals | None = None

    def __post_init__(self) -> None:
        settings = self.settings
        self.installation = Installation.open(settings.store, settings.key_file)
        self.queue = Queue(settings.store)
        self.health = Health(
            settings,
            self.installation,
            self.queue,
            self.server.storage,
            supervisor=lambda: self.supervisor,
            arrivals=lambda: self.arrivals,
        )
