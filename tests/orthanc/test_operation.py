"""Starting, stopping, configuring; dying workers; a site's own script."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path

import pytest
import requests
from orthanc_server import ROOT

from greycloak_orthanc.work.items import LEASE, Order
from greycloak_orthanc.work.queue import Queue
from support import ct, encode


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(condition)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"Profile": "nonsense"}, "Greycloak.Profile"),
        ({"Projekt": "x"}, "Greycloak.Projekt: there is no such setting"),
        ({"Workers": 0}, "Greycloak.Workers"),
        ({"Rules": [{"CalledAet": "A", "Colour": "red"}]}, "Greycloak.Rules.0.Colour: there is no such setting"),
        ({"Rules": [{"Origin": "Pigeon"}]}, "Greycloak.Rules.0.Origin"),
        ({"Store": "nonsense"}, "cannot use the pseudonym store"),
        ({"KeyFile": "/etc/passwd"}, "others may read the key file"),
        ({"Python": "/nowhere/python"}, "/nowhere/python"),
    ],
)
def test_a_wrong_configuration_is_told_at_start(make_orthanc, section, says):
    orthanc = make_orthanc(section=section)
    orthanc.launch()
    wait_for(lambda: "Greycloak does not start" in orthanc.log.read_text())
    assert says in orthanc.log.read_text()


def test_a_store_without_its_key_is_refused(make_orthanc):
    orthanc = make_orthanc().start()
    orthanc.stop()
    (orthanc.folder / "orthanc" / "greycloak" / "key").unlink()
    orthanc.launch()
    wait_for(lambda: "Greycloak does not start" in orthanc.log.read_text())
    assert "does not exist" in orthanc.log.read_text()


def test_a_worker_that_dies_is_replaced_and_its_work_done(make_orthanc):
    orthanc = make_orthanc(section={"Workers": 1}).start()
    (worker,) = wait_for(orthanc.worker_pids)
    os.kill(worker, signal.SIGKILL)
    study = orthanc.upload(encode(ct()))["ParentStudy"]
    assert orthanc.post(f"/studies/{study}/anonymize-greycloak")["FailedInstancesCount"] == 0
    assert orthanc.worker_pids() != [worker]


def test_what_is_worked_on_for_long_is_not_taken_over(tmp_path, monkeypatch):
    queue = Queue(f"sqlite:///{tmp_path / 'store.sqlite'}", "node")
    queue.arrived([("one", Order("basic", "default", keep_source=True))])
    now = time.time()
    (item,) = queue.claim(1, "worker")
    monkeypatch.setattr(time, "time", lambda: now + LEASE - 1)
    queue.renew([item.claim])
    monkeypatch.setattr(time, "time", lambda: now + LEASE + 1)
    assert queue.claim(1, "other") == []
    monkeypatch.setattr(time, "time", lambda: now + 2 * LEASE)
    assert [again.instance for again in queue.claim(1, "other")] == ["one"]


def test_workers_end_with_orthanc_however_it_ends(make_orthanc):
    orthanc = make_orthanc().start()
    workers = wait_for(orthanc.worker_pids)
    assert len(workers) == 2
    orthanc.stop_cleanly()
    assert not any(map(alive, workers))
    orthanc.start()
    workers = wait_for(orthanc.worker_pids)
    orthanc.kill()
    wait_for(lambda: not any(map(alive, workers)), seconds=5)


def test_the_token_is_not_in_the_process_list(make_orthanc):
    orthanc = make_orthanc().start()
    for worker in wait_for(orthanc.worker_pids):
        for name in ("cmdline", "environ"):
            assert b"Bearer" not in Path(f"/proc/{worker}/{name}").read_bytes()


def test_authentication_is_no_obstacle_to_the_workers(make_orthanc):
    orthanc = make_orthanc(configuration={"AuthenticationEnabled": True, "RegisteredUsers": {"user": "secret"}})
    orthanc.session.auth = ("user", "secret")
    orthanc.start()
    study = orthanc.upload(encode(ct()))["ParentStudy"]
    assert orthanc.post(f"/studies/{study}/anonymize-greycloak")["FailedInstancesCount"] == 0
    orthanc.session.auth = None
    assert orthanc.session.get(f"{orthanc.url}/greycloak/status").status_code == 401


def test_a_site_can_chain_its_own_script(make_orthanc, tmp_path):
    script = tmp_path / "site_script.py"
    script.write_text(f"""
import site, sys
sys.path.insert(0, {str(ROOT / "orthanc_plugin")!r})
for packages in {[path for path in __import__("sys").path if path.endswith("site-packages")]!r}:
    site.addsitedir(packages)
import orthanc
import greycloak_orthanc.plugin as greycloak

