"""Cut identities out of a text, and keep the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from greycloak.text import patterns
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
_SEPARATORS = " ^_,;:=/|&~+-\t\r\n\f،؛、，；：・　"
_CLOSE_TO_WORDS = frozenset(",;:،؛、，；：")
_LONGEST_NAME = 324
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
        if not is_harmless_token(fold(found[0])):
            yield Finding(start, stop, "unknown-word")


def _unknown_rest(text: str, start: int, stop: int, taken: Finding) -> Iterator[Finding]:
    """Yield what is left of a word of which a part was found, unless it is harmless by itself."""
    for first, last in ((start, taken.start), (taken.stop, stop)):
        if first < last and not is_harmless_token(fold(text[first:last]).strip(".'-’")):
            yield Finding(first, last, "unknown-word")


def without(text: str, findings: list[Finding]) -> str:
    """Return a text without what was found; separators that stood around it become one, empty brackets none."""
    kept = text[: findings[0].start]
    pending = ""
    for finding, following in zip(findings, [*findings[1:], None], strict=True):
        piece = text[finding.stop : following.start if following else len(text)]
        left, before = _without_end(kept)
        right = piece.lstrip(_SEPARATORS)
        pending += before + piece[: len(piece) - len(right)]
        while left and right and left[-1] + right[0] in _BRACKETS:
            left, before = _without_end(left[:-1])
            inner = right[1:].lstrip(_SEPARATORS)
            pending += before + right[1 : len(right) - len(inner)]
            right = inner
        if right:
            kept = left + (_separator(pending) if left else "") + right
            pending = ""
        else:
            kept = left
    return kept


def _without_end(text: str) -> tuple[str, str]:
    rest = text.rstrip(_SEPARATORS)
    return rest, text[len(rest) :]


def _separator(around: str) -> str:
    """Return the one separator that is left of all that stood around a cut."""
    if "\n" in around:
        return "\n"
    marks = [character for character in around if not character.isspace()]
    if not marks or not any(map(str.isspace, around)):
        return marks[0] if marks else " "
    return f"{marks[0]} " if marks[0] in _CLOSE_TO_WORDS else f" {marks[0]} "
