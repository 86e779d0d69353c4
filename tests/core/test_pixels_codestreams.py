"""What code streams hold beside the image goes; images stay as they are."""

from __future__ import annotations

import random
import struct
import time
import zlib
from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image

from greycloak.pixels.codestreams import emptied, emptied_frame
from greycloak.pixels.kinds import Kind
from greycloak.stream.errors import Malformed
from support import pydicom_test_files

imagecodecs = pytest.importorskip("imagecodecs")

SECRET = b"DOE^JONATHAN 19570412"
NOISE = np.random.default_rng(11).integers(0, 256, (40, 56, 3), np.uint8)
END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(mode="RGB", **options):
    file = BytesIO()
    Image.fromarray(NOISE if mode == "RGB" else NOISE[..., 0]).save(file, "JPEG", **options)
    return file.getvalue()


def with_metadata(plain):
    exif = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x0e\0\2\0\0\0\x15\0\0\0\x1a\0\0\0\0" + SECRET)
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET)
    both = exif + xmp + segment(0xED, b"Photoshop 3.0\0" + SECRET) + segment(0xFE, SECRET)
    scan = plain.index(b"\xff\xda")
    return plain[:2] + both + SECRET + plain[2:scan] + segment(0xFE, SECRET) + plain[scan:] + SECRET


@pytest.mark.parametrize(
    ("plain", "decode"),
    [
        (jpeg(quality=90), imagecodecs.jpeg8_decode),
        (jpeg("L", progressive=True), imagecodecs.jpeg8_decode),
        (jpeg(restart_marker_blocks=2), imagecodecs.jpeg8_decode),
        (imagecodecs.jpegls_encode(NOISE), imagecodecs.jpegls_decode),
        (imagecodecs.ljpeg_encode(NOISE[..., 0]), imagecodecs.ljpeg_decode),
    ],
    ids="baseline progressive restarts ls lossless".split(),
)
def test_comments_exif_xmp_and_what_stands_between_or_behind_go_and_the_image_stays(plain, decode):
    dirty = with_metadata(plain)
    kind = Kind.JPEG_LS if decode is imagecodecs.jpegls_decode else Kind.JPEG
    (clean,) = emptied_frame([dirty], kind)
    assert SECRET not in clean
    assert b"Exif" not in clean
    assert len(clean) == len(dirty)
    where_zero = [at for at, (old, new) in enumerate(zip(dirty, clean, strict=True)) if old != new]
    assert all(clean[at] == 0 for at in where_zero)
    assert clean.replace(b"\0", b"").endswith(plain[-20:].replace(b"\0", b""))
    if kind is Kind.JPEG:  # a decoder of JPEG-LS takes nothing between segments
        assert np.array_equal(decode(clean), decode(plain))
    assert emptied_frame([clean], kind) is None


def test_a_segment_that_nobody_knows_is_emptied():
    plain = jpeg()
    (clean,) = emptied_frame([plain[:2] + segment(0xF0, SECRET) + plain[2:]], Kind.JPEG)
    assert clean == plain[:2] + segment(0xF0, bytes(len(SECRET))) + plain[2:]


def test_what_says_how_colors_are_coded_stays_and_nothing_else_of_it():
    adobe = b"Adobe\0\x64" + b"JOHN" + b"\1"
    jfif = b"JFIF\0\1\2\0\0\1\0\1\2\1" + b"SECRET"
    plain = jpeg()
    dirty = plain[:2] + segment(0xEE, adobe + b"DOE") + segment(0xE0, jfif) + plain[20:]
    (clean,) = emptied_frame([dirty], Kind.JPEG)
    assert segment(0xEE, adobe[:7] + bytes(4) + b"\1" + bytes(3)) in clean
    assert segment(0xE0, jfif[:14] + bytes(6)) in clean


def test_the_jpeg_ls_color_transform_stays():
    plain = imagecodecs.jpegls_encode(NOISE)
    plain = plain[:2] + plain[plain.index(b"\xff\xf7") :]
    assert emptied_frame([plain[:2] + segment(0xE8, b"mrfx\2") + plain[2:]], Kind.JPEG_LS) is None
    assert emptied_frame([plain[:2] + segment(0xE8, b"mrfx\2JOHN") + plain[2:]], Kind.JPEG_LS) is not None


