"""Empty what code streams hold beside the image: in place, so that nothing moves and no offset changes.

Comments, application data, Exif, XMP, boxes and bytes behind the end are metadata of the image that no attribute
shows. They become zeros, whatever is done about the pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from greycloak.pixels.codestreams import jpeg, jpeg2000, rle
from greycloak.pixels.fragments import encapsulated, extended_tables, frames_of, has_offset_table, holds_others
from greycloak.pixels.kinds import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from greycloak.stream.levels import Buffer

_BESIDE = {
    Kind.JPEG: jpeg.beside_the_image,
    Kind.JPEG_LS: jpeg.beside_the_image,
    Kind.JPEG_2000: jpeg2000.beside_the_image,
    Kind.JPEG_XL: jpeg2000.beside_the_image_xl,
    Kind.RLE: rle.beside_the_image,
}


class Emptied(NamedTuple):
    """An element of encapsulated pixel data whose code streams hold nothing but images.

    Attributes
    ----------
    parts : list of bytes or memoryview
        Its new value, in pieces.
    extended : tuple of (bytes, bytes) or None
        The new values of Extended Offset Table (7FE0,0001) and Extended Offset Table Lengths (7FE0,0002), where it
        has them and they changed.
    """

    parts: list[Buffer]
    extended: tuple[bytes, bytes] | None = None


def emptied(
    value: Buffer, transfer_syntax_uid: str, frames: int, extended: bytes = b"", lengths: bytes = b""
) -> Emptied | None:
    """Empty what the code streams of an element hold beside the image; drop fragments that belong to no frame.

    Parameters
    ----------
    value : bytes or memoryview
        The value of the element, from the item of the Basic Offset Table to the delimiter.
    transfer_syntax_uid : str
        Of the data set.
    frames : int
        Number of Frames; 1 for an icon.
    extended, lengths : bytes
        The values of Extended Offset Table and Extended Offset Table Lengths, if there are.

    Returns
    -------
    Emptied or None
        None if there is nothing to empty, or if nobody here knows the code: video, and what is not encapsulated.

    Raises
    ------
    Malformed
        If fragments or code streams do not add up.
    """
    kind = kind_of(transfer_syntax_uid)
    if kind in {Kind.NATIVE, Kind.VIDEO, Kind.OTHER}:
        return None
    found = frames_of(value, frames, extended, lengths)
    new: list[Sequence[Buffer]] = []
    changed = holds_others(value, found)
    for fragments in found:
        cleaned = emptied_frame(fragments, kind)
        changed |= cleaned is not None
        new.append(fragments if cleaned is None else cleaned)
    if not changed:
        return None
    parts = encapsulated(new, table=has_offset_table(value))
    return Emptied(parts, extended_tables(new) if extended else None)


def emptied_frame(fragments: Sequence[Buffer], kind: Kind) -> list[Buffer] | None:
    """Empty what the code stream of one frame holds beside the image.

    Returns
    -------
    list of bytes or None
        Its fragments; without those that stand wholly behind the end of the image. None if nothing changes.

    Raises
    ------
    Malformed
        If the code stream does not add up.
    """
    beside = _BESIDE.get(kind)
    if beside is None:
        return None
    joined = fragments[0] if len(fragments) == 1 else b"".join(fragments)
    spans = beside(joined)
    if not spans:
        return None
    cleaned = bytearray(joined)
    for start, end in spans:
        cleaned[start:end] = bytes(end - start)
    behind = spans[-1][0] if spans[-1][1] == len(joined) else len(joined)
    new: list[Buffer] = []
    at = 0
    for fragment in fragments:
        if at < behind or not new:
            new.append(bytes(cleaned[at : at + len(fragment)]))
        at += len(fragment)
    return new
