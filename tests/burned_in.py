"""Objects with text burned into their pixels."""

from __future__ import annotations

import cv2
import numpy as np

from support import ct

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
ROWS, COLUMNS = 160, 320
NAME = "DOE JONATHAN"
TOP = slice(0, 40)
"""The rows that hold the name, and nothing else."""


def tissue(seed=3):
    """Return rows x columns of something like tissue, 8 bits."""
    noise = np.random.default_rng(seed).normal(0, 1, (ROWS, COLUMNS)).astype(np.float32)
    image = cv2.GaussianBlur(noise, (0, 0), 6) * 240 + cv2.GaussianBlur(noise, (0, 0), 1) * 12 + 70
    image[TOP] = 10
    return image.clip(0, 180).astype(np.uint8)


def with_text(image, text=NAME, at=(12, 28)):
    """Return an image with a line of white text in it."""
    written = image.copy()
    cv2.putText(written, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 250, 1, cv2.LINE_AA)
    return written


def ultrasound(image=None, **attributes):
    """Return an ultrasound image in color."""
    grey = with_text(tissue()) if image is None else image
    values = {
        "SOPClassUID": ULTRASOUND,
        "Modality": "US",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "Rows": ROWS,
        "Columns": COLUMNS,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "SamplesPerPixel": 3,
        "PlanarConfiguration": 0,
        "PhotometricInterpretation": "RGB",
        "PixelData": np.stack([grey] * 3, -1).tobytes(),
    }
    data_set = ct(**(values | attributes))
    data_set["PixelData"].VR = "OB"
    return data_set


def pixels_of(data_set):
    """Return native pixels as rows x columns x samples."""
    return np.frombuffer(data_set.PixelData, np.uint8).reshape(data_set.Rows, data_set.Columns, -1)
