"""Names burned into pixels do not reach the twin in Orthanc, whichever way it was made."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("imagecodecs")
pytest.importorskip("rapidocr")

from orthanc_server import OrthancServer

from burned_in import TOP, pixels_of, ultrasound
from support import decode, encode


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section={"Rules": []}).start()
    yield server
    server.stop_cleanly()


def twins_of(orthanc, answer):
    series = orthanc.get(f"/studies/{answer['ID']}")["Series"]
    return [instance for one in series for instance in orthanc.get(f"/series/{one}")["Instances"]]


def test_the_twin_is_masked_and_says_so(orthanc):
    study = orthanc.upload(encode(ultrasound()))["ParentStudy"]
    answer = orthanc.post(f"/studies/{study}/anonymize-greycloak", {"Synchronous": True})
    assert answer["FailedInstancesCount"] == 0
    (twin,) = twins_of(orthanc, answer)
    output = decode(orthanc.session.get(f"{orthanc.url}/instances/{twin}/file").content)
    assert (pixels_of(output)[TOP] < 60).all()
    assert output.BurnedInAnnotation == "NO"
    assert "113101" in [code.CodeValue for code in output.DeidentificationMethodCodeSequence]
    assert answer["AtRisk"]["InstancesCount"] == 0


def test_a_file_that_passes_through_is_masked_and_the_masks_are_told(orthanc):
    answer = orthanc.session.post(f"{orthanc.url}/tools/anonymize-greycloak", data=encode(ultrasound()), timeout=120)
    assert answer.status_code == 200
    assert (pixels_of(decode(answer.content))[TOP] < 60).all()
    said = json.loads(answer.headers["Greycloak-Outcome"])
    assert [mask["reason"] for mask in said["Masks"]] == ["text"]
    assert len(said["Masks"][0]["area"]) == 4
