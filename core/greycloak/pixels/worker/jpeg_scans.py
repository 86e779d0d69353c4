"""The codes of a JPEG scan: only restart intervals with a masked block are written again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from greycloak.pixels.worker import entropy
from greycloak.pixels.worker.huffman import HuffmanTable, as_lists, codes_of, look_up
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RESTART = re.compile(rb"\xff+[\xd0-\xd7]")
_STRAY = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_PADDING = bytes(8)


@dataclass(slots=True)
class ScanWriter:
    """A scan that is written again, one restart interval after the other.

    Attributes
    ----------
    pattern : list of int
        The component of each block of an MCU.
    masked : array
        Whether a block is masked, for all blocks of the scan, in their order.
    fills : list of int
        For each component, the DC coefficient of a masked block.
    interval : int
        How many MCUs a restart interval has; 0 if there is but one.
    data : bytes
        The new codes, once they are written.
    """

    pattern: list[int]
    masked: NDArray[np.uint8]
    fills: list[int]
    interval: int
    data: bytes = b""

    def run(
        self, data: bytes, source: list[tuple[HuffmanTable, ...]], target: list[tuple[HuffmanTable, ...]]
    ) -> tuple[int, int, int] | None:
        """Write the scan again; return component, kind and symbol of a code that is missing, if one is."""
        pairs = [pair for both in zip(source, target, strict=True) for pair in zip(*both, strict=True)]
        everything = not all(_goes_on(old, new) for old, new in pairs)
        pieces: list[bytes] = []
        for number, (start, end, marker) in enumerate(self._intervals(data)):
            first = number * self._size
            count = min(self._size, len(self.masked) - first)
            if everything or self.masked[first : first + count].any():
                found = self._interval(data[start:end], first, count, source, target)
                if isinstance(found, tuple):
                    return found
                pieces += [found, data[end:marker]]
            else:
                pieces.append(data[start:marker])
        self.data = b"".join(pieces)
        return None

    @property
    def _size(self) -> int:
        """How many blocks an interval has."""
        return self.interval * len(self.pattern) or len(self.masked)

    def _intervals(self, data: bytes) -> list[tuple[int, int, int]]:
        """Return where each interval begins and ends, and where the marker behind it ends."""
        if _STRAY.search(data):  # decoders differ in what they do there
            raise Malformed("broken-code-stream", "a marker among codes")
        markers = list(_RESTART.finditer(data))
        if len(markers) + 1 != -(-len(self.masked) // self._size):
            raise Malformed("broken-code-stream", "more or fewer restart intervals than there should be")
        if any(data[marker.end() - 1] & 7 != number & 7 for number, marker in enumerate(markers)):
            raise Malformed("broken-code-stream", "restart markers that are out of order")
        starts = [0, *(marker.end() for marker in markers)]
        ends = [*(marker.start() for marker in markers), len(data)]
        return list(zip(starts, ends, [*starts[1:], len(data)], strict=True))

    def _interval(
        self,
        data: bytes,
        first: int,
        count: int,
        source: list[tuple[HuffmanTable, ...]],
        target: list[tuple[HuffmanTable, ...]],
    ) -> bytes | tuple[int, int, int]:
        """Write an interval again; return component, kind and symbol of a code that is missing, if one is."""
        plain = data.replace(b"\xff\x00", b"\xff")
        if 2 * count > 8 * len(plain):
            raise Malformed("broken-code-stream", "a scan that is too short for its image")
        grows = 1 if source == target or all(map(_goes_on, source[1], target[1])) else 16
        room = grows * len(plain) + 8 * count + 2 * entropy.ROOM
        out: Any
        state: Any
        walk, python = entropy.compiled(), cast("Any", entropy.recode)
        if walk:
            out = np.empty(room, np.uint8)
            state = np.zeros(2 * len(self.fills) + 3, np.int64)
            size = walk(
                np.frombuffer(plain + _PADDING, np.uint8),
                8 * len(plain),
                np.array(self.pattern),
                self.masked,
                first,
                count,
                *map(look_up, source),
                *map(codes_of, target),
                np.array(self.fills),
                out,
                state,
            )
        else:
            out, state = bytearray(room), [0] * (2 * len(self.fills) + 3)
            size = python(
                plain + _PADDING,
                8 * len(plain),
                self.pattern,
                self.masked.tobytes(),
                first,
                count,
                *(as_lists(look_up, tables) for tables in source),
                *(as_lists(codes_of, tables) for tables in target),
                self.fills,
                out,
                state,
            )
        if size == entropy.MISSING:
            component, kind, symbol = state[-3:]
            return int(component), int(kind), int(symbol)
        if size == entropy.BROKEN:
            raise Malformed("broken-code-stream", "codes that do not add up")
        return bytes(out[:size]).replace(b"\xff", b"\xff\x00")


@lru_cache(maxsize=64)
def _goes_on(old: HuffmanTable, new: HuffmanTable) -> bool:
    """Tell whether one table has all codes of another, perhaps more."""
    return new.symbols.startswith(old.symbols) and set(old.codes()) <= set(new.codes())
