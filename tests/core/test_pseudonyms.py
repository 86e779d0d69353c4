"""Keys, derivations and the store: the same everywhere, and telling nothing to whoever has no key."""

from __future__ import annotations

import multiprocessing
import stat
import threading
from concurrent.futures import ProcessPoolExecutor

import pytest
import sqlalchemy as sa

from greycloak.outcomes import Refused
from greycloak.pseudonyms import Identity, InstallationKey, KeyFileError, Store, StoreError
from greycloak.pseudonyms.derive import derive_uid
from greycloak.pseudonyms.migrations import SCHEMA_VERSION
from greycloak.pseudonyms.tables import properties, subjects
from support import make_installation, new_subjects

PERSON = Identity("MRN-4711", "Example Hospital")


def test_a_key_file_is_only_for_its_owner(tmp_path):
    key = InstallationKey.create(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert InstallationKey.load(tmp_path / "key") == key
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        InstallationKey.load(tmp_path / "key")


@pytest.mark.parametrize("content", ["", "greycloak-key-1:", "greycloak-key-1:AAAA", "nonsense", "greycloak-key-1:!!"])
def test_a_damaged_key_is_an_error_and_not_another_key(tmp_path, content):
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="does not hold a Greycloak key"):
        InstallationKey.load(path)


def test_a_key_is_never_overwritten(tmp_path):
    InstallationKey.create(tmp_path / "key")
    with pytest.raises(KeyFileError):
        InstallationKey.create(tmp_path / "key")


def test_nothing_that_is_printed_shows_a_key(tmp_path):
    key = InstallationKey.create(tmp_path / "key")
    secret = (tmp_path / "key").read_text().split(":")[1].strip()
    assert secret not in repr(key)
    assert key.project_keys("a").uids.hex() not in repr(key.project_keys("a"))
    assert len(key.fingerprint()) == 16


def test_the_same_patient_has_the_same_pseudonym_over_restarts(tmp_path):
    first = make_installation(tmp_path).project("trial").subject(PERSON)
    assert make_installation(tmp_path).project("trial").subject(PERSON) == first


def test_projects_have_nothing_in_common(tmp_path):
    installation = make_installation(tmp_path)
    one, other = installation.project("one"), installation.project("other")
    assert one.subject(PERSON).pseudonym.split("-")[1] != other.subject(PERSON).pseudonym.split("-")[1]
    assert one.derive_uid("1.2.3") != other.derive_uid("1.2.3")


def test_two_nodes_agree_without_talking(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = make_installation(tmp_path / "a")
    (tmp_path / "b" / "key").write_bytes((tmp_path / "a" / "key").read_bytes())
    (tmp_path / "b" / "key").chmod(0o600)
    other = make_installation(tmp_path / "b")
    assert one.project("trial").subject(PERSON) == other.project("trial").subject(PERSON)
    assert one.project("trial").derive_uid("1.2.3") == other.project("trial").derive_uid("1.2.3")


def test_the_key_holder_finds_the_original(tmp_path):
    project = make_installation(tmp_path).project("trial")
    pseudonym = project.subject(PERSON).pseudonym
    assert project.original(pseudonym) == PERSON
    assert project.original("TRIAL-NOBODY") is None


def test_another_key_is_refused_before_anything_is_written(tmp_path):
    make_installation(tmp_path)
    (tmp_path / "key").rename(tmp_path / "lost")
    with pytest.raises(StoreError, match="does not exist"):
        make_installation(tmp_path)
    assert not (tmp_path / "key").exists()
    InstallationKey.create(tmp_path / "key")
    with pytest.raises(StoreError, match="belongs to the key with fingerprint"):
        make_installation(tmp_path)


def test_a_store_of_a_newer_version_is_refused(tmp_path):
    make_installation(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.database.writing() as connection:
        connection.execute(
            properties.update().where(properties.c.name == "schema").values(value=str(SCHEMA_VERSION + 1))
        )
    with pytest.raises(StoreError, match="newer Greycloak"):
        Store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_the_database_without_the_key_names_nobody(tmp_path):
    installation = make_installation(tmp_path)
    project = installation.project("trial")
    for number in range(50):
        project.subject(Identity(f"MRN-{number:04d}-XYZ", "Example Hospital", ""))
    installation.store.close()
    files = [path for path in tmp_path.iterdir() if path.name.startswith("store")]
    content = b"".join(path.read_bytes() for path in files)
    assert b"TRIAL-" in content
    for secret in ("MRN-0001", "XYZ", "Example Hospital"):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert secret.encode(encoding) not in content
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)


def test_a_record_that_was_tampered_with_does_not_open(tmp_path):
    installation = make_installation(tmp_path)
    project = installation.project("trial")
    one, other = project.subject(PERSON).pseudonym, project.subject(Identity("other")).pseudonym
    with installation.store.database.writing() as connection:
        sealed = connection.scalar(sa.select(subjects.c.sealed).where(subjects.c.pseudonym == other))
        connection.execute(subjects.update().where(subjects.c.pseudonym == one).values(sealed=sealed))
    with pytest.raises(StoreError, match="has been changed"):
        project.original(one)


def test_two_subjects_never_share_a_pseudonym(tmp_path, monkeypatch):
    project = make_installation(tmp_path).project("trial")
    monkeypatch.setattr("greycloak.pseudonyms.giving.derive_pseudonym", lambda *_: "TRIAL-SAME")
    project.subject(Identity("one"))
    with pytest.raises(Refused, match="pseudonym-clash"):
        project.subject(Identity("other"))


def test_many_processes_that_meet_new_subjects_at_once_agree(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(4, mp_context=spawn) as pool:
        results = list(pool.map(new_subjects, [tmp_path] * 4))
    assert all(result == results[0] for result in results)
    assert len(set(results[0])) == 100


def test_many_threads_share_a_project(tmp_path):
    project = make_installation(tmp_path).project("trial")
    results: list[list[str]] = []

    def work():
        results.append([project.subject(Identity(f"MRN-{number}")).pseudonym for number in range(50)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("root", ["2.25", "1.2.826.0.1.3680043.10.341", "1." + "9" * 38])
def test_derived_uids_are_valid(root):
    for number in range(200):
        uid = derive_uid(b"key", f"1.2.{number}", root)
        assert len(uid) <= 64
        assert uid.startswith(root + ".")
        assert all(part == "0" or not part.startswith("0") for part in uid.split("."))


def test_knowing_all_patient_ids_does_not_help_without_the_key(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    ours = make_installation(tmp_path / "a").project("trial")
    pseudonyms = {ours.subject(Identity(f"{number:04d}")).pseudonym for number in range(100)}
    guess = make_installation(tmp_path / "b").project("trial")
    assert not pseudonyms & {guess.subject(Identity(f"{number:04d}")).pseudonym for number in range(100)}


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 33, "ü", "-a"])
def test_a_project_has_a_plain_name(tmp_path, name):
    with pytest.raises(ValueError, match="project's name"):
        make_installation(tmp_path).project(name)


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////proc/none/store.sqlite", "oracle://x", "postgresql+nothing://x/y"]
)
def test_a_store_that_cannot_be_had_is_a_clear_error(url):
    with pytest.raises(StoreError, match="cannot"):
        Store(url)


def test_errors_of_the_database_show_no_values(tmp_path):
    installation = make_installation(tmp_path)
    project = installation.project("trial")
    installation.store.close()
    for path in tmp_path.glob("store.sqlite*"):
        path.write_bytes(b"no database")
    with pytest.raises(StoreError) as caught:
        project.subject(PERSON)
    assert "MRN" not in str(caught.value)
