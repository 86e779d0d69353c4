"""Without the panel: the example script, and what scripts of one's own call."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import standins
from scenario import chosen, files_below, import_into, originals

from greycloak.cli import main
from greycloak.reasons import REASONS
from GreycloakLib.problems import ProblemError
from malformed import ROOT, in_a_study_of_its_own, matrix

FOLDER = Path(__file__).resolve().parents[2] / "slicer_extension" / "Greycloak"


@pytest.fixture
def module(slicer_app, tmp_path, monkeypatch):
    """The module, as Slicer has loaded it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    import Greycloak

    standins.add_module(slicer_app, FOLDER / "Greycloak.py")
    return Greycloak


@pytest.fixture
def example(module):  # noqa: ARG001
    specification = importlib.util.spec_from_file_location("example", FOLDER / "Resources" / "anonymize_folder.py")
    example = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(example)
    return example


def ids(slicer):
    database = slicer.dicomDatabase
    return [database.fieldForPatient("PatientID", patient) for patient in database.patients()]


def test_the_example_takes_a_folder_into_the_database_and_no_original(slicer_app, example, tmp_path, capsys):
    originals(tmp_path / "in")
    (tmp_path / "in" / "letter.txt").write_text("Dear Mr. Secret")
    (tmp_path / "in" / "Secret.dcm").write_bytes(bytes(200))
    assert example.anonymize(str(tmp_path / "in"), "clinical-trial", "knee") == 1
    assert len(ids(slicer_app)) == 2
    assert all(one.startswith("KNEE-") for one in ids(slicer_app))
    said = capsys.readouterr().out
    assert "6 anonymized, 1 quarantined, 1 skipped" in said
    assert REASONS["not-dicom"].remedy in said
    assert "Secret" not in said


def test_what_is_slightly_wrong_is_repaired_here_as_well(slicer_app, example, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    readable = [wrong.data for name, wrong in matrix().items() if not wrong.reason and "deflated" not in name]
    repaired = [data for data in readable if ROOT.encode() in data]
    for number, data in enumerate(repaired, 1000):
        (tmp_path / "in" / f"{number}.dcm").write_bytes(in_a_study_of_its_own(data, number))
    example.anonymize(str(tmp_path / "in"), "basic", "knee")
    assert f"{len(repaired)} anonymized, 0 quarantined" in capsys.readouterr().out
    assert all(one.startswith("KNEE-") for one in ids(slicer_app))


def test_the_example_says_why_nothing_was_delivered(slicer_app, example, tmp_path, capsys):
    originals(tmp_path / "in")
    assert example.anonymize(str(tmp_path / "in"), "nonsense") == 2
    assert "unknown profile" in capsys.readouterr().out
    assert ids(slicer_app) == []


def test_the_logic_writes_into_a_folder(module, tmp_path):
    originals(tmp_path / "in", patients=1)
    logic = module.GreycloakLogic()
    summary = logic.anonymizeFolder(tmp_path / "in", destination=tmp_path / "out", choices=chosen(tmp_path))
    assert summary.anonymized == 3
    assert len(files_below(tmp_path / "out")) == 3


def test_series_of_the_database_are_anonymized_by_a_script(slicer_app, tmp_path):
    import ctk

    from GreycloakLib.headless import anonymize_series

    originals(tmp_path / "in")
    import_into(slicer_app, tmp_path / "in")
    database = slicer_app.dicomDatabase
    (first, *_) = [
        s for p in database.patients() for t in database.studiesForPatient(p) for s in database.seriesForStudy(t)
    ]
    summary = anonymize_series(
        [first],
        chosen(tmp_path),
        database=database,
        make_indexer=ctk.ctkDICOMIndexer,
        between=slicer_app.app.processEvents,
    )
    assert summary.anonymized == 3
    assert len(ids(slicer_app)) == 3


def test_a_script_that_says_no_target_is_told(tmp_path):
    from GreycloakLib.headless import anonymize_folder

    originals(tmp_path / "in")
    with pytest.raises(ValueError, match="say where the copies go"):
        anonymize_folder(tmp_path / "in", chosen(tmp_path))


def test_a_script_learns_what_is_wrong(tmp_path):
    from GreycloakLib.headless import anonymize_folder

    originals(tmp_path / "in")
    with pytest.raises(ProblemError, match="project's name"):
        anonymize_folder(tmp_path / "in", chosen(tmp_path, project="two words"), destination=tmp_path / "out")


def test_slicer_gives_the_bytes_that_the_command_line_gives(slicer_app, example, tmp_path):
    originals(tmp_path / "in")
    example.anonymize(str(tmp_path / "in"), "basic", "knee")
    database = slicer_app.dicomDatabase
    here = {Path(path).read_bytes() for path in database.allFiles()}
    assert main(["anonymize", str(tmp_path / "in"), str(tmp_path / "out"), "--project", "knee", "--quiet"]) == 0
    assert {path.read_bytes() for path in files_below(tmp_path / "out")} == here
    assert len(here) == 6
