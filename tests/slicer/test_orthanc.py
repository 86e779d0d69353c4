"""Slicer and a real Orthanc: as a target, and as the one who gives pseudonyms."""

from __future__ import annotations

import csv

import pytest
from orthanc_server import OrthancServer
from scenario import SOP, chosen, files_below, originals, run_to_end

from greycloak.preview import KEPT, REPLACED
from GreycloakLib.anonymizers import open_anonymizer
from GreycloakLib.choices import Choices, Pseudonyms
from GreycloakLib.headless import finish
from GreycloakLib.orders import DELIVERING, Order
from GreycloakLib.orthanc import Orthanc
from GreycloakLib.problems import CancelledError, ProblemError
from GreycloakLib.run import Run
from GreycloakLib.targets.folder import FolderTarget
from GreycloakLib.targets.orthanc import OrthancTarget
from support import ct, encode

USERS = {"manager": "m-secret", "researcher": "r-secret"}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(
        tmp_path_factory.mktemp("orthanc"),
        {"Rules": [], "LookUp": "manager", "Project": "trial"},
        {"AuthenticationEnabled": True, "RegisteredUsers": USERS},
    )
    server.session.auth = ("manager", USERS["manager"])
    server.start()
    yield server
    server.stop_cleanly()


@pytest.fixture(autouse=True)
def empty(orthanc):
    yield
    for study in orthanc.get("/studies"):
        orthanc.session.delete(f"{orthanc.url}/studies/{study}", timeout=30)


def through(orthanc, user="manager", profile="basic", project="trial"):
    pseudonyms = Pseudonyms("orthanc", orthanc.url, user, USERS[user])
    return Choices(profile=profile, project=project, pseudonyms=pseudonyms)


def target(orthanc, user="researcher"):
    return OrthancTarget(Orthanc(orthanc.url, user, USERS[user]))


def test_copies_arrive_in_orthanc(orthanc, tmp_path):
    files = originals(tmp_path / "in")
    run = run_to_end(Order(files, [target(orthanc)]), chosen(tmp_path))
    assert run.summary.anonymized == 6
    assert len(orthanc.get("/instances")) == 6
    patients = [orthanc.get(f"/patients/{one}")["MainDicomTags"]["PatientID"] for one in orthanc.get("/patients")]
    assert len(patients) == 2
    assert all(patient.startswith("TRIAL-") for patient in patients)
    run_to_end(Order(files, [target(orthanc)]), chosen(tmp_path))  # again: nothing changes
    assert len(orthanc.get("/instances")) == 6


def test_what_was_anonymized_in_another_way_is_not_mixed_in(orthanc, tmp_path):
    files = originals(tmp_path / "in", patients=1)
    run_to_end(Order(files[:1], [target(orthanc)]), chosen(tmp_path))
    other = chosen(tmp_path, options=("retain-full-dates",))
    with pytest.raises(ProblemError, match="in another way"):
        run_to_end(Order(files, [target(orthanc)]), other)
    assert len(orthanc.get("/instances")) == 1


def test_a_run_that_is_cancelled_is_taken_back_from_orthanc_but_not_what_was_there_before(orthanc, tmp_path):
    files = originals(tmp_path / "in", patients=1, images=20)
    run_to_end(Order(files[:2], [target(orthanc)]), chosen(tmp_path))
    run = Run(
        Order(files, [target(orthanc), FolderTarget(tmp_path / "out")]),
        lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled),
    )

    def look():
        if run.progress.stage == DELIVERING and run.progress.done > 5:
            run.cancel()

    with pytest.raises(CancelledError):
        finish(run.steps(), look)
    assert len(orthanc.get("/instances")) == 2
    assert files_below(tmp_path / "out") == []


