"""The image on top of the Orthanc team's: built on a stand-in with that image's layout, not on the image itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from containers import VOLUME, ContainedOrthanc
from images import ROOT, build, root_of
from studies import send_study, the_twin

BASE = "localhost/orthancteam:stand-in"
IMAGE = "localhost/greycloak-orthancteam:test"
PASSWORD = "of the administrator's own"


@pytest.fixture(scope="module")
def derived():
    base = build(
        Path(__file__).parent / "orthancteam" / "Dockerfile", BASE, context=Path(__file__).parent / "orthancteam"
    )
    return build(ROOT / "docker" / "Dockerfile.orthancteam", IMAGE, base)


def test_the_virtual_environment_is_for_the_python_that_the_plugin_embeds(derived):
    root = root_of(derived)
    assert [path.name for path in (root / "opt/greycloak/lib").iterdir()] == ["python3.13"]
    assert list(root.glob("usr/lib/*/libpython3.13.so.1.0"))
    assert not list(root.glob("opt/greycloak/lib/python*/site-packages/pip*"))


def test_a_study_sent_to_it_comes_out_anonymized_as_variables_say(derived, tmp_path):
    volume = tmp_path / "volume"
    (volume / "db").mkdir(parents=True)
    (tmp_path / "password").write_text(PASSWORD)
    variables = {
        "ORTHANC__REGISTERED_USERS": json.dumps({"admin": PASSWORD}),
        "ORTHANC__GREYCLOAK__PROJECT": "trial",
        "ORTHANC__GREYCLOAK__WORKERS": "1",
    }
    orthanc = ContainedOrthanc(derived, tmp_path / "orthanc", {VOLUME: volume}, variables)
    orthanc.section = {}
    orthanc.password_file = tmp_path / "password"
    try:
        orthanc.start()
        send_study(orthanc, tmp_path / "files")
        twin = the_twin(orthanc)
        assert twin["PatientMainDicomTags"]["PatientID"].startswith("TRIAL-")
        assert orthanc.get("/greycloak/status")["Workers"] == 1
        assert (volume / "db" / "greycloak" / "key").exists()
    finally:
        orthanc.stop()
