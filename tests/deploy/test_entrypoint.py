"""The container's entry point: which configuration Orthanc gets, and what stops the container."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docker"))

import configuration as composing
import entrypoint
from configuration import Places, StartError

DOCKER = Path(entrypoint.__file__).parent


@pytest.fixture
def places(tmp_path):
    """A container's places, with the configuration that the image brings."""
    found = Places(DOCKER / "orthanc.json", *(tmp_path / name for name in ("etc", "secrets", "volume")))
    for folder in (found.mounted, found.secrets, found.volume):
        folder.mkdir()
    return found


def mount(places, name, configuration):
    text = configuration if isinstance(configuration, str) else json.dumps(configuration)
    (places.mounted / name).write_text(text)


def compose(places, **environment):
    return composing.compose(environment, places)


def test_without_any_setting_everything_is_on_the_volume_and_nobody_gets_in_yet(places):
    configuration = compose(places)
    assert configuration["AuthenticationEnabled"] is True
    assert configuration["RegisteredUsers"] == {}
    assert configuration["Greycloak"]["Store"] == f"sqlite:///{places.volume}/greycloak/store.sqlite"
    assert configuration["Greycloak"]["KeyFile"] == f"{places.volume}/greycloak/key"
    assert composing.POSTGRES_PLUGIN not in configuration["Plugins"]


def test_mounted_files_override_the_image_and_the_later_name_the_earlier_section_by_section(places):
    mount(places, "10.json", {"Name": "First", "Greycloak": {"Profile": "research", "Workers": 3}})
    mount(places, "20.json", {"Name": "Second", "Greycloak": {"Workers": 4}})
    (places.mounted / "notes.txt").write_text("no configuration")
    configuration = compose(places)
    assert configuration["Name"] == "Second"
    section = configuration["Greycloak"]
    assert (section["Profile"], section["Workers"], section["VirtualEnvironment"]) == ("research", 4, "/opt/greycloak")


def test_the_environment_overrides_mounted_files(places):
    mount(places, "site.json", {"Name": "File", "DicomAet": "FILE", "Greycloak": {"Store": "sqlite:///file"}})
    configuration = compose(places, ORTHANC_NAME="Here", ORTHANC_AET="", GREYCLOAK_STORE="sqlite:///variable")
    assert (configuration["Name"], configuration["DicomAet"]) == ("Here", "FILE")
    assert configuration["Greycloak"]["Store"] == "sqlite:///variable"


def test_comments_as_orthanc_allows_them_are_no_mistake_and_strings_stay_whole(places):
    mount(places, "site.json", '{"Name": "http://here /* and */ \\"there\\"", // why\n /* 1\n 2 */ "HttpPort": 8043}')
    configuration = compose(places)
    assert configuration["Name"] == 'http://here /* and */ "there"'
    assert configuration["HttpPort"] == 8043


def test_postgresql_gets_index_and_store_in_a_database_each(places):
    (places.secrets / "postgres_password").write_text("s/e:c@r#e%t\n")
    configuration = compose(places, POSTGRES_HOST="database", POSTGRES_USER="grey@cloak")
    server = configuration["PostgreSQL"]
    assert (server["Host"], server["Port"], server["Username"]) == ("database", 5432, "grey@cloak")
    assert (server["Password"], server["Database"], server["Lock"]) == ("s/e:c@r#e%t", "orthanc", False)
    assert composing.POSTGRES_PLUGIN in configuration["Plugins"]
    assert configuration["DatabaseServerIdentifier"] == socket.gethostname()
    assert configuration["Greycloak"]["Node"] == "orthanc"
    store = urlsplit(configuration["Greycloak"]["Store"])
    assert (store.scheme, store.hostname, store.path) == ("postgresql+psycopg", "database", "/greycloak")
    assert (unquote(store.username), unquote(store.password)) == ("grey@cloak", "s/e:c@r#e%t")


def test_an_encrypted_connection_is_one_for_the_store_too(places):
    mount(places, "site.json", {"PostgreSQL": {"EnableSsl": True, "Lock": True}})
    configuration = compose(places, POSTGRES_HOST="database", POSTGRES_PASSWORD="hush")
    assert (
        configuration["Greycloak"]["Store"]
        == "postgresql+psycopg://greycloak:hush@database:5432/greycloak?sslmode=require"
    )
    assert configuration["PostgreSQL"]["Lock"] is True


def test_a_folder_of_settings_that_cannot_be_read_is_not_an_empty_one(places):
    places.mounted.rmdir()
    compose(places)
    places.mounted.write_text("no folder")
    with pytest.raises(StartError, match=f"cannot read {places.mounted}"):
        compose(places)


def test_the_key_is_a_secret_if_there_is_one(places):
    assert compose(places, GREYCLOAK_KEY_FILE="/elsewhere/key")["Greycloak"]["KeyFile"] == "/elsewhere/key"
    (places.secrets / "greycloak_key").write_text("key")
    assert compose(places)["Greycloak"]["KeyFile"] == f"{places.secrets}/greycloak_key"