def test_an_orthanc_that_goes_away_delivers_nothing_elsewhere(tmp_path):
    server = OrthancServer(tmp_path / "orthanc", {"Rules": []}).start()
    files = originals(tmp_path / "in", patients=1, images=30)
    run = Run(
        Order(files, [FolderTarget(tmp_path / "out"), OrthancTarget(Orthanc(server.url))]),
        lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled),
    )

    def look():
        if run.progress.where == "Orthanc" and run.progress.done > 3 and server.process is not None:
            server.kill()

    try:
        with pytest.raises(ProblemError, match=r"does not answer.*could not be taken back"):
            finish(run.steps(), look)
    finally:
        server.stop()
    assert files_below(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"password": "wrong"}, "refuses this user or password"),
        ({"address": "http://127.0.0.1:9"}, "does not answer"),
        ({"address": "http://user:pass@localhost:8042"}, "without a password"),
        ({"address": "localhost"}, "has to look like"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_without_secrets(orthanc, tmp_path, change, says):
    asked = {"source": "orthanc", "address": orthanc.url, "user": "manager", "password": USERS["manager"]} | change
    with pytest.raises(ProblemError, match=says) as told:
        open_anonymizer(Choices(pseudonyms=Pseudonyms(**asked)))
    assert "m-secret" not in str(told.value)
    del tmp_path


def test_pseudonyms_of_the_server_are_the_same_at_every_door(orthanc, tmp_path):
    files = originals(tmp_path / "in", patients=1, images=2)
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")]), through(orthanc))
    study = orthanc.upload(files[0].read_bytes())["ParentStudy"]
    twin = orthanc.post(f"/studies/{study}/anonymize-greycloak")["ID"]
    instance = orthanc.get(f"/studies/{twin}/instances")[0]["ID"]
    theirs = orthanc.session.get(f"{orthanc.url}/instances/{instance}/file", timeout=30).content
    ours = {path.stem: path.read_bytes() for path in files_below(tmp_path / "out")}
    assert theirs in ours.values()


def test_the_server_keeps_neither_original_nor_copy(orthanc, tmp_path):
    run_to_end(Order(originals(tmp_path / "in"), [FolderTarget(tmp_path / "out")]), through(orthanc))
    assert orthanc.get("/instances") == []
    assert len(files_below(tmp_path / "out")) == 6


def test_what_the_server_refuses_is_quarantined_with_its_reason(orthanc, tmp_path):
    (tmp_path / "screen.dcm").write_bytes(encode(ct(BurnedInAnnotation="YES")))
    (tmp_path / "letter.txt").write_text("Dear Mr. Secret")
    files = [tmp_path / "screen.dcm", tmp_path / "letter.txt", tmp_path / "gone.dcm", *originals(tmp_path / "in")]
    run = run_to_end(Order(files, [FolderTarget(tmp_path / "out")], tmp_path / "report.jsonl"), through(orthanc))
    assert [why.reason for _, why in run.summary.quarantined] == ["burned-in-annotation", "unreadable"]
    assert run.summary.tally.skipped == {"text": 1}
    assert run.summary.anonymized == 6
    assert len((tmp_path / "report.jsonl").read_text().splitlines()) == 9


def test_a_profile_that_the_server_does_not_have_is_told_with_those_that_it_has(orthanc, tmp_path):
    with pytest.raises(ProblemError, match=r"no profile trial-7; it has: basic"):
        open_anonymizer(through(orthanc, profile="trial-7"))
    del tmp_path


def test_the_crosswalk_needs_the_right_to_look_up(orthanc, tmp_path):
    files = originals(tmp_path / "in", patients=1, images=1)
    crosswalk = tmp_path / "crosswalk.csv"
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")], None, crosswalk), through(orthanc))
    assert [row["patient_id"] for row in csv.DictReader(crosswalk.open())] == ["MRN-1"]
    with pytest.raises(ProblemError, match="may not look up"):
        run_to_end(Order(files, [FolderTarget(tmp_path / "other")], None, crosswalk), through(orthanc, "researcher"))
    assert files_below(tmp_path / "other") == []


def test_a_preview_through_the_server_shows_before_and_after_and_records_nothing(orthanc, tmp_path):
    (file,) = originals(tmp_path / "in", patients=1, images=1, PatientID="MRN-NEW")
    preview = open_anonymizer(through(orthanc, project="looked-at")).preview(file)
    rows = {row.name: row for row in preview.rows}
    assert (rows["PatientName"].what, rows["Modality"].what) == (REPLACED, KEPT)
    assert "looked-at" not in [one["Name"] for one in orthanc.get("/greycloak/projects")]


def test_an_orthanc_without_greycloak_is_told(tmp_path):
    server = OrthancServer(tmp_path / "orthanc", {"Enable": False})
    server.launch()
    try:
        import time

        import requests

        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                requests.get(f"{server.url}/system", timeout=2)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        with pytest.raises(ProblemError, match="no Greycloak"):
            open_anonymizer(Choices(pseudonyms=Pseudonyms("orthanc", server.url)))
    finally:
        server.stop()


def test_nothing_of_originals_is_in_uids_that_reach_the_server_as_names(orthanc, tmp_path):
    run_to_end(Order(originals(tmp_path / "in"), [target(orthanc)]), chosen(tmp_path))
    log = orthanc.log.read_text()
    assert "Secret" not in log
    assert SOP not in log
