"""Profiles that leave the patient's identity are not offered unless somebody wants it, nor called anonymization."""

from __future__ import annotations

import pytest

from support import ct, encode


def test_what_does_not_remove_identity_is_not_offered(make_orthanc):
    orthanc = make_orthanc(section={"Rules": []}).start()
    listed = {profile["Name"]: profile for profile in orthanc.get("/greycloak/profiles")}
    assert {"basic", "clinical-trial", "research"} <= set(listed)
    assert all(profile["RemovesIdentity"] for profile in listed.values())
    answer = orthanc.upload(encode(ct()))
    for profile in ("custom", "site-table"):
        body = {"Profile": profile}
        refused = orthanc.post(f"/studies/{answer['ParentStudy']}/anonymize-greycloak", body, status=403)
        assert "the setting 'Profiles'" in refused["Message"]
        orthanc.post("/greycloak/preview", body | {"Instance": answer["ID"]}, status=403)
        orthanc.post("/tools/anonymize-greycloak", encode(ct()), status=403, headers={"Greycloak-Profile": profile})
    assert orthanc.get("/greycloak/jobs") == []


def test_what_the_configuration_names_is_offered_and_called_what_it_is(make_orthanc):
    section = {"Rules": [], "Profile": "basic", "Profiles": ["site-table"]}
    orthanc = make_orthanc(section=section).start()
    listed = {profile["Name"]: profile for profile in orthanc.get("/greycloak/profiles")}
    assert set(listed) == {"basic", "site-table"}
    assert not listed["site-table"]["RemovesIdentity"]
    assert "birth date" in listed["site-table"]["Leaves"]
    study = orthanc.upload(encode(ct()))["ParentStudy"]
    path = f"/studies/{study}/anonymize-greycloak"
    assert orthanc.post(path, {"Profile": "site-table", "Project": "table"})["IsAnonymization"] is False
    assert orthanc.post(path)["IsAnonymization"] is True
    orthanc.post(path, {"Profile": "research"}, status=403)


@pytest.mark.parametrize("value", [["nonsense"], "nonsense", 7])
def test_a_wrong_list_is_told_at_start(make_orthanc, value):
    orthanc = make_orthanc(section={"Profiles": value})
    orthanc.launch()
    orthanc.process.wait(30)
    assert "Greycloak.Profiles" in orthanc.log.read_text()
