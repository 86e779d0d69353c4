"""The store under load and in trouble: many processes, kills, restarts, full disks, thieves."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from greycloak import Deidentified, Engine, Installation, load_profile
from greycloak.outcomes import Refused
from greycloak.profiles.id_schemes import parse_id_scheme
from greycloak.pseudonyms import Identity, InstallationKey, Registry, StoreError
from greycloak.pseudonyms.database import Database
from greycloak.pseudonyms.rotation import rotate
from greycloak.pseudonyms.tables import audit, properties, subjects
from postgres import PostgresServer
from support import ct, encode

COUNTER = "{project}-{counter:05d}"
RECORDING = """
import sys
from pathlib import Path
from greycloak import Installation
from greycloak.profiles.id_schemes import parse_id_scheme
from greycloak.pseudonyms import Identity
url, key, start, stop = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
project = Installation.open(url, key).project("trial")
project.agree(parse_id_scheme(sys.argv[5]), "2.25", None)
for number in range(start, stop):
    print(project.subject(Identity(f"MRN-{number}")).pseudonym, flush=True)
"""


@pytest.fixture(scope="module")
def postgres():
    server = PostgresServer().start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return request.getfixturevalue("postgres").new_database(f"db_{abs(hash(tmp_path))}")


def opened(url, tmp_path):
    return Installation.open(url, tmp_path / "key")


def recording(url, tmp_path, start, stop, scheme=COUNTER, **options):
    arguments = [url, str(tmp_path / "key"), str(start), str(stop), scheme]
    return subprocess.Popen(
        [sys.executable, "-c", RECORDING, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
    )


@pytest.mark.parametrize("scheme", [COUNTER, "hash"])
def test_many_processes_record_new_subjects_at_once(url, tmp_path, scheme):
    """Eight processes, five hundred subjects each, half of which another process meets as well."""
    opened(url, tmp_path)
    processes = [recording(url, tmp_path, 250 * at, 250 * at + 500, scheme) for at in range(8)]
    found = {}
    for at, process in enumerate(processes):
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err.decode()[-500:]
        for number, pseudonym in enumerate(out.decode().split(), start=250 * at):
            assert found.setdefault(number, pseudonym) == pseudonym
    assert len(found) == len(set(found.values())) == 250 * 7 + 500
    listed = list(Registry(opened(url, tmp_path).project("trial")).list_pseudonyms())
    assert [number for _, number in listed] == list(range(1, len(found) + 1))
    if scheme == COUNTER:
        assert [pseudonym for pseudonym, _ in listed] == [f"trial-{n:05d}" for n in range(1, len(found) + 1)]


def test_a_store_survives_kills_at_any_moment(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened(url, tmp_path)
    known, at = {}, 0
    chance = random.Random(1)
    for _ in range(100):
        child = os.fork()
        if not child:
            try:
                project = opened(url, tmp_path).project("trial")
                project.agree(parse_id_scheme(COUNTER), "2.25", None)
                for number in range(at, at + 1000):
                    project.admit(Identity(f"MRN-{number}"), (f"1.2.{number}", f"2.25.{number}"), ("1.3", "2.25.3"))
            finally:
                os._exit(1)
        time.sleep(0.02 + chance.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if chance.random() < 0.1:
            project = opened(url, tmp_path).project("trial")
            for one in project.records.sealed_subjects():
                identity = project.vault.opened(one.sealed, one.look_up)
                assert known.setdefault(identity, one.pseudonym) == one.pseudonym
            at = len(known)
    installation = opened(url, tmp_path)
    assert installation.store.database.problems() == []
    assert installation.audit.verify().problem == ""
    project = installation.project("trial")
    project.agree(parse_id_scheme(COUNTER), "2.25", None)
    assert len(known) > 20
    assert {identity: project.subject(identity).pseudonym for identity in known} == known
    numbers = [number for _, number in Registry(project).list_pseudonyms()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_postgresql_that_restarts_is_waited_for_and_nothing_is_emitted_unrecorded(tmp_path, how):
    server = PostgresServer().start()
    try:
        engine = Engine(load_profile("basic"), opened(server.url, tmp_path).project("trial"))
        emitted = [engine.deidentify(encode(ct(PatientID=f"before-{n}"))) for n in range(5)]
        server.stop(how)
        with pytest.raises(StoreError):
            engine.deidentify(encode(ct(PatientID="meanwhile")))
        server.start()
        emitted += [engine.deidentify(encode(ct(PatientID=p))) for p in ("meanwhile", "before-0", "after")]
        assert all(isinstance(outcome, Deidentified) for outcome in emitted)
        recorded = {pseudonym for pseudonym, _ in Registry(engine.project).list_pseudonyms()}
        assert {outcome.pseudonym for outcome in emitted} == recorded
        assert opened(server.url, tmp_path).audit.verify().problem == ""
    finally:
        server.stop()


def test_a_full_disk_is_told_and_leaves_nothing_half(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened(url, tmp_path)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200 << 10, 200 << 10))

    process = recording(url, tmp_path, 0, 5000, preexec_fn=limit)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 1
    assert b"StoreError" in err
    assert b"MRN" not in err
    promised = out.decode().split()
    installation = opened(url, tmp_path)
    assert installation.store.database.problems() == []
    listed = [pseudonym for pseudonym, _ in Registry(installation.project("trial")).list_pseudonyms()]
    assert listed[: len(promised)] == promised


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(StoreError, match="cannot open the pseudonym store"):
        opened("sqlite:////proc/greycloak/store.sqlite", tmp_path)


def facts_of(project, identities):
    return [
        (project.subject(one).pseudonym, project.derive_uid(one.patient_id), project.date_shift(one, -365, -1))
        for one in identities
    ]


def test_rotation_changes_the_seal_and_nothing_that_is_derived(url, tmp_path):
    identities = [Identity(f"MRN-{number}", "Hospital") for number in range(20)]
    before = opened(url, tmp_path)
    project = before.project("trial")
    facts = facts_of(project, identities)
    project.admit(identities[0], ("1.2.3", "2.25.33"), ("1.2.4", "2.25.44"))
    shutil.copy(tmp_path / "key", tmp_path / "old-key")
    sealed = {one.sealed for one in project.records.sealed_subjects()}
    assert rotate(before, tmp_path / "key").version == 2
    with pytest.raises(StoreError, match="rotated while this was running"):  # whoever still has the old key
        project.subject(Identity("new"))
    with pytest.raises(StoreError, match="needs version 2"):
        Installation.open(url, tmp_path / "old-key")
    after = opened(url, tmp_path)
    again = after.project("trial")
    assert facts_of(again, identities) == facts
    assert not sealed & {one.sealed for one in again.records.sealed_subjects()}
    assert again.vault.opened_uid(again.records.sealed_study("2.25.33")[0], "2.25.33") == "1.2.3"
    assert {one.patient_id for one in Registry(again).crosswalk()} == {one.patient_id for one in identities}
    assert after.project("other").subject(identities[0]).pseudonym  # a new project, of the new version
    assert after.audit.verify().problem == ""


def test_a_rotation_that_breaks_off_can_be_done_again(url, tmp_path, monkeypatch):
    installation = opened(url, tmp_path)
    pseudonym = installation.project("trial").subject(Identity("MRN-1")).pseudonym
    monkeypatch.setattr("greycloak.pseudonyms.vault.seal", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rotate(installation, tmp_path / "key")
    monkeypatch.undo()
    assert opened(url, tmp_path).project("trial").subject(Identity("MRN-1")).pseudonym == pseudonym
    assert rotate(opened(url, tmp_path), tmp_path / "key").version == 2
    assert opened(url, tmp_path).project("trial").original(pseudonym) == Identity("MRN-1")


TAMPERING = {
    "change": lambda c: c.execute(audit.update().where(audit.c.id == 3).values(event='{"at": "", "what": "nothing"}')),
    "deletion": lambda c: c.execute(audit.delete().where(audit.c.id == 3)),
    "deletion of the end": lambda c: c.execute(audit.delete().where(audit.c.id == 6)),
    "reordering": lambda c: [
        c.execute(audit.update().where(audit.c.id == old).values(id=new)) for old, new in ((3, 90), (4, 3), (90, 4))
    ],
    "cut with its head": lambda c: [
        c.execute(audit.delete().where(audit.c.id == 6)),
        c.execute(properties.update().where(properties.c.name == "audit-head").values(value="5:" + "0" * 64)),
    ],
    "insertion": lambda c: c.execute(audit.insert().values(id=7, event="{}", chain=bytes(32))),
}


@pytest.mark.parametrize("tamper", TAMPERING.values(), ids=TAMPERING)
def test_tampering_with_the_audit_shows(url, tmp_path, tamper):
    installation = opened(url, tmp_path)
    for number in range(6):
        installation.audit.record(installation.caller, "find", asked=number)
    head = installation.audit.verify().head
    assert installation.audit.verify(head).problem == ""
    with installation.store.database.writing() as connection:
        tamper(connection)
    assert installation.audit.verify().problem


def test_an_older_copy_of_the_store_shows_if_the_head_was_noted(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    installation = opened(url, tmp_path)
    installation.audit.record(installation.caller, "find")
    installation.store.database.back_up(tmp_path / "older.sqlite")
    installation.audit.record(installation.caller, "export")
    head = installation.audit.verify().head
    older = Installation.open(f"sqlite:///{tmp_path / 'older.sqlite'}", tmp_path / "key")
    assert older.audit.verify().problem == ""
    assert "older copy" in older.audit.verify(head).problem


def test_a_backup_made_while_others_write_restores_everything(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened(url, tmp_path)
    writer = recording(url, tmp_path, 0, 2000)
    first = [writer.stdout.readline() for _ in range(50)]
    opened(url, tmp_path).store.database.back_up(tmp_path / "backup.sqlite")
    writer.kill()
    writer.communicate()
    assert (tmp_path / "backup.sqlite").stat().st_mode & 0o777 == 0o600
    for path in tmp_path.glob("store.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "backup.sqlite", tmp_path / "store.sqlite")
    restored = opened(url, tmp_path)
    assert restored.store.database.problems() == []
    assert restored.audit.verify().problem == ""
    listed = [pseudonym for pseudonym, _ in Registry(restored.project("trial")).list_pseudonyms()]
    assert listed[:50] == [line.decode().strip() for line in first]
    with pytest.raises(StoreError, match="cannot write"):
        restored.store.database.back_up(tmp_path / "backup.sqlite")


def test_a_known_subject_costs_no_round_trip_and_a_new_one_a_single_transaction(url, tmp_path):
    engine = Engine(load_profile("basic"), opened(url, tmp_path).project("trial"))
    engine.deidentify(encode(ct(PatientID="known")))
    begun, statements = [], []
    database = engine.project.records.database._engine
    sa.event.listen(database, "begin", begun.append)
    sa.event.listen(database, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    engine.deidentify(encode(ct(PatientID="known", SOPInstanceUID="1.2.3.4.99")))
    assert statements == []
    engine.deidentify(encode(ct(PatientID="new", StudyInstanceUID="1.2.77", SeriesInstanceUID="1.2.78")))
    assert sum("INSERT" in statement for statement in statements) == 4  # subject, study, series, event
    assert len(begun) == 2  # one look, one transaction that writes


SECRETS = ["MRN-Zyx-4711", "Müller-Ä-12", "Иванов-77", "Example Hospital of Nowhere", "1.2.777.4711.99", "19570412"]


def test_a_stolen_database_names_nobody(url, tmp_path, request):
    engine = Engine(load_profile("basic"), opened(url, tmp_path).project("trial"))
    other = Engine(load_profile("basic"), opened(url, tmp_path).project("other"))
    for patient in SECRETS[:3]:
        for one in (engine, other):
            outcome = one.deidentify(
                encode(
                    ct(
                        SpecificCharacterSet="ISO_IR 192",
                        PatientID=patient,
                        IssuerOfPatientID=SECRETS[3],
                        PatientName=f"{patient}^Jonathan",
                        StudyInstanceUID=SECRETS[4],
                    )
                )
            )
            assert isinstance(outcome, Deidentified)
    Registry(engine.project).find_pseudonyms([Identity(SECRETS[0], SECRETS[3])])
    everything = dump(url, request)
    assert outcome.pseudonym.encode() in everything
    for secret in SECRETS:
        for text in (secret, secret.lower(), secret.upper(), secret[::-1]):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
                assert text.encode(encoding) not in everything, secret
            assert text.encode().hex().encode() not in everything
    tokens = [
        {(one.look_up, one.sealed, one.pseudonym) for one in project.records.sealed_subjects()}
        for project in (engine.project, other.project)
    ]
    assert not {value for row in tokens[0] for value in row} & {value for row in tokens[1] for value in row}


def dump(url, request):
    if url.startswith("sqlite"):
        files = Path(url.removeprefix("sqlite:///")).parent.glob("store.sqlite*")
        return b"".join(path.read_bytes() for path in files)
    server = request.getfixturevalue("postgres")
    command = ["pg_dump", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", url.rpartition("/")[2]]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_who_knows_all_identities_but_not_the_key_finds_no_match(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    project = opened(url, tmp_path).project("trial")
    project.subject(Identity("MRN-1"))
    (recorded,) = project.records.sealed_subjects()
    for _ in range(20):
        key = InstallationKey.new()
        guess = Installation(key, opened(url, tmp_path).store, project.caller).project("trial")
        assert guess.vault.look_up(Identity("MRN-1")) != recorded.look_up
        with pytest.raises(StoreError, match="another key"):
            guess.vault.opened(recorded.sealed, recorded.look_up)


def test_what_is_forgotten_is_not_left_in_the_file(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    project = opened(url, tmp_path).project("trial")
    pseudonym = project.subject(Identity("MRN-1")).pseudonym
    project.admit(Identity("MRN-1"), ("1.2.3", "2.25.33"), ("1.2.4", "2.25.44"))
    (recorded,) = project.records.sealed_subjects()
    Registry(project).forget(pseudonym)
    assert project.original(pseudonym) is None
    assert project.records.sealed_study("2.25.33") is None
    project.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert recorded.sealed not in content
    assert recorded.look_up not in content


def test_numbers_of_the_forgotten_are_not_given_again(url, tmp_path):
    project = opened(url, tmp_path).project("trial")
    project.agree(parse_id_scheme(COUNTER), "2.25", None)
    for patient in "abc":
        project.subject(Identity(patient))
    Registry(project).forget("trial-00003")
    assert project.subject(Identity("d")).pseudonym == "trial-00004"
    assert project.subject(Identity("c")).pseudonym == "trial-00005"


def test_a_merged_subject_is_the_other_one_with_its_dates(url, tmp_path):
    project = opened(url, tmp_path).project("trial")
    project.agree(parse_id_scheme("hash"), "2.25", (-365, -1))
    one, other = Identity("one"), Identity("other")
    into = project.subject(other).pseudonym
    shift = project.date_shift(other, -365, -1)
    Registry(project).merge(project.subject(one).pseudonym, into)
    assert project.subject(one).pseudonym == into
    assert project.date_shift(one, -365, -1) == shift
    for wrong in ((into, into), ("nobody", into), (into, project.records.sealed_subject(into).pseudonym)):
        with pytest.raises(StoreError):
            Registry(project).merge(*wrong)


def test_a_list_gives_pseudonyms_names_and_days(url, tmp_path):
    project = opened(url, tmp_path).project("listed")
    profile = load_profile("clinical-trial")
    profile = type(profile).model_validate(profile.model_dump(by_alias=True) | {"subjects": {"id": "list"}})
    lines = [{"patient_id": "MRN-1", "pseudonym": "SITE-1", "name": "Case^One", "days": "-10"}]
    assert Registry(project).record_given(lines) == 1
    assert Registry(project).record_given(lines) == 0
    engine = Engine(profile, project)
    outcome = engine.deidentify(encode(ct(PatientID="MRN-1", StudyDate="20200111")))
    text = outcome.to_bytes()
    assert (outcome.patient_id, b"Case^One" in text, b"20200101" in text) == ("SITE-1", True, True)
    assert engine.deidentify(encode(ct(PatientID="MRN-2"))).reason == "not-on-list"
    with pytest.raises(StoreError, match="line 2"):  # all or none
        Registry(project).record_given(
            [{"patient_id": "MRN-3", "pseudonym": "SITE-3"}, {"patient_id": "MRN-4", "pseudonym": "SITE-1"}]
        )
    assert [pseudonym for pseudonym, _ in Registry(project).list_pseudonyms()] == ["SITE-1"]


def test_a_site_asks_its_own_command_and_fails_closed(url, tmp_path):
    def project_with(script, name):
        (tmp_path / name).write_text(
            f"#!{sys.executable}\nimport json, sys, time\nasked = json.load(sys.stdin)\n{script}\n"
        )
        (tmp_path / name).chmod(0o755)
        project = opened(url, tmp_path).project(name)
        project.agree(parse_id_scheme({"command": [str(tmp_path / name)], "timeout": 1}), "2.25", None)
        return project

    assert (
        project_with("print('PID-' + asked['patient_id'][::-1])", "good").subject(Identity("17")).pseudonym == "PID-71"
    )
    for name, script in {"failing": "sys.exit(3)", "slow": "time.sleep(9)", "nonsense": "print('a^b')"}.items():
        project = project_with(script, name)
        with pytest.raises(StoreError) as error:
            project.subject(Identity("MRN-4711"))
        assert "MRN" not in str(error.value)
        assert list(Registry(project).list_pseudonyms()) == []
    same = project_with("print('SAME')", "same")
    same.subject(Identity("one"))
    with pytest.raises(Refused, match="pseudonym-clash"):
        same.subject(Identity("two"))


def test_two_patients_under_one_id_are_noted_and_quarantined_when_strict(tmp_path):
    installation = opened(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    profile = load_profile("basic")
    strict = type(profile).model_validate(profile.model_dump(by_alias=True) | {"subjects": {"strict_identity": True}})
    for one, expected in ((profile, ("identity-differs",)), (strict, "identity-differs")):
        engine = Engine(one, installation.project(f"p{len(expected)}"))
        assert engine.deidentify(encode(ct(PatientName="Doe^Jonathan"))).notes == ()
        assert engine.deidentify(encode(ct(PatientName="DOE^JONATHAN^"))).notes == ()
        outcome = engine.deidentify(encode(ct(PatientName="Roe^Jane")))
        assert (outcome.notes if isinstance(outcome, Deidentified) else outcome.reason) == expected


def test_a_project_keeps_its_terms(url, tmp_path):
    installation = opened(url, tmp_path)
    profile = load_profile("basic")
    Engine(profile, installation.project("trial"))
    for changed in ({"uids": {"root": "1.2.3"}}, {"subjects": {"id": COUNTER}}):
        other = type(profile).model_validate(profile.model_dump(by_alias=True) | changed)
        with pytest.raises(StoreError, match="use another project, or the same terms"):
            Engine(other, installation.project("trial"))


def test_retained_uids_are_not_written_to_the_store(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    profile = load_profile("basic")
    keeping = type(profile).model_validate(profile.model_dump(by_alias=True) | {"options": ["retain-uids"]})
    engine = Engine(keeping, opened(url, tmp_path).project("trial"))
    assert isinstance(engine.deidentify(encode(ct(StudyInstanceUID="1.2.777.4711"))), Deidentified)
    engine.project.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    assert b"1.2.777.4711" not in content


def test_a_store_of_the_first_schema_is_brought_to_that_of_today(tmp_path):
    path = tmp_path / "store.sqlite"
    key = InstallationKey.create(tmp_path / "key")
    keys = key.project_keys("trial")
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE properties (name VARCHAR(40) PRIMARY KEY, value VARCHAR(200) NOT NULL);
        CREATE TABLE projects (id INTEGER PRIMARY KEY, name VARCHAR(32) NOT NULL UNIQUE, created FLOAT NOT NULL);
        CREATE TABLE subjects (
            id INTEGER PRIMARY KEY, project INTEGER NOT NULL REFERENCES projects (id), look_up BLOB NOT NULL,
            pseudonym VARCHAR(64) NOT NULL, sealed BLOB NOT NULL, created FLOAT NOT NULL,
            UNIQUE (project, look_up), UNIQUE (project, pseudonym));
        INSERT INTO properties VALUES ('schema', '1');
        INSERT INTO projects VALUES (1, 'trial', 0), (2, 'other', 0);
        """
    )
    connection.execute("INSERT INTO properties VALUES ('key', ?)", (key.fingerprint(),))
    for number in range(6):
        row = (number + 1, 1 + number % 2, os.urandom(32), f"P-{number}", b"x")
        connection.execute("INSERT INTO subjects VALUES (?, ?, ?, ?, ?, 0)", row)
    connection.commit()
    connection.close()
    assert keys.uids == key.project_keys("trial").uids
    processes = [recording(f"sqlite:///{path}", tmp_path, 0, 3, "hash") for _ in range(4)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    installation = opened(f"sqlite:///{path}", tmp_path)
    assert [number for _, number in Registry(installation.project("trial")).list_pseudonyms()] == [1, 2, 3, 4, 5, 6]
    assert [number for _, number in Registry(installation.project("other")).list_pseudonyms()] == [1, 2, 3]
    with installation.store.database.reading() as reading:
        assert reading.scalar(sa.select(sa.func.count()).where(subjects.c.number.is_(None))) == 0


def test_two_rotations_at_once_lose_no_key(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    one, other = opened(url, tmp_path), opened(url, tmp_path)
    pseudonym = one.project("trial").subject(Identity("MRN-1")).pseudonym
    rotate(one, tmp_path / "key")
    with pytest.raises(StoreError, match="has changed meanwhile"):
        rotate(other, tmp_path / "key")
    assert opened(url, tmp_path).project("trial").original(pseudonym) == Identity("MRN-1")


@pytest.mark.parametrize("pseudonym", ["a/../../../evil", "..", "../x", "a/b", "C:x", "a\\b", ".hidden"])
def test_a_given_pseudonym_cannot_lead_out_of_the_folder(tmp_path, pseudonym):
    project = opened(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path).project("trial")
    with pytest.raises(StoreError, match="line 1: its pseudonym"):
        Registry(project).record_given([{"patient_id": "MRN-1", "pseudonym": pseudonym}])


def test_strict_identity_outlives_a_rotation_and_holds_for_the_listed(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    profile = load_profile("basic")
    strict = type(profile).model_validate(profile.model_dump(by_alias=True) | {"subjects": {"strict_identity": True}})
    installation = opened(url, tmp_path)
    Registry(installation.project("trial")).record_given([{"patient_id": "MRN-listed", "pseudonym": "SITE-1"}])
    engine = Engine(strict, installation.project("trial"))
    patients = {"MRN-1": "1.2.1", "MRN-listed": "1.2.2"}
    for patient, study in patients.items():
        one = encode(ct(PatientID=patient, PatientName="Doe^J", StudyInstanceUID=study))
        assert isinstance(engine.deidentify(one), Deidentified)
    rotate(installation, tmp_path / "key")
    engine = Engine(strict, opened(url, tmp_path).project("trial"))
    for patient, study in patients.items():
        one = encode(ct(PatientID=patient, PatientName="Roe^J", StudyInstanceUID=study))
        assert engine.deidentify(one).reason == "identity-differs"


def test_a_counter_passes_over_what_was_given_already(url, tmp_path):
    project = opened(url, tmp_path).project("t")
    project.agree(parse_id_scheme("{project}-{counter:03d}"), "2.25", None)
    Registry(project).record_given([{"patient_id": "given", "pseudonym": "t-003"}])
    assert [project.subject(Identity(one)).pseudonym for one in "abc"] == ["t-002", "t-004", "t-005"]


def test_a_merge_reaches_a_running_engine_as_a_whole(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    profile = load_profile("clinical-trial")
    running = Engine(profile, opened(url, tmp_path).project("trial"))
    one, other = (running.deidentify(encode(ct(PatientID=p, StudyInstanceUID=f"1.{p}"))) for p in ("1", "2"))
    elsewhere = opened(url, tmp_path).project("trial")
    Registry(elsewhere).merge(one.pseudonym, other.pseudonym)
    fresh = Engine(profile, opened(url, tmp_path).project("trial"))
    new = encode(ct(PatientID="1", StudyInstanceUID="1.9", SeriesInstanceUID="1.8", SOPInstanceUID="1.7"))
    assert running.deidentify(new).to_bytes() == fresh.deidentify(new).to_bytes()
    assert running.deidentify(new).pseudonym == other.pseudonym


def test_a_cut_audit_shows_even_if_its_head_is_written_anew(tmp_path):
    installation = opened(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    for _ in range(4):
        installation.audit.record(installation.caller, "find")
    with installation.store.database.writing() as connection:
        connection.execute(audit.delete().where(audit.c.id > 2))
        link = connection.scalar(sa.select(audit.c.chain).where(audit.c.id == 2)).hex()
        head = properties.update().where(properties.c.name == "audit-head")
        connection.execute(head.values(value=f"2:{link}:{'0' * 64}"))
    assert "damaged" in installation.audit.verify().problem
    with pytest.raises(StoreError, match="damaged"):
        installation.audit.record(installation.caller, "find")
    with installation.store.database.writing() as connection:
        connection.execute(properties.delete().where(properties.c.name == "audit-head"))
    assert opened(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path).audit.verify().problem


def test_a_study_whose_uids_are_kept_is_an_event_that_does_not_name_it(tmp_path):
    installation = opened(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path)
    profile = load_profile("basic")
    keeping = type(profile).model_validate(profile.model_dump(by_alias=True) | {"options": ["retain-uids"]})
    engine = Engine(keeping, installation.project("trial"))
    for _ in range(2):
        assert isinstance(engine.deidentify(encode(ct())), Deidentified)
    (event,) = installation.audit.events()
    assert (event["what"], event["study"]) == ("anonymize", "kept")
    assert rotate(installation, tmp_path / "key").version == 2


def test_a_backup_is_restored_by_a_command_even_beside_journals_of_a_killed_process(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened(url, tmp_path).project("trial").subject(Identity("MRN-1"))
    opened(url, tmp_path).store.database.back_up(tmp_path / "backup.sqlite")
    writer = recording(url, tmp_path, 100, 400)
    writer.stdout.readline()
    writer.kill()
    writer.communicate()

    def restore(*more):
        command = [sys.executable, "-m", "greycloak", "store", "restore", str(tmp_path / "backup.sqlite"), *more]
        paths = ["--store", url, "--key-file", str(tmp_path / "key")]
        return subprocess.run([*command, *paths], capture_output=True, text=True, check=False)

    assert "say --replace" in restore().stderr
    done = restore("--replace")
    assert (done.returncode, done.stderr) == (0, "")
    restored = opened(url, tmp_path)
    assert restored.store.database.problems() == []
    assert [number for _, number in Registry(restored.project("trial")).list_pseudonyms()] == [1]
    assert restored.audit.verify().problem == ""


def test_who_leaves_a_store_that_others_use_does_not_take_its_journal_away(tmp_path):
    store = tmp_path / "store.sqlite"
    databases = [Database(f"sqlite:///{store}", durable=False) for _ in range(2)]
    for number, database in enumerate(databases):
        with database.writing() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS things (number INTEGER)")
            connection.exec_driver_sql("INSERT INTO things VALUES (?)", (number,))
    another = f"import sqlite3; c = sqlite3.connect({str(store)!r}); c.execute('SELECT * FROM things'); c.close()"
    Database(f"sqlite:///{store}", durable=False)
    subprocess.run([sys.executable, "-c", another], check=True)
    assert Path(f"{store}-wal").exists()
    for database in databases:
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO things VALUES (2)")
        assert database.problems() == []
        database.close()
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (4,)
