from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "orthanc"))
sys.path.insert(0, str(Path(__file__).parent))

from containers import ContainedOrthanc
from images import IMAGE, ROOT, build, unmount_all


@pytest.fixture(scope="session", autouse=True)
def _mounts():
    if os.geteuid() != 0:
        pytest.exit("making and running images wants root", returncode=2)
    yield
    unmount_all()


@pytest.fixture(scope="session")
def image():
    """The image, built from the Dockerfile that we ship."""
    return build(ROOT / "docker" / "Dockerfile", IMAGE)


@pytest.fixture
def make_orthanc(image, tmp_path):
    """Return a factory of containers that are stopped in the end."""
    servers = []

    def make(name="orthanc", **options):
        server = ContainedOrthanc(image, tmp_path / name, **options)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()
