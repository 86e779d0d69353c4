"""Free text that may stay only if it repeats nothing that was removed from the same object.

Text outside Table E.1-1, as Manufacturer or Code Meaning, is worth keeping, but people type anything anywhere.
A text in which a removed value turns up again is withheld whole.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.outcomes import Refused
from greycloak.standard.schemes import CODING_SCHEME_DESIGNATOR, is_standard_scheme
from greycloak.stream import Encoding, Malformed, Splicer, Verb
from greycloak.stream.encoding import IMPLICIT_LITTLE
from greycloak.stream.inside import leaves_inside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from greycloak.stream import Edit
    from greycloak.stream.part10 import Source

MIN_LENGTH = 4
"""Shorter values are found in too many innocent words; parts of names count from three letters, as whole words."""

MAX_COMPARISONS = 1 << 29
"""Characters times removed values; more than any image needs, less than a minute."""

_MIN_NAME_PART = 3
_MAX_UNTYPED = 4096
_MAX_CACHED = 4096
_TEXT_VRS = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())
_UNTYPED_VRS = frozenset({"UN", ""})
_SEARCHED_VRS = _TEXT_VRS | _UNTYPED_VRS | {"SQ"}
# What was withheld because of something else is no reason to withhold.
_LOOKED_AT = frozenset({Verb.LOOK, Verb.CHECK_ELSE_LOOK})
_VALUE_SEPARATORS = re.compile(rb"[\\\x00-\x1a\x1c-\x1f\x7f]+")
_NAME_SEPARATORS = re.compile(r"[\^=, ._-]+")
_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_WORDS = re.compile(r"\w+")
_CODE = frozenset({0x00080100, CODING_SCHEME_DESIGNATOR, 0x00080103, 0x00080104, 0x00080119})
_ITEM = b"\xfe\xff\x00\xe0"


def removed_values(source: Source, edits: Iterable[Edit], encoding: Encoding) -> set[str]:
    """Return the values that edits took away, and the parts of names, in one case.

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
        vr, length = instruction.vr, stop - start
        if vr not in _SEARCHED_VRS or instruction.verb in _LOOKED_AT or length < _MIN_NAME_PART:
            continue
        if vr in _UNTYPED_VRS and length > _MAX_UNTYPED and source[start : start + 4] != _ITEM:
            continue
        values = _values_once if length > _MAX_CACHED else _values
        inside = instruction.level.encoding if instruction.level else encoding
        found.append(values(source[start:stop], vr, inside))
    if codes:
        found.append(_values_of_codes(source, codes, encoding))
    return set().union(*found)


def _values_of_codes(source: Source, codes: list[Edit], encoding: Encoding) -> frozenset[str]:
    """Return the removed values of codes, but of those in schemes that the standard names.

    What such a code says is nobody's secret, wherever else it stands.
    """
    published = {
        path[:-1]
        for path, instruction, start, stop in codes
        if instruction.tag == CODING_SCHEME_DESIGNATOR
        and instruction.verb not in _LOOKED_AT
        and is_standard_scheme(source[start:stop])
    }
    found = [
        _values(source[start:stop], instruction.vr, encoding)
        for path, instruction, start, stop in codes
        if path[:-1] not in published and instruction.verb not in _LOOKED_AT and stop - start >= _MIN_NAME_PART
    ]
    return frozenset().union(*found)


def _values_once(raw: bytes, vr: str, encoding: Encoding) -> frozenset[str]:
    """Return the values in a removed element."""
    if vr == "SQ":
        return _values_inside(raw, encoding)
    if vr in _UNTYPED_VRS and raw.startswith(_ITEM):
        try:  # a sequence in disguise: unknown, private, or encoded as UN
            return _values_inside(raw, IMPLICIT_LITTLE)
        except Malformed:
            pass
    return _plain_values(raw, vr)


def _plain_values(raw: bytes, vr: str) -> frozenset[str]:
    """Return the values in a removed element that is no sequence."""
    values = {fold(value).strip() for value in _VALUE_SEPARATORS.split(raw)}
    found = {value for value in values if len(value) >= MIN_LENGTH}
    if vr in {"DA", "DT"}:
        for year, month, day in _DATE.findall("\0".join(values)):
            found |= {f"{year}{month}{day}", f"{year}-{month}-{day}"}
    if vr == "PN":
        parts = {part for value in values for part in _NAME_SEPARATORS.split(value)}
        found |= {part for part in parts if len(part) >= _MIN_NAME_PART}
    return frozenset(found)


_values = lru_cache(maxsize=8192)(_values_once)
"""The same, remembered: the objects of a series share most of their values."""


def _values_inside(items: bytes, encoding: Encoding) -> frozenset[str]:
    """Return the values of all elements in items, at any depth, but of codes in schemes that the standard names."""
    leaves = leaves_inside(items, encoding)
    published = {
        leaf.item
        for leaf in leaves
        if leaf.tag == CODING_SCHEME_DESIGNATOR and is_standard_scheme(items[leaf.start : leaf.stop])
    }
    found: set[str] = set()
    for leaf in leaves:
        length = leaf.stop - leaf.start
        is_large = leaf.vr in _UNTYPED_VRS and length > _MAX_UNTYPED and items[leaf.start : leaf.start + 4] != _ITEM
        is_known = leaf.tag in _CODE and leaf.item in published
        if leaf.vr in _SEARCHED_VRS and length >= _MIN_NAME_PART and not is_large and not is_known:
            found |= _plain_values(items[leaf.start : leaf.stop], leaf.vr)
    return frozenset(found)


def fold(raw: bytes) -> str:
    """Return a text in one case and one form, whether it is encoded in UTF-8 or in one byte a character."""
    if raw.isascii():
        return raw.decode("ascii").lower()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return unicodedata.normalize("NFC", text).casefold()


def _repeated(text: str, values: Collection[str]) -> list[str]:
    """Return those of the values that occur in a folded text; short ones only as whole words."""
    words = set(_WORDS.findall(text))
    return [value for value in values if (value in text if len(value) >= MIN_LENGTH else value in words)]


def texts_to_withhold(
    source: Source, splicer: Splicer, encoding: Encoding, dropped: Iterable[bytes] = ()
) -> frozenset[bytes]:
    """Return those of the values that a walk has looked at that repeat something removed, in whatever case.

    Raises
    ------
    Malformed
        If a removed sequence cannot be accounted for.
    Refused
        If there is unreasonably much to compare.
    """
    # Behind a NUL, readers see nothing, and whoever searches bytes sees it all.
    hiding = {text for text in splicer.looked if b"\0" in text.rstrip(b"\0 ")}
    folded = {text: fold(text) for text in (splicer.looked | splicer.looked_bytes) - hiding}
    values = removed_values(source, splicer.edits, encoding)
    for raw in dropped:
        values |= _values_once(raw, "PN", encoding)
    together = "\0".join(folded.values())
    if len(values) * len(together) > MAX_COMPARISONS:
        raise Refused("too-large", "more text than can be compared")
    suspects = _repeated(together, values)
    return frozenset(hiding.union(text for text, plain in folded.items() if _repeated(plain, suspects)))
