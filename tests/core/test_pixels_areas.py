"""Rectangles, polygons and what an object says of its pixels."""

from __future__ import annotations

import struct
import subprocess
import sys

import pytest

from greycloak.outcomes import Refused
from greycloak.pixels.areas import Area, Mask, areas_of_frame, strips
from greycloak.pixels.description import Description, described

CT = {
    0x00280002: b"\1\0",
    0x00280004: b"MONOCHROME2 ",
    0x00280010: b"\4\0",
    0x00280011: b"\6\0",
    0x00280100: b"\x10\0",
    0x00280101: b"\x0c\0",
    0x00280102: b"\x0b\0",
    0x00280103: b"\1\0",
}
SYNTAX = "1.2.840.10008.1.2.1"


def describe(**changes):
    values = CT | {int(tag[1:], 16): value for tag, value in changes.items()}
    return described(
        {tag: value for tag, value in values.items() if value is not None}, transfer_syntax_uid=SYNTAX, little=True
    )


def pixels(areas):
    return {(column, row) for a in areas for row in range(a.top, a.bottom) for column in range(a.left, a.right)}


def test_an_area_is_cut_to_the_frame():
    assert Area(-5, -5, 3, 2).within(10, 10) == Area(0, 0, 3, 2)
    assert Area(8, 8, 30, 30).within(10, 9) == Area(8, 8, 10, 9)
    assert Area(10, 0, 20, 5).within(10, 10) is None
    assert Area(5, 5, 5, 9).within(10, 10) is None


def test_areas_of_a_frame_are_those_for_all_and_its_own():
    everywhere, second = Mask(Area(0, 0, 2, 2), "device"), Mask(Area(4, 4, 6, 6), "text", frame=1)
    masks = [second, everywhere, everywhere]
    assert areas_of_frame(masks, 0, 10, 10) == (everywhere.area,)
    assert areas_of_frame(masks, 1, 10, 10) == (everywhere.area, second.area)
    assert areas_of_frame(masks, 1, 3, 3) == (everywhere.area,)


def test_the_smallest_blocks_around_an_area():
    assert Area(3, 9, 17, 16).aligned(8, 8) == Area(0, 8, 24, 16)
    assert Area(8, 8, 16, 16).aligned(8, 8) == Area(8, 8, 16, 16)


def test_a_rectangle_drawn_as_a_polygon_is_one_area():
    assert strips([(2, 3), (9, 3), (9, 7), (2, 7)]) == [Area(2, 3, 10, 8)]


def test_a_triangle_covers_its_inside_and_every_pixel_its_outline_touches():
    covered = pixels(strips([(0, 0), (10, 0), (0, 10)]))
    assert {(0, 0), (10, 0), (0, 10), (5, 5), (3, 3)} <= covered
    assert (9, 9) not in covered
    assert (7, 5) not in covered


def test_a_polygon_with_a_notch_leaves_the_notch_out():
    covered = pixels(strips([(0, 0), (20, 0), (20, 10), (15, 10), (15, 4), (5, 4), (5, 10), (0, 10)]))
    assert {(2, 9), (18, 9), (10, 2), (5, 10), (15, 10)} <= covered
    assert (10, 8) not in covered


@pytest.mark.parametrize("polygon", [[], [(3, 3)], [(3, 3), (6, 3)], [(3, 9), (3, 2)]])
def test_points_and_lines_cover_themselves(polygon):
    assert set(polygon) <= pixels(strips(polygon))


def test_a_polygon_far_beyond_any_image_costs_nothing():
    assert strips([(0, -(1 << 60)), (5, 1 << 60), (0, 1 << 60)])


def test_a_description_reads_what_the_object_says():
    found = describe(t00281050=b"40\\80 ", t00281051=b"400\\200 ", t00281052=b"-1024 ", t00280008=b"3 ")
    assert (found.rows, found.columns, found.frames, found.bits_stored, found.is_signed) == (4, 6, 3, 12, True)
    assert found.windows == ((40.0, 400.0), (80.0, 200.0))
    assert (found.slope, found.intercept) == (1.0, -1024.0)
    assert (found.frame_size, found.native_size) == (48, 144)


def test_big_endian_numbers():
    values = {tag: value[::-1] if len(value) == 2 else value for tag, value in CT.items()}
    assert described(values, transfer_syntax_uid="1.2.840.10008.1.2.2", little=False).columns == 6


@pytest.mark.parametrize(
    "changes",
    [
        {"t00280010": b"\0\0"},
        {"t00280010": None},
        {"t00280011": b"\6\0\6\0"},
        {"t00280008": b"0"},
        {"t00280008": b"-1"},
        {"t00280008": b"99999999"},
        {"t00280008": b"9" * 300},
        {"t00280008": b"two"},
        {"t00280002": b"\3\0"},
        {"t00280004": b"WORDS"},
        {"t00280100": b"\x0c\0"},
        {"t00280101": b"\x11\0"},
        {"t00280101": b"\0\0"},
        {"t00280102": b"\3\0"},
        {"t00280006": b"\2\0"},
    ],
)
def test_what_cannot_be_is_refused(changes):
    with pytest.raises(Refused) as refused:
        describe(**changes)
    assert refused.value.reason == "pixel-description"


def test_windows_that_are_no_numbers_are_as_good_as_none():
    assert describe(t00281050=b"nan", t00281051=b"inf").windows == ()
    assert describe(t00281050=b"\xff\xfe", t00281051=b"400").windows == ()


def test_the_darkest_color_of_a_palette_is_found():
    entries = [struct.pack("<4H", *values) for values in ((9000, 7, 65535, 8), (9000, 0, 65535, 8), (0, 9, 65535, 8))]
    palette = {0x00281101 + number: struct.pack("<3H", 4, 2, 16) for number in range(3)}
    palette |= {0x00281201 + number: entry for number, entry in enumerate(entries)}
    values = CT | {0x00280004: b"PALETTE COLOR "} | palette
    assert described(values, transfer_syntax_uid=SYNTAX, little=True).darkest == 3


def test_sizes_of_single_bits_and_of_half_chroma():
    bits = Description(rows=3, columns=3, bits_allocated=1, bits_stored=1, high_bit=0, frames=5)
    assert (bits.frame_size, bits.native_size) == (2, 6)
    assert Description(rows=2, columns=4, samples=3, photometric="YBR_FULL_422").frame_size == 16


def test_a_length_that_does_not_fit_is_refused():
    odd = Description(rows=3, columns=3)
    odd.expect_native(9)
    odd.expect_native(10)
    for length in (8, 11, 0):
        with pytest.raises(Refused):
            odd.expect_native(length)
    with pytest.raises(Refused):
        Description(rows=65535, columns=65535).expect_compressed()


def test_what_the_main_process_imports_is_free_of_numpy():
    """Codecs stay in the worker process, which can be killed."""
    names = "areas description fragments codestreams codestreams.strip".split()
    lines = "".join(f"import greycloak.pixels.{name}\n" for name in names)
    found = subprocess.run(
        [sys.executable, "-c", f"import sys\n{lines}print({{'numpy', 'imagecodecs', 'numba'}} & set(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "set()"
