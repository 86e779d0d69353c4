"""The parts of an address behind its street: house and flat numbers, towns, postal codes."""

from __future__ import annotations

import re
from typing import NamedTuple

from greycloak.text._words import alternatives, context
from greycloak.text.folding import aligned, fold
from greycloak.text.gazetteer import is_name, is_place, is_town
from greycloak.text.patterns.words import kind_of
from greycloak.text.vocabulary import is_harmless

MAX_WORDS = 6
"""Words of a street, or of a town."""

WORD = re.compile(r"[^\W\d_]+(?:['’`´.-][^\W\d_]+)*['’]?")
"""A word of a name, with hyphens and apostrophes inside."""

_TOWN_PREFIXES = frozenset(word.strip(".") for word in context("town prefix"))
PARTICLES = context("particle") | context("institution join") | context("town particle")
"""Small words in the names of streets and towns."""

SPACE = re.compile(r"[.]?[ ]{1,2}")
_GAP = re.compile(r"[ ]?[,\n][ \n]{0,2}|[ ]{1,2}")
_MEASURES = alternatives("measure")
_NOT_A_NUMBER = re.compile(rf"[ ]?(?:{_MEASURES})(?![^\W\d_])|[ ]?[x×*:][ ]?\d|[%°]")
_NUMBER = re.compile(
    r"(?:(?:no?[.º°]{0,2}|nr\.?|№|д\.|d\.|h\.no\.)[ ]?)?"
    r"\d{1,5}(?:[a-z]|[ ][a-z](?![\w.]))?(?:[/-]\d{1,5}[^\W\d_]?){0,3}\.?(?!\w|[.,]\d)"
)
_UNIT = re.compile(
    rf"[ ]?[,\n]?[ ]{{0,2}}(?:(?:{alternatives('unit label')})\.?[ ]?#?[ ]?\d{{1,5}}[^\W\d_]?(?:/\d{{1,4}})?"
    r"|#[ ]?\d{1,5}|\([^()\n\d]{1,24}\))(?!\w)"
)
_SHORT_CODE = 4
_CODE = re.compile(
    r"(?:(?:ΤΚ|TK|T\.K\.|C\.?P\.?|CAP|CEP|PLZ|ZIP|〒)[ :]{0,2})?(?:[A-Z]{1,3}-)?"
    r"(\d{2}-\d{3}|\d{4}-\d{3}|\d{3}-\d{4}|\d{5}-\d{3,4}|\d{3}[ ]\d{2}|\d{4}[ ]?[A-Z]{2}|\d{4,8}"
    r"|[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}|[A-Z]\d[A-Z][ ]?\d[A-Z]\d)(?![\w%]|[.,/:-]\d)"
)
_STATE_AND_CODE = re.compile(
    rf"(?:{alternatives('state').upper()})(?![^\W\d_])(?:,?[ ]{{1,2}}\d{{5}}(?:-\d{{4}})?(?!\w))?"
)
_MAX_PARTS = 5
_MAX_STREET = 10
_MIN_TOWN = 3


class Both(NamedTuple):
    """A text, and its folded form of the same length, for what needs capital letters and for what doesn't."""

    text: str
    plain: str

    @classmethod
    def of(cls, text: str) -> Both:
        """Return a text with its folded form."""
        return cls(text, aligned(text))


def is_clinical(word: str) -> bool:
    """Tell whether a folded word is a plain one, and no name of anybody or of a place."""
    return is_harmless(word) and not is_name(word) and not is_place(word)


def house_number(both: Both, at: int) -> int:
    """Return where a house number ends that begins at a place; the place itself if none does."""
    found = _NUMBER.match(both.plain, at)
    return found.end() if found and not is_measured(both.plain, found.end()) else at


def is_measured(plain: str, at: int) -> bool:
    """Tell whether what stands behind a number in a folded text makes it a size, a dose or a count."""
    return _NOT_A_NUMBER.match(plain, at) is not None


def behind_street(both: Both, stop: int) -> int:
    """Return where an address ends whose street and number end at a place: units, towns, states, postal codes."""
    has_code = False
    if both.text.startswith(".,", stop):
        stop += 1
    for _ in range(_MAX_PARTS):
        unit = _UNIT.match(both.plain, stop)
        if unit:
            stop = unit.end()
            continue
        gap = _GAP.match(both.text, stop)
        if not gap or has_code:
            break
        end, has_code = place(both, gap.end(), is_apart=not gap[0].isspace() or "\n" in gap[0])
        if end == gap.end():
            break
        stop = end
    return stop


