"""The panel in Slicer: how long the window waits, how much memory a run takes, how soon a cancel is obeyed.

Qt is real (offscreen), Slicer's parts are the tests' stand-ins, and the files, the engine and the folder are real.
Stand-ins of Slicer's database are slow, so the copies go to a folder here.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("tests", "tests/slicer", "slicer_extension/Greycloak")]

import standins  # noqa: E402

from support import ct, encode  # noqa: E402

MODULE = ROOT / "slicer_extension" / "Greycloak" / "Greycloak.py"
FILES = 2000
LARGE = 300 << 20
MEGABYTE = 1 << 20


def memory() -> float:
    """Return how much memory this process has now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MEGABYTE


def write_images(folder: Path, count: int, pixels: int) -> None:
    folder.mkdir()
    for number in range(count):
        study = number // 100
        data_set = ct(
            PatientID=f"MRN-{study}",
            StudyInstanceUID=f"1.2.3.{study}",
            SeriesInstanceUID=f"1.2.3.{study}.1",
            SOPInstanceUID=f"1.2.3.{study}.1.{number}",
            PixelData=bytes(pixels),
        )
        (folder / f"{number}.dcm").write_bytes(encode(data_set))


class Bench:
    """A panel, and a clock that looks at the window."""

    def __init__(self, folder: Path) -> None:
        os.environ["XDG_DATA_HOME"] = str(folder / "data")
        self.slicer = standins.install(folder / "database")
        import Greycloak  # noqa: PLC0415

        standins.add_module(self.slicer, MODULE)
        self.widget = Greycloak.GreycloakWidget()
        self.user = standins.dialogs.USER
        self.longest = 0.0

    def turn(self) -> None:
        begin = time.monotonic()
        self.slicer.app.processEvents()
        self.longest = max(self.longest, time.monotonic() - begin)

    def until(self, holds) -> None:
        while not holds():
            self.turn()

    def choose(self, source: Path, out: Path) -> None:
        ui = self.widget.ui
        self.user.will_answer("getExistingDirectory", str(source))
        ui.sourceFolderButton.click()
        self.until(lambda: not self.widget.panel.source.is_counting)
        ui.databaseCheck.setChecked(False)
        self.user.will_answer("getExistingDirectory", str(out))
        ui.folderButton.click()

    def run(self) -> float:
        begin = time.monotonic()
        self.widget.ui.runButton.click()
        self.until(lambda: not self.widget.panel.run.is_running)
        return time.monotonic() - begin

    def cancel_at(self, percent: int) -> float:
        ui = self.widget.ui
        ui.runButton.click()
        self.until(lambda: ui.progressBar.value >= percent)
        begin = time.monotonic()
        ui.cancelButton.click()
        self.until(lambda: not self.widget.panel.run.is_running)
        return time.monotonic() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(folder / "small", 200, 512 << 10)
        write_images(folder / "many", FILES, 512 << 10)
        write_images(folder / "large", 1, LARGE)
        bench = Bench(folder)

        bench.choose(folder / "small", folder / "out-small")
        bench.run()  # imports, caches and plans are made by now
        bench.longest, before = 0.0, memory()
        bench.choose(folder / "many", folder / "out-many")
        seconds = bench.run()
        print(f"{FILES} CT of 512 KB: {seconds:.1f} s, {FILES / seconds:.0f} files/s")
        print(f"  longest turn of the event loop   {1000 * bench.longest:.0f} ms (to be below 100)")
        print(f"  memory before and after          {before:.0f} MB, {memory():.0f} MB")
        assert len(list((folder / "out-many").rglob("*.dcm"))) == FILES

        bench.longest = 0.0
        bench.choose(folder / "many", folder / "out-cancelled")
        print(f"cancelled half-way: over after {bench.cancel_at(50):.2f} s (to be below 1)")
        print(f"  longest turn of the event loop   {1000 * bench.longest:.0f} ms")
        assert not list((folder / "out-cancelled").rglob("*.dcm"))

        bench.longest, before = 0.0, memory()
        bench.choose(folder / "large", folder / "out-large")
        seconds = bench.run()
        print(f"one image of {LARGE >> 20} MB: {seconds:.1f} s")
        print(f"  longest turn of the event loop   {1000 * bench.longest:.0f} ms")
        print(f"  memory before and after          {before:.0f} MB, {memory():.0f} MB")
        bench.widget.cleanup()


if __name__ == "__main__":
    main()
