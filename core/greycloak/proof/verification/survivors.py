"""Search an object for identifiers, in every text, in bytes, and in the name of its file."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.proof.needles import needles_of
from greycloak.proof.verification.objects import SEALED
from greycloak.text.folding import fold
from greycloak.text.gazetteer import is_name
from greycloak.text.known import Known
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.objects import Element, Read
    from greycloak.text.identifiers import Identifier

UID = re.compile(r"(?<![\d.])\d{1,10}(?:\.\d{1,39}){3,}(?![\d.])")
_UID_BYTES = re.compile(rb"(?<![\d.])\d{1,10}(?:\.\d{1,39}){3,}(?![\d.])")
_NUMERIC = frozenset({"DS", "IS"})
_SKIPPED = frozenset({"UI", "DA", "DT", "TM", "AS"})
_CODED = frozenset({"CS"})
_BINARY = frozenset({"OB", "UN"})
_EQUIPMENT = frozenset({0x00080070, 0x00081090, 0x00181020, 0x00120063})
"""Manufacturer, model, software and method: people are called Philips or Hand, too."""

_APART = "\n\0\0\0\0\0\n"
"""Between texts that are searched together: nothing reaches over it."""

_NUMBER = re.compile(r"\d{6,}")
_MIN_NUMBER = 7
_READ_AS_TEXT = 1 << 16
"""Bytes of the longest binary value that is read as a text, too, for what is not Latin in it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An identifier that is still there.

    Attributes
    ----------
    element : Element or None
        Where; None outside the elements.
    where : str
        ``file name`` or ``preamble``, outside the elements.
    kind : str
        What kind of identifier.
    tag : int
        The attribute of the original that held it; 0 if that is not known.
    """

    element: Element | None
    where: str
    kind: str
    tag: int


class Searcher:
    """Looks for the same identifiers in many objects.

    Parameters
    ----------
    identifiers : frozenset of Identifier
        What to look for.
    """

    def __init__(self, identifiers: frozenset[Identifier]) -> None:
        self._identifiers = sorted(identifiers)
        # MRN-471108 is also known as 471108.
        numbers = {
            one._replace(value=part) for one in identifiers if one.kind == "id" for part in _NUMBER.findall(one.value)
        }
        self._known = Known.of(identifiers | numbers)
        self._needles = needles_of(self._known.compiled)
        self.ignored = sum(not _is_sought(one) for one in identifiers)

    def hits(self, read: Read, name: str) -> Iterator[Hit]:
        """Yield what is still there.

        Parameters
        ----------
        read : Read
            The object.
        name : str
            Its path, as far as it is of interest.
        """
        searched = [element for element in read.elements if _is_searched(element)]
        starts, texts, at = [], [], 0
        for element in searched:
            starts.append(at)
            texts.append(element.text)
            at += len(element.text) + len(_APART)
        everything = _APART.join(texts)
        for start, stop, kind in self._known.findings(everything):
            element, found = searched[bisect_right(starts, start) - 1], everything[start:stop]
            if _counts(element, found, kind):
                yield Hit(element, "", kind, self._source(kind, found))
        for start, stop, kind in self._known.findings(name):
            if kind != "name" or not _is_ordinary(name[start:stop]):
                yield Hit(None, "file name", kind, self._source(kind, name[start:stop]))
        for element in read.elements:
            if element.raw and element.vr in _BINARY and SEALED not in element.path:
                yield from (Hit(element, "", kind, self._source(kind, found)) for kind, found in self._in(element.raw))
        yield from (Hit(None, "preamble", kind, self._source(kind, found)) for kind, found in self._in(read.preamble))

    def _in(self, value: bytes) -> Iterator[tuple[str, str]]:
        if not value.strip(b"\0"):
            return
        for hit in self._needles.hits_in(value):
            yield hit.needle.kind, value[hit.start : hit.stop].replace(b"\0", b"").decode("latin-1")
        if len(value) <= _READ_AS_TEXT:
            for text in {_as_text(value), value.decode("utf-16-le", "ignore")}:
                yield from ((kind, text[start:stop]) for start, stop, kind in self._known.findings_in_bytes(text))

    def _source(self, kind: str, found: str) -> int:
        """Return the attribute whose value it is, as far as that can be told."""
        same = [one for one in self._identifiers if one.kind == kind]
        tags = {one.tag for one in same if _is_spelling(found, one)} or {one.tag for one in same}
        return min(tags) if len(tags) == 1 or kind in {"name", "date"} else 0


def _is_spelling(found: str, identifier: Identifier) -> bool:
    """Tell whether a text that was found may stand for an identifier; it only decides what a report says."""
    if identifier.kind == "date":
        numbers = {int(number) for number in re.findall(r"\d+", found)}
        day = identifier.value[6:8]
        return identifier.value[:8] in found or (day.isdigit() and int(day) in numbers)
    words = set(re.findall(r"\w+", fold(found)))
    sought, value = _letters(found), _letters(identifier.value)
    return sought in value or value in sought or not words.isdisjoint(re.findall(r"\w+", fold(identifier.value)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _is_sought(identifier: Identifier) -> bool:
    compiled = Known.of(frozenset({identifier})).compiled
    return bool(compiled.needles or compiled.days or compiled.names.words)


def _as_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _is_searched(element: Element) -> bool:
    return bool(element.text) and element.vr not in _SKIPPED and SEALED not in element.path


def _counts(element: Element, found: str, kind: str) -> bool:
    """Tell whether a hit means something where it stands."""
    if element.vr in _NUMERIC:
        return kind not in {"name", "date", "time"} and len(found) >= _MIN_NUMBER
    if element.tag in _EQUIPMENT and kind in {"institution", "device"}:
        return False
    if kind != "name" or element.vr == "PN":
        return True
    return not (_is_ordinary(found) or ((element.vr in _CODED or element.tag in _EQUIPMENT) and " " not in found))


def _is_ordinary(found: str) -> bool:
    """Tell whether a name is made of ordinary words: a single one, or several of which none is any name."""
    words = re.findall(r"\w+", fold(found))
    return all(map(is_harmless, words)) and (len(words) == 1 or not any(map(is_name, words)))


def uids_in(read: Read, name: str) -> Iterator[tuple[Element | None, str, str]]:
    """Yield every UID that an object holds, wherever: element, or where else, and the UID."""
    for element in read.elements:
        if SEALED in element.path:
            continue
        if element.vr == "UI":
            yield from ((element, "", uid) for uid in element.text.split("\\") if uid)
        elif element.text and "." in element.text:
            yield from ((element, "", uid) for uid in UID.findall(element.text))
        elif element.raw and element.vr in _BINARY:
            for found in _UID_BYTES.findall(element.raw):
                yield element, "", found.decode("ascii")
    stem = name.removesuffix(".dcm")
    yield from ((None, "file name", uid) for uid in UID.findall(stem.replace("/", " ")))
    yield from ((None, "preamble", uid.decode("ascii")) for uid in _UID_BYTES.findall(read.preamble))
