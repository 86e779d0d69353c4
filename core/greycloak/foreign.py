"""What lies beside images and is none: recognized for what it is, by how it begins or by being text all through.

Only what is known for certain counts. Whatever else cannot be read is quarantined, for it may be a damaged image.
"""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING, NamedTuple

from greycloak.standard.uids import MEDIA_STORAGE_DIRECTORY
from greycloak.stream import Malformed, read_part10
from greycloak.stream.part10 import PREAMBLE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.stream import Part10
    from greycloak.stream.part10 import Source

DICOMDIR = "dicomdir"

KINDS = {
    DICOMDIR: "a DICOMDIR, a directory of other files: make a new one for the anonymized images, if need be",
    "empty": "an empty file",
    "text": "text of any kind, XML, HTML and JSON included",
    "document": "a PDF or office file, or thumbnails",
    "picture": "a picture as PNG, JPEG, GIF, BMP, TIFF or an icon",
    "media": "a film or sound",
    "archive": "an archive: nobody has looked into it; if images are in it, unpack it first",
    "volume": "images or numbers in another format, as NIfTI, NRRD, HDF5 or MATLAB",
    "program": "a program or library",
    "database": "a database",
    "system": "a file of the operating system, as .DS_Store, ._ files and shortcuts",
}
"""What is skipped, and what that is."""


class _Mark(NamedTuple):
    """Bytes by which a kind of file is known."""

    kind: str
    at: int
    marks: tuple[bytes, ...]


_SHORTCUT = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"
_NIFTI = (b"n+1\0", b"ni1\0")
_MACHO = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce", b"\xca\xfe\xba\xbe\0\0\0")
_MARKS = (
    _Mark("document", 0, (b"%PDF-", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"ITSF\x03\0\0\0")),
    _Mark("picture", 0, (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")),
    _Mark("media", 0, (b"ID3\x02", b"ID3\x03", b"ID3\x04", b"OggS\0", b"0&\xb2u\x8ef\xcf\x11", b"\x1aE\xdf\xa3")),
    _Mark("media", 0, (b"\0\0\x01\xba", b"\0\0\x01\xb3")),
    _Mark("media", 4, (b"ftyp",)),
    _Mark("media", 8, (b"AVI ", b"WAVE")),
    _Mark("picture", 8, (b"WEBP",)),
    _Mark("archive", 0, (b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08", b"7z\xbc\xaf'\x1c", b"Rar!\x1a\7", b"\xfd7zXZ\0")),
    _Mark("archive", 0, (b"(\xb5/\xfd", b"MSCF\0\0\0\0")),
    _Mark("archive", 4, (b"1AY&SY",)),
    _Mark("archive", 257, (b"ustar\0", b"ustar  \0")),
    _Mark("archive", 0x8001, (b"CD001\x01",)),
    _Mark("volume", 344, _NIFTI),
    _Mark("volume", 0, (b"NRRD000", b"\x89HDF\r\n\x1a\n", b"MATLAB 5.0 MAT-file", b"\x93NUMPY")),
    _Mark("program", 0, (b"\x7fELF", *_MACHO)),
    _Mark("database", 0, (b"SQLite format 3\0", b"\0\1\0\0Standard Jet DB", b"\0\1\0\0Standard ACE DB")),
    _Mark("system", 0, (b"\0\0\0\1Bud1", b"\0\5\x16\7\0\2\0\0", b"\0\5\x16\0\0\2\0\0", _SHORTCUT)),
)
_STARTS = {
    b"1AY&SY": b"BZh",
    b"ftyp": b"\0",
    **dict.fromkeys((b"AVI ", b"WAVE", b"WEBP"), b"RIFF"),
    **dict.fromkeys(_NIFTI, b"\\\1\0\0"),
}
"""How a file has to begin besides, where its mark stands further behind."""

_CHUNK = 1 << 20
_MAX_WIDE = 16 << 20
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\x1b"})
_HIGH = bytes(range(0x80, 0x100))
_MOST_HIGH = 0.3
"""Which part of a text that is not UTF-8 may be beyond ASCII: with more, it may be anything."""


def is_directory(part10: Part10) -> bool:
    """Tell whether an object is a DICOMDIR: it says so, and begins as one (PS3.10 section 8.6)."""
    first = part10.data[part10.start : part10.start + part10.encoding.key_size]
    if part10.media_storage_sop_class_uid != MEDIA_STORAGE_DIRECTORY or len(first) < part10.encoding.key_size:
        return False
    return part10.encoding.tag_of(first) >> 16 == 0x0004  # noqa: PLR2004  the group of directories


def recognized(source: Source) -> str | None:
    """Return what a file is that is no object, whether it can be read as DICOM or not; None if that is not certain."""
    try:
        part10 = read_part10(source)
    except Malformed:
        return foreign_kind(source)
    return DICOMDIR if is_directory(part10) else None


def foreign_kind(source: Source) -> str | None:
    """Return what a file is that cannot be read as DICOM; None if that is not certain.

    Parameters
    ----------
    source : bytes or mmap
        The file.

    Returns
    -------
    str or None
        One of `KINDS`.
    """
    if not len(source):
        return "empty"
    if source[PREAMBLE_SIZE : PREAMBLE_SIZE + 4] == b"DICM":
        return None
    for kind, at, marks in _MARKS:
        found = source[at : at + max(map(len, marks))]
        mark = next((mark for mark in marks if found.startswith(mark)), None)
        if mark and source[:8].startswith(_STARTS.get(mark, b"")):
            return kind
    return next((kind for kind, is_one in _FORMS if is_one(source)), None)


def _is_windows_program(source: Source) -> bool:
    """Tell whether the header that every DOS program has leads to that of a Windows one."""
    if source[:2] != b"MZ" or len(source) < 64:  # noqa: PLR2004  the size of a DOS header
        return False
    at = struct.unpack_from("<L", source, 60)[0]
    return source[at : at + 2] in {b"PE", b"NE", b"LE", b"LX"}


def _is_bitmap(source: Source) -> bool:
    return source[:2] == b"BM" and source[2:6] == struct.pack("<L", len(source) & 0xFFFFFFFF)


def _is_icon(source: Source) -> bool:
    """Tell whether the first picture in an icon's directory lies in the file."""
    if source[:4] != b"\0\0\1\0" or len(source) < 22:  # noqa: PLR2004  directory and one entry
        return False
    count, size, at = *struct.unpack_from("<H", source, 4), *struct.unpack_from("<LL", source, 14)
    return bool(count > 0 and 6 + 16 * count <= at and size and at + size <= len(source))


def _is_text(source: Source) -> bool:
    """Tell whether a file is text from the first byte to the last.

    No data set is: a NUL stands in the tag of every attribute that an object needs.
    """
    if source[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return len(source) <= _MAX_WIDE and _is_wide_text(source[:])
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, high = True, 0
    for chunk in _chunks(source):
        if len(chunk.translate(None, _CONTROLS)) < len(chunk):
            return False
        high += len(chunk) - len(chunk.translate(None, _HIGH))
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            is_utf8 = False
    return (is_utf8 and not decoder.getstate()[0]) or high <= _MOST_HIGH * len(source)


def _chunks(source: Source) -> Iterator[bytes]:
    for at in range(0, len(source), _CHUNK):
        yield source[at : at + _CHUNK]


def _is_wide_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError:
        return False
    return all(line.isprintable() for line in text.replace("\t", " ").replace("\f", "\n").splitlines())


_FORMS = (
    ("program", _is_windows_program),
    ("picture", _is_bitmap),
    ("picture", _is_icon),
    ("text", _is_text),
)
