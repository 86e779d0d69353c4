"""Which reading of a file accounts for all of it: the encoding that it claims, or the only other one that does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.stream.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from greycloak.stream.errors import Malformed
from greycloak.stream.part10 import DEFLATED_SYNTAX, inflate, layout_of
from greycloak.stream.repair.doors import TRANSFER_SYNTAX_UID, Door
from greycloak.stream.repair.elements import encoded
from greycloak.stream.repair.headers import FILLING
from greycloak.stream.repair.pixels import is_native, syntax_of_fragments
from greycloak.stream.repair.reader import PIXEL_DATA, Reader

if TYPE_CHECKING:
    from greycloak.stream.part10 import Source
    from greycloak.stream.repair.elements import Elements

_PLAIN_SYNTAX = {
    EXPLICIT_LITTLE: "1.2.840.10008.1.2.1",
    IMPLICIT_LITTLE: "1.2.840.10008.1.2",
    EXPLICIT_BIG: "1.2.840.10008.1.2.2",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A data set as it was read.

    Attributes
    ----------
    data : bytes or mmap
        Holds the data set.
    encoding : Encoding
        How it is to be laid out: as it is, unless it holds fragments in Implicit VR, which no transfer syntax has.
    syntax : str
        The transfer syntax.
    deflated : bool
        Whether it was deflated.
    elements : list of Element
        What was read.
    repairs : dict
        What was repaired, in order.
    dropped : list of bytes
        What was read and does not stay.
    """

    data: Source
    encoding: Encoding
    syntax: str
    deflated: bool
    elements: Elements
    repairs: dict[str, None]
    dropped: list[bytes]


def read_as_claimed_or_else(source: Source, door: Door) -> Reading:
    """Read a data set in the transfer syntax that the file claims, or else in the only one that accounts for it.

    Raises
    ------
    Malformed
        If none does, or several.
    """
    claimed = door.uids(TRANSFER_SYNTAX_UID)
    known = [syntax for syntax in claimed if layout_of(syntax)]
    if claimed and not known:
        raise Malformed("unsupported-transfer-syntax", "its layout is not known")
    refusals: list[Malformed] = []
    readings = _successes(source, door.start, known, refusals, known)
    if not readings:
        others = [syntax for syntax in (*_PLAIN_SYNTAX.values(), DEFLATED_SYNTAX) if syntax not in known]
        tried = {_encoding_of(syntax) for syntax in known}
        untried = [syntax for syntax in others if _encoding_of(syntax) not in tried]
        readings = _successes(source, door.start, untried, refusals, known)
        if not readings:
            raise refusals[0] if known else Malformed("not-dicom", "no reading accounts for all of it")
    if len(readings) > 1:
        raise Malformed("two-readings", "more than one transfer syntax fits")
    return readings[0]


def _encoding_of(syntax: str) -> tuple[Encoding, bool] | None:
    layout = layout_of(syntax)
    return None if layout is None else (layout.encoding, layout.deflated)


def _successes(
    source: Source, start: int, syntaxes: list[str], refusals: list[Malformed], claimed: list[str]
) -> list[Reading]:
    """Read a data set in each of some transfer syntaxes; what the file claims tells how fragments are compressed."""
    readings: dict[tuple[object, str], Reading] = {}
    for syntax in syntaxes:
        try:
            reading = _read(source, start, syntax, claimed)
        except Malformed as refusal:
            if refusal.reason in {"too-deep", "too-large"}:
                raise
            refusals.append(refusal)
        else:  # of two claims, the one that lies may lead to the same data set
            readings.setdefault((_encoding_of(syntax), reading.syntax), reading)
    return list(readings.values())


def _read(source: Source, start: int, syntax: str, claimed: list[str]) -> Reading:
    layout = layout_of(syntax)
    assert layout is not None
    data, at, behind = (source, start, b"") if not layout.deflated else _inflated(source, start)
    reader = Reader(data, layout.encoding)
    elements = reader.read(at)
    if reader.forked:
        _check_fork(data, at, layout.encoding, elements)
    repairs = {**reader.repairs, **({"trailing-bytes": None} if behind else {})}
    syntax = _syntax_of_pixels(data, elements, syntax, claimed)
    written = layout_of(syntax)
    assert written is not None
    return Reading(data, written.encoding, syntax, layout.deflated, elements, repairs, reader.dropped)


def _inflated(source: Source, start: int) -> tuple[bytes, int, bytes]:
    """Return what unfolds, where the data set begins in it, and what follows it."""
    data, rest = inflate(source, start)
    if rest.strip(bytes(FILLING)):
        raise Malformed("trailing-bytes", "something follows the deflated data set")
    return data, 0, rest.strip(b"\0")


def _check_fork(data: Source, at: int, encoding: Encoding, elements: Elements) -> None:
    """See that a sequence delimiter that can be meant in two ways leads to the same data set, or nowhere."""
    greedy = Reader(data, encoding, greedy=True)
    try:
        other = greedy.read(at)
    except Malformed:
        return
    if b"".join(encoded(data, other, encoding)) != b"".join(encoded(data, elements, encoding)):
        raise Malformed("two-readings", "a delimiter that may close an item or a sequence")


def _syntax_of_pixels(data: Source, elements: Elements, syntax: str, claimed: list[str]) -> str:
    """Return the transfer syntax of a reading, or the one that its Pixel Data is in.

    Raises
    ------
    Malformed
        If it is in none that can be told.
    """
    layout = layout_of(syntax)
    assert layout is not None
    pixels = next((element for element in elements if element.tag == PIXEL_DATA), None)
    if pixels is None or pixels.open == layout.encapsulated or pixels.start == pixels.stop:
        return syntax
    if not pixels.open:
        if not is_native(data, elements, pixels):
            raise Malformed("broken-fragments", "neither fragments nor as many pixels as the data set describes")
        return _PLAIN_SYNTAX[EXPLICIT_LITTLE]
    if not layout.encoding.little or layout.deflated:
        raise Malformed("broken-fragments", "fragments in a transfer syntax that has none")
    compressing = [one for one in claimed if (known := layout_of(one)) and known.encapsulated]
    return compressing[0] if len(compressing) == 1 else syntax_of_fragments(data, pixels.start, pixels.stop)
