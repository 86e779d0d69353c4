"""Read an object to the last element, whoever wrote it: what does not decode is taken as bytes, never skipped."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from io import BytesIO
from mmap import mmap
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.charset import convert_encodings, decode_bytes

from greycloak.files import read_file
from greycloak.quiet import quiet
from greycloak.standard.dictionary import entry_for
from greycloak.standard.iods import iod_of
from greycloak.stream import Malformed, read_part10

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataset import Dataset

    from greycloak.standard.iods import Place
    from greycloak.stream.levels import Path as TagPath
    from greycloak.stream.part10 import Source

PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010, 0x56000020})
"""Image and spectroscopy data: compared as a whole, never searched."""

SEALED = 0x04000500
"""Encrypted Attributes Sequence: originals, on purpose, for those who hold the key."""

_CHARACTER_SET = 0x00080005
_DEFERRED_FROM = 8 << 20
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_DECODED = frozenset("LO LT PN SH ST UC UT".split())
_LATIN = frozenset("AE AS CS DA DS DT IS TM UI UR".split())
_BINARY = frozenset("OB UN".split())
_PREAMBLE = 128
_FIRST_BLOCK, _LAST_BLOCK = 0x10, 0xFF  # of private creators (PS3.5 section 7.8.1)


@dataclass(frozen=True, slots=True)
class Element:
    """An element at its place.

    Attributes
    ----------
    path : tuple of int
        Tag, item number (from 0), tag, ..., tag.
    vr : str
        Its VR.
    text : str
        Its value as text; empty for numbers, bytes and sequences.
    raw : bytes
        Its value, if it is bytes.
    items : int
        How many items a sequence has; -1 for everything else.
    has_value : bool
        Whether it holds anything.
    type : str or None
        Its Type in the IOD; None if it is foreign there.
    creator : str
        Its private creator.
    """

    path: TagPath
    vr: str
    text: str
    raw: bytes
    items: int
    has_value: bool
    type: str | None
    creator: str

    @property
    def tag(self) -> int:
        """Its tag."""
        return self.path[-1]

    @property
    def way(self) -> TagPath:
        """Its path without item numbers."""
        return self.path[::2]


@dataclass(frozen=True)
class Read:
    """An object, read.

    Attributes
    ----------
    path : Path
        The file.
    elements : tuple of Element
        Everything but pixels, file meta information included, in the order of the data set.
    pixels : str
        Digest of the pixels as they are stored; empty if there are none.
    missing : frozenset of tuple
        Required attributes that are missing or empty: path without item numbers, and what is wrong.
    preamble : bytes
        What stands before the data set.
    """

    path: Path
    elements: tuple[Element, ...]
    pixels: str
    missing: frozenset[tuple[TagPath, str]]
    preamble: bytes

    @cached_property
    def top(self) -> dict[int, str]:
        """Values of the top level as text."""
        return {element.tag: element.text for element in self.elements if len(element.path) == 1}

    @cached_property
    def texts(self) -> dict[TagPath, set[str]]:
        """Every text, by path without item numbers."""
        found: dict[TagPath, set[str]] = {}
        for element in self.elements:
            if element.text:
                found.setdefault(element.way, set()).add(element.text)
        return found


class UnreadableError(Exception):
    """The file cannot be read as DICOM; the message says why, without anything of its content."""


def read_object(path: Path) -> Read:
    """Read a file.

    Raises
    ------
    UnreadableError
        If it is no DICOM object, or cannot be read.
    """
    try:
        source = read_file(path)
    except OSError as error:
        raise UnreadableError(error.strerror or "cannot be read") from None
    with quiet():
        try:
            return read_source(path, source)
        except UnreadableError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a foreign file makes pydicom raise; its message may name people
            raise UnreadableError(f"cannot be read as DICOM ({type(error).__name__})") from None


def read_source(path: Path, source: Source) -> Read:
    """Read what a file holds.

    Raises
    ------
    UnreadableError
        If it is no DICOM object.
    """
    has_prefix = source[_PREAMBLE : _PREAMBLE + 4] == b"DICM"
    if not has_prefix and source[:2] not in {b"\x08\x00", b"\x02\x00"}:
        raise UnreadableError("no DICOM file")
    deferred = _DEFERRED_FROM if isinstance(source, mmap) and _DEFLATED not in source[:2048] else None
    if _DEFLATED in source[:2048]:
        _refuse_bombs(source)
    stream: Any = source if isinstance(source, mmap) else BytesIO(source)
    data_set = pydicom.dcmread(stream, force=not has_prefix, defer_size=deferred)
    walk = _Walk(source)
    elements = [*walk.level(data_set.file_meta, (), _At()), *walk.level(data_set, (), _At(_place(data_set)))]
    return Read(path, tuple(elements), walk.pixels, frozenset(walk.missing), source[:_PREAMBLE] if has_prefix else b"")


def _refuse_bombs(source: Source) -> None:
    """Unfold a deflated file within bounds before pydicom does it without any."""
    try:
        read_part10(source)
    except Malformed as error:
        if error.reason == "too-large":
            raise UnreadableError("unfolds to an unreasonable size") from None


def _place(data_set: Dataset) -> Place | None:
    return iod_of(str(data_set.get("SOPClassUID", "")))


@dataclass(frozen=True, slots=True)
class _At:
    """Where a level stands."""

    place: Place | None = None
    characters: str = ""


class _Walk:
    """Goes through a data set and its items."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.pixels = ""
        self.missing: set[tuple[TagPath, str]] = set()

    def level(self, data_set: Dataset, above: TagPath, at: _At) -> Iterator[Element]:
        """Yield the elements of a data set or an item."""
        at = replace(at, characters=_latin(_raw_of(data_set, _CHARACTER_SET)) or at.characters)
        held: set[int] = set()
        creators: dict[tuple[int, int], str] = {}
        for key in sorted(data_set.keys()):
            tag = int(key)
            vr, value = self._value(data_set, key)
            if tag in PIXELS and not above:
                self.pixels = hashlib.sha256(value if isinstance(value, bytes) else b"").hexdigest()
                held.add(tag)
                continue
            element = _element((*above, tag), vr, value, at, creators.get((tag >> 16, tag >> 8 & 0xFF), ""))
            if tag >> 16 & 1 and _FIRST_BLOCK <= tag & 0xFFFF <= _LAST_BLOCK:
                creators[tag >> 16, tag & 0xFF] = element.text.strip()
            if element.has_value:
                held.add(tag)
            yield element
            if element.items > 0 and tag != SEALED:
                inner = replace(at, place=at.place.item_of(tag) if at.place else None)
                for number, item in enumerate(value):
                    yield from self.level(item, (*above, tag, number), inner)
        self._note_missing(above, at.place, set(map(int, data_set.keys())), held)

    def _note_missing(self, above: TagPath, place: Place | None, there: set[int], held: set[int]) -> None:
        for tag, kind in _required(place) if place else ():
            if tag not in there:
                self.missing.add(((*above[::2], tag), f"missing, Type {kind}"))
            elif kind == "1" and tag not in held:
                self.missing.add(((*above[::2], tag), "empty, Type 1"))

    def _value(self, data_set: Dataset, key: Any) -> tuple[str, Any]:  # noqa: ANN401  pydicom's
        """Return VR and value: bytes as they stand there, or the items of a sequence."""
        raw = data_set.get_item(key)
        vr = _vr(int(key), getattr(raw, "VR", None))
        value = getattr(raw, "value", None)
        if vr == "SQ" or (vr == "UN" and not isinstance(value, bytes)):
            try:
                sequence = data_set[key]
                return str(sequence.VR), sequence.value if sequence.value is not None else []
            except Exception:  # noqa: BLE001  a sequence that does not parse is searched as bytes
                return "UN", value if isinstance(value, bytes) else b""
        if value is None and getattr(raw, "length", None) and hasattr(raw, "value_tell"):
            value = self._source[raw.value_tell : raw.value_tell + raw.length]
        return vr, value


