"""The DICOM file format: preamble, file meta information, and the data set behind them (PS3.10 section 7)."""

from __future__ import annotations

import mmap
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak._version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from greycloak.stream.encoding import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    LONG_VRS,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
)
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.stream.levels import Buffer

Source = bytes | mmap.mmap

PREAMBLE_SIZE = 128
MAX_INFLATED = 1 << 29
"""Largest data set, in bytes, that a deflated object may unfold to."""
UNSUSPICIOUS = 1 << 26
"""What any deflated object may unfold to; a larger one only to `MAX_RATIO` times its size."""
MAX_RATIO = 100

DEFLATED_SYNTAX = "1.2.840.10008.1.2.1.99"

_UNCOMPRESSED = {
    "1.2.840.10008.1.2": IMPLICIT_LITTLE,
    "1.2.840.10008.1.2.1": EXPLICIT_LITTLE,
    "1.2.840.10008.1.2.2": EXPLICIT_BIG,
}
_DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"})
_FAMILY = "1.2.840.10008.1.2.4."
_ENCAPSULATED = frozenset(
    {
        "1.2.840.10008.1.2.1.98",
        "1.2.840.10008.1.2.5",
        "1.2.840.10008.1.2.8.1",
        *(f"{_FAMILY}{number}" for number in (*range(50, 67), 70, 80, 81, *range(90, 95), *range(100, 109))),
        *(f"{_FAMILY}{number}.1" for number in range(100, 107)),
        *(f"{_FAMILY}{number}" for number in (110, 111, 112, 201, 202, 203, 204)),
    }
)
"""Those that PS3.6 registers: anything else could be a number that stands for somebody."""

_MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002
_TRANSFER_SYNTAX_UID = 0x00020010


@dataclass(frozen=True, slots=True)
class Part10:
    """An object in the DICOM file format, ready to be walked.

    Attributes
    ----------
    transfer_syntax_uid : str
        As its file meta information says.
    encoding : Encoding
        Layout of the data set.
    data : bytes or mmap
        Holds the data set; for a deflated object, what it unfolds to.
    start : int
        Offset of the data set in ``data``.
    encapsulated : bool
        Whether Pixel Data may consist of fragments (PS3.5 section A.4).
    deflated : bool
        Whether the data set has to be deflated again when it is written.
    media_storage_sop_class_uid : str
        The SOP Class as the file meta information says it.
    repairs : tuple of str
        Notes of what had to be repaired before it could be walked.
    dropped : tuple of bytes
        Values that were dropped by that: removed text, as any other.
    """

    transfer_syntax_uid: str
    encoding: Encoding
    data: Source
    start: int
    encapsulated: bool
    deflated: bool
    media_storage_sop_class_uid: str
    repairs: tuple[str, ...] = ()
    dropped: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def plain_syntax_uid(self) -> str:
        """A transfer syntax of ``data`` as it is here: inflated, if it was deflated."""
        return "1.2.840.10008.1.2.1" if self.deflated else self.transfer_syntax_uid


def read_part10(source: Source) -> Part10:
    """Read the file meta information of an object and find its data set.

    Raises
    ------
    Malformed
        If it is no DICOM file, or one in a transfer syntax that Greycloak does not know.
    """
    if source[PREAMBLE_SIZE : PREAMBLE_SIZE + 4] != b"DICM":
        raise Malformed("not-dicom", "no DICM prefix after a 128-byte preamble")
    meta, start = _read_meta(source, PREAMBLE_SIZE + 4)
    syntax = _uid_text(meta.get(_TRANSFER_SYNTAX_UID, b""))
    if not syntax:
        raise Malformed("no-transfer-syntax", "file meta information lacks Transfer Syntax UID (0002,0010)")
    sop_class = _uid_text(meta.get(_MEDIA_STORAGE_SOP_CLASS_UID, b""))
    layout = layout_of(syntax)
    if layout is None:
        raise Malformed("unsupported-transfer-syntax", "its layout is not known")
    return Part10(
        transfer_syntax_uid=syntax,
        encoding=layout.encoding,
        data=_inflated(source, start) if layout.deflated else source,
        start=0 if layout.deflated else start,
        encapsulated=layout.encapsulated,
        deflated=layout.deflated,
        media_storage_sop_class_uid=sop_class,
    )


@dataclass(frozen=True, slots=True)
class Layout:
    """What a transfer syntax says of a data set.

    Attributes
    ----------
    encoding : Encoding
        How its elements are laid out.
    encapsulated : bool
        Whether Pixel Data may consist of fragments (PS3.5 section A.4).
    deflated : bool
        Whether it is deflated.
    """

    encoding: Encoding
    encapsulated: bool = False
    deflated: bool = False


