"""New pixels as pieces of the old ones, and what is new: only that goes back through the pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from greycloak.pixels.areas import areas_of_frame
from greycloak.pixels.kinds import Kind, kind_of
from greycloak.pixels.messages import NEW, SENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from greycloak.pixels.areas import Mask
    from greycloak.pixels.description import Description
    from greycloak.pixels.results import Masked
    from greycloak.stream.levels import Buffer

_HEADER_SIZE = 8
_BYTE = 8


class Sent(bytes):
    """Stands for bytes that the engine has already: as long as they are, but empty."""

    def __new__(cls, size: int) -> Self:
        """Make one for so many bytes."""
        made = super().__new__(cls)
        made.size = size
        return made

    size: int

    def __len__(self) -> int:
        return self.size


class Pieces:
    """Pieces, in their order.

    Attributes
    ----------
    spans : list of [int, int]
        Where each begins in the old value, or `NEW` or `SENT`, and how long it is.
    new : list of bytes or memoryview
        What is new, one behind the other.
    """

    def __init__(self, value: Buffer) -> None:
        self.spans: list[list[int]] = []
        self.new: list[Buffer] = []
        self._value = memoryview(value)

    def old(self, start: int, end: int) -> None:
        """Add a span of the old value, joined to the last one where it goes on."""
        size = end - start
        if not size:
            return
        if self.new and self.spans and self.spans[-1] == [NEW, _HEADER_SIZE] and start >= _HEADER_SIZE:
            header = self._value[start - _HEADER_SIZE : start]
            if header == self.new[-1]:  # an item's header is written anew even where it is the old one
                self.spans.pop()
                self.new.pop()
                start, size = start - _HEADER_SIZE, size + _HEADER_SIZE
        if self.spans and self.spans[-1][0] >= 0 and sum(self.spans[-1]) == start:
            self.spans[-1][1] += size
        else:
            self.spans.append([start, size])

    def add(self, piece: Buffer) -> None:
        """Add what is new."""
        if isinstance(piece, Sent):
            self.spans.append([SENT, len(piece)])
        elif len(piece):
            self.spans.append([NEW, len(piece)])
            self.new.append(piece)


def pieces_of(description: Description, value: Buffer, masks: Sequence[Mask], masked: Masked) -> Pieces:
    """Return the pieces of masked pixels.

    Parameters
    ----------
    description : Description
        What they are.
    value : bytearray
        The value that was masked; native pixels have been changed where they stand.
    masks : sequence of Mask
        The masks.
    masked : Masked
        What came of it.
    """
    pieces = Pieces(value)
    if kind_of(description.transfer_syntax_uid) is Kind.NATIVE:
        at = 0
        for start, end in _joined(_changed(description, len(value), masks, masked.frames)):
            pieces.old(at, start)
            pieces.add(memoryview(value)[start:end])
            at = end
        pieces.old(at, len(value))
        return pieces
    base = _address(value)
    for part in masked.parts:
        if isinstance(part, memoryview) and len(part) and 0 <= _address(part) - base < len(value):
            start = _address(part) - base
            pieces.old(start, start + len(part))
        else:
            pieces.add(part)
    return pieces


def _address(buffer: Buffer) -> int:
    return int(np.frombuffer(buffer, np.uint8).__array_interface__["data"][0])


def _changed(
    description: Description, size: int, masks: Sequence[Mask], frames: frozenset[int]
) -> Iterator[tuple[int, int]]:
    """Yield the spans of native pixels that masks may have changed: whole rows, or whole frames of single bits."""
    planes = description.samples if description.planar and description.samples > 1 else 1
    for number in sorted(frames):
        first = number * description.frame_bits
        if description.bits_allocated < _BYTE:
            yield first // _BYTE, -(-(first + description.frame_bits) // _BYTE)
            continue
        row = description.frame_size // planes // description.rows
        areas = areas_of_frame(masks, number, description.columns, description.rows)
        rows = list(_joined(sorted({(area.top, area.bottom) for area in areas})))
        for plane in range(planes):
            start = first // _BYTE + plane * row * description.rows
            for top, bottom in rows:  # words of big endian: two pixels are swapped
                yield (start + top * row) // 2 * 2, min(-(-(start + bottom * row) // 2) * 2, size)


def _joined(spans: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans that come in order, those that touch as one."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current
