"""The structure of a baseline or extended JPEG frame: segments, components, scans (ISO 10918-1 Annex B)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from greycloak.outcomes import Refused
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

SOI, EOI, SOS, DHT, DQT, DRI, APP0, APP14 = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xE0, 0xEE
SEQUENTIAL = frozenset({0xC0, 0xC1})
"""Start of Frame of what this package changes in place: baseline and extended, with Huffman codes."""

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ARITHMETIC = 0xCC
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER = re.compile(rb"\xff(?=[^\x00\xff])", re.DOTALL)
_END_OF_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_MAX_SEGMENTS = 10_000
_PRECISIONS = frozenset({8, 12})
_MAX_SAMPLING = 4
_MAX_COMPONENTS = 4


class Segment(NamedTuple):
    """A marker and what belongs to it.

    Attributes
    ----------
    marker : int
        Its second byte.
    start, end : int
        Where it stands, marker included.
    content : bytes
        What follows its length.
    """

    marker: int
    start: int
    end: int
    content: bytes


def segments(frame: bytes) -> Iterator[Segment]:
    """Yield the segments up to the end of the image; the codes of a scan follow its SOS up to the next segment.

    Raises
    ------
    Malformed
        If they do not add up.
    """
    if frame[:2] != b"\xff\xd8":
        raise Malformed("broken-code-stream", "no JPEG where one should be")
    pos = 2
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.search(frame, pos)
        if not found:
            yield Segment(EOI, len(frame), len(frame), b"")
            return
        start = found.start()
        marker = frame[start + 1]
        if marker == EOI:
            yield Segment(marker, start, start + 2, b"")
            return
        if marker in _WITHOUT_LENGTH:
            pos = start + 2
            continue
        end = start + 2 + int.from_bytes(frame[start + 2 : start + 4], "big")
        if end > len(frame) or end < start + 4:
            raise Malformed("broken-code-stream", "a segment that ends behind the frame")
        yield Segment(marker, start, end, frame[start + 4 : end])
        pos = end
        if marker == SOS:
            behind = _END_OF_SCAN.search(frame, pos)
            pos = behind.start() if behind else len(frame)
    raise Malformed("broken-code-stream", "more segments than make sense")


@dataclass(frozen=True, slots=True)
class Component:
    """A component of a frame.

    Attributes
    ----------
    number : int
        What scans call it.
    across, down : int
        Its sampling factors.
    quantization : int
        The number of its table.
    """

    number: int
    across: int
    down: int
    quantization: int


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What Start of Frame says.

    Attributes
    ----------
    precision, rows, columns : int
        Bits of a sample, and the size of the image.
    components : tuple of Component
        In their order.
    """

    precision: int
    rows: int
    columns: int
    components: tuple[Component, ...]

    @property
    def across(self) -> int:
        """The greatest horizontal sampling factor."""
        return max(component.across for component in self.components)

    @property
    def down(self) -> int:
        """The greatest vertical sampling factor."""
        return max(component.down for component in self.components)

    def mcus(self) -> tuple[int, int]:
        """Return how many MCUs of an interleaved scan there are in a row, and how many rows of them."""
        return -(-self.columns // (8 * self.across)), -(-self.rows // (8 * self.down))

    def blocks_of(self, component: Component) -> tuple[int, int]:
        """Return how many blocks of a component alone there are in a row, and how many rows of them."""
        columns = -(-self.columns * component.across // self.across)
        rows = -(-self.rows * component.down // self.down)
        return -(-columns // 8), -(-rows // 8)


def frame_header(segment: Segment) -> FrameHeader | None:
    """Return what a segment says of the frame; None if it is no Start of Frame.

    Raises
    ------
    Refused
        If the frame is coded in a way that cannot be changed in place.
    Malformed
        If it does not add up.
    """
    if segment.marker == _ARITHMETIC or (segment.marker in _FRAMES and segment.marker not in SEQUENTIAL):
        raise Refused("pixel-codec", "a progressive, hierarchical or arithmetic JPEG")
    if segment.marker not in SEQUENTIAL:
        return None
    content = segment.content
    count = content[5] if len(content) > 5 else 0  # noqa: PLR2004  precision, rows, columns
    if not 0 < count <= _MAX_COMPONENTS or len(content) != 6 + 3 * count:
        raise Malformed("broken-code-stream", "a frame header that does not add up")
    components = tuple(
        Component(content[at], content[at + 1] >> 4, content[at + 1] & 15, content[at + 2])
        for at in range(6, len(content), 3)
    )
    if content[0] not in _PRECISIONS:
        raise Malformed("broken-code-stream", "a precision that cannot be")
    for one in components:
        if not (0 < one.across <= _MAX_SAMPLING and 0 < one.down <= _MAX_SAMPLING):
            raise Malformed("broken-code-stream", "a sampling factor that cannot be")
    if len({component.number for component in components}) != count:
        raise Malformed("broken-code-stream", "two components of one number")
    return FrameHeader(
        content[0], int.from_bytes(content[1:3], "big"), int.from_bytes(content[3:5], "big"), components
    )  # fmt: skip


def scan_components(segment: Segment, frame: FrameHeader) -> list[tuple[Component, int, int]]:
    """Return the components of a scan, with the numbers of their tables for DC and AC.

    Raises
    ------
    Malformed
        If it does not add up.
    """
    content = segment.content
    count = content[0] if content else 0
    if not 0 < count <= _MAX_COMPONENTS or len(content) != 4 + 2 * count:
        raise Malformed("broken-code-stream", "a scan header that does not add up")
    by_number = {component.number: component for component in frame.components}
    found = []
    for at in range(1, 1 + 2 * count, 2):
        component = by_number.pop(content[at], None)
        if component is None:
            raise Malformed("broken-code-stream", "a scan of a component that is not there")
        found.append((component, content[at + 1] >> 4, content[at + 1] & 15))
    return found


def quantizers_of(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the number of each quantization table of a DQT segment, and how the DC coefficient is quantized.

    Raises
    ------
    Malformed
        If it does not add up.
    """
    pos = 0
    while pos < len(content):
        size = 2 if content[pos] >> 4 else 1
        if pos + 1 + 64 * size > len(content):
            raise Malformed("broken-code-stream", "a quantization table that does not add up")
        yield content[pos] & 15, int.from_bytes(content[pos + 1 : pos + 1 + size], "big") or 1
        pos += 1 + 64 * size
