"""Memory and work of long runs: ten times as many files, a gigabyte in one file, and core-hours for a terabyte.

    .venv/bin/python tests/benchmarks/batch_bench.py

Memory is the peak of the largest process; work is processor time, which neighbours disturb less than the clock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import ct, encode

FEW, MANY = 2_000, 20_000
SLICES, SIDE = 500, 512
_MEASURED = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, done.stdout[-300:]]))
"""


def measured(folder: Path, *arguments: str) -> tuple[float, float]:
    """Run the command, and return its peak in MB and its processor seconds."""
    environment = os.environ | {"XDG_DATA_HOME": str(folder / "data")}
    command = [sys.executable, "-c", _MEASURED, sys.executable, "-m", "greycloak", "anonymize", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=environment)
    status, peak, seconds, said = json.loads(done.stdout)
    assert status == 0, said
    return peak, seconds


def small(folder: Path, count: int) -> None:
    """Write tiny objects of a hundred patients."""
    folder.mkdir()
    for number in range(count):
        patient = number % 100
        image = ct(SOPInstanceUID=f"1.2.3.{number}", PatientID=f"MRN-{patient}", StudyInstanceUID=f"1.4.{patient}")
        (folder / f"{number:05d}").write_bytes(encode(image))


def images(folder: Path) -> int:
    """Write a CT series of usual size; return its bytes."""
    folder.mkdir()
    pixels = os.urandom(SIDE * SIDE * 2)
    for number in range(SLICES):
        image = ct(
            SOPInstanceUID=f"1.2.3.{number}",
            Rows=SIDE,
            Columns=SIDE,
            BitsAllocated=16,
            BitsStored=12,
            HighBit=11,
            PixelRepresentation=0,
            SamplesPerPixel=1,
            PixelData=pixels,
            PhotometricInterpretation="MONOCHROME2",
        )
        (folder / f"{number:05d}").write_bytes(encode(image))
    return sum(path.stat().st_size for path in folder.iterdir())


def gigabyte(path: Path) -> None:
    """Write an object with a gigabyte of pixels."""
    frames = (1 << 30) // (SIDE * SIDE * 2)
    image = ct(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1",
        NumberOfFrames=frames,
        Rows=SIDE,
        Columns=SIDE,
        BitsAllocated=16,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=0,
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        PixelData=bytes(frames * SIDE * SIDE * 2),
    )
    path.write_bytes(encode(image))


def main() -> None:
    """Measure, and say it."""
    with tempfile.TemporaryDirectory(prefix="greycloak-bench-") as temporary:
        folder = Path(temporary)
        small(folder / "few", FEW)
        small(folder / "many", MANY)
        few, _ = measured(folder, "few", "out-few", "--workers", "1", "--report", "few.jsonl")
        many, seconds = measured(folder, "many", "out-many", "--workers", "1", "--report", "many.jsonl")
        print(f"{FEW} files: {few:.0f} MB; {MANY} files: {many:.0f} MB ({many / few:.2f}x), {seconds:.0f} s of a core")
        size = images(folder / "ct")
        _, seconds = measured(folder, "ct", "out-ct", "--workers", "1", "--report", "ct.jsonl")
        rate = size / 1e6 / seconds
        print(f"CT, {SLICES} slices: {rate:.0f} MB a core-second, {1e6 / rate / 3600:.1f} core-hours for a terabyte")
        gigabyte(folder / "one.dcm")
        peak, seconds = measured(folder, "one.dcm", "out-one", "--workers", "1")
        print(f"1 GB in one file: {peak:.0f} MB at the peak, {seconds:.1f} s of a core")


if __name__ == "__main__":
    main()
