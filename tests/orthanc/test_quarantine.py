"""The quarantine: one entry for each original and way, which goes when it is resolved, dismissed or gone."""

from __future__ import annotations

import sqlite3
import time

import pytest
from orthanc_server import OrthancServer

from support import ct, encode


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "trusting.toml").write_text('base = "basic"\n[pixels]\nburned_in = "ignore"\n')
    section = {"Rules": [], "ProfileFolder": str(folder)}
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section).start()
    yield server
    server.stop_cleanly()


@pytest.fixture
def refused(orthanc, request):
    """An original that was refused; its study and the path of its entry."""
    number = abs(hash(request.node.name)) % 10**8
    held = ct(StudyInstanceUID=f"1.2.{number}", SOPInstanceUID=f"1.2.{number}.1", BurnedInAnnotation="YES")
    answer = orthanc.upload(encode(held))
    orthanc.post(f"/studies/{answer['ParentStudy']}/anonymize-greycloak", status=422)
    (entry,) = entries(orthanc, answer["ID"])
    return answer, entry


def entries(orthanc, instance):
    return [entry for entry in orthanc.get("/greycloak/quarantine") if entry["Instance"] == instance]


def test_trying_again_counts_and_adds_no_entry(orthanc, refused):
    answer, entry = refused
    assert (entry["Count"], entry["Profile"], entry["Project"]) == (1, "basic", "default")
    assert entry["FirstSeen"] == entry["LastSeen"]
    time.sleep(1.1)
    orthanc.post(f"/studies/{answer['ParentStudy']}/anonymize-greycloak", status=422)
    (again,) = entries(orthanc, answer["ID"])
    assert (again["ID"], again["Count"], again["FirstSeen"]) == (entry["ID"], 2, entry["FirstSeen"])
    assert again["LastSeen"] > entry["LastSeen"]
    assert again["Job"] != entry["Job"]
    assert orthanc.get(again["Path"]) == again


def test_another_project_has_an_entry_of_its_own(orthanc, refused):
    answer, _ = refused
    orthanc.post(f"/studies/{answer['ParentStudy']}/anonymize-greycloak", {"Project": "other"}, status=422)
    assert {entry["Project"] for entry in entries(orthanc, answer["ID"])} == {"default", "other"}


def test_a_later_success_resolves_it(orthanc, refused):
    answer, entry = refused
    job = orthanc.post(f"{entry['Path']}/retry", {"Profile": "trusting"})
    orthanc.settle()
    assert orthanc.get(job["Path"])["State"] == "Success"
    assert entries(orthanc, answer["ID"]) == []
    assert orthanc.session.get(orthanc.url + entry["Path"]).status_code == 404


def test_trying_again_in_the_same_way_leaves_it(orthanc, refused):
    answer, entry = refused
    job = orthanc.post(f"{entry['Path']}/retry")
    orthanc.settle()
    assert orthanc.get(job["Path"])["State"] == "Failure"
    assert [one["Count"] for one in entries(orthanc, answer["ID"])] == [2]
    orthanc.post(f"{entry['Path']}/retry", {"Profile": "custom"}, status=403)


def test_somebody_may_dismiss_it(orthanc, refused):
    answer, entry = refused
    gone = orthanc.session.delete(orthanc.url + entry["Path"])
    assert (gone.status_code, gone.json()) == (200, {})
    assert entries(orthanc, answer["ID"]) == []
    assert orthanc.session.delete(orthanc.url + entry["Path"]).status_code == 404
    assert orthanc.get(f"/instances/{answer['ID']}")["ID"] == answer["ID"]
    assert orthanc.session.delete(f"{orthanc.url}/greycloak/quarantine/{10**17}").status_code == 404
    foreign = {"Origin": "http://evil.example"}
    assert orthanc.session.delete(orthanc.url + entry["Path"], headers=foreign).status_code == 403


def test_it_goes_with_its_original(orthanc, refused):
    answer, entry = refused
    orthanc.session.delete(f"{orthanc.url}/instances/{answer['ID']}")
    orthanc.post(f"{entry['Path']}/retry", status=404)
    assert entries(orthanc, answer["ID"]) == []


def test_what_an_earlier_version_has_listed_is_still_listed(make_orthanc):
    orthanc = make_orthanc(section={"Rules": []}).start()
    held = orthanc.upload(encode(ct(BurnedInAnnotation="YES")))
    for _ in range(2):
        orthanc.post(f"/studies/{held['ParentStudy']}/anonymize-greycloak", status=422)
    orthanc.stop()
    with sqlite3.connect(orthanc.folder / "orthanc" / "greycloak" / "store.sqlite") as store:
        store.execute("DROP TABLE orthanc_quarantine")
        store.execute("DROP INDEX orthanc_work_instance")
        for table, column in [("work", "replaces"), ("work", "forced"), ("jobs", "anonymizes")]:
            store.execute(f"ALTER TABLE orthanc_{table} DROP COLUMN {column}")
    store.close()
    orthanc.start()
    (entry,) = orthanc.get("/greycloak/quarantine")
    assert (entry["Instance"], entry["Count"], entry["Reason"]) == (held["ID"], 2, "burned-in-annotation")
    orthanc.post(f"/studies/{held['ParentStudy']}/anonymize-greycloak", {"Replace": True}, status=422)
    assert [one["Count"] for one in orthanc.get("/greycloak/quarantine")] == [3]
