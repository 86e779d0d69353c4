#!/usr/bin/env python3
"""Draw the panel of the Slicer extension for the documentation, with the tests' stand-ins for Slicer.

    .venv/bin/python tools/slicer_screenshots.py

Qt and the panel are real; what is around it in Slicer is not in the picture.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

os.environ["QT_QPA_PLATFORM"] = "offscreen"
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / part) for part in ("tests", "tests/slicer", "slicer_extension/Greycloak")]

import pydicom  # noqa: E402
import standins  # type: ignore[import-not-found]  # noqa: E402
from pydicom.data import get_testdata_file  # noqa: E402

OUT = ROOT / "docs" / "images"
FIRST = ROOT / "slicer_extension" / "Screenshots" / "1.png"
WIDTH = 560
SAMPLES = ("CT_small.dcm", "MR_small.dcm", "examples_jpeg2k.dcm")


def samples(folder: Path) -> None:
    """Write pydicom's images as those of an invented patient."""
    for number, name in enumerate(SAMPLES, start=1):
        path = get_testdata_file(name, download=False)
        assert isinstance(path, str)
        image = pydicom.dcmread(path)
        image.PatientName, image.PatientID, image.PatientBirthDate = "Sample^Sally", "SAMPLE-4711", "19570412"
        image.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.20261120"
        image.SeriesInstanceUID = f"{image.StudyInstanceUID}.{number}"
        image.SOPInstanceUID = f"{image.SeriesInstanceUID}.1"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.StudyDescription, image.AccessionNumber = "Sample study for Dr. Example", "ACC-0815"
        image.save_as(folder / f"{number}.dcm")
    (folder / "notes.txt").write_text("not an image")
    (folder / "lost.dcm").write_bytes((folder / "1.dcm").read_bytes()[:-1000])


class Panel:
    """The panel, and a patient hand on it."""

    def __init__(self, folder: Path) -> None:
        os.environ["XDG_DATA_HOME"] = str(folder / "data")
        self.slicer = standins.install(folder / "database")
        module = importlib.import_module("Greycloak")

        standins.add_module(self.slicer, ROOT / "slicer_extension" / "Greycloak" / "Greycloak.py")
        self.widget = module.GreycloakWidget()
        self.ui = self.widget.ui

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the window live until something holds."""
        while not holds():
            self.slicer.app.processEvents()
            time.sleep(0.002)

    def choose_folder(self, folder: Path) -> None:
        """Choose a folder as the source."""
        standins.dialogs.USER.will_answer("getExistingDirectory", str(folder))
        self.ui.sourceFolderButton.click()
        self.until(lambda: not self.widget.panel.source.is_counting)

    def fold(self, **sections: bool) -> None:
        """Fold sections (False), or unfold them."""
        for name, opened in sections.items():
            getattr(self.ui, f"{name}Section").collapsed = not opened

    def draw(self, path: Path) -> None:
        """Draw the panel as it is."""
        window: Any = self.widget.parent
        window.resize(WIDTH, 10)
        window.show()
        for _ in range(20):
            self.slicer.app.processEvents()
        window.resize(WIDTH, window.layout().sizeHint().height())
        for _ in range(20):
            self.slicer.app.processEvents()
        path.parent.mkdir(exist_ok=True)
        window.grab().save(str(path))
        print(path.relative_to(ROOT))


def main() -> None:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        samples(folder / "images")
        panel = Panel(folder)
        panel.choose_folder(folder / "images")
        panel.ui.profileCombo.setCurrentIndex(1)
        panel.fold(preview=False, scene=False)
        panel.ui.runButton.click()
        panel.until(lambda: not panel.widget.panel.run.is_running)
        panel.until(lambda: panel.ui.quarantineTable.item(0, 1) is not None)
        panel.ui.quarantineTable.item(0, 0).setText("lost.dcm")
        panel.draw(FIRST)

        panel.fold(profile=False, output=False, run=False, preview=True)
        panel.ui.previewButton.click()
        panel.until(lambda: panel.ui.previewTable.rowCount > 0 and not panel.widget.panel.preview.is_busy)
        panel.ui.previewTable.setMinimumHeight(260)
        panel.draw(OUT / "slicer-preview.png")
        panel.widget.cleanup()


if __name__ == "__main__":
    main()
