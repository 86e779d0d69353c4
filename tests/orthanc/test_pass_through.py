"""A file in, an anonymized file out, with the server's pseudonyms and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
import requests
from orthanc_server import OrthancServer

from greycloak import Installation
from greycloak.foreign import KINDS
from greycloak.reasons import REASONS
from support import ct, decode, encode

ROUTE = "/tools/anonymize-greycloak"


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), {"Rules": [], "Project": "trial"}).start()
    yield server
    server.stop_cleanly()


def send(orthanc, data, **headers):
    named = {f"Greycloak-{name}": value for name, value in headers.items()}
    return orthanc.session.post(orthanc.url + ROUTE, data=data, headers=named, timeout=60)


def test_the_file_comes_back_with_the_pseudonym_that_orthanc_gives(orthanc):
    answer = send(orthanc, encode(ct()))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/dicom")
    output, said = decode(answer.content), json.loads(answer.headers["Greycloak-Outcome"])
    assert output.PatientID == said["Pseudonym"]
    assert output.SOPInstanceUID == said["SOPInstanceUID"]
    assert orthanc.get("/instances") == []

    study = orthanc.upload(encode(ct()))["ParentStudy"]
    patient = orthanc.post(f"/studies/{study}/anonymize-greycloak")["PatientID"]
    assert orthanc.get(f"/patients/{patient}")["MainDicomTags"]["PatientID"] == said["PatientID"]


def test_a_rehearsal_gives_the_same_and_records_nothing(orthanc):
    rehearsed = send(orthanc, encode(ct()), Project="rehearsed", Rehearse="true").content
    assert "rehearsed" not in [project["Name"] for project in orthanc.get("/greycloak/projects")]
    assert send(orthanc, encode(ct()), Project="rehearsed").content == rehearsed
    assert "rehearsed" in [project["Name"] for project in orthanc.get("/greycloak/projects")]


def test_what_cannot_be_anonymized_comes_back_as_a_reason(orthanc):
    answer = send(orthanc, encode(ct(BurnedInAnnotation="YES")))
    assert answer.status_code == 422
    assert answer.json()["Reason"] == "burned-in-annotation"
    assert answer.json()["Remedy"] == REASONS["burned-in-annotation"].remedy
    assert send(orthanc, bytes(200)).json()["Reason"] == "not-dicom"


def test_what_is_no_image_comes_back_as_what_it_is(orthanc):
    for data, kind in ((b"nonsense", "text"), (b"", "empty"), (b"%PDF-1.7\n", "document")):
        answer = send(orthanc, data)
        assert answer.status_code == 422
        assert answer.json()["Skipped"] == kind
        assert answer.json()["Message"] == f"it is no image, but {KINDS[kind]} [{kind}]"
        assert "Reason" not in answer.json()


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"Profile": "nonsense"}, "header Greycloak-Profile"),
        ({"Profile": "../etc/passwd"}, "header Greycloak-Profile"),
        ({"Project": "a b"}, "header Greycloak-Project"),
        ({"Rehearse": "perhaps"}, "header Greycloak-Rehearse"),
    ],
)
def test_a_wrong_header_is_told(orthanc, headers, says):
    answer = send(orthanc, encode(ct()), **headers)
    assert answer.status_code == 400
    assert says in answer.json()["Message"]


def test_other_methods_and_pages_of_other_hosts_are_refused(orthanc):
    assert orthanc.session.get(orthanc.url + ROUTE, timeout=10).status_code == 405
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert orthanc.session.post(orthanc.url + ROUTE, data=b"", headers=foreign, timeout=10).status_code == 403


def test_many_at_once_are_served_or_told_to_come_again(orthanc):
    data = encode(ct())
    statuses = []

    def call():
        with requests.Session() as session:
            statuses.append(session.post(orthanc.url + ROUTE, data=data, timeout=60).status_code)

    callers = [threading.Thread(target=call) for _ in range(30)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 8


def test_a_helper_that_is_killed_at_work_leaves_nobody_waiting_and_orthanc_can_stop(tmp_path):
    server = OrthancServer(tmp_path, {"Rules": [], "Workers": 2}).start()
    try:
        workers = set(server.worker_pids())
        large = encode(ct(PixelData=bytes(30 << 20)))
        statuses = []

        def call():
            with requests.Session() as session:
                statuses.append(session.post(server.url + ROUTE, data=large, timeout=60).status_code)

        callers = [threading.Thread(target=call) for _ in range(8)]
        for caller in callers:
            caller.start()
        deadline = time.monotonic() + 60
        while any(caller.is_alive() for caller in callers) and time.monotonic() < deadline:
            for pid in set(server.worker_pids()) - workers:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.3)
        for caller in callers:
            caller.join(60)
        assert len(statuses) == 8
        assert set(statuses) <= {200, 503}
        assert send(server, encode(ct())).status_code == 200
    finally:
        begin = time.monotonic()
        server.stop()
        assert time.monotonic() - begin < 20


def test_orthanc_stops_while_somebody_waits(tmp_path):
    server = OrthancServer(tmp_path, {"Rules": [], "Workers": 1}).start()
    large = encode(ct(PixelData=bytes(50 << 20)))
    ended = []

    def call():
        try:
            ended.append(requests.post(server.url + ROUTE, data=large, timeout=60).status_code)
        except requests.RequestException as error:
            ended.append(type(error).__name__)

    callers = [threading.Thread(target=call) for _ in range(3)]
    for caller in callers:
        caller.start()
    time.sleep(0.5)
    server.stop_cleanly()
    for caller in callers:
        caller.join(30)
    assert len(ended) == 3


def test_who_was_told_which_pseudonym_is_in_the_audit(orthanc):
    for rehearse in ("true", "false", "true"):
        send(orthanc, encode(ct(StudyInstanceUID="1.2.77")), Project="audited", Rehearse=rehearse)
    folder = Path(orthanc.folder) / "orthanc" / "greycloak"
    events = Installation.open(f"sqlite:///{folder / 'store.sqlite'}", folder / "key").audit.events()
    noted = [
        event["rehearsed"] for event in events if event["what"] == "pass-through" and event["project"] == "audited"
    ]
    assert sorted(set(noted)) == [False, True]


def test_a_rehearsal_follows_what_is_recorded_meanwhile(tmp_path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "numbered.toml").write_text('base = "basic"\n[subjects]\nid = "N-{counter:03d}"\n')
    section = {"Rules": [], "Profile": "numbered", "ProfileFolder": str(tmp_path / "profiles"), "Workers": 1}
    server = OrthancServer(tmp_path / "orthanc", section).start()
    try:

        def pseudonym(patient, rehearse):
            data = encode(ct(PatientID=patient))
            return json.loads(send(server, data, Rehearse=rehearse).headers["Greycloak-Outcome"])["Pseudonym"]

        assert pseudonym("A", "true") == "N-001"
        assert pseudonym("B", "false") == "N-001"
        assert pseudonym("A", "true") == "N-002"
        assert pseudonym("A", "false") == "N-002"
        assert pseudonym("A", "true") == "N-002"
    finally:
        server.stop_cleanly()


def test_which_studies_a_project_has_given_is_told_without_naming_anybody(orthanc):
    given = json.loads(send(orthanc, encode(ct()), Project="known").headers["Greycloak-Outcome"])["StudyInstanceUID"]
    asked = {"StudyInstanceUIDs": [given, "1.2.3"]}
    assert orthanc.post("/greycloak/projects/known/studies/known", asked) == [given]
    assert orthanc.post("/greycloak/projects/nobody/studies/known", asked) == []


def test_processes_that_die_are_replaced_and_end_with_orthanc(tmp_path):
    server = OrthancServer(tmp_path, {"Rules": [], "Workers": 1}).start()
    try:
        before = set(server.worker_pids())
        large = encode(ct(PixelData=bytes(20 << 20)))
        for _ in range(5):
            answer = send(server, large)
            assert answer.status_code == 200, answer.text
            (started,) = set(server.worker_pids()) - before
            os.kill(started, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while send(server, large).status_code != 200:
            assert time.monotonic() < deadline
        mine = set(server.worker_pids())
        server.kill()
        while any(Path(f"/proc/{pid}").exists() for pid in mine):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        server.stop()
