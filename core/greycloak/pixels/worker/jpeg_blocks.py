"""Masks in a baseline or extended JPEG without decompressing it: blocks under a mask become flat, others stay.

The codes of the blocks outside are the source's, bit for bit, but for one difference of DC where a mask ends; restart
intervals without a masked block, and all segments, are the source's byte for byte. Tables stay; where one lacks a code
that a flat block needs, it gets one more behind its others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from greycloak.outcomes import Refused
from greycloak.pixels.worker.huffman import STANDARD, HuffmanTable, tables_of
from greycloak.pixels.worker.jpeg_frames import (
    APP0,
    APP14,
    DHT,
    DQT,
    DRI,
    EOI,
    SOS,
    Component,
    FrameHeader,
    Segment,
    frame_header,
    quantizers_of,
    scan_components,
    segments,
)
from greycloak.pixels.worker.jpeg_scans import ScanWriter
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.areas import Area
    from greycloak.pixels.description import Description

_ADOBE_TRANSFORM = 11

Tables = dict[tuple[int, int], HuffmanTable]
"""Huffman tables by kind and number."""


@dataclass(slots=True)
class _State:
    """What the segments have said so far."""

    description: Description
    areas: Sequence[Area]
    header: FrameHeader | None = None
    tables: Tables = field(default_factory=dict)
    written: Tables = field(default_factory=dict)
    quantizers: dict[int, int] = field(default_factory=dict)
    restart_interval: int = 0
    luminance: bool | None = None
    """Whether three components are brightness and two colors; None if no segment says."""
    scanned: set[int] = field(default_factory=set)


def mask_jpeg(description: Description, frame: bytes, areas: Sequence[Area]) -> bytes:
    """Make the blocks under areas of a frame flat, and leave all else as it is.

    Parameters
    ----------
    description : Description
        What the object says of its pixels.
    frame : bytes
        The code stream.
    areas : sequence of Area
        What to mask; it grows to whole blocks of each component.

    Returns
    -------
    bytes
        The new code stream, without anything behind its end.

    Raises
    ------
    Refused
        If it is coded in a way that cannot be changed in place, or is another image than the object says.
    Malformed
        If it does not add up.
    """
    state = _State(description, areas)
    pieces: list[bytes] = []
    kept = 0
    scan: Segment | None = None
    for segment in segments(frame):
        if scan is not None:
            pieces += [frame[kept : scan.start], *_new_scan(state, scan, frame[scan.end : segment.start])]
            kept, scan = segment.start, None
        if segment.marker == EOI:
            pieces.append(frame[kept : segment.end])
        elif segment.marker == SOS:
            scan = segment
        else:
            _take(state, segment)
    if state.header is None or len(state.scanned) != len(state.header.components):
        raise Malformed("broken-code-stream", "a component without a scan")
    return b"".join(pieces)


def _take(state: _State, segment: Segment) -> None:
    """Remember what a segment says."""
    content = segment.content
    header = frame_header(segment)
    if header:
        if state.header:
            raise Malformed("broken-code-stream", "two frame headers")
        said = state.description
        if (header.rows, header.columns, len(header.components)) != (said.rows, said.columns, said.samples):
            raise Refused("pixel-description", "the size of a compressed frame")
        state.header = header
    elif segment.marker == DHT:
        new = {(kind, number): table for kind, number, table in tables_of(content)}
        state.tables |= new
        state.written |= new
    elif segment.marker == DQT:
        state.quantizers |= dict(quantizers_of(content))
    elif segment.marker == DRI:
        state.restart_interval = int.from_bytes(content[:2], "big")
    elif segment.marker == APP14 and content.startswith(b"Adobe") and len(content) > _ADOBE_TRANSFORM:
        state.luminance = content[_ADOBE_TRANSFORM] == 1
    elif segment.marker == APP0 and content.startswith(b"JFIF\0") and state.luminance is None:
        state.luminance = True


def _new_scan(state: _State, scan: Segment, data: bytes) -> list[bytes]:
    """Return a scan with its masks: further tables, if it needs any, its header, and its codes."""
    if state.header is None:
        raise Malformed("broken-code-stream", "a scan before the frame header")
    chosen = scan_components(scan, state.header)
    for component, *_ in chosen:
        if component.number in state.scanned:
            raise Malformed("broken-code-stream", "two scans of a component")
        state.scanned.add(component.number)
    keys = [((0, dc), (1, ac)) for _, dc, ac in chosen]
    if any(key not in state.tables for pair in keys for key in pair):
        raise Malformed("broken-code-stream", "a scan whose tables are not there")
    masked = _masked_blocks(state, [component for component, *_ in chosen])
    walk = ScanWriter(
        pattern=_pattern([component for component, *_ in chosen]),
        masked=masked,
        fills=[_fill(state, component) for component, *_ in chosen],
        interval=state.restart_interval,
    )
    before = dict(state.written)
    while True:
        source = [tuple(state.tables[pair[kind]] for pair in keys) for kind in (0, 1)]
        target = [tuple(state.written[pair[kind]] for pair in keys) for kind in (0, 1)]
        missing = walk.run(data, source, target)
        if missing is None:
            break
        number, kind, symbol = missing
        key = keys[number][kind]
        better = state.written[key].with_symbol(symbol) or STANDARD[kind]
        if better == state.written[key]:
            raise Refused("pixel-codec", "a JPEG whose tables have no room")
        state.written[key] = better
    further = [table.segment(*key) for key, table in state.written.items() if before.get(key) != table]
    return [*further, b"\xff\xda", (len(scan.content) + 2).to_bytes(2, "big"), scan.content, walk.data]


def _pattern(chosen: Sequence[Component]) -> list[int]:
    """Return the component of each block of an MCU; a scan of one component has a block in each."""
    if len(chosen) == 1:
        return [0]
    return [number for number, component in enumerate(chosen) for _ in range(component.across * component.down)]


def _masked_blocks(state: _State, chosen: Sequence[Component]) -> NDArray[np.uint8]:
    """Return whether each block of a scan is masked, in their order."""
    header = state.header
    assert header is not None
    across, down = header.mcus()
    if len(chosen) == 1:
        width, height = header.blocks_of(chosen[0])
        return _blocks(state, chosen[0])[:height, :width].reshape(-1)
    columns = []
    for one in chosen:
        grid = _blocks(state, one)[: down * one.down, : across * one.across]
        grid = grid.reshape(down, one.down, across, one.across).transpose(0, 2, 1, 3)
        columns.append(grid.reshape(down * across, -1))
    return np.ascontiguousarray(np.concatenate(columns, axis=1)).reshape(-1)


def _blocks(state: _State, component: Component) -> NDArray[np.uint8]:
    """Return whether each block of a component is masked: rows, columns, those of the padding included.

    An area that reaches the right or lower edge goes on into the padding, which repeats the edge.
    """
    header = state.header
    assert header is not None
    across, down = header.mcus()
    grid = np.zeros((down * component.down, across * component.across), np.uint8)
    for left, top, right, bottom in state.areas:
        first, last = _span(left, right, header.columns, component.across, header.across)
        above, below = _span(top, bottom, header.rows, component.down, header.down)
        grid[above:below, first:last] = 1
    return grid


def _span(start: int, end: int, size: int, factor: int, greatest: int) -> tuple[int, int | None]:
    """Return the first block that an area touches, and the one behind the last: None for all there are."""
    return start * factor // (8 * greatest), None if end >= size else -(-end * factor // (8 * greatest))


def _fill(state: _State, component: Component) -> int:
    """Return the DC coefficient of a black block."""
    header, name = state.header, state.description.photometric
    assert header is not None
    if name in {"PALETTE COLOR", "CMYK", "ARGB", "HSV"}:
        raise Refused("pixel-codec", "a lossy JPEG of such colors")
    step = state.quantizers.get(component.quantization)
    if step is None:
        raise Malformed("broken-code-stream", "a component without its quantization table")
    middle = 1 << (header.precision - 1)
    luminance = name.startswith("YBR") if state.luminance is None else state.luminance
    if len(header.components) > 1 and luminance and component != header.components[0]:
        return 0
    if name == "MONOCHROME1":
        return -(-8 * (middle - 1) // step)
    return -8 * middle // step