@lru_cache(maxsize=4096)
def _required(place: Place) -> tuple[tuple[int, str], ...]:
    return tuple((tag, str(place.type_of(tag))) for tag in place.required())


def _vr(tag: int, vr: str | None) -> str:
    if vr and vr != "UN":
        return str(vr)
    known = entry_for(tag)
    return known.vrs[0] if known else str(vr or "UN")


def _raw_of(data_set: Dataset, tag: int) -> Any:  # noqa: ANN401  bytes or what pydicom made of them
    return getattr(data_set.get_item(tag), "value", None) if tag in data_set else None


def _latin(value: Any) -> str:  # noqa: ANN401  as above
    if isinstance(value, bytes):
        return value.strip(b"\0 ").decode("latin-1")
    if value is None:
        return ""
    return value if isinstance(value, str) else "\\".join(map(str, value))


def _element(path: TagPath, vr: str, value: Any, at: _At, creator: str) -> Element:  # noqa: ANN401  pydicom's
    tag = path[-1]
    type_ = at.place.type_of(tag) if at.place else None
    if vr == "SQ" and not isinstance(value, bytes):
        return Element(path, vr, "", b"", len(value), len(value) > 0, type_, creator)
    raw = value if isinstance(value, bytes) else b""
    if vr in _DECODED or vr in _LATIN:
        text = _decoded(raw, vr, at.characters) if isinstance(value, bytes) else _shown(value)
        return Element(path, vr, text, raw, -1, bool(text.strip("\\^= ")), type_, creator)
    has_value = bool(raw) if isinstance(value, bytes) else value not in {None, ""}
    return Element(path, vr, "", raw if vr in _BINARY else b"", -1, has_value, type_, creator)


def _shown(value: Any) -> str:  # noqa: ANN401  as above
    if value is None:
        return ""
    several = not isinstance(value, str) and hasattr(value, "__iter__") and not hasattr(value, "components")
    return "\\".join(map(str, value)) if several else str(value)


def _decoded(raw: bytes, vr: str, characters: str) -> str:
    stripped = raw.strip(b"\0 ")
    if stripped.isascii() and b"\x1b" not in stripped:
        return stripped.decode("ascii")
    if vr in _DECODED:
        try:
            return str(decode_bytes(stripped, _encodings(characters), _delimiters(vr)))
        except (LookupError, UnicodeError, ValueError):
            pass
    return stripped.decode("latin-1")


@lru_cache(maxsize=256)
def _encodings(characters: str) -> tuple[str, ...]:
    return tuple(convert_encodings([term.strip() for term in characters.split("\\")]))


def _delimiters(vr: str) -> set[int]:
    return {0xD, 0xA, 0x9, 0xC, *({0x5E, 0x3D} if vr == "PN" else set())}
