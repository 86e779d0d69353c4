"""Examples in README and docs are run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from orthanc_server import ROOT, OrthancServer

from greycloak.outcomes import REASONS
from greycloak_orthanc.config import read_settings
from support import ct, encode, named

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language):
    for page in PAGES:
        for number, block in enumerate(
            re.findall(rf"^ *```{language}\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
        ):
            yield pytest.param(block, id=f"{page.name}-{number}")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section={"Rules": []}).start()
    yield server
    server.stop()


@pytest.mark.parametrize("block", list(blocks("python")))
def test_python_examples_run(block, tmp_path):
    (tmp_path / "image.dcm").write_bytes(named("CT_small.dcm"))
    subprocess.run([sys.executable, "-c", block], cwd=tmp_path, check=True)
    assert (tmp_path / "anonymized.dcm").exists()


@pytest.mark.parametrize("block", list(blocks("sh")))
def test_shell_examples_run(block, tmp_path, orthanc):
    study = orthanc.upload(encode(ct()))["ParentStudy"]
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "image.dcm").write_bytes(named("CT_small.dcm"))
    environment = os.environ | {
        "ORTHANC": orthanc.url,
        "STUDY": study,
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    block = block.replace("curl -s", "curl -sf")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (block, done.stdout, done.stderr)


@pytest.mark.parametrize("block", list(blocks("json")))
def test_configuration_examples_are_valid(block):
    read_settings({"StorageDirectory": "/var/lib/orthanc/db"} | json.loads(block))


def test_every_link_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), (page.name, target)


def test_every_quarantine_reason_in_the_docs_exists():
    text = (ROOT / "docs" / "profiles.md").read_text()
    table = text[text.index("| Reason |") :]
    named_there = set(re.findall(r"`([a-z-]+)`", table))
    assert named_there <= set(REASONS)
