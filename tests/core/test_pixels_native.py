"""Masks in native pixels: black inside, and every other byte as it was."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

pytest.importorskip("imagecodecs")

from greycloak.outcomes import Refused
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.fragments import encapsulated, frames_of
from greycloak.pixels.worker.masking import mask_pixels
from greycloak.stream.errors import Malformed

BIG = "1.2.840.10008.1.2.2"
ROWS, COLUMNS = 9, 11
AREA = Area(2, 3, 7, 6)
INSIDE = np.zeros((ROWS, COLUMNS), bool)
INSIDE[3:6, 2:7] = True


def noise(size):
    return np.random.default_rng(5).integers(0, 256, size, np.uint8).tobytes()


def grey(bits=16, stored=None, **more):
    stored = stored or bits
    return Description(
        rows=ROWS, columns=COLUMNS, bits_allocated=bits, bits_stored=stored, high_bit=stored - 1, **more
    )  # fmt: skip


def masked(description, value, *masks):
    found = mask_pixels(description, value, masks or [Mask(AREA, "rule")])
    return b"".join(found.parts), found


def cells(description, value):
    """Return the bytes of each sample: frames, rows, columns, samples, bytes."""
    size = description.bits_allocated // 8
    shape = (description.frames, description.samples, ROWS, COLUMNS, size)
    if not description.planar:
        return np.frombuffer(value, np.uint8, description.native_size).reshape(
            description.frames, ROWS, COLUMNS, description.samples, size
        )
    return np.frombuffer(value, np.uint8, description.native_size).reshape(shape).transpose(0, 2, 3, 1, 4)


@pytest.mark.parametrize(
    ("description", "black"),
    [
        (grey(8), b"\0"),
        (grey(8, photometric="MONOCHROME1"), b"\xff"),
        (grey(8, 7, photometric="MONOCHROME1"), b"\x7f"),
        (grey(8, photometric="PALETTE COLOR", darkest=7), b"\7"),
        (grey(16), b"\0\0"),
        (grey(16, 12), b"\0\0"),
        (grey(32), bytes(4)),
        (grey(16, little=False, transfer_syntax_uid=BIG), b"\0\0"),
        (grey(8, samples=3, photometric="RGB"), b"\0"),
        (grey(8, samples=3, photometric="RGB", planar=1, frames=3), b"\0"),
        (grey(16, samples=3, photometric="RGB", planar=1), b"\0\0"),
        (grey(8, little=False, vr="OB", transfer_syntax_uid=BIG), b"\0"),
    ],
)
def test_bytes_outside_of_the_mask_are_the_same_and_inside_is_black(description, black):
    value = noise(description.native_size + description.native_size % 2)
    new, found = masked(description, value)
    old_cells, new_cells = cells(description, value), cells(description, new)
    assert len(new) == len(value)
    assert np.array_equal(new_cells[:, ~INSIDE], old_cells[:, ~INSIDE])
    assert set(map(bytes, new_cells[:, INSIDE].reshape(-1, len(black)))) == {black}
    assert found.frames == set(range(description.frames))
    assert (found.became_lossless, found.recoded) == (False, False)


@pytest.mark.parametrize("little", [True, False])
def test_signed_pixels_take_the_lowest_value_of_the_frame(little):
    order = "<" if little else ">"
    description = grey(16, is_signed=True, little=little, transfer_syntax_uid="1.2.840.10008.1.2.1" if little else BIG)
    image = np.random.default_rng(1).integers(-1024, 3000, (ROWS, COLUMNS)).astype(f"{order}i2")
    new = np.frombuffer(masked(description, image.tobytes())[0], f"{order}i2").reshape(ROWS, COLUMNS)
    assert set(new[INSIDE]) == {image.min()}
    assert np.array_equal(new[~INSIDE], image[~INSIDE])


def test_inverted_pixels_of_many_bits_take_the_highest_value_of_the_frame():
    image = np.random.default_rng(1).integers(0, 4000, (ROWS, COLUMNS), np.uint16)
    new, _ = masked(grey(16, photometric="MONOCHROME1"), image.tobytes())
    assert set(np.frombuffer(new, "<u2").reshape(ROWS, COLUMNS)[INSIDE]) == {image.max()}


def test_an_overlay_in_the_high_bits_goes_under_the_mask():
    image = np.random.default_rng(1).integers(0, 4096, (ROWS, COLUMNS), np.uint16) | 0x8000
    unsigned, _ = masked(grey(16, 12), image.tobytes())
    assert set(np.frombuffer(unsigned, "<u2").reshape(ROWS, COLUMNS)[INSIDE]) == {0}
    signed, _ = masked(grey(16, 12, is_signed=True), image.tobytes())
    (black,) = set(np.frombuffer(signed, "<u2").reshape(ROWS, COLUMNS)[INSIDE])
    assert 0x800 <= black < 0x1000


def test_floating_point_pixels():
    description = grey(32, is_float=True)
    image = np.random.default_rng(1).normal(size=(ROWS, COLUMNS)).astype("<f4")
    image[0, 0] = np.nan
    new = np.frombuffer(masked(description, image.tobytes())[0], "<f4").reshape(ROWS, COLUMNS)
    assert set(new[INSIDE]) == {np.nanmin(image)}
    assert np.array_equal(new[~INSIDE], image[~INSIDE], equal_nan=True)


def test_bytes_swapped_within_words_of_big_endian():
    """OW with 8 bits: the second of two pixels comes first."""
    description = grey(8, little=False, vr="OW", transfer_syntax_uid=BIG)
    image = np.arange(1, 100, dtype=np.uint8)
    swapped = np.append(image, np.uint8(0)).view(np.uint16).byteswap().tobytes()
    new = np.frombuffer(masked(description, swapped)[0], np.uint16).byteswap().view(np.uint8)[:99]
    assert np.array_equal(new != image, INSIDE.reshape(-1))


@pytest.mark.parametrize("inverted", [False, True])
def test_single_bits_whose_frames_begin_within_bytes(inverted):
    description = grey(1, photometric="MONOCHROME1" if inverted else "MONOCHROME2", frames=3)
    bits = np.random.default_rng(2).integers(0, 2, (3, ROWS, COLUMNS), np.uint8)
    value = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    new, _ = masked(description, value + bytes(len(value) % 2), Mask(AREA, "rule", frame=1))
    read = np.unpackbits(np.frombuffer(new, np.uint8), bitorder="little")[: bits.size].reshape(bits.shape)
    expected = bits.copy()
    expected[1][INSIDE] = inverted
    assert np.array_equal(read, expected)


def test_half_chroma_keeps_the_brightness_of_pixels_beside_the_mask():
    description = Description(rows=4, columns=8, samples=3, photometric="YBR_FULL_422")
    value = noise(description.native_size)
    new, _ = masked(description, value, Mask(Area(3, 1, 6, 3), "rule"))
    old_pairs, new_pairs = (np.frombuffer(data, np.uint8).reshape(4, 4, 4) for data in (value, new))
    old_y, new_y = (pairs[..., :2].reshape(4, 8) for pairs in (old_pairs, new_pairs))
    inside = np.zeros((4, 8), bool)
    inside[1:3, 3:6] = True
    assert np.array_equal(new_y[~inside], old_y[~inside])
    assert set(new_y[inside]) == {0}
    assert np.array_equal(new_pairs[..., 2:][[0, 3]], old_pairs[..., 2:][[0, 3]])
    assert set(new_pairs[1:3, 1:3, 2:].reshape(-1)) == {128}
    assert np.array_equal(new_pairs[1:3, [0, 3]], old_pairs[1:3, [0, 3]])


def test_only_the_frame_that_is_hit_changes():
    description = grey(16, frames=4)
    value = noise(description.native_size)
    new, found = masked(description, value, Mask(AREA, "text", frame=2), Mask(AREA, "text", frame=99))
    size = description.frame_size
    assert [number for number in range(4) if new[number * size :][:size] != value[number * size :][:size]] == [2]
    assert found.frames == {2}


def test_pixels_in_a_bytearray_are_changed_where_they_stand():
    value = bytearray(noise(99) + b"\0")
    assert mask_pixels(grey(8), value, [Mask(AREA, "rule")]).parts == [value]
    assert value[3 * COLUMNS + 2] == 0


def test_a_mask_outside_of_the_image_changes_nothing():
    value = noise(99)
    new, found = masked(grey(8), value, Mask(Area(50, 50, 60, 60), "device"))
    assert (new, found.frames) == (value, frozenset())


@pytest.mark.parametrize("length", [0, 98, 101, 200])
def test_pixels_that_are_more_or_fewer_than_described_are_refused(length):
    with pytest.raises(Refused) as refused:
        masked(grey(8), bytes(length))
    assert refused.value.reason == "pixel-description"


@pytest.mark.parametrize(("number", "reason"), [("102", "pixel-video"), ("107", "pixel-video"), ("94", "pixel-codec")])
def test_video_and_unknown_codes_are_refused(number, reason):
    with pytest.raises(Refused) as refused:
        masked(grey(8, transfer_syntax_uid=f"1.2.840.10008.1.2.4.{number}"), b"")
    assert refused.value.reason == reason


def raw_deflate(data):
    deflating = zlib.compressobj(wbits=-15)
    return deflating.compress(data) + deflating.flush()


def test_encapsulated_frames_that_are_not_compressed_or_deflated():
    plain = grey(16, frames=3, transfer_syntax_uid="1.2.840.10008.1.2.1.98")
    frames = [noise(plain.frame_size)] * 3
    value = b"".join(encapsulated([[frame] for frame in frames], table=True))
    new, found = masked(plain, value, Mask(AREA, "text", frame=1))
    native, _ = masked(grey(16), frames[1])
    assert [bytes(fragment[0]) for fragment in frames_of(new, 3)] == [frames[0], native, frames[2]]
    assert found.frames == {1}

    deflated = grey(16, frames=3, transfer_syntax_uid="1.2.840.10008.1.2.8.1")
    packed = b"".join(encapsulated([[raw_deflate(frame)] for frame in frames], table=False))
    again = [bytes(fragment[0]) for fragment in frames_of(masked(deflated, packed, Mask(AREA, "", frame=1))[0], 3)]
    assert zlib.decompressobj(-15).decompress(again[1]) == native
    assert again[0] == bytes(frames_of(packed, 3)[0][0])


def test_a_deflated_frame_that_unfolds_without_end_is_malformed():
    bomb = raw_deflate(bytes(1 << 24))
    value = b"".join(encapsulated([[bomb]], table=False))
    with pytest.raises(Malformed):
        masked(grey(16, transfer_syntax_uid="1.2.840.10008.1.2.8.1"), value)


def test_a_deflated_frame_that_is_damaged_is_malformed():
    value = b"".join(encapsulated([[b"\xff" * 64]], table=False))
    with pytest.raises(Malformed):
        masked(grey(16, transfer_syntax_uid="1.2.840.10008.1.2.8.1"), value)
