"""``greycloak verify``: what is printed and written, what is refused, and the exit status."""

from __future__ import annotations

import json
import re
import time

import pytest

from by_hand import codes, done_well, original
from greycloak.cli import main
from page_reader import Page
from support import encode, make_engine, named


@pytest.fixture
def folders(tmp_path):
    """Two originals and what was made of them; of the second, not well."""
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    for number in (1, 2):
        (before / f"{number}.dcm").write_bytes(encode(original(number)))
    (after / "1.dcm").write_bytes(encode(done_well(original(1))))
    (after / "2.dcm").write_bytes(encode(done_well(original(2), ImageComments="Kowalska, 12.04.1957")))
    return before, after


def verify(capsys, *arguments):
    status = main(["verify", *map(str, arguments), "--no-dciodvfy"])
    return status, capsys.readouterr().out


def test_the_report_names_places_and_no_values(capsys, folders):
    status, out = verify(capsys, folders[0], "--against", folders[1])
    assert status == 1
    assert (
        out
        == """\
2 objects held against 2 originals; 2 matched

Identifiers of the originals that are still there: 2
  Attribute                       Objects  What
  ImageComments                         1  a date of the original (PatientBirthDate)
      (0020,4000) in 2.dcm
  ImageComments                         1  a name of the original (PatientName)
      (0020,4000) in 2.dcm

Attributes of Table E.1-1 that still hold something: 1
  Attribute                       Objects  What
  ImageComments                         1  still there: X in Table E.1-1
      (0020,4000) in 2.dcm

dciodvfy is not installed, or was not asked: validity was judged by Greycloak's own tables only
3 findings in 1 object
"""
    )


def test_values_are_shown_to_who_asks_for_them(capsys, folders):
    _, out = verify(capsys, folders[0], "--against", folders[1], "--with-values")
    assert "(0020,4000) in 2.dcm: Kowalska, 12.04.1957" in out


def test_what_is_clean_says_so(capsys, folders):
    (folders[1] / "2.dcm").write_bytes(encode(done_well(original(2))))
    status, out = verify(capsys, folders[0], "--against", folders[1])
    assert (status, out.splitlines()[-1]) == (0, "nothing found")


def test_greycloaks_output_is_checked_by_the_uids_of_its_project(capsys, tmp_path):
    engine = make_engine(tmp_path)
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    data = named("CT_small.dcm")
    (before / "1.dcm").write_bytes(data)
    (after / "1.dcm").write_bytes(engine.deidentify(data).to_bytes())
    store = ("--store", f"sqlite:///{tmp_path / 'store.sqlite'}", "--key-file", tmp_path / "key")
    status, out = verify(capsys, before, "--against", after, "--project", "trial", *store)
    assert (status, out.splitlines()[0]) == (0, "1 object held against 1 original; 1 matched")
    status = main(["verify", *map(str, (before, "--against", after, "--project", "other", *store))])
    assert (status, capsys.readouterr().err) == (2, "greycloak: there is no project 'other'\n")


def test_a_kind_of_finding_can_be_left_out(capsys, folders):
    status, out = verify(capsys, folders[0], "--against", folders[1], "--ignore", "identifier", "--ignore", "metadata")
    assert (status, out.splitlines()[-1]) == (0, "nothing found")


def test_private_attributes_that_a_profile_keeps_are_safe(capsys, folders, tmp_path):
    said = {"DeidentificationMethodCodeSequence": codes("113100", "113111")}
    new = done_well(original(2), **said)
    new.private_block(0x0009, "ACME 1.1", create=True).add_new(1, "LO", "gain 3")
    (folders[1] / "2.dcm").write_bytes(encode(new))
    profile = tmp_path / "own.toml"
    profile.write_text('base = "basic"\noptions = ["retain-safe-private"]\n[private]\nsafe = ["0009[ACME 1.1]01"]\n')
    _, out = verify(capsys, folders[0], "--against", folders[1])
    assert "not on the list of safe private attributes" in out
    status, out = verify(capsys, folders[0], "--against", folders[1], "--profile", profile)
    assert (status, out.splitlines()[-1]) == (0, "nothing found")


def test_dciodvfy_is_asked_if_it_is_installed(capsys, folders):
    status = main(
        ["verify", str(folders[0]), "--against", str(folders[1]), "--json", str(folders[0].parent / "r.json")]
    )
    assert status == 1
    capsys.readouterr()
    assert json.loads((folders[0].parent / "r.json").read_text())["judges"] == ["dciodvfy"]


