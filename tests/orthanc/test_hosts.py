"""A name that somebody else lets point to this server (DNS rebinding) gets a browser nowhere."""

from __future__ import annotations

import pytest
from orthanc_server import OrthancServer

BROWSER = {"User-Agent": "Mozilla/5.0", "X-Requested-With": "Greycloak"}


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    section = {"Rules": [], "Hosts": ["pacs.example", "*.hospital.example"]}
    server = OrthancServer(tmp_path_factory.mktemp("orthanc"), section).start()
    yield server
    server.stop_cleanly()


def status_of(orthanc, host):
    return orthanc.session.get(f"{orthanc.url}/greycloak/status", headers={"Host": host, **BROWSER}).status_code


def test_only_known_names_are_served_to_browsers(orthanc):
    for host in ("pacs.example", "PACS.example:8042", "a.hospital.example", "localhost:1", "127.0.0.1", "[::1]:8042"):
        assert status_of(orthanc, host) == 200, host
    for host in ("evil.example", "pacs.example.evil.example", "evilpacs.example", "127.0.0.1.evil.example"):
        assert status_of(orthanc, host) == 403, host
        answer = orthanc.session.post(f"{orthanc.url}/greycloak/preview", headers={"Host": host, **BROWSER})
        assert "the setting 'Hosts'" in answer.json()["Message"]


def test_programs_may_call_it_as_they_like(orthanc):
    answer = orthanc.session.get(f"{orthanc.url}/greycloak/status", headers={"Host": "orthanc"})
    assert answer.status_code == 200


def test_without_users_and_names_nothing_is_asked(make_orthanc):
    orthanc = make_orthanc(section={"Rules": []}).start()
    assert status_of(orthanc, "evil.example") == 200
    orthanc.stop()
    orthanc.section["LookUp"] = ["doctor"]
    orthanc.start()
    assert status_of(orthanc, "evil.example") == 403
