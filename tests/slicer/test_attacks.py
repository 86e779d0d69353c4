"""What a hostile review has tried: servers that lie, files that bite, runs that are broken off at the worst moment."""

from __future__ import annotations

import gc
import json
import logging
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from scenario import SOP, chosen, files_below, originals, run_to_end

from greycloak.quiet import quiet
from GreycloakLib import choices
from GreycloakLib.anonymizers import open_anonymizer
from GreycloakLib.choices import Choices, Pseudonyms
from GreycloakLib.finding_core import core_folder
from GreycloakLib.headless import finish
from GreycloakLib.orders import DELIVERING, Order
from GreycloakLib.picture import draw
from GreycloakLib.problems import CancelledError, ProblemError
from GreycloakLib.run import Run
from GreycloakLib.targets.folder import FolderTarget
from support import ct, encode

UIDS = {"StudyInstanceUID": "2.25.1", "SeriesInstanceUID": "2.25.2", "SOPInstanceUID": "2.25.3"}
OUTCOME = {
    "Pseudonym": "TRIAL-1",
    "PatientID": "TRIAL-1",
    **UIDS,
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
    "Method": "Greycloak",
    "MethodCodes": [],
    "Notes": [],
}
COPY = encode(ct(PatientName="TRIAL-1", PatientID="TRIAL-1", **UIDS))


class LyingServer:
    """An Orthanc that answers what a test wants."""

    def __init__(self):
        outer = self
        self.status, self.outcome, self.file, self.wait = 200, OUTCOME, COPY, threading.Event()
        self.wait.set()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer(200, json.dumps([{"Name": "basic", "Options": []}]).encode())

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.wait.wait(30)
                said = outer.outcome if isinstance(outer.outcome, str) else json.dumps(outer.outcome)
                self._answer(outer.status, outer.file, {"Greycloak-Outcome": said} if said else {})

            def _answer(self, status, body, headers=None):
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def choices(self):
        return Choices(pseudonyms=Pseudonyms("orthanc", f"http://127.0.0.1:{self.server.server_port}"))


@pytest.fixture
def server():
    server = LyingServer()
    yield server
    server.wait.set()
    server.server.shutdown()
    server.server.server_close()


def one(tmp_path, **attributes):
    return originals(tmp_path / "in", patients=1, images=1, **attributes)


def test_an_honest_server_is_believed(server, tmp_path):
    run = run_to_end(Order(one(tmp_path), [FolderTarget(tmp_path / "out")]), server.choices)
    assert run.summary.anonymized == 1


@pytest.mark.parametrize("what", ["the original", "only the ID replaced", "another UID than it says"])
def test_a_server_that_sends_the_patient_back_is_not_believed(server, tmp_path, what):
    files = one(tmp_path)
    server.file = {
        "the original": files[0].read_bytes(),
        "only the ID replaced": encode(ct(PatientName="Secret^Patient1", PatientID="TRIAL-1", **UIDS)),
        "another UID than it says": encode(ct(PatientName="TRIAL-1", PatientID="TRIAL-1")),
    }[what]
    order = Order(files, [FolderTarget(tmp_path / "out")])
    if what == "another UID than it says":
        run = run_to_end(order, server.choices)
        assert [why.reason for _, why in run.summary.quarantined] == ["internal-error"]
    else:
        with pytest.raises(ProblemError, match="still tells who the patient is"):
            run_to_end(order, server.choices)
    assert [path for path in files_below(tmp_path / "out") if path.suffix == ".dcm"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"Pseudonym": "../../escaped"},
        {"Pseudonym": "/etc/cron.d/x"},
        {"StudyInstanceUID": "../2"},
        {"SOPInstanceUID": "1.2/../../3"},
        {"SeriesInstanceUID": 5},
        {"Notes": "text"},
        {"PatientID": None},
    ],
)
def test_a_server_does_not_choose_where_files_go(server, tmp_path, change):
    server.outcome = OUTCOME | change
    before = {path for path in files_below(tmp_path.parent) if "escaped" in path.name}
    with pytest.raises(ProblemError, match="does not understand"):
        run_to_end(Order(one(tmp_path), [FolderTarget(tmp_path / "out")]), server.choices)
    assert {path for path in files_below(tmp_path.parent) if "escaped" in path.name} == before


