"""Masks in one compressed frame: decompressed, masked, and compressed again without loss in the same syntax."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from greycloak.outcomes import Refused
from greycloak.pixels.areas import Mask
from greycloak.pixels.kinds import Kind, kind_of
from greycloak.pixels.worker.native import mask_native
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from greycloak.pixels.areas import Area
    from greycloak.pixels.description import Description


class NewFrame(NamedTuple):
    """A frame with its masks.

    Attributes
    ----------
    code_stream : bytes
        The frame.
    became_lossless : bool
        Whether it was decompressed from a lossy code stream and compressed again without further loss.
    recoded : bool
        Whether its code stream was changed without decompressing it.
    """

    code_stream: bytes
    became_lossless: bool = False
    recoded: bool = False


def mask_compressed(description: Description, frame: bytes, areas: Sequence[Area]) -> NewFrame:
    """Mask areas of one compressed frame.

    Raises
    ------
    Refused
        If nobody here can change it and keep the rest.
    Malformed
        If the code stream does not add up.
    """
    kind = kind_of(description.transfer_syntax_uid)
    if kind in {Kind.PLAIN, Kind.DEFLATED}:
        return NewFrame(_mask_native(description, frame, areas, deflated=kind is Kind.DEFLATED))
    raise Refused("pixel-codec", "a transfer syntax whose pixels nobody here changes")


def _mask_native(description: Description, frame: bytes, areas: Sequence[Area], *, deflated: bool) -> bytes:
    """Mask a frame that is native pixels, deflated or not (PS3.5 section A.4.10, A.4.11)."""
    single = replace(description, frames=1)
    if deflated:
        inflating = zlib.decompressobj(-zlib.MAX_WBITS)
        frame = inflating.decompress(frame, single.frame_size + 2)
        if not inflating.eof:
            raise Malformed("broken-code-stream", "a deflated frame of another size")
    pixels = bytearray(frame)
    mask_native(single, pixels, [Mask(area, "") for area in areas])
    if not deflated:
        return bytes(pixels)
    deflating = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflating.compress(pixels) + deflating.flush()
