"""``greycloak preview``: what is printed and written, what is refused, and that nothing is recorded."""

from __future__ import annotations

import json
import re
import time

import pytest

from greycloak import Engine, load_profile
from greycloak.cli import main
from greycloak.preview import Row
from greycloak.reasons import REASONS
from greycloak.reporting.columns import table, width_of, wrapped
from greycloak.reporting.marks import cut_pieces, pieces_of
from greycloak.reporting.preview import _marked
from greycloak.reporting.words import note_in_words
from page_reader import Page
from support import ct, encode, item, make_installation, sequence

WIDTH = 100


@pytest.fixture
def store(tmp_path):
    """The options that name a store and a key in which nobody is known."""
    make_installation(tmp_path).store.close()
    return ["--store", f"sqlite:///{tmp_path / 'store.sqlite'}", "--key-file", str(tmp_path / "key")]


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image.dcm"
    data_set = ct(StudyDescription="Chest", RequestAttributesSequence=sequence(item(RequestedProcedureID="REQ-1")))
    path.write_bytes(encode(data_set))
    return path


def preview(capsys, *arguments):
    status = main(["preview", *map(str, arguments)])
    return status, capsys.readouterr().out


GOLDEN = """\
CT Image Storage: 1 object
  image.dcm, subject T-001

Attribute                    What     Before               After            Why
StudyDate (0008,0020)        emptied  20200102                              Z, Type 2; Table E.1-1
AccessionNumber (0008,0050)  emptied  ACC-0815                              Z, Type 2; Table E.1-1
StudyDescription (0008,1030) removed  Chest                                 X, Type 3; Table E.1-1
PatientName (0010,0010)      replaced Doe^Jonathan         T-001            subject; Table E.1-1
PatientID (0010,0020)        replaced MRN-4711             T-001            subject; Table E.1-1
PatientBirthDate (0010,0030) emptied  19570412                              Z, Type 2; Table E.1-1
PatientIdentityRemoved       added                         YES
(0012,0062)
DeidentificationMethod       added                         Greycloak 0.0.0
(0012,0063)                                                PS3.15 2026d
DeidentificationMethodCodeSe added                         2 items
quence (0012,0064)
> [0] CodeValue (0008,0100)  added                         113100
> [0] CodingSchemeDesignator added                         DCM
(0008,0102)
> [0] CodeMeaning            added                         Basic
(0008,0104)                                                Application
                                                           Confidentiality
                                                           Profile
> [1] CodeValue (0008,0100)  added                         113110
> [1] CodingSchemeDesignator added                         DCM
(0008,0102)
> [1] CodeMeaning            added                         Retain UIDs
(0008,0104)                                                Option
LongitudinalTemporalInformat added                         REMOVED
ionModified (0028,0303)
RequestAttributesSequence    removed  1 item                                X, Type 3; Table E.1-1
(0040,0275)
> [0] RequestedProcedureID   removed  REQ-1                                 X, Type 3; Table E.1-1
(0040,1001)
  14 more are kept as they are
"""


def test_a_terminal_of_a_hundred_columns_shows_all_that_changes(capsys, image, store, tmp_path):
    profile = tmp_path / "own.toml"
    profile.write_text('base = "basic"\noptions = ["retain-uids"]\n[subjects]\nid = "T-{counter:03d}"\n')
    status, out = preview(capsys, image, *store, "--profile", profile)
    assert status == 0
    assert max(map(len, out.splitlines())) <= WIDTH
    assert re.sub(r"Greycloak [0-9.]+", "Greycloak 0.0.0", out) == GOLDEN


def test_what_is_kept_is_shown_to_who_asks_for_it(capsys, image, store):
    assert "Modality" not in preview(capsys, image, *store)[1]
    out = preview(capsys, image, *store, "--all")[1]
    assert re.search(r"^Modality \(0008,0060\) +kept +CT +CT$", out, re.MULTILINE)
    assert out.splitlines()[-1] == "  these are all up to the pixels"


def test_nothing_is_recorded_and_no_key_or_store_is_made(capsys, image, store, tmp_path):
    preview(capsys, image, *store, "--project", "fresh")
    assert make_installation(tmp_path).store.project_names() == []
    nowhere = tmp_path / "nowhere"
    elsewhere = ["--store", f"sqlite:///{nowhere}/store.sqlite", "--key-file", f"{nowhere}/key"]
    assert main(["preview", str(image), *elsewhere]) == 0

    assert "pseudonyms, UIDs and dates are examples" in capsys.readouterr().err
    assert not nowhere.exists()


def test_a_preview_shows_the_pseudonym_that_the_patient_will_have(capsys, image, store, tmp_path):
    out = preview(capsys, image, *store, "--project", "trial")[1]
    engine = Engine(load_profile("basic"), make_installation(tmp_path).project("trial"))
    assert f"subject {engine.deidentify(image.read_bytes()).pseudonym}" in out


