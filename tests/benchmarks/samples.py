#!/usr/bin/env python3
"""How much of what is public goes through: every DICOM sample that packages ship, and what was fetched for reading.

    make samples                                                        packages of PyPI and Debian
    .venv/bin/python tests/benchmarks/samples.py --also NAME=FOLDER     and files of a folder

Each file once (by its digest), under the profile basic, in a project of its own that records nothing: samples of
different origin share UIDs and Patient IDs. The table goes into docs/quarantine.md. Nothing of the samples stays.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import sysconfig
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "orthanc_plugin"), str(ROOT / "tools")]

import make_quarantine  # noqa: E402  the sources beside this file, not what is installed
import pydicom  # noqa: E402

from greycloak import Deidentified, Engine, Installation, Quarantined, __version__, load_profile  # noqa: E402
from greycloak.foreign import recognized  # noqa: E402
from greycloak.quiet import quiet  # noqa: E402

if TYPE_CHECKING:
    from greycloak.outcomes import Outcome

PACKAGES = ROOT / ".run" / "samples" / "venv"
SHIPPED = {"pydicom": "pydicom", "pydicom-data": "data_store", "nibabel": "nibabel", "pynetdicom": "pynetdicom",
           "deid": "deid"}  # fmt: skip
DEBIAN = Path("/usr/share")
_FOREIGN_SUFFIXES = {".py", ".pyc", ".json", ".txt", ".md", ".so"}
_MAX_SIZE = 200 << 20
_NO_IMAGE = {"broken-code-stream", "pixel-description"}
_LACKS_PIXELS = {"truncated", "broken-fragments"}
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_KEPT = ("Manufacturer", "ManufacturerModelName")


@dataclass
class Counts:
    """What became of the samples of one source."""

    readable: int = 0
    emitted: int = 0
    repaired: int = 0
    skipped: int = 0
    derived: int = 0
    apart: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class Kept:
    """In how many samples an attribute stays as it was, of how many that have it."""

    had: int = 0
    kept: int = 0


def candidates(folder: Path) -> list[Path]:
    """Return the files that may be DICOM."""
    files = (path for path in folder.rglob("*") if path.suffix not in _FOREIGN_SUFFIXES and path.is_file())
    return sorted(path for path in files if not path.is_symlink() and path.stat().st_size <= _MAX_SIZE)


def is_readable(data: bytes, path: Path) -> bool:
    """Tell whether pydicom or dcmdump reads an object to its end."""
    if len(data) < 8 or recognized(data) not in {None, "dicomdir"}:
        return False
    has_prefix = data[128:132] == b"DICM"
    try:
        with quiet():
            read = pydicom.dcmread(io.BytesIO(data), force=True)
            is_object = "SOPClassUID" in read or "PatientID" in read or "DirectoryRecordSequence" in read
            for _ in read.iterall():
                pass
    except Exception:  # noqa: BLE001  whatever pydicom says, another reader is asked
        is_object = False
    if is_object or not has_prefix:
        return is_object
    return subprocess.run(["dcmdump", "-q", path], capture_output=True, check=False).returncode == 0


def apart(data: bytes, outcome: Quarantined) -> str:
    """Return why nobody could have expected an object to go through; empty if there is no such reason."""
    if outcome.reason == "burned-in-annotation":
        return "declare burned-in identity"
    with quiet():
        try:
            read = pydicom.dcmread(io.BytesIO(data), force=True)
        except Exception:  # noqa: BLE001  what only DCMTK reads
            return ""
        if not any(keyword in read for keyword in _PIXELS) or "Rows" not in read:
            return "have no pixels"
        if outcome.reason in _NO_IMAGE:
            return "" if _is_decoded(read) else "hold nothing that a decoder takes for an image"
        if outcome.reason not in _LACKS_PIXELS or "PixelData" not in read:
            return ""
        try:
            is_short = len(read.PixelData) < pydicom.pixels.utils.get_expected_length(read)
        except Exception:  # noqa: BLE001  compressed: how much it should be, nobody can say
            is_short = outcome.reason == "truncated"
        return "end before their pixels do" if is_short else ""


def _is_decoded(read: pydicom.Dataset) -> bool:
    try:
        return bool(read.pixel_array.size)
    except Exception:  # noqa: BLE001  whatever a decoder says
        return False


class Measured:
    """What becomes of samples.

    Parameters
    ----------
    folder : Path
        Where key and store are made.
    """

    def __init__(self, folder: Path) -> None:
        self._installation = Installation.open(f"sqlite:///{folder / 'store.sqlite'}", folder / "key")
        self._profile = load_profile("basic")
        subjects = self._profile.subjects.model_copy(update={"without_study": "derive"})
        self._deriving = self._profile.model_copy(update={"subjects": subjects})
        self._seen: set[bytes] = set()
        self.counts: dict[str, Counts] = {}
        self.kept = {keyword: Kept() for keyword in _KEPT}
        self.told: list[str] = []

    def measure(self, source: str, folder: Path) -> None:
        """De-identify the samples of a source."""
        for path in candidates(folder):
            data = path.read_bytes()
            digest = hashlib.sha256(data).digest()
            if digest in self._seen or not is_readable(data, path):
                continue
            self._seen.add(digest)
            counts = self.counts.setdefault(source, Counts())
            counts.readable += 1
            engine = Engine(self._profile, self._installation.rehearse("samples"))
            self._count(counts, data, engine.deidentify(data), f"{source}: {path.relative_to(folder)}")

    def _count(self, counts: Counts, data: bytes, outcome: Outcome, name: str) -> None:
        if isinstance(outcome, Deidentified):
            counts.emitted += 1
            counts.repaired += any(note.startswith("repaired: ") for note in outcome.notes)
            self._compare(data, outcome, name)
        elif not isinstance(outcome, Quarantined):
            counts.skipped += 1
        elif why := apart(data, outcome):
            counts.apart[why] += 1
        else:
            counts.reasons[outcome.reason] += 1
            deriving = Engine(self._deriving, self._installation.rehearse("samples"))
            counts.derived += isinstance(deriving.deidentify(data), Deidentified)
            self.told.append(f"{name}: {outcome}")

    def _compare(self, data: bytes, outcome: Deidentified, name: str) -> None:
        with quiet():
            try:
                before = pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=True)
            except Exception:  # noqa: BLE001  what only DCMTK reads is not compared
                return
            after = pydicom.dcmread(io.BytesIO(outcome.to_bytes()), stop_before_pixels=True)
            for keyword, kept in self.kept.items():
                if before.get(keyword):
                    kept.had += 1
                    is_kept = after.get(keyword) == before.get(keyword)
                    kept.kept += is_kept
                    if not is_kept:
                        self.told.append(f"{name}: {keyword} is not kept")


def share(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.1f} %"


def table(measured: Measured) -> str:
    """Return what docs/quarantine.md says."""
    counts = measured.counts
    readable = sum(one.readable for one in counts.values())
    reasons: Counter[str] = sum((one.reasons for one in counts.values()), Counter())
    left: Counter[str] = sum((one.apart for one in counts.values()), Counter())
    derived = sum(one.derived for one in counts.values())
    considered = readable - left.total()
    rows = [
        f"| {source} | {one.readable} | {one.emitted} | {one.repaired} | {one.skipped} | {one.apart.total()} | "
        f"{one.reasons.total()} |"
        for source, one in counts.items()
    ]
    listed = ", ".join(f"{number} {reason}" for reason, number in reasons.most_common()) or "none"
    left_out = ", ".join(f"{number} {why}" for why, number in left.most_common()) or "none"
    kept = "; ".join(f"{keyword} in {one.kept} of {one.had}" for keyword, one in measured.kept.items())
    return f"""\
