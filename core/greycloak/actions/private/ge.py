"""GE's Protocol Data Block (0025,xx1B) [GEMS_SERS_01]: lines of ``set KEY "VALUE"`` behind gzip.

What is written anew has a length in four bytes, then gzip of the lines that say how slices were acquired. These are
not compressed again: every version of zlib would do that in its own way.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

from greycloak.actions.private.streams import MAX_INFLATED

if TYPE_CHECKING:
    from greycloak.actions.private.search import Find

_GZIP = b"\x1f\x8b\x08"
_LENGTH_SIZE = 4
_LINE = re.compile(r'set ([A-Z][A-Z0-9_]{0,31}) "([^"\r\n]*)"')
_NUMBER = r"-?\d{1,6}(?:\.\d{1,6})?"
_KEPT = {
    key: re.compile(pattern)
    for key, pattern in {
        "DELACQ": rf"Minimum|{_NUMBER}",
        "DELACQNOAV": _NUMBER,
        "IOPT": r"[A-Za-z0-9_]{1,12}(?:, ?[A-Za-z0-9_]{1,12}){0,20}",
        "MBACCEL": _NUMBER,
        "NOSLC": _NUMBER,
        "PHASEDELAYS1": rf"{_NUMBER}(?:[ ,;]+{_NUMBER}){{0,500}}",
        "PSEQ": r"[A-Za-z0-9_]{1,16}",
        "SLICEORDER": _NUMBER,
        "VIEWORDER": _NUMBER,
    }.items()
}
_MAX_STORED = 0xFFFF


def is_protocol(value: bytes) -> bool:
    """Tell whether a value is such a block."""
    return value[_LENGTH_SIZE : _LENGTH_SIZE + 3] == _GZIP


def clean_protocol(value: bytes, find: Find) -> bytes | None:
    """Return a block with the lines that may stay; None if it is none (newer systems write XML)."""
    machine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        raw = machine.decompress(value[_LENGTH_SIZE:], MAX_INFLATED)
    except zlib.error:
        return None
    if not machine.eof:
        return None
    lines = [found for found in map(_LINE.fullmatch, raw.decode("latin-1").splitlines()) if found]
    kept = [found[0] for found in lines if found[1] in _KEPT and _KEPT[found[1]].fullmatch(found[2])]
    text = "\n".join(["", *(line for line in kept if not find(line)), ""])
    if not lines or find(text):
        return None
    packed = _stored(text.encode("ascii"))
    return struct.pack("<L", len(packed)) + packed


def _stored(content: bytes) -> bytes:
    """Return a gzip member whose one block is stored as it is (RFC 1951 section 3.2.4, RFC 1952)."""
    content = content[:_MAX_STORED]
    size = len(content)
    block = b"\x01" + struct.pack("<HH", size, size ^ 0xFFFF) + content
    return _GZIP + bytes(6) + b"\xff" + block + struct.pack("<LL", zlib.crc32(content), size)
