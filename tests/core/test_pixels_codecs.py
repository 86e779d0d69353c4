"""Masks in every other code: frames that are hit keep all other pixels, frames that are not keep their bytes."""

from __future__ import annotations

import random
import subprocess
import time
from dataclasses import replace

import numpy as np
import pydicom
import pytest

pytest.importorskip("imagecodecs")

import imagecodecs

from frames_in_codes import CODES, COLUMNS, FAMILY, KINDS, RLE, ROWS, grey, htj2k, j2k, lossless, rgb, said
from greycloak.outcomes import Refused
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.fragments import encapsulated, frames_of
from greycloak.pixels.worker.jpeg_lossless import encode_lossless
from greycloak.pixels.worker.masking import mask_pixels
from greycloak.stream.errors import Malformed
from support import ct, encode

AREA = Area(5, 7, 30, 21)
INSIDE = np.zeros((ROWS, COLUMNS), bool)
INSIDE[7:21, 5:30] = True


def independent(syntax, fragments, description, tmp_path):
    """Decode with DCMTK where it can, else with OpenJPEG."""
    if syntax.startswith(FAMILY) and syntax[len(FAMILY) :] not in {"57", "70", "80", "81"}:
        return np.stack([imagecodecs.jpeg2k_decode(one) for one in fragments])
    data_set = ct(
        Rows=ROWS,
        Columns=COLUMNS,
        SamplesPerPixel=description.samples,
        PhotometricInterpretation=description.photometric,
        PlanarConfiguration=0 if description.samples == 3 else None,
        BitsAllocated=description.bits_allocated,
        BitsStored=description.bits_stored,
        HighBit=description.high_bit,
        NumberOfFrames=len(fragments),
    )
    data_set.PixelData = pydicom.encaps.encapsulate(fragments)
    data_set["PixelData"].VR = "OB"
    data_set["PixelData"].is_undefined_length = True
    source, target = tmp_path / "in.dcm", tmp_path / "out.dcm"
    source.write_bytes(encode(data_set, syntax))
    tool = {RLE: "dcmdrle", f"{FAMILY}80": "dcmdjpls", f"{FAMILY}81": "dcmdjpls"}.get(syntax, "dcmdjpeg")
    subprocess.run([tool, source, target], check=True, capture_output=True, timeout=60)
    plain = pydicom.dcmread(target)
    order = np.frombuffer(plain.PixelData, np.uint8 if description.bits_allocated == 8 else "<u2")
    order = order[: len(fragments) * ROWS * COLUMNS * description.samples]
    if plain.get("PlanarConfiguration", 0):
        return order.reshape(-1, 3, ROWS, COLUMNS).transpose(0, 2, 3, 1)
    return order.reshape(-1, ROWS, COLUMNS, *([3] if description.samples == 3 else []))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("syntax", "code"), CODES, ids=[syntax.removeprefix("1.2.840.10008.1.2.") for syntax, _ in CODES]
)
def test_only_pixels_under_the_mask_change_and_only_frames_that_are_hit(syntax, code, kind, tmp_path):
    draw, bits = KINDS[kind]
    images = [draw(seed) for seed in range(3)]
    description = said(syntax, images[0], bits, frames=3)
    frames = [bytes(code(image, bits)) for image in images]
    frames = [frame + bytes(len(frame) % 2) for frame in frames]
    value = b"".join(encapsulated([[frame] for frame in frames], table=True))
    found = mask_pixels(description, value, [Mask(AREA, "text", frame=1)])
    new = [bytes(fragments[0]) for fragments in frames_of(b"".join(found.parts), 3)]
    assert (new[0], new[2]) == (frames[0], frames[2])
    assert (found.frames, found.became_lossless, found.recoded) == ({1}, False, False)
    decoded = independent(syntax, new, description, tmp_path)
    assert np.array_equal(decoded[1][~INSIDE], images[1][~INSIDE])
    assert not decoded[1][INSIDE].any()


def test_a_lossy_frame_becomes_lossless_and_says_so():
    image = grey(8)
    for syntax, frame in (
        (f"{FAMILY}81", imagecodecs.jpegls_encode(image, level=3)),
        (f"{FAMILY}91", imagecodecs.jpeg2k_encode(image, level=35, codecformat="J2K", reversible=False)),
        (f"{FAMILY}203", imagecodecs.htj2k_encode(image, level=0.02, reversible=False)),
    ):
        name = {"81": "jpegls_decode", "91": "jpeg2k_decode"}.get(syntax[-2:], "htj2k_decode")
        decode = getattr(imagecodecs, name)
        value = b"".join(encapsulated([[frame]], table=False))
        found = mask_pixels(said(syntax, image, 8), value, [Mask(AREA, "text")])
        (new,) = frames_of(b"".join(found.parts), 1)[0]
        assert found.became_lossless
        assert np.array_equal(decode(bytes(new))[~INSIDE], decode(bytes(frame))[~INSIDE])


