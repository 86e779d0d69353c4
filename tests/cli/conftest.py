from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import ct, encode

SCRIPT = Path(sys.executable).with_name("greycloak")


class Place:
    """A temporary folder with a key and store of its own, and the installed command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GREYCLOAK_")}
        self.environment |= {"XDG_DATA_HOME": str(folder / "data"), "COLUMNS": "100"}

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def call(self, *arguments, status=0, text=True, **options):
        command = [str(SCRIPT), *map(str, arguments)]
        settings = {"capture_output": True, "text": text, "env": self.environment, "cwd": self.folder}
        done = subprocess.run(command, check=False, **(settings | options))
        if status is not None:
            assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done

    def start(self, *arguments, **options):
        command = [str(SCRIPT), *map(str, arguments)]
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=self.environment, cwd=self.folder, **(settings | options))

    def files(self, folder: str = "out") -> dict[str, bytes]:
        """Return all files of a folder by their names below it."""
        top = self.folder / folder
        return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def images(place):
    """Three slices, in folders that name the patient."""
    source = place / "in" / "Doe^Jonathan" / "nested"
    source.mkdir(parents=True)
    for number in range(3):
        (source / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    return place
