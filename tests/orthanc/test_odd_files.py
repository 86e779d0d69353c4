"""What is slightly wrong, and what Orthanc takes all the same, becomes a twin like anything else."""

from __future__ import annotations

import pytest
from orthanc_server import OrthancServer

from malformed import PLANTED, in_a_study_of_its_own, matrix


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section={"Rules": []}).start()
    yield server
    server.stop_cleanly()


def test_every_slightly_wrong_object_that_orthanc_takes_gets_a_twin(orthanc):
    taken = {}
    for number, (name, wrong) in enumerate(matrix().items(), 1000):
        if wrong.reason:
            continue
        answer = orthanc.session.post(f"{orthanc.url}/instances", data=in_a_study_of_its_own(wrong.data, number))
        if answer.status_code == 200 and answer.json()["Status"] == "Success":
            taken[answer.json()["ID"]] = name
    assert len(taken) > 150
    for patient in orthanc.get("/patients"):
        answer = orthanc.session.post(
            f"{orthanc.url}/patients/{patient}/anonymize-greycloak", json={"Synchronous": True}
        )
        left = [(taken[one["Instance"]], one["Reason"]) for one in answer.json()["Quarantined"]]
        assert answer.json()["FailedInstancesCount"] == 0, left
    twins = [one for one in orthanc.get("/instances") if one not in taken]
    assert len(twins) == len(taken)
    for twin in twins:
        data = orthanc.session.get(f"{orthanc.url}/instances/{twin}/file").content
        assert not [planted for planted in PLANTED if planted in data]
