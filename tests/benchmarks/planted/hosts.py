"""Real objects that identifiers are planted in: pydicom's own, those of pydicom-data, and three made from real ones."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import data_store
import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID

if TYPE_CHECKING:
    from collections.abc import Callable

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


def _to_pet(data_set: Dataset) -> None:
    data_set.Modality, data_set.SOPClassUID = "PT", UID("1.2.840.10008.5.1.4.1.1.128")
    for keyword in ("KVP", "GantryDetectorTilt", "TableHeight", "RotationDirection", "ExposureTime", "XRayTubeCurrent"):
        data_set.pop(keyword, None)
    data_set.ImageType = ["ORIGINAL", "PRIMARY"]
    data_set.Units, data_set.CountsSource, data_set.SeriesType = "BQML", "EMISSION", ["WHOLE BODY", "IMAGE"]
    data_set.CorrectedImage = ["DECY", "ATTN", "SCAT"]
    data_set.NumberOfSlices, data_set.DecayCorrection, data_set.CollimatorType = 47, "START", "NONE"
    data_set.FrameReferenceTime, data_set.ImageIndex, data_set.ActualFrameDuration = "150000", 7, "300000"
    data_set.ReconstructionMethod = "3D OSEM 2i 28s"
    isotope = Dataset()
    isotope.Radiopharmaceutical, isotope.RadionuclideTotalDose = "Fluorodeoxyglucose", "370000000"
    data_set.RadiopharmaceuticalInformationSequence = [isotope]


def _to_projection(data_set: Dataset) -> None:
    data_set.PresentationIntentType, data_set.PixelIntensityRelationship = "FOR PRESENTATION", "LIN"
    data_set.PixelIntensityRelationshipSign, data_set.PresentationLUTShape = 1, "IDENTITY"
    data_set.ImageType = ["ORIGINAL", "PRIMARY"]
    data_set.RescaleIntercept, data_set.RescaleSlope, data_set.RescaleType = "0", "1", "US"
    data_set.LossyImageCompression, data_set.BurnedInAnnotation = "00", "NO"
    data_set.ImageLaterality, data_set.DetectorType = "L", "DIRECT"
    data_set.ImagerPixelSpacing = ["0.1", "0.1"]
    data_set.AnatomicRegionSequence, data_set.AcquisitionContextSequence = [], []


def _to_mg(data_set: Dataset) -> None:
    _to_projection(data_set)
    data_set.Modality, data_set.SOPClassUID = "MG", UID("1.2.840.10008.5.1.4.1.1.1.2")
    data_set.PositionerType, data_set.BodyPartExamined, data_set.OrganExposed = "MAMMOGRAPHIC", "BREAST", "BREAST"
    view = Dataset()
    view.CodeValue, view.CodingSchemeDesignator, view.CodeMeaning = "R-10242", "SRT", "cranio-caudal"
    data_set.ViewCodeSequence = [view]
    data_set.DetectorID, data_set.DetectorDescription = "DS-2000-88", "MAMMODETECTOR 24x30"


def _to_dx(data_set: Dataset) -> None:
    _to_projection(data_set)
    data_set.Modality, data_set.SOPClassUID = "DX", UID("1.2.840.10008.5.1.4.1.1.1.1")


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
    Host("dicomdirtests/77654033/CR3/6278", "XR", 4, _to_dx),
    Host("dicomdirtests/77654033/CR3/6278", "MG", 3, _to_mg),
    Host("dicomdirtests/98890234/CT2N/6924", "PT", 4, _to_pet),
    Host("examples_jpeg2k.dcm", "US", 2),
    Host("JPGLosslessP14SV1_1s_1f_8b.dcm", "US", 1),
    Host("OBXXXX1A_rle.dcm", "US", 1),
    Host("OBXXXX1A_rle_2frame.dcm", "US", 1),
    Host("US1_J2KI.dcm", "US", 1),
    Host("color-pl.dcm", "US", 1),
    Host("JPEG2000.dcm", "PT", 3),
    Host("SC_rgb_small_odd.dcm", "XR", 1),
    Host("liver_1frame.dcm", "CT", 2),
    Host("rtdose_1frame.dcm", "RT", 2),
    Host("rtplan.dcm", "RT", 2),
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
