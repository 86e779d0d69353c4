"""An encoder of lossless JPEG with Huffman codes and first-order prediction (ISO 10918-1 Annex H)."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from greycloak.pixels.worker.huffman import LONGEST, HuffmanTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_AT_ONCE = 1 << 17
_WHOLE = 16
"""The size of the one difference that no further bits tell."""


def encode_lossless(image: NDArray[np.uint16], precision: int, numbers: Iterable[int]) -> bytes:
    """Return the code stream of an image.

    Parameters
    ----------
    image : array
        Rows, columns, samples.
    precision : int
        How many bits a sample has.
    numbers : iterable of int
        What the components are called.
    """
    rows, columns, samples = image.shape
    differences = _differences(image, precision).reshape(-1)
    sizes = _sizes(differences)
    table = _table(np.bincount(sizes, minlength=_WHOLE + 1).tolist())
    components = list(numbers)
    header = bytes([precision]) + rows.to_bytes(2, "big") + columns.to_bytes(2, "big") + bytes([samples])
    header += b"".join(bytes([number, 0x11, 0]) for number in components)
    scan = bytes([samples]) + b"".join(bytes([number, 0]) for number in components) + b"\1\0\0"
    codes = _packed(differences, sizes, table).replace(b"\xff", b"\xff\x00")
    return b"".join(
        (b"\xff\xd8", _segment(0xC3, header), table.segment(0, 0), _segment(0xDA, scan), codes, b"\xff\xd9")
    )


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def _differences(image: NDArray[np.uint16], precision: int) -> NDArray[np.int32]:
    """Return how each sample differs from its neighbour: the left one, in the first column the upper one."""
    wide = image.astype(np.int32)
    found = np.empty_like(wide)
    found[:, 1:] = wide[:, 1:] - wide[:, :-1]
    found[1:, 0] = wide[1:, 0] - wide[:-1, 0]
    found[0, 0] = wide[0, 0] - (1 << (precision - 1))
    return (found + 0x7FFF & 0xFFFF) - 0x7FFF  # modulo 65536: from -32767 to 32768


def _sizes(differences: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return how many bits tell each difference."""
    sizes: NDArray[np.int32] = np.frexp(np.abs(differences).astype(np.float32))[1]
    return sizes


def _table(frequencies: list[int]) -> HuffmanTable:
    """Return a table whose codes are short where symbols are frequent (ISO 10918-1 Annex K.2)."""
    least = 1
    while True:
        lengths = _lengths({symbol: max(often, least) for symbol, often in enumerate(frequencies) if often})
        if max(lengths.values()) <= LONGEST:
            break
        least = 2 * least + sum(frequencies) // 4096
    symbols = sorted(lengths, key=lambda symbol: (lengths[symbol], symbol))
    counts = tuple(sum(length == wanted for length in lengths.values()) for wanted in range(1, LONGEST + 1))
    return HuffmanTable(counts, bytes(symbols))


def _lengths(frequencies: dict[int, int]) -> dict[int, int]:
    """Return the length of each symbol's code; one code of the longest, that of nothing but ones, stays unused."""
    order = count()
    heap: list[tuple[int, int, list[int]]] = [(0, next(order), [])]
    heap += [(often, next(order), [symbol]) for symbol, often in frequencies.items()]
    heapq.heapify(heap)
    lengths = dict.fromkeys(frequencies, 0)
    while len(heap) > 1:
        first, second = heapq.heappop(heap), heapq.heappop(heap)
        both = first[2] + second[2]
        for symbol in both:
            lengths[symbol] += 1
        heapq.heappush(heap, (first[0] + second[0], next(order), both))
    return lengths


def _packed(differences: NDArray[np.int32], sizes: NDArray[np.int32], table: HuffmanTable) -> bytes:
    """Return the codes one behind the other; the last byte is filled up with ones."""
    code_of, length_of = np.zeros(_WHOLE + 1, np.int64), np.zeros(_WHOLE + 1, np.int64)
    for symbol, code, length in table.codes():
        code_of[symbol], length_of[symbol] = code, length
    pieces: list[bytes] = []
    left: NDArray[Any] = np.empty(0, np.uint8)
    for start in range(0, len(differences), _AT_ONCE):
        size = sizes[start : start + _AT_ONCE].astype(np.int64)
        difference = differences[start : start + _AT_ONCE].astype(np.int64)
        further = np.where(size == _WHOLE, 0, size)
        value = np.where(difference < 0, difference + (1 << further) - 1, difference) & ((1 << further) - 1)
        value |= code_of[size] << further
        lengths = length_of[size] + further
        ends = np.cumsum(lengths)
        shifts = np.repeat(ends, lengths) - 1 - np.arange(ends[-1])
        bits = np.concatenate((left, (np.repeat(value, lengths) >> shifts & 1).astype(np.uint8)))
        whole = len(bits) // 8 * 8
        pieces.append(np.packbits(bits[:whole]).tobytes())
        left = bits[whole:]
    if len(left):
        pieces.append(np.packbits(np.concatenate((left, np.ones(8 - len(left), np.uint8)))).tobytes())
    return b"".join(pieces)