def test_the_json_report_lists_every_finding(capsys, folders, tmp_path):
    report = tmp_path / "report.json"
    verify(capsys, folders[0], "--against", folders[1], "--json", report)
    said = json.loads(report.read_text())
    assert (said["clean"], said["objects"], said["originals"], said["matched"]) == (False, 2, 2, 2)
    assert said["counts"]["identifier"] == 2
    found = {finding["what"]: finding for finding in said["findings"]}
    assert found["a date of the original (PatientBirthDate)"] == {
        "kind": "identifier",
        "what": "a date of the original (PatientBirthDate)",
        "object": "2.dcm",
        "attribute": "ImageComments",
        "place": "(0020,4000)",
    }
    assert "Kowalska" not in report.read_text()
    assert report.stat().st_mode & 0o077 == 0
    verify(capsys, folders[0], "--against", folders[1], "--json", report, "--with-values")
    assert json.loads(report.read_text())["findings"][0]["value"] == "Kowalska, 12.04.1957"


HOSTILE = "<script>alert('Kowalska')</script>\"><img src=x onerror=alert(1)> \u202ecba"


def test_the_page_needs_nothing_and_runs_nothing_however_hostile_values_are(capsys, folders, tmp_path):
    hostile = done_well(original(2), SpecificCharacterSet="ISO_IR 192", ImageComments=HOSTILE)
    (folders[1] / "2.dcm").write_bytes(encode(hostile))
    (folders[1] / "<b>x.txt").write_text("no DICOM")
    report = tmp_path / "report.html"
    verify(capsys, folders[0], "--against", folders[1], "--html", report, "--with-values")
    text = report.read_text()
    page = Page(text)
    assert "<script>alert('Kowalska')</script>" in page.text
    assert not page.tags & {"script", "img", "b", "link", "iframe", "object"}
    assert not any(name.startswith("on") or name in {"src", "href"} for name in page.attributes)
    assert "\u202e" not in text
    assert "Content-Security-Policy" in text
    assert not re.search(r"url\(|https?://|@import", text)


def test_hostile_values_stay_values_on_a_terminal(capsys, folders):
    hostile = done_well(original(2), ImageComments="Kowalska \x1b[2J\x1b]0;title\x07 \r\n0 findings")
    (folders[1] / "2.dcm").write_bytes(encode(hostile))
    _, out = verify(capsys, folders[0], "--against", folders[1], "--with-values")
    assert "\x1b" not in out
    assert r"Kowalska \x1b[2J" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required: FOLDER"),
        (["{tmp}/nowhere"], "nowhere does not exist"),
        (["{before}", "--against", "{tmp}/nowhere"], "nowhere does not exist"),
        (["{before}", "--against", "{before}"], "originals and anonymized objects must not lie in the same folder"),
        (["{tmp}", "--against", "{after}"], "originals and anonymized objects must not lie in the same folder"),
        (["{after}", "--project", "trial"], "--project finds the originals of objects: it needs --against"),
        (["{after}", "--project", "no such"], "letters, digits, '-' and '_'"),
        (["{after}", "--crosswalk", "{tmp}/nowhere.csv"], "nowhere.csv: No such file or directory"),
        (["{after}", "--ignore", "everything"], "invalid choice: 'everything'"),
        (["{after}", "--html", "{after}/report.html"], "must not lie among the objects"),
        (["{after}", "--json", "{tmp}"], "is a folder"),
    ],
)
def test_wrong_usage_is_refused_in_plain_words(capsys, folders, tmp_path, arguments, said):
    places = {"tmp": tmp_path, "before": folders[0], "after": folders[1]}
    with pytest.raises(SystemExit) as stopped:
        main(["verify", *(argument.format(**places) for argument in arguments)])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_where_nothing_can_be_checked_nothing_is_clean(capsys, tmp_path):
    (tmp_path / "after").mkdir()
    assert main(["verify", str(tmp_path / "after")]) == 3
    assert "no DICOM object" in capsys.readouterr().err
    (tmp_path / "after" / "readme.txt").write_text("no DICOM")
    assert main(["verify", str(tmp_path / "after")]) == 3


def test_a_report_that_cannot_be_written_stops(capsys, folders, tmp_path):
    status = main(["verify", str(folders[1]), "--html", str(tmp_path / "no" / "report.html")])
    assert status == 3
    assert "cannot write" in capsys.readouterr().err


def test_a_hundred_and_fifty_objects_take_seconds(capsys, tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    for number in range(150):
        of = original(number, SOPInstanceUID=f"1.2.3.4.1.{number}", StudyComments=None)
        (before / f"{number}.dcm").write_bytes(encode(of))
        (after / f"{number}.dcm").write_bytes(encode(done_well(of)))
    start = time.process_time()
    status, out = verify(capsys, before, "--against", after)
    assert (status, out.splitlines()[-1]) == (0, "nothing found")
    assert time.process_time() - start < 10
