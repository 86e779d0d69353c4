"""Frames as arrays: what is searched for text is what the object shows, whatever its transfer syntax."""

from __future__ import annotations

import random
import time
import warnings
import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image

pytest.importorskip("imagecodecs")

import imagecodecs
from pydicom.pixels import iter_pixels

from frames_in_codes import CODES, COLUMNS, FAMILY, KINDS, ROWS, grey, j2k, lossless, rgb, said
from greycloak.outcomes import Refused
from greycloak.pixels.description import ASKED, Description, described
from greycloak.pixels.fragments import encapsulated
from greycloak.pixels.kinds import Kind, kind_of
from greycloak.pixels.worker.decoding import frames_as_arrays
from greycloak.stream.errors import Malformed
from support import pydicom_test_files

BIG = "1.2.840.10008.1.2.2"


def decoded(description, value, **more):
    return list(frames_as_arrays(description, value, **more))


def enclosed(*frames):
    return b"".join(encapsulated([[bytes(frame)] for frame in frames], table=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("syntax", "code"), CODES, ids=[syntax for syntax, _ in CODES])
def test_lossless_frames_come_out_as_they_went_in(syntax, code, kind):
    draw, bits = KINDS[kind]
    images = [draw(seed) for seed in range(2)]
    found = decoded(said(syntax, images[0], bits, frames=2), enclosed(*(code(image, bits) for image in images)))
    assert np.array_equal(found, images)


@pytest.mark.parametrize("syntax", [BIG, "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"])
@pytest.mark.parametrize("bits", [8, 12])
def test_plain_frames_of_any_byte_order(syntax, bits):
    images = [grey(bits, seed) for seed in range(3)]
    description = replace(said(syntax, images[0], bits, frames=3), little=syntax != BIG)
    frames = [image.astype(image.dtype.newbyteorder(">" if syntax == BIG else "<")).tobytes() for image in images]
    if syntax.endswith(".98"):
        value = enclosed(*frames)
    elif syntax.endswith(".8.1"):
        value = enclosed(*(zlib.compress(frame, wbits=-15) for frame in frames))
    else:
        value = b"".join(frames)
        value += bytes(len(value) % 2)
        if syntax == BIG and bits == 8:
            value = np.frombuffer(value, ">u2").astype("<u2").tobytes()
    found = decoded(description, value)
    assert np.array_equal(found, images)
    assert found[0].dtype.isnative


def test_planes_single_bits_and_shared_colors():
    image = rgb()
    planes = replace(said("1.2.840.10008.1.2.1", image, 8), planar=1)
    value = image.transpose(2, 0, 1).tobytes()
    assert np.array_equal(decoded(planes, value + bytes(len(value) % 2))[0], image)
    bits = np.random.default_rng(3).integers(0, 2, (3, 5, 7), np.uint8)
    single = Description(5, 7, bits_allocated=1, bits_stored=1, high_bit=0, frames=3)
    value = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    assert np.array_equal(decoded(single, value), bits)
    shared = Description(2, 3, 3, photometric="YBR_FULL_422")
    value = bytes((1, 2, 50, 60, 3, 4, 70, 80, 5, 6, 51, 61, 7, 8, 71, 81))
    assert decoded(shared, value)[0].tolist() == [
        [[1, 50, 60], [2, 50, 60], [3, 70, 80]],
        [[5, 51, 61], [6, 51, 61], [7, 71, 81]],
    ]


def test_signs_count_and_bits_around_the_stored_ones_do_not():
    values = np.array([[-2048, -1], [0, 2047]], np.int16)
    raw = (values.view("u2") & 0x0FFF | np.array([[0x1000, 0x2000], [0xF000, 0]], "u2")).astype("<u2").tobytes()
    description = Description(2, 2, bits_allocated=16, bits_stored=12, high_bit=11, is_signed=True)
    assert decoded(description, raw)[0].tolist() == values.tolist()
    wide = lossless(np.pad(values.view("u2") & 0x0FFF, ((0, ROWS - 2), (0, COLUMNS - 2))), 12)
    large = replace(description, rows=ROWS, columns=COLUMNS, transfer_syntax_uid=f"{FAMILY}70")
    assert decoded(large, enclosed(wide))[0][:2, :2].tolist() == values.tolist()
    floats = np.array([[-1.5, np.nan]], "<f4")
    real = Description(1, 2, bits_allocated=32, bits_stored=32, high_bit=31, is_float=True)
    assert np.array_equal(decoded(real, floats.tobytes())[0], floats, equal_nan=True)


def jpeg(image, **options):
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"keep_rgb": True}, {"subsampling": 0}])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_colors_of_jpeg_are_what_the_object_calls_them_whatever_the_code_stream_holds(options, photometric):
    frame = jpeg(rgb(), **options)
    description = replace(said(f"{FAMILY}50", rgb(), 8), photometric=photometric)
    wanted = Image.open(BytesIO(frame))
    if photometric != "RGB":
        wanted = wanted.convert("YCbCr")
    found = decoded(description, enclosed(frame))[0].astype(int)
    assert found.shape == (ROWS, COLUMNS, 3)
    assert np.abs(found - np.array(wanted).astype(int)).max() <= 3


