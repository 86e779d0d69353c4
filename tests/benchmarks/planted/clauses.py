"""How an identity is woven into a text: the part of it that has to go.

``{}`` stands for the identity; what is around it may stay or go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.planted import spellings
from benchmarks.planted.phrases import seen_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from random import Random

    from benchmarks.planted.people import Patient


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of text with somebody's identity in it.

    Attributes
    ----------
    kind : str
        What is planted, for the reports.
    category : str
        MIDI-B's, a letter of HIPAA.
    text : str
        What is written.
    secret : str
        The part of it that must not stay.
    """

    kind: str
    category: str
    text: str
    secret: str


@dataclass(frozen=True, slots=True)
class Study:
    """What identifies a study."""

    uid: str
    day: date
    accession: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identity: its category, how often it occurs, frames around it, and its spellings."""

    name: str
    category: str
    weight: int
    frames: str
    spell: Callable[[Patient, date, Random], list[str]]


_FOREIGN_FRAMES = {
    "own name": {
        "de_DE": "für {}|Pat. {}|Patient {}|Name: {}|von {}",
        "fr_FR": "pour {}|patient {}|Nom: {}|M. {}",
        "es_ES": "para {}|paciente {}|Sr. {}",
        "pl_PL": "dla {}|Pacjent {}|Pan {}",
        "ja_JP": "{}様|{} 様|患者: {}|{}さん|for {}",
        "zh_CN": "患者{}|姓名: {}|{} 先生|for {}",
        "ru_RU": "для {}|пациент {}|ФИО: {}",
        "ko_KR": "{} 님|환자 {}|for {}",
        "el_GR": "για {}|ασθενής {}",
    },
    "birth date": {
        "de_DE": "geb. {}|Geb.-Dat. {}|* {}|GebDat: {}",
        "fr_FR": "né le {}|née le {}|DDN {}",
        "es_ES": "F.Nac {}|nacido el {}",
        "pl_PL": "ur. {}|data ur. {}",
        "ja_JP": "生年月日 {}|{}生",
        "zh_CN": "出生日期 {}|生于{}",
        "ru_RU": "д.р. {}|род. {}",
        "ko_KR": "생년월일 {}",
    },
}


def _own_names(patient: Patient, _day: date, _random: Random) -> list[str]:
    return spellings.names(patient.name, patient.locale)


def _old(patient: Patient, _day: date, random: Random) -> list[str]:
    del patient
    return [str(random.randint(90, 104))]


def _network(_patient: Patient, _day: date, random: Random) -> list[str]:
    return [f"10.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"]


def _link(patient: Patient, _day: date, _random: Random) -> list[str]:
    number = patient.patient_id.lower()
    return [f"http://pacs.example.org/view?pid={number}", f"https://ris.example.com/{number}"]


def _prior(_patient: Patient, day: date, random: Random) -> date:
    return day - timedelta(days=random.choice([0, 0, 1, 7, 182, 365, random.randrange(30, 3000)]))


KINDS = (
    Kind(
        "own name",
        "HIPAA-A",
        9,
        "for {}|for {}|{}|{}|pt {}|Pt: {}|Patient: {}|PATIENT {}|pt name {}|re {}|({})|{} unit|{} study|scan of {}"
        "|images of {}|Name={}|[{}]|Mr. {}|Ms {}|Mrs {}|belongs to {}|{} rpt",
        _own_names,
    ),
    Kind(
        "another's name",
        "HIPAA-A",
        5,
        "ref by Dr. {}|Dr {}|DR.{}|Dr. {}|per Dr. {}|Tech: {}|tech {}|read by {} MD|{}, MD|{} MD|Ref. Phys. {}|Prof. {}"
        "|Operator: {}|spoke with Dr {}|Rad: {}|performed by {} RT|Referring: {}|nurse {}|attn Dr. {}|Signed: {}",
        lambda patient, _day, random: spellings.others(
            random.choice([patient.stranger, patient.stranger, patient.physician, patient.reader, patient.operator])
        ),
    ),
    Kind(
        "patient ID",
        "HIPAA-H",
        6,
        "MRN {}|MRN: {}|MRN#{}|ID {}|ID: {}|PID {}|Pat.Nr. {}|#{}|{}|{}|PatID={}|ptid {}|UR {}|record {}",
        lambda patient, _day, random: spellings.numbers(random.choice([patient.patient_id] * 3 + [patient.other_id])),
    ),
    Kind(
        "birth date",
        "HIPAA-C",
        5,
        "DOB {}|DOB: {}|D.O.B. {}|born {}|b. {}|dob={}|(DOB {})|Birth {}|{}",
        lambda patient, _day, _random: spellings.dates(patient.birth, patient.locale),
    ),
    Kind(
        "date",
        "HIPAA-C",
        5,
        "{}|on {}|prior {}|compared to {}|dated {}|seen {}|exam {}|surgery {}|since {}|LMP {}|done {}|Admit {}|vom {}",
        lambda patient, day, random: spellings.dates(_prior(patient, day, random), patient.locale),
    ),
    Kind(
        "telephone number",
        "HIPAA-D",
        4,
        "call {}|tel {}|Tel: {}|ph {}|Phone {}|cell {}|pager {}|fax {}|contact {}|{}",
        lambda patient, _day, _random: spellings.phones(patient.phone, patient.locale),
    ),
    Kind("e-mail", "HIPAA-F", 2, "mail {}|email {}|{}|send to {}|contact {}", lambda p, _d, _r: [p.email]),
    Kind(
        "address",
        "HIPAA-B",
        3,
        "lives at {}|addr {}|Address: {}|resides {}|home: {}",
        lambda patient, _day, _random: spellings.addresses(patient),
    ),
    Kind(
        "institution",
        "HIPAA-B",
        3,
        "at {}|from {}|{}|outside study {}|xfer {}|done at {}",
        lambda patient, _day, _random: [patient.institution],
    ),
    Kind("national ID", "HIPAA-G", 2, "SSN {}|SSN: {}|SS# {}|nat. ID {}", lambda p, _d, _r: [p.national_id]),
    Kind("insurance", "HIPAA-I", 1, "Ins# {}|policy {}|Insurance {}", lambda p, _d, _r: [p.insurance]),
    Kind("age over 89", "HIPAA-C", 1, "{} y/o|{}yo|age {}|{} years old|aged {}", _old),
    Kind("address on the net", "HIPAA-N", 1, "see {}|{}|link {}", _link),
    Kind("IP address", "HIPAA-O", 1, "from {}|host {}|sent by {}", _network),
)
STUDY = Kind("UID", "HIPAA-R", 1, "{}|uid {}|Study {}|ref {}", lambda _patient, _day, _random: [])
ACCESSION = Kind(
    "accession number",
    "HIPAA-R",
    4,
    "ACC {}|Acc# {}|accession {}|Acc:{}|order {}|{}|A# {}",
    lambda _patient, _day, _random: [],
)


def clause(random: Random, split: str, patient: Patient, study: Study) -> Clause:
    """Make up a piece of text with an identity in it."""
    every = (*KINDS, ACCESSION, STUDY)
    kind = random.choices(every, [each.weight for each in every])[0]
    if kind is ACCESSION:
        ways = spellings.numbers(study.accession)
    elif kind is STUDY:
        ways = [study.uid]
    else:
        ways = kind.spell(patient, study.day, random)
    secret = random.choice(ways)
    if kind.name == "another's name" and len(secret) < 3:
        secret = f"{patient.stranger.given} {patient.stranger.family}"
    frame = random.choice(seen_by(split, _frames(kind, patient.locale)))
    return Clause(kind.name, kind.category, frame.replace("{}", secret), secret.removesuffix("'s"))


def _frames(kind: Kind, locale: str) -> list[str]:
    own = _FOREIGN_FRAMES.get(kind.name, {}).get(locale)
    return (own.split("|") * 2 if own else []) + kind.frames.split("|")
