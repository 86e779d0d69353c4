"""Runs: all or nothing, into a folder, Slicer's database or both; and nothing stays behind."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import threading
from pathlib import Path

import pytest
import standins
from scenario import SOP, chosen, files_below, import_into, originals, run_to_end

from greycloak import Installation
from greycloak.cli import main
from GreycloakLib.anonymizers import open_anonymizer
from GreycloakLib.headless import finish
from GreycloakLib.orders import DELIVERING, Order
from GreycloakLib.problems import CancelledError, ProblemError
from GreycloakLib.run import Run
from GreycloakLib.targets.folder import FolderTarget
from support import ct, decode, encode


@pytest.fixture
def temporary(tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A disk of some kilobytes; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "greycloak-test", str(folder)], check=False)
    if mount.returncode:
        pytest.skip("only root can make a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def database_target(slicer):
    import ctk

    from GreycloakLib.targets.database import DatabaseTarget

    return DatabaseTarget(slicer.dicomDatabase, ctk.ctkDICOMIndexer)


def patient_ids(slicer):
    database = slicer.dicomDatabase
    return sorted(database.fieldForPatient("PatientID", patient) for patient in database.patients())


def instances(database):
    return sorted(
        instance
        for patient in database.patients()
        for study in database.studiesForPatient(patient)
        for series in database.seriesForStudy(study)
        for instance in database.instancesForSeries(series)
    )


def test_a_folder_gets_what_the_command_line_would_write(tmp_path, temporary):
    files = originals(tmp_path / "in")
    run = run_to_end(Order(files, [FolderTarget(tmp_path / "out")], temporary=temporary), chosen(tmp_path))
    summary = run.summary
    assert (summary.anonymized, summary.patients, summary.studies, summary.series) == (6, 2, 2, 2)
    assert summary.quarantined == ()
    written = files_below(tmp_path / "out")
    assert len(written) == 6
    for path in written:
        data_set = decode(path.read_bytes())
        place = (data_set.PatientID, data_set.StudyInstanceUID, data_set.SeriesInstanceUID)
        assert path.relative_to(tmp_path / "out").parts[:3] == place
        assert "Secret" not in str(data_set)
    assert list(temporary.iterdir()) == []


def test_the_command_line_gives_the_same_bytes(tmp_path, temporary):
    files = originals(tmp_path / "in")
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")], temporary=temporary), chosen(tmp_path))
    store = ["--store", f"sqlite:///{tmp_path / 'store.sqlite'}", "--key-file", str(tmp_path / "key")]
    assert main(["anonymize", str(tmp_path / "in"), str(tmp_path / "cli"), "--project", "trial", *store]) == 0
    ours, theirs = files_below(tmp_path / "out"), files_below(tmp_path / "cli")
    assert [path.relative_to(tmp_path / "out") for path in ours] == [
        path.relative_to(tmp_path / "cli") for path in theirs
    ]
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]


def test_the_database_gets_patients_of_their_own_and_keeps_the_originals(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    import_into(slicer_app, tmp_path / "in")
    database = slicer_app.dicomDatabase
    before = instances(database)
    target = database_target(slicer_app)
    run = run_to_end(Order(files, [target], temporary=temporary), chosen(tmp_path), slicer_app.app.processEvents)
    assert run.summary.anonymized == 6
    ids = patient_ids(slicer_app)
    assert len(ids) == 4
    assert {"MRN-1", "MRN-2"} < set(ids)
    assert set(before) < set(instances(database))
    assert len(instances(database)) == 12
    assert list(temporary.iterdir()) == []  # Slicer has made copies of its own
    for study in run.summary.study_uids:
        for series in database.seriesForStudy(study):
            assert all(Path(path).is_file() for path in database.filesForSeries(series))


def test_doing_it_again_changes_nothing(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    for _ in range(2):
        order = Order(files, [database_target(slicer_app), FolderTarget(tmp_path / "out")], temporary=temporary)
        run_to_end(order, chosen(tmp_path), slicer_app.app.processEvents)
    assert len(patient_ids(slicer_app)) == 2
    assert len(instances(slicer_app.dicomDatabase)) == 6
    assert len(files_below(tmp_path / "out")) == 6


def test_a_second_series_joins_its_patient(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in", patients=1)
    more = originals(tmp_path / "more", patients=1, SeriesInstanceUID=f"{SOP}.1.2", SOPInstanceUID=f"{SOP}.1.2.1")
    for some in (files, more[:1]):
        order = Order(some, [database_target(slicer_app)], temporary=temporary)
        run_to_end(order, chosen(tmp_path), slicer_app.app.processEvents)
    (patient,) = slicer_app.dicomDatabase.patients()
    (study,) = slicer_app.dicomDatabase.studiesForPatient(patient)
    assert len(slicer_app.dicomDatabase.seriesForStudy(study)) == 2


@pytest.mark.parametrize("where", ["database", "folder"])
def test_an_image_that_is_there_in_another_way_is_not_replaced(slicer_app, tmp_path, temporary, where):
    files = originals(tmp_path / "in")

    def targets():
        return [database_target(slicer_app) if where == "database" else FolderTarget(tmp_path / "out")]

    run_to_end(Order(files, targets(), temporary=temporary), chosen(tmp_path), slicer_app.app.processEvents)
    kept = {path: path.read_bytes() for path in files_below(tmp_path / "out")}
    other = chosen(tmp_path, options=("retain-patient-characteristics", "retain-full-dates"))
    with pytest.raises(ProblemError, match="in another way"):
        run_to_end(Order(files, targets(), temporary=temporary), other, slicer_app.app.processEvents)
    assert kept == {path: path.read_bytes() for path in files_below(tmp_path / "out")}
    assert list(temporary.iterdir()) == []


def test_a_profile_that_keeps_uids_is_refused_for_the_database_and_taken_for_a_folder(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    choices = chosen(tmp_path, options=("retain-uids",))
    with pytest.raises(ProblemError, match="keeps UIDs"):
        run_to_end(Order(files, [database_target(slicer_app)], temporary=temporary), choices)
    assert list(temporary.iterdir()) == []
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")], temporary=temporary), choices)
    assert {path.stem for path in files_below(tmp_path / "out")} == {
        f"{SOP}.{p}.1.{i}" for p in (1, 2) for i in (1, 2, 3)
    }


def test_a_profile_under_which_patients_share_an_id_is_refused(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    order = Order(files, [FolderTarget(tmp_path / "out"), database_target(slicer_app)], temporary=temporary)
    with pytest.raises(ProblemError, match="share one Patient ID"):
        run_to_end(order, chosen(tmp_path, profile="site-table"))
    assert files_below(tmp_path / "out") == []
    assert slicer_app.dicomDatabase.patients() == ()


def test_a_study_of_two_patients_becomes_one_study_of_each(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in", StudyInstanceUID=f"{SOP}.9")
    order = Order(files, [database_target(slicer_app)], temporary=temporary)
    run = run_to_end(order, chosen(tmp_path), slicer_app.app.processEvents)
    assert (run.summary.patients, run.summary.studies) == (2, 2)
    assert run.summary.tally.doubts["study-of-two-subjects"] == len(files) // 2
    assert len(slicer_app.dicomDatabase.patients()) == 2


def test_a_study_that_an_old_project_gives_two_patients_does_not_go_into_the_database(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in", StudyInstanceUID=f"{SOP}.9")
    installation = Installation.open(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path / "key")
    installation.project("trial")
    with installation.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE projects SET derivation = 1")
    with pytest.raises(ProblemError, match="more than one patient"):
        run_to_end(Order(files, [database_target(slicer_app)], temporary=temporary), chosen(tmp_path))
    assert slicer_app.dicomDatabase.patients() == ()


def test_a_pseudonym_that_is_somebody_elses_patient_id_is_refused(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in", patients=1)
    run_to_end(Order(files, [FolderTarget(tmp_path / "out")], temporary=temporary), chosen(tmp_path))
    pseudonym = files_below(tmp_path / "out")[0].relative_to(tmp_path / "out").parts[0]
    originals(
        tmp_path / "other", patients=1, PatientID=pseudonym, StudyInstanceUID="1.2.9", SeriesInstanceUID="1.2.9.1"
    )
    import_into(slicer_app, tmp_path / "other")
    with pytest.raises(ProblemError, match="Slicer would merge"):
        run_to_end(Order(files, [database_target(slicer_app)], temporary=temporary), chosen(tmp_path))
    assert len(slicer_app.dicomDatabase.patients()) == 1


def test_what_is_quarantined_does_not_stop_the_others(tmp_path, temporary):
    files = originals(tmp_path / "in", patients=1)
    (tmp_path / "in" / "broken.dcm").write_bytes(files[0].read_bytes()[:600])
    (tmp_path / "in" / "letter.txt").write_text("Dear Mr. Secret")
    (tmp_path / "in" / "screen.dcm").write_bytes(encode(ct(BurnedInAnnotation="YES")))
    everything = [*files_below(tmp_path / "in"), tmp_path / "in" / "gone.dcm"]
    run = run_to_end(Order(everything, [FolderTarget(tmp_path / "out")], temporary=temporary), chosen(tmp_path))
    assert run.summary.anonymized == 3
    reasons = {path.name: why.reason for path, why in run.summary.quarantined}
    assert "letter.txt" not in reasons
    assert run.summary.tally.skipped == {"text": 1}
    assert run.progress.skipped == 1
    assert run.summary.tally.quarantined == len(reasons)
    assert reasons["screen.dcm"] == "burned-in-annotation"
    assert reasons["gone.dcm"] == "unreadable"
    assert "broken.dcm" in reasons
    assert "Secret" not in " ".join(str(why) for _, why in run.summary.quarantined)


def test_if_everything_is_quarantined_nothing_is_delivered(slicer_app, tmp_path, temporary):
    (tmp_path / "screen.dcm").write_bytes(encode(ct(BurnedInAnnotation="YES")))
    order = Order([tmp_path / "screen.dcm"], [database_target(slicer_app)], temporary=temporary)
    run = run_to_end(order, chosen(tmp_path))
    assert run.summary.where == ()
    assert len(run.summary.quarantined) == 1


def test_two_files_of_one_image_are_one_and_two_images_of_one_uid_are_told(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in", patients=1, images=1)
    (tmp_path / "in" / "again.dcm").write_bytes(files[0].read_bytes())
    (tmp_path / "in" / "other.dcm").write_bytes(files[0].read_bytes()[:-2] + b"\x00\x00")
    everything = [files[0], tmp_path / "in" / "again.dcm", tmp_path / "in" / "other.dcm"]
    order = Order(everything, [FolderTarget(tmp_path / "out"), database_target(slicer_app)], temporary=temporary)
    run = run_to_end(order, chosen(tmp_path), slicer_app.app.processEvents)
    assert [why.reason for _, why in run.summary.quarantined] == ["output-differs"]
    assert run.summary.anonymized == 1
    assert len(files_below(tmp_path / "out")) == 1
    assert len(instances(slicer_app.dicomDatabase)) == 1


def cancelled_when(holds, order, choices, between=lambda: None):
    """Run, cancel as soon as something holds, and insist that nothing is delivered."""
    run = Run(order, lambda is_cancelled: open_anonymizer(choices, is_cancelled))

    def look():
        between()
        if holds(run.progress):
            run.cancel()

    with pytest.raises(CancelledError):
        finish(run.steps(), look)
    assert run.summary is None


def test_cancelled_while_anonymizing_nothing_is_delivered_and_nothing_stays(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    order = Order(
        files,
        [FolderTarget(tmp_path / "out"), database_target(slicer_app)],
        tmp_path / "report.jsonl",
        tmp_path / "crosswalk.csv",
        temporary,
    )
    cancelled_when(lambda progress: progress.done == 3, order, chosen(tmp_path))
    assert files_below(tmp_path / "out") == []
    assert slicer_app.dicomDatabase.patients() == ()
    assert list(temporary.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} <= {
        "key",
        "store.sqlite",
        "store.sqlite-wal",
        "store.sqlite-shm",
    }


@pytest.mark.parametrize("done", [0, 2, 5])
def test_cancelled_while_delivering_everything_is_taken_back(slicer_app, tmp_path, temporary, done):
    files = originals(tmp_path / "in")
    order = Order(files, [FolderTarget(tmp_path / "out"), database_target(slicer_app)], temporary=temporary)
    where = {"folder": done}

    def holds(progress):
        return progress.stage == DELIVERING and progress.where in where and progress.done >= where[progress.where]

    cancelled_when(holds, order, chosen(tmp_path), slicer_app.app.processEvents)
    assert not list((tmp_path / "out").rglob("*")) or not (tmp_path / "out").exists()
    assert slicer_app.dicomDatabase.patients() == ()
    assert list(temporary.iterdir()) == []


def test_cancelled_while_slicer_imports_everything_is_taken_back(slicer_app, tmp_path, temporary):
    originals(tmp_path / "in")
    import_into(slicer_app, tmp_path / "in")
    before = instances(slicer_app.dicomDatabase)
    order = Order(
        files_below(tmp_path / "in"),
        [FolderTarget(tmp_path / "out"), database_target(slicer_app)],
        temporary=temporary,
    )

    def holds(progress):
        return progress.stage == DELIVERING and progress.where == "DICOM database"

    cancelled_when(holds, order, chosen(tmp_path), slicer_app.app.processEvents)
    assert instances(slicer_app.dicomDatabase) == before
    assert patient_ids(slicer_app) == ["MRN-1", "MRN-2"]
    assert files_below(tmp_path / "out") == []


def test_an_import_that_fails_half_way_takes_everything_back(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    seen = []

    def fail(path):
        seen.append(path)
        if len(seen) > 3:
            raise OSError("disk full")

    standins.Failure.on = staticmethod(fail)
    try:
        order = Order(files, [FolderTarget(tmp_path / "out"), database_target(slicer_app)], temporary=temporary)
        with pytest.raises(ProblemError, match="of 6 files"):
            run_to_end(order, chosen(tmp_path), slicer_app.app.processEvents)
    finally:
        standins.Failure.on = staticmethod(lambda _path: None)
    assert slicer_app.dicomDatabase.patients() == ()
    assert files_below(tmp_path / "out") == []
    assert list(temporary.iterdir()) == []


def test_a_window_that_goes_away_leaves_nothing(tmp_path, temporary):
    order = Order(originals(tmp_path / "in"), [FolderTarget(tmp_path / "out")], temporary=temporary)
    run = Run(order, lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled))
    steps = run.steps()
    while run.progress.done < 2:
        next(steps)
    steps.close()
    assert files_below(tmp_path / "out") == []
    assert list(temporary.iterdir()) == []


def test_a_window_that_goes_away_while_delivering_takes_everything_back(slicer_app, tmp_path, temporary):
    files = originals(tmp_path / "in")
    order = Order(files, [FolderTarget(tmp_path / "out"), database_target(slicer_app)], temporary=temporary)
    run = Run(order, lambda is_cancelled: open_anonymizer(chosen(tmp_path), is_cancelled))
    steps = run.steps()
    while run.progress.where != "folder" or run.progress.done < 3:
        next(steps)
    steps.close()
    assert files_below(tmp_path / "out") == []
    assert slicer_app.dicomDatabase.patients() == ()
    assert list(temporary.iterdir()) == []


def test_an_output_folder_inside_the_source_is_refused(tmp_path, temporary):
    files = originals(tmp_path / "in")
    target = FolderTarget(tmp_path / "in" / "out", tmp_path / "in")
    with pytest.raises(ProblemError, match="lies in the folder"):
        run_to_end(Order(files, [target], temporary=temporary), chosen(tmp_path))
    assert len(files_below(tmp_path / "in")) == 6


def test_a_folder_that_cannot_be_written_is_told(slicer_app, tmp_path, temporary):
    (tmp_path / "out").write_text("a file, not a folder")
    order = Order(
        originals(tmp_path / "in"),
        [FolderTarget(tmp_path / "out"), database_target(slicer_app)],
        temporary=temporary,
    )
    with pytest.raises(ProblemError, match="cannot be written"):
        run_to_end(order, chosen(tmp_path))
    assert slicer_app.dicomDatabase.patients() == ()


@pytest.mark.parametrize("where", ["temporary", "out", "report"])
def test_a_full_disk_delivers_nothing(slicer_app, tmp_path, temporary, small_disk, where):
    files = originals(tmp_path / "in", images=20)
    places = {"temporary": temporary, "out": tmp_path / "out", "report": tmp_path} | {where: small_disk}
    order = Order(
        files,
        [FolderTarget(places["out"]), database_target(slicer_app)],
        places["report"] / "report.jsonl",
        None,
        places["temporary"],
    )
    with pytest.raises(ProblemError, match="No space left"):
        run_to_end(order, chosen(tmp_path))
    assert slicer_app.dicomDatabase.patients() == ()
    assert files_below(places["out"]) == []
    assert not [path for path in files_below(tmp_path) + files_below(small_disk) if path.name.startswith(".greycloak")]


def test_report_and_crosswalk_are_for_their_owner_and_tell_what_they_should(tmp_path, temporary):
    files = originals(tmp_path / "in")
    report, crosswalk = tmp_path / "report.jsonl", tmp_path / "crosswalk.csv"
    order = Order(files, [FolderTarget(tmp_path / "out")], report, crosswalk, temporary)
    run_to_end(order, chosen(tmp_path))
    for path in (report, crosswalk):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(lines) == 6
    assert all((tmp_path / "out" / line["output"]).is_file() for line in lines)
    assert any(change["name"] == "PatientName" for change in lines[0]["changes"])
    assert "Secret" not in report.read_text()
    rows = list(csv.DictReader(crosswalk.open()))
    assert {row["patient_id"] for row in rows} == {"MRN-1", "MRN-2"}
    assert {row["pseudonym"] for row in rows} == {path.name for path in (tmp_path / "out").iterdir()}


def test_a_crosswalk_grows_and_replaces_nothing_else(tmp_path, temporary):
    crosswalk = tmp_path / "crosswalk.csv"
    for name, patient in (("one", "MRN-A"), ("two", "MRN-B"), ("two", "MRN-B")):
        files = originals(tmp_path / name, patients=1, images=1, PatientID=patient, StudyInstanceUID=f"1.2.{len(name)}")
        run_to_end(Order(files, [FolderTarget(tmp_path / "out")], None, crosswalk, temporary), chosen(tmp_path))
    assert [row["patient_id"] for row in csv.DictReader(crosswalk.open())] == ["MRN-A", "MRN-B"]
    (tmp_path / "letter.csv").write_text("Dear,Mr. Secret\n")
    order = Order(files, [FolderTarget(tmp_path / "out2")], None, tmp_path / "letter.csv", temporary)
    with pytest.raises(ProblemError, match="no crosswalk"):
        run_to_end(order, chosen(tmp_path))
    assert (tmp_path / "letter.csv").read_text() == "Dear,Mr. Secret\n"
    assert files_below(tmp_path / "out2") == []


def test_the_audit_knows_of_the_run(tmp_path, temporary):
    run_to_end(
        Order(originals(tmp_path / "in"), [FolderTarget(tmp_path / "out")], temporary=temporary), chosen(tmp_path)
    )
    audit = Installation.open(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path / "key").audit
    events = list(audit.events())
    assert [event["what"] for event in events] == ["anonymize", "anonymize", "run"]
    assert events[-1]["anonymized"] == 6
    assert {event["door"] for event in events} == {"slicer"}


def test_nothing_names_a_patient_in_temporary_names_logs_and_errors(slicer_app, tmp_path, temporary, caplog):
    originals(tmp_path / "in")
    (tmp_path / "in" / "Secret_broken.dcm").write_bytes(b"Secret")
    seen = set()

    def look():
        slicer_app.app.processEvents()
        seen.update(path.name for path in temporary.rglob("*"))

    order = Order(files_below(tmp_path / "in"), [database_target(slicer_app)], temporary=temporary)
    with caplog.at_level("DEBUG"):
        run = run_to_end(order, chosen(tmp_path), look)
    assert len(seen) > 6
    assert not [name for name in seen if "Secret" in name or "MRN" in name or SOP in name]
    assert "Secret" not in caplog.text
    assert "MRN" not in caplog.text
    assert "Secret" not in repr(order)
    assert "Secret" not in repr(run.summary)


def test_a_large_image_goes_through_without_holding_up_a_step(tmp_path, temporary):
    path = tmp_path / "in" / "large.dcm"
    path.parent.mkdir()
    path.write_bytes(encode(ct(Rows=2048, Columns=2048, NumberOfFrames=8, PixelData=bytes(2048 * 2048 * 2 * 8))))
    threads = set()

    def look():
        threads.update(thread.name for thread in threading.enumerate())

    run = run_to_end(Order([path], [FolderTarget(tmp_path / "out")], temporary=temporary), chosen(tmp_path), look)
    assert run.summary.anonymized == 1
    assert any(name.startswith("greycloak") for name in threads)
