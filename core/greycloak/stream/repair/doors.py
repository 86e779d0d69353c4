"""Where a file begins that does not begin as it should: file meta information that is missing, wrong or there twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greycloak.stream.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, LONG_VRS, SHORT_VRS, Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.part10 import PREAMBLE_SIZE

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source

MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002
MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003
TRANSFER_SYNTAX_UID = 0x00020010
_PREFIX = b"DICM"
_MAX_META = 1000
_META_GROUP = 0x0002


@dataclass(slots=True)
class Door:
    """How one gets into a file.

    Attributes
    ----------
    start : int
        Where the data set begins.
    meta : dict
        The different values of each element of the file meta information.
    repairs : dict
        What was repaired, in order.
    """

    start: int
    meta: dict[int, list[bytes]] = field(default_factory=dict)
    repairs: dict[str, None] = field(default_factory=dict)

    def uids(self, tag: int) -> list[str]:
        """Return the different UIDs that an element says, without those that are none."""
        texts = [value.strip(b"\0 ").decode("latin-1") for value in self.meta.get(tag, ())]
        return [text for text in dict.fromkeys(texts) if text and not text.strip("0123456789.")]


def find_door(source: Source) -> Door:
    """Find the data set, and read what stands before it.

    Raises
    ------
    Malformed
        If the file does not begin as any DICOM object does.
    """
    door = Door(0)
    if source[PREAMBLE_SIZE : PREAMBLE_SIZE + 4] == _PREFIX:
        door.start = PREAMBLE_SIZE + 4
    elif source[:4] == _PREFIX:
        door.start = 4
        door.repairs["no-preamble"] = None
    elif not source[:PREAMBLE_SIZE].strip(b"\0"):
        door.start = PREAMBLE_SIZE
        door.repairs["no-prefix"] = None
    else:
        door.repairs["no-preamble"] = None
    _read_meta(source, door)
    for skipped in (PREAMBLE_SIZE, 0):  # a whole file inside, or its beginning without the preamble
        at = door.start + skipped
        if source[at : at + 4] == _PREFIX:
            if source[door.start : at].strip(b"\0"):
                raise Malformed("not-dicom", "another preamble behind the file meta information")
            door.start = at + 4
            door.repairs["file-meta-twice"] = None
            _read_meta(source, door)
            break
    if not door.meta:
        door.repairs["no-file-meta"] = None
        if not _begins_as_data_set(source, door.start):
            raise Malformed("not-dicom", "no DICM prefix, and no data set either")
    return door


def _read_meta(source: Source, door: Door) -> None:
    """Read group 0002, element by element, in whatever encoding it is."""
    pos = door.start
    seen: set[int] = set()
    for _ in range(_MAX_META):
        encoding = _meta_encoding(source[pos : pos + 6])
        if encoding is None:
            break
        if encoding is not EXPLICIT_LITTLE:
            door.repairs["file-meta-encoding"] = None
        tag = encoding.tag_of(source[pos : pos + 4])
        if encoding.explicit and source[pos + 4 : pos + 6].decode("latin-1") in LONG_VRS:
            value = pos + 12
            length = encoding.long.unpack(source[pos + 8 : value].ljust(4, b"\xff"))[0]
        else:
            value, at = pos + 8, pos + encoding.key_size
            length = encoding.short.unpack(source[at:value].ljust(encoding.short.size, b"\xff"))[0]
        if value + length > len(source):
            raise Malformed("truncated", "in the file meta information")
        found = door.meta.setdefault(tag, [])
        if tag in seen:
            door.repairs["file-meta-twice"] = None
        seen.add(tag)
        content = source[value : value + length]
        if content not in found:
            found.append(content)
        pos = value + length
    door.start = pos


def _meta_encoding(key: bytes) -> Encoding | None:
    """Return the encoding of an element of the file meta information, or None if it is none."""
    if len(key) < EXPLICIT_LITTLE.key_size:
        return None
    vr = key[4:6].decode("latin-1")
    has_vr = vr in LONG_VRS or vr in SHORT_VRS
    if EXPLICIT_LITTLE.tag_of(key) >> 16 == _META_GROUP:
        return EXPLICIT_LITTLE if has_vr else IMPLICIT_LITTLE
    return EXPLICIT_BIG if EXPLICIT_BIG.tag_of(key) >> 16 == _META_GROUP and has_vr else None


def _begins_as_data_set(source: Source, start: int) -> bool:
    """Tell whether the first tag is one that data sets begin with: a gigabyte of film is not read as one."""
    key = source[start : start + 4].ljust(4, b"\0")
    return 0x0008 in {EXPLICIT_LITTLE.tag_of(key) >> 16, EXPLICIT_BIG.tag_of(key) >> 16}  # noqa: PLR2004
