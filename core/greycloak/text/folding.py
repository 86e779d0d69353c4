"""One form for all spellings of a word: case, diacritics, width, invisible characters and look-alikes folded away."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters that no decomposition takes apart, as people write them without the key for it.
_PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ə": "e"}
)
# Letters of other scripts that look like a Latin one: a word may be written with a mixture of them.
_LOOK_ALIKES = str.maketrans("авекмнорстухіјѕαβεικνορτυχ", "abekmhopctyxijsabeikvoptux")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": ""})
_KATAKANA, _KANA_SHIFT = range(0x30A1, 0x30F7), 0x60
_DROPPED = frozenset({"Cf", "Mn", "Me", "Co"})
_HANGUL = range(0xAC00, 0xD7A4)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows where it comes from.

    Attributes
    ----------
    text : str
        The folded text.
    where : tuple of int or None
        For each of its characters, the index in the original text; None if both are alike.
    size : int
        Length of the original text.
    """

    text: str
    where: tuple[int, ...] | None
    size: int

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Return the span of the original text that a span of the folded one stands for.

        Invisible characters and accents behind it belong to it.
        """
        if self.where is None:
            return start, stop
        end = self.where[stop] if stop < len(self.where) else self.size
        return self.where[start], max(end, self.where[stop - 1] + 1)


def fold(text: str) -> str:
    """Return the folded form of a text."""
    if text.isascii():
        return text.lower()
    return "".join(map(_folded_character, unicodedata.normalize("NFC", text)))


def aligned(text: str) -> str:
    """Return the folded form of a text, as far as it has the same length: every character stands where it stood."""
    if text.isascii():
        return text.lower()
    pieces = map(_folded_character, text)
    return "".join(piece if len(piece) == 1 else character for piece, character in zip(pieces, text, strict=True))


def folded(text: str) -> Folded:
    """Return the folded form of a text, with the way back."""
    if text.isascii():
        return Folded(text.lower(), None, len(text))
    pieces = [_folded_character(character) for character in text]
    where = tuple(index for index, piece in enumerate(pieces) for _ in piece)
    return Folded("".join(pieces), where, len(text))


@lru_cache(maxsize=16384)
def _folded_character(character: str) -> str:
    if character.isascii():
        return character.lower()
    result = []
    for compatible in unicodedata.normalize("NFKC", character):
        for one in compatible.casefold():
            if unicodedata.category(one) in _DROPPED:
                continue
            result.append(_plain(one))
    return "".join(result)


def _plain(character: str) -> str:
    if ord(character) in _HANGUL:
        return character
    if ord(character) in _KATAKANA:
        character = chr(ord(character) - _KANA_SHIFT)
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    base = "".join(one for one in unicodedata.normalize("NFD", character) if unicodedata.category(one) != "Mn")
    return base.translate(_PLAIN).translate(_ARABIC).translate(_LOOK_ALIKES)
