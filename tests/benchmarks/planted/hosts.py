"""Real objects that identifiers are planted in: pydicom's own, those of pydicom-data, and some made from real ones."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import data_store
import pydicom

from benchmarks.planted import made

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset

_PYDICOM = Path(pydicom.__file__).parent / "data"
_DATA_STORE = Path(data_store.__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Host:
    """A real object.

    Attributes
    ----------
    file : str
        Its name in pydicom's test files or in pydicom-data.
    texts : str
        What is written in its texts: the name of a group of phrases.
    weight : int
        How often it is used.
    becomes : callable or None
        What makes it an object of a modality that no public file has.
    """

    file: str
    texts: str
    weight: int = 1
    becomes: Callable[[Dataset], None] | None = None


HOSTS = (
    Host("CT_small.dcm", "CT", 5),
    Host("dicomdirtests/77654033/CT2/17106", "CT", 4),
    Host("dicomdirtests/98890234/CT2N/6293", "CT", 3),
    Host("dicomdirtests/98890234/CT5N/2062", "CT", 3),
    Host("693_J2KR.dcm", "CT", 1),
    Host("693_J2KI.dcm", "CT", 1),
    Host("J2K_pixelrep_mismatch.dcm", "CT", 1),
    Host("explicit_VR-UN.dcm", "CT", 1),
    Host("MR_small.dcm", "MR", 3),
    Host("MR_small_implicit.dcm", "MR", 2),
    Host("dicomdirtests/98890234/MR1/15820", "MR", 3),
    Host("dicomdirtests/98890234/MR1/4919", "MR", 2),
    Host("MR2_J2KI.dcm", "MR", 2),
    Host("examples_overlay.dcm", "MR", 3),
    Host("emri_small_RLE.dcm", "MR", 2),
    Host("dicomdirtests/77654033/CR1/6154", "XR", 4),
    Host("dicomdirtests/77654033/CR2/6247", "XR", 2),
    Host("RG3_J2KI.dcm", "XR", 2),
    Host("dicomdirtests/77654033/CR3/6278", "XR", 4, made.dx),
    Host("dicomdirtests/77654033/CR3/6278", "MG", 3, made.mammogram),
    Host("dicomdirtests/98890234/CT2N/6924", "PT", 4, made.pet),
    Host("examples_jpeg2k.dcm", "US", 2),
    Host("JPGLosslessP14SV1_1s_1f_8b.dcm", "US", 1),
    Host("OBXXXX1A_rle.dcm", "US", 1),
    Host("OBXXXX1A_rle_2frame.dcm", "US", 1),
    Host("OBXXXX1A_rle_2frame.dcm", "US", 1, made.retired_ultrasound),
    Host("US1_J2KI.dcm", "US", 1),
    Host("color-pl.dcm", "US", 1),
    Host("JPEG2000.dcm", "PT", 2),
    Host("JPEG2000.dcm", "PT", 1, made.retired_nm),
    Host("SC_rgb_small_odd.dcm", "XR", 1),
    Host("liver_1frame.dcm", "CT", 2),
    Host("rtdose_1frame.dcm", "RT", 2),
    Host("rtplan.dcm", "RT", 2),
    Host("rtplan.dcm", "RT", 3, made.structure_set),
    Host("MR_small.dcm", "MR", 3, made.presentation_state),
    Host("reportsi.dcm", "SR", 4),
    Host("test-SR.dcm", "SR", 4),
    Host("waveform_ecg.dcm", "ECG", 1),
)


@cache
def _find(file: str) -> Path:
    for folder in (_PYDICOM / "test_files", _DATA_STORE):
        if (folder / file).is_file():
            return folder / file
    found = list((_PYDICOM / "test_files").rglob(Path(file).name))
    if not found:
        raise FileNotFoundError(file)
    return found[0]


def load(host: Host) -> Dataset:
    """Read a host anew, as an object that is written back in its own transfer syntax."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set = pydicom.dcmread(_find(host.file))
        data_set.decode()
        for element in data_set.iterall():
            element.value  # noqa: B018  # nothing stays raw
    if host.becomes:
        host.becomes(data_set)
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    if "PixelData" in data_set:
        data_set.BurnedInAnnotation = "NO"  # that pixels show nobody is another benchmark's question
    return data_set
