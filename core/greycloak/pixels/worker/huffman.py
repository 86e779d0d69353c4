"""Huffman tables of JPEG (ISO 10918-1 Annex C): read, written, and given further symbols."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LONGEST = 16
"""Codes have at most so many bits."""

_LENGTH_BITS = 5


@dataclass(frozen=True, slots=True)
class HuffmanTable:
    """A table, as a code stream defines it.

    Attributes
    ----------
    counts : tuple of int
        How many codes there are of each length, from 1 to 16 bits.
    symbols : bytes
        What they stand for, in the order of the codes.
    """

    counts: tuple[int, ...]
    symbols: bytes

    def __post_init__(self) -> None:
        """See that there are as many codes as it says."""
        taken = sum(count << (LONGEST - length) for length, count in enumerate(self.counts, 1))
        if len(self.counts) != LONGEST or sum(self.counts) != len(self.symbols) or taken > 1 << LONGEST:
            raise Malformed("broken-code-stream", "a Huffman table that does not add up")

    def codes(self) -> Iterator[tuple[int, int, int]]:
        """Yield symbol, code and length of each code."""
        code, at = 0, 0
        for length, count in enumerate(self.counts, 1):
            for symbol in self.symbols[at : at + count]:
                yield symbol, code, length
                code += 1
            at += count
            code <<= 1

    def with_symbol(self, symbol: int) -> HuffmanTable | None:
        """Return the table with one more code, behind all others, which stay as they are; None if there is no room.

        The code of nothing but ones stays unused, as the standard asks.
        """
        last = max((length for length, count in enumerate(self.counts, 1) if count), default=0)
        taken = sum(count << (LONGEST - length) for length, count in enumerate(self.counts, 1))
        for length in range(max(last, 1), LONGEST + 1):
            if taken + (1 << (LONGEST - length)) < 1 << LONGEST:
                counts = list(self.counts)
                counts[length - 1] += 1
                return replace(self, counts=tuple(counts), symbols=self.symbols + bytes([symbol]))
        return None

    def segment(self, kind: int, number: int) -> bytes:
        """Return a DHT segment that defines it: of kind 0 for DC, 1 for AC, under a number."""
        content = bytes([kind << 4 | number, *self.counts]) + self.symbols
        return b"\xff\xc4" + (len(content) + 2).to_bytes(2, "big") + content


def tables_of(content: bytes) -> Iterator[tuple[int, int, HuffmanTable]]:
    """Yield kind, number and table for each that the content of a DHT segment defines.

    Raises
    ------
    Malformed
        If it does not add up.
    """
    pos = 0
    while pos < len(content):
        counts = tuple(content[pos + 1 : pos + 1 + LONGEST])
        end = pos + 1 + LONGEST + sum(counts)
        kind, number = content[pos] >> 4, content[pos] & 15
        if kind > 1 or number > 3 or end > len(content):  # noqa: PLR2004  as many as there are
            raise Malformed("broken-code-stream", "a Huffman table that does not add up")
        yield kind, number, HuffmanTable(counts, content[pos + 1 + LONGEST : end])
        pos = end


@lru_cache(maxsize=64)
def look_up(tables: tuple[HuffmanTable, ...]) -> NDArray[np.int32]:
    """Return, for each table and each 16 bits of a stream, the code that they begin with: its length, and its symbol.

    One behind the other, each as ``length << 8 | symbol``; 0 where no code begins so.
    """
    found = np.zeros((len(tables), 1 << LONGEST), np.int32)
    for number, table in enumerate(tables):
        for symbol, code, length in table.codes():
            found[number, code << (LONGEST - length) : (code + 1) << (LONGEST - length)] = length << 8 | symbol
    return found.reshape(-1)


@lru_cache(maxsize=64)
def codes_of(tables: tuple[HuffmanTable, ...]) -> NDArray[np.int32]:
    """Return, for each table and each of 256 symbols, ``code << 5 | length``; 0 where there is none."""
    found = np.zeros((len(tables), 256), np.int32)
    for number, table in enumerate(tables):
        for symbol, code, length in reversed(list(table.codes())):
            found[number, symbol] = code << _LENGTH_BITS | length
    return found.reshape(-1)


@lru_cache(maxsize=64)
def as_lists(function: Any, tables: tuple[HuffmanTable, ...]) -> list[int]:  # noqa: ANN401  one of the two above
    """Return what `look_up` or `codes_of` returns as a list, which Python reads faster than an array."""
    return list(function(tables).tolist())


_DC = (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
_AC = (0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D)

STANDARD = (
    HuffmanTable(_DC, bytes(range(12))),
    HuffmanTable(
        _AC,
        bytes.fromhex(
            "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a34353637"
            "38393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3"
            "a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa"
        ),
    ),
)
"""Tables that have a code for whatever 8-bit images need: one for DC, one for AC (ISO 10918-1 Annex K.3)."""
