"""Runs the tools on the objects: Greycloak through its command line, others in an environment of their own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.planted.scoring import Submission

RIVALS = ("dicom-anonymizer", "deid", "dicognito")
# What an archive asks for in MIDI-B, where Greycloak has no preset for it.
_FALLBACK = """\
name = "planted"
base = "basic"
options = [
    "retain-modified-dates", "retain-patient-characteristics", "retain-device-identity", "retain-safe-private",
    "clean-descriptors", "clean-structured-content", "clean-graphics",
]
"""


def run_greycloak(folder: Path, profile: str) -> Submission:
    """Run Greycloak, as a user would."""
    out = _fresh(folder / "greycloak")
    (out / "planted.toml").write_text(_FALLBACK)
    report, objects = out / "report.jsonl", out / "objects"
    chosen = str(out / "planted.toml") if profile == "fallback" else profile
    command = [sys.executable, "-m", "greycloak", "anonymize", folder / "objects", objects, "--profile", chosen]
    place = ["--store", f"sqlite:///{out / 'store.sqlite'}", "--key-file", out / "key", "--report", report]
    ended = subprocess.run([*command, *place], capture_output=True, text=True, check=False)
    if ended.returncode not in {0, 1}:
        raise RuntimeError(ended.stderr[-2000:])
    names = {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in (folder / "objects").iterdir()}
    files: dict[str, Path] = {}
    withheld: dict[str, str] = {}
    for line in report.read_text().splitlines():
        entry = json.loads(line)
        name = names[entry["input_sha256"]]
        if entry["outcome"] == "deidentified":
            files[name] = objects / entry["output"]
        else:
            withheld[name] = str(entry.get("reason", entry["outcome"]))
    return Submission("greycloak", files, withheld)


def run_rival(folder: Path, tool: str, environment: Path) -> Submission:
    """Run another tool, unless it has seen these objects."""
    out, done = folder / tool, folder / f"{tool}-failed.json"
    if not done.exists():
        _run_rival(folder, tool, environment, _fresh(out))
    return Submission(tool, {path.name: path for path in out.glob("*.dcm")})


def _run_rival(folder: Path, tool: str, environment: Path, out: Path) -> None:
    worker = Path(__file__).with_name("rival.py")
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [environment / "bin" / "python", "-W", "ignore", worker, tool, folder / "objects", out]
    subprocess.run(command, env=variables, check=True, capture_output=True)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
