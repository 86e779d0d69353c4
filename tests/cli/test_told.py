"""What is told of a run: reports in three forms, an audit log, the summary for people and for programs."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import select

import pytest

from support import ct, encode


@pytest.fixture
def mixed(images):
    (images / "in" / "=cmd|'calc'!A0.dcm").write_bytes(encode(ct())[:-3])
    (images / "in" / "a letter.txt").write_text("Dear Mr Doe")
    return images


def test_a_table_is_safe_in_a_spreadsheet(mixed):
    mixed.call("anonymize", "in", "out", "--report", "r.csv", "--report-names", status=1)
    rows = list(csv.DictReader((mixed / "r.csv").open()))
    assert [row["outcome"] for row in rows] == ["quarantined", "skipped", *["deidentified"] * 3]
    assert rows[0]["reason"] == "truncated"
    assert rows[0]["input"].endswith("A0.dcm")
    assert all(not value.startswith(("=", "+", "-", "@")) for row in rows for value in row.values())
    assert (mixed / "r.csv").stat().st_mode & 0o077 == 0


def test_a_page_tells_all_and_no_name(mixed):
    mixed.call("anonymize", "in", "out", "--report", "r.html", status=1)
    page = (mixed / "r.html").read_text()
    assert "3 anonymized, 1 quarantined, 1 skipped" in page
    assert "truncated" in page
    assert "Doe" not in page
    assert "<script" not in page


def test_the_audit_log_grows_by_a_line_for_each_object(mixed):
    for _ in range(2):
        mixed.call("anonymize", "in", "out", "--audit-log", "log", status=1)
    lines = (mixed / "log").read_text().splitlines()
    assert len(lines) == 10
    assert re.match(
        r"2\d{3}-\d\d-\d\dT[\d:]{8}\+00:00 +1  quarantined   [0-9a-f]{16}  [0-9a-f]{8}  truncated", lines[0]
    )
    assert "Doe" not in (mixed / "log").read_text()
    assert (mixed / "log").stat().st_mode & 0o077 == 0


def test_programs_get_the_summary_as_json(mixed):
    said = json.loads(mixed.call("anonymize", "in", "out", "--json", status=1).stdout)
    expected = {"total": 5, "successful": 3, "quarantined": 1, "skipped": {"text": 1}, "at_risk": 0, "dry_run": False}
    assert expected.items() <= said.items()
    assert [(one["reason"], one["count"]) for one in said["reasons"]] == [("truncated", 1)]


def test_quiet_says_nothing_and_verbose_a_line_for_each(mixed):
    done = mixed.call("anonymize", "in", "out", "--quiet", status=1)
    assert (done.stdout, done.stderr) == ("", "")
    said = mixed.call("anonymize", "in", "out", "--verbose", status=1).stdout.splitlines()
    assert said[0].startswith("1: it ends too early")
    assert re.fullmatch(r"3: DEFAULT-\w+/2\.25\.\d+/2\.25\.\d+/2\.25\.\d+\.dcm", said[2])
    assert "Doe" not in "".join(said)


def on_terminal(place, *arguments):
    """Run a command on a terminal, and return what it shows there."""
    controller, terminal = pty.openpty()
    process = place.start(*arguments, stderr=terminal, stdout=terminal, stdin=terminal)
    os.close(terminal)
    shown = b""
    while select.select([controller], [], [], 60)[0]:
        try:
            piece = os.read(controller, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(controller)
    process.wait(60)
    process.stdout = process.stderr = None
    return shown.decode()


def test_a_terminal_shows_a_bar_and_nothing_else_does(images):
    images.environment["TERM"] = "xterm"
    shown = on_terminal(images, "anonymize", "in", "out")
    assert "3 of 3 files" in shown
    assert "MB/s" in shown
    assert "\x1b[3" in shown  # colors
    assert "Doe" not in shown
    images.environment["NO_COLOR"] = "1"
    shown = on_terminal(images, "anonymize", "in", "out")
    assert "3 of 3 files" in shown
    assert not re.search(r"\x1b\[[0-9;]*3\dm", shown)
    images.environment["TERM"] = "dumb"
    assert "of 3 files" not in on_terminal(images, "anonymize", "in", "out")
