"""Made-up patients and the people around them, in ten languages and six scripts, from Faker's lists."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from faker import Faker

if TYPE_CHECKING:
    from random import Random

CHARACTER_SETS = {
    "en_US": ("ISO_IR 100", "ISO_IR 192", ""),
    "de_DE": ("ISO_IR 100", "ISO_IR 192"),
    "fr_FR": ("ISO_IR 100", "ISO_IR 192"),
    "es_ES": ("ISO_IR 100", "ISO_IR 192"),
    "pl_PL": ("ISO_IR 101", "ISO_IR 192"),
    "ja_JP": ("\\ISO 2022 IR 87", "ISO_IR 192"),
    "zh_CN": ("GB18030", "ISO_IR 192"),
    "ru_RU": ("ISO_IR 144", "ISO_IR 192"),
    "ko_KR": ("\\ISO 2022 IR 149", "ISO_IR 192"),
    "el_GR": ("ISO_IR 126", "ISO_IR 192"),
}
# Half of the patients are English, as in MIDI-B; the rest is spread evenly.
LOCALES = (*["en_US"] * 9, *(locale for locale in CHARACTER_SETS if locale != "en_US"))
LATIN = ("en_US", "de_DE", "fr_FR", "es_ES", "pl_PL")

# People are called so, and things are, too.
NAMES_THAT_ARE_WORDS = "Brown Young Hand May Stone Paris Long Grant Rose White Philips Frank Hill Woods Bone".split()

_HOSPITALS = {
    "en_US": ("{city} General Hospital", "{name} Memorial Hospital", "St. {given} Medical Center", "{city} Imaging"),
    "de_DE": ("Klinikum {city}", "St. {given}-Krankenhaus", "Radiologie {city}"),
    "fr_FR": ("CHU de {city}", "Clinique {name}", "Hôpital {name}"),
    "es_ES": ("Hospital {name}", "Clínica de {city}"),
    "pl_PL": ("Szpital Miejski {city}", "Klinika {name}"),
    "ja_JP": ("{city}総合病院", "{name}クリニック"),
    "zh_CN": ("{city}人民医院", "{city}中医院"),
    "ru_RU": ("Больница {city}", "Клиника {name}"),
    "ko_KR": ("{city} 병원",),
    "el_GR": ("Νοσοκομείο {city}",),
}


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name: letters, and ideographs where the language has them."""

    family: str
    given: str
    middle: str = ""
    ideographs: tuple[str, str] | None = None
    phonetic: tuple[str, str] | None = None

    @property
    def pn(self) -> str:
        """As a DICOM person name, with its component groups."""
        groups = ["^".join(part for part in (self.family, self.given, self.middle) if part)]
        groups += ["^".join(group) if group else "" for group in (self.ideographs, self.phonetic)]
        return "=".join(groups).rstrip("=")


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is to be hidden, and what is known of him and of those around him."""

    locale: str
    character_set: str
    name: Name
    mother: Name
    sex: str
    birth: date
    patient_id: str
    other_id: str
    national_id: str
    insurance: str
    phone: str
    email: str
    street: str
    city: str
    postcode: str
    physician: Name
    reader: Name
    operator: Name
    stranger: Name
    institution: str
    institution_address: str
    shift_start: date

    @property
    def latin(self) -> bool:
        """Whether he writes with Latin letters."""
        return self.locale in LATIN


class People:
    """Makes patients, always the same from the same source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._fakers: dict[str, Faker] = {}

    def patient(self, locale: str | None = None) -> Patient:
        """Make up a patient."""
        random = self.random
        locale = locale or random.choice(LOCALES)
        faker = self._faker(locale)
        sex = random.choice("MF")
        name = self.name(locale, sex)
        if locale == "en_US" and random.random() < 0.1:
            name = Name(random.choice(NAMES_THAT_ARE_WORDS), name.given)
        return Patient(
            locale=locale,
            character_set=random.choice(CHARACTER_SETS[locale]),
            name=name,
            mother=self.name(locale, "F"),
            sex=sex,
            birth=date(1931, 1, 1) + timedelta(days=random.randrange(75 * 365)),
            patient_id=self._id(),
            other_id=self._id(),
            national_id=self._faker("en_US").ssn() if locale == "en_US" else faker.ssn(),
            insurance=random.choice("ABCHKX") + self._digits(9),
            phone=faker.phone_number(),
            email=self._faker("en_US").free_email() if locale not in LATIN else faker.ascii_free_email(),
            street=faker.street_address(),
            city=faker.city(),
            postcode=faker.postcode(),
            physician=self.name(locale),
            reader=self.name(locale),
            operator=self.name(locale),
            stranger=self.name(random.choice([locale, "en_US"]) if locale in LATIN else "en_US"),
            institution=self._hospital(locale),
            institution_address=f"{faker.street_address()}, {faker.city()}".replace("\n", " "),
            shift_start=date(2009, 1, 1) + timedelta(days=random.randrange(15 * 365)),
        )

    def name(self, locale: str, sex: str | None = None) -> Name:
        """Make up a name."""
        faker, random = self._faker(locale), self.random
        female = (sex or random.choice("MF")) == "F"
        if locale == "ja_JP":
            family = faker.last_name_pair()
            given = (faker.first_name_female_pair if female else faker.first_name_male_pair)()
            return Name(family[2], given[2], "", (family[0], given[0]), (family[1], given[1]))
        given = (faker.first_name_female if female else faker.first_name_male)()
        family = self._family(faker, female=female)
        if locale == "zh_CN":
            latin = faker.romanized_name().split()
            return Name(latin[-1], "".join(latin[:-1]), "", (family, given))
        if locale == "ko_KR":
            return Name(_spoken(family), _spoken(given), "", (family, given))
        middle = random.choice("ABCDEFGHJKLMRST") if locale == "en_US" and random.random() < 0.3 else ""
        return Name(family, given, middle)

    def _family(self, faker: Faker, *, female: bool) -> str:
        sexed = getattr(faker, "last_name_female" if female else "last_name_male", faker.last_name)
        return str(sexed())

    def _hospital(self, locale: str) -> str:
        faker = self._faker(locale)
        template = self.random.choice(_HOSPITALS[locale])
        return template.format(city=faker.city(), name=faker.last_name(), given=faker.first_name())[:64]

    def _id(self) -> str:
        random = self.random
        letters = "".join(random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(3))
        return random.choice(
            [
                *[self._digits(8)] * 3,
                "00" + self._digits(6),
                f"{letters[0]}{self._digits(7)}",
                f"{letters[:2]}-{self._digits(6)}",
                f"{self._digits(3)}-{self._digits(4)}",
                f"MRN{self._digits(7)}",
                f"{letters}{self._digits(4)}{letters[::-1]}",
                self._digits(6),
            ]
        )

    def _digits(self, count: int) -> str:
        return "".join(self.random.choice("123456789" if not at else "0123456789") for at in range(count))

    def _faker(self, locale: str) -> Faker:
        if locale not in self._fakers:
            self._fakers[locale] = Faker(locale)
            self._fakers[locale].seed_instance(self.random.randrange(1 << 32))
        return self._fakers[locale]


def _spoken(hangul: str) -> str:
    """Write Hangul in Latin letters, by the names that Unicode gives its syllables."""
    return "".join(unicodedata.name(letter, "").rpartition(" ")[2].lower() for letter in hangul).capitalize()