Public samples that pydicom or DCMTK reads to the end, each once, under `basic` (Greycloak {__version__}):

| Source | Readable | Went through | of these repaired | Skipped (DICOMDIR) | Apart | Quarantined |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}

**{reasons.total()} of {considered} are quarantined ({share(reasons.total(), considered)})**, beside those that stand
apart ({left_out}). Reasons: {listed}. With `subjects.without_study = "derive"` {derived} of these go through, which
leaves {reasons.total() - derived} ({share(reasons.total() - derived, considered)}). Kept as it was: {kept}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--also", action="append", default=[], metavar="NAME=FOLDER", help="more samples")
    options = parser.parse_args()
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(PACKAGES), "platbase": str(PACKAGES)}))
    sources = {f"PyPI: {name}": packages / folder for name, folder in SHIPPED.items()}
    sources["Debian: /usr/share"] = DEBIAN
    sources |= {name: Path(folder) for name, _, folder in (one.partition("=") for one in options.also)}
    with tempfile.TemporaryDirectory() as folder:
        measured = Measured(Path(folder))
        for source, where in sources.items():
            measured.measure(source, where)
    print("\n".join(measured.told))
    text = table(measured)
    print(text)
    make_quarantine.PAGE.write_text(make_quarantine.page(text), encoding="utf-8")


if __name__ == "__main__":
    main()
