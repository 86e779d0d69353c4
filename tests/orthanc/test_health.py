"""Health tells the truth: whatever keeps twins from being made is said, once in the log, and nobody waits for ever."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from support import ct, encode


def wait_for(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(condition)


def problems(orthanc):
    answer = orthanc.session.get(f"{orthanc.url}/greycloak/health", timeout=40)
    assert answer.status_code in {200, 503}
    said = answer.json()
    assert said["Healthy"] == (answer.status_code == 200)
    assert said["Healthy"] or said["Message"]
    return {problem["Problem"]: problem["Message"] for problem in said["Problems"]}


def store_of(orthanc):
    return orthanc.folder / "orthanc" / "greycloak" / "store.sqlite"


def upload(orthanc, number):
    return orthanc.upload(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))


@pytest.mark.timeout(240)
def test_a_locked_store_costs_no_sender_anything_is_told_and_made_up_for(make_orthanc):
    orthanc = make_orthanc().start()
    with closing(sqlite3.connect(store_of(orthanc), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        slowest = 0.0
        for number in range(10):
            start = time.monotonic()
            upload(orthanc, number)
            slowest = max(slowest, time.monotonic() - start)
        assert slowest < 1
        assert "does not answer" in wait_for(lambda: problems(orthanc).get("store"))
        assert orthanc.get("/greycloak/status")["NotYetRecorded"] == 10
        other.execute("ROLLBACK")
    orthanc.settle()
    wait_for(lambda: not problems(orthanc))
    assert len(orthanc.instances_of(*orthanc.studies(anonymized=True))) == 10
    lines = [line for line in orthanc.log.read_text().splitlines() if "store cannot be used" in line]
    assert len(lines) == 1


@pytest.mark.timeout(240)
def test_what_came_while_the_store_was_locked_outlives_a_kill(make_orthanc):
    orthanc = make_orthanc().start()
    upload(orthanc, 0)
    orthanc.settle()
    (twins,) = orthanc.studies(anonymized=True)
    orthanc.session.delete(f"{orthanc.url}/studies/{twins['ID']}")
    with closing(sqlite3.connect(store_of(orthanc), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        upload(orthanc, 0)  # once more: Orthanc's list of changes does not tell it
        upload(orthanc, 1)
        orthanc.kill()
        other.execute("ROLLBACK")
    orthanc.start()
    orthanc.settle()
    assert len(orthanc.instances_of(*orthanc.studies(anonymized=True))) == 2


@pytest.mark.timeout(240)
def test_a_storage_that_takes_nothing_ends_a_call_with_the_reason_and_the_job_goes_on(make_orthanc):
    orthanc = make_orthanc(section={"Rules": []}).start()
    study = upload(orthanc, 1)["ParentStudy"]
    storage = orthanc.folder / "orthanc"
    blocking = [storage / f"{number:02x}" for number in range(256)]
    blocking = [path for path in blocking if not path.exists()]
    for path in blocking:
        path.touch()  # where Orthanc wants to make a folder
    start = time.monotonic()
    # One that happens to go where there is a folder already is stored: not with so few.
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", status=503)
    assert time.monotonic() - start < 30
    assert "Orthanc did not store its twin" in answer["Message"]
    assert "it goes on as a job" in answer["Message"]
    assert "not-stored" in wait_for(lambda: problems(orthanc))
    for path in blocking:
        path.unlink()
    wait_for(lambda: orthanc.get(answer["Job"])["State"] == "Success", seconds=90)
    wait_for(lambda: not problems(orthanc))


@pytest.mark.timeout(180)
def test_workers_that_cannot_run_and_a_key_that_is_gone_are_told(make_orthanc):
    orthanc = make_orthanc(section={"Rules": [], "Workers": 1}).start()
    assert problems(orthanc) == {}
    key = orthanc.folder / "orthanc" / "greycloak" / "key"
    key.rename(key.with_name("away"))
    assert "key file" in wait_for(lambda: problems(orthanc).get("key"))
    study = upload(orthanc, 1)["ParentStudy"]
    for worker in orthanc.worker_pids():
        os.kill(worker, signal.SIGKILL)
    assert "no worker" in wait_for(lambda: problems(orthanc).get("workers"))
    start = time.monotonic()
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", status=503)
    assert time.monotonic() - start < 30
    assert "no worker runs now" in answer["Message"]
    key.with_name("away").rename(key)
    wait_for(lambda: not problems(orthanc), seconds=90)
    orthanc.settle()
    assert orthanc.get(answer["Job"])["State"] == "Success"
