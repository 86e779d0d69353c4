"""Make a store with the code of an earlier version: README.md beside this says how and why."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO, StringIO
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
KEYWORDS = ("PatientID", "PatientName", "StudyDate", *UIDS)
PATIENTS = (
    {"PatientID": "MRN-1", "PatientName": "Doe^Jonathan"},
    {"PatientID": "MRN-2", "IssuerOfPatientID": "Example Hospital", "PatientName": "Roe^Jane"},
    {"PatientID": "M\u00fcller 3", "PatientName": "M\u00fcller^J\u00f6rg", "SpecificCharacterSet": "ISO_IR 192"},
    {"PatientID": "", "PatientName": "Unknown"},
)
SITES = (("trial", "clinical-trial"), ("default", "basic"))


def orchestrate(commit: str, name: str) -> None:
    """Let the code of a commit fill a store of each kind."""
    sys.path.insert(0, str(ROOT / "tests"))
    from postgres import PostgresServer, programs  # noqa: PLC0415  tests of today

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        archive = subprocess.run(["git", "archive", commit, "core", "tests"], cwd=ROOT, check=True, capture_output=True)
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
            tar.extractall(folder)
        environment = os.environ | {"PYTHONPATH": f"{folder}/core:{folder}/tests"}
        key, sqlite = Path(folder, "key"), Path(folder, "store.sqlite")
        fill = [sys.executable, __file__, "--fill", str(key)]
        done = subprocess.run(
            [*fill, f"sqlite:///{sqlite}"], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        with sqlite3.connect(sqlite) as connection:
            (HERE / f"{name}.sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n")
        record = {"commit": commit, "key": key.read_text(), **json.loads(done.stdout)}
        (HERE / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
        server = PostgresServer(Path(folder, "postgres")).start()
        try:
            again = subprocess.run([*fill, server.url], env=environment, check=True, stdout=subprocess.PIPE, text=True)
            assert json.loads(again.stdout) == json.loads(done.stdout)
            command = [
                "pg_dump",
                "-h",
                "127.0.0.1",
                "-p",
                str(server.port),
                "-U",
                "postgres",
                "--no-owner",
                "--inserts",
            ]
            dump = subprocess.run(
                [programs() / command[0], *command[1:], "postgres"], check=True, stdout=subprocess.PIPE, text=True
            ).stdout
        finally:
            server.stop()
        kept = [line for line in dump.splitlines() if line and not line.startswith(("\\", "--"))]
        (HERE / f"{name}.postgresql.sql").write_text("\n".join(kept) + "\n")


def fill(key: Path, url: str) -> None:
    """Run by the code of that version: meet patients, and print what became of their objects."""
    from greycloak import Engine, Installation, load_profile  # noqa: PLC0415  that version's
    from support import ct, decode, encode  # noqa: PLC0415

    installation = Installation.open(url, key)
    objects = []
    for project, profile in SITES:
        engine = Engine(load_profile(profile), installation.project(project))
        for number, patient in enumerate(PATIENTS):
            uids = {keyword: f"1.2.3.{number}.{place}" for place, keyword in enumerate(UIDS)}
            data = encode(ct(**patient, **uids))
            outcome = engine.deidentify(data)
            if not hasattr(outcome, "to_bytes"):
                continue  # without Patient ID, where the profile refuses that
            output = decode(outcome.to_bytes())
            objects.append(
                {
                    "project": project,
                    "profile": profile,
                    "input": base64.b64encode(data).decode(),
                    "output": {keyword: str(output.get(keyword, "")) for keyword in KEYWORDS},
                }
            )
    json.dump({"objects": objects, "given": give(installation)}, sys.stdout)


def give(installation) -> dict[str, str]:
    """Have a list and a merge, if that version knows them; return pseudonyms by Patient ID."""
    try:
        from greycloak.pseudonyms import Identity, Registry  # noqa: PLC0415
    except ImportError:
        return {}
    project = installation.project("given")
    registry = Registry(project)
    registry.import_given(
        StringIO("patient_id,issuer,pseudonym,days,name\nMRN-1,,SITE-001,-120,Case 1\nMRN-2,,SITE-002,,\n")
    )
    merged = project.subject(Identity("MRN-3")).pseudonym
    registry.merge(merged, "SITE-002")
    return {"MRN-1": "SITE-001", "MRN-2": "SITE-002", "MRN-3": "SITE-002"}


if __name__ == "__main__":
    if sys.argv[1] == "--fill":
        fill(Path(sys.argv[2]), sys.argv[3])
    else:
        orchestrate(*sys.argv[1:])
