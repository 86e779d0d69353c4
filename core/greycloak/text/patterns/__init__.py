"""Identities by their shape and by their neighbours: dates, numbers, contacts, addresses, names that nobody told us."""

from __future__ import annotations

import re
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
    residences,
    times,
)
from greycloak.text.patterns.address_parts import Both
from greycloak.text.patterns.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Span = tuple[int, int, str]

_BY_SHAPE = (dates.spans_in, times.spans_in, national.spans_in)
_WITH_JOINTS = (contacts.spans_in, identifiers.spans_in)
"""Underscores may be a part of what these find."""

_BY_WORDS = (postal.spans_in, eastern.spans_in)
_OF_PLACES = (residences.spans_in, addresses.spans_in)
_OF_WORDS = (institutions.spans_in, names.spans_in)
_JOINT = re.compile(r"(?<!\d)_|_(?!\d)")


def findings(text: str) -> list[Finding]:
    """Return what in a text has the form of an identity, in order; what overlaps is one finding.

    Takes time in proportion to the text's length, whatever is in it.
    """
    if not text or text.isspace():
        return []
    # An underscore joins words as a blank does, but between digits.
    spaced = _JOINT.sub(" ", text) if "_" in text else text
    found = [*_by_shape(spaced, (*_BY_SHAPE, *_WITH_JOINTS)), *_by_words(text, spaced)]
    if spaced is not text:
        found += _by_shape(text, _WITH_JOINTS)
    return merged(found)


def _by_shape(text: str, shapes: tuple[Callable[[str], Iterator[Span]], ...]) -> Iterator[Finding]:
    """Yield what digits and signs give away, in the folded text: digits of all scripts and widths are one there."""
    form = folded(text)
    if not any(map(str.isdigit, form.text)):
        if "@" not in text and "/" not in text and "." not in text:
            return
        shapes = (contacts.spans_in,)
    for spans_in in shapes:
        for start, stop, kind in spans_in(form.text):
            yield Finding(*form.span(start, stop), kind)


def _by_words(text: str, spaced: str) -> Iterator[Finding]:
    for spans_in in _BY_WORDS:
        yield from (Finding(*span) for span in spans_in(spaced))
    both = Both.of(spaced)
    for spans_of_places in _OF_PLACES:
        yield from (Finding(*span) for span in spans_of_places(both))
    words = words_of(text)
    if words:
        for spans_of in _OF_WORDS:
            yield from (Finding(*span) for span in spans_of(text, words))
