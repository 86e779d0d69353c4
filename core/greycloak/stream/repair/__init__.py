"""The repairing reader: what is slightly wrong becomes a well-formed data set in memory, or is refused.

It runs only on what the strict walk has refused. A repair is taken only if exactly one reading accounts for the file
to its last byte; it is named; and what is read but does not stay counts as removed text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.stream.errors import Malformed
from greycloak.stream.part10 import Part10, Source, encode_file_meta, layout_of
from greycloak.stream.repair.doors import TRANSFER_SYNTAX_UID, find_door
from greycloak.stream.repair.elements import encoded
from greycloak.stream.repair.mending import Mending
from greycloak.stream.repair.numbers import mend_numbers
from greycloak.stream.repair.ordering import Ordering
from greycloak.stream.repair.readings import read_as_claimed_or_else

if TYPE_CHECKING:
    from collections.abc import Collection

    from greycloak.outcomes import Refused

MAX_REPAIRED = 1 << 30
"""Largest object, in bytes, that is repaired: it is held in memory, once as it was and once as it should be."""

REPAIRABLE = frozenset(
    {
        "broken-fragments",
        "elements-out-of-order",
        "invalid-character-set",
        "invalid-file-meta",
        "invalid-uid",
        "misplaced-delimiter",
        "misplaced-padding",
        "native-pixels",
        "no-sop-class",
        "no-sop-instance",
        "no-study",
        "no-transfer-syntax",
        "not-dicom",
        "odd-length",
        "reserved-bytes",
        "trailing-bytes",
        "truncated",
        "unexpected-sequence",
        "unknown-vr",
        "unsupported-transfer-syntax",
        "wrong-vr",
    }
)
"""Reasons of the strict walk that a repair may remove."""


_NO_UID = "2.25.0"
NOTE = "repaired: "
"""How the note of a repair begins."""

_UNDECIDED = frozenset({"two-readings", "invalid-character-set", "broken-fragments"})
"""What the repairing reader says better than the strict walk."""


def repair_refused(
    source: Source, refusal: Malformed | Refused, *, steering: Collection[int] = (), derive_study: bool = False
) -> Part10:
    """Repair what was refused, if that can be repaired at all; raise the refusal again if not.

    Parameters
    ----------
    source, steering, derive_study
        As for `repair`.
    refusal : Malformed or Refused
        Why the strict walk ended.

    Raises
    ------
    Malformed, Refused
        If it cannot be repaired.
    """
    if refusal.reason not in REPAIRABLE or (refusal.reason == "no-study" and not derive_study):
        raise refusal
    try:
        return repair(source, steering=steering, derive_study=derive_study)
    except Malformed as unrepaired:
        raise (unrepaired if unrepaired.reason in _UNDECIDED else refusal) from None


def repair(source: Source, *, steering: Collection[int] = (), derive_study: bool = False) -> Part10:
    """Read an object that the strict walk has refused.

    Parameters
    ----------
    source : bytes or mmap
        The file, or a data set without file meta information.
    steering : collection of int
        Attributes that must not have two values, beside those that identify or steer in any case.
    derive_study : bool
        Whether an object without Study or Series Instance UID gets a study and series of its own.

    Returns
    -------
    Part10
        The same object, well-formed; ``repairs`` names what was done, ``dropped`` holds what does not stay.

    Raises
    ------
    Malformed
        If no reading, or more than one, accounts for all of it.
    """
    if len(source) > MAX_REPAIRED:
        raise Malformed("too-large", "more than is repaired in memory")
    door = find_door(source)
    reading = read_as_claimed_or_else(source, door)
    data, encoding = reading.data, reading.encoding
    ordering = Ordering(data, steering)
    mending = Mending(data, ordering.ordered(reading.elements), door)
    elements = mending.mended(derive_study=derive_study)
    numbers = mend_numbers(data, elements, encoding)
    repairs = door.repairs | reading.repairs | ordering.repairs | mending.repairs | numbers
    layout = layout_of(reading.syntax)
    assert layout is not None
    if door.meta and door.uids(TRANSFER_SYNTAX_UID) != [reading.syntax]:
        repairs["transfer-syntax"] = None
    return Part10(
        transfer_syntax_uid=reading.syntax,
        encoding=encoding,
        data=b"".join(encoded(data, elements, encoding)),
        start=0,
        encapsulated=layout.encapsulated,
        deflated=layout.deflated,
        media_storage_sop_class_uid=mending.sop_class_uid,
        repairs=tuple(f"{NOTE}{what}" for what in repairs),
        dropped=(*reading.dropped, *ordering.dropped, *mending.dropped),
    )


def repaired_file(source: Source) -> bytes:
    """Return an object that needs repair as a file that any reader reads, inflated if it was deflated.

    Raises
    ------
    Malformed
        If it cannot be repaired.
    """
    part10 = repair(source)
    return encode_file_meta(part10.media_storage_sop_class_uid, _NO_UID, part10.plain_syntax_uid) + part10.data[:]
