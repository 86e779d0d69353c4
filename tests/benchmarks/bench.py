#!/usr/bin/env python3
"""Speed beside other tools, side by side in one run: medians and ratios.

    make bench                                   everything
    .venv/bin/python tests/benchmarks/bench.py --files-only --rounds 3

Data come from ../shared/bench/make_data.py (synthetic, kept in .run/bench).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "orthanc")]

from orthanc_server import OrthancServer  # noqa: E402

MAKE_DATA = ROOT.parent / "shared" / "bench" / "make_data.py"
FOLDER = ROOT / ".run" / "bench"
SETS = {"S1": "500 CT", "S5": "2,000 tiny CT", "S3": "1 enhanced MR, 800 frames"}
BIN = Path(sys.executable).parent


def make_data() -> None:
    missing = [name for name in SETS if not (FOLDER / "data" / name).is_dir()]
    if missing:
        subprocess.run([sys.executable, MAKE_DATA, FOLDER / "data", "--sets", ",".join(missing)], check=True)
    if not (FOLDER / "certificate.pem").exists():
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=bench"]
        paths = ["-keyout", FOLDER / "private.pem", "-out", FOLDER / "certificate.pem"]
        subprocess.run([*command, *paths], check=True, capture_output=True)


def commands(source: Path, out: Path) -> dict[str, list[object]]:
    store = f"sqlite:///{FOLDER / 'store.sqlite'}"
    return {
        "cp": ["cp", "-r", source, out],
        "greycloak": [BIN / "greycloak", "anonymize", source, out, "--store", store, "--key-file", FOLDER / "key"],
        "greycloak, 1 process": [
            *[BIN / "greycloak", "anonymize", source, out, "--store", store, "--key-file", FOLDER / "key"],
            *["--workers", "1"],
        ],
        "gdcmanon": [
            *["gdcmanon", "--recursive", "--continue", "--de-identify", "-c", FOLDER / "certificate.pem"],
            *["-i", source, "-o", out],
        ],
        "dicom-anonymizer": [BIN / "dicom-anonymizer", source, out],
    }


def measure(command: list[object], out: Path) -> float:
    shutil.rmtree(out, ignore_errors=True)
    if command[0] != "cp":
        out.mkdir()
    os.sync()
    start = time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return time.perf_counter() - start


def bench_files(rounds: int) -> None:
    print("Whole processes over folders, wall seconds\n")
    for name, what in SETS.items():
        source, out = FOLDER / "data" / name, FOLDER / "out"
        times: dict[str, list[float]] = {}
        for number in range(rounds + 1):  # the first round warms the caches
            for tool, command in commands(source, out).items():
                if tool == "dicom-anonymizer" and (number > 1 or name == "S5"):
                    continue  # slow, and far enough away; it does not look into the folders of S5
                seconds = measure(command, out)
                if number:
                    times.setdefault(tool, []).append(seconds)
        medians = {tool: statistics.median(values) for tool, values in times.items()}
        print(f"{name} ({what})")
        for tool, median in medians.items():
            print(f"  {tool:22} {median:7.2f} s   {median / medians['gdcmanon']:5.2f} x gdcmanon")
    shutil.rmtree(FOLDER / "out", ignore_errors=True)


def bench_orthanc(rounds: int) -> None:
    files = sorted((FOLDER / "data" / "S1").rglob("*.dcm"))
    shutil.rmtree(FOLDER / "orthanc", ignore_errors=True)
    server = OrthancServer(FOLDER / "orthanc", section={"Rules": []}).start()
    try:
        (study,) = {server.upload(path.read_bytes())["ParentStudy"] for path in files}
        rates: dict[str, list[float]] = {"Orthanc's own": [], "Greycloak": []}
        for _ in range(rounds):
            for name, route in (("Orthanc's own", "anonymize"), ("Greycloak", "anonymize-greycloak")):
                start = time.perf_counter()
                answer = server.session.post(f"{server.url}/studies/{study}/{route}", data="{}", timeout=600)
                rates[name].append(len(files) / (time.perf_counter() - start))
                server.session.delete(f"{server.url}/studies/{answer.json()['ID']}")
        own = statistics.median(rates["Orthanc's own"])
        print(f"\n{len(files)} CT inside one Orthanc, instances per second")
        for name, values in rates.items():
            print(f"  {name:22} {statistics.median(values):7.0f} /s  {statistics.median(values) / own:5.2f} x its own")
    finally:
        server.stop()
        shutil.rmtree(FOLDER / "orthanc", ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--files-only", action="store_true")
    options = parser.parse_args()
    make_data()
    bench_files(options.rounds)
    if not options.files_only:
        bench_orthanc(options.rounds)


if __name__ == "__main__":
    main()
