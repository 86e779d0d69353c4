"""The whole set: patients, studies, series and objects, written with their answer key."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from benchmarks.planted.answers import Answers, write_key
from benchmarks.planted.clauses import Study
from benchmarks.planted.hosts import HOSTS, Host, load
from benchmarks.planted.people import Patient, People
from benchmarks.planted.planting import Identity, Shared, digest, plant, presence, share
from benchmarks.planted.texts import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

# What is written for the test is seen by nobody: only its figures are published.
SEEDS = {"dev": 20261125, "test": 7919_1129}
_ROOT = "1.3.6.1.4.1.14519.5.2.1"


@dataclass(frozen=True, slots=True)
class Series:
    """A series that is to be made."""

    patient: Patient
    writer: Writer
    host: Host
    study: str
    number: int
    objects: int
    study_texts: Shared
    day: date


def generate(folder: Path, split: str, patients: int) -> None:
    """Write the objects into ``folder/objects``, and the answer key beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "objects").mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_key(folder / "answers.sqlite", _objects(folder / "objects", split, patients))


def _objects(folder: Path, split: str, patients: int) -> Iterator[Answers]:
    random = Random(SEEDS[split])
    people = People(random)
    hosts = [host for host in HOSTS for _ in range(host.weight)]
    random.shuffle(hosts)
    planned = 0
    for number in range(patients):
        patient = people.patient()
        for study_number in range(random.choice([1, 1, 1, 2])):
            day = patient.shift_start + timedelta(days=study_number * random.randrange(1, 900))
            study = f"{_ROOT}.{random.randrange(10**3, 10**4)}.{random.randrange(10**9, 10**10)}.{number}"
            accession = "".join(random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(7)) + "7"
            writer = Writer(random, split, patient, Study(study, day, accession))
            texts = None
            for series_number in range(random.choice([1, 1, 2])):
                host = hosts[planned % len(hosts)]
                planned += 1
                texts = texts or share(writer, "study", host.texts)
                objects = random.choice([2, 3, 3, 4])
                yield from _series(folder, Series(patient, writer, host, study, series_number + 1, objects, texts, day))


def _series(folder: Path, series: Series) -> Iterator[Answers]:
    random = series.writer.random
    uid = f"{series.study}.{series.number}"
    instances = tuple(f"{uid}.{random.randrange(10**4, 10**5)}.{at + 1}" for at in range(series.objects))
    texts = share(series.writer, "series", series.host.texts)
    uids: dict[str, str] = {}
    for number, instance in enumerate(instances, 1):
        data_set = load(series.host)
        identity = Identity(
            study=series.study,
            series=uid,
            instance=instance,
            frame=f"{series.study}.{series.number}.0.1",
            number=number,
            study_day=series.day,
            series_day=series.day + timedelta(days=series.number - 1),
            siblings=tuple(other for other in instances if other != instance),
            uids=uids,
            root=f"{series.study}.{series.number}.9",
        )
        spot = plant(data_set, series.writer, identity, (series.study_texts, texts), series.host.texts)
        gaps = presence(spot)
        path = f"{random.randrange(16**8):08x}.dcm"
        data_set.save_as(folder / path)
        yield Answers(
            path=path,
            modality=str(data_set.Modality),
            sop_class=str(data_set.SOPClassUID),
            patient_id=series.patient.patient_id,
            study=series.study,
            series=uid,
            instance=instance,
            digest=digest(data_set),
            checks=tuple(spot.checks),
            gaps=gaps,
        )
