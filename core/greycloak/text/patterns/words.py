"""The words of a text, each with what it may be: a name, a plain word, a title."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from greycloak.text.folding import fold
from greycloak.text.gazetteer import is_given_name, is_name, is_surname
from greycloak.text.vocabulary import equipment_words, is_harmless

_TOKEN = re.compile(r"[^\W\d_]+(?:['’`´-][^\W\d_]+)*")
_JOINTS = re.compile(r"['’`´-]")
_POSSESSIVE = re.compile(r"['’`´]s$")


class Kind(NamedTuple):
    """What a word may be.

    Attributes
    ----------
    given, surname : bool
        It is known as a given name, as a surname; of a double name, each part.
    plain : bool
        It is a word of radiology, of a language or of equipment.
    """

    given: bool
    surname: bool
    plain: bool

    @property
    def is_name(self) -> bool:
        """Whether it is known as a name."""
        return self.given or self.surname

    @property
    def is_only_name(self) -> bool:
        """Whether it is known as a name, and as nothing else."""
        return self.is_name and not self.plain

    @property
    def is_unknown(self) -> bool:
        """Whether it is known as nothing at all."""
        return not self.is_name and not self.plain


class Word(NamedTuple):
    """A word of a text, and where it stands.

    Attributes
    ----------
    raw, folded : str
        As it is written, and folded, without a possessive.
    start, stop : int
        Where it stands.
    kind : Kind
        What it may be.
    """

    raw: str
    folded: str
    start: int
    stop: int
    kind: Kind

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital letter, or its script has none."""
        return not self.raw[0].islower()

    @property
    def is_loud(self) -> bool:
        """Whether it is written in capitals only."""
        return self.raw.isupper()

    @property
    def is_initial(self) -> bool:
        """Whether it is one capital letter."""
        return len(self.raw) == 1 and self.raw.isupper()


def words_of(text: str) -> list[Word]:
    """Return the words of a text: runs of letters, with hyphens and apostrophes inside."""
    found = []
    for match in _TOKEN.finditer(text):
        word = _POSSESSIVE.sub("", fold(match[0]))
        found.append(Word(match[0], word, *match.span(), kind_of(word)))
    return found


@lru_cache(maxsize=16384)
def kind_of(word: str) -> Kind:
    """Return what a folded word may be."""
    parts = [part for part in _JOINTS.split(word) if part]
    if len(parts) > 1:
        kinds = [kind_of(part) for part in parts]
        joined = "".join(parts)
        is_double = all(kind.is_name for kind in kinds) or is_name(joined) or is_name(word)
        is_plain = all(kind.plain for kind in kinds)
        return Kind(
            given=is_double and kinds[0].given,
            surname=is_double and (kinds[-1].surname or is_surname(joined)),
            plain=is_plain or (is_harmless(joined) and not is_double),
        )
    plain = is_harmless(word) or (word in equipment_words() and not is_name(word)) or len(word) == 1
    return Kind(given=is_given_name(word), surname=is_surname(word), plain=plain)
