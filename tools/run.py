#!/usr/bin/env python3
"""Show Greycloak: an Orthanc on loopback with the plugin, a sample study, and its anonymized twin.

Called by ``make run``; everything it makes is in ``.run``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import requests
from pydicom.data import get_testdata_file

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".run"
STATE = FOLDER / "state.json"
PLUGIN = "/usr/share/orthanc/plugins/libOrthancPython.so"
SAMPLES = ("CT_small.dcm", "MR_small.dcm", "examples_rgb_color.dcm")
SAMPLE_STUDY = "1.2.826.0.1.3680043.8.498.20261120"
PATIENCE = 60
OK = 200


class RunError(Exception):
    """Something that the user can do something about."""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(asked: str, first: int, variable: str) -> int:
    if asked == "auto":
        return next(port for port in range(first, first + 1000) if is_free(port))
    if not asked.isdecimal() or not 0 < int(asked) < 1 << 16:
        raise RunError(f"{variable} is to be a port number, not {asked!r}")
    if not is_free(int(asked)):
        raise RunError(f"port {asked} is in use: choose another, as in 'make run {variable}={int(asked) + 1}'")
    return int(asked)


def configuration(port: int, dicom_port: int) -> dict[str, Any]:
    return {
        "Name": "Greycloak",
        "HttpPort": port,
        "DicomPort": dicom_port,
        "DicomAet": "GREYCLOAK",
        "HttpBindAddresses": ["127.0.0.1"],
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        # Orthanc's DICOM port cannot be bound to one address: whoever is not this machine is refused.
        "DicomAlwaysAllowEcho": False,
        "DicomAlwaysAllowStore": False,
        "DicomCheckModalityHost": True,
        "DicomModalities": {"STORESCU": ["STORESCU", "127.0.0.1", 104]},
        "StorageDirectory": str(FOLDER / "orthanc"),
        "IndexDirectory": str(FOLDER / "orthanc"),
        "Plugins": [PLUGIN],
        "PythonScript": str(ROOT / "orthanc_plugin" / "plugin.py"),
        "Greycloak": {"VirtualEnvironment": str(ROOT / ".venv")},
    }


class Orthanc:
    """A running Orthanc."""

    def __init__(self, port: int, dicom_port: int) -> None:
        self.port, self.dicom_port = port, dicom_port
        self.url = f"http://localhost:{port}"

    def get(self, path: str) -> Any:  # noqa: ANN401  JSON
        answer = requests.get(self.url + path, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:  # noqa: ANN401  JSON or bytes
        data = body if isinstance(body, bytes) else json.dumps(body)
        answer = requests.post(self.url + path, data=data, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/greycloak/status", timeout=2).status_code == OK
        except requests.RequestException:
            return False


def running() -> Orthanc | None:
    """Return the Orthanc of an earlier run, if it still stands."""
    try:
        state = json.loads(STATE.read_text())
        os.kill(state["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    orthanc = Orthanc(state["port"], state["dicom_port"])
    return orthanc if orthanc.is_up() else None


def start(port: int, dicom_port: int) -> subprocess.Popen[bytes]:
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    (FOLDER / "orthanc.json").write_text(json.dumps(configuration(port, dicom_port), indent=2))
    log = (FOLDER / "orthanc.log").open("wb")
    # In a group of its own: Ctrl-C comes to us, and we let Orthanc end in peace.
    server = subprocess.Popen(["Orthanc", FOLDER / "orthanc.json"], stdout=log, stderr=log, process_group=0)
    STATE.write_text(json.dumps({"pid": server.pid, "port": port, "dicom_port": dicom_port}))
    return server


def wait_until_up(orthanc: Orthanc, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not orthanc.is_up():
        if server.poll() is not None or time.monotonic() > deadline:
            errors = [line for line in (FOLDER / "orthanc.log").read_text().splitlines() if line.startswith("E")]
            raise RunError("Orthanc did not start; it says:\n  " + "\n  ".join(errors[-5:] or ["nothing"]))
        time.sleep(0.1)


def sample_files() -> list[bytes]:
    """Return pydicom's test images as one study of one invented patient."""
    files = []
    for number, name in enumerate(SAMPLES, start=1):
        path = get_testdata_file(name, download=False)
        if not isinstance(path, str):
            raise RunError(f"pydicom's test file {name} is missing")
        image = pydicom.dcmread(path)
        image.PatientName, image.PatientID, image.PatientBirthDate = "Sample^Sally", "SAMPLE-4711", "19570412"
        image.StudyInstanceUID = SAMPLE_STUDY
        image.SeriesInstanceUID = f"{SAMPLE_STUDY}.{number}"
        image.SOPInstanceUID = f"{SAMPLE_STUDY}.{number}.1"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.StudyDescription, image.AccessionNumber = "Sample study for Dr. Example", "ACC-0815"
        buffer = BytesIO()
        image.save_as(buffer)
        files.append(buffer.getvalue())
    return files


def load_sample(orthanc: Orthanc) -> tuple[str, str]:
    """Upload the sample, wait for the hook's work; return the original and the anonymized study."""
    answers = [orthanc.post("/instances", data) for data in sample_files()]
    original = answers[0]["ParentStudy"]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for study in orthanc.get("/studies?expand"):
            instances = orthanc.get(f"/studies/{study['ID']}/instances")
            if (
                study["ID"] != original
                and len(instances) == len(answers)
                and is_anonymized(orthanc, instances[0]["ID"])
            ):
                return original, study["ID"]
        time.sleep(0.2)
    raise RunError("the sample was not anonymized in time: see .run/orthanc.log and /greycloak/quarantine")


def is_anonymized(orthanc: Orthanc, instance: str) -> bool:
    tags = orthanc.get(f"/instances/{instance}/simplified-tags")
    return str(tags.get("DeidentificationMethod", "")).startswith("Greycloak")


def tell(orthanc: Orthanc, original: str, anonymized: str) -> None:
    explorer = f"{orthanc.url}/app/explorer.html#study?uuid="
    page = f"{orthanc.url}/greycloak/page/index.html"
    print(
        f"""
Greycloak is running.

  Original study      {explorer}{original}
  Anonymized study    {explorer}{anonymized}
  Greycloak's page    {page}?studies={original}
  Status              {page}

  Send your own       storescu -aec GREYCLOAK localhost {orthanc.dicom_port} FILES
""",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", default="auto")
    parser.add_argument("--dicom-port", default="auto")
    options = parser.parse_args()
    try:
        standing = running()
        if standing is not None:
            tell(standing, *load_sample(standing))
            print("It was running already, and goes on.")
            return 0
        orthanc = Orthanc(choose_port(options.port, 8042, "PORT"), choose_port(options.dicom_port, 4242, "DICOM_PORT"))
        return run(orthanc)
    except RunError as error:
        print(f"run: {error}", file=sys.stderr)
        return 1


def run(orthanc: Orthanc) -> int:
    """Run until Ctrl-C, or until Orthanc ends."""
    print(f"Starting Orthanc on port {orthanc.port} ...", flush=True)
    server = start(orthanc.port, orthanc.dicom_port)
    for request in (signal.SIGINT, signal.SIGTERM):  # a shell's background job starts with Ctrl-C ignored
        signal.signal(request, signal.default_int_handler)
    try:
        wait_until_up(orthanc, server)
        print("Loading the sample study, and waiting for its anonymized twin ...", flush=True)
        tell(orthanc, *load_sample(orthanc))
        print("Press Ctrl-C to stop.", flush=True)
        status = server.wait()
        raise RunError(f"Orthanc ended with status {status}: see .run/orthanc.log")
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
        STATE.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
