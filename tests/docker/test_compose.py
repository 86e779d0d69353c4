"""The compose files: what they publish and allow, and that their services work together."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from composition import DOCKER, Composition, Proxy, read
from containers import Container
from images import ROOT
from orthanc_server import OrthancServer
from studies import send_study, the_twin

from support import ct, encode

FILES = ("compose.yaml", "compose.scale.yaml")
CROWD = 80
SECRETS = ("secrets", "database-secret")
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"


@pytest.fixture
def compose(image, tmp_path):
    """Return what starts a compose file's secrets and database; everything is stopped in the end."""
    started = []

    def up(name):
        composition = Composition(name, image, tmp_path / "volumes")
        started.append(composition)
        composition.make_secrets()
        composition.start_database()
        return composition

    def start(composition, service):
        orthanc = composition.orthanc(service)
        started.append(orthanc)
        return orthanc.start()

    up.start = start
    up.started = started
    yield up
    for one in reversed(started):
        one.stop()


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_published_beyond_this_machine_and_nothing_may_more_than_it_must(name):
    services = read(name)["services"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8042:8042", "127.0.0.1:4242:4242"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        for door in ("privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"):
            assert door not in service
        assert service.get("network_mode", "none") == "none"
        assert service.get("user", "") not in {"root", "0"}
    assert list(services["database"]["networks"]) == ["inside"]


@pytest.mark.parametrize("name", FILES)
def test_everything_that_is_mounted_waited_for_or_joined_is_there(name):
    file = read(name)
    services = file["services"]
    for service in services.values():
        for line in service.get("volumes", []):
            source, _, access = line.split(":") if line.count(":") == 2 else (*line.split(":"), "")
            if source.startswith("."):
                assert (DOCKER / source).exists()
                assert access == "ro"
            else:
                assert source in file["volumes"]
        assert set(service.get("secrets", [])) <= set(file.get("secrets", {}))
        assert set(service.get("networks", {})) <= set(file["networks"])
        for other, how in service.get("depends_on", {}).items():
            assert other in services
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other] or services[other]["image"] == "greycloak"
        if "build" in service:
            assert (DOCKER / service["build"]["context"]).resolve() == ROOT
            assert (ROOT / service["build"]["dockerfile"]).exists()


def test_the_database_never_gets_the_key():
    for name in FILES:
        sources = [line.partition(":")[0] for line in read(name)["services"]["database"]["volumes"]]
        assert "secrets" not in sources


def test_both_files_say_the_same_of_the_services_that_they_share():
    one, scale = (read(name)["services"] for name in FILES)
    assert (one["secrets"], one["database"]) == (scale["secrets"], scale["database"])
    for node in ("orthanc1", "orthanc2"):
        assert scale[node]["hostname"] == node
        same = {key for key in one["orthanc"] if key not in {"ports", "depends_on", "hostname"}}
        assert {key: one["orthanc"][key] for key in same} == {key: scale[node][key] for key in same}


def test_settings_of_the_example_are_those_that_the_files_know():
    text = "".join((DOCKER / name).read_text() for name in FILES)
    names = [line.lstrip("#").partition("=")[0] for line in (DOCKER / ".env.example").read_text().splitlines()]
    variables = [name for name in names if name.isupper() and " " not in name]
    assert len(variables) == 6
    assert all(f"${{{name}:-" in text for name in variables)


def test_orthanc_and_store_live_in_postgresql_and_outlive_restarts_of_both(compose, tmp_path):
    composition = compose("compose.yaml")
    orthanc = compose.start(composition, "orthanc")
    send_study(orthanc, tmp_path / "files")
    twin = the_twin(orthanc)

    assert orthanc.get("/system")["DatabaseBackendPlugin"]
    index, store = (composition.query(database, TABLES).split() for database in ("orthanc", "greycloak"))
    assert "resources" in index
    assert "subjects" in store
    assert not set(index) & set(store)
    assert composition.query("greycloak", "SELECT count(*) FROM subjects") == "1"
    assert not list(orthanc.volume.rglob("*.sqlite"))
    assert not (orthanc.volume / "storage" / "index").exists()

    job = orthanc.post(
        f"/studies/{orthanc.studies(anonymized=False)[0]['ID']}/anonymize-greycloak", {"Asynchronous": True}
    )

    orthanc.stop()
    composition.postgres.stop()
    composition.postgres.start()
    orthanc.container.hostname = "made-anew"
    orthanc.start()

    assert orthanc.get(job["Path"])["ID"] == job["ID"]
    assert the_twin(orthanc)["ID"] == twin["ID"]
    assert composition.query("greycloak", "SELECT count(*) FROM subjects") == "1"
    listed = orthanc.container.execute("greycloak", "pseudonyms", "list")
    assert twin["PatientMainDicomTags"]["PatientID"] in listed.stdout
    secrets = [path.read_text().strip() for name in SECRETS for path in folder_of(composition, name)]
    assert len(secrets) == 3
    log = orthanc.log.read_text()
    assert not [secret for secret in secrets if secret in log]


