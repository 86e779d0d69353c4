"""What goes through the pipes between the engine and its pixel worker: a length, a JSON header, and bytes.

No pickle: a worker that a broken image has taken over can say nothing but what is looked for here.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    from greycloak.stream.levels import Buffer

MAX_HEADER = 1 << 28
"""How many bytes a header may have."""

NEW, SENT = -1, -2
"""Where a piece of new pixels begins that is not in the old ones: among the bytes of the answer, or sent before it."""

_LENGTH_SIZE = 8
_AT_ONCE = 1 << 20
_REASONS = frozenset({"device", "ultrasound", "rule", "text", "unread", "zone", "person", ""})
_MASK_SIZE = 7


class Message(NamedTuple):
    """A message.

    Attributes
    ----------
    header : dict
        What it says.
    blobs : list of bytearray
        What belongs to it.
    sent : tuple of bytearray
        What was sent before it: new frames, as they were done.
    """

    header: dict[str, Any]
    blobs: list[bytearray]
    sent: tuple[bytearray, ...] = ()


def write_message(stream: BinaryIO, header: dict[str, Any], blobs: Sequence[Sequence[Buffer]] = ()) -> None:
    """Write a message; each blob comes in pieces, which are not copied."""
    sizes = [sum(map(len, pieces)) for pieces in blobs]
    text = json.dumps({**header, "blobs": sizes}, separators=(",", ":")).encode()
    stream.write(len(text).to_bytes(_LENGTH_SIZE, "big") + text)
    for pieces in blobs:
        for piece in pieces:
            view = memoryview(piece).cast("B")
            stream.writelines(view[start : start + _AT_ONCE] for start in range(0, len(view), _AT_ONCE))
    stream.flush()


def read_message(stream: BinaryIO, most: int) -> Message | None:
    """Read a message; None at the end of the stream.

    Parameters
    ----------
    stream : file
        A binary stream.
    most : int
        How many bytes its blobs may have, together.

    Raises
    ------
    ValueError
        If it is none, or longer than it may be.
    EOFError
        If it is cut short.
    """
    start = stream.read(_LENGTH_SIZE)
    if not start:
        return None
    length = int.from_bytes(start, "big")
    if len(start) < _LENGTH_SIZE:
        raise EOFError
    if length > MAX_HEADER:
        raise ValueError("a header that is too long")
    try:
        header = json.loads(_read(stream, length))
    except RecursionError as error:
        raise ValueError("a header that nests too deep") from error
    sizes = header.pop("blobs", None) if isinstance(header, dict) else None
    if not isinstance(sizes, list) or not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) > most:
        raise ValueError("a message that is none, or too long")
    return Message(header, [_read(stream, size) for size in sizes])


def _read(stream: BinaryIO, size: int) -> bytearray:
    found = bytearray(size)
    view, at = memoryview(found), 0
    while at < size:
        count = stream.readinto(view[at : at + _AT_ONCE])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        at += count
    return found


def masks_to_json(masks: Iterable[Mask]) -> list[list[Any]]:
    """Return masks as JSON has them."""
    return [[*mask.area, mask.reason, mask.frame, mask.confidence] for mask in masks]


def masks_from_json(found: Any) -> tuple[Mask, ...]:  # noqa: ANN401  whatever was said
    """Return the masks that JSON tells of.

    Raises
    ------
    ValueError
        If it tells of anything else.
    """
    if not isinstance(found, list):
        raise ValueError("no masks")  # noqa: TRY004  like all that is wrong with a message
    return tuple(_mask(one) for one in found)


def _mask(one: Any) -> Mask:  # noqa: ANN401
    if not isinstance(one, list) or len(one) != _MASK_SIZE or not all(type(edge) is int for edge in one[:4]):
        raise ValueError("no mask")
    *edges, reason, frame, confidence = one
    if reason not in _REASONS or not (frame is None or type(frame) is int):
        raise ValueError("no mask")
    if not (confidence is None or (isinstance(confidence, int | float) and 0 <= confidence <= 1)):
        raise ValueError("no mask")
    return Mask(Area(*edges), reason, frame, confidence)


def description_to_json(description: Description) -> dict[str, Any]:
    """Return a description as JSON has it."""
    return asdict(description)


def description_from_json(found: dict[str, Any]) -> Description:
    """Return the description that JSON tells of.

    Raises
    ------
    Refused
        If it describes what cannot be.
    TypeError
        If it is none.
    """
    windows = tuple((center, width) for center, width in found.pop("windows", ()))
    return Description(**found, windows=windows)
