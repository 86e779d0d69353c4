"""What lies beside images in a folder is skipped if it is known for certain, and quarantined if it is not."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as some

from greycloak import Deidentified, Quarantined, Skipped
from greycloak.files import read_file
from greycloak.foreign import KINDS, foreign_kind, recognized
from greycloak.stream.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE
from support import ct, encode, make_engine, pydicom_test_files

DIRECTORY = "1.2.840.10008.1.3.10"


def archive(make):
    buffer = io.BytesIO()
    make(buffer)
    return buffer.getvalue()


def make_zip(buffer):
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("IM1", b"image")


def make_tar(buffer):
    with tarfile.open(fileobj=buffer, mode="w") as file:
        file.addfile(tarfile.TarInfo("IM1"))


def icon(size=40):
    return b"\0\0\1\0" + struct.pack("<HBBBBHHLL", 1, 16, 16, 0, 0, 1, 32, size, 22) + bytes(size)


FOREIGN = {
    "Thumbs.db": ("document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900)),
    "report.pdf": ("document", b"%PDF-1.4\n\x00\x01"),
    ".DS_Store": ("system", b"\0\0\0\1Bud1" + bytes(300)),
    "._IM0001": ("system", b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(60)),
    "empty": ("empty", b""),
    "README": ("text", b"See disk 2\r\n\tfor the rest.\n"),
    "latin-1": ("text", "Schöne Grüße aus München\n".encode("latin-1")),
    "utf-8": ("text", "Καλημέρα 日本語\n".encode()),
    "utf-16": ("text", "[autorun]\r\nopen=viewer.exe\r\n".encode("utf-16")),
    "index.htm": ("text", b"<!DOCTYPE html><html></html>"),
    "a.zip": ("archive", archive(make_zip)),
    "a.tar": ("archive", archive(make_tar)),
    "a.gz": ("archive", gzip.compress(b"image")),
    "a.png": ("picture", b"\x89PNG\r\n\x1a\n" + bytes(40)),
    "a.jpg": ("picture", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(40)),
    "a.bmp": ("picture", b"BM" + struct.pack("<L", 60) + bytes(54)),
    "a.ico": ("picture", icon()),
    "a.avi": ("media", b"RIFF\x20\0\0\0AVI LIST" + bytes(20)),
    "a.mp4": ("media", b"\0\0\0\x18ftypmp42" + bytes(20)),
    "viewer.exe": ("program", b"MZ" + bytes(58) + struct.pack("<L", 64) + b"PE\0\0" + bytes(20)),
    "viewer": ("program", b"\x7fELF\2\1\1" + bytes(60)),
    "a.db": ("database", b"SQLite format 3\0" + bytes(84)),
    "a.nii": ("volume", struct.pack("<L", 348) + bytes(340) + b"n+1\0" + bytes(8)),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return make_engine(tmp_path_factory.mktemp("store"))


@pytest.mark.parametrize("name", FOREIGN)
def test_what_lies_on_a_disc_beside_the_images_is_skipped(engine, name, tmp_path):
    kind, data = FOREIGN[name]
    assert engine.deidentify(data) == Skipped(kind)
    assert recognized(data) == kind
    (tmp_path / "file").write_bytes(data)
    if data:
        assert foreign_kind(read_file(tmp_path / "file", mapped_from=1)) == kind


def test_every_kind_is_met_and_explained():
    assert {kind for kind, _ in FOREIGN.values()} | {"dicomdir"} == set(KINDS)
    assert str(Skipped("empty")) == "an empty file [empty]"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("zeros", bytes(5000)),
        ("noise", bytes((n * 7919 + 13) % 256 for n in range(5000))),
        ("raw pixels", struct.pack("<500H", *range(500))),
        ("a bitmap cut short", b"BM" + struct.pack("<L", 70) + bytes(54)),
        ("an icon cut short", icon()[:-1]),
        ("DOS beginning alone", b"MZ" + bytes(62)),
        ("text with a NUL", b"See disk 2\n\0"),
        ("bytes beyond ASCII", bytes(range(128, 256)) * 9),
        ("prefix alone", bytes(128) + b"DICM"),
        ("a PDF in the preamble of an image that is cut", (b"%PDF-1.4\n" + bytes(119) + encode(ct())[128:])[:-3]),
    ],
)
def test_what_may_be_a_damaged_image_stands_out(engine, name, data):
    assert isinstance(engine.deidentify(data), Quarantined), name
    assert recognized(data) is None


@pytest.mark.parametrize("encoding", [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG], ids=["EVR", "IVR", "EBE"])
def test_a_data_set_without_anything_before_it_is_never_taken_for_something_else(engine, encoding):
    bare = b"".join(
        encoding.element(tag, vr, value)
        for tag, vr, value in [
            (0x00080005, "CS", b"ISO_IR 100"),
            (0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.2"),
            (0x00080018, "UI", b"1.2.3.4"),
            (0x00100010, "PN", b"Doe^Jonathan"),
            (0x7FE00010, "OW", bytes(64)),
        ]
    )
    for cut in range(2, len(bare)):
        assert foreign_kind(bare[:cut]) is None
        assert not isinstance(engine.deidentify(bare[:cut]), Skipped)


@pytest.mark.parametrize("tag", [0x20202020, 0x20302030, 0x60206022, 0x41414142])
def test_a_data_set_that_begins_with_printable_bytes_is_none_the_less_no_text(tag):
    for vr in ("LO", "PN", "UT"):
        data = EXPLICIT_LITTLE.element(tag, vr, b"spelled out" * 3)
        assert foreign_kind(data + EXPLICIT_LITTLE.element(0x7FE00010, "OW", b"ab")) is None


def test_whatever_can_be_read_as_dicom_is_no_foreign_file(engine):
    for path in pydicom_test_files():
        data = path.read_bytes()
        if isinstance(engine.deidentify(data), Deidentified):
            assert recognized(data) is None, path


@given(some.binary(max_size=400))
def test_whatever_the_bytes_the_kind_is_one_that_is_explained(data):
    assert foreign_kind(data) in {None, *KINDS}


def directory(meta_class=DIRECTORY, first=0x00041130):
    element = EXPLICIT_LITTLE.element
    meta = element(0x00020002, "UI", meta_class.encode()) + element(0x00020003, "UI", b"1.2.3")
    meta += element(0x00020010, "UI", b"1.2.840.10008.1.2.1")
    body = element(first, "CS", b"DISK") + element(0x00041220, "SQ", b"")
    return bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<L", len(meta))) + meta + body


def test_a_dicomdir_is_skipped_even_if_it_is_cut(engine):
    assert engine.deidentify(directory()) == Skipped("dicomdir")
    assert engine.deidentify(directory()[:-6]) == Skipped("dicomdir")
    assert recognized(directory()) == "dicomdir"


def test_an_image_that_calls_itself_a_dicomdir_is_not_lost(engine):
    image = encode(ct())
    lying = image.replace(b"1.2.840.10008.5.1.4.1.1.2\0", DIRECTORY.encode().ljust(26, b"\0"), 1)
    assert isinstance(engine.deidentify(lying), Deidentified)
    assert recognized(lying) is None
