"""The REST API, in Orthanc's vocabulary."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from orthanc_server import OrthancServer

from greycloak import load_profile
from greycloak.pixels.risk import REMEDY, RISKS
from greycloak.reasons import REASONS
from support import ct, encode

NOBODY = "00000000-00000000-00000000-00000000-00000000"
LEVELS = ["patients", "studies", "series", "instances"]
PARENTS = {"patients": "ParentPatient", "studies": "ParentStudy", "series": "ParentSeries", "instances": "ID"}
TYPES = {"patients": "Patient", "studies": "Study", "series": "Series", "instances": "Instance"}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "trusting.toml").write_text('base = "basic"\n[pixels]\nburned_in = "ignore"\n')
    section = {"Rules": [], "ProfileFolder": str(folder)}
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section).start()
    yield server
    server.stop_cleanly()


def upload_patient(orthanc, patient, *, studies=1, series=1, instances=2, **attributes):
    answers = [
        orthanc.upload(
            encode(
                ct(
                    PatientID=patient,
                    PatientName="Doe^Jonathan",
                    StudyInstanceUID=f"1.2.{abs(hash(patient)) % 10**9}.{a}",
                    SeriesInstanceUID=f"1.2.{abs(hash(patient)) % 10**9}.{a}.{b}",
                    SOPInstanceUID=f"1.2.{abs(hash(patient)) % 10**9}.{a}.{b}.{c}",
                    **attributes,
                )
            )
        )
        for a in range(1, studies + 1)
        for b in range(1, series + 1)
        for c in range(1, instances + 1)
    ]
    return answers[0]


@pytest.mark.parametrize("level", LEVELS)
def test_the_synchronous_answer_has_the_shape_of_orthancs_own(orthanc, level):
    answer = upload_patient(orthanc, f"shape-{level}", studies=2, series=2)
    resource = answer[PARENTS[level]]
    result = orthanc.post(f"/{level}/{resource}/anonymize-greycloak", {"Project": "shape"})
    own = {"ID", "Path", "PatientID", "Type", "InstancesCount", "FailedInstancesCount", "IsAnonymization"}
    assert own <= set(result)
    assert result["Type"] == TYPES[level]
    assert result["Path"] == f"/{level}/{result['ID']}"
    assert result["InstancesCount"] == {"patients": 8, "studies": 4, "series": 2, "instances": 1}[level]
    assert result["FailedInstancesCount"] == 0
    assert result["IsAnonymization"] is True
    new = orthanc.get(result["Path"])
    assert new["Type"] == TYPES[level]
    assert orthanc.get(f"/patients/{result['PatientID']}")["MainDicomTags"]["PatientID"].startswith("SHAPE-")
    assert orthanc.get(f"/{level}/{resource}")["ID"] == resource


def test_asking_twice_gives_the_same_study(orthanc):
    study = upload_patient(orthanc, "twice")["ParentStudy"]
    first, second = (orthanc.post(f"/studies/{study}/anonymize-greycloak") for _ in range(2))
    assert first["ID"] == second["ID"]
    assert len(orthanc.get(f"/studies/{first['ID']}/instances")) == 2


def test_an_asynchronous_job_has_orthancs_vocabulary(orthanc):
    study = upload_patient(orthanc, "async", instances=5)["ParentStudy"]
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Asynchronous": True, "Priority": 3})
    assert set(answer) == {"ID", "Path"}
    assert answer["Path"] == f"/greycloak/jobs/{answer['ID']}"
    states = []
    while not states or states[-1] in {"Pending", "Running"}:
        job = orthanc.get(answer["Path"])
        states.append(job["State"])
        time.sleep(0.02)
    assert states[-1] == "Success"
    assert job["Progress"] == 100
    assert job["Priority"] == 3
    assert job["ErrorCode"] == 0
    assert job["Content"]["InstancesCount"] == 5
    assert job["Content"]["Type"] == "Study"
    assert {"CreationTime", "CompletionTime", "EffectiveRuntime", "ErrorDescription", "ID", "Type"} <= set(job)
    assert answer["ID"] in orthanc.get("/greycloak/jobs")


def test_keep_source_false_takes_the_originals_away(orthanc):
    answer = upload_patient(orthanc, "gone", instances=3)
    study = answer["ParentStudy"]
    result = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"KeepSource": False})
    assert len(orthanc.get(f"/studies/{result['ID']}/instances")) == 3
    assert orthanc.session.get(f"{orthanc.url}/studies/{study}").status_code == 404


def test_a_quarantined_instance_fails_the_call_unless_it_is_permissive(orthanc):
    upload_patient(orthanc, "mixed", instances=2)
    bad = encode(
        ct(
            PatientID="mixed",
            StudyInstanceUID=f"1.2.{abs(hash('mixed')) % 10**9}.1",
            SOPInstanceUID="1.2.99",
            BurnedInAnnotation="YES",
        )
    )
    study = orthanc.upload(bad)["ParentStudy"]
    path = f"/studies/{study}/anonymize-greycloak"
    answer = orthanc.post(path, {"KeepSource": False}, status=422)
    assert "1 of 3 instances did not go through" in answer["Message"]
    assert answer["Quarantined"][0]["Reason"] == "burned-in-annotation"
    # Nothing is lost: what was refused is still there, what was not has its twin.
    (left,) = orthanc.get(f"/studies/{study}/instances")
    assert left["ID"] == answer["Quarantined"][0]["Instance"]
    assert answer["Quarantined"][0]["Message"] == REASONS["burned-in-annotation"].meaning
    assert answer["Quarantined"][0]["Remedy"] == REASONS["burned-in-annotation"].remedy
    (reason,) = answer["Reasons"]
    assert (reason["Reason"], reason["Count"]) == ("burned-in-annotation", 1)
    assert (reason["Message"], reason["Remedy"]) == REASONS["burned-in-annotation"]
    assert answer["AtRisk"]["InstancesCount"] == 0
    assert orthanc.post(path, {"Permissive": True})["FailedInstancesCount"] == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "no JSON"),
        (b"[]", "expected a JSON object"),
        (b"[" * 600, "larger than any that makes sense"),
        (b"\xff\xfe", "no JSON"),
        ({"Profil": "basic"}, "known are Profile, Project, KeepSource"),
        ({"Profile": "nonsense"}, "available: basic"),
        ({"Profile": 7}, "Profile: Input should be a valid string"),
        ({"Project": "a b"}, "letters, digits"),
        ({"KeepSource": "no"}, "KeepSource: Input should be a valid boolean"),
        ({"Priority": "high"}, "Priority: Input should be a valid integer"),
        ({"Synchronous": True, "Asynchronous": True}, "contradict"),
    ],
)
def test_a_wrong_body_is_answered_with_what_was_expected(orthanc, body, says):
    study = upload_patient(orthanc, "wrong")["ParentStudy"]
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", body, status=400)
    assert says in answer["Message"]
    assert answer["HttpStatus"] == 400
    assert answer["HttpError"] == "Bad Request"


@pytest.mark.parametrize("level", LEVELS)
def test_an_unknown_resource_is_not_found(orthanc, level):
    answer = orthanc.post(f"/{level}/{NOBODY}/anonymize-greycloak", status=404)
    assert answer["HttpStatus"] == 404


def test_unknown_jobs_and_wrong_methods(orthanc):
    assert orthanc.session.get(f"{orthanc.url}/greycloak/jobs/nonsense").status_code == 404
    assert orthanc.session.get(f"{orthanc.url}/studies/{NOBODY}/anonymize-greycloak").status_code == 405
    assert orthanc.session.delete(f"{orthanc.url}/greycloak/jobs").status_code == 405
    assert orthanc.session.get(f"{orthanc.url}/greycloak/page/../plugin.py").status_code == 404
    assert orthanc.session.get(f"{orthanc.url}/greycloak/page/nonsense.js").status_code == 404


def test_a_cancelled_job_leaves_what_is_done(orthanc):
    study = upload_patient(orthanc, "cancel", instances=60)["ParentStudy"]
    job = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Asynchronous": True})
    assert orthanc.post(f"{job['Path']}/cancel") == {}
    orthanc.settle()
    view = orthanc.get(job["Path"])
    assert view["State"] in {"Failure", "Success"}
    if view["State"] == "Failure":
        assert view["ErrorCode"] == 37
    assert orthanc.session.post(f"{orthanc.url}/greycloak/jobs/x/cancel").status_code == 404


OUR_PAGE = {"X-Requested-With": "Greycloak", "User-Agent": "Mozilla/5.0"}


def test_a_page_of_another_server_cannot_start_anything(orthanc):
    study = upload_patient(orthanc, "csrf")["ParentStudy"]
    path = f"/studies/{study}/anonymize-greycloak"
    other_port = f"http://127.0.0.1:{orthanc.port + 1}"
    for foreign in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": other_port},
        {"Origin": f"https://127.0.0.1:{orthanc.port}x"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        orthanc.post(path, status=403, headers=foreign)
        orthanc.post(path, {"KeepSource": False}, status=403, headers=OUR_PAGE | foreign)
        orthanc.post("/tools/anonymize-greycloak", b"x", status=403, headers=OUR_PAGE | foreign)
        orthanc.post("/greycloak/preview", status=403, headers=OUR_PAGE | foreign)
    assert orthanc.get(f"/studies/{study}")["ID"] == study
    # A form that any page may send has neither of both.
    orthanc.post(path, status=403, headers={"Origin": orthanc.url, "Content-Type": "text/plain"})
    orthanc.post(path, status=403, headers={"User-Agent": "Mozilla/5.0"})
    orthanc.post(path, headers=OUR_PAGE | {"Origin": orthanc.url})
    orthanc.post(path, headers={"Origin": orthanc.url, "Content-Type": "application/json; charset=utf-8"})
    proxied = {"Origin": "https://pacs.example", "X-Forwarded-Host": "pacs.example"}
    orthanc.post(path, headers=OUR_PAGE | proxied)
    orthanc.post(path, headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://pacs.example"})
    orthanc.post(path)  # a program


def test_answers_cannot_be_framed_or_taken_for_something_else(orthanc):
    for path in ("/greycloak/page/index.html", "/greycloak/profiles/basic/statement"):
        headers = orthanc.session.get(orthanc.url + path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in headers["Permissions-Policy"]
    for path in ("/greycloak/status", "/greycloak/jobs/nonsense"):
        assert orthanc.session.get(orthanc.url + path).headers["X-Content-Type-Options"] == "nosniff"


def test_profiles_projects_and_status(orthanc):
    profiles = {profile.pop("Name"): profile for profile in orthanc.get("/greycloak/profiles")}
    assert profiles["basic"] == {
        "Title": load_profile("basic").title,
        "Options": [],
        "RemovesIdentity": True,
        "Leaves": [],
        "IsDefault": True,
    }
    assert not {"custom", "site-table"} & set(profiles)
    assert "retain-modified-dates" in profiles["clinical-trial"]["Options"]
    assert {"Name": "default", "IsDefault": True} in orthanc.get("/greycloak/projects")
    status = orthanc.get("/greycloak/status")
    assert status["Workers"] == 2
    assert status["Node"]
    assert status["Standard"] == "PS3.15 2026d"
    assert (status["Healthy"], status["Problems"], status["NotYetRecorded"]) == (True, [], 0)
    assert orthanc.get("/greycloak/health") == {"Healthy": True, "Problems": []}


def test_what_was_refused_can_be_tried_again(orthanc):
    study = upload_patient(orthanc, "again", instances=1, BurnedInAnnotation="YES")["ParentStudy"]
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", status=422)
    assert orthanc.post(f"{answer['Job']}/resubmit") == {}
    orthanc.settle()
    assert orthanc.get(answer["Job"])["Content"]["FailedInstancesCount"] == 1


def test_new_instances_that_may_show_identity_and_were_not_inspected_are_counted_and_named(orthanc):
    upload_patient(orthanc, "screens", instances=2, SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1")
    capture = ct(PatientID="screens", PatientName="Doe^Jonathan", SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    capture.StudyInstanceUID, capture.SOPInstanceUID = f"1.2.{abs(hash('screens')) % 10**9}.1", "1.2.98"
    capture.ImageType = ["DERIVED", "SECONDARY"]
    study = orthanc.upload(encode(capture))["ParentStudy"]
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Profile": "trusting", "Project": "trusting"})
    assert answer["AtRisk"]["InstancesCount"] == 3
    assert answer["AtRisk"]["Remedy"] == REMEDY
    told = {one["Instance"]: one["Risks"] for one in answer["AtRisk"]["Instances"]}
    assert sorted(told.values()) == [["secondary-capture"], ["ultrasound"], ["ultrasound"]]
    assert answer["AtRisk"]["Instances"][0]["Messages"][0] in RISKS.values()
    for instance in told:
        assert orthanc.get(f"/instances/{instance}/simplified-tags")["PatientIdentityRemoved"] == "YES"


def test_a_twin_that_was_made_in_another_way_is_not_taken_for_the_result(orthanc):
    study = upload_patient(orthanc, "two-ways")["ParentStudy"]
    path = f"/studies/{study}/anonymize-greycloak"
    orthanc.post(path, {"Profile": "basic", "Project": "ways"})
    answer = orthanc.post(path, {"Profile": "clinical-trial", "Project": "ways"}, status=422)
    assert {one["Reason"] for one in answer["Quarantined"]} == {"twin-differs"}
    other = orthanc.post(path, {"Profile": "clinical-trial", "Project": "other-ways"})
    instance = orthanc.get(f"/studies/{other['ID']}/instances")[0]["ID"]
    assert (
        orthanc.get(f"/instances/{instance}/simplified-tags")["LongitudinalTemporalInformationModified"] == "MODIFIED"
    )


@pytest.mark.timeout(180)
def test_fifty_concurrent_calls_all_end_and_nothing_locks_up(orthanc):
    studies = [upload_patient(orthanc, f"crowd-{number}")["ParentStudy"] for number in range(50)]

    def call(study):
        while True:
            answer = requests.post(f"{orthanc.url}/studies/{study}/anonymize-greycloak", data="{}", timeout=120)
            if answer.status_code != 503:
                return answer
            assert answer.headers["Retry-After"] == "1"
            time.sleep(0.5)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(call, studies))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["ID"] for answer in answers}) == 50


def test_no_identity_is_in_logs_and_job_records(orthanc):
    upload_patient(orthanc, "SECRET-ID-4711", instances=1, BurnedInAnnotation="YES")
    study = upload_patient(orthanc, "SECRET-ID-4711", instances=1)["ParentStudy"]
    orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Permissive": True})
    everything = orthanc.log.read_text() + str(orthanc.get("/greycloak/quarantine"))
    everything += str([orthanc.get(f"/greycloak/jobs/{job}") for job in orthanc.get("/greycloak/jobs")])
    folder = orthanc.folder / "orthanc" / "greycloak"
    everything += "".join(path.read_bytes().decode("latin-1") for path in folder.iterdir())
    assert "SECRET-ID" not in everything
    assert "Jonathan" not in everything
