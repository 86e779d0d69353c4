"""How people write down who somebody is: names, dates, numbers in other shapes than the attributes have."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from benchmarks.planted.people import Name, Patient

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_STROKES = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "đ": "d", "ß": "ss"})
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace("_", "").split(" "),
        strict=True,
    )
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_LONG_MONTHS = (
    "January February March April May June July August September October November December".split()
)  # fmt: skip
_OTHER_MONTHS = {
    "de_DE": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "fr_FR": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "es_ES": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}


def plain(text: str) -> str:
    """Return a text without diacritics."""
    decomposed = unicodedata.normalize("NFD", text.translate(_STROKES))
    return unicodedata.normalize("NFC", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))


def latin(text: str) -> str:
    """Return a Cyrillic text in Latin letters."""
    written = "".join(_CYRILLIC.get(letter.lower(), letter) for letter in text)
    return written[:1].upper() + written[1:]


def names(name: Name, locale: str) -> list[str]:
    """Return ways to write a patient's own name."""
    family, given = name.family, name.given
    ways = [
        *[f"{given} {family}", f"{family}^{given}", f"{family}, {given}"] * 2,
        f"{family} {given}",
        f"{family} {given}".upper(),
        f"{family}, {given}".upper(),
        f"{given} {family}".lower(),
        f"{given[0]}. {family}",
        f"{family} {given[0]}.",
        f"{family}, {given[0]}",
        f"{family}_{given}",
        f"{given}^{family}",
        f"{given}.{family}",
        f"{family}-{given}",
        f"{given}{family}",
        f"{family}{given}".upper(),
        f"{given} {family}'s",
        f"{family}'s",
        family,
        family.upper(),
        name.pn.partition("=")[0],
    ]
    if len(family) >= 6 and family.isalpha():
        ways += [f"{given} {family[:2]}{family[3:]}", f"{family[:-3]}{family[-2]}{family[-3]}{family[-1]}, {given}"]
    if plain(family + given) != family + given and locale not in {"ru_RU", "el_GR"}:
        ways += [f"{plain(given)} {plain(family)}", f"{plain(family)}, {plain(given)}".upper()] * 2
    if locale == "de_DE" and (family + given).translate(_GERMAN) != family + given:
        ways += [f"{family} {given}".translate(_GERMAN), f"{family}^{given}".translate(_GERMAN).upper()] * 2
    if locale == "ru_RU":
        ways += [f"{latin(family)} {latin(given)}", f"{latin(given)} {latin(family)}"]
    if name.ideographs:
        ways += ["".join(name.ideographs), " ".join(name.ideographs), "^".join(name.ideographs)] * 3
        if len(name.ideographs[0]) > 1:
            ways.append(name.ideographs[0])
    if locale == "ja_JP":
        ways.append("".join(chr(ord(letter) + 0xFEE0) for letter in family.upper() if letter.isascii()))
    if name.phonetic:
        ways.append(" ".join(name.phonetic))
    return ways


def others(name: Name) -> list[str]:
    """Return ways to write the name of somebody else."""
    family, given = name.family, name.given
    return [family, family, f"{given} {family}", f"{given[0]}. {family}", f"{family}, {given}", family.upper()]


def dates(day: date, locale: str) -> list[str]:
    """Return ways to write a date."""
    ways = [
        f"{day:%Y%m%d}",
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day:%d.%m.%Y}",
        f"{day:%m/%d/%Y}",
        f"{day.month}/{day.day}/{day:%Y}",
        f"{day:%m-%d-%Y}",
        f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        f"{day:%d}-{_MONTHS[day.month - 1].upper()}-{day.year}",
        f"{_LONG_MONTHS[day.month - 1]} {day.day}, {day.year}",
        f"{_MONTHS[day.month - 1]} {day.day} {day.year}",
    ]
    if locale in _OTHER_MONTHS:
        ways += [f"{day.day}. {_OTHER_MONTHS[locale][day.month - 1]} {day.year}", f"{day.day}.{day.month}.{day.year}"]
    if locale in {"ja_JP", "zh_CN"}:
        ways += [f"{day.year}年{day.month}月{day.day}日"] * 3
    if locale == "ko_KR":
        ways.append(f"{day.year}년 {day.month}월 {day.day}일")
    return ways


def numbers(number: str) -> list[str]:
    """Return ways to write an ID."""
    bare = number.replace("-", "")
    ways = [*[number] * 4, number.lower(), bare]
    if len(bare) == 8:
        ways += [f"{bare[:4]}-{bare[4:]}", f"{bare[:2]}-{bare[2:5]}-{bare[5:]}", f"{bare[:4]} {bare[4:]}"]
    if bare.startswith("00"):
        ways.append(bare.lstrip("0"))
    return ways


def phones(phone: str, locale: str) -> list[str]:
    """Return ways to write a telephone number."""
    digits = "".join(letter for letter in phone.partition("x")[0] if letter.isdigit())[-10:]
    ways = [phone, phone]
    if locale == "en_US" and len(digits) == 10:
        area, exchange, line = digits[:3], digits[3:6], digits[6:]
        ways += [f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", f"{area}.{exchange}.{line}"]
        ways += [f"+1 {area} {exchange} {line}", f"1-{area}-{exchange}-{line}"]
    return ways


def addresses(patient: Patient) -> list[str]:
    """Return ways to write where a patient lives."""
    street = patient.street.replace("\n", " ")
    return [street, f"{street}, {patient.city}", f"{street}, {patient.city} {patient.postcode}"]
