"""Search an object for identifiers, in every text, in bytes, and in the name of its file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from greycloak.proof.verification.objects import SEALED
from greycloak.proof.verification.spellings import plain, spellings, stands_apart
from greycloak.text.gazetteer import is_name
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.identifiers import Identifier
    from greycloak.proof.verification.objects import Element, Read
    from greycloak.stream.levels import Path as TagPath

UID = re.compile(r"(?<![\d.])\d{1,10}(?:\.\d{1,39}){3,}(?![\d.])")
_UID_BYTES = re.compile(rb"(?<![\d.])\d{1,10}(?:\.\d{1,39}){3,}(?![\d.])")
_NUMERIC = frozenset({"DS", "IS"})
_SKIPPED = frozenset({"UI", "DA", "DT", "TM", "AS"})
_CODED = frozenset({"CS"})
_EQUIPMENT = frozenset({0x00080070, 0x00081090, 0x00181020, 0x00120063})
"""Manufacturer, model, software and method: people are called Philips or Hand, too."""

_INSIDE_FROM = 7
"""Letters and digits from which on an ID is also looked for inside longer words."""

_RAW_FROM = 5
_READ_AS_TEXT = 1 << 16
"""Bytes of the longest binary value that is read as a text, too, for what is not Latin in it."""

_BINARY_LETTERS = re.compile(rb"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """An identifier that is still there.

    Attributes
    ----------
    element : Element or None
        Where; None outside the elements.
    where : str
        ``file name`` or ``preamble``, outside the elements.
    identifier : Identifier
        What.
    """

    element: Element | None
    where: str
    identifier: Identifier


class Searcher:
    """Looks for the same identifiers in many objects.

    Parameters
    ----------
    identifiers : frozenset of Identifier
        What to look for.
    """

    def __init__(self, identifiers: frozenset[Identifier]) -> None:
        self._words: dict[str, Identifier] = {}
        self.ignored = 0
        for identifier in sorted(identifiers):
            found = spellings(identifier)
            self.ignored += not found
            for spelling in found:
                self._words.setdefault(spelling, identifier)

    @cached_property
    def _inside(self) -> list[tuple[str, Identifier]]:
        return [
            (word, one)
            for word, one in self._words.items()
            if one.kind not in {"name", "date"} and " " not in word and len(word) >= _INSIDE_FROM
        ]

    @cached_property
    def _raw(self) -> list[tuple[bytes, Identifier]]:
        """Return what to look for in bytes of which only Latin letters and digits are left."""
        return [
            (form, one)
            for word, one in self._words.items()
            if len(word.replace(" ", "")) >= _RAW_FROM and (one.kind != "date" or len(word) == 8)  # noqa: PLR2004  YYYYMMDD
            for form in {f" {word} ".encode()}
        ]

    def hits(self, read: Read, name: str) -> Iterator[Hit]:
        """Yield what is still there, each identifier once in each element.

        Parameters
        ----------
        read : Read
            The object.
        name : str
            Its path, as far as it is of interest.
        """
        texts = [(element, plain(element.text)) for element in read.elements if _is_searched(element)]
        everything = "\n".join(text for _, text in texts)
        for spelling, identifier in self._present(everything):
            for element, text in texts:
                is_there = spelling in text if spelling.startswith(" ") else spelling in text.replace(" ", "")
                if is_there and _counts(element, spelling, identifier):
                    yield Hit(element, "", identifier)
        path = plain(name)
        for spelling, identifier in self._present(path):
            if _is_word(spelling, identifier) and _is_ordinary(spelling):
                continue
            yield Hit(None, "file name", identifier)
        for element in read.elements:
            if element.raw and element.vr in {"OB", "UN"} and SEALED not in element.path:
                yield from (Hit(element, "", identifier) for identifier in self._in_bytes(element.raw))
        yield from (Hit(None, "preamble", identifier) for identifier in self._in_bytes(read.preamble))

    def _present(self, text: str) -> Iterator[tuple[str, Identifier]]:
        """Yield the spellings that occur in a plain text, as they are to be looked for."""
        for word, identifier in self._words.items():
            if word not in text:
                continue
            if f" {word} " in text:
                yield f" {word} ", identifier
            elif not stands_apart(word):
                yield word, identifier
        together = text.replace(" ", "")
        for word, identifier in self._inside:
            if word in together and f" {word} " not in text:
                yield word, identifier

    def _in_bytes(self, value: bytes) -> Iterator[Identifier]:
        if not value.strip(b"\0"):
            return
        lower = value.lower()
        wide = lower.replace(b"\0", b"")  # of UTF-16, what is Latin
        if len(value) <= _READ_AS_TEXT and not value.isascii():
            for text in {_as_text(value), value.decode("utf-16-le", "ignore")}:
                found = self._present(plain(text))
                yield from (one for word, one in found if len(word.strip()) >= _RAW_FROM or not word.isascii())
        for letters in {_BINARY_LETTERS.sub(b" ", one) for one in (lower, wide)}:
            padded = b" %b " % letters
            for form, identifier in self._raw:
                if form in padded:
                    yield identifier


def _as_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _is_searched(element: Element) -> bool:
    return bool(element.text) and element.vr not in _SKIPPED and SEALED not in element.path


def _counts(element: Element, spelling: str, identifier: Identifier) -> bool:
    """Tell whether a hit means something where it stands."""
    if element.vr in _NUMERIC:
        return identifier.kind not in {"name", "date"} and len(spelling.strip()) >= _INSIDE_FROM
    if element.tag in _EQUIPMENT and identifier.kind in {"institution", "device"}:
        return False
    if not _is_word(spelling, identifier) or element.vr == "PN":
        return True
    return not (element.vr in _CODED or element.tag in _EQUIPMENT or _is_ordinary(spelling))


def _is_ordinary(spelling: str) -> bool:
    return all(map(is_harmless, spelling.split()))


def _is_word(spelling: str, identifier: Identifier) -> bool:
    """Tell whether it is a single part of a name, or words of which none is any name: they may be ordinary ones."""
    words = spelling.split()
    return identifier.kind == "name" and (len(words) == 1 or all(map(is_harmless, words)) > any(map(is_name, words)))


def uids_in(read: Read, name: str) -> Iterator[tuple[Element | None, str, str]]:
    """Yield every UID that an object holds, wherever: element, or where else, and the UID."""
    for element in read.elements:
        if SEALED in element.path:
            continue
        if element.vr == "UI":
            yield from ((element, "", uid) for uid in element.text.split("\\") if uid)
        elif element.text and "." in element.text:
            yield from ((element, "", uid) for uid in UID.findall(element.text))
        elif element.raw and element.vr in {"OB", "UN"}:
            for found in _UID_BYTES.findall(element.raw):
                yield element, "", found.decode("ascii")
    stem = name.removesuffix(".dcm")
    yield from ((None, "file name", uid) for uid in UID.findall(stem.replace("/", " ")))
    yield from ((None, "preamble", uid.decode("ascii")) for uid in _UID_BYTES.findall(read.preamble))


def path_of(hit: Hit) -> TagPath:
    """Return the path of a hit; empty outside the elements."""
    return hit.element.path if hit.element else ()
