"""The first frame of an image as a picture, with boxes where text may be burned in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from greycloak.pixels import Region, regions_of_device
from greycloak.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from pydicom.dataset import Dataset

    Pixels = npt.NDArray[np.uint8]

MAX_SIZE = 512
"""Longest side of the picture, in pixels."""

_MAX_BYTES = 64 << 20
_BOX = (255, 64, 64)
_COLORED, _DIMENSIONS = 3, 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the panel.

    Attributes
    ----------
    ppm : bytes
        The picture as PPM, which Qt reads; empty if the pixels cannot be shown.
    boxes : tuple of Region
        Where the device is known to burn in text, in pixels of the image.
    is_missed : bool
        Whether there are pixels, and none that can be shown here.
    """

    ppm: bytes
    boxes: tuple[Region, ...] = ()
    is_missed: bool = False


def draw(path: Path, attributes: dict[str, str]) -> Picture:
    """Return the first frame of an image, with boxes drawn.

    Parameters
    ----------
    path : Path
        The file.
    attributes : dict
        Attributes of the image by keyword, as they tell the device.

    Returns
    -------
    Picture
        Without pixels if there are none, or none that can be decoded here.
    """
    with quiet():
        frame = _first_frame(path)
    if frame is None:
        return Picture(b"", is_missed=bool(attributes.get("Rows")))
    rows, columns = frame.shape[:_DIMENSIONS]
    boxes = tuple(box for region in regions_of_device(attributes) if (box := region.within(columns, rows)))
    step = max(1, -(-max(rows, columns) // MAX_SIZE))
    small = _colored(frame[::step, ::step])
    for box in boxes:
        _outline(small, Region(*(part // step for part in box)))
    header = f"P6 {small.shape[1]} {small.shape[0]} 255\n".encode()
    return Picture(header + small.tobytes(), boxes)


def _first_frame(path: Path) -> Pixels | None:
    """Return the first frame in grey or colors, 8 bits each; None if it cannot be had."""
    import pydicom  # noqa: PLC0415  slow to load
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut  # noqa: PLC0415
    from pydicom.pixels.utils import pixel_array  # noqa: PLC0415

    try:
        data_set = pydicom.dcmread(path, force=True, stop_before_pixels=True)
        if _size_of_frame(data_set) > _MAX_BYTES:
            return None
        values = pixel_array(path, index=0)
        if values.ndim == _COLORED:
            return values if values.dtype.itemsize == 1 else None
        window = apply_voi_lut(apply_modality_lut(values, data_set), data_set, index=0)
    except Exception:  # noqa: BLE001  a preview shows what it can: decoders fail in many ways
        return None
    return _stretched(window, inverted=data_set.get("PhotometricInterpretation") == "MONOCHROME1")


def _size_of_frame(data_set: Dataset) -> int:
    """Return how many bytes a decoded frame takes, as it says itself; a small file may unfold to a huge one."""
    rows, columns, samples, bits = (
        int(data_set.get(keyword, 1) or 1) for keyword in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")
    )
    return rows * columns * samples * max(bits, 8) // 8


def _stretched(values: Any, *, inverted: bool) -> Pixels:  # noqa: ANN401  any numbers
    import numpy as np  # noqa: PLC0415  bundled with Slicer, not needed by the core

    low, high = float(values.min()), float(values.max())
    scaled = (values.astype(np.float32) - low) * (255.0 / ((high - low) or 1.0))
    grey: Pixels = (255.0 - scaled if inverted else scaled).astype(np.uint8)
    return grey


def _colored(frame: Pixels) -> Pixels:
    import numpy as np  # noqa: PLC0415

    colored = np.repeat(frame[:, :, None], 3, axis=2) if frame.ndim == _DIMENSIONS else frame[:, :, :3].copy()
    return np.ascontiguousarray(colored)


def _outline(picture: Pixels, box: Region) -> None:
    """Draw the edges of a box, two pixels wide."""
    bottom, right = box.top + max(box.height, 1), box.left + max(box.width, 1)
    inside: Sequence[tuple[slice, slice]] = (
        (slice(box.top, box.top + 2), slice(box.left, right)),
        (slice(max(bottom - 2, 0), bottom), slice(box.left, right)),
        (slice(box.top, bottom), slice(box.left, box.left + 2)),
        (slice(box.top, bottom), slice(max(right - 2, 0), right)),
    )
    for rows, columns in inside:
        picture[rows, columns] = _BOX
