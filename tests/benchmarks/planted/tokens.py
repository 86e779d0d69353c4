"""Words of a text as the scorer compares them: MIDI-B's rules, a little stricter where its scorer is lenient.

MIDI-B splits with NLTK, so that ``Douglas^Davidson`` is one token and survives as two; here it is two.
Its tokens are sought anywhere, so that ``Li`` is found in ``limited``; here short ones are sought as words.
"""

from __future__ import annotations

import re
import unicodedata

_SEPARATORS = re.compile(r"""[\s,;:()\[\]{}"`\u201c\u201d\u2018\u2019\u2022^=_|<>*#&?!+~]+""")
_SHORT = 4
# The common ones of NLTK's list for English.
_STOPWORDS = frozenset(
    "a about after all am an and any are as at be been before but by can did do does for from had has have he her him "
    "his how i if in into is it its just me my no nor not now of off on once only or our out over own s same she so "
    "some such t than that the their them then there these they this to too under until up very was we were what when "
    "where which while who will with you your d m o re y".split()
)


def normal(text: str) -> str:
    """Return a text as it is compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def tokens(text: str) -> list[str]:
    """Return the words of a text that mean something."""
    words = (word.strip(".'-/\\") for word in _SEPARATORS.split(normal(text)))
    return list(dict.fromkeys(word for word in words if word not in _STOPWORDS and _means_something(word)))


def _means_something(word: str) -> bool:
    return len(word) > 1 or (bool(word) and not word.isascii() and unicodedata.category(word) == "Lo")


def occurs(token: str, text: str) -> bool:
    """Tell whether a token occurs in a normal text: as a word if it is short, anywhere else."""
    if len(token) >= _SHORT or not token.isascii():
        return token in text
    return re.search(rf"(?<![^\W_]){re.escape(token)}(?![^\W_])", text) is not None
