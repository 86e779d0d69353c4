"""A real Orthanc for tests: started on free ports of loopback, stopped by its pid."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from support import decode

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = "/usr/share/orthanc/plugins/libOrthancPython.so"
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OrthancServer:
    """An Orthanc with Greycloak.

    Parameters
    ----------
    folder : Path
        Where it keeps everything; starting again in the same folder goes on with the same data.
    section : dict
        More settings for ``"Greycloak"``.
    configuration : dict
        More settings for Orthanc.
    script : Path
        The Python script.
    """

    def __init__(self, folder: Path, section=None, configuration=None, script=ROOT / "orthanc_plugin" / "plugin.py"):
        self.folder = folder
        self.section = section or {}
        self.configuration = configuration or {}
        self.script = script
        self.port, self.dicom_port = free_port(), free_port()
        self.scheme = "http"
        self.session = requests.Session()
        # Orthanc closes a connection that was idle for a second, perhaps at the moment it is used again.
        again = Retry(total=2, allowed_methods={"GET"})
        self.session.mount("http://", HTTPAdapter(max_retries=again))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def launch(self) -> None:
        """Start the process, and return at once."""
        configuration = {
            "HttpPort": self.port,
            "DicomPort": self.dicom_port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomAlwaysAllowStore": True,
            "StorageDirectory": str(self.folder / "orthanc"),
            "IndexDirectory": str(self.folder / "orthanc"),
            "Plugins": [PLUGIN],
            "PythonScript": str(self.script),
            "Greycloak": {"VirtualEnvironment": sys.prefix, **self.section},
        } | self.configuration
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "orthanc.json").write_text(json.dumps(configuration))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["Orthanc", self.folder / "orthanc.json"], stdout=log, stderr=log, process_group=0
            )

    def start(self) -> OrthancServer:
        self.launch()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                if self.session.get(f"{self.url}/greycloak/status", timeout=5).json()["Workers"]:
                    return self
            except (requests.RequestException, ValueError, KeyError):
                pass
            time.sleep(0.1)
        raise AssertionError(self.log.read_text()[-2000:])

    def stop_cleanly(self) -> None:
        """Stop, and insist that Orthanc ended in peace.

        From version 1.12 on, Orthanc's Python plugin crashes at the very end if it has a REST callback, whatever that
        does (tried with one that does nothing, 1.12.7 with plugin 5.0).
        """
        is_new = [int(part) for part in self.get("/system")["Version"].split(".")[:2]] >= [1, 12]
        assert self.stop() in ({0, -11} if is_new else {0})

    def stop(self) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("Orthanc does not stop") from None
        self.process = None
        return status

    def kill(self) -> None:
        """Kill Orthanc as a power cut would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    @property
    def log(self) -> Path:
        return self.folder / "orthanc.log"

    def get(self, path: str) -> Any:
        answer = self.session.get(self.url + path, timeout=PATIENCE)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        answer = self.session.post(self.url + path, data=data, timeout=PATIENCE, **options)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    def upload(self, data: bytes) -> dict[str, Any]:
        return self.post("/instances", data)

    def send(self, *files: Path, called: str = "GREYCLOAK", calling: str = "MODALITY") -> None:
        """Send files with C-STORE."""
        command = ["storescu", "-aet", calling, "-aec", called, "127.0.0.1", str(self.dicom_port), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True)

    def settle(self, seconds: float = PATIENCE) -> dict[str, int]:
        """Wait until all work is done; return how much of what there was."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.get("/greycloak/status")
            work = status["Work"]
            if not work.get("pending") and not work.get("claimed") and not status["NotYetRecorded"]:
                return work
            time.sleep(0.1)
        raise AssertionError(work)

    def studies(self, *, anonymized: bool) -> list[dict[str, Any]]:
        found = []
        for study in self.get("/studies?expand"):
            instance = self.get(f"/studies/{study['ID']}/instances")[0]["ID"]
            tags = self.get(f"/instances/{instance}/simplified-tags")
            if str(tags.get("DeidentificationMethod", "")).startswith("Greycloak") == anonymized:
                found.append(study)
        return found

    def instances_of(self, study: dict[str, Any]) -> list[str]:
        return [instance["ID"] for instance in self.get(f"/studies/{study['ID']}/instances")]

    def file(self, instance: str):
        answer = self.session.get(f"{self.url}/instances/{instance}/file", timeout=PATIENCE)
        return decode(answer.content)

    def worker_pids(self) -> list[int]:
        """Return the processes that this Orthanc started."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for path in children for pid in path.read_text().split()]
