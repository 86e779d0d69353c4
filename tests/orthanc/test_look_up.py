"""Who is who over REST: for those whom the configuration names, in bodies only, and noted in the audit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from orthanc_server import OrthancServer

from greycloak import Installation
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
    for number in range(3):
        study = server.upload(
            encode(
                ct(
                    PatientID=f"MRN-{number}",
                    StudyInstanceUID=f"1.2.3.{number}",
                    SOPInstanceUID=f"1.2.3.{number}.1",
                    IssuerOfPatientID="Example Hospital",
                )
            )
        )["ParentStudy"]
        server.post(f"/studies/{study}/anonymize-greycloak")
    yield server
    server.stop_cleanly()


def ask(orthanc, action, body=None, status=200, project="trial"):
    return orthanc.post(f"/greycloak/projects/{project}/pseudonyms/{action}", body, status)


def pseudonyms(orthanc):
    return [one["Pseudonym"] for one in ask(orthanc, "list")]


def test_a_patient_is_found_both_ways(orthanc):
    asked = {"PatientIDs": ["MRN-1", "MRN-nobody"], "IssuerOfPatientID": "Example Hospital"}
    (found,) = ask(orthanc, "find", asked)
    assert found["Pseudonym"] in pseudonyms(orthanc)
    (back,) = ask(orthanc, "find", {"Pseudonyms": [found["Pseudonym"], "TRIAL-NOBODY"]})
    assert (back["PatientID"], back["IssuerOfPatientID"]) == ("MRN-1", "Example Hospital")
    (same,) = ask(orthanc, "find", {"PatientIDs": ["MRN-1"]})
    assert same["Pseudonym"] == found["Pseudonym"]  # issuers tell no subjects apart
    assert ask(orthanc, "find", {"PatientIDs": ["MRN-1"], "IssuerOfPatientID": "Elsewhere"}) == []


def test_a_study_is_found_both_ways(orthanc):
    (found,) = ask(orthanc, "find", {"StudyInstanceUIDs": ["1.2.3.2"]})
    assert found["Original"] == "1.2.3.2"
    assert ask(orthanc, "find", {"StudyInstanceUIDs": [found["New"]]}) == [found]
    studies = {study["MainDicomTags"]["StudyInstanceUID"] for study in orthanc.get("/studies?expand")}
    assert found["New"] in studies


def test_the_crosswalk_tells_everything(orthanc):
    exported = ask(orthanc, "export")
    assert {one["PatientID"] for one in exported} >= {"MRN-0", "MRN-1", "MRN-2"}
    assert [one["Number"] for one in exported] == sorted(one["Number"] for one in exported)


def test_given_pseudonyms_are_used_and_can_be_merged_and_forgotten(orthanc):
    given = {"PatientID": "MRN-9", "Pseudonym": "SITE-9", "Name": "Case 9", "IssuerOfPatientID": "Example Hospital"}
    assert ask(orthanc, "import", {"Subjects": [given]}, project="given") == {"Added": 1}
    data = encode(ct(PatientID="MRN-9", IssuerOfPatientID="Example Hospital", SOPInstanceUID="1.2.9"))
    study = orthanc.upload(data)["ParentStudy"]
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Project": "given"})
    patient = orthanc.get(f"/patients/{answer['PatientID']}")["MainDicomTags"]
    assert (patient["PatientID"], patient["PatientName"]) == ("SITE-9", "Case 9")
    other = {"PatientID": "MRN-8", "Pseudonym": "SITE-8"}
    ask(orthanc, "import", {"Subjects": [other]}, project="given")
    assert ask(orthanc, "merge", {"Pseudonym": "SITE-8", "Into": "SITE-9"}, project="given") == {}
    (merged,) = ask(orthanc, "find", {"PatientIDs": ["MRN-8"]}, project="given")
    assert merged["Pseudonym"] == "SITE-9"
    assert ask(orthanc, "forget", {"Pseudonym": "SITE-9"}, project="given") == {}
    assert ask(orthanc, "export", project="given") == []


@pytest.mark.parametrize(
    ("action", "body", "says"),
    [
        ("find", {}, "expected one of Pseudonyms"),
        ("find", {"Pseudonyms": ["x"], "PatientIDs": ["y"]}, "expected one of Pseudonyms"),
        ("find", {"PatientID": "MRN-1"}, "unknown option"),
        ("import", {"Subjects": [{"PatientID": "MRN-1", "Pseudonym": "a^b"}]}, "line 1: its pseudonym"),
        ("import", {"Subjects": [{"PatientID": "", "Pseudonym": "ab"}]}, "line 1: it has no patient_id"),
        ("merge", {"Pseudonym": "x", "Into": "y"}, "no subject with the pseudonym"),
        ("forget", {}, "Field required"),
    ],
)
def test_a_wrong_body_is_told_without_values(orthanc, action, body, says):
    message = ask(orthanc, action, body, 400)["Message"]
    assert says in message
    assert "MRN" not in message


def test_an_unknown_project_is_told(orthanc):
    assert ask(orthanc, "list", status=404, project="nonsense")["Message"] == "there is no such project"


def test_only_those_who_are_named_may_ask(orthanc):
    orthanc.session.auth = ("researcher", USERS["researcher"])
    try:
        for action in ("find", "list", "export", "import", "merge", "forget"):
            assert "may not look up" in ask(orthanc, action, {}, 403)["Message"]
        assert orthanc.get("/greycloak/status")["Workers"]
    finally:
        orthanc.session.auth = ("manager", USERS["manager"])


def test_the_audit_names_who_asked_and_nobody_else(orthanc):
    ask(orthanc, "find", {"Pseudonyms": pseudonyms(orthanc)})
    folder = Path(orthanc.folder) / "orthanc" / "greycloak"
    audit = Installation.open(f"sqlite:///{folder / 'store.sqlite'}", folder / "key").audit
    events = list(audit.events())
    assert audit.verify().problem == ""
    assert sum(event["anonymized"] for event in events if event["what"] == "run") >= 3
    assert {"anonymize", "run", "find", "export", "import", "merge", "forget"} <= {event["what"] for event in events}
    assert all(event["door"] == "orthanc" for event in events)
    assert {event["who"] for event in events if event["what"] == "find"} == {"manager"}
    text = json.dumps(events)
    for secret in ("MRN", "1.2.3.", "Example Hospital", "Doe"):
        assert secret not in text
    log = orthanc.log.read_text()
    assert "MRN" not in log


def test_without_the_setting_nobody_may_ask(tmp_path):
    server = OrthancServer(tmp_path / "orthanc", {"Rules": []}).start()
    try:
        assert "LookUp" in ask(server, "list", status=403, project="default")["Message"]
    finally:
        server.stop_cleanly()
