"""The wheel in a clean virtual environment, in Debian's configuration, in a real Orthanc of the service's user."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import requests
from orthanc_server import PATIENCE, PLUGIN, ROOT, OrthancServer

from greycloak_orthanc.deploy.found_orthanc import embedded_python
from greycloak_orthanc.deploy.json_text import read_object, set_value, value_of
from support import ct, encode

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
USER = "orthanc" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


class DebianOrthanc(OrthancServer):
    """An Orthanc with a copy of the files in ``/etc/orthanc``, as Debian's service starts it: its user, the folder."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.etc, self.data = folder / "etc", folder / "data"
        shutil.copytree("/etc/orthanc", self.etc, ignore=lambda _, names: {n for n in names if not readable(n)})
        self.data.mkdir()
        path = self.etc / "orthanc.json"
        text = path.read_text()
        for name, value in {
            "HttpPort": self.port,
            "DicomPort": self.dicom_port,
            "StorageDirectory": str(self.data / "db"),
            "IndexDirectory": str(self.data / "db"),
        }.items():
            text = set_value(text, [name], value)
        path.write_text(text)
        if os.geteuid() == 0:
            for one in (folder, *folder.rglob("*")):
                shutil.chown(one, USER, USER)
            self.etc.chmod(0o755)

    def launch(self) -> None:
        as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.geteuid() == 0 else []
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*as_user, "Orthanc", self.etc], stdout=log, stderr=log, process_group=0, cwd="/"
            )

    def start_plain(self) -> None:
        """Start, and wait for Orthanc itself."""
        self.launch()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                if self.session.get(f"{self.url}/system", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])


def readable(name: str) -> bool:
    return os.access(Path("/etc/orthanc", name), os.R_OK)


@pytest.fixture
def orthanc(shared):
    folder = shared / "debian"
    server = DebianOrthanc(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def clean(environment):
    """Return the clean virtual environment of the Python that the plugin embeds."""
    return environment(".".join(map(str, embedded_python(Path(PLUGIN)))))


@pytest.fixture
def greycloak(clean, orthanc):
    """Return a function that runs the installed program's ``orthanc`` command on the configuration."""

    def run(*arguments):
        command = [clean / "bin" / "greycloak", "orthanc", *arguments, "--config-folder", orthanc.etc]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def script_of(orthanc):
    text = (orthanc.etc / "python.json").read_text()
    return Path(value_of(text, read_object(text).find("PythonScript")))


def test_install_anonymize_uninstall(clean, greycloak, orthanc):
    before = contents(orthanc.etc)
    shown = greycloak("install", "--dry-run", "--user", USER, "--project", "knee")
    assert str(clean) in shown
    assert contents(orthanc.etc) == before

    greycloak("install", "--user", USER, "--project", "knee")
    orthanc.start()
    assert script_of(orthanc).is_relative_to(clean)
    original = orthanc.upload(encode(ct()))["ParentStudy"]
    assert orthanc.settle() == {"done": 1}
    [twin] = orthanc.studies(anonymized=True)
    assert twin["PatientMainDicomTags"]["PatientID"].startswith("KNEE-")
    assert orthanc.session.get(f"{orthanc.url}/greycloak/page/index.html", timeout=PATIENCE).status_code == 200
    assert (orthanc.data / "greycloak" / "key").stat().st_mode & 0o777 == 0o600
    orthanc.stop_cleanly()

    greycloak("uninstall")
    assert contents(orthanc.etc) == before
    orthanc.start_plain()
    assert orthanc.session.get(f"{orthanc.url}/greycloak/status", timeout=PATIENCE).status_code == 404
    assert {study["ID"] for study in orthanc.get("/studies?expand")} == {original, twin["ID"]}
    assert (orthanc.data / "greycloak" / "key").exists()
    orthanc.stop()

    greycloak("install", "--user", USER)
    orthanc.start()
    again = orthanc.post(f"/studies/{original}/anonymize-greycloak", {"Project": "knee"})
    assert again["ID"] == twin["ID"]


def test_the_documented_script_of_a_site_starts_greycloak(clean, greycloak, orthanc):
    block = re.search(r"```python\n(# site_script\.py.*?)```", OPERATIONS, re.DOTALL)[1]
    documented = re.search(r'"(/opt/greycloak/.*?)"', block)[1]
    packages = next(clean.glob("lib/python3.*/site-packages"))
    assert re.sub(r"3\.\d+", "3.x", documented) == re.sub(
        r"3\.\d+", "3.x", f"/opt/greycloak/{packages.relative_to(clean)}"
    )
    script = orthanc.etc / "site_script.py"
    script.write_text(block.replace(documented, str(packages)))
    path = orthanc.etc / "python.json"
    path.write_text(set_value(path.read_text(), ["PythonScript"], str(script)))
    greycloak("install", "--user", USER, "--keep-script")
    assert script_of(orthanc) == script
    orthanc.start()
    orthanc.upload(encode(ct()))
    assert orthanc.settle() == {"done": 1}
    assert "/greycloak/page/" in orthanc.session.get(f"{orthanc.url}/plugins/explorer.js", timeout=PATIENCE).text


def test_the_documented_commands_are_those_that_are_tested(wheel):
    lines = re.search(r"### On Debian.*?```\n(.*?)```", OPERATIONS, re.DOTALL)[1].splitlines()
    assert lines == [
        "apt-get install orthanc orthanc-python python3-venv",
        "python3 -m venv /opt/greycloak",
        f"/opt/greycloak/bin/pip install dist/{wheel.name}",
        "/opt/greycloak/bin/greycloak orthanc install --dry-run",
        "/opt/greycloak/bin/greycloak orthanc install",
        "systemctl restart orthanc",
    ]
