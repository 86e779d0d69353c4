"""A run that was stopped goes on: only what is missing is done, and the tree is the same as without the stop."""

from __future__ import annotations

import signal
import time

import pytest

from support import ct, encode

COUNT = 300


@pytest.fixture
def many(place):
    (place / "in").mkdir()
    for number in range(COUNT):
        (place / "in" / f"Doe{number:04d}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    place.call("anonymize", "in/Doe0000", "first")  # key and store are there
    return place


def stopped(place, how, *arguments):
    process = place.start("anonymize", "in", "out", *arguments)
    book = place / "out" / ".greycloak-run"
    until = time.monotonic() + 60
    while not book.exists() or book.read_text().count("\n") < 40:
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.002)
    process.send_signal(how)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_killed_goes_on(many, workers):
    stopped(many, signal.SIGKILL, "--workers", workers)
    came = (many / "out" / ".greycloak-run").read_text().count("\n") - 1
    assert "Doe" not in (many / "out" / ".greycloak-run").read_text()
    done = many.call("anonymize", "in", "out", "--resume", "--workers", workers)
    before = int(done.stdout.split(" done before")[0].split()[-1])
    assert 37 <= came - 2 <= before < COUNT
    many.call("anonymize", "in", "whole")
    left = {name for name in many.files() if name.endswith(".part")}
    assert {name: content for name, content in many.files().items() if name not in left} == many.files("whole")


def test_ctrl_c_ends_cleanly_and_resume_goes_on(many):
    assert stopped(many, signal.SIGINT, "--workers", "1") == 3
    assert not [name for name in many.files() if name.endswith(".part")]
    done = many.call("anonymize", "in", "out", "--resume")
    assert "done before" in done.stdout
    assert not (many / "out" / ".greycloak-run").exists()
    assert f"{COUNT} anonymized" in many.call("anonymize", "in", "out", "--resume").stdout


def test_what_has_changed_meanwhile_and_what_is_gone_is_done_again(many):
    stopped(many, signal.SIGINT, "--workers", "1")
    gone = min((many / "out").rglob("*.dcm"))
    gone.unlink()
    (many / "in" / "Doe0000").write_bytes(encode(ct(SOPInstanceUID="1.2.3.9999")))
    many.call("anonymize", "in", "out", "--resume")
    assert len([name for name in many.files() if name.endswith(".dcm")]) == COUNT + 1


def test_a_run_that_did_something_else_is_not_gone_on_with(many):
    stopped(many, signal.SIGINT, "--workers", "1")
    done = many.call("anonymize", "in", "out", "--resume", "--profile", "research", status=2)
    assert "had another profile" in done.stderr
