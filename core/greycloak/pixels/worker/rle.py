"""DICOM's run-length encoding of a frame (PS3.5 Annex G)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np

from greycloak.pixels.codestreams.rle import HEADER_SIZE, segments_of
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from greycloak.pixels.description import Description


def decode_rle(description: Description, frame: bytes) -> NDArray[np.uint8]:
    """Return the bytes of a frame: samples, bytes of a sample from the highest on, rows, columns.

    Raises
    ------
    Malformed
        If it is not what the object says.
    """
    segments = segments_of(frame)
    shape = description.samples, description.bits_allocated // 8, description.rows, description.columns
    if len(segments) != shape[0] * shape[1]:
        raise Malformed("broken-code-stream", "an RLE frame of another number of segments")
    size = description.rows * description.columns
    planes = np.empty((len(segments), size), np.uint8)
    for number, (start, end) in enumerate(segments):
        plane = imagecodecs.packbits_decode(frame[start:end], out=size + 2)
        if not size <= len(plane) <= size + 2:  # a padding of zeros may be read as one more byte
            raise Malformed("broken-code-stream", "an RLE segment of another size")
        planes[number] = np.frombuffer(plane, np.uint8, size)
    return planes.reshape(shape)


def encode_rle(planes: NDArray[np.uint8]) -> bytes:
    """Return the frame of what `decode_rle` returns; each row is encoded on its own."""
    segments = []
    for plane in planes.reshape(-1, *planes.shape[2:]):
        segment = bytes(imagecodecs.packbits_encode(np.ascontiguousarray(plane), axis=-1))
        segments.append(segment + bytes(len(segment) % 2))
    offsets = HEADER_SIZE + np.cumsum([0, *map(len, segments[:-1])])
    header = struct.pack(f"<{len(segments) + 1}L", len(segments), *offsets.tolist()).ljust(HEADER_SIZE, b"\0")
    return header + b"".join(segments)
