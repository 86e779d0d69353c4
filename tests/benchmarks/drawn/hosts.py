"""Real images without any text: those of pydicom and pydicom-data, where there is none, or a part without."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import data_store
import numpy as np
import pydicom
from PIL import Image
from pydicom.pixels import apply_color_lut

if TYPE_CHECKING:
    from random import Random

    from numpy.typing import NDArray

_FOLDERS = (Path(pydicom.__file__).parent / "data", Path(data_store.__file__).parent)


@dataclass(frozen=True, slots=True)
class Host:
    """Where an image comes from.

    Attributes
    ----------
    name : str
        What it is called in the figures: its modality first.
    file : str
        A file of pydicom or pydicom-data.
    part : tuple of int
        Left, top, right and bottom of the part that has no text.
    scale : float
        How much it is enlarged.
    frames : int
        How many frames are taken.
    """

    name: str
    file: str
    part: tuple[int, int, int, int]
    scale: float = 1
    frames: int = 1


HOSTS = (
    Host("CT head", "693_UNCR.dcm", (0, 0, 512, 512)),
    Host("CT skull", "J2K_pixelrep_mismatch.dcm", (0, 0, 512, 512)),
    Host("CT abdomen", "explicit_VR-UN.dcm", (0, 0, 512, 512)),
    Host("MR abdomen", "MR-SIEMENS-DICOM-WithOverlays.dcm", (0, 0, 484, 484)),
    Host("MR shoulder", "MR2_UNCR.dcm", (0, 0, 1024, 1024)),
    Host("CR chest", "RG1_UNCR.dcm", (0, 0, 1841, 1955), 0.5),
    Host("CR leg", "RG3_UNCR.dcm", (300, 0, 1120, 1760), 0.6),
    Host("DX chest", "RG1_UNCR.dcm", (450, 350, 1450, 1150)),
    Host("MG", "RG3_UNCR.dcm", (520, 100, 1000, 900), 1.3),
    Host("XA", "RG1_UNCR.dcm", (200, 600, 900, 1300), 0.8, 4),
    Host("US duplex", "US1_UNCR.dcm", (40, 110, 580, 265), 1.4),
    Host("US colour", "color-pl.dcm", (0, 0, 256, 110), 2.5),
    Host("US pelvis", "gdcm-US-ALOKA-16.dcm", (60, 60, 390, 370), 1.6),
    Host("US heart", "color3d_jpeg_baseline.dcm", (120, 50, 560, 445), 1.3, 6),
    Host("NM", "JPEG2000_UNC.dcm", (0, 0, 256, 1024)),
    Host("SC screen", "explicit_VR-UN.dcm", (0, 0, 512, 512)),
)


@cache
def _stored(file: str) -> tuple[NDArray[np.generic], bool]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = next(found for folder in _FOLDERS for found in folder.rglob(file))
        data_set = pydicom.dcmread(path)
        pixels = data_set.pixel_array
        if "PALETTE" in data_set.PhotometricInterpretation:
            pixels = (apply_color_lut(pixels, data_set) >> 8).astype(np.uint8)
    is_colour = pixels.shape[-1] == 3
    return pixels if pixels.ndim - is_colour == 3 else pixels[np.newaxis], is_colour


def image(host: Host, random: Random) -> NDArray[np.generic]:
    """Return frames without text, (frames, rows, columns[, 3]); turned over or cut a little, none like another."""
    pixels, _ = _stored(host.file)
    left, top, right, bottom = host.part
    pixels = pixels[: host.frames * 4 : 4, top:bottom, left:right]
    if len(pixels) < host.frames:
        noise = np.random.default_rng(random.randrange(1 << 30)).normal(0, 12, (host.frames, *pixels.shape[1:]))
        pixels = (pixels + noise).clip(0).astype(pixels.dtype)
    if host.scale != 1:
        scale = host.scale * random.uniform(0.85, 1.15)
        pixels = np.stack([_resized(frame, scale) for frame in pixels])
    rows, columns = pixels.shape[1:3]
    cut_rows, cut_columns = random.randrange(rows // 10), random.randrange(columns // 10)
    pixels = pixels[:, cut_rows:, cut_columns:]
    if random.random() < 0.5:
        pixels = pixels[:, :, ::-1]
    if host.name == "SC screen":
        pixels = np.stack([_screen(frame, random) for frame in pixels])
    return np.ascontiguousarray(pixels)


def _resized(frame: NDArray[np.generic], by: float) -> NDArray[np.generic]:
    size = (round(frame.shape[1] * by), round(frame.shape[0] * by))
    if frame.ndim == 3:
        return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BICUBIC))
    scaled = Image.fromarray(frame.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    limits = np.iinfo(frame.dtype)
    return np.clip(np.asarray(scaled), limits.min, limits.max).astype(frame.dtype)


def _screen(frame: NDArray[np.generic], random: Random) -> NDArray[np.uint8]:
    """Draw what a workstation draws: the image in a window, lines, buttons."""
    low, high = np.percentile(frame, (2, 99.5))
    grey = (np.clip((frame - low) / (high - low), 0, 1) * 255).astype(np.uint8)
    screen = np.full((640, 860, 3), random.choice([0, 18, 40, 212]), np.uint8)
    height, width = min(600, grey.shape[0]), min(600, grey.shape[1])
    screen[20 : 20 + height, 20 : 20 + width] = grey[:height, :width, np.newaxis]
    screen[10:12, :] = 128
    for number in range(random.randrange(2, 6)):
        screen[60 + number * 40 : 84 + number * 40, 760:840] = random.choice([90, 150, 60])
    screen[20 : 20 + height : 2, 20 + width + 8] = (0, 255, 0)
    return screen
