from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from orthanc_server import OrthancServer


@pytest.fixture
def make_orthanc(tmp_path):
    """Return a factory of Orthancs that are stopped in the end."""
    servers = []

    def make(name="orthanc", **options):
        server = OrthancServer(tmp_path / name, **options)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    """An Orthanc that the tests of a module share."""
    server = OrthancServer(tmp_path_factory.mktemp("orthanc")).start()
    yield server
    server.stop_cleanly()
