"""How people write what identifies somebody: the forms that are looked for, folded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from greycloak.text.folding import fold

LETTERS = re.compile(r"[^\W\d_]+")
_NAME_GROUPS = re.compile("=")
_PARTS = re.compile(r"[^\W_]+")
_BESIDE_DIGITS = re.compile(r"(?<=\d)[^\W\d_]{4,}|[^\W\d_]{4,}(?=\d)")
_MIN_JOINED, _MAX_PARTS = 4, 5
_EAST_ASIAN = re.compile("[\u3005\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
# Umlauts are written with a second vowel by whoever lacks the key, and read back either way.
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe"}
_SHORTEST_WITH_DIGRAPH = 4
_DIGRAPHS = re.compile("ae|oe|ue|aa")
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya e i yi ye g".replace("-", "").split(
            " "
        ),
        strict=True,
    )
)
_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(), strict=True)
)

TITLES = frozenset("jr sr md phd dr prof mr mrs ms sir frau herr hr mme".split())
"""What people put beside names."""

PARTICLES = TITLES | frozenset(
    "al ap ben bin bint da das de degli dei del della den der des di do dos du el ibn la las le les lo los mac mc "
    "of ten ter van vom von y zu zum zur ii iii iv".split()
)
"""Words of names that name nobody by themselves."""

NOBODY = frozenset(
    "anonymous anonymized anonym anon unknown unbekannt none null test tester patient name phantom nobody deidentified "
    "noname male female removed withheld default service ct mr us xr cr dx mg pt nm qa qc xa rf ot".split()
)
"""What stands in attributes of names where there is no name."""


@dataclass(frozen=True, slots=True)
class NameForms:
    """How a name may be written.

    Attributes
    ----------
    words : frozenset of str
        Each of its parts, of two letters and more; in East Asian scripts of one and more.
    initials : frozenset of str
        First letters of its parts.
    joined : frozenset of str
        Parts written together, in any order, with full parts or initials.
    particles : frozenset of str
        Words that belong to it and name nobody by themselves.
    """

    words: frozenset[str]
    initials: frozenset[str]
    joined: frozenset[str]
    particles: frozenset[str]


@lru_cache(maxsize=4096)
def name_forms(name: str) -> NameForms:
    """Return the forms of a name; components and groups as in a value of PN (PS3.5 section 6.2.1)."""
    words: set[str] = set()
    joined: set[str] = set()
    initials: set[str] = set()
    particles: set[str] = set()
    for group in _NAME_GROUPS.split(name):
        parts = [spellings_of_word(part) for part in _PARTS.findall(group) if part.isalpha()]
        parts += [spellings_of_word(part) for part in _BESIDE_DIGITS.findall(group)]
        particles |= {form for part in parts for form in part & PARTICLES}
        parts = [part for part in parts if not part & PARTICLES and not part & NOBODY][:_MAX_PARTS]
        for part in parts:
            words |= {form for form in part if len(form) > 1 or is_east_asian(form)}
            initials |= {form[0] for form in part}
        joined |= _joined(parts)
    return NameForms(frozenset(words), frozenset(initials), frozenset(joined), frozenset(particles))


def is_east_asian(text: str) -> bool:
    """Tell whether a text has characters of a script that sets no spaces around a name."""
    return _EAST_ASIAN.search(text) is not None


def _joined(parts: list[frozenset[str]]) -> set[str]:
    found: set[str] = set()
    for one, other in permutations(parts, 2):
        for first in one:
            for second in other:
                found.add(first + second)
                if not is_east_asian(first + second):
                    found |= {first[0] + second, first + second[0]}
    for count in (3, 4):
        if len(parts) >= count:
            found |= {"".join(min(part) for part in order) for order in permutations(parts[:count])}
    return {form for form in found if len(form) >= _MIN_JOINED or is_east_asian(form)}


@lru_cache(maxsize=8192)
def spellings_of_word(word: str) -> frozenset[str]:
    """Return the folded forms of one part of a name: umlauts either way, and Latin letters for other scripts."""
    plain = fold(word)
    lower = word.casefold()
    spelled = "".join(_UMLAUTS.get(letter, letter) for letter in lower)
    forms = {plain, fold(spelled)}
    if len(plain) > _SHORTEST_WITH_DIGRAPH:
        forms.add(_DIGRAPHS.sub(lambda found: found[0][0], plain))
    for letters in (_CYRILLIC, _GREEK):
        if any(letter in letters for letter in lower):
            forms.add(fold("".join(letters.get(letter, letter) for letter in _without_accents(lower))))
    return frozenset(forms - {""})


def _without_accents(text: str) -> str:
    import unicodedata  # noqa: PLC0415  names outside Latin letters only

    return "".join(c if c in _CYRILLIC else unicodedata.normalize("NFD", c)[0] for c in text)


def squeezed(value: str) -> str:
    """Return the letters and digits of a value, folded."""
    return "".join(character for character in fold(value) if character.isalnum())
