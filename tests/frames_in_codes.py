"""Small images, and their frames in every code without loss."""

from __future__ import annotations

import imagecodecs
import numpy as np

from greycloak.pixels.description import Description
from greycloak.pixels.worker.jpeg_lossless import encode_lossless
from greycloak.pixels.worker.rle import encode_rle

ROWS, COLUMNS = 43, 61
FAMILY = "1.2.840.10008.1.2.4."
RLE = "1.2.840.10008.1.2.5"


def grey(bits, seed=0):
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    smooth = (np.sin(columns / 9) + np.cos(rows / 7) + 2) / 4 * ((1 << bits) - 9)
    noise = np.random.default_rng(seed).integers(0, 9, (ROWS, COLUMNS))
    return (smooth + noise).astype(np.uint8 if bits <= 8 else np.uint16)


def rgb(seed=0):
    return np.stack([grey(8, seed), grey(8, seed)[::-1], grey(8, seed + 1)], -1)


def lossless(image, bits):
    wide = image.reshape(ROWS, COLUMNS, -1).astype(np.uint16)
    return encode_lossless(wide, bits, range(1, wide.shape[2] + 1))


def rle(image, _bits):
    planes = image.reshape(ROWS, COLUMNS, -1, 1).astype(f">u{image.dtype.itemsize}").view(np.uint8)
    return encode_rle(np.ascontiguousarray(planes.transpose(2, 3, 0, 1)))


def j2k(image, bits):
    return imagecodecs.jpeg2k_encode(image, level=0, codecformat="J2K", bitspersample=bits, mct=False)


def htj2k(image, _bits):
    return imagecodecs.htj2k_encode(image, reversible=True, rgb=False)


def ls(image, _bits):
    return imagecodecs.jpegls_encode(image)


CODES = [
    (RLE, rle),
    (f"{FAMILY}57", lossless),
    (f"{FAMILY}70", lossless),
    (f"{FAMILY}80", ls),
    (f"{FAMILY}81", ls),
    (f"{FAMILY}90", j2k),
    (f"{FAMILY}91", j2k),
    (f"{FAMILY}201", htj2k),
    (f"{FAMILY}202", htj2k),
    (f"{FAMILY}203", htj2k),
]
KINDS = {"8": (lambda seed: grey(8, seed), 8), "12": (lambda seed: grey(12, seed), 12), "rgb": (rgb, 8)}


def said(syntax, image, bits, **more):
    samples = 3 if image.ndim == 3 else 1
    return Description(
        rows=ROWS,
        columns=COLUMNS,
        samples=samples,
        photometric="RGB" if samples == 3 else "MONOCHROME2",
        bits_allocated=8 * image.dtype.itemsize,
        bits_stored=bits,
        high_bit=bits - 1,
        transfer_syntax_uid=syntax,
        **more,
    )