@pytest.mark.parametrize(
    ("status", "outcome", "file"),
    [
        (200, "", COPY),
        (200, "nonsense", COPY),
        (200, "[]", COPY),
        (200, OUTCOME, b"nonsense"),
        (422, OUTCOME, b"<html>"),
        (422, OUTCOME, b"null"),
        (422, OUTCOME, json.dumps({"Reason": "Secret^Patient", "Detail": ""}).encode()),
        (302, OUTCOME, b""),
    ],
)
def test_broken_answers_are_told_and_nothing_of_them_is_shown(server, tmp_path, status, outcome, file):
    server.status, server.outcome, server.file = status, outcome, file
    with pytest.raises(ProblemError) as told:
        run_to_end(Order(one(tmp_path), [FolderTarget(tmp_path / "out")]), server.choices)
    assert "Secret" not in str(told.value)


@pytest.mark.parametrize("patient", ["4711", "47110"])
def test_a_short_number_that_occurs_by_chance_is_no_reason_to_refuse(server, tmp_path, patient):
    server.file = encode(ct(PatientName="TRIAL-1", PatientID="TRIAL-1", SliceLocation=f"{patient}.5", **UIDS))
    run = run_to_end(Order(one(tmp_path, PatientID=patient), [FolderTarget(tmp_path / "out")]), server.choices)
    assert run.summary.anonymized == 1


@pytest.mark.parametrize("where", ["PatientComments", "StudyDescription"])
def test_an_id_in_a_text_is_a_reason_to_refuse(server, tmp_path, where):
    server.file = encode(ct(PatientName="TRIAL-1", PatientID="TRIAL-1", **{where: "was MRN-1 before"}, **UIDS))
    with pytest.raises(ProblemError, match="still tells"):
        run_to_end(Order(one(tmp_path), [FolderTarget(tmp_path / "out")]), server.choices)


def test_a_pipe_among_the_files_is_not_waited_for(server, tmp_path):
    import os

    files = one(tmp_path)
    os.mkfifo(tmp_path / "in" / "pipe")
    for choices_made in (server.choices, chosen(tmp_path)):
        order = Order([*files, tmp_path / "in" / "pipe"], [FolderTarget(tmp_path / "out")])
        assert [why.reason for _, why in run_to_end(order, choices_made).summary.quarantined] == ["unreadable"]


def test_a_window_that_goes_while_the_crosswalk_is_written_leaves_no_piece_of_it(tmp_path):
    files = originals(tmp_path / "in", patients=1, images=2)
    crosswalk = tmp_path / "crosswalk.csv"
    for stop_after in range(1, 60):
        run = Run(
            Order(files, [FolderTarget(tmp_path / "out")], None, crosswalk),
            lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled),
        )
        steps = run.steps()
        for _, _step in zip(range(stop_after), steps, strict=False):
            pass
        steps.close()
        assert not [path for path in files_below(tmp_path) if path.name.startswith(".greycloak")]
        if run.summary is not None:
            break
        assert files_below(tmp_path / "out") == []
    assert run.summary is not None


def test_a_folder_that_was_empty_before_is_there_afterwards(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "letter.txt").write_text("Dear Mr. Secret")
    run_to_end(Order([tmp_path / "letter.txt"], [FolderTarget(tmp_path / "out")]), chosen(tmp_path))
    assert (tmp_path / "out").is_dir()


def test_an_endless_answer_is_not_read_to_its_end(server, tmp_path, monkeypatch):
    from GreycloakLib import orthanc

    monkeypatch.setattr(orthanc, "_SMALL", 1 << 20)
    server.file = COPY + bytes(8 << 20)
    with pytest.raises(ProblemError, match="does not understand"):
        run_to_end(Order(one(tmp_path), [FolderTarget(tmp_path / "out")]), server.choices)


def test_a_cancel_while_a_file_is_being_written_takes_that_file_back(tmp_path, monkeypatch):
    files = originals(tmp_path / "in", patients=1, images=3)
    run = Run(
        Order(files, [FolderTarget(tmp_path / "out")]),
        lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled),
    )
    write = FolderTarget._write
    writing = threading.Event()

    def slow(target, output):
        writing.set()
        threading.Event().wait(0.3)
        write(target, output)

    monkeypatch.setattr(FolderTarget, "_write", slow)

    def look():
        if run.progress.stage == DELIVERING and writing.is_set():
            run.cancel()

    with pytest.raises(CancelledError):
        finish(run.steps(), look)
    assert files_below(tmp_path / "out") == []