def test_twelve_bits_and_lossless_jpeg_under_the_extended_syntax():
    image = grey(12)
    description = said(f"{FAMILY}51", image, 12)
    found = decoded(description, enclosed(imagecodecs.jpeg_encode(image, level=95, bitspersample=12)))[0]
    assert (found.dtype, found.max() > 3000) == (np.uint16, True)
    assert np.abs(found.astype(int) - image).max() < 60
    assert np.array_equal(decoded(description, enclosed(lossless(image, 12)))[0], image)


def test_mixed_components_come_as_rgb():
    frame = imagecodecs.jpeg2k_encode(rgb(), level=0, codecformat="J2K", mct=True)
    description = replace(said(f"{FAMILY}90", rgb(), 8), photometric="YBR_RCT")
    assert np.array_equal(decoded(description, enclosed(frame))[0], rgb())


def test_jpeg_xl():
    frame = imagecodecs.jpegxl_encode(rgb(), lossless=True)
    assert np.array_equal(decoded(said(f"{FAMILY}110", rgb(), 8), enclosed(frame))[0], rgb())


def test_frames_are_decoded_when_they_are_asked_for():
    good = bytes(j2k(grey(8), 8))
    frames = frames_as_arrays(said(f"{FAMILY}90", grey(8), 8, frames=3), enclosed(good, good, good[:60]))
    assert np.array_equal(next(frames), grey(8))
    assert np.array_equal(next(frames), grey(8))
    with pytest.raises(Malformed):
        next(frames)


@pytest.mark.parametrize(
    ("syntax", "reason"), [("102", "pixel-video"), ("92", "pixel-codec"), ("94", "pixel-codec"), ("50", "pixel-codec")]
)
def test_what_nobody_here_decodes_is_refused(syntax, reason):
    with pytest.raises(Refused) as refused:
        decoded(said(f"{FAMILY}{syntax}", grey(8), 8), enclosed(b"\xff\xd8\xff\xd9"))
    assert refused.value.reason == reason


def test_another_size_than_the_object_says_is_refused_before_anything_is_decompressed():
    for syntax, code in CODES[1:]:
        with pytest.raises(Refused) as refused:
            decoded(replace(said(syntax, grey(8), 8), rows=ROWS - 1), enclosed(code(grey(8), 8)))
        assert refused.value.reason == "pixel-description"
    for description in (said("1.2.840.10008.1.2.1", grey(8), 8, frames=2), said("1.2.840.10008.1.2.1", rgb(), 8)):
        with pytest.raises(Refused):
            decoded(description, grey(8).tobytes())


@pytest.mark.filterwarnings("error")
def test_what_the_decoder_of_high_throughput_passes_over_is_malformed():
    frame = bytearray(imagecodecs.htj2k_encode(grey(8), reversible=True))
    body = frame.index(b"\xff\x93")
    for at in range(body + 2, body + 300):
        frame[at] ^= 0xA5
    with pytest.raises(Malformed):
        decoded(said(f"{FAMILY}201", grey(8), 8), enclosed(frame))


def test_damaged_frames_are_refused_or_malformed_and_never_hang():
    dice = random.Random(11)
    codes = [*CODES, (f"{FAMILY}50", lambda image, _: jpeg(image)), (f"{FAMILY}110", lambda image, _: xl(image))]
    frames = [(syntax, bytes(code(grey(8), 8))) for syntax, code in codes]
    start, ended = time.monotonic(), 0
    for _ in range(250):
        syntax, frame = dice.choice(frames)
        damaged = bytearray(frame[: dice.choice((len(frame), dice.randrange(1, len(frame))))])
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(min(len(damaged), dice.choice((60, 3000))))] = dice.randrange(256)
        try:
            (image,) = decoded(said(syntax, grey(8), 8), enclosed(damaged))
        except (Malformed, Refused):
            ended += 1
        else:
            assert image.shape == (ROWS, COLUMNS)
    assert ended > 50
    assert time.monotonic() - start < 20


def xl(image):
    return imagecodecs.jpegxl_encode(image, lossless=True)


def of_file(data_set):
    """Return description and value of a file's pixels."""
    element = data_set["PixelData"]
    little = data_set.file_meta.TransferSyntaxUID != BIG
    values = {}
    for tag in ASKED:
        if tag in data_set:
            one = data_set.get_item(tag)
            value = one.value if isinstance(one.value, bytes) else b""
            if not value and data_set[tag].VR in {"US", "SS"}:
                value = data_set[tag].value.to_bytes(2, "little" if little else "big")
            values[tag] = value
    described_as = described(
        values, transfer_syntax_uid=str(data_set.file_meta.TransferSyntaxUID), little=little, vr=element.VR
    )
    value = bytes(element.value)
    if kind_of(described_as.transfer_syntax_uid) is not Kind.NATIVE:
        value += bytes.fromhex("feffdde000000000")
    return described_as, value


def test_real_objects_look_as_pydicom_sees_them():
    seen = 0
    for path in pydicom_test_files():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                data_set = pydicom.dcmread(path)
                description, value = of_file(data_set)
                wanted = list(iter_pixels(data_set, raw=True))
        except Exception:  # noqa: BLE001  not every file has pixels that pydicom reads
            continue
        if description.frames > 40 or kind_of(description.transfer_syntax_uid) is Kind.VIDEO:
            continue
        if description.photometric in {"YBR_RCT", "YBR_ICT"}:
            continue
        try:
            found = decoded(description, value)
        except (Malformed, Refused):
            continue
        seen += 1
        for one, other in zip(found, wanted, strict=True):
            assert np.abs(one.astype(int) - other.astype(int)).max() <= 2, path.name
    assert seen > 30
