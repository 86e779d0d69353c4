"""Where new files go and how they are named; dry runs, backups, and files that take the places of originals."""

from __future__ import annotations

import pydicom
import pytest
from pydicom.fileset import FileSet

from greycloak.batch import Layout, LayoutError
from support import ct, decode, encode


def test_the_folders_of_the_source_stay_without_their_names(images):
    (images / "in" / "Roe").mkdir()
    (images / "in" / "Roe" / "a").write_bytes(encode(ct(SOPInstanceUID="1.2.3.10")))
    images.call("anonymize", "in", "out", "--layout", "source")
    names = sorted(images.files())
    assert names == ["0001/0001/0001.dcm", "0001/0001/0002.dcm", "0001/0001/0003.dcm", "0002/0001.dcm"]
    images.call("anonymize", "in", "kept", "--layout", "source", "--keep-names")
    assert "Doe^Jonathan/nested/IM0" in images.files("kept")


@pytest.mark.parametrize(
    ("layout", "like"),
    [
        ("uid", "2.25.*/2.25.*/2.25.*.dcm"),
        ("flat", "2.25.*.dcm"),
        ("{project}/{sop_class}/{number}.dcm", "default/CTImageStorage/00000?.dcm"),
        ("{subject}/{object}", "DEFAULT-*/2.25.*"),
    ],
)
def test_a_layout_names_files_by_what_names_nobody(images, layout, like):
    images.call("anonymize", "in", "out", "--layout", layout)
    assert len([path for path in (images / "out").glob(like) if path.is_file()]) == 3


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{patient_name}/{object}.dcm", "is no field"),
        ("{object!r}", "is no field"),
        ("{object:>200}", "is no field"),
        ("../{object}", "into the destination"),
        ("/abs/{object}", "into the destination"),
        ("{subject}.dcm", "must have {object} or {number}"),
        ("plain", "there is no layout"),
        ("{object", "is no template"),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused(template, says):
    with pytest.raises(LayoutError, match="") as error:
        Layout(template)
    assert says in str(error.value)


def test_a_medium_becomes_a_medium_with_a_dicomdir_of_its_own(place):
    files, told = FileSet(), {"StudyID": "S1", "StudyTime": "101500", "SeriesNumber": "1"}
    for at in range(3):
        image = decode(encode(ct(SOPInstanceUID=f"1.2.3.{at}", InstanceNumber=str(at + 1), **told)))
        files.add(image)
    files.write(place / "cd")
    done = place.call("anonymize", "cd", "out")
    assert "a new DICOMDIR lists 3 files\n" in done.stdout
    medium = FileSet(place / "out" / "DICOMDIR")
    assert len(medium) == 3
    for instance in medium:
        assert pydicom.dcmread(instance.path).SOPInstanceUID == instance.SOPInstanceUID
    content = b"".join(place.files().values())
    assert b"Doe" not in content
    assert b"MRN-4711" not in content
    assert place.call("anonymize", "cd/DICOMDIR", "out").stdout.endswith("3 anonymized, 0 quarantined, 1 skipped\n")
    assert len(FileSet(place / "out" / "DICOMDIR")) == 3
    assert "DICOMDIR" not in place.call("anonymize", "cd", "flat", "--layout", "flat").stdout.split("skipped")[0]
    assert "DICOMDIR" not in place.files("flat")


def test_a_dry_run_says_the_same_and_leaves_nothing(images):
    (images / "in" / "cut").write_bytes(encode(ct())[:-3])
    dry = images.call("anonymize", "in", "out", "--dry-run", "--report", "dry.jsonl", "--report-values", status=1)
    assert "a dry run: nothing was written or recorded\n" in dry.stdout
    assert not (images / "out").exists()
    assert not (images / "data").exists()
    wet = images.call("anonymize", "in", "out", "--report", "wet.jsonl", status=1)
    assert dry.stdout.splitlines()[-1] == wet.stdout.splitlines()[-1]
    again = images.call("anonymize", "in", "out", "--dry-run", "--report", "dry.jsonl", status=1)
    assert again.stdout.splitlines()[:-2] == wet.stdout.splitlines()[:-1]
    assert (images / "dry.jsonl").read_text() == (images / "wet.jsonl").read_text()


