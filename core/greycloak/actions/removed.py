"""What edits took out of an object: its known identifiers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.standard.schemes import CODING_SCHEME_DESIGNATOR, is_standard_scheme
from greycloak.stream import Malformed, Verb
from greycloak.stream.encoding import IMPLICIT_LITTLE
from greycloak.stream.inside import leaves_inside
from greycloak.text.identifiers import UNTYPED_VRS, Identifier, identifiers_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.stream import Edit, Encoding
    from greycloak.stream.part10 import Source

_MAX_UNTYPED = 4096
_MAX_CACHED = 4096
_MIN_LENGTH = 2
_NO_TAG = 0
_LONGEST_NAME = 64
_LOOKED_AT = frozenset({Verb.LOOK, Verb.CHECK_ELSE_LOOK})
"""What was cut because of something else is no identifier by itself."""

_CODE = frozenset({0x00080100, CODING_SCHEME_DESIGNATOR, 0x00080103, 0x00080104, 0x00080119})
_ITEM = b"\xfe\xff\x00\xe0"


def removed_identifiers(
    source: Source, edits: Iterable[Edit], encoding: Encoding, characters: bytes
) -> frozenset[Identifier]:
    """Return what edits took away, in sequences as well.

    Parameters
    ----------
    source : bytes or mmap
        What was walked.
    edits : iterable of Edit
        The changes.
    encoding : Encoding
        Layout of the elements.
    characters : bytes
        Specific Character Set of the object.

    Raises
    ------
    Malformed
        If a removed sequence cannot be accounted for: nobody could tell what is in it.
    """
    found = []
    codes = []
    for edit in edits:
        path, instruction, start, stop = edit
        if instruction.tag in _CODE and len(path) > 1:
            codes.append(edit)
            continue
        length = stop - start
        if length < _MIN_LENGTH or instruction.verb in _LOOKED_AT:
            continue
        if instruction.vr in UNTYPED_VRS and length > _MAX_UNTYPED and source[start : start + 4] != _ITEM:
            continue
        values = _identifiers_once if length > _MAX_CACHED else _identifiers
        inside = instruction.level.encoding if instruction.level else encoding
        found.append(values(instruction.tag, instruction.vr, source[start:stop], inside, characters))
    if codes:
        found.append(_of_codes(source, codes, characters))
    return frozenset().union(*found)


def _of_codes(source: Source, codes: list[Edit], characters: bytes) -> frozenset[Identifier]:
    """Return what removed codes say, but those in schemes that the standard names.

    What such a code says is nobody's secret, wherever else it stands.
    """
    codes = [edit for edit in codes if edit[1].verb not in _LOOKED_AT]
    published = {
        path[:-1]
        for path, instruction, start, stop in codes
        if instruction.tag == CODING_SCHEME_DESIGNATOR and is_standard_scheme(source[start:stop])
    }
    found = [
        identifiers_in(instruction.tag, instruction.vr, source[start:stop], characters)
        for path, instruction, start, stop in codes
        if path[:-1] not in published
    ]
    return frozenset().union(*found)


def _identifiers_once(tag: int, vr: str, raw: bytes, encoding: Encoding, characters: bytes) -> frozenset[Identifier]:
    """Return what is in one removed element."""
    if vr == "SQ":
        return _identifiers_inside(raw, encoding, characters)
    if vr in UNTYPED_VRS and raw.startswith(_ITEM):
        try:  # a sequence in disguise: unknown, private, or encoded as UN
            return _identifiers_inside(raw, IMPLICIT_LITTLE, characters)
        except Malformed:
            pass
    return identifiers_in(tag, vr, raw, characters)


_identifiers = lru_cache(maxsize=8192)(_identifiers_once)
"""The same, remembered: the objects of a series share most of their values."""


def _identifiers_inside(items: bytes, encoding: Encoding, characters: bytes) -> frozenset[Identifier]:
    """Return what all elements in items say, at any depth, but codes in schemes that the standard names."""
    leaves = leaves_inside(items, encoding)
    published = {
        leaf.item
        for leaf in leaves
        if leaf.tag == CODING_SCHEME_DESIGNATOR and is_standard_scheme(items[leaf.start : leaf.stop])
    }
    found: set[Identifier] = set()
    for leaf in leaves:
        length = leaf.stop - leaf.start
        is_large = leaf.vr in UNTYPED_VRS and length > _MAX_UNTYPED
        is_known = leaf.tag in _CODE and leaf.item in published
        if length >= _MIN_LENGTH and not is_large and not is_known:
            found |= identifiers_in(leaf.tag, leaf.vr, items[leaf.start : leaf.stop], characters)
    return frozenset(found)


def dropped_identifiers(raw: bytes, characters: bytes) -> frozenset[Identifier]:
    """Return what may be in bytes that a repair has dropped: texts, and names, for nobody knows what they were."""
    found = identifiers_in(_NO_TAG, "", raw, characters)
    return found | {one._replace(kind="name") for one in found if len(one.value) <= _LONGEST_NAME}