def on_stored(dicom, instance):
    orthanc.LogWarning("the site's own hook")
    greycloak.on_stored(dicom, instance)

def on_change(change, level, resource):
    greycloak.on_change(change, level, resource)

greycloak.start()
orthanc.RegisterOnStoredInstanceCallback(on_stored)
orthanc.RegisterOnChangeCallback(on_change)
orthanc.ExtendOrthancExplorer("/* the site's own */" + greycloak.explorer_js())
""")
    orthanc = make_orthanc(script=script).start()
    orthanc.upload(encode(ct()))
    assert orthanc.settle() == {"done": 1}
    assert "the site's own hook" in orthanc.log.read_text()


def test_disabled_means_that_nothing_happens(make_orthanc):
    orthanc = make_orthanc(section={"Enable": False})
    orthanc.launch()

    def is_up():
        try:
            return orthanc.session.get(f"{orthanc.url}/system").status_code == 200
        except OSError:
            return False

    wait_for(is_up)
    orthanc.upload(encode(ct()))
    assert orthanc.session.get(f"{orthanc.url}/greycloak/status").status_code == 404
    assert len(orthanc.get("/studies")) == 1


def test_an_original_is_never_deleted_without_its_twin(make_orthanc, tmp_path):
    """Orthanc answers 200 even if a filter refuses an instance: the answer has to be read."""
    script = tmp_path / "filter.lua"
    script.write_text("function ReceivedInstanceFilter(tags) return tags['PatientIdentityRemoved'] ~= 'YES' end")
    orthanc = make_orthanc(section={"KeepSource": False}, configuration={"LuaScripts": [str(script)]}).start()
    original = orthanc.upload(encode(ct()))["ID"]
    assert orthanc.settle() == {"failed": 1}
    assert orthanc.get(f"/instances/{original}")["ID"] == original
    assert orthanc.get("/greycloak/quarantine")[0]["Reason"] == "not-stored"


def test_what_arrived_while_there_were_no_rules_is_left_alone(make_orthanc):
    orthanc = make_orthanc(section={"KeepSource": False}).start()
    orthanc.upload(encode(ct(StudyInstanceUID="1.2.1", SOPInstanceUID="1.2.1.1")))
    assert orthanc.settle() == {"done": 1}
    for section in ({"Rules": []}, {"KeepSource": False}):
        orthanc.stop()
        orthanc.section = section
        orthanc.start()
        if section == {"Rules": []}:
            orthanc.upload(encode(ct(StudyInstanceUID="1.2.2", SOPInstanceUID="1.2.2.1")))
    time.sleep(1)
    assert orthanc.settle() == {"done": 1}
    assert len(orthanc.studies(anonymized=False)) == 1


def test_twins_are_known_even_when_an_old_store_is_brought_back(make_orthanc):
    orthanc = make_orthanc().start()
    folder = orthanc.folder / "orthanc" / "greycloak"
    orthanc.upload(encode(ct()))
    orthanc.settle()
    orthanc.stop()
    with sqlite3.connect(folder / "store.sqlite") as database:
        for table in ("orthanc_work", "orthanc_outputs"):
            database.execute(f"DELETE FROM {table}")
        database.execute("UPDATE orthanc_bookmarks SET change = 0")
    database.close()
    orthanc.start()
    wait_for(lambda: sum(orthanc.get("/greycloak/status")["Work"].values()) == 2)
    assert orthanc.settle() == {"done": 1, "skipped": 1}
    assert len(orthanc.get("/studies")) == 2


def test_orthanc_stops_although_somebody_waits(make_orthanc):
    orthanc = make_orthanc(section={"Rules": []}).start()
    study = orthanc.upload(encode(ct()))["ParentStudy"]
    for worker in wait_for(orthanc.worker_pids):
        os.kill(worker, signal.SIGSTOP)
    answers = []

    def call():
        with contextlib.suppress(OSError):
            answers.append(requests.post(f"{orthanc.url}/studies/{study}/anonymize-greycloak", data="{}", timeout=60))

    caller = threading.Thread(target=call)
    caller.start()
    time.sleep(1)
    start = time.monotonic()
    orthanc.stop()
    assert time.monotonic() - start < 30
    caller.join()
    assert all(answer.status_code == 503 for answer in answers)


def test_an_object_that_breaks_the_hook_is_found_again(make_orthanc):
    """A modality that Orthanc shows as null, because it is too long."""
    orthanc = make_orthanc(section={"Rules": [{"Modality": "*"}]}).start()
    orthanc.upload(encode(ct(Modality="X" * 300)))
    assert orthanc.settle()
    assert orthanc.get("/greycloak/status")["Workers"] == 2