def test_garbage_is_collected_again_after_whatever_happens(tmp_path):
    files = originals(tmp_path / "in", patients=1, images=3)

    def fail():
        raise RuntimeError

    for between in (lambda: None, fail):
        run = Run(
            Order(files, [FolderTarget(tmp_path / "out")]),
            lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled),
        )
        try:
            finish(run.steps(), between)
        except RuntimeError:
            assert between is fail
        assert gc.isenabled()


def test_a_preview_that_is_given_up_keeps_nobody_waiting(slicer_app, server, tmp_path, monkeypatch, user):
    import time
    from pathlib import Path

    import standins

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    import Greycloak

    module = Path(__file__).resolve().parents[2] / "slicer_extension" / "Greycloak" / "Greycloak.py"
    standins.add_module(slicer_app, module)
    widget = Greycloak.GreycloakWidget()
    one(tmp_path)
    user.will_answer("getExistingDirectory", str(tmp_path / "in"))
    widget.ui.sourceFolderButton.click()
    while widget.panel.source.is_counting:
        slicer_app.app.processEvents()
    widget.ui.pseudonymsCombo.setCurrentIndex(2)
    widget.ui.addressEdit.setText(server.choices.pseudonyms.address)
    server.wait.clear()  # it will not answer
    widget.ui.previewButton.click()
    for _ in range(20):
        slicer_app.app.processEvents()
    begin = time.monotonic()
    widget.ui.projectEdit.setText("other")
    widget.cleanup()
    assert time.monotonic() - begin < 1
    server.wait.set()


def test_two_runs_do_not_deliver_into_one_folder_at_once(tmp_path):
    files = originals(tmp_path / "in", patients=1, images=10)
    runs = [
        Run(
            Order(files, [FolderTarget(tmp_path / "out")]),
            lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled),
        )
        for _ in range(2)
    ]
    first = runs[0].steps()
    while runs[0].progress.stage != DELIVERING:
        next(first)
    with pytest.raises(ProblemError, match="Another run"):
        finish(runs[1].steps())
    finish(first)
    assert len(files_below(tmp_path / "out")) == 10


def test_a_report_takes_nobodys_place(tmp_path):
    files = originals(tmp_path / "in", patients=1, images=2)
    before = files[0].read_bytes()
    with pytest.raises(ProblemError, match="place of a file"):
        run_to_end(Order(files, [FolderTarget(tmp_path / "out")], report=files[0]), chosen(tmp_path))
    assert files[0].read_bytes() == before
    same = tmp_path / "both"
    with pytest.raises(ProblemError, match="one file"):
        run_to_end(Order(files, [FolderTarget(tmp_path / "out")], same, same), chosen(tmp_path))
    (tmp_path / "letter").write_text("Dear Mr. Secret")
    with pytest.raises(ProblemError, match="no report"):
        run_to_end(Order(files, [FolderTarget(tmp_path / "out")], tmp_path / "letter"), chosen(tmp_path))
    assert (tmp_path / "letter").read_text() == "Dear Mr. Secret"
    report = tmp_path / "report.jsonl"
    for _ in range(2):
        run_to_end(Order(files, [FolderTarget(tmp_path / "out")], report), chosen(tmp_path))
    assert len(report.read_text().splitlines()) == 4


def test_a_second_file_that_cannot_get_its_name_leaves_the_first_as_it_was(tmp_path, monkeypatch):
    from GreycloakLib.pending_file import PendingFile

    files = originals(tmp_path / "in", patients=1, images=2)
    order = Order(files, [FolderTarget(tmp_path / "out")], tmp_path / "report.jsonl", tmp_path / "crosswalk.csv")
    run_to_end(order, chosen(tmp_path))
    report = (tmp_path / "report.jsonl").read_text()
    place = PendingFile.put_in_place

    def fail_for_the_crosswalk(pending):
        if pending._path.suffix == ".csv":
            raise ProblemError("cannot be written")
        place(pending)

    monkeypatch.setattr(PendingFile, "put_in_place", fail_for_the_crosswalk)
    more = originals(tmp_path / "more", patients=1, images=1, SOPInstanceUID=f"{SOP}.77")
    order = Order(more, [FolderTarget(tmp_path / "out")], tmp_path / "report.jsonl", tmp_path / "crosswalk.csv")
    with pytest.raises(ProblemError, match="cannot be written"):
        run_to_end(order, chosen(tmp_path))
    assert (tmp_path / "report.jsonl").read_text() == report
    assert len(files_below(tmp_path / "out")) == 2
    assert not [path for path in files_below(tmp_path) if path.name.startswith(".greycloak")]


