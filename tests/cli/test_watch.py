"""A folder in which files arrive: what is whole is anonymized and put away, whatever happens meanwhile."""

from __future__ import annotations

import signal
import time

import pytest

from support import ct, decode, encode


@pytest.fixture
def hot(place):
    (place / "hot" / "Doe").mkdir(parents=True)
    return place


def wait_for(happened, seconds=60):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_is_there_is_done_and_put_away(hot):
    (hot / "hot" / "Doe" / "IM0").write_bytes(encode(ct()))
    (hot / "hot" / "Doe" / "cut").write_bytes(encode(ct())[:-3])
    (hot / "hot" / "note.txt").write_text("Dear Mr Doe")
    originals = hot.files("hot")
    done = hot.call("watch", "hot", "out", "--once", "--settle", "0", status=1)
    assert done.stdout.endswith("1 anonymized, 1 quarantined, 1 skipped\n")
    assert "Doe" not in done.stdout
    assert not hot.files("hot")
    assert not (hot / "hot" / "Doe").exists()
    assert set(hot.files("hot.done")) == {"Doe/IM0", "note.txt"}
    assert set(hot.files("hot.quarantine")) == {"Doe/cut"}
    assert hot.files("hot.done") | hot.files("hot.quarantine") == originals
    (new,) = hot.files().values()
    assert decode(new).PatientIdentityRemoved == "YES"
    assert (hot / "hot.done").stat().st_mode & 0o077 == 0


def test_a_file_that_still_grows_is_waited_for_and_a_second_of_its_name_kept(hot):
    data = encode(ct())
    process = hot.start("watch", "hot", "out", "--settle", "1.5")
    path = hot / "hot" / "Doe" / "IM0"
    for at in range(0, len(data), len(data) // 6):
        with path.open("ab") as stream:
            stream.write(data[at : at + len(data) // 6])
        time.sleep(0.5)
        assert not (hot / "hot.quarantine").exists()
    wait_for((hot / "hot.done" / "Doe" / "IM0").exists)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode(ct(SOPInstanceUID="1.2.3.4")))
    (path.parent / "IM1.part").write_bytes(b"")
    wait_for((hot / "hot.done" / "Doe" / "IM0.2").exists)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.endswith("2 anonymized, 0 quarantined\n")
    assert list(hot.files("hot")) == ["Doe/IM1.part"]


def test_folders_that_lie_in_each_other_are_refused(hot):
    assert "must not lie in" in hot.call("watch", "hot", "hot/out", status=2).stderr
    assert "must not lie in" in hot.call("watch", "hot", "out", "--done", "hot/done", status=2).stderr
    assert "is no folder" in hot.call("watch", "nowhere", "out", status=2).stderr