def test_a_dry_run_of_many_processes_knows_the_key(images):
    images.call("anonymize", "in", "out", "--report", "wet.jsonl")
    images.call("anonymize", "in", "out", "--dry-run", "--workers", "2", "--report", "dry.jsonl")
    assert (images / "dry.jsonl").read_text() == (images / "wet.jsonl").read_text()


def test_originals_are_backed_up_first(images):
    images.call("anonymize", "in", "out", "--backup", "safe")
    assert images.files("safe") == images.files("in")
    assert (images / "safe" / "Doe^Jonathan" / "nested" / "IM0").stat().st_mode & 0o077 == 0
    assert (images / "safe" / "Doe^Jonathan").stat().st_mode & 0o077 == 0
    changed = images / "in" / "Doe^Jonathan" / "nested" / "IM0"
    changed.write_bytes(encode(ct(SOPInstanceUID="1.2.3.77")))
    assert (
        "the backup holds another original" in images.call("anonymize", "in", "o2", "--backup", "safe", status=3).stderr
    )


def test_in_place_nothing_stays_that_is_not_anonymized_and_nothing_is_lost(images):
    before = images.files("in")
    (images / "in" / "cut").write_bytes(encode(ct())[:-3])
    (images / "in" / "letter.txt").write_text("Dear Mr Doe")
    originals = images.files("in")
    order = ("anonymize", "--in-place", "--backup", "safe", "--keep-names", "in")
    done = images.call(*order, status=1)
    assert done.stdout.endswith("5 files: 3 anonymized, 1 quarantined, 1 skipped\n")
    assert images.files("safe") == originals
    after = images.files("in")
    assert set(after) == set(before)
    assert all(decode(content).PatientIdentityRemoved == "YES" for content in after.values())
    again = images.call(*order)
    assert again.stdout == "3 files: 0 anonymized, 0 quarantined, 3 done before\n"
    assert images.files("in") == after


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in", "--in-place"], "needs --backup DIR, and --keep-names"),
        (["in", "--in-place", "--backup", "in/safe", "--keep-names"], "the backup must not lie in SRC or DST"),
        (["in", "out", "--backup", "out/safe"], "the backup must not lie in SRC or DST"),
        (["in", "out", "--keep-names"], "--keep-names needs --layout source"),
        (["in", "out", "--layout", "{nobody}"], "is no field of a layout"),
        (["in", "out", "--report", "report.pdf"], "the report ends in .jsonl"),
        (["in", "out", "--audit-log", "in/log"], "the audit log must not lie in SRC"),
        (["in", "out", "--dry-run", "--resume"], "contradict each other"),
        (["in", "out", "--keep-uids", "--regenerate-uids"], "not allowed with"),
        (["in", "out", "--remove", "PatientSex=M"], "takes an attribute and no value"),
        (["in", "out", "--replace", "PatientSex"], "takes TAG=VALUE"),
        (["in", "out", "--remove", "Nonsense"], "Nonsense"),
        (["in", "out", "--keep", "SOPInstanceUID"], "use the option retain-uids"),
        (["in", "out", "--options", "retain-everything"], "is no option; there are"),
        (["in", "out", "--shift-dates", "soon"], "a number of days, or 'keyed'"),
        (["in", "out", "--rules", "nowhere.toml"], "cannot be read"),
        (["in", "out", "--executor", "nonsense"], "expected dask://HOST:PORT"),
        (["in", "nonsense://bucket"], "nothing is known of nonsense://"),
        (["in", "out", "--quiet", "--verbose"], "not allowed with"),
        (["in", "--output", "a", "b"], "does not exist"),
        (["-", "in", "out"], "there can be no other SRC"),
    ],
)
def test_wrong_usage_is_said_plainly_and_writes_nothing(images, arguments, says):
    done = images.call("anonymize", *arguments, status=2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (images / "out").exists()
    assert len(images.files("in")) == 3
