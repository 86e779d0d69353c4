"""What may be named as SRC and DST: files, folders, archives, standard input and output."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile

import pytest

from greycloak.batch import archives
from greycloak.batch.inputs import find_inputs
from support import ct, decode, encode


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content, **options)


def tarred(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            one = tarfile.TarInfo(name)
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content))


def slices(count=3, first=0):
    return {f"Doe/IM{at}": encode(ct(SOPInstanceUID=f"1.2.3.{at}")) for at in range(first, first + count)}


def test_several_sources_go_into_one_destination(images):
    zipped(images / "a.zip", slices(2, 10))
    tarred(images / "b.tar.gz", slices(2, 20))
    (images / "one.dcm").write_bytes(encode(ct(SOPInstanceUID="1.2.3.99")))
    done = images.call("anonymize", "in", "a.zip", "b.tar.gz", "one.dcm", "out")
    assert done.stdout == "8 files: 8 anonymized, 0 quarantined\n"
    assert len(images.files()) == 8
    assert len({decode(content).PatientID for content in images.files().values()}) == 1


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
def test_an_archive_gives_the_same_as_the_folder(images, ending):
    members = slices()
    if ending == "zip":
        zipped(images / f"a.{ending}", members)
    else:
        mode = {"tar": "w", "tgz": "w:gz"}.get(ending, f"w:{ending.removeprefix('tar.')}")
        tarred(images / f"a.{ending}", members, mode)
    images.call("anonymize", "in", "out")
    images.call("anonymize", f"a.{ending}", "other", "--workers", "2")
    assert images.files() == images.files("other")


def test_archives_in_a_folder_are_looked_into_and_those_in_archives_are_not(images):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("IM0", encode(ct()))
    zipped(images / "in" / "more.zip", {"IM7": encode(ct(SOPInstanceUID="1.2.3.7")), "inner.zip": inner.getvalue()})
    done = images.call("anonymize", "in", "out")
    assert "skipped, as they are no images: 1 archive\n" in done.stdout
    assert done.stdout.endswith("5 files: 4 anonymized, 0 quarantined, 1 skipped\n")


def test_an_archive_cannot_lead_out_of_the_destination(images):
    zipped(images / "a.zip", {"../../evil/IM0": encode(ct()), "/abs/IM1": encode(ct(SOPInstanceUID="1.2.3.1"))})
    images.call("anonymize", "a.zip", "out", "--layout", "source", "--keep-names")
    assert sorted(images.files()) == ["abs/IM1", "evil/IM0"]
    assert not (images.folder.parent / "evil").exists()


def test_an_archive_that_cannot_be_read_is_listed(images):
    members = slices()
    zipped(images / "cut.zip", members)
    whole = (images / "cut.zip").read_bytes()
    (images / "cut.zip").write_bytes(whole[: len(whole) // 2])
    tarred(images / "cut.tar.gz", members)
    whole = (images / "cut.tar.gz").read_bytes()
    (images / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    done = images.call("anonymize", "cut.zip", "cut.tar.gz", "out", status=1)
    assert "  files 1-2: an archive that cannot be read\n" in done.stdout
    assert "Doe" not in done.stdout + done.stderr


def test_a_bomb_is_not_unfolded(images, monkeypatch):
    path = images / "bomb.zip"
    zipped(path, {"zeros": bytes(20_000_000)})
    monkeypatch.setattr(archives, "_ALLOWANCE", 0)
    monkeypatch.setattr(archives, "_MAX_RATIO", 100)
    assert [one.trouble for one in find_inputs([str(path)])] == ["the archive would grow beyond all measure"]
    tarred(images / "bomb.tar.gz", {"zeros": bytes(20_000_000)})
    found = find_inputs([str(images / "bomb.tar.gz")])
    assert [one.trouble for one in found] == ["the archive would grow beyond all measure"]


def test_a_member_that_is_too_large_is_listed_and_the_others_go_through(images, monkeypatch):
    zipped(images / "a.zip", slices() | {"large": bytes(2000)})
    monkeypatch.setattr(archives, "MAX_MEMBER", 1999)
    assert [one.trouble for one in find_inputs([str(images / "a.zip")])] == [
        "",
        "",
        "",
        "too large to be read in an archive: unpack it",
    ]


def test_links_in_archives_and_out_of_folders_are_not_followed(images):
    secret = images / "secret"
    secret.mkdir()
    (secret / "IM9").write_bytes(encode(ct(SOPInstanceUID="1.2.3.9")))
    (images / "in" / "out-of-it").symlink_to(secret / "IM9")
    (images / "in" / "within").symlink_to(images / "in" / "Doe^Jonathan" / "nested" / "IM0")
    with tarfile.open(images / "a.tar", "w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret / "IM9")
        archive.addfile(link)
    done = images.call("anonymize", "in", "a.tar", "out", status=1)
    assert "a link that leads out of the folder\n" in done.stdout
    assert "a link or device in an archive\n" in done.stdout
    assert len(images.files()) == 3


def test_an_object_goes_from_standard_input_to_standard_output(images):
    data = encode(ct())
    done = images.call("anonymize", "-", "-", input=data, text=False)
    assert decode(done.stdout).PatientIdentityRemoved == "YES"
    again = images.call("anonymize", "in/Doe^Jonathan/nested/IM0", "-", text=False)
    assert decode(again.stdout).PatientID == decode(done.stdout).PatientID
    images.call("anonymize", "-", "out", input=data, text=False)
    assert list(images.files().values()) == [done.stdout]


def test_what_does_not_go_through_leaves_standard_output_empty(images):
    done = images.call("anonymize", "-", "-", input=encode(ct())[:-3], text=False, status=1)
    assert done.stdout == b""
    assert b"[truncated" in done.stderr
    assert b"Doe" not in done.stderr


def test_one_object_goes_to_a_file_and_again_without_a_change(images):
    source = "in/Doe^Jonathan/nested/IM0"
    for _ in range(2):
        images.call("anonymize", source, "--output", "one.dcm")
    assert decode((images / "one.dcm").read_bytes()).PatientIdentityRemoved == "YES"
    done = images.call("anonymize", "in/Doe^Jonathan/nested/IM1", "--output", "one.dcm", status=1)
    assert "--overwrite replaces it" in done.stderr
    images.call("anonymize", "in/Doe^Jonathan/nested/IM1", "--output", "one.dcm", "--overwrite")
    assert images.call("anonymize", "in", "--output", "all.dcm", status=2).stderr.endswith("there are 3 files\n")


def test_a_hundred_levels_and_odd_names_go_through(place):
    deep = place / "in"
    for _ in range(100):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "a\nb\x1b[2J").write_bytes(encode(ct()))
    (place / "in" / os.fsdecode(b"\xff\xfe")).write_bytes(encode(ct(SOPInstanceUID="1.2.3.8")))
    (place / "in" / ("x" * 250)).write_bytes(encode(ct(SOPInstanceUID="1.2.3.9")))
    done = place.call(
        "anonymize", "in", "out", "--layout", "source", "--verbose", "--report", "r.html", "--report-names"
    )
    assert "\x1b" not in done.stdout + (place / "r.html").read_text()
    assert len(place.files()) == 3
    assert place.call("anonymize", "in", "kept", "--layout", "source", "--keep-names", status=None).returncode in {0, 3}


def test_names_that_differ_in_case_only_are_two_files(place):
    (place / "in").mkdir()
    for at, name in enumerate(("im1", "IM1")):
        (place / "in" / name).write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{at}")))
    place.call("anonymize", "in", "out", "--layout", "source")
    assert sorted(place.files()) == ["0001.dcm", "0002.dcm"]