def test_the_key_is_rotated_while_orthanc_rests_and_pseudonyms_stay(compose, tmp_path):
    composition = compose("compose.yaml")
    orthanc = compose.start(composition, "orthanc")
    send_study(orthanc, tmp_path / "files")
    twin = the_twin(orthanc)
    orthanc.stop()

    volumes = composition.volumes("orthanc") | {"/keys": composition.folder / "secrets"}
    environment = orthanc.container.environment | {"GREYCLOAK_KEY_FILE": "/keys/greycloak_key"}
    rotating = Container(orthanc.container.image, tmp_path / "rotating", volumes, environment)
    assert rotating.run("greycloak", "keys", "rotate") == 0, rotating.log.read_text()
    rotating.stop()

    orthanc.start()
    assert (composition.folder / "secrets" / "greycloak_key").read_text().count("greycloak-key-") == 2
    orthanc.post(f"/studies/{orthanc.studies(anonymized=False)[0]['ID']}/anonymize-greycloak")
    assert the_twin(orthanc)["ID"] == twin["ID"]


def folder_of(composition, name):
    return sorted((composition.folder / name).iterdir())


def test_secrets_are_made_once_and_only_for_those_who_need_them(image, tmp_path):
    composition = Composition("compose.yaml", image, tmp_path / "volumes")
    log = composition.make_secrets()
    made = {path: path.read_text() for name in SECRETS for path in folder_of(composition, name)}
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in made}
    assert modes == {"greycloak_key": 0o600, "orthanc_password": 0o600, "postgres_password": 0o640}
    assert not [text for text in made.values() if text.strip() in log]
    composition.make_secrets()
    assert made == {path: path.read_text() for path in made}


def test_a_wrong_password_of_the_database_stops_the_container_and_is_not_told(compose):
    composition = compose("compose.yaml")
    orthanc = composition.orthanc("orthanc")
    compose.started.append(orthanc)
    orthanc.container.environment |= {"POSTGRES_PASSWORD": "not-the-right-one"}
    orthanc._write("site.json", {})
    orthanc.configuration = {"PostgreSQL": {"MaximumConnectionRetries": 1, "ConnectionRetryInterval": 1}}
    orthanc.launch()
    assert orthanc.container.process.wait(60) != 0
    assert "not-the-right-one" not in orthanc.log.read_text()


def test_two_orthancs_behind_the_proxy_are_one(compose, tmp_path):
    composition = compose("compose.scale.yaml")
    first = compose.start(composition, "orthanc1")
    second = compose.start(composition, "orthanc2")
    proxy = Proxy(tmp_path / "proxy", {"orthanc1": first, "orthanc2": second})
    compose.started.append(proxy)
    front = OrthancServer(tmp_path / "front")
    front.port, front.dicom_port, front.session.auth = proxy.port, proxy.dicom_port, first.session.auth

    # A series to each of them, directly, and one to whichever the proxy takes.
    for number, orthanc in enumerate((first, second, front), start=1):
        file = tmp_path / f"{number}.dcm"
        file.write_bytes(encode(ct(PatientID="MRN-1", StudyInstanceUID="1.2.3", SeriesInstanceUID=f"1.2.3.{number}")))
        orthanc.send(file)

    twin = the_twin(front)
    assert len(twin["Series"]) == 3
    assert the_twin(first)["ID"] == the_twin(second)["ID"] == twin["ID"]
    original = front.studies(anonymized=False)[0]["ID"]
    job = first.post(f"/studies/{original}/anonymize-greycloak", {"Synchronous": False})
    assert second.get(job["Path"])["ID"] == front.get(job["Path"])["ID"] == job["ID"]
    front.settle()
    assert the_twin(front)["ID"] == twin["ID"]
    assert front.session.get(f"{front.url}/studies", auth=("admin", "guess")).status_code == 401

    # A crowd at both, of the same new patients.
    files = [tmp_path / f"crowd-{number}.dcm" for number in range(CROWD)]
    for number, file in enumerate(files):
        uids = {"StudyInstanceUID": f"1.2.4.{number % 3}", "SeriesInstanceUID": f"1.2.4.{number % 3}.1"}
        file.write_bytes(encode(ct(PatientID=f"MRN-{number % 3}", SOPInstanceUID=f"1.2.4.5.{number}", **uids)))
    with ThreadPoolExecutor(4) as pool:
        groups = [files[start::4] for start in range(4)]
        list(pool.map(lambda job: job[0].send(*job[1]), zip((first, second, front, front), groups, strict=True)))
    assert not {"failed", "quarantined"} & set(front.settle(120))
    assert front.get("/statistics")["CountInstances"] == 2 * (3 + CROWD)

    # One of them goes; users of the proxy do not notice.
    first.stop()
    front.send(tmp_path / "1.dcm")
    front.settle()
    assert len(front.get(f"/studies/{twin['ID']}")["Series"]) == 3