def test_mixed_components_of_lossy_jpeg_2000_take_the_name_of_the_lossless_mixing_if_all_frames_do():
    frames = [[imagecodecs.jpeg2k_encode(rgb(seed), level=40, codecformat="J2K", reversible=False)] for seed in (1, 2)]
    value = b"".join(encapsulated(frames, table=False))
    description = replace(said(f"{FAMILY}91", rgb(), 8, frames=2), photometric="YBR_ICT")
    assert mask_pixels(description, value, [Mask(AREA, "text")]).photometric == "YBR_RCT"
    assert mask_pixels(description, value, [Mask(AREA, "text", 1)]).photometric is None
    for other in (replace(description, photometric="RGB"), said(f"{FAMILY}90", rgb(), 8, frames=2)):
        assert mask_pixels(other, value, [Mask(AREA, "text")]).photometric is None


def test_thumbnails_can_be_read_from_a_large_lossless_rpcl_frame():
    image = np.random.default_rng(1).integers(0, 256, (2100, 70), np.uint8)
    description = replace(said(f"{FAMILY}202", image, 8), rows=2100, columns=70)
    frame = imagecodecs.htj2k_encode(image, reversible=True, tlm=True)
    found = mask_pixels(description, b"".join(encapsulated([[frame]], table=False)), [Mask(AREA, "text")])
    new = bytes(frames_of(b"".join(found.parts), 1)[0][0])
    style = new.index(b"\xff\x52")
    assert (new[style + 5], 2100 >> new[style + 9] <= 64, b"\xff\x55" in new) == (2, True, True)


def test_lossless_jpeg_without_its_low_bits_is_refused():
    frame = lossless(grey(8), 8)
    scan = frame.index(b"\xff\xda")
    frame = frame[: scan + 9] + b"\1" + frame[scan + 10 :]
    with pytest.raises(Refused) as refused:
        mask_pixels(said(f"{FAMILY}70", grey(8), 8), b"".join(encapsulated([[frame]], table=False)), [Mask(AREA, "")])
    assert refused.value.reason == "pixel-codec"


def test_signed_samples_of_jpeg_2000_take_the_lowest_value():
    image = grey(12).astype(np.int16) - 2048
    for syntax, code in ((f"{FAMILY}90", j2k), (f"{FAMILY}201", htj2k)):
        value = b"".join(encapsulated([[bytes(code(image, 12))]], table=False))
        found = mask_pixels(said(syntax, image, 12, is_signed=True), value, [Mask(AREA, "text")])
        new = imagecodecs.jpeg2k_decode(bytes(frames_of(b"".join(found.parts), 1)[0][0]))
        assert set(new[INSIDE]) == {image.min()}
        assert np.array_equal(new[~INSIDE], image[~INSIDE])


@pytest.mark.parametrize("bits", [2, 8, 12, 16])
def test_lossless_jpeg_keeps_every_value_of_any_depth(bits):
    images = [
        np.random.default_rng(bits).integers(0, 1 << bits, (ROWS, COLUMNS, 1), np.uint16),
        np.full((ROWS, COLUMNS, 1), (1 << bits) - 1, np.uint16),
        ((np.indices((ROWS, COLUMNS)).sum(0) % 2) * ((1 << bits) - 1)).astype(np.uint16)[..., None],
    ]
    for image in images:
        decoded = imagecodecs.jpegsof3_decode(encode_lossless(image, bits, [1]))
        assert np.array_equal(decoded.reshape(image.shape), image)


def test_a_frame_of_another_size_is_refused_before_it_is_decompressed():
    for syntax, code in CODES[1:]:
        description = said(syntax, np.zeros((1, 1), np.uint8), 8)
        small = Description(rows=9, columns=9, transfer_syntax_uid=syntax)
        value = b"".join(encapsulated([[bytes(code(grey(8), 8))]], table=False))
        mask_pixels(description, value, [Mask(AREA, "")])
        with pytest.raises(Refused) as refused:
            mask_pixels(small, value, [Mask(Area(0, 0, 5, 5), "")])
        assert refused.value.reason == "pixel-description"


@pytest.mark.parametrize(("syntax", "code"), CODES[:2] + CODES[3:4] + CODES[5:6], ids="rle lossless ls j2k".split())
def test_damaged_frames_are_refused_or_malformed_and_never_hang(syntax, code):
    image = grey(8)
    frame = bytes(code(image, 8))
    description = said(syntax, image, 8)
    dice = random.Random(3)
    start = time.monotonic()
    ended = 0
    for _ in range(60):
        damaged = bytearray(frame[: dice.choice((len(frame), dice.randrange(1, len(frame))))])
        for _ in range(dice.randrange(1, 6)):
            damaged[dice.randrange(min(len(damaged), 200))] = dice.randrange(256)
        value = b"".join(encapsulated([[bytes(damaged)]], table=False))
        try:
            mask_pixels(description, value, [Mask(AREA, "")])
        except (Malformed, Refused):
            ended += 1
    assert ended > 5
    assert time.monotonic() - start < 30


def test_progressive_and_part_2_syntaxes_are_refused():
    for number in ("53", "55", "92", "93", "110"):
        value = b"".join(encapsulated([[b"\xff\xd8\xff\xd9"]], table=False))
        with pytest.raises(Refused) as refused:
            mask_pixels(said(f"{FAMILY}{number}", grey(8), 8), value, [Mask(AREA, "")])
        assert refused.value.reason == "pixel-codec"
