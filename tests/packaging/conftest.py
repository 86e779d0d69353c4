from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "orthanc"))
sys.path.insert(0, str(Path(__file__).parent))

from interpreters import interpreters
from orthanc_server import ROOT


def once(shared: Path, name: str, make) -> Path:
    """Return a folder that is made once for all processes of this run."""
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = shared / f"{name}.draft"
            draft.mkdir()
            make(draft)
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Return a folder that the processes of this run share, and every user may look into."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent / "packaging" if "PYTEST_XDIST_WORKER" in os.environ else base / "packaging"
    folder.mkdir(exist_ok=True)
    for above in (folder, *folder.parents):  # pytest's folders are only for their owner
        if above.stat().st_uid == os.geteuid() and above.is_relative_to("/tmp"):
            above.chmod(above.stat().st_mode | 0o011)
    return folder


def build(folder: Path, *what: str) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session")
def dist(shared):
    """Return a folder with the source distribution and the wheel that was built from it."""
    return once(shared, "dist", build)


@pytest.fixture(scope="session")
def wheel(dist):
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="session")
def sdist(dist):
    return next(dist.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def environment(shared, wheel):
    """Return a function that makes a clean virtual environment for a Python, with nothing but the wheel."""

    def make(version: str) -> Path:
        folder = shared / f"python{version}"

        def install(_draft):
            # Not in the draft: a virtual environment cannot be moved.
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([interpreters()[version], "-m", "venv", folder], check=True)
            pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, wheel], check=True, capture_output=True)

        once(shared, f"python{version}-ready", install)
        return folder

    return make
