"""Which code a frame of encapsulated pixel data is written in: what its transfer syntax says, and how it begins."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.stream.levels import Buffer

_FAMILY = "1.2.840.10008.1.2.4."


class Kind(Enum):
    """A family of codes."""

    NATIVE = "native"
    """Not encapsulated."""
    PLAIN = "plain"
    """Encapsulated, but not compressed."""
    DEFLATED = "deflated"
    RLE = "rle"
    JPEG = "jpeg"
    """ISO 10918: with DCT, or lossless."""
    JPEG_LS = "jpeg-ls"
    JPEG_2000 = "jpeg-2000"
    """ISO 15444, High-Throughput JPEG 2000 included."""
    JPEG_XL = "jpeg-xl"
    VIDEO = "video"
    OTHER = "other"


_KINDS = {
    "1.2.840.10008.1.2": Kind.NATIVE,
    "1.2.840.10008.1.2.1": Kind.NATIVE,
    "1.2.840.10008.1.2.1.99": Kind.NATIVE,
    "1.2.840.10008.1.2.2": Kind.NATIVE,
    "1.2.840.10008.1.2.1.98": Kind.PLAIN,
    "1.2.840.10008.1.2.8.1": Kind.DEFLATED,
    "1.2.840.10008.1.2.5": Kind.RLE,
    **{f"{_FAMILY}{number}": Kind.JPEG for number in (*range(50, 67), 70)},
    **{f"{_FAMILY}{number}": Kind.JPEG_LS for number in (80, 81)},
    **{f"{_FAMILY}{number}": Kind.JPEG_2000 for number in (90, 91, 92, 93, 201, 202, 203)},
    **{f"{_FAMILY}{number}": Kind.JPEG_XL for number in (110, 111, 112)},
    **{f"{_FAMILY}{number}": Kind.VIDEO for number in range(100, 109)},
    **{f"{_FAMILY}{number}.1": Kind.VIDEO for number in range(100, 107)},
}

JPEG_START = b"\xff\xd8\xff"
CODESTREAM_2000 = b"\xff\x4f\xff\x51"
SIGNATURE_2000 = b"\0\0\0\x0cjP  \r\n\x87\n"
CODESTREAM_XL = b"\xff\x0a"
SIGNATURE_XL = b"\0\0\0\x0cJXL \r\n\x87\n"
_STARTS = (JPEG_START, CODESTREAM_2000, SIGNATURE_2000, CODESTREAM_XL, SIGNATURE_XL)


def kind_of(transfer_syntax_uid: str) -> Kind:
    """Return the family of codes of a transfer syntax."""
    return _KINDS.get(transfer_syntax_uid, Kind.OTHER)


def begins_code_stream(start: Buffer) -> bool:
    """Tell whether bytes are the beginning of a code stream; RLE has no such mark."""
    return bytes(start).startswith(_STARTS)
