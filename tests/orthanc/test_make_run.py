"""``make run``, as in the README: it starts, shows, survives a second call, and ends with Ctrl-C."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests
from orthanc_server import ROOT, free_port

PATIENCE = 60


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of the tree, so that a ``make run`` of yours goes on undisturbed."""
    folder = tmp_path / "greycloak"
    folder.mkdir()
    for name in ("core", "orthanc_plugin", "tools", "Makefile", "pyproject.toml", "README.md"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def run(checkout, *arguments):
    command = [checkout / ".venv" / "bin" / "python", "tools/run.py", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0
    )


def read_until(process, text):
    lines = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        if not line:
            break
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError("".join(lines) + process.stderr.read())


def test_it_starts_shows_and_ends(checkout):
    port, dicom_port = free_port(), free_port()
    first = run(checkout, "--port", port, "--dicom-port", dicom_port)
    try:
        shown = read_until(first, "Ctrl-C")
        original, twin = re.findall(r"study\?uuid=(\S+)", shown)
        url = f"http://localhost:{port}"
        assert original != twin
        for study in (original, twin):
            instances = requests.get(f"{url}/studies/{study}/instances", timeout=10).json()
            assert len(instances) == 3
        assert requests.get(re.search(r"Greycloak's page\s+(\S+)", shown).group(1), timeout=10).status_code == 200
        modalities = {
            series["MainDicomTags"]["Modality"] for series in requests.get(f"{url}/series?expand", timeout=10).json()
        }
        assert {"CT", "MR", "US"} <= modalities
        studies = requests.get(f"{url}/studies", timeout=10).json()

        second = run(checkout, "--port", port)
        output, errors = second.communicate(timeout=PATIENCE)
        assert (second.returncode, errors) == (0, "")
        assert original in output
        assert twin in output
        assert "running already" in output
        assert requests.get(f"{url}/studies", timeout=10).json() == studies

        os.killpg(first.pid, signal.SIGINT)
        output, errors = first.communicate(timeout=PATIENCE)
        assert (first.returncode, errors) == (0, "")
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=5)
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGTERM)
            first.communicate()


@pytest.mark.parametrize(("port", "says"), [("nonsense", "port number"), ("99999", "port number")])
def test_a_wrong_port_is_told(checkout, port, says):
    process = run(checkout, "--port", port)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert says in errors


def test_a_port_in_use_is_told_with_what_to_do(checkout):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = run(checkout, "--port", port)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"make run PORT={port + 1}" in errors
