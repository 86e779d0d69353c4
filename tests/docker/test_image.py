"""The image, built and run for real: what an administrator does with it, and what it must not do."""

from __future__ import annotations

import os
import stat

import pytest
from images import details, root_of
from studies import send_study, the_twin

from support import ct, decode, encode

COMPILERS = ("gcc", "cc", "ld", "pip", "pip3", "make", "curl", "wget", "git")


def everything_in(root):
    """Return what a write would change."""
    found = {}
    for path in root.rglob("*"):
        status = path.lstat()
        found[path] = (status.st_size, status.st_mtime_ns, status.st_mode)
    return found


def test_a_study_sent_to_the_container_comes_out_anonymized(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    send_study(orthanc, tmp_path / "files")

    twin = the_twin(orthanc)

    assert len(orthanc.instances_of(twin)) == 2
    assert twin["PatientMainDicomTags"]["PatientID"] != "MRN-4711"
    assert "Emma" not in str(orthanc.get(f"/studies/{twin['ID']}"))
    assert len(orthanc.studies(anonymized=False)) == 1


def test_a_file_passes_through_the_container_and_leaves_nothing_there(make_orthanc):
    orthanc = make_orthanc().start()
    url = f"{orthanc.url}/tools/anonymize-greycloak"
    for _ in range(2):
        answer = orthanc.session.post(url, data=encode(ct()), headers={"Greycloak-Project": "passing"}, timeout=60)
        assert answer.status_code == 200, answer.text
        assert decode(answer.content).PatientID.startswith("PASSING-")
    assert orthanc.session.post(url, data=b"nonsense", timeout=60).json()["Skipped"] == "text"
    assert orthanc.get("/instances") == []


def test_what_is_sent_to_another_title_is_kept_as_it_is(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    send_study(orthanc, tmp_path / "files", called="ARCHIVE")
    orthanc.settle()
    assert orthanc.studies(anonymized=True) == []
    assert len(orthanc.studies(anonymized=False)) == 1


def test_the_health_check_passes_while_it_runs_and_fails_when_nothing_answers(make_orthanc):
    orthanc = make_orthanc().start()
    health = details(orthanc.container.image)["Healthcheck"]["Test"]
    assert health[0] == "CMD"

    healthy = orthanc.container.execute(*health[1:])
    assert (healthy.returncode, healthy.stderr) == (0, "greycloak: healthy\n")

    orthanc._write("ports.json", {"HttpPort": 1})
    unhealthy = orthanc.container.execute(*health[1:])
    assert unhealthy.returncode == 1
    assert orthanc.password not in unhealthy.stderr + unhealthy.stdout


def test_a_restart_keeps_data_password_and_pseudonyms(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    send_study(orthanc, tmp_path / "files")
    before, password = the_twin(orthanc), orthanc.password

    orthanc.stop()
    orthanc.start()

    assert orthanc.password == password
    assert the_twin(orthanc)["ID"] == before["ID"]
    orthanc.post(f"/studies/{orthanc.studies(anonymized=False)[0]['ID']}/anonymize-greycloak")
    assert the_twin(orthanc)["ID"] == before["ID"]


def test_nobody_gets_in_without_the_password_and_no_log_or_command_line_tells_it(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    send_study(orthanc, tmp_path / "files")
    the_twin(orthanc)
    for path in ("/system", "/studies", "/greycloak/status", "/app/explorer.html"):
        assert orthanc.session.get(orthanc.url + path, auth=("admin", "orthanc")).status_code == 401

    log = orthanc.log.read_text()
    assert "the password of user 'admin' is in /var/lib/orthanc/admin-password" in log
    assert len(orthanc.password) >= 32
    assert orthanc.password not in log
    assert stat.S_IMODE((orthanc.volume / "admin-password").stat().st_mode) == 0o600
    assert stat.S_IMODE((orthanc.volume / "greycloak" / "key").stat().st_mode) == 0o600
    shown = orthanc.container.execute("sh", "-c", "cat /proc/[0-9]*/cmdline /proc/1/environ")
    assert "Orthanc" in shown.stdout
    assert orthanc.password not in shown.stdout


def test_it_runs_as_nobody_special_and_writes_to_its_volume_only(make_orthanc, tmp_path):
    orthanc = make_orthanc()
    root = root_of(orthanc.container.image)
    before = everything_in(root)
    orthanc.start()
    send_study(orthanc, tmp_path / "files")
    the_twin(orthanc)

    status = orthanc.container.execute("cat", "/proc/1/status").stdout
    assert "Uid:\t4242\t4242\t4242\t4242" in status
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    for place in ("/", "/opt/greycloak", "/etc", "/usr/share/orthanc/plugins"):
        assert orthanc.container.execute("sh", "-c", f"touch {place}/x").returncode != 0
    orthanc.stop()
    assert everything_in(root) == before


def test_the_image_is_labelled_and_brings_nothing_to_build_with(image):
    configuration = details(image)
    assert configuration["User"] == "4242:4242"
    assert configuration["StopSignal"] == "SIGTERM"
    assert set(configuration["ExposedPorts"]) == {"4242/tcp", "8042/tcp"}
    assert configuration["Labels"]["org.opencontainers.image.title"] == "Greycloak"
    root = root_of(image)
    for program in COMPILERS:
        assert not list(root.glob(f"*/bin/{program}")) + list(root.glob(f"usr/*/bin/{program}")), program
    assert not list(root.glob("opt/greycloak/lib/python*/site-packages/pip*"))
    assert not list((root / "etc/orthanc").iterdir())
    assert not list((root / "var/lib/apt/lists").iterdir())
    assert sum(path.lstat().st_size for path in root.rglob("*")) < 1_100_000_000


def test_nothing_of_this_machine_is_left_in_the_image(image):
    root = root_of(image)
    lent = [*root.glob("tmp/*"), root / "etc/pip.conf", root / "etc/apt/apt.conf.d/99-machine"]
    assert [path for path in lent if path.exists() and path.stat().st_size] == []  # where it was mounted is a name left


def test_the_command_line_works_on_the_store_of_the_container(make_orthanc, tmp_path):
    orthanc = make_orthanc().start()
    send_study(orthanc, tmp_path / "files")
    pseudonym = the_twin(orthanc)["PatientMainDicomTags"]["PatientID"]

    listed = orthanc.container.execute("greycloak", "pseudonyms", "list")

    assert listed.returncode == 0, listed.stderr
    assert pseudonym in listed.stdout
    assert "MRN-4711" not in listed.stdout


def test_a_key_and_a_password_are_taken_from_secrets(make_orthanc, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "orthanc_password").write_text("of the administrator's own\n")
    keys = make_orthanc("other").start()
    (secrets / "greycloak_key").write_text((keys.volume / "greycloak" / "key").read_text())
    send_study(keys, tmp_path / "files")
    pseudonym = the_twin(keys)["PatientMainDicomTags"]

    orthanc = make_orthanc(volumes={"/run/secrets:ro": secrets})
    orthanc.password_file = secrets / "orthanc_password"
    orthanc.start()
    send_study(orthanc, tmp_path / "files")

    assert the_twin(orthanc)["PatientMainDicomTags"] == pseudonym
    assert not (orthanc.volume / "admin-password").exists()
    assert not (orthanc.volume / "greycloak" / "key").exists()
    assert "of the administrator's own" not in orthanc.log.read_text()


@pytest.mark.parametrize(("place", "said"), [("volume", "cannot write to"), ("mounted", "cannot read /etc/orthanc")])
def test_a_mount_that_it_may_not_use_stops_it_with_a_line_that_says_so(make_orthanc, place, said):
    orthanc = make_orthanc()
    folder = getattr(orthanc, place)
    os.chown(folder, 0, 0)
    folder.chmod(0o700)
    orthanc.launch()
    assert orthanc.container.process.wait(60) == 1
    assert said in orthanc.log.read_text()


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ({"AuthenticationEnabled": False}, "authentication stays on"),
        ({"RegisteredUsers": {"guest": ""}}, "a registered user has no password"),
    ],
)
def test_a_door_left_open_stops_it_with_a_line_that_says_so(make_orthanc, configuration, said):
    orthanc = make_orthanc(configuration=configuration)
    orthanc.launch()
    assert orthanc.container.process.wait(60) == 1
    assert said in orthanc.log.read_text()
