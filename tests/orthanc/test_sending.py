"""``greycloak send`` to a real Orthanc, by its three doors; and one study through every door of Greycloak."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from orthanc_server import PLUGIN, OrthancServer

from greycloak import Deidentified, Deidentifier
from study import make_study

SCRIPT = Path(sys.executable).with_name("greycloak")
DICOM_WEB = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    folder = tmp_path_factory.mktemp("orthanc")
    section = {"Rules": [], "Store": f"sqlite:///{folder / 'store.sqlite'}", "KeyFile": str(folder / "key")}
    server = OrthancServer(folder, section=section, configuration={"Plugins": [PLUGIN, DICOM_WEB]}).start()
    yield server
    server.stop_cleanly()


@pytest.fixture
def originals(tmp_path):
    (tmp_path / "in").mkdir()
    for name, data in make_study().items():
        (tmp_path / "in" / name).write_bytes(data)
    return tmp_path


def call(folder, *arguments):
    environment = os.environ | {"XDG_DATA_HOME": str(folder / "data")}
    command = [str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.mark.parametrize("door", ["dicom", "dicomweb", "orthanc"])
def test_orthanc_gets_what_goes_through(orthanc, originals, door):
    url = {
        "dicom": f"dicom://ORTHANC@127.0.0.1:{orthanc.dicom_port}",
        "dicomweb": f"dicomweb+http://127.0.0.1:{orthanc.port}/dicom-web",
        "orthanc": f"orthanc+http://127.0.0.1:{orthanc.port}",
    }[door]
    done = call(originals, "send", "in", "--to", url, "--project", door)
    count = len(list((originals / "in").iterdir()))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        f"{count} files: {count} anonymized, 0 quarantined, {count} sent",
    ), done.stderr
    call(originals, "anonymize", "in", "out", "--project", door, "--layout", "flat")
    there = {orthanc.get(f"/instances/{one}/simplified-tags")["SOPInstanceUID"] for one in orthanc.get("/instances")}
    assert {path.stem for path in (originals / "out").iterdir()} <= there


def test_one_study_gives_the_same_bytes_through_every_door(orthanc, originals):
    folder = orthanc.folder
    store, key = f"sqlite:///{folder / 'store.sqlite'}", folder / "key"
    done = call(
        originals,
        "anonymize",
        "in",
        "out",
        "--layout",
        "flat",
        "--project",
        "same",
        "--store",
        store,
        "--key-file",
        key,
    )
    assert done.returncode == 0, done.stderr
    by_command = {path.stem: path.read_bytes() for path in (originals / "out").iterdir()}

    with Deidentifier("basic", "same", store=store, key=key) as deidentifier:
        outcomes = [deidentifier.deidentify(path) for path in sorted((originals / "in").iterdir())]
    assert all(isinstance(outcome, Deidentified) for outcome in outcomes)
    assert {outcome.sop_instance_uid: outcome.to_bytes() for outcome in outcomes} == by_command

    for path in (originals / "in").iterdir():
        orthanc.upload(path.read_bytes())
    before = set(orthanc.get("/instances"))
    (study,) = orthanc.studies(anonymized=False)
    body = {"Profile": "basic", "Project": "same", "Synchronous": True}
    orthanc.post(f"/studies/{study['ID']}/anonymize-greycloak", body)
    twins = set(orthanc.get("/instances")) - before
    by_orthanc = {}
    for twin in twins:
        uid = orthanc.get(f"/instances/{twin}/simplified-tags")["SOPInstanceUID"]
        by_orthanc[uid] = orthanc.session.get(f"{orthanc.url}/instances/{twin}/file").content
    assert by_orthanc == by_command
