"""The benchmark of planted identities (tests/benchmarks/planted): its generator, its key and its scorer."""

from __future__ import annotations

import sqlite3
from collections import Counter

import pydicom
import pytest

from benchmarks.planted.answers import ACTIONS, Check, read_key
from benchmarks.planted.cohort import generate
from benchmarks.planted.reading import Output
from benchmarks.planted.runners import run_greycloak
from benchmarks.planted.scoring import FAILED, MISSING, PASSED, WITHHELD, Maps, Submission, judge, score
from benchmarks.planted.spots import walk
from benchmarks.planted.tokens import occurs, tokens

# pydicom counts the bytes of a text, and the standard its letters.
pytestmark = pytest.mark.filterwarnings("ignore:The value length")


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted") / "dev"
    generate(folder, "dev", 3)
    return folder


@pytest.fixture(scope="module")
def key(planted):
    return list(read_key(planted / "answers.sqlite"))


def untouched(folder):
    return Submission("cp", {path.name: path for path in (folder / "objects").iterdir()})


def test_the_key_has_the_columns_that_midi_b_reads(planted):
    with sqlite3.connect(planted / "answers.sqlite") as database:
        columns = {row[1] for row in database.execute("PRAGMA table_info(answer_data)")}
    database.close()
    assert columns >= {"index", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "AnswerData"}


def test_every_check_names_an_action_of_midi_b_and_a_place_that_the_object_has(planted, key):
    for answers in key:
        places = {place for place, _, _ in walk(pydicom.dcmread(planted / "objects" / answers.path))}
        for check in answers.checks:
            assert check.action in ACTIONS
            assert check.place in places or check.place in {"<preamble>", "<(0002,0016)>"}


def test_the_same_seed_plants_the_same(planted, tmp_path):
    generate(tmp_path / "again", "dev", 3)
    for path in sorted((planted / "objects").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / "objects" / path.name).read_bytes()


def test_what_must_go_is_no_part_of_what_must_stay_beside_it(key):
    for answers in key:
        gone = {
            (check.place, token)
            for check in answers.checks
            if check.action == "text_removed"
            for token in tokens(check.text)
        }
        for check in answers.checks:
            if check.action == "text_retained" and check.kind == "beside an identity":
                kept = check.text.casefold()
                assert not any(occurs(token, kept) for place, token in gone if place == check.place)


def test_objects_that_nobody_touched_keep_all_and_hide_nothing(planted):
    result = score(planted / "answers.sqlite", untouched(planted))
    by_action = result.counts(lambda scored: scored.check.action)
    for action in ("tag_retained", "text_notnull", "text_retained", "pixels_retained"):
        assert by_action[action][FAILED] == 0
    for action in ("date_shifted", "uid_changed"):
        assert by_action[action][PASSED] == 0
    assert by_action["text_removed"][PASSED] == 0
    assert result.leaks


def test_withheld_and_missing_objects_are_counted_apart_and_never_as_passed(planted, key):
    withheld, missing, *_ = (answers.path for answers in key)
    files = untouched(planted).files
    del files[withheld], files[missing]
    result = score(planted / "answers.sqlite", Submission("cp", files, {withheld: "review"}))
    outcomes = Counter((scored.answers.path, scored.outcome) for scored in result.scored)
    assert outcomes[withheld, WITHHELD] == len(key[0].checks)
    assert outcomes[missing, MISSING] == len(key[1].checks)


def test_greycloak_runs_through_its_command_line_and_shifts_all_dates(planted):
    result = score(planted / "answers.sqlite", run_greycloak(planted, "fallback"))
    by_action = result.counts(lambda scored: scored.check.action)
    assert by_action["date_shifted"][PASSED] > 0
    assert by_action["date_shifted"][FAILED] == 0
    assert by_action["pixels_retained"][FAILED] == 0


@pytest.mark.parametrize(
    ("action", "text", "value", "passed"),
    [
        ("text_removed", "Douglas^Davidson", "CHEST for Davidson", False),
        ("text_removed", "Li, Bo", "limited body habitus", True),
        ("text_removed", "渡辺健二", "頭部 渡辺健二", False),
        ("text_retained", "P4^P101^S108^I0, Gated", "P4^P101^S108^I0,  Gated ", True),
        ("text_retained", "Hand AP", "HAND, AP view", True),
        ("text_retained", "Paris 2 mm", "2 mm", False),
        ("text_retained", "2.50", "2.5", True),
        ("text_notnull", "", "", False),
        ("tag_retained", "", "", True),
    ],
)
def test_texts_are_judged_by_their_words(action, text, value, passed):
    check = Check(action, "<(0008,1030)>", "StudyDescription", "TCIA-P15-DESC-C", value, text)
    output = Output({check.place: value}, {}, "")
    assert (judge(check, output, Maps({}, {})) == 1) is passed
