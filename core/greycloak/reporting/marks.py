"""What was cut out of a text: the parts of it that the new one no longer has."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.preview import Row

_TOKEN = re.compile(r"\w+|\W")
_TEXTS = frozenset("LO LT SH ST UC UN UT".split())
_MOST_TOKENS = 400
_LEAST_KEPT = 3


class Piece(NamedTuple):
    """A part of a text.

    Attributes
    ----------
    text : str
        The part.
    is_cut : bool
        Whether it is gone.
    """

    text: str
    is_cut: bool


def pieces_of(row: Row) -> tuple[Piece, ...]:
    """Return the value before in pieces: one, unless a part of a text was cut out of it."""
    before = row.before or ""
    if row.what != "replaced" or row.vr not in _TEXTS or not row.after:
        return (Piece(before, False),) if before else ()
    return cut_pieces(before, row.after)


def cut_pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return a text in pieces, those that another version lacks marked.

    A text of which hardly anything is left was replaced as a whole: nothing in it is marked then.
    """
    whole = (Piece(before, False),)
    old, new = (_TOKEN.findall(text)[:_MOST_TOKENS] for text in (before, after))
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {at for block in blocks for at in range(block.a, block.a + block.size)}
    kept_letters = sum(len(old[at]) for at in kept if old[at].isalnum())
    if kept_letters < min(_LEAST_KEPT, len(after)) or len(kept) == len(old):
        return whole
    return tuple(_joined(old, kept)) if "".join(old) == before else whole


def _joined(tokens: list[str], kept: set[int]) -> Iterator[Piece]:
    text, is_cut = "", False
    for at, token in enumerate(tokens):
        cut = at not in kept
        if text and cut != is_cut:
            yield Piece(text, is_cut)
            text = ""
        text, is_cut = text + token, cut
    if text:
        yield Piece(text, is_cut)
