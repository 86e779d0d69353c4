"""Find the known names of an object in a text: whole words, joined, with initials, and misspelt by one letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from greycloak.text.spellings import LETTERS, TITLES, is_east_asian, name_forms
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MIN_CONTAINED = _MIN_MISSPELT = 6
"""Letters from which on a part of a name counts inside of a longer word, or with one letter wrong."""

_MAX_MISSPELT = 32
_SHORT_GAP = re.compile(r"[\s.,^_'’=،、・-]{0,3}")
_APOSTROPHES = frozenset("'’`´")
_BEFORE_NAMES = frozenset("mr mrs ms herr frau sir mme".split())
"""Titles that nobody puts behind a name but with a comma; "MR" there is rather a modality."""

_HONORIFICS = frozenset(
    "さま さん 様 先生 氏 殿 君 くん ちやん 医師 씨 님 군 양 선생님 교수 先生 女士 小姐 医生 太太 主任".split()
)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    stop: int


@dataclass(frozen=True)
class Names:
    """The names of an object.

    Attributes
    ----------
    words : frozenset of str
        Parts of names, folded: each counts as a whole word.
    joined : frozenset of str
        Parts written together: each counts as a whole word as well; in East Asian scripts wherever it stands.
    initials : frozenset of str
        First letters: they count beside a part of a name.
    beside : frozenset of str
        Particles and titles, which do so as well.
    """

    words: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()
    initials: frozenset[str] = frozenset()
    beside: frozenset[str] = TITLES

    @classmethod
    def of(cls, patients: Iterable[str], others: Iterable[str]) -> Names:
        """Return the forms of some names.

        Parameters
        ----------
        patients : iterable of str
            Names of the patient: every part of them counts.
        others : iterable of str
            Names of others. Staff is often entered by function ("CT^Tech"): what is a plain word counts only with
            the rest of the name.
        """
        own = [name_forms(name) for name in patients]
        foreign = [name_forms(name) for name in others]
        words = {word for forms in own for word in forms.words}
        words |= {word for forms in foreign for word in forms.words if not is_harmless(word) or is_east_asian(word)}
        every = [*own, *foreign]
        return cls(
            frozenset(words),
            frozenset(form for forms in every for form in forms.joined),
            frozenset(letter for forms in every for letter in forms.initials),
            TITLES.union(particle for forms in every for particle in forms.particles),
        )

    @cached_property
    def unspaced(self) -> frozenset[str]:
        """Forms that count wherever they stand: scripts without spaces, of two characters and more."""
        return frozenset(form for form in self.words | self.joined if len(form) > 1 and is_east_asian(form))

    @cached_property
    def _long(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if len(word) >= _MIN_CONTAINED and not is_east_asian(word))

    @cached_property
    def _misspelt(self) -> dict[str, set[str]]:
        """Long parts by what is left of them with one letter out."""
        found: dict[str, set[str]] = {}
        for word in self._long:
            for shorter in _with_one_out(word):
                found.setdefault(shorter, set()).add(word)
        return found

    def spans_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where names stand in a folded text; the parts of one, with what joins them, are one."""
        if not self.words and not self.joined:
            return
        words = [_Word(found[0], *found.span()) for found in LETTERS.finditer(text)]
        is_name = [self._is_name(word.text) for word in words]
        if not any(is_name):
            return
        self._spread(text, words, is_name)
        start = stop = -1
        for word in (word for word, named in zip(words, is_name, strict=True) if named):
            if start >= 0 and not _SHORT_GAP.fullmatch(text, stop, word.start):
                yield start, stop
                start = -1
            start, stop = (word.start if start < 0 else start), word.stop
        yield start, stop

    def _is_name(self, word: str) -> bool:
        if word in self.words or word in self.joined:
            return True
        if is_east_asian(word):
            return any(word.endswith(one) and word[: -len(one)] in self.words for one in _HONORIFICS)
        if len(word) < _MIN_MISSPELT - 1 or is_harmless(word):
            return False
        return any(part in word for part in self._long) or (len(word) <= _MAX_MISSPELT and self._is_misspelt(word))

    def _is_misspelt(self, word: str) -> bool:
        candidates: set[str] = set()
        for shorter in _with_one_out(word):
            candidates |= self._misspelt.get(shorter, set())
        return any(_is_one_edit_apart(word, other) for other in candidates)

    def _spread(self, text: str, words: list[_Word], is_name: list[bool]) -> None:
        """Count initials, particles and possessives beside a name as names."""
        for step in (1, -1):
            order = range(len(words)) if step > 0 else range(len(words) - 1, -1, -1)
            for at in order:
                beside = at - step
                if is_name[at] or not 0 <= beside < len(words) or not is_name[beside]:
                    continue
                left, right = (words[beside], words[at]) if step > 0 else (words[at], words[beside])
                gap = text[left.stop : right.start]
                word = words[at].text
                is_initial = len(word) == 1 and word in self.initials and not self._is_cut_short(text, words[at], step)
                is_title = word in self.beside and (step < 0 or word not in _BEFORE_NAMES or "," in gap or "^" in gap)
                is_possessive = step > 0 and word == "s" and gap in _APOSTROPHES
                if (_SHORT_GAP.fullmatch(gap) and (is_initial or is_title)) or is_possessive:
                    is_name[at] = True

    def _is_cut_short(self, text: str, word: _Word, step: int) -> bool:
        """Tell whether a letter beside a name belongs to what is on its other side: "s/p", "b1000", "i.v.", "d'une"."""
        outside = text[word.stop : word.stop + 1] if step > 0 else text[max(word.start - 1, 0) : word.start]
        if outside == "." and step < 0:
            before = text[max(word.start - 2, 0) : word.start - 1]
            return before.isalpha() and before not in self.initials
        return outside.isdigit() or (outside != "" and outside in "/'’")


def honorific_at(text: str, at: int) -> int:
    """Return how many characters of a folded text, from an index on, are what is put behind a name."""
    return next((len(one) for one in _HONORIFICS if text.startswith(one, at)), 0)


def _with_one_out(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _is_one_edit_apart(one: str, other: str) -> bool:
    """Tell whether two words differ by one letter that is missing, added, wrong, or swapped with the next."""
    if len(one) > len(other):
        one, other = other, one
    start = next((at for at, letter in enumerate(one) if letter != other[at]), len(one))
    rest, other_rest = one[start:], other[start:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    return rest[1:] == other_rest[1:] or (rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:])
