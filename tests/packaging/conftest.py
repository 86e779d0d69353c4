from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "orthanc"))
sys.path.insert(0, str(Path(__file__).parent))

from interpreters import interpreters
from orthanc_server import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@contextmanager
def counted(counter: Path, change: int) -> Iterator[int]:
    """Change how many processes use something, and hold the others off meanwhile."""
    with counter.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        count = int(stream.read() or 0) + change
        stream.truncate(0)
        stream.write(str(count))
        stream.flush()
        yield count


@pytest.fixture(scope="session")
def shared(tmp_path_factory, testrun_uid):
    """Return a folder that the processes of this run share, and every user may look into.

    Not one of pytest's: whenever pytest starts, it takes what is below those away from all but their owner.
    """
    base = tmp_path_factory.getbasetemp()
    counter = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "packaging-users"
    folder = Path(tempfile.gettempdir(), f"greycloak-{testrun_uid[:16]}")
    with counted(counter, 1):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    yield folder
    with counted(counter, -1) as left:
        if not left:
            shutil.rmtree(folder)


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
