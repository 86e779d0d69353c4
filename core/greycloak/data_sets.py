"""Data sets in memory as files, and back: also those that never were files, and lack what every file has."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

from greycloak.quiet import quiet

if TYPE_CHECKING:
    from pydicom import Dataset

_SECONDARY_CAPTURE, _RAW_DATA = "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.66"
_EXPLICIT, _IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


def file_of(data_set: Dataset) -> bytes:
    """Return a data set as a file.

    What it lacks is derived from what it holds, so that the same data set gives the same file: UIDs, and, if it does
    not say what it is, a SOP Class (Secondary Capture if it has pixels, else Raw Data). The data set stays as it is.

    Parameters
    ----------
    data_set : Dataset
        pydicom's.

    Raises
    ------
    ValueError
        If pydicom cannot write it; the message has no value of it.
    """
    from pydicom import Dataset  # noqa: PLC0415  slow to load
    from pydicom.dataset import FileMetaDataset  # noqa: PLC0415
    from pydicom.uid import UID  # noqa: PLC0415

    with quiet():
        whole = Dataset({element.tag: element for element in data_set})
        meta = getattr(data_set, "file_meta", None)
        syntax = UID(str(getattr(meta, "TransferSyntaxUID", "") or ""))
        if not syntax:
            is_implicit = data_set.original_encoding[0] or getattr(data_set, "_is_implicit_VR", None)
            syntax = UID(_IMPLICIT if is_implicit else _EXPLICIT)
        if not whole.get("SOPClassUID"):
            setattr(whole, "SOPClassUID", _SECONDARY_CAPTURE if "PixelData" in whole else _RAW_DATA)  # noqa: B010
        missing = [keyword for keyword in _UIDS if not whole.get(keyword)]
        if missing:
            digest = hashlib.sha256(whole.to_json(suppress_invalid_tags=True).encode()).digest()
            for keyword in missing:
                own = hashlib.sha256(digest + keyword.encode()).digest()
                setattr(whole, keyword, f"2.25.{int.from_bytes(own[:16])}")
        whole.file_meta = FileMetaDataset()
        whole.file_meta.TransferSyntaxUID = syntax
        whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID
        whole.file_meta.MediaStorageSOPInstanceUID = whole.SOPInstanceUID
        stream = BytesIO()
        try:
            whole.save_as(stream, enforce_file_format=True)
        except Exception as error:  # noqa: BLE001  pydicom has many kinds, and their messages hold values
            raise ValueError(f"the data set cannot be written ({type(error).__name__})") from None
    return stream.getvalue()


def data_set_of(content: bytes) -> Dataset:
    """Return a file as a data set."""
    from pydicom import dcmread  # noqa: PLC0415  slow to load

    with quiet():
        return dcmread(BytesIO(content))
