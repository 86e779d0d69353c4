"""Numbers that a state gives to a person, by form and check digits. All in folded text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_VERHOEFF = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_VERHOEFF_PLACES = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_CHINESE_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FINNISH_MARKS = "0123456789abcdefhjklmnprstuvwxy"
_SPANISH_MARKS = "trwagmyfpdxbnjzsqvhlcke"


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdigit()]


def _weighted(numbers: list[int], weights: tuple[int, ...]) -> int:
    return sum(number * weight for number, weight in zip(numbers, weights, strict=False))


def _luhn(text: str) -> bool:
    numbers = _digits(text)[-10:]
    doubled = [sum(divmod(number * (2 - at % 2), 10)) for at, number in enumerate(numbers)]
    return sum(doubled) % 10 == 0


def _nhs(text: str) -> bool:
    numbers = _digits(text)
    return (11 - _weighted(numbers, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11) % 11 == numbers[9]


def _german_tax(text: str) -> bool:
    numbers = _digits(text)
    product = 10
    for number in numbers[:10]:
        product = ((number + product) % 10 or 10) * 2 % 11
    return numbers[0] != 0 and (11 - product) % 10 == numbers[10]


def _german_insurance(text: str) -> bool:
    letter = f"{ord(text[0]) - ord('a') + 1:02}"
    numbers = _digits(letter + text[1:10])
    sums = [sum(divmod(number * (1 + at % 2), 10)) for at, number in enumerate(numbers[:10])]
    return sum(sums) % 10 == numbers[10]


def _dutch(text: str) -> bool:
    numbers = _digits(text)
    return sum(numbers) > 0 and _weighted(numbers, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def _french(text: str) -> bool:
    plain = re.sub(r"[ .-]", "", text).replace("2a", "19").replace("2b", "18")
    return len(plain) == 15 and 97 - int(plain[:13]) % 97 == int(plain[13:])  # noqa: PLR2004


def _spanish(text: str) -> bool:
    plain = re.sub(r"[ .-]", "", text)
    number = plain[:-1].translate(str.maketrans("xyz", "012"))
    return _SPANISH_MARKS[int(number) % 23] == plain[-1]


def _finnish(text: str) -> bool:
    return _FINNISH_MARKS[int(text[:6] + text[7:10]) % 31] == text[10]


def _norwegian(text: str) -> bool:
    numbers = _digits(text)
    first = -_weighted(numbers, (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11
    second = -_weighted(numbers, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return [first, second] == numbers[9:]


def _swiss(text: str) -> bool:
    return sum(number * (1 + 2 * (at % 2)) for at, number in enumerate(_digits(text))) % 10 == 0


def _polish(text: str) -> bool:
    return _weighted(_digits(text), (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def _brazilian(text: str) -> bool:
    numbers = _digits(text)
    first = _weighted(numbers, (10, 9, 8, 7, 6, 5, 4, 3, 2)) * 10 % 11 % 10
    second = _weighted(numbers, (11, 10, 9, 8, 7, 6, 5, 4, 3, 2)) * 10 % 11 % 10
    return [first, second] == numbers[9:]


def _chinese(text: str) -> bool:
    return "10x98765432"[_weighted(_digits(text[:17]), _CHINESE_WEIGHTS) % 11] == text[17]


def _japanese(text: str) -> bool:
    numbers = _digits(text)
    rest = _weighted(numbers, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == numbers[11]


def _indian(text: str) -> bool:
    check = 0
    for at, number in enumerate(reversed(_digits(text))):
        check = _VERHOEFF[check][_VERHOEFF_PLACES[at % 8][number]]
    return check == 0


def _turkish(text: str) -> bool:
    numbers = _digits(text)
    tenth = (7 * sum(numbers[0:9:2]) - sum(numbers[1:8:2])) % 10
    return numbers[0] != 0 and tenth == numbers[9] and sum(numbers[:10]) % 10 == numbers[10]


def _any(_: str) -> bool:
    return True


# How many digits one has at least, its form, and what must be true of it: any of these.
_FORMS: tuple[tuple[int, str, tuple[Callable[[str], bool], ...]], ...] = (
    (9, r"(?!000|666)[0-8]\d\d[ -](?!00)\d\d[ -](?!0000)\d{4}", (_any,)),  # USA
    (10, r"\d{3}[ -]\d{3}[ -]\d{4}|\d{10}", (_nhs, _luhn)),  # England; Sweden
    (11, r"\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}", (_german_tax, _norwegian, _polish, _turkish, _brazilian)),
    (9, r"[a-z]\d{9}", (_german_insurance,)),
    (9, r"\d{9}|\d{4}\.\d{2}\.\d{3}|\d{3}\.\d{3}\.\d{3}", (_dutch,)),
    (13, r"[12][ .-]?\d\d[ .-]?\d\d[ .-]?(?:\d\d|2[ab])[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d\d", (_french,)),
    (7, r"[a-z]{6}\d\d[abcdehlmprst]\d\d[a-z]\d{3}[a-z]", (_any,)),  # Italy
    (7, r"(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[xyz][ -]?\d{7})[ -]?[a-z]", (_spanish,)),
    (10, r"(?:19|20)?\d{2}[01]\d[0-9]\d[-+]\d{4}", (_luhn,)),  # Sweden
    (10, r"[0-3]\d[01]\d\d\d-\d{4}", (_any,)),  # Denmark
    (9, r"[0-3]\d[01]\d\d\d[-+a-fu-y]\d{3}[0-9a-y]", (_finnish,)),
    (11, r"[0-3]\d[01]\d\d\d[ ]\d{5}", (_norwegian,)),
    (13, r"756\.?\d{4}\.?\d{4}\.?\d{2}", (_swiss,)),
    (11, r"\d{3}\.\d{3}\.\d{3}-\d{2}", (_any,)),  # Brazil
    (17, r"[1-9]\d{5}(?:19|20)\d{9}[\dx]", (_chinese,)),
    (12, r"\d{4}[ -]?\d{4}[ -]?\d{4}", (_japanese, _indian)),
    (13, r"\d{2}[01]\d[0-3]\d-[1-8]\d{6}", (_any,)),  # Korea
    (4, r"[a-z]{5}\d{4}[a-z]", (_any,)),  # India, tax
    (6, r"(?!bg|gb|nk|kn|tn|nt|zz)[a-ceghj-prtw-z]{2}[ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[a-d]", (_any,)),  # United Kingdom
)
_SHAPES = tuple((digits, re.compile(rf"(?<![\w.,-])(?:{form})(?![\w-])"), checks) for digits, form, checks in _FORMS)


def spans_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where national numbers stand in a folded text."""
    count = sum(map(str.isdigit, text))
    for digits, shape, checks in _SHAPES:
        if count < digits:
            continue
        for found in shape.finditer(text):
            if any(check(found[0]) for check in checks):
                yield *found.span(), "national-id"
