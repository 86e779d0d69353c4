"""Find compressed streams inside of a block, and unfold them."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_INFLATED = 1 << 26
"""How much the streams of a block may unfold to, all together."""

_FEWEST_STREAMS, _BYTES_PER_STREAM = 20_000, 500
_MAX_DEPTH = 3
_PIECE, _CHUNK = 1 << 16, 1 << 20
# What breaks off after a few bytes was no stream.
_FEWEST, _FEWEST_BROKEN = 4, 64
# zlib (RFC 1950): a window of up to 32 KB, no dictionary, and both bytes together a multiple of 31.
_ZLIB = b"|".join(
    re.escape(bytes([window, flags]))
    for window in range(0x08, 0x79, 0x10)
    for flags in range(256)
    if not (window << 8 | flags) % 31 and not flags & 0x20
)
_MAGIC = re.compile(_ZLIB + rb"|\x1f\x8b\x08|PK\x03\x04|BZh[1-9]1AY&SY|\xfd7zXZ\0", re.DOTALL)
_ZIP_HEADER, _ZIP_METHOD, _ZIP_NAMES, _DEFLATED = 30, 8, 26, b"\x08\0"


class TooMuchError(ValueError):
    """A block unfolds to more than can be searched."""


class _Budget:
    """What may still be unfolded."""

    def __init__(self, size: int) -> None:
        self._bytes = MAX_INFLATED
        self._streams = _FEWEST_STREAMS + size // _BYTES_PER_STREAM

    def spend(self, *, size: int = 0, streams: int = 0) -> None:
        self._bytes -= size
        self._streams -= streams
        if self._bytes < 0 or self._streams < 0:
            raise TooMuchError


def streams_in(value: bytes) -> Iterator[bytes]:
    """Return what is in the compressed streams of a block, and in those inside of them.

    Raises
    ------
    TooMuchError
        If that is too much, or nests too deep.
    """
    yield from _streams_in(value, _Budget(len(value)), 0)


def _streams_in(value: bytes, budget: _Budget, depth: int) -> Iterator[bytes]:
    for found in _MAGIC.finditer(value):
        start = found.start()
        if found[0].startswith(b"PK"):
            if value[start + _ZIP_METHOD : start + _ZIP_METHOD + 2] != _DEFLATED:
                continue  # stored as it is
            sizes = value[start + _ZIP_NAMES : start + _ZIP_HEADER]
            start += _ZIP_HEADER + int.from_bytes(sizes[:2], "little") + int.from_bytes(sizes[2:], "little")
        budget.spend(streams=1)
        unfolded = _unfolded(_machine(found[0]), value, start, budget)
        if not unfolded:
            continue
        yield unfolded
        if depth == _MAX_DEPTH:
            raise TooMuchError
        yield from _streams_in(unfolded, budget, depth + 1)


def _machine(magic: bytes) -> Any:  # noqa: ANN401  three libraries with one interface
    """Return what unfolds a stream that begins like this."""
    if magic.startswith(b"PK"):
        return zlib.decompressobj(-zlib.MAX_WBITS)
    if magic.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if magic.startswith(b"\xfd"):
        return lzma.LZMADecompressor(memlimit=MAX_INFLATED)
    return zlib.decompressobj(zlib.MAX_WBITS | 32)


def _unfolded(machine: Any, value: bytes, start: int, budget: _Budget) -> bytes:  # noqa: ANN401
    """Return what a stream holds, as far as it can be read; nothing if it seems to be none."""
    parts: list[bytes] = []
    is_whole = True
    try:
        for at in range(start, len(value), _PIECE):
            piece = value[at : at + _PIECE]
            part = piece
            while not machine.eof and (piece or len(part) == _CHUNK):
                part = machine.decompress(piece, _CHUNK)
                budget.spend(size=len(part))
                parts.append(part)
                piece = getattr(machine, "unconsumed_tail", b"")
            if machine.eof:
                break
    except (zlib.error, OSError, lzma.LZMAError):
        is_whole = False
    unfolded = b"".join(parts)
    return unfolded if len(unfolded) >= (_FEWEST if is_whole else _FEWEST_BROKEN) else b""
