"""A site's own profiles in Orthanc: found by name, checked at the start, and used by every worker."""

from __future__ import annotations

import pytest
from orthanc_server import OrthancServer

from support import ct, encode

SITE = """
title = "Teaching files"
base = "basic"
options = ["retain-patient-characteristics"]

[tags]
StudyDescription = { replace = "Teaching file {counter:03d}" }
PatientName = { replace = "Case {counter:03d}" }

[[rules]]
if = 'ImageType contains "SECONDARY"'
quarantine = true
"""


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "teaching.toml").write_text(SITE)
    (folder / "broken.toml").write_text('options = ["retain-everything"]')
    offered = ["custom", "research", "site-table", "teaching", "whitelist", "clinical-trial", "sharing", "scramble"]
    section = {"ProfileFolder": str(folder), "Rules": [], "Profiles": offered}
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section).start()
    yield server
    server.stop_cleanly()


def upload(orthanc, **attributes):
    unique = attributes["PatientID"]
    data = encode(ct(**{"StudyInstanceUID": f"1.2.3.{unique}", "SOPInstanceUID": f"1.2.3.{unique}.1"} | attributes))
    return orthanc.upload(data)["ParentStudy"]


def twin_of(orthanc, study, profile, **options):
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Profile": profile, **options})
    instance = orthanc.get(f"{answer['Path']}/instances")[0]
    return answer, orthanc.get(f"/instances/{instance['ID']}/simplified-tags")


def test_a_site_profile_is_listed_and_a_broken_one_is_told_in_the_log(orthanc):
    listed = {profile["Name"]: profile["Title"] for profile in orthanc.get("/greycloak/profiles")}
    assert listed["teaching"] == "Teaching files"
    assert "whitelist" in listed
    assert "broken" not in listed
    assert "profile broken: options.0: expected" in orthanc.log.read_text()


def test_a_site_profile_does_what_it_says(orthanc):
    numbers = set()
    for patient in ("101", "102", "103"):
        study = upload(orthanc, PatientID=patient, StudyDescription="of Jonathan", PatientSex="F")
        _, tags = twin_of(orthanc, study, "teaching")
        assert tags["PatientSex"] == "F"
        number = tags["StudyDescription"].removeprefix("Teaching file ")
        assert tags["PatientName"] == f"Case {number}"
        numbers.add(number)
    assert len(numbers) == 3


def test_what_a_rule_denies_is_held_back_with_its_reason(orthanc):
    study = upload(orthanc, PatientID="104", ImageType=["DERIVED", "SECONDARY"])
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Profile": "teaching"}, status=422)
    assert answer["Quarantined"][0]["Reason"] == "denied-by-rule"


def test_a_profile_may_write_its_own_patient_id(orthanc):
    study = upload(orthanc, PatientID="105", OtherPatientNames="Doe^J")
    answer, tags = twin_of(orthanc, study, "site-table", Project="table")
    assert (tags["PatientID"], tags["PatientName"]) == ("19000101", "19000101")
    assert "OtherPatientNames" not in tags
    assert orthanc.get(f"/patients/{answer['PatientID']}")["MainDicomTags"]["PatientID"] == "19000101"


def test_two_profiles_without_codes_do_not_pass_for_each_other(orthanc):
    study = upload(orthanc, PatientID="106")
    twin_of(orthanc, study, "research", Project="two")
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Profile": "custom", "Project": "two"}, status=422)
    assert answer["Quarantined"][0]["Reason"] == "twin-differs"


@pytest.mark.parametrize("name", ["../basic", "/etc/passwd", "basic.toml", "broken", "nonsense", ""])
def test_requests_name_profiles_and_never_files(orthanc, name):
    study = upload(orthanc, PatientID="107")
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Profile": name}, status=400)
    assert "Profile" in answer["Message"]


def test_the_statement_of_a_profile_can_be_read_in_a_browser(orthanc):
    answer = orthanc.session.get(f"{orthanc.url}/greycloak/profiles/teaching/statement")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Conformance statement: teaching" in answer.text
    assert "SECONDARY" in answer.text
    assert orthanc.session.get(f"{orthanc.url}/greycloak/profiles/nonsense/statement").status_code == 404
