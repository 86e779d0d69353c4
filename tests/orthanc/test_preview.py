"""An instance before and after over REST, for those who may see the original, and for nobody else."""

from __future__ import annotations

import pytest
import requests
from orthanc_server import OrthancServer

from greycloak.standard.confidentiality import TABLE_SECTION
from support import ct, encode

ROUTE = "/greycloak/preview"
FILTER = """
function IncomingHttpRequestFilter(method, uri, ip, username, headers)
  return not (username == "bob" and string.sub(uri, 1, 10) == "/instances")
end
"""


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), {"Rules": [], "Project": "trial"}).start()
    yield server
    server.stop_cleanly()


def ask(orthanc, instance, user=None, **asked):
    body = {"Instance": instance} | asked
    return requests.post(orthanc.url + ROUTE, json=body, auth=user and (user, "secret"), timeout=60)


def test_every_element_is_shown_before_and_after_and_nothing_is_recorded(orthanc):
    uploaded = orthanc.upload(encode(ct(StudyDescription="Thorax <b>")))
    answer = ask(orthanc, uploaded["ID"], Project="fresh")
    said = answer.json()
    assert (answer.status_code, said["Outcome"]) == (200, "Deidentified")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = {row["Name"]: row for row in said["Rows"]}
    assert rows["StudyDescription"] == {
        "Path": "(0008,1030)",
        "Name": "StudyDescription",
        "Before": [["Thorax <b>", False]],
        "After": "",
        "What": "removed",
        "Rule": "X, Type 3",
        "Section": TABLE_SECTION,
        "Reason": "",
    }
    assert rows["PatientID"]["After"] == said["Pseudonym"]
    assert "fresh" not in [project["Name"] for project in orthanc.get("/greycloak/projects")]

    twin = orthanc.post(f"/instances/{uploaded['ID']}/anonymize-greycloak", {"Project": "fresh"})
    assert twin["PatientID"]
    assert ask(orthanc, uploaded["ID"], Project="fresh").json()["Pseudonym"] == said["Pseudonym"]


def test_what_would_not_go_through_says_why_and_what_to_do(orthanc):
    uploaded = orthanc.upload(encode(ct(SOPInstanceUID="1.2.3.4.99", BurnedInAnnotation="YES")))
    said = ask(orthanc, uploaded["ID"]).json()
    assert (said["Outcome"], said["Reason"], said["Rows"]) == ("Quarantined", "burned-in-annotation", [])
    assert said["Remedy"]
    assert "it says itself that identity is burned into its pixels (0028,0301)" in said["Warnings"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"Instance": "../../patients"}, 400),
        ({"Instance": "00000000-00000000-00000000-00000000-00000000"}, 404),
        ({"Instance": "00000000-00000000-00000000-00000000-00000000", "Profile": "no such"}, 400),
        ({"Instance": "00000000-00000000-00000000-00000000-00000000", "Other": 1}, 400),
    ],
)
def test_wrong_calls_are_refused(orthanc, body, status):
    answer = requests.post(orthanc.url + ROUTE, json=body, timeout=60)
    assert answer.status_code == status
    assert answer.json()["Message"]


def test_pages_of_other_hosts_get_nothing(orthanc):
    uploaded = orthanc.upload(encode(ct()))
    headers = {"Origin": "https://elsewhere.example"}
    answer = requests.post(orthanc.url + ROUTE, json={"Instance": uploaded["ID"]}, headers=headers, timeout=60)
    assert answer.status_code == 403
    assert requests.get(orthanc.url + ROUTE, timeout=60).status_code == 405


def test_who_may_not_see_the_original_sees_no_preview(tmp_path):
    (tmp_path / "filter.lua").write_text(FILTER)
    configuration = {
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"alice": "secret", "bob": "secret"},
        "LuaScripts": [str(tmp_path / "filter.lua")],
    }
    server = OrthancServer(tmp_path / "orthanc", {"Rules": []}, configuration)
    server.session.auth = ("alice", "secret")
    server.start()
    try:
        instance = server.upload(encode(ct()))["ID"]
        assert ask(server, instance, "alice").json()["Outcome"] == "Deidentified"
        refused = ask(server, instance, "bob")
        assert refused.status_code == 403
        assert "Doe" not in refused.text
        assert ask(server, instance).status_code == 401
    finally:
        server.stop_cleanly()
