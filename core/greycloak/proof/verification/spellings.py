"""The ways in which an identifier is written down."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import permutations
from typing import TYPE_CHECKING

from greycloak.text.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.identifiers import Identifier

SHORTEST = 4
"""Fewer letters or digits stand for anything."""

_APART = re.compile(r"[\W_]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe"})
_MONTHS = (
    "january february march april may june july august september october november december".split(),
    "januar februar marz april mai juni juli august september oktober november dezember".split(),
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split(),
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
)
_EAST_ASIAN = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_SHORTEST_EAST_ASIAN = 3
_SHORTEST_OF_ADDRESS = 8
_ADDRESS_PARTS = re.compile(r"[,;^\n\r]+")
_NUMBER = re.compile(r"\d{5,}")
_MAX_NAME_PARTS = 4
_TITLES = frozenset("dr prof mr mrs ms md phd von van der den del los las the and med dipl".split())


def plain(text: str) -> str:
    """Return a text folded, with one space for whatever is neither letter nor digit, and one at each end."""
    return f" {_APART.sub(' ', fold(text)).strip()} "


@lru_cache(maxsize=65536)
def spellings(identifier: Identifier) -> frozenset[str]:
    """Return the spellings of an identifier in the form of `plain`, without the spaces at the ends.

    Empty if it is too short to mean anything.
    """
    found = {"name": _of_name, "date": _of_date, "address": _of_address}.get(identifier.kind, _of_id)(identifier.value)
    return frozenset(one for one in found if _is_long_enough(one) and not _is_weak(one))


def stands_apart(spelling: str) -> bool:
    """Tell whether a spelling has spaces around it in a text: in East Asian scripts, words have none."""
    return _EAST_ASIAN.search(spelling) is None


def _is_long_enough(spelling: str) -> bool:
    letters = spelling.replace(" ", "")
    return len(letters) >= (SHORTEST if stands_apart(letters) else _SHORTEST_EAST_ASIAN)


def _is_weak(spelling: str) -> bool:
    return len(set(spelling.replace(" ", ""))) == 1  # as 0000 or xxxx


def _of_name(value: str) -> Iterator[str]:
    for group in value.split("="):
        for text in {group, group.lower().translate(_UMLAUTS)}:
            parts = [part for part in plain(text).split() if part not in _TITLES]
            if not parts:
                continue
            if len(parts) <= _MAX_NAME_PARTS:
                for length in range(2, len(parts) + 1):
                    for some in permutations(parts, length):
                        yield " ".join(some)
                        yield "".join(some)
            else:
                yield " ".join(parts)
                yield " ".join(parts[:2])
            yield from parts
            if len(parts) > 1:
                yield from (f"{parts[0]} {part[0]}" for part in parts[1:])
                yield from (f"{part[0]} {parts[0]}" for part in parts[1:])


def _of_id(value: str) -> Iterator[str]:
    words = plain(value).strip()
    joined = words.replace(" ", "")
    yield words
    yield joined
    yield joined.lstrip("0")
    yield from _NUMBER.findall(joined)  # MRN-471108 is also known as 471108


def _of_address(value: str) -> Iterator[str]:
    yield from _of_id(value)
    for part in _ADDRESS_PARTS.split(value):
        words = plain(part).strip()
        if len(words) >= _SHORTEST_OF_ADDRESS:
            yield words


def _of_date(value: str) -> Iterator[str]:
    digits = value[:8]
    if len(digits) != 8 or not digits.isdigit():  # noqa: PLR2004  YYYYMMDD
        return
    year, month, day = digits[:4], digits[4:6], digits[6:]
    if not 1 <= int(month) <= 12:  # noqa: PLR2004
        return
    yield digits
    for one, other in ((month, day), (day, month)):
        yield f"{year} {one} {other}"
        yield f"{one} {other} {year}"
        yield f"{int(one)} {int(other)} {year}"
        yield f"{one}{other}{year}"
        yield f"{one} {other} {year[2:]}"
    yield f"{year}年{int(month)}月{int(day)}日"
    for names in _MONTHS:
        name = names[int(month) - 1]
        for word in {name, name[:3]}:
            for number in {day, str(int(day))}:
                yield f"{number} {word} {year}"
                yield f"{word} {number} {year}"
                yield f"{number}{word}{year}"
                yield f"{number} {word} {year[2:]}"
