"""What tests of the 3D Slicer extension share: an application of stand-ins, its database, and an event pump."""

from __future__ import annotations

import time

import pytest
import standins
from scenario import forget_window_modules
from standins import dialogs


@pytest.fixture
def slicer_app(tmp_path):
    """Install the stand-ins with an empty database, and a main window; return ``slicer``."""
    yield standins.install(tmp_path / "database")
    standins.uninstall()
    forget_window_modules()


@pytest.fixture
def database(slicer_app):
    return slicer_app.dicomDatabase


@pytest.fixture
def user(slicer_app):  # noqa: ARG001 # which forgets former users
    """The user, whose answers a test scripts, and who tells what was shown."""
    return dialogs.USER


@pytest.fixture
def pump(slicer_app):
    """Run the event loop until something holds, or fail after some seconds."""

    def run(until=lambda: False, seconds=10.0):
        deadline = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < deadline, "the time is up"
            slicer_app.app.processEvents()
            time.sleep(0.001)

    return run