def test_a_secret_comes_from_a_variable_then_a_named_file_then_the_mounted_one(places, tmp_path):
    (places.secrets / "orthanc_password").write_text("mounted\n")
    (tmp_path / "named").write_text("named")
    named = str(tmp_path / "named")
    assert compose(places)["RegisteredUsers"] == {"admin": "mounted"}
    assert compose(places, ORTHANC_PASSWORD_FILE=named)["RegisteredUsers"] == {"admin": "named"}
    both = compose(places, ORTHANC_PASSWORD_FILE=named, ORTHANC_PASSWORD="given", ORTHANC_USER="emma")
    assert both["RegisteredUsers"] == {"emma": "given"}


def test_a_made_password_is_kept_but_steps_back_for_users_of_the_administrator(places):
    entrypoint.keep_new_password(places.kept_password)
    made = places.kept_password.read_text().strip()
    entrypoint.keep_new_password(places.kept_password)
    assert compose(places)["RegisteredUsers"] == {"admin": made}
    assert stat.S_IMODE(places.kept_password.stat().st_mode) == 0o600
    assert list(places.volume.iterdir()) == [places.kept_password]
    mount(places, "users.json", {"RegisteredUsers": {"emma": "hers"}})
    assert compose(places)["RegisteredUsers"] == {"emma": "hers"}


@pytest.mark.parametrize(
    ("configuration", "environment", "said"),
    [
        ({"AuthenticationEnabled": False}, {}, "authentication stays on"),
        ({"AuthenticationEnabled": "true"}, {}, "authentication stays on"),
        ({"RegisteredUsers": {"guest": ""}}, {}, "has no password"),
        ({"RegisteredUsers": ["guest"]}, {}, "'RegisteredUsers' is to be a JSON object"),
        ({"Greycloak": True}, {}, "'Greycloak' is to be a JSON object"),
        ("[]", {}, "is not a JSON object"),
        ('{\n"Password": "hush",}', {}, "is not JSON: line 2"),
        ({}, {"POSTGRES_PASSWORD": "hush"}, "POSTGRES_HOST is not set"),
        ({}, {"POSTGRES_HOST": "database"}, "no secret postgres_password"),
        ({}, {"POSTGRES_HOST": "database", "POSTGRES_PASSWORD": "x", "POSTGRES_PORT": "many"}, "a number, not 'many'"),
        ({}, {"ORTHANC_PASSWORD": "hush${HOME}"}, "must not contain '${'"),
        ({}, {"ORTHANC_PASSWORD_FILE": "/nowhere"}, "cannot read the secret /nowhere"),
        ({}, {"ORTHANC_PASSWORD_FILE": "/dev/null"}, "the secret /dev/null is empty"),
    ],
)
def test_what_cannot_be_used_stops_the_container_and_tells_no_secret(places, configuration, environment, said):
    mount(places, "site.json", configuration)
    with pytest.raises(StartError) as error:
        compose(places, **environment)
    assert said in str(error.value)
    assert "hush" not in str(error.value)


def test_orthanc_is_started_with_its_configuration_in_memory_and_without_passwords_in_its_environment(places, tmp_path):
    orthanc = tmp_path / "Orthanc"
    orthanc.write_text('#!/bin/sh\necho "$1"; tail -n +1 "$2"; echo; env; umask\n')
    orthanc.chmod(0o755)
    program = f"""
import sys; sys.path.insert(0, {str(DOCKER)!r})
from pathlib import Path
import entrypoint, os
places = entrypoint.Places(*map(Path, {[str(getattr(places, n)) for n in places.__slots__]!r}))
entrypoint.start(["--verbose"], os.environ, places)
"""
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "POSTGRES_PASSWORD": "hush", "POSTGRES_HOST": "database"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    argument, configuration, *variables = done.stdout.splitlines()
    assert argument == "--verbose"
    configuration = json.loads(configuration)
    password = places.kept_password.read_text().strip()
    assert configuration["RegisteredUsers"] == {"admin": password}
    assert configuration["PostgreSQL"]["Password"] == "hush"
    assert "hush" not in "".join(variables)
    assert variables[-1] == "0077"
    assert done.stderr == f"greycloak: the password of user 'admin' is in {places.kept_password}\n"


def test_secrets_are_made_once_and_a_changed_password_of_the_database_is_refused(tmp_path, monkeypatch, capsys):
    ours, database = tmp_path / "ours", tmp_path / "database"
    ours.mkdir()
    database.mkdir()
    monkeypatch.setattr(entrypoint, "PROGRAM", str(Path(sys.executable).with_name("greycloak")))

    def make(**environment):
        entrypoint.make_secrets([str(ours), str(database)], environment, Places())
        return {path.name: path.read_text() for path in (*ours.iterdir(), *database.iterdir())}

    made = make(POSTGRES_PASSWORD="given")
    assert set(made) == {"greycloak_key", "orthanc_password", "postgres_password"}
    assert made["postgres_password"] == "given\n"
    assert made["greycloak_key"].startswith("greycloak-key-1:")
    assert stat.S_IMODE((ours / "greycloak_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((database / "postgres_password").stat().st_mode) == 0o640
    assert make() == made
    with pytest.raises(StartError, match="not what the database was made with"):
        make(POSTGRES_PASSWORD="another")
    assert made["orthanc_password"].strip() not in capsys.readouterr().err
