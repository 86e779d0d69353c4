"""Identities by their shape and by their neighbours: dates, numbers, contacts, addresses, names that nobody told us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.text.findings import Finding, merged
from greycloak.text.folding import folded
from greycloak.text.patterns import (
    addresses,
    contacts,
    dates,
    eastern,
    identifiers,
    institutions,
    names,
    national,
    postal,
    times,
)
from greycloak.text.patterns.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.folding import Folded

# Only the first of them finds something where no digit is.
_BY_SHAPE = (contacts.spans_in, dates.spans_in, times.spans_in, national.spans_in, identifiers.spans_in)
_BY_WORDS = (addresses.spans_in, postal.spans_in, eastern.spans_in)
_OF_WORDS = (institutions.spans_in, names.spans_in)


def findings(text: str) -> list[Finding]:
    """Return what in a text has the form of an identity, in order; what overlaps is one finding.

    Takes time in proportion to the text's length, whatever is in it.
    """
    if not text or text.isspace():
        return []
    return merged([*_by_shape(text, folded(text)), *_by_words(text)])


def _by_shape(text: str, form: Folded) -> Iterator[Finding]:
    """Yield what digits and signs give away, in the folded text: digits of all scripts and widths are one there."""
    if any(map(str.isdigit, form.text)):
        shapes = _BY_SHAPE
    elif "@" in text or "/" in text or "." in text:
        shapes = _BY_SHAPE[:1]
    else:
        return
    for spans_in in shapes:
        for start, stop, kind in spans_in(form.text):
            yield Finding(*form.span(start, stop), kind)


def _by_words(text: str) -> Iterator[Finding]:
    for spans_in in _BY_WORDS:
        for start, stop, kind in spans_in(text):
            yield Finding(start, stop, kind)
    words = words_of(text)
    if words:
        for spans_of in _OF_WORDS:
            for start, stop, kind in spans_of(text, words):
                yield Finding(start, stop, kind)
