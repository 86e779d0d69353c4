"""NIfTI from what was anonymized: the converter never sees an original, and its sidecars say what was done (BIDS)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greycloak.batch.errors import BatchError
from greycloak.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom import Dataset

DCM2NIIX, DICOM2NIFTI = "dcm2niix", "dicom2nifti"
CONVERTERS = (DCM2NIIX, DICOM2NIFTI)
"""What converts, the first one that is there."""

_SECONDS = 3600
_SUFFIXES = (".nii.gz", ".json", ".bval", ".bvec")
_PERSON = ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber")
"""Keys that a sidecar never has, whatever stands in the object."""


class ConversionError(BatchError):
    """There is nothing that converts."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a series.

    Attributes
    ----------
    subject, series : str
        Pseudonym and new Series Instance UID.
    files : tuple of str
        Its files, below the destination; none if it could not be converted.
    trouble : str
        Why not.
    """

    subject: str
    series: str
    files: tuple[str, ...] = ()
    trouble: str = ""


def find_converter() -> str:
    """Return the converter that is there.

    Raises
    ------
    ConversionError
        If there is none.
    """
    if shutil.which(DCM2NIIX):
        return DCM2NIIX
    if find_spec(DICOM2NIFTI):
        return DICOM2NIFTI
    raise ConversionError("NIfTI needs dcm2niix (apt install dcm2niix) or pip install 'greycloak[nifti]'")


def convert(folder: Path, destination: Path, converter: str) -> Iterator[Converted]:
    """Convert all series of a folder.

    Parameters
    ----------
    folder : Path
        Anonymized objects: folders of subjects, in these of series.
    destination : Path
        Where the files go: ``subject/series.nii.gz``, with sidecars.
    converter : str
        One of `CONVERTERS`.
    """
    for series in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        subject = series.parent.name
        with tempfile.TemporaryDirectory(prefix=".greycloak-", dir=folder) as temporary:
            made = Path(temporary)
            trouble = _with_dcm2niix(series, made) if converter == DCM2NIIX else _with_dicom2nifti(series, made)
            files = [path for path in sorted(made.iterdir()) if path.name.endswith(_SUFFIXES)]
            if not any(path.name.endswith(".nii.gz") for path in files):
                yield Converted(subject, series.name, trouble=trouble or "it shows no volume")
                continue
            _write_sidecars(series, made)
            files = [path for path in sorted(made.iterdir()) if path.name.endswith(_SUFFIXES)]
            (destination / subject).mkdir(parents=True, exist_ok=True)
            for path in files:
                path.replace(destination / subject / path.name)
            yield Converted(subject, series.name, tuple(f"{subject}/{path.name}" for path in files))


def _with_dcm2niix(series: Path, made: Path) -> str:
    command = [DCM2NIIX, "-b", "y", "-ba", "y", "-z", "y", "-f", series.name, "-o", str(made), str(series)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)  # noqa: S603  our own command
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"dcm2niix failed ({type(error).__name__})"
    return f"dcm2niix refuses it (exit status {done.returncode})" if done.returncode else ""


def _with_dicom2nifti(series: Path, made: Path) -> str:
    import dicom2nifti  # type: ignore[import-untyped]  # noqa: PLC0415  an extra

    try:
        with quiet():
            dicom2nifti.dicom_series_to_nifti(str(series), str(made / f"{series.name}.nii.gz"), reorient_nifti=False)
    except Exception as error:  # noqa: BLE001  it has many kinds, and their messages name files
        return f"dicom2nifti refuses it ({type(error).__name__})"
    return ""


def _write_sidecars(series: Path, made: Path) -> None:
    """Say in every sidecar what was done; make the ones that are missing."""
    from pydicom import dcmread  # noqa: PLC0415  slow to load

    with quiet():
        head = dcmread(min(series.iterdir()), stop_before_pixels=True)
    said = _statement(head)
    for volume in sorted(made.glob("*.nii.gz")):
        path = volume.with_name(volume.name.removesuffix(".nii.gz") + ".json")
        sidecar: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        kept = {key: value for key, value in sidecar.items() if key not in _PERSON}
        path.write_text(json.dumps(kept | said, indent=1) + "\n", encoding="utf-8")


def _statement(head: Dataset) -> dict[str, Any]:
    """Return what an object says of its de-identification, as BIDS names it."""
    method = head.get("DeidentificationMethod") or []
    codes = head.get("DeidentificationMethodCodeSequence") or []
    keywords = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
    return {
        "DeidentificationMethod": [str(method)] if isinstance(method, str) else [str(one) for one in method],
        "DeidentificationMethodCodeSequence": [
            {keyword: str(code.get(keyword, "")) for keyword in keywords} for code in codes
        ],
    }


def staging(destination: Path) -> Path:
    """Return a new folder for what is on its way; only its owner may look into it."""
    destination.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".greycloak-", dir=destination))
    os.chmod(folder, 0o700)  # noqa: PTH101
    return folder
