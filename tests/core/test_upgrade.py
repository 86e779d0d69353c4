"""Stores that earlier versions made are opened with today's code, and give the same subjects the same again."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from greycloak import Engine, Installation, load_profile
from greycloak.pseudonyms import Identity, Registry
from greycloak.pseudonyms.migrations import SCHEMA_VERSION
from greycloak.pseudonyms.restoring import restore_backup
from greycloak.pseudonyms.tables import properties
from postgres import PostgresServer, programs
from support import anonymized, decode

STORES = Path(__file__).parents[1] / "data" / "stores"
VERSIONS = sorted(path.stem for path in STORES.glob("*.json"))


@pytest.fixture(scope="module")
def postgres():
    server = PostgresServer().start()
    yield server
    server.stop()


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, version, tmp_path):
    """Return the record of an earlier version, and an installation with its key and its store."""
    record = json.loads((STORES / f"{version}.json").read_text())
    dump = STORES / f"{version}.{request.param}.sql"
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text(record["key"])
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.sqlite'}"
        with sqlite3.connect(tmp_path / "store.sqlite") as connection:
            connection.executescript(dump.read_text())
        connection.close()
    else:
        server = request.getfixturevalue("postgres")
        url = server.new_database(f"{version}_{request.node.originalname}"[:60].lower())
        place = url.partition("://")[2]
        psql = [programs() / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", dump, f"postgresql://{place}"]
        subprocess.run(psql, check=True, capture_output=True)
    return record, lambda: Installation.open(url, key, must_exist=True)


def test_an_old_store_is_brought_to_the_schema_of_today_and_is_sound(old):
    _, reopen = old
    installation = reopen()
    with installation.store.database.reading() as connection:
        schema = connection.scalar(sa.select(properties.c.value).where(properties.c.name == "schema"))
    assert int(schema) == SCHEMA_VERSION
    assert installation.store.database.problems() == []
    assert not installation.audit.verify().problem


def test_the_same_objects_get_the_same_pseudonyms_uids_and_dates(old):
    record, reopen = old
    assert record["objects"]
    for _ in range(2):  # as it migrates, and when it has
        installation = reopen()
        for one in record["objects"]:
            engine = Engine(load_profile(one["profile"]), installation.project(one["project"]))
            output = anonymized(engine, base64.b64decode(one["input"]))
            assert {keyword: str(output.get(keyword, "")) for keyword in one["output"]} == one["output"]


def test_dates_were_shifted_and_no_two_patients_are_one(old):
    record, _ = old
    shifted = [one for one in record["objects"] if one["profile"] == "clinical-trial"]
    assert len({one["output"]["StudyDate"] for one in shifted}) == len(shifted)
    assert len({one["output"]["PatientID"] for one in record["objects"]}) == len(record["objects"])


def test_who_is_who_is_still_found_both_ways(old):
    record, reopen = old
    installation = reopen()
    for one in record["objects"]:
        before = decode(base64.b64decode(one["input"]))
        registry = Registry(installation.project(one["project"]))
        [found] = registry.find_originals([one["output"]["PatientID"]])
        assert (found.patient_id, found.issuer) == (str(before.PatientID or ""), before.get("IssuerOfPatientID", ""))
        if before.PatientID:
            [found] = registry.find_pseudonyms([Identity.of_text(found.patient_id, found.issuer)])
            assert found.pseudonym == one["output"]["PatientID"]


def test_given_and_merged_pseudonyms_stay(old):
    record, reopen = old
    project = reopen().project("given")
    for patient_id, pseudonym in record["given"].items():
        assert project.subject(Identity(patient_id)).pseudonym == pseudonym


def test_subjects_that_come_after_the_upgrade_are_numbered_on(old):
    record, reopen = old
    project = reopen().project("trial")
    before = list(Registry(project).list_pseudonyms())
    assert len(before) == len({one["output"]["PatientID"] for one in record["objects"] if one["project"] == "trial"})
    assert [number for _, number in before] == list(range(1, len(before) + 1))
    assert project.subject(Identity("MRN-new")).number == len(before) + 1


def test_a_backup_of_an_earlier_version_is_restored(version, tmp_path):
    record = json.loads((STORES / f"{version}.json").read_text())
    backup, key = tmp_path / "backup.sqlite", tmp_path / "key"
    with sqlite3.connect(backup) as connection:
        connection.executescript((STORES / f"{version}.sqlite.sql").read_text())
    connection.close()
    key.touch(mode=0o600)
    key.write_text(record["key"])
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    restore_backup(url, backup, replacing=False)
    one = record["objects"][0]
    project = Installation.open(url, key, must_exist=True).project(one["project"])
    patient_id = str(decode(base64.b64decode(one["input"])).PatientID)
    assert project.subject(Identity(patient_id)).pseudonym == one["output"]["PatientID"]
