"""Masks in the pixels of an element, whatever its transfer syntax; frames without a mask stay byte for byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.outcomes import Refused
from greycloak.pixels.areas import areas_of_frame
from greycloak.pixels.fragments import encapsulated, extended_tables, frames_of, has_offset_table
from greycloak.pixels.kinds import Kind, kind_of
from greycloak.pixels.results import Masked
from greycloak.pixels.worker.codecs import mask_compressed
from greycloak.pixels.worker.expected import OF_DECODERS
from greycloak.pixels.worker.native import mask_native
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from greycloak.pixels.areas import Mask
    from greycloak.pixels.description import Description
    from greycloak.stream.levels import Buffer


def mask_pixels(
    description: Description,
    value: Buffer,
    masks: Sequence[Mask],
    extended: tuple[bytes, bytes] = (b"", b""),
    progress: Callable[[int], None] = lambda _: None,
    keep: Callable[[int, bytes], Buffer] = lambda _, code_stream: code_stream,
) -> Masked:
    """Mask areas of the pixels of an element.

    Parameters
    ----------
    description : Description
        What they are.
    value : bytes, bytearray or memoryview
        The value of the element; native pixels in a bytearray, or a writable view, are changed where they stand.
    masks : sequence of Mask
        What to mask.
    extended : tuple of (bytes, bytes)
        The values of Extended Offset Table and Extended Offset Table Lengths, if it has them.
    progress : callable
        Told the number of each frame before it is looked at; what it raises ends the work.
    keep : callable
        Given the number and the code stream of each new frame; what it returns, of the same length, stands for it.

    Returns
    -------
    Masked
        The same pixels, but for the masks.

    Raises
    ------
    Refused
        ``pixel-description`` if the pixels are not what they are said to be, ``pixel-codec`` if nobody here can change
        them and keep the rest, ``pixel-video`` for video.
    Malformed
        If fragments or code streams do not add up.
    """
    kind = kind_of(description.transfer_syntax_uid)
    if kind is Kind.NATIVE:
        writable = value if isinstance(value, bytearray) else memoryview(value)
        if isinstance(writable, memoryview) and writable.readonly:
            writable = bytearray(value)
        return Masked([writable], mask_native(description, writable, masks))
    if kind is Kind.VIDEO:
        raise Refused("pixel-video", "a mask in video")
    if kind is Kind.OTHER:
        raise Refused("pixel-codec", "a transfer syntax whose pixels nobody here changes")
    description.expect_compressed()
    return _mask_frames(description, value, masks, extended, progress, keep)


def _mask_frames(
    description: Description,
    value: Buffer,
    masks: Sequence[Mask],
    extended: tuple[bytes, bytes],
    progress: Callable[[int], None],
    keep: Callable[[int, bytes], Buffer],
) -> Masked:
    frames: list[Sequence[Buffer]] = list(frames_of(value, description.frames, *extended))
    changed = set()
    photometric: set[str | None] = set()
    became_lossless = recoded = False
    for number, fragments in enumerate(frames):
        areas = areas_of_frame(masks, number, description.columns, description.rows)
        if not areas:
            continue
        progress(number)
        joined = bytes(fragments[0]) if len(fragments) == 1 else b"".join(fragments)
        try:
            new = mask_compressed(description, joined, areas)
        except (Malformed, Refused):
            raise
        except OF_DECODERS as error:
            raise Malformed("broken-code-stream", "a frame that cannot be decompressed") from error
        frames[number] = [keep(number, new.code_stream)]
        changed.add(number)
        became_lossless |= new.became_lossless
        recoded |= new.recoded
        photometric.add(new.photometric)
    table = has_offset_table(value)
    tables = extended_tables(frames) if extended[0] else None
    name = photometric.pop() if len(changed) == len(frames) and len(photometric) == 1 else None  # else the others' name
    parts = encapsulated(frames, table=table)
    return Masked(parts, frozenset(changed), became_lossless, recoded, name, tables, frames)