def place(both: Both, at: int, *, is_apart: bool) -> tuple[int, bool]:
    """Return where a town ends, with the postal code before or behind it, and whether it had one.

    Parameters
    ----------
    both : Both
        The text.
    at : int
        Where it would begin.
    is_apart : bool
        Whether a comma or a new line stands before it: a town may be unknown then.
    """
    state = _STATE_AND_CODE.match(both.text, at)
    if state and (is_apart or state[0][-1].isdigit()):
        return state.end(), state[0][-1].isdigit()
    code = _code(both, at)
    if code:
        space = SPACE.match(both.text, code.end())
        town = _town(both.text, space.end(), is_sure=False, is_named=is_apart) if space else 0
        if len(code[1]) == _SHORT_CODE and not town:
            return (code.end(), True) if is_apart else (at, False)
        return town or code.end(), True
    stop = _town(both.text, at, is_sure=True)
    gap = _GAP.match(both.text, stop) if stop else None
    if gap:
        code = _code(both, gap.end())
        state = _STATE_AND_CODE.match(both.text, gap.end())
        if code:
            return code.end(), True
        if state and (not gap[0].isspace() or state[0][-1].isdigit()):
            return state.end(), state[0][-1].isdigit()
    stop = _town(both.text, at, is_sure=False)
    return (stop, False) if stop and (is_apart or is_place(fold(both.text[at:stop]))) else (at, False)


def _code(both: Both, at: int) -> re.Match[str] | None:
    code = _CODE.match(both.text, at)
    return code if code and not is_measured(both.plain, code.end()) else None


def _town(text: str, at: int, *, is_sure: bool, is_named: bool = False) -> int:
    """Return where a town ends that begins at a place; 0 if none does.

    If it is sure that one stands there, as before a postal code, plain words may be a part of it ("Lake Brown 12345").
    If it is named there, as behind a postal code, its first word may be a plain one ("24837 Schleswig").
    """
    stop = last = 0
    for count in range(MAX_WORDS):
        found = WORD.match(text, at)
        if not found:
            break
        word, raw = fold(found[0]).strip(".'"), found[0]
        is_part = word in _TOWN_PREFIXES or word in PARTICLES
        is_plain_name = (is_sure and is_like_a_name(raw)) or (
            is_named and not stop and raw[0].isupper() and len(raw) >= _MIN_TOWN
        )
        is_prefixed = last > stop == 0 and raw[0].isupper() and raw[1:].islower() and is_name(word)
        if not is_part and not is_plain_name and not is_prefixed and not is_a_name_here(word, raw, is_first=not count):
            break
        at = last = found.end()
        if not is_part or is_place(word):
            stop = at
        space = SPACE.match(text, at)
        if not space:
            break
        at = space.end()
    return last if is_sure else stop


def is_like_a_name(raw: str) -> bool:
    """Tell whether a word begins with a capital letter, or has none."""
    return not raw[0].islower()


def is_a_name_here(word: str, raw: str, *, is_first: bool) -> bool:
    """Tell whether a word behind a street is rather a part of the address than one of the examination."""
    if not is_like_a_name(raw):
        return False
    if is_first and (is_place(word) or (is_town(word) and not raw.isupper())):
        return True
    kind = kind_of(word)
    return not kind.plain and not (kind.is_unknown and raw.isupper() and raw.isascii())


def named_street(text: str, at: int, *, is_sure: bool) -> int:
    """Return where a street ends whose name begins at a place, as "de la Paix"; 0 if that is no name."""
    stop, is_named = 0, False
    for _ in range(_MAX_STREET):
        found = WORD.match(text, at)
        if not found:
            break
        word, raw = fold(found[0]).strip(".'"), found[0]
        is_named_here = is_a_name_here(word, raw, is_first=False) or (
            is_sure and not is_named and (raw[0].isupper() or not is_clinical(word)) and not _is_sign(raw)
        )
        is_last = is_sure and is_named and raw[0].isupper() and raw[1:].islower() and text.startswith(",", found.end())
        if not is_named_here and not is_last and word not in PARTICLES:
            break
        if word not in PARTICLES:
            stop, is_named = found.end(), True
        space = SPACE.match(text, found.end())
        if not space:
            break
        at = space.end()
    return stop


def _is_sign(raw: str) -> bool:
    """Tell whether a word is an abbreviation of the examination, as "AP"."""
    return raw.isupper() and is_harmless(fold(raw))