def test_a_profile_that_gives_a_patient_several_names_does_not_go_into_the_database(slicer_app, tmp_path):
    import ctk

    from GreycloakLib.targets.database import DatabaseTarget

    profile = tmp_path / "names.toml"
    profile.write_text('base = "basic"\n[tags]\nPatientName = { hash = { length = 8 } }\n')
    files = [
        *originals(tmp_path / "in", patients=1, images=1),
        *originals(tmp_path / "two", patients=1, images=1, PatientName="Married^Name", SOPInstanceUID=f"{SOP}.5"),
    ]
    order = Order(files, [DatabaseTarget(slicer_app.dicomDatabase, ctk.ctkDICOMIndexer)])
    with pytest.raises(ProblemError, match="several names"):
        run_to_end(order, chosen(tmp_path, profile=str(profile)))
    assert slicer_app.dicomDatabase.patients() == ()


@pytest.mark.parametrize(
    ("rows", "columns"), [(65535, 65535), (30000, 30000)], ids=["as large as can be", "a gigabyte"]
)
def test_a_picture_that_would_unfold_to_something_huge_is_not_drawn(tmp_path, rows, columns):
    path = tmp_path / "bomb.dcm"
    path.write_bytes(encode(ct(Rows=rows, Columns=columns)))
    assert draw(path, {}).ppm == b""


def test_a_picture_that_is_sound_is_drawn(tmp_path):
    path = tmp_path / "image.dcm"
    pixels = np.arange(64 * 64, dtype=np.uint16).tobytes()
    path.write_bytes(encode(ct(Rows=64, Columns=64, PixelData=pixels)))
    assert draw(path, {}).ppm.startswith(b"P6 64 64 255\n")


def test_what_pydicom_warns_of_reaches_no_log(caplog):
    pydicom = logging.getLogger("pydicom")
    with caplog.at_level("DEBUG"), quiet():
        pydicom.warning("Invalid value: 'Secret^Susan'")
        warnings.warn("Unknown encoding 'SECRET'", stacklevel=1)
    assert "ecret" not in caplog.text
    pydicom.warning("said outside")
    assert "said outside" in caplog.text


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("postgresql://doctor:hunter2@db/greycloak", "postgresql://doctor@db/greycloak"),
        ("postgresql://doctor:hun/ter2@db/greycloak", ""),
        ("postgresql://db/greycloak?password=hunter2", "postgresql://db/greycloak"),
        ("http://localhost:8042", "http://localhost:8042"),
        ("nonsense hunter2", ""),
        ("http://[::1", ""),
    ],
)
def test_of_an_address_no_secret_is_remembered(slicer_app, address, kept):  # noqa: ARG001
    from GreycloakLib.remembering import recall, remember

    remember("postgresqlAddress", address)
    assert recall("postgresqlAddress") == kept


def test_the_options_of_what_a_profile_is_based_on_are_shown(tmp_path):
    (tmp_path / "house.toml").write_text('base = "clinical-trial"\noptions = ["retain-safe-private"]\n')
    (tmp_path / "trial.json").write_text(json.dumps({"base": "house", "title": "Trial", "options": []}))
    shown = choices.profile_file(tmp_path / "trial.json", core_folder())
    assert shown.title == "Trial"
    assert {"retain-modified-dates", "retain-safe-private", "retain-device-identity"} <= set(shown.options)
    (tmp_path / "odd.toml").write_text("options = 5\n")
    assert choices.profile_file(tmp_path / "odd.toml", core_folder()).options == ()
    (tmp_path / "list.json").write_text("[]")
    assert choices.profile_file(tmp_path / "list.json", core_folder()) is None


def test_a_bad_address_of_a_database_is_told_without_its_password(tmp_path):
    for address in ("postgresql://u:hunter2@host:port/x", "sqlite:////etc/passwd", "http://x"):
        asked = Choices(pseudonyms=Pseudonyms("postgresql", address, key_file=tmp_path / "key"))
        with pytest.raises(ProblemError) as told:
            open_anonymizer(asked)
        assert "hunter2" not in str(told.value)