def test_comments_of_jpeg_2000_go_but_for_the_name_of_the_library():
    plain = imagecodecs.jpeg2k_encode(NOISE, level=0, codecformat="J2K")
    assert b"Created by OpenJPEG version" in plain
    assert emptied_frame([plain], Kind.JPEG_2000) is None
    at = plain.index(b"\xff\x90")
    dirty = plain[:at] + b"\xff\x64" + struct.pack(">HH", len(SECRET) + 4, 1) + SECRET + plain[at:] + SECRET
    (clean,) = emptied_frame([dirty], Kind.JPEG_2000)
    assert SECRET not in clean
    assert np.array_equal(imagecodecs.jpeg2k_decode(clean), NOISE)
    assert emptied_frame([plain.replace(b"version 2", b"version S")], Kind.JPEG_2000) is not None


def test_boxes_around_jpeg_2000_go():
    plain = imagecodecs.jpeg2k_encode(NOISE, level=0, codecformat="JP2")
    uuid = struct.pack(">L4s", 8 + 16 + len(SECRET), b"uuid") + bytes(range(16)) + SECRET
    xml = struct.pack(">L4sQ", 1, b"xml ", 16 + len(SECRET)) + SECRET
    at = plain.index(b"jp2h") - 4
    dirty = plain[:at] + xml + plain[at:] + uuid + b"DOE"
    (clean,) = emptied_frame([dirty], Kind.JPEG_2000)
    assert SECRET not in clean
    assert not any(name in clean for name in (b"uuid", b"xml ", b"DOE"))
    assert np.array_equal(imagecodecs.jpeg2k_decode(clean), NOISE)


def test_boxes_around_jpeg_xl_go():
    plain = imagecodecs.jpegxl_encode(NOISE, lossless=True, usecontainer=True)
    dirty = plain + struct.pack(">L4s", 12 + len(SECRET), b"Exif") + bytes(4) + SECRET
    (clean,) = emptied_frame([dirty], Kind.JPEG_XL)
    assert SECRET not in clean
    assert np.array_equal(imagecodecs.jpegxl_decode(clean), NOISE)


def test_unused_offsets_of_rle_go():
    frame = struct.pack("<2L", 1, 72) + b"\0" * 4 + SECRET.ljust(60, b"x") + b"\0\7"
    (clean,) = emptied_frame([frame], Kind.RLE)
    assert clean == frame[:8] + bytes(64) + b"\0\7"


def test_a_frame_of_several_fragments_keeps_them():
    dirty = with_metadata(jpeg())
    parts = [dirty[:100], dirty[100:900], dirty[900:]]
    assert b"".join(emptied_frame(parts, Kind.JPEG)) == emptied_frame([dirty], Kind.JPEG)[0]


def test_real_objects_keep_their_images():
    looked = 0
    for path in pydicom_test_files():
        file = pydicom.dcmread(path, force=True, defer_size=None)
        uid = file.file_meta.get("TransferSyntaxUID") if hasattr(file, "file_meta") else None
        if uid is None or not uid.is_encapsulated or "PixelData" not in file:
            continue
        looked += 1
        value = file.PixelData + END
        found = emptied(value, uid, int(file.get("NumberOfFrames", 1)))
        if found:
            new = b"".join(found.parts)
            assert len(new) == len(value)
            assert sum(old != written for old, written in zip(value, new, strict=True)) < 1000
    assert looked > 20


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (Kind.JPEG, with_metadata(jpeg())),
        (Kind.JPEG_LS, with_metadata(imagecodecs.jpegls_encode(NOISE))),
        (Kind.JPEG_2000, imagecodecs.jpeg2k_encode(NOISE, level=0, codecformat="JP2")),
        (Kind.JPEG_2000, imagecodecs.htj2k_encode(NOISE, tlm=True)),
        (Kind.JPEG_XL, imagecodecs.jpegxl_encode(NOISE, lossless=True, usecontainer=True)),
        (Kind.RLE, struct.pack("<16L", 3, 64, 200, 300, *[0] * 12) + bytes(400)),
    ],
    ids="jpeg ls jp2 htj2k xl rle".split(),
)
def test_damaged_code_streams_are_malformed_or_emptied_and_never_hang(kind, plain):
    dice = random.Random(zlib.crc32(kind.value.encode()))
    start = time.monotonic()
    for _ in range(300):
        damaged = bytearray(plain[: dice.choice((len(plain), dice.randrange(len(plain))))])
        for _ in range(dice.randrange(1, 8)):
            if damaged:
                damaged[dice.randrange(min(len(damaged), 300))] = dice.choice((0, 1, 0x7F, 0xFF, dice.randrange(256)))
        found = emptied_or_none(damaged, kind)
        assert found is None or emptied_or_none(found, kind) in {None, found}
    assert time.monotonic() - start < 20


def emptied_or_none(frame, kind):
    """Return a frame without what stands beside its image; None if there is nothing, or if it is malformed."""
    try:
        found = emptied_frame([bytes(frame)], kind)
    except Malformed:
        return None
    return found and found[0]