def test_a_folder_is_shown_series_by_series_with_counts_and_reasons(capsys, store, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(3):
        (folder / f"a{number}.dcm").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.4.1.{number}")))
    (folder / "b.dcm").write_bytes(encode(ct(SOPInstanceUID="1.2.3.4.1.9", BurnedInAnnotation="YES")))
    (folder / "c.dcm").write_bytes(encode(ct(SeriesInstanceUID="1.2.3.9", SOPInstanceUID="1.2.3.4.1.10")))
    (folder / "d.dcm").write_bytes(encode(ct())[:200])
    (folder / "readme.txt").write_text("hello")
    status, out = preview(capsys, folder, *store)
    assert status == 1
    titles = [line for line in out.splitlines() if line.endswith(("object", "quarantined")) and line[0].isupper()]
    assert titles == [
        "CT Image Storage: 4 objects, 1 of them would be quarantined",
        "CT Image Storage: 1 object",
        "Files that cannot be read: 1 object, 1 of them would be quarantined",
        "Files that are no objects: 1 object",
    ]
    assert f"1 x {REASONS['burned-in-annotation'].meaning} [burned-in-annotation" in out
    assert "  readme.txt: " in out


def test_json_has_every_row_with_rule_section_reason_and_cuts(capsys, image, store):
    status, out = preview(capsys, image, *store, "--json")
    assert status == 0
    [series] = json.loads(out)
    rows = {row["name"]: row for row in series["rows"]}
    assert rows["StudyDescription"] == {
        "path": "(0008,1030)",
        "name": "StudyDescription",
        "vr": "LO",
        "before": "Chest",
        "after": None,
        "what": "removed",
        "rule": "X, Type 3",
        "section": "PS3.15 2026d Table E.1-1",
        "reason": "",
        "cuts": [],
    }
    assert rows["RequestedProcedureID"]["what"] == "removed"


HOSTILE = '<script>alert(1)</script> \u202e"><img src=x onerror=alert(1)>'


def test_the_page_runs_nothing_however_hostile_values_are(capsys, store, tmp_path):
    folder = tmp_path / "<i>folder"
    folder.mkdir()
    data_set = ct(SpecificCharacterSet="ISO_IR 192", StudyDescription=HOSTILE, PatientName="<b>^X")
    (folder / "<svg onload=alert(1)>.dcm").write_bytes(encode(data_set))
    report = tmp_path / "preview.html"
    status, out = preview(capsys, folder, *store, "--html", report)
    assert (status, out) == (0, "")
    page = Page(report.read_text())
    assert "<script>alert(1)</script>" in page.text
    assert not page.tags & {"script", "img", "svg", "b", "i", "link", "iframe"}
    assert not any(name.startswith("on") or name in {"src", "href"} for name in page.attributes)
    assert "\u202e" not in report.read_text()
    assert report.stat().st_mode & 0o077 == 0


def test_hostile_values_stay_values_on_a_terminal(capsys, store, tmp_path):
    (tmp_path / "x.dcm").write_bytes(encode(ct(StudyDescription="\x1b[2J\x1b]0;hacked\x07Chest")))
    out = preview(capsys, tmp_path / "x.dcm", *store)[1]
    assert "\x1b" not in out
    assert r"\x1b[2J" in out


def test_colors_are_for_terminals_that_want_them(capsys, image, store, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[1m" in preview(capsys, image, *store)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in preview(capsys, image, *store)[1]


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("Thorax for Dr. House, urgent", "Thorax, urgent", "Thorax[ for Dr. House], urgent"),
        ("T1w MPRAGE Kowalska", "T1w MPRAGE", "T1w MPRAGE[ Kowalska]"),
        ("called (555) 123-4567 today", "called today", "called [(555) 123-4567 ]today"),
        ("渡辺健二 chest CT", "chest CT", "[渡辺健二 ]chest CT"),
        ("Kowalska", "ANONYMIZED", "Kowalska"),
        ("20200117", "20190403", "20200117"),
    ],
)
def test_what_was_cut_out_of_a_text_is_marked(before, after, marked):
    shown = "".join(f"[{text}]" if is_cut else text for text, is_cut in cut_pieces(before, after))
    assert shown == marked


def test_only_texts_have_marks():
    row = Row("(0010,0010)", "PatientName", "PN", "Doe^Jonathan", "Doe^X", "replaced")
    assert [piece.is_cut for piece in pieces_of(row)] == [False]
    assert pieces_of(Row("", "", "LO", None, "x", "added")) == ()


def test_marks_on_a_page_are_deletions_to_every_reader():
    assert _marked(cut_pieces("Thorax Kowalska", "Thorax")) == '<span class="value">Thorax<del> Kowalska</del></span>'


def test_columns_fit_wide_characters_and_long_words():
    assert wrapped("aaaaaaaaaaaa b", 5) == ["aaaaa", "aaaaa", "aa b"]
    lines = list(table([("渡辺健二渡辺", "x")], (8, 3)))
    assert [line.rstrip() for line in lines] == ["渡辺健二  x", "渡辺"]
    assert width_of("渡a") == 3


def test_notes_are_told_in_words():
    assert note_in_words("invalid-date: StudyDate") == "StudyDate: invalid date"
    assert note_in_words("sop-class-unknown").startswith("its SOP Class is not in PS3.3")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "the following arguments are required: SRC"),
        (["{tmp}/nowhere"], 2, "nowhere does not exist"),
        (["{tmp}", "--html", "{tmp}/page.html"], 2, "the page must not lie in SRC"),
        (["{tmp}", "--profile", "no-such"], 2, "no-such"),
        (["{tmp}", "--project", "no such"], 2, "letters, digits, '-' and '_'"),
        (["{tmp}/empty"], 3, "there is no file in"),
    ],
)
def test_wrong_usage_is_refused_in_plain_words(capsys, tmp_path, arguments, status, said):
    (tmp_path / "empty").mkdir()
    arguments = ["preview", *(argument.format(tmp=tmp_path) for argument in arguments)]
    try:
        got = main(arguments)
    except SystemExit as stopped:
        got = stopped.code
    assert got == status
    assert said in capsys.readouterr().err


def test_a_folder_of_many_files_takes_seconds(capsys, tmp_path, store):
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number}.dcm").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.4.1.{number}")))
    start = time.process_time()
    status, out = preview(capsys, folder, *store)
    assert (status, out.splitlines()[0]) == (0, "CT Image Storage: 300 objects")
    assert time.process_time() - start < 10
