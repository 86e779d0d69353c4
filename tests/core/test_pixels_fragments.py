"""Which fragments make a frame, and what becomes of tables when frames change."""

from __future__ import annotations

import struct

import pytest

from greycloak.pixels.codestreams import emptied
from greycloak.pixels.fragments import encapsulated, extended_tables, frames_of, has_offset_table
from greycloak.stream.errors import Malformed

END = b"\xfe\xff\xdd\xe0\0\0\0\0"
ONE, TWO, THREE = (b"\xff\xd8\xff\xdb\0\4" + bytes([number]) * 2 + b"\xff\xd9" for number in (1, 2, 3))
RLE = struct.pack("<16L", 1, 64, *[0] * 14) + b"\0\7"


def packed(*fragments, table=()):
    items = (struct.pack(f"<{len(table)}L", *table), *fragments)
    return b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<L", len(one)) + one for one in items) + END


def frames(value, count, *tables):
    return [[bytes(fragment) for fragment in fragments] for fragments in frames_of(value, count, *tables)]


def test_a_fragment_for_each_frame():
    assert frames(packed(ONE, TWO, THREE), 3) == [[ONE], [TWO], [THREE]]
    assert frames(packed(RLE, RLE), 2) == [[RLE], [RLE]]


def test_one_frame_takes_all_fragments():
    assert frames(packed(ONE[:4], ONE[4:]), 1) == [[ONE[:4], ONE[4:]]]


def test_the_offset_table_says_where_frames_begin():
    value = packed(ONE[:4], ONE[4:], TWO, table=(0, 26))
    assert frames(value, 2) == [[ONE[:4], ONE[4:]], [TWO]]


def test_frames_begin_where_code_streams_begin():
    assert frames(packed(ONE[:4], ONE[4:], TWO), 2) == [[ONE[:4], ONE[4:]], [TWO]]


def test_a_wrong_offset_table_does_not_matter_where_each_fragment_is_a_frame():
    assert frames(packed(ONE, TWO, table=(0, 4)), 2) == [[ONE], [TWO]]


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (packed(ONE, TWO, THREE), 2),
        (packed(ONE[:4], ONE[4:], TWO), 3),
        (packed(RLE, RLE, RLE), 2),
        (packed(ONE[:4], ONE[4:], TWO, table=(0, 14)), 3),
        (packed(RLE, RLE, table=(0, 2)), 2),
        (packed(ONE[:4], ONE[4:], table=(18, 0)), 2),
        (packed(), 1),
        (packed(ONE)[:-8], 1),
        (packed(ONE) + END, 1),
        (packed(ONE)[:10], 1),
        (packed(ONE).replace(b"\x0a\0\0\0", b"\xff\xff\xff\xff"), 1),
        (packed(ONE).replace(b"\x0a\0\0\0", b"\xff\xff\xff\x7f"), 1),
        (END, 1),
        (b"", 1),
    ],
)
def test_fragments_of_which_it_is_not_clear_what_they_are_do_not_pass(value, count):
    with pytest.raises(Malformed) as malformed:
        frames_of(value, count)
    assert malformed.value.reason == "broken-fragments"


def test_the_extended_offset_table_names_frames_and_the_rest_belongs_to_none():
    value = packed(ONE, b"SECRET", TWO)
    tables = struct.pack("<2Q", 0, 18 + 14), struct.pack("<2Q", 10, 9)
    assert frames(value, 2, *tables) == [[ONE], [TWO]]
    for wrong in (
        (struct.pack("<2Q", 0, 18 + 13), tables[1]),
        (tables[0], struct.pack("<2Q", 10, 11)),
        (tables[0][:8], tables[1]),
        (struct.pack("<2Q", 32, 0), tables[1]),
        (tables[0], b""),
    ):
        with pytest.raises(Malformed):
            frames_of(value, 2, *wrong)


def test_there_and_back_is_the_same():
    for value, count in ((packed(ONE, TWO), 2), (packed(ONE[:4], ONE[4:], TWO, table=(0, 26)), 2)):
        again = b"".join(encapsulated(frames_of(value, count), table=has_offset_table(value)))
        assert again == value


def test_odd_fragments_are_padded_and_counted_in_the_table():
    value = b"".join(encapsulated([[b"\xff\xd8\xff"], [b"ab", b"c"], [b"d"]], table=True))
    assert frames(value, 3) == [[b"\xff\xd8\xff\0"], [b"ab", b"c\0"], [b"d\0"]]
    assert extended_tables([[b"abc"], [b"de"]]) == (struct.pack("<2Q", 0, 12), struct.pack("<2Q", 3, 2))


def test_a_fragment_that_belongs_to_no_frame_is_dropped():
    value = packed(ONE, b"SECRET", TWO)
    tables = struct.pack("<2Q", 0, 18 + 14), struct.pack("<2Q", 10, 10)
    found = emptied(value, "1.2.840.10008.1.2.4.50", 2, *tables)
    assert b"".join(found.parts) == packed(ONE, TWO)
    assert found.extended == (struct.pack("<2Q", 0, 18), struct.pack("<2Q", 10, 10))
    before = packed(b"SECRET", ONE, TWO, table=(14, 32))
    assert b"".join(emptied(before, "1.2.840.10008.1.2.4.50", 2).parts) == packed(ONE, TWO, table=(0, 18))


def test_a_fragment_behind_the_end_of_the_image_is_dropped():
    assert b"".join(emptied(packed(ONE, b"SECRET"), "1.2.840.10008.1.2.4.50", 1).parts) == packed(ONE)
