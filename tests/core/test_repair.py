"""Every file a hospital has: what is slightly wrong is repaired and named, what has two readings is quarantined."""

from __future__ import annotations

import hashlib
import subprocess

import pytest

from greycloak import Deidentified, Quarantined
from malformed import PIXELS, PLANTED, matrix
from support import decode

MATRIX = matrix()
REPAIRED = {name: wrong for name, wrong in MATRIX.items() if not wrong.reason}
HELD_BACK = {name: wrong for name, wrong in MATRIX.items() if wrong.reason}


@pytest.fixture(scope="module")
def outcomes(engine):
    return {name: engine.deidentify(wrong.data) for name, wrong in MATRIX.items()}


def test_the_matrix_is_as_large_as_it_should_be():
    assert len(MATRIX) >= 300
    assert len({hashlib.sha256(wrong.data).digest() for wrong in MATRIX.values()}) >= 290


@pytest.mark.parametrize("name", REPAIRED)
def test_what_is_slightly_wrong_is_repaired_and_named(outcomes, name):
    wrong, outcome = REPAIRED[name], outcomes[name]
    assert isinstance(outcome, Deidentified), outcome
    if wrong.note == "-":
        assert not any(note.startswith("repaired") for note in outcome.notes) or "in an item" in name or "UN" in name
    else:
        assert any(wrong.note in note for note in outcome.notes), outcome.notes
    data = outcome.to_bytes()
    output = decode(data)
    assert not [planted for planted in PLANTED if planted in data]
    assert output.PatientIdentityRemoved == "YES"
    assert output.file_meta.MediaStorageSOPInstanceUID == output.SOPInstanceUID
    if wrong.has_pixels:
        assert output.PixelData == PIXELS


@pytest.mark.parametrize("name", HELD_BACK)
def test_what_cannot_be_told_is_quarantined(outcomes, name):
    wrong, outcome = HELD_BACK[name], outcomes[name]
    assert not isinstance(outcome, Deidentified)
    if isinstance(outcome, Quarantined):
        assert wrong.reason in {outcome.reason, "?"}
        assert outcome.reason != "internal-error"
        assert not [planted for planted in PLANTED if planted.decode() in str(outcome)]
    else:
        assert wrong.reason == "not-dicom"


def test_a_second_run_writes_the_same_bytes(engine, outcomes):
    for name, wrong in REPAIRED.items():
        again = engine.deidentify(wrong.data)
        assert hashlib.sha256(again.to_bytes()).digest() == hashlib.sha256(outcomes[name].to_bytes()).digest(), name


def test_an_output_needs_no_repair(engine, outcomes):
    for name, outcome in outcomes.items():
        if isinstance(outcome, Deidentified):
            again = engine.deidentify(outcome.to_bytes())
            assert isinstance(again, Deidentified), name
            assert not [note for note in again.notes if note.startswith("repaired")], name


def test_dcmtk_reads_every_output_without_complaint(outcomes, tmp_path):
    emitted = [name for name, outcome in outcomes.items() if isinstance(outcome, Deidentified)]
    paths = []
    for number, name in enumerate(emitted):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(outcomes[name].to_bytes())
        paths.append(str(path))
    done = subprocess.run(
        ["dcmdump", "-q", "+L", *paths], capture_output=True, text=True, errors="replace", check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    loud = subprocess.run(["dcmdump", *paths], capture_output=True, text=True, errors="replace", check=False)
    assert not loud.stderr, loud.stderr[-2000:]
