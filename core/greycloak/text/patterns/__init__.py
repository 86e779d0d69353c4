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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.text.folding import Folded

# The first that claims a place says what stands there.
_BY_SHAPE = (contacts.spans_in, dates.spans_in, times.spans_in, national.spans_in, identifiers.spans_in)
_BY_WORDS = (addresses.spans_in, postal.spans_in, institutions.spans_in, names.spans_in, eastern.spans_in)


def findings(text: str) -> list[Finding]:
    """Return what in a text has the form of an identity, in order; what overlaps is one finding.

    Takes time in proportion to the text's length, whatever is in it.
    """
    if not text or text.isspace():
        return []
    return merged([*_by_shape(text, folded(text)), *_by_words(text)])


def _by_shape(text: str, form: Folded) -> Iterator[Finding]:
    """Yield what digits and signs give away, in the folded text: digits of all scripts and widths are one there."""
    if not any(map(str.isdigit, form.text)) and "@" not in text and "/" not in text and "." not in text:
        return
    taken: list[Finding] = []
    for spans_in in _BY_SHAPE:
        for start, stop, kind in spans_in(form.text):
            taken.append(Finding(*form.span(start, stop), kind))
    yield from taken


def _by_words(text: str) -> Iterator[Finding]:
    for spans_in in _BY_WORDS:
        for start, stop, kind in spans_in(text):
            yield Finding(start, stop, kind)
