"""Runs another tool, file by file, in an environment of its own: ``python rival.py TOOL SOURCE DESTINATION``.

Every tool as it comes, with its default rules; what it cannot do is left out, and named in ``failed.json``.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path


def dicom_anonymizer(source: Path, target: Path) -> None:
    from dicomanonymizer import anonymize_dicom_file  # noqa: PLC0415

    anonymize_dicom_file(str(source), str(target))


def dicognito() -> object:
    import pydicom  # noqa: PLC0415
    from dicognito.anonymizer import Anonymizer  # noqa: PLC0415

    anonymizer = Anonymizer()

    def run(source: Path, target: Path) -> None:
        data_set = pydicom.dcmread(source)
        anonymizer.anonymize(data_set)
        data_set.save_as(target)

    return run


def deid(source: Path, target: Path) -> None:
    from deid.dicom import get_identifiers, replace_identifiers  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        found = get_identifiers([str(source)])
        written = replace_identifiers(
            dicom_files=[str(source)], ids=found, save=True, output_folder=folder, overwrite=True
        )
        shutil.move(written[0], target)


def main() -> None:
    tool, source, destination = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    run = {"dicom-anonymizer": dicom_anonymizer, "dicognito": dicognito(), "deid": deid}[tool]
    failed = {}
    for path in sorted(source.iterdir()):
        try:
            run(path, destination / path.name)
        except Exception as error:  # noqa: BLE001  # a tool's failure is a result
            failed[path.name] = type(error).__name__
            (destination / path.name).unlink(missing_ok=True)
    (destination.parent / f"{destination.name}-failed.json").write_text(json.dumps(failed))


if __name__ == "__main__":
    main()
