"""What stands in images of somebody, from Faker's lists; and what stands there of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from faker import Faker

if TYPE_CHECKING:
    from random import Random

LATIN = ("en_US", "de_DE", "fr_FR", "es_ES", "pl_PL", "tr_TR", "it_IT", "nl_NL")
SCRIPTS = {
    "greek": "el_GR", "han": "zh_CN", "kana": "ja_JP",
    "arabic": "ar_SA", "cyrillic": "ru_RU", "hangul": "ko_KR", "hebrew": "he_IL", "thai": "th_TH",
}  # fmt: skip
READ = frozenset({"latin", "greek", "han", "kana"})
"""Scripts of the models in rapidocr's wheel."""

_DATES = ("%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%Y%m%d", "%d/%m/%y", "%b %d, %Y")
_HARMLESS = (
    "MI 1.1", "TIS 0.4", "TIB 0.2", "Gen THI", "28 Hz", "11.0 cm", "FR 32fps", "120 kV", "250 mA", "Gn 60", "DR 65",
    "C 61", "Zoom 1.5x", "3/3/4", "R", "L", "A", "P", "5 mm", "W 400 L 40", "Dist 1.06 cm", "2D", "PW 60 Hz",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Whose images they are: identifiers as an object's header would hold them."""

    script: str
    family: str
    given: str
    number: str
    accession: str
    born: date
    studied: date
    institution: str

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """Kinds and values, as the engine knows them."""
        return [
            ("name", f"{self.family}^{self.given}"),
            ("id", self.number),
            ("id", self.accession),
            ("date", f"{self.born:%Y%m%d}"),
            ("date", f"{self.studied:%Y%m%d}"),
            ("institution", self.institution),
        ]


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


def person(random: Random) -> Person:
    """Make up somebody; one in five writes in another script."""
    script = random.choice(sorted(SCRIPTS)) if random.random() < 0.2 else "latin"
    faker = _faker(SCRIPTS.get(script) or random.choice(LATIN))
    faker.seed_instance(random.randrange(1 << 30))
    born = date(1930, 1, 1) + timedelta(days=random.randrange(32000))
    return Person(
        script=script,
        family=faker.last_name(),
        given=faker.first_name(),
        number=random.choice(["{:08d}", "MRN{:07d}", "{:06d}-K", "P-{:06d}"]).format(random.randrange(10**6, 10**7)),
        accession=random.choice("AUX") + str(random.randrange(10**6, 10**8)),
        born=born,
        studied=date(2015, 1, 1) + timedelta(days=random.randrange(4000)),
        institution=f"{faker.city()} Hospital" if script == "latin" else faker.city(),
    )


def identity(who: Person, random: Random) -> tuple[str, list[str]]:
    """Return a line that says something of somebody, and the words of it that do."""
    day = random.choice([who.born, who.studied]).strftime(random.choice(_DATES))
    family = who.family.upper() if random.random() < 0.4 else who.family
    kind = random.choice(["name", "name", "name", "number", "day", "both", "place"])
    if kind == "number":
        number = random.choice([who.number, who.accession])
        return random.choice(["{}", "ID: {}", "Acc# {}", "PID {}"]).format(number), [number]
    if kind == "day":
        return random.choice(["{}", "DOB {}", "{} 14:23:08"]).format(day), day.split()
    if kind == "place":
        return who.institution, [word for word in who.institution.split() if word != "Hospital"]
    if who.script in {"han", "kana", "hangul"}:
        name = random.choice(["{}{}", "{} {}"]).format(who.family, who.given)
    else:
        name = random.choice(["{}, {}", "{}^{}", "{} {}"]).format(family, who.given)
    words = name.replace("^", " ").replace(",", " ").split()
    if kind == "both":
        return f"{name}  {who.number}", [*words, who.number]
    return name, words


def harmless(random: Random) -> str:
    """Return a line that is of nobody."""
    return random.choice(_HARMLESS)
