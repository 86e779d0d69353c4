"""The command line, as its users call it: a process, its exit status, its output and its files."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys

import pytest

from greycloak.reasons import REASONS
from support import ct, decode, encode, named, pydicom_test_files


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "in" / "Doe^Jonathan" / "nested"
    source.mkdir(parents=True)
    for number in range(3):
        (source / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    return tmp_path


def call(folder, *arguments, **options):
    environment = os.environ | {"XDG_DATA_HOME": str(folder / "data")}
    command = [sys.executable, "-m", "greycloak", "anonymize", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False, **options)


def outputs(folder):
    return sorted(path for path in (folder / "out").rglob("*") if path.is_file())


def test_a_nested_folder_goes_through(folder):
    done = call(folder, "in", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "3 files: 3 anonymized, 0 quarantined\n"
    assert len(outputs(folder)) == 3
    for path in outputs(folder):
        output = decode(path.read_bytes())
        assert path.name == f"{output.SOPInstanceUID}.dcm"
        assert path.parts[-4:-1] == (output.PatientID, output.StudyInstanceUID, output.SeriesInstanceUID)
        assert "Doe" not in str(path)


def test_doing_it_again_changes_nothing(folder):
    call(folder, "in", "out")
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in outputs(folder)}
    assert call(folder, "in", "out").returncode == 0
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in outputs(folder)} == before


def test_what_is_quarantined_is_told_by_reason_with_what_to_do_and_without_names(folder):
    (folder / "in" / "Doe cut.dcm").write_bytes(encode(ct())[:-3])
    (folder / "in" / "Doe screen.dcm").write_bytes(encode(ct(BurnedInAnnotation="YES")))
    done = call(folder, "in", "out", "--report", "report.jsonl")
    assert done.returncode == 1
    assert "quarantined: 1 file: it ends too early [truncated]\n" in done.stdout
    assert f"  {REASONS['truncated'].remedy}\n  file 1: the value of (7FE0,0010)\n" in done.stdout
    assert f"  {REASONS['burned-in-annotation'].remedy}\n  file 2: nothing was found\n" in done.stdout
    assert done.stdout.endswith("3 anonymized, 2 quarantined\n")
    assert "Doe" not in done.stdout + (folder / "report.jsonl").read_text()
    lines = [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 2, 3, 4, 5]
    assert lines[0]["remedy"] == REASONS["truncated"].remedy
    assert len(outputs(folder)) == 3


def test_a_quarantined_file_is_found_by_its_number_in_a_report_with_names(folder):
    (folder / "in" / "cut.dcm").write_bytes(encode(ct())[:-3])
    assert "--report FILE.jsonl --report-names" in call(folder, "in", "out").stdout
    call(folder, "in", "out", "--report", "report.jsonl", "--report-names")
    line = json.loads((folder / "report.jsonl").read_text().splitlines()[0])
    assert (line["number"], line["reason"]) == (1, "truncated")
    assert line["input"].endswith("cut.dcm")
    assert "19570412" not in (folder / "report.jsonl").read_text()


def test_what_is_no_image_is_skipped_and_leaves_the_exit_status_alone(folder):
    (folder / "in" / "notes.txt").write_text("Jonathan called")
    (folder / "in" / "empty").write_bytes(b"")
    (folder / "in" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(900))
    done = call(folder, "in", "out", "--report", "report.jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    counts = done.stdout.splitlines()
    assert counts[0].startswith("skipped, as they are no images: 1 ")
    assert counts[-1] == "6 files: 3 anonymized, 0 quarantined, 3 skipped"
    lines = [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]
    kinds = {line["kind"] for line in lines if line["outcome"] == "skipped"}
    assert kinds == {"text", "empty", "document"}


def test_what_may_show_identity_in_its_pixels_is_counted_and_noted(folder):
    (folder / "in" / "us.dcm").write_bytes(encode(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1", SOPInstanceUID="1.8")))
    done = call(folder, "in", "out", "--report", "report.jsonl")
    assert done.returncode == 0
    assert "pixels: 1 file searched for text, 0 files masked\n" in done.stdout
    assert notes_in(folder / "report.jsonl") == [["pixels-inspected"], [], [], []]
    profile = folder / "trusting.toml"
    profile.write_text('name = "trusting"\nbase = "basic"\n[pixels]\nburned_in = "ignore"\n')
    done = call(folder, "in", "trusting", "--profile", "trusting.toml", "--report", "report.jsonl")
    assert "at risk: 1 file may show identity in the pixels: 1 ultrasound\n" in done.stdout
    assert done.stdout.endswith("4 anonymized, 0 quarantined, 1 at risk\n")
    assert notes_in(folder / "report.jsonl") == [["at-risk: ultrasound"], [], [], []]


def notes_in(report):
    return [json.loads(line)["notes"] for line in report.read_text().splitlines()]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required"),
        (["nowhere", "out"], "nowhere does not exist"),
        (["in", "in/out"], "DST must not lie inside SRC"),
        (["in", "in"], "DST must not lie inside SRC"),
        (["in", "out", "--profile", "nonsense"], "available: basic"),
        (["in", "out", "--project", "a b"], "letters, digits"),
        (["in", "out", "--report-values"], "--report-values needs --report"),
        (["in", "out", "--report-names"], "--report-names needs --report"),
        (["in", "out", "--workers", "0"], "at least 1"),
        (["in", "out", "--report", "in/report.jsonl"], "must not lie in SRC"),
        (["in", "out", "--store", "nonsense"], "cannot use the pseudonym store"),
        (["in", "out", "--key-file", "in"], "cannot read the key file"),
    ],
)
def test_wrong_usage_is_said_plainly_and_writes_nothing(folder, arguments, says):
    done = call(folder, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert outputs(folder) == []


def test_the_report_tells_everything_but_values(folder):
    (folder / "in" / "cut.dcm").write_bytes(encode(ct())[:-3])
    call(folder, "in", "out", "--report", "report.jsonl")
    text = (folder / "report.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert stat.S_IMODE((folder / "report.jsonl").stat().st_mode) == 0o600
    assert [line["outcome"] for line in lines] == ["quarantined"] + ["deidentified"] * 3
    assert all(len(line["input_sha256"]) == 64 for line in lines)
    assert lines[0]["reason"] == "truncated"
    changes = {change["path"]: change for change in lines[1]["changes"]}
    assert changes["(0010,0020)"]["action"] == "pseudonym"
    assert changes["(0008,0020)"] == {
        "path": "(0008,0020)",
        "name": "StudyDate",
        "action": "empty",
        "rule": "Z, Type 2",
        "section": "PS3.15 2026d Table E.1-1",
    }
    assert (folder / "out" / lines[1]["output"]).exists()
    for value in ("Doe", "Jonathan", "MRN-4711", "19570412", "ACC-0815"):
        assert value not in text


def test_the_report_shows_values_when_asked(folder):
    call(folder, "in", "out", "--report", "report.jsonl", "--report-values")
    line = json.loads((folder / "report.jsonl").read_text().splitlines()[0])
    changes = {change["path"]: change for change in line["changes"]}
    assert changes["(0010,0010)"]["original"] == "Doe^Jonathan"
    assert "Doe^Jonathan" in line["input"]


def test_two_different_objects_of_one_uid_are_not_mixed_up(folder):
    (folder / "in" / "other.dcm").write_bytes(encode(ct(SOPInstanceUID="1.2.3.1", Rows=3)))
    (folder / "in" / "same.dcm").write_bytes(encode(ct(SOPInstanceUID="1.2.3.2")))
    done = call(folder, "in", "out")
    assert done.returncode == 1
    assert done.stdout.count("output-differs") == 1
    assert len(outputs(folder)) == 3


def test_many_processes_do_the_same_as_one(folder):
    for number in range(3, 100):
        (folder / "in" / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    assert call(folder, "in", "out", "--workers", "1", "--report", "one.jsonl").returncode == 0
    one = {path: path.read_bytes() for path in outputs(folder)}
    shutil.rmtree(folder / "out")
    assert call(folder, "in", "out", "--workers", "3", "--report", "many.jsonl").returncode == 0
    assert {path: path.read_bytes() for path in outputs(folder)} == one
    assert (folder / "one.jsonl").read_text() == (folder / "many.jsonl").read_text()


def test_a_large_object_costs_no_memory(folder):
    (folder / "in" / "large").write_bytes(encode(ct(SOPInstanceUID="1.2.9", PixelData=bytes(400 << 20))))
    done = call(
        folder, "in", "out", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (250 << 20, 250 << 20))
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert max(path.stat().st_size for path in outputs(folder)) > 400 << 20


def test_a_full_disk_stops_with_a_clear_error_and_leaves_nothing_half(folder):
    (folder / "in" / "large").write_bytes(encode(ct(SOPInstanceUID="1.2.9", PixelData=bytes(4 << 20))))

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    done = call(folder, "in", "out", preexec_fn=limit)
    assert done.returncode == 3
    assert "stopped: cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert all(path.suffix == ".dcm" for path in outputs(folder))
    assert call(folder, "in", "out").returncode == 0
    assert len(outputs(folder)) == 4


def test_an_unreadable_file_is_listed(folder):
    (folder / "in" / "gone").symlink_to("nowhere")
    done = call(folder, "in", "out")
    assert done.returncode == 1
    assert "quarantined: 1 file: it cannot be read [unreadable]" in done.stdout
    assert "  file 1: a link that leads nowhere\n" in done.stdout


def test_pipes_and_links_to_folders_are_listed_and_nobody_waits(folder):
    os.mkfifo(folder / "in" / "pipe")
    (folder / "in" / "zero").symlink_to("/dev/zero")
    (folder / "elsewhere").mkdir()
    (folder / "in" / "linked").symlink_to(folder / "elsewhere")
    done = call(folder, "in", "out", timeout=30)
    assert done.returncode == 1
    assert "quarantined: 3 files: it cannot be read [unreadable]" in done.stdout
    assert "  file 2: not a file\n" in done.stdout
    assert "  files 1, 3: a link that leads out of the folder\n" in done.stdout
    assert done.stdout.endswith("3 anonymized, 3 quarantined\n")


def test_odd_file_names_cannot_forge_the_list(folder):
    (folder / "in" / "a\nquarantined: innocent: \x1b[2J").write_bytes(bytes(200))
    (folder / "in" / os.fsdecode(b"\xff.dcm")).write_bytes(bytes(200))
    done = call(folder, "in", "out", "--report", "report.jsonl", "--report-values")
    assert (done.returncode, done.stderr) == (1, "")
    assert "\nquarantined: innocent" not in done.stdout
    assert "\x1b" not in done.stdout
    assert len((folder / "report.jsonl").read_text().splitlines()) == 5


def test_a_process_that_is_killed_is_told_and_doing_it_again_goes_on(folder):
    for number in range(3, 200):
        (folder / "in" / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    pixels = random.Random(4711).randbytes(3 << 20) + bytes(197 << 20)  # less than a hundred times what it is packed
    bomb = encode(ct(PixelData=pixels), "1.2.840.10008.1.2.1.99")
    (folder / "in" / "bomb").write_bytes(bomb)
    few = 120 << 20
    done = call(
        folder, "in", "out", "--workers", "2", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (few, few))
    )
    assert done.returncode in {1, 3}
    assert "Traceback" not in done.stderr
    assert call(folder, "in", "out").returncode == 0
    assert len(outputs(folder)) == 201


def test_a_single_file_goes_through(folder):
    (folder / "one.dcm").write_bytes(named("MR_small.dcm"))
    assert call(folder, "one.dcm", "out").stdout.splitlines() == ["1 file: 1 anonymized, 0 quarantined"]


def test_the_whole_test_set_of_pydicom(folder):
    shutil.rmtree(folder / "in")
    for number, path in enumerate(pydicom_test_files()):
        (folder / "in" / str(number % 7)).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "in" / str(number % 7) / f"{number}-{path.name}")
    done = call(folder, "in", "out")
    assert done.returncode == 1
    assert "internal-error" not in done.stdout
    assert "Traceback" not in done.stderr


def test_help_says_what_the_exit_status_means(folder):
    done = call(folder, "--help")
    assert done.returncode == 0
    assert "1  something was quarantined" in done.stdout
