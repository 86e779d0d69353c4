"""Cut identities out of a text, and keep the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from greycloak.text import patterns
from greycloak.text._words import context
from greycloak.text.findings import Finding, merged
from greycloak.text.folding import fold
from greycloak.text.vocabulary import is_harmless_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.known import Known

How = Literal["known", "clean", "vocabulary"]
"""How a text is cleaned: what is ``known`` to identify goes; ``clean``: what has the form of an identity goes as well;
``vocabulary``: nothing stays but what is known to be harmless."""

_TOKENS = re.compile(r"[^\s^_,;:=/\\()\[\]{}<>|\"!?*&~+]+")
_WORD_BEHIND = re.compile(r"[ _]([^\W\d_]+)")
_SEPARATORS = " ^_,;:=/|&~+-\t\r\n\f،؛、，；：・　"
_CLOSE_TO_WORDS = frozenset(",;:،؛、，；：")
_LONGEST_NAME = 324
MAX_CLEANED = 100_000
"""Characters of the longest text that is searched for identities by their form; a longer one goes whole. No report that
people write is as long, and who wants to keep such a text should read it."""

_BRACKETS = frozenset({"()", "[]", "{}", "<>", '""', "''"})


class Cleaned(NamedTuple):
    """A cleaned text.

    Attributes
    ----------
    text : str
        What stays; the same as before if nothing was found.
    findings : list of Finding
        What was cut, by its place in the original text.
    """

    text: str
    findings: list[Finding]


def clean(text: str, known: Known, how: How) -> Cleaned:
    """Cut identities out of a text.

    Parameters
    ----------
    text : str
        A text, decoded.
    known : Known
        What identifies the object's subject, or anybody else in it.
    how : str
        As in `How`.
    """
    if how != "known" and len(text) > MAX_CLEANED:
        return Cleaned("", [Finding(0, len(text), "long-text")])
    findings = known.findings(text)
    if how != "known":
        findings = merged([*findings, *patterns.findings(text)])
    elif "^" in text and len(text) <= _LONGEST_NAME:
        # Nobody writes carets but between the parts of a name.
        findings = merged([*findings, *(found for found in patterns.findings(text) if found.kind == "name")])
    if how == "vocabulary":
        findings = merged([*findings, *_unknown_words(text, findings)])
    return Cleaned(without(text, findings), findings) if findings else Cleaned(text, [])


def _unknown_words(text: str, findings: list[Finding]) -> Iterator[Finding]:
    """Yield the words of a text that no vocabulary knows, but those that were found already."""
    taken = iter(findings)
    current = next(taken, None)
    for found in _TOKENS.finditer(text):
        start, stop = found.span()
        while current is not None and current.stop <= start:
            current = next(taken, None)
        if current is not None and current.start < stop:
            if current.start > start or current.stop < stop:
                yield from _unknown_rest(text, start, stop, current)
            continue
        if not is_harmless_token(fold(found[0])) and not _is_eponym(text, found):
            yield Finding(start, stop, "unknown-word")


def _is_eponym(text: str, found: re.Match[str]) -> bool:
    """Tell whether a name is that of a thing: "Jones fracture", "Murphy's sign"."""
    following = _WORD_BEHIND.match(text, found.end())
    name = fold(found[0]).removesuffix("'s").removesuffix("’s")
    return following is not None and name in context("eponym") and fold(following[1]) in context("eponym noun")


def _unknown_rest(text: str, start: int, stop: int, taken: Finding) -> Iterator[Finding]:
    """Yield what is left of a word of which a part was found, unless it is harmless by itself."""
    for first, last in ((start, taken.start), (taken.stop, stop)):
        if first < last and not is_harmless_token(fold(text[first:last]).strip(".'-’")):
            yield Finding(first, last, "unknown-word")


def without(text: str, findings: list[Finding]) -> str:
    """Return a text without what was found; separators that stood around it become one, empty brackets none."""
    kept: list[str] = [text[: findings[0].start]]
    around: list[str] = []
    for finding, following in zip(findings, [*findings[1:], None], strict=True):
        piece = text[finding.stop : following.start if following else len(text)]
        around.append(_take_end(kept))
        right = _without_start(piece, around)
        while kept and right and kept[-1][-1] + right[0] in _BRACKETS:
            kept[-1] = kept[-1][:-1]
            around.append(_take_end(kept))
            right = _without_start(right[1:], around)
        if right:
            kept += [_separator("".join(around)), right] if kept else [right]
            around.clear()
    return "".join(kept)


def _without_start(text: str, around: list[str]) -> str:
    """Return a text without the separators at its start, which are noted."""
    rest = text.lstrip(_SEPARATORS)
    around.append(text[: len(text) - len(rest)])
    return rest


def _take_end(pieces: list[str]) -> str:
    """Take the separators at the end of a text in pieces away, and return them."""
    taken = ""
    while pieces:
        rest = pieces[-1].rstrip(_SEPARATORS)
        taken = pieces[-1][len(rest) :] + taken
        if rest:
            pieces[-1] = rest
            break
        pieces.pop()
    return taken


def _separator(around: str) -> str:
    """Return the one separator that is left of all that stood around a cut."""
    if "\n" in around:
        return "\n"
    marks = [character for character in around if not character.isspace()]
    if not marks or not any(map(str.isspace, around)):
        return marks[0] if marks else " "
    return f"{marks[0]} " if marks[0] in _CLOSE_TO_WORDS else f" {marks[0]} "
