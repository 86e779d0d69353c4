"""A twin that is there already: taken for the result only if it would be made the same way now."""

from __future__ import annotations

import pytest
from orthanc_server import OrthancServer

from support import ct, encode

KEEPING = 'base = "clinical-trial"\n[tags]\nInstitutionName = "keep"\n'
TIGHTENED = 'base = "clinical-trial"\n[tags]\n'


@pytest.fixture
def trial(tmp_path, make_orthanc):
    """A factory of Orthancs whose profile `trial` still keeps the institution."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "trial.toml").write_text(KEEPING)

    def make(**configuration):
        section = {"Rules": [], "ProfileFolder": str(folder), "Profile": "trial", "Project": "trial"}
        return make_orthanc(section=section, configuration=configuration)

    make.profile = folder / "trial.toml"
    return make


def upload(orthanc, number=1, **attributes):
    answer = orthanc.upload(encode(ct(InstitutionName="St. Elsewhere", SOPInstanceUID=f"1.2.3.{number}", **attributes)))
    return answer["ParentStudy"]


def institution(orthanc, study):
    (instance,) = orthanc.get(f"/studies/{study}/instances")
    return orthanc.get(f"/instances/{instance['ID']}/simplified-tags").get("InstitutionName", "")


@pytest.mark.parametrize("overwrites", [False, True])
def test_an_old_twin_is_no_success_when_the_profile_was_tightened(trial, overwrites):
    orthanc = trial(OverwriteInstances=overwrites).start()
    study = upload(orthanc)
    path = f"/studies/{study}/anonymize-greycloak"
    twin = orthanc.post(path)["ID"]
    assert institution(orthanc, twin) == "St. Elsewhere"
    orthanc.stop()
    trial.profile.write_text(TIGHTENED)
    orthanc.start()
    refused = orthanc.post(path, status=422)
    assert [one["Reason"] for one in refused["Quarantined"]] == ["twin-differs"]
    assert "'Replace': true" in refused["Quarantined"][0]["Remedy"]
    assert institution(orthanc, twin) == "St. Elsewhere"
    assert orthanc.post(path, {"Replace": True})["ID"] == twin
    assert institution(orthanc, twin) == ""
    assert orthanc.post(path)["FailedInstancesCount"] == 0
    assert orthanc.get("/greycloak/quarantine") == []


def test_an_old_twin_comes_back_if_the_new_one_cannot_be_stored(trial, tmp_path):
    script = tmp_path / "filter.lua"
    script.write_text(
        "function ReceivedInstanceFilter(dicom, origin, info)\n"
        "  if dicom['DeidentificationMethod'] == nil then return true end\n"
        "  local file = io.open('" + str(tmp_path / "refuse") + "')\n"
        "  if file then file:close() end\n"
        "  return file == nil or dicom['InstitutionName'] ~= nil\n"
        "end\n"
    )
    orthanc = trial(LuaScripts=[str(script)]).start()
    path = f"/studies/{upload(orthanc)}/anonymize-greycloak"
    twin = orthanc.post(path)["ID"]
    orthanc.stop()
    trial.profile.write_text(TIGHTENED)
    (tmp_path / "refuse").touch()
    orthanc.start()
    refused = orthanc.post(path, {"Replace": True}, status=422)
    assert [one["Reason"] for one in refused["Quarantined"]] == ["not-stored"]
    assert institution(orthanc, twin) == "St. Elsewhere"


def test_a_twin_that_orthanc_has_transcoded_is_the_same_until_the_profile_is_tightened(trial):
    orthanc = trial(IngestTranscoding="1.2.840.10008.1.2.4.70").start()
    path = f"/studies/{upload(orthanc, Rows=16, Columns=16, PixelData=bytes(512))}/anonymize-greycloak"
    twin = orthanc.post(path)["ID"]
    (instance,) = orthanc.get(f"/studies/{twin}/instances")
    assert orthanc.file(instance["ID"]).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.70"
    assert orthanc.post(path)["ID"] == twin
    orthanc.stop()
    trial.profile.write_text(TIGHTENED)
    orthanc.start()
    refused = orthanc.post(path, status=422)
    assert [one["Reason"] for one in refused["Quarantined"]] == ["twin-differs"]
    assert orthanc.post(path, {"Replace": True})["ID"] == twin
    assert institution(orthanc, twin) == ""


def test_replacing_is_noted_in_the_audit(trial):
    orthanc = trial().start()
    path = f"/studies/{upload(orthanc)}/anonymize-greycloak"
    orthanc.post(path)
    orthanc.stop()
    trial.profile.write_text(TIGHTENED)
    orthanc.start()
    orthanc.post(path, {"Replace": True})
    orthanc.stop()
    from greycloak import Installation  # noqa: PLC0415

    folder = orthanc.folder / "orthanc" / "greycloak"
    audit = Installation.open(f"sqlite:///{folder / 'store.sqlite'}", folder / "key").audit
    runs = [event for event in audit.events() if event["what"] == "run"]
    assert [run.get("replaced", 0) for run in runs] == [0, 1]


def test_greycloaks_own_outputs_are_not_anonymized_again_unless_forced(orthanc):
    study = upload(orthanc, 7, PatientID="own", StudyInstanceUID="1.2.7")
    twin = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Project": "own"})["ID"]
    path = f"/studies/{twin}/anonymize-greycloak"
    for project in ("own", "another"):
        refused = orthanc.post(path, {"Project": project}, status=422)
        assert [one["Reason"] for one in refused["Quarantined"]] == ["own-output"]
    again = orthanc.post(path, {"Project": "another", "Force": True})
    assert again["FailedInstancesCount"] == 0
    assert again["ID"] != twin


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), {"Rules": []}).start()
    yield server
    server.stop_cleanly()
