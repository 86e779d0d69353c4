"""Pseudonyms from the hospital's PostgreSQL: the same for everybody who shares database and key."""

from __future__ import annotations

import pytest
from scenario import files_below, originals, run_to_end

from greycloak.cli import main
from GreycloakLib.choices import Choices, Pseudonyms
from GreycloakLib.orders import Order
from GreycloakLib.problems import ProblemError
from GreycloakLib.targets.folder import FolderTarget
from postgres import PostgresServer


@pytest.fixture(scope="module")
def postgres():
    server = PostgresServer().start()
    yield server
    server.stop()


def shared(address, key, password=""):
    return Choices(project="trial", pseudonyms=Pseudonyms("postgresql", address, "", password, key))


def test_slicer_and_the_command_line_give_the_same(postgres, tmp_path):
    files = originals(tmp_path / "in")
    url = postgres.new_database("same")
    address = url.replace("postgresql+psycopg", "postgresql")
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")]), shared(address, tmp_path / "key", "not asked for"))
    store = ["--store", url, "--key-file", str(tmp_path / "key"), "--project", "trial"]
    assert main(["anonymize", str(tmp_path / "in"), str(tmp_path / "cli"), *store]) == 0
    ours, theirs = files_below(tmp_path / "out"), files_below(tmp_path / "cli")
    assert [path.name for path in ours] == [path.name for path in theirs]
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]


def test_another_key_than_that_of_the_database_is_refused(postgres, tmp_path):
    files = originals(tmp_path / "in", patients=1, images=1)
    address = postgres.new_database("other").replace("postgresql+psycopg", "postgresql")
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")]), shared(address, tmp_path / "key"))
    with pytest.raises(ProblemError, match="belongs to the key with fingerprint"):
        run_to_end(Order(files, [FolderTarget(tmp_path / "out2")]), shared(address, tmp_path / "another"))


def test_a_database_that_is_away_is_told_without_its_password(tmp_path):
    address = "postgresql://doctor@127.0.0.1:9/greycloak"
    with pytest.raises(ProblemError) as told:
        run_to_end(
            Order(originals(tmp_path / "in"), [FolderTarget(tmp_path / "out")]),
            shared(address, tmp_path / "key", "hunter2"),
        )
    assert "cannot be used now" in str(told.value)
    assert "hunter2" not in str(told.value)