@lru_cache(maxsize=256)
def layout_of(syntax: str) -> Layout | None:
    """Return the layout of a transfer syntax, or None if it is not known."""
    encapsulated, deflated = syntax in _ENCAPSULATED, syntax in _DEFLATED
    encoding = EXPLICIT_LITTLE if encapsulated or deflated else _UNCOMPRESSED.get(syntax)
    return None if encoding is None else Layout(encoding, encapsulated, deflated)


def _uid_text(value: bytes) -> str:
    text = value.rstrip(b"\0 ")
    if text.strip(b"0123456789."):
        raise Malformed("invalid-file-meta", "a UID has characters that no UID has")
    return text.decode("ascii")


def _read_meta(source: Source, pos: int) -> tuple[dict[int, bytes], int]:
    """Read group 0002 element by element: its group length is known to lie."""
    meta: dict[int, bytes] = {}
    size = len(source)
    while source[pos : pos + 2] == b"\x02\x00":
        header = source[pos : pos + 12]
        vr = header[4:6].decode("latin-1")
        if vr in LONG_VRS:
            if len(header) < 12:  # noqa: PLR2004  a long header
                raise Malformed("truncated", "in the file meta information")
            length, value = EXPLICIT_LITTLE.long.unpack_from(header, 8)[0], pos + 12
        elif vr in SHORT_VRS and len(header) >= 8:  # noqa: PLR2004  a short header
            length, value = EXPLICIT_LITTLE.short.unpack_from(header, 6)[0], pos + 8
        else:
            raise Malformed("invalid-file-meta", "an element without a VR")
        if length == UNDEFINED or value + length > size:
            raise Malformed("truncated", "in the file meta information")
        meta[EXPLICIT_LITTLE.tag_of(header)] = source[value : value + length]
        pos = value + length
    return meta, pos


def inflate(source: Source, start: int) -> tuple[bytes, bytes]:
    """Return what the deflated data set at ``start`` unfolds to, and what follows it.

    Raises
    ------
    Malformed
        If it is damaged, or unfolds to more than its size makes likely.
    """
    if len(source) - start > MAX_INFLATED:
        raise Malformed("too-large", f"a deflated data set of more than {MAX_INFLATED} bytes")
    deflated = source[start:]
    limit = min(MAX_INFLATED, max(UNSUSPICIOUS, MAX_RATIO * len(deflated)))
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = machine.decompress(deflated, limit)
    except zlib.error as error:
        raise Malformed("truncated", "the deflated data set does not unfold") from error
    if machine.unconsumed_tail:
        raise Malformed("too-large", f"the deflated data set unfolds to more than {limit} bytes")
    if not machine.eof:
        raise Malformed("truncated", "the deflated data set ends early")
    return data, machine.unused_data


def _inflated(source: Source, start: int) -> bytes:
    data, rest = inflate(source, start)
    # Some writers append the trailer of a gzip file: checksum and length.
    gzip_trailer = EXPLICIT_LITTLE.long.pack(zlib.crc32(data)) + EXPLICIT_LITTLE.long.pack(len(data))
    if rest.rstrip(b"\0") not in {b"", gzip_trailer.rstrip(b"\0")}:
        raise Malformed("trailing-bytes", "something follows the deflated data set")
    return data


def deflate(parts: Iterable[Buffer]) -> bytes:
    """Deflate a data set in pieces (PS3.5 Annex A.5), padded to even length."""
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = b"".join([*map(machine.compress, parts), machine.flush()])
    return packed + b"\0" if len(packed) % 2 else packed


@lru_cache(maxsize=256)
def _meta_ends(sop_class_uid: str, transfer_syntax_uid: str) -> tuple[bytes, bytes]:
    """Return what stands before and after the Media Storage SOP Instance UID."""
    element = EXPLICIT_LITTLE.element
    before = element(0x00020001, "OB", b"\0\1") + element(0x00020002, "UI", sop_class_uid.encode())
    after = (
        element(_TRANSFER_SYNTAX_UID, "UI", transfer_syntax_uid.encode())
        + element(0x00020012, "UI", IMPLEMENTATION_CLASS_UID.encode())
        + element(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME.encode())
    )
    return before, after


def encode_file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return a zeroed preamble and new file meta information (PS3.10 section 7.1)."""
    before, after = _meta_ends(sop_class_uid, transfer_syntax_uid)
    meta = before + EXPLICIT_LITTLE.element(0x00020003, "UI", sop_instance_uid.encode()) + after
    length = EXPLICIT_LITTLE.element(0x00020000, "UL", EXPLICIT_LITTLE.long.pack(len(meta)))
    return b"\0" * PREAMBLE_SIZE + b"DICM" + length + meta
