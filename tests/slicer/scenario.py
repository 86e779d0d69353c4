"""What tests of the extension share: originals, a database with them, and a run to its end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from GreycloakLib.anonymizers import open_anonymizer
from GreycloakLib.choices import Choices, Pseudonyms
from GreycloakLib.headless import finish
from GreycloakLib.run import Run
from support import ct, encode

if TYPE_CHECKING:
    from pathlib import Path

SOP = "1.2.826.0.1.4711"


def originals(folder: Path, patients: int = 2, images: int = 3, **attributes) -> list[Path]:
    """Write CT images: each patient has a study of a series."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for patient in range(1, patients + 1):
        for image in range(1, images + 1):
            data_set = ct(
                **{
                    "PatientName": f"Secret^Patient{patient}",
                    "PatientID": f"MRN-{patient}",
                    "StudyInstanceUID": f"{SOP}.{patient}",
                    "SeriesInstanceUID": f"{SOP}.{patient}.1",
                    "SOPInstanceUID": f"{SOP}.{patient}.1.{image}",
                    "InstanceNumber": image,
                }
                | attributes
            )
            files.append(folder / f"Secret_{patient}_{image}.dcm")
            files[-1].write_bytes(encode(data_set))
    return files


def import_into(slicer, folder: Path) -> None:
    """Let Slicer's database index a folder."""
    import ctk

    indexer = ctk.ctkDICOMIndexer()
    indexer.backgroundImportEnabled = True
    indexer.addDirectory(slicer.dicomDatabase, str(folder), False)
    while indexer.importing:
        slicer.app.processEvents()


def chosen(tmp_path: Path, profile: str = "basic", project: str = "trial", **more):
    pseudonyms = Pseudonyms(address=f"sqlite:///{tmp_path / 'store.sqlite'}", key_file=tmp_path / "key")
    return Choices(profile=profile, project=project, pseudonyms=pseudonyms, **more)


def run_to_end(order, choices, between=lambda: None):
    """Run what is ordered; return the run."""
    run = Run(order, lambda is_cancelled: open_anonymizer(choices, is_cancelled))
    finish(run.steps(), between)
    return run


def forget_window_modules() -> None:
    """Let what imported ``qt``, ``ctk`` or ``slicer`` be imported anew: each test has an application of its own."""
    for name, module in list(sys.modules.items()):
        has_foreign = any(hasattr(module, foreign) for foreign in ("qt", "ctk", "slicer"))
        if name == "Greycloak" or (name.startswith("GreycloakLib") and has_foreign):
            del sys.modules[name]


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
