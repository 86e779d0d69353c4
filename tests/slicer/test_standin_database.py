"""The stand-in for Slicer's DICOM database files, moves, merges and loses as CTK's does."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import standins

from support import ct, encode

PATIENTS = (
    {"PatientID": "A", "PatientName": "Doe^Ann", "PatientBirthDate": "19500101"},
    {"PatientID": "B", "PatientName": "Roe^Bob", "PatientBirthDate": "19600202"},
)


def uids(patient=0, study=0, series=0, instance=0):
    return {
        "StudyInstanceUID": f"1.2.{patient}.{study}",
        "SeriesInstanceUID": f"1.2.{patient}.{study}.{series}",
        "SOPInstanceUID": f"1.2.{patient}.{study}.{series}.{instance}",
    }


def write(path, **attributes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(ct(**attributes)))
    return str(path)


@pytest.fixture
def ctk(slicer_app):  # noqa: ARG001 # which installs it
    return importlib.import_module("ctk")


@pytest.fixture
def add(ctk, database):
    """Import files, and wait; return what the indexer says it added."""

    def run(*files, copy=True):
        counts = []
        indexer = ctk.ctkDICOMIndexer()
        indexer.connect("indexingComplete(int,int,int,int)", lambda *numbers: counts.append(numbers))
        indexer.addListOfFiles(database, list(files), copy)
        return counts[0]

    return run


@pytest.fixture
def originals(add, tmp_path):
    """Two patients with a study of two instances each, copied into the database; return their files."""
    files = [
        write(tmp_path / f"originals/{patient}-{number}.dcm", **PATIENTS[patient], **uids(patient, instance=number))
        for patient in range(2)
        for number in range(2)
    ]
    assert add(*files) == (2, 2, 2, 4)
    return files


def test_keys_are_texts_in_tuples(originals, database):
    assert database.patients() == ("1", "2")
    assert database.studiesForPatient("1") == ("1.2.0.0",)
    assert database.seriesForStudy("1.2.0.0") == ("1.2.0.0.0",)
    assert database.instancesForSeries("1.2.0.0.0") == ("1.2.0.0.0.0", "1.2.0.0.0.1")
    assert len(database.filesForSeries("1.2.0.0.0", 1)) == 1
    assert database.patientForStudy("1.2.1.0") == "2"
    assert database.imagesCount() == len(originals)


@pytest.mark.usefixtures("originals")
def test_copies_lie_in_the_folder_of_the_database(database):
    folder = Path(database.databaseDirectory) / "dicom"
    for path in map(Path, database.filesForSeries("1.2.0.0.0")):
        assert path.is_file()
        assert [len(part) for part in path.relative_to(folder).parts] == [8, 8, 36]


@pytest.mark.usefixtures("originals")
def test_fields_go_by_the_names_of_columns(database):
    assert database.fieldForPatient("PatientID", "1") == "A"
    assert database.fieldForPatient("PatientsBirthDate", "1") == "1950-01-01"
    assert database.nameForPatient("2") == "Roe^Bob"
    assert database.fieldForSeries("Modality", "1.2.0.0.0") == "CT"
    assert database.fieldForSeries("SeriesNumber", "1.2.0.0.0") == "0"
    assert database.fieldForStudy("NoSuchColumn", "1.2.0.0") == ""
    assert database.instanceValue("1.2.0.0.0.0", "0008,0060") == "CT"


@pytest.mark.usefixtures("originals")
def test_a_copy_with_new_uids_and_a_pseudonym_is_a_patient_of_its_own(add, database, tmp_path):
    copy = write(tmp_path / "c.dcm", **PATIENTS[0] | {"PatientID": "P1", "PatientName": "P1"}, **uids(7))
    assert add(copy) == (1, 1, 1, 1)
    assert database.patients() == ("1", "2", "3")
    assert len(database.instancesForSeries("1.2.0.0.0")) == 2


def test_two_patients_with_one_pseudonym_become_one_whatever_their_birth_dates(add, database, tmp_path):
    one = {"PatientID": "P", "PatientName": "P"}
    add(
        write(tmp_path / "1.dcm", **one, PatientBirthDate="19500101", **uids(0)),
        write(tmp_path / "2.dcm", **one, PatientBirthDate="19600202", **uids(1)),
    )
    assert database.patients() == ("1",)
    assert database.studiesForPatient("1") == ("1.2.0.0", "1.2.1.0")


def test_a_copy_with_the_old_uids_takes_the_study_away(originals, add, database, tmp_path):
    before = database.filesForSeries("1.2.0.0.0")
    copies = [
        write(tmp_path / f"{number}.dcm", PatientID="P1", PatientName="P1", **uids(0, instance=number))
        for number in range(2)
    ]
    assert add(*copies) == (1, 0, 0, 0)
    assert database.studiesForPatient("1") == ()
    assert database.studiesForPatient("3") == ("1.2.0.0",)
    assert database.filesForSeries("1.2.0.0.0") == before
    assert [Path(path).read_bytes() for path in before] == [Path(path).read_bytes() for path in copies]
    assert Path(originals[0]).is_file()


@pytest.mark.usefixtures("originals")
def test_one_new_instance_in_an_old_study_takes_it_away_and_mixes_it(add, database, tmp_path):
    add(write(tmp_path / "c.dcm", PatientID="P1", PatientName="P1", **uids(0, instance=9)))
    assert database.studiesForPatient("1") == ()
    assert database.studiesForPatient("3") == ("1.2.0.0",)
    assert len(database.instancesForSeries("1.2.0.0.0")) == 3


@pytest.mark.usefixtures("originals")
def test_an_old_series_goes_to_the_new_study_that_names_it(add, database, tmp_path):
    changed = uids(0, instance=9) | {"StudyInstanceUID": "1.2.77"}
    add(write(tmp_path / "c.dcm", PatientID="P1", PatientName="P1", **changed))
    assert database.seriesForStudy("1.2.0.0") == ()
    assert database.seriesForStudy("1.2.77") == ("1.2.0.0.0",)
    assert database.patientForStudy("1.2.0.0") == "1"


def test_without_id_and_name_each_study_is_a_patient(add, database, tmp_path):
    add(
        write(tmp_path / "1.dcm", PatientID="", PatientName="", **uids(0)),
        write(tmp_path / "2.dcm", PatientID="", PatientName="", **uids(1)),
    )
    assert [database.fieldForPatient("PatientID", key) for key in database.patients()] == ["1.2.0.0", "1.2.1.0"]
    assert database.nameForPatient("1") == "1.2.0.0"


@pytest.mark.usefixtures("originals")
def test_an_import_changes_the_database_many_times_and_adds_no_series_to_anyones_knowledge(
    add, database, tmp_path, pump
):
    changes, others = [], []
    database.connect("databaseChanged()", lambda: changes.append(1))
    for signal in ("seriesAdded(QString)", "studyAdded(QString)", "instanceAdded(QString)"):
        database.connect(signal, others.append)
    add(write(tmp_path / "c.dcm", PatientID="P1", PatientName="P1", **uids(7)))
    pump(lambda: len(changes) > 1)
    assert others == []


def test_the_description_of_a_study_is_that_of_the_latest_import(add, database, tmp_path):
    add(write(tmp_path / "1.dcm", StudyDescription="Head of Doe", **uids(0)))
    add(write(tmp_path / "2.dcm", StudyDescription="Head", **uids(0, instance=1)))
    assert database.descriptionForStudy("1.2.0.0") == "Head"


# The same SOP Instance UID again


def test_the_same_instance_again_changes_nothing_to_be_seen(originals, add, database, tmp_path):
    before = database.filesForSeries("1.2.0.0.0")
    again = tmp_path / "again.dcm"
    again.write_bytes(Path(originals[0]).read_bytes())
    assert add(str(again)) == (0, 0, 0, 0)
    assert set(database.filesForSeries("1.2.0.0.0")) == set(before)
    assert database.imagesCount() == 4


@pytest.mark.usefixtures("originals")
def test_an_instance_with_other_content_replaces_the_file_and_counts_nothing(add, database, tmp_path):
    other = write(tmp_path / "other.dcm", **PATIENTS[0], **uids(0), SeriesDescription="other")
    assert add(other) == (0, 0, 0, 0)
    assert Path(database.fileForInstance("1.2.0.0.0.0")).read_bytes() == Path(other).read_bytes()


@pytest.mark.usefixtures("originals")
def test_an_instance_that_comes_in_another_series_leaves_its_old_file_behind(add, database, tmp_path):
    old = Path(database.fileForInstance("1.2.0.0.0.0"))
    moved = uids(5) | {"SOPInstanceUID": "1.2.0.0.0.0"}
    add(write(tmp_path / "moved.dcm", PatientID="P", PatientName="P", **moved))
    assert database.instancesForSeries("1.2.0.0.0") == ("1.2.0.0.0.1",)
    assert Path(database.fileForInstance("1.2.0.0.0.0")) != old
    database.removePatient("1")
    assert old.is_file()


def test_an_instance_that_was_linked_now_is_the_copy(add, database, tmp_path):
    linked = write(tmp_path / "linked.dcm", **uids(0))
    add(linked, copy=False)
    assert database.filesForSeries("1.2.0.0.0") == (linked,)
    add(write(tmp_path / "copy.dcm", PatientID="P", PatientName="P", **uids(0)))
    assert Path(database.filesForSeries("1.2.0.0.0")[0]).is_relative_to(database.databaseDirectory)
    assert Path(linked).is_file()


def test_an_instance_twice_in_one_import_is_the_last(add, database, tmp_path):
    first = write(tmp_path / "1.dcm", **uids(0), SeriesDescription="first")
    last = write(tmp_path / "2.dcm", **uids(0), SeriesDescription="last")
    assert add(first, last) == (1, 1, 1, 1)
    assert Path(database.fileForInstance("1.2.0.0.0.0")).read_bytes() == Path(last).read_bytes()


@pytest.mark.usefixtures("originals")
def test_an_instance_without_a_study_loses_the_record_of_the_former(add, database, tmp_path):
    add(write(tmp_path / "broken.dcm", PatientID="", **uids(0) | {"StudyInstanceUID": None}))
    assert database.fileForInstance("1.2.0.0.0.0") == ""
    assert database.imagesCount() == 3


def test_a_file_of_the_database_imported_into_it_is_left_alone(originals, add, database):
    stored = database.filesForSeries("1.2.0.0.0")
    assert add(*stored) == (0, 0, 0, 0)
    assert all(Path(path).is_file() for path in stored)
    assert len(originals) == database.imagesCount()


# The indexer


def test_an_import_in_the_background_can_be_polled(ctk, database, tmp_path, pump):
    indexer = ctk.ctkDICOMIndexer()
    indexer.backgroundImportEnabled = True
    seen, done = [], []
    indexer.connect("progress(int)", seen.append)
    indexer.connect("indexingComplete(int,int,int,int)", lambda *counts: done.append(counts))
    indexer.addListOfFiles(database, [write(tmp_path / f"{n}.dcm", **uids(0, instance=n)) for n in range(5)], True)
    assert indexer.importing
    assert database.imagesCount() == 0
    pump(lambda: not indexer.importing)
    assert done == []  # the signal comes later than the end
    pump(lambda: done)
    assert done == [(1, 1, 1, 5)]
    assert (seen[0], seen[-1]) == (0, 100)


def test_what_was_parsed_before_a_cancel_is_in_the_database(ctk, database, tmp_path):
    indexer = ctk.ctkDICOMIndexer()
    indexer.connect("progressDetail(QString)", lambda path: indexer.cancel() if path.endswith("1.dcm") else None)
    files = [write(tmp_path / f"{n}.dcm", **uids(0, instance=n)) for n in range(5)]
    indexer.addListOfFiles(database, files, True)
    assert database.imagesCount() == 2


def test_a_cancel_makes_the_next_import_of_that_indexer_come_to_nothing(ctk, database, tmp_path):
    indexer = ctk.ctkDICOMIndexer()
    indexer.cancel()
    path = write(tmp_path / "1.dcm", **uids(0))
    indexer.addListOfFiles(database, [path], True)
    assert database.imagesCount() == 0
    indexer.addListOfFiles(database, [path], True)
    assert database.imagesCount() == 1


def test_an_import_without_a_database_never_begins(ctk, tmp_path):
    indexer = ctk.ctkDICOMIndexer()
    indexer.addListOfFiles([write(tmp_path / "1.dcm", **uids(0))], True)
    assert not indexer.importing


def test_a_failure_can_be_planted_in_an_import(ctk, database, tmp_path):
    path = Path(write(tmp_path / "1.dcm", **uids(0)))
    standins.Failure.on = lambda path: Path(path).unlink()
    ctk.ctkDICOMIndexer().addListOfFiles(database, [str(path)], True)
    assert database.imagesCount() == 0


def test_what_is_no_dicom_is_skipped(add, database, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no DICOM")
    assert add(str(text), write(tmp_path / "1.dcm", **uids(0))) == (1, 1, 1, 1)
    assert database.imagesCount() == 1


# Series without files, and removal


def test_a_series_that_was_only_queried_names_the_folder_instead_of_a_file(database):
    database.standin_store.add_remote_series(ct(**uids(3)))
    assert database.filesForSeries("1.2.3.0.0") == (database.databaseDirectory,)
    assert database.urlsForSeries("1.2.3.0.0") == ("dicomweb://pacs/instance",)
    assert database.instancesForSeries("1.2.3.0.0") == ("1.2.3.0.0.0",)


@pytest.mark.usefixtures("originals")
def test_removing_a_patient_deletes_copies_and_keeps_the_tag_cache(database):
    files = database.filesForSeries("1.2.0.0.0")
    got = []
    database.connect("patientRemoved(QString,QString)", lambda *keys: got.append(keys))
    assert database.removePatient("1")
    assert got == [("1", "A")]
    assert not any(Path(path).exists() for path in files)
    assert database.patients() == ("2",)
    assert database.cachedTag("1.2.0.0.0.0", "0010,0010") == "Doe^Ann"


def test_removing_a_linked_series_leaves_its_files(add, database, tmp_path):
    linked = write(tmp_path / "linked.dcm", **uids(0))
    add(linked, copy=False)
    database.removeSeries("1.2.0.0.0")
    assert Path(linked).is_file()
    assert database.patients() == ()


def test_a_closed_database_is_empty(database, originals):
    database.closeDatabase()
    assert not database.isOpen
    assert database.patients() == ()
    database.openDatabase(database.databaseFilename)
    assert len(database.patients()) == len(originals) / 2


# Selection


@pytest.mark.usefixtures("originals")
def test_a_selection_has_files_of_every_level(slicer_app, ctk):
    slicer_app.util.selectModule("DICOM")
    browser = slicer_app.modules.DICOMInstance.browserWidget.dicomBrowser
    levels = ctk.ctkDICOMModel
    got = []
    browser.dicomTableManager().connect("seriesSelectionChanged(QStringList)", got.append)
    browser.setSelectedItems(levels.SeriesType, ["1.2.0.0.0"])
    assert got[-1] == ("1.2.0.0.0",)
    assert browser.selectedItems(levels.PatientType) == ("1",)
    for level in (levels.PatientType, levels.StudyType, levels.IndexType.SeriesType):
        assert len(browser.fileListForCurrentSelection(level)) == 2
    with pytest.raises(TypeError):
        browser.setSelectedItems(levels.SeriesType, "1.2.0.0.0")


@pytest.mark.usefixtures("originals")
def test_only_what_is_listed_can_be_selected(slicer_app, ctk):
    manager = ctk.ctkDICOMTableManager(slicer_app.dicomDatabase)
    manager.setCurrentPatientsSelection(["1"])
    manager.setCurrentStudiesSelection(["1.2.1.0"])  # of the other patient
    assert manager.currentStudiesSelection() == ()
    manager.setCurrentStudiesSelection(["1.2.0.0"])
    assert manager.currentSeriesSelection() == ("1.2.0.0.0",)  # selected with its study
