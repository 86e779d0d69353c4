"""Masks in JPEG: flat blocks under them, every other coefficient as it was, and the same bytes wherever they can be."""

from __future__ import annotations

import random
import time
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("imagecodecs")

import imagecodecs

from greycloak.outcomes import Refused
from greycloak.pixels.areas import Area
from greycloak.pixels.description import Description
from greycloak.pixels.worker import entropy
from greycloak.pixels.worker.huffman import STANDARD, HuffmanTable
from greycloak.pixels.worker.jpeg_blocks import mask_jpeg
from greycloak.pixels.worker.jpeg_frames import DHT, SOS, frame_header, scan_components, segments
from greycloak.stream.errors import Malformed

ROWS, COLUMNS = 93, 141
AREA = Area(20, 10, 75, 30)


def picture(seed=1):
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    grey = 127 + 60 * np.sin(columns / 9) + 50 * np.cos(rows / 7)
    noise = np.random.default_rng(seed).normal(0, 12, (ROWS, COLUMNS, 3))
    return (np.stack([grey, grey[::-1], 255 - grey], -1) + noise).clip(0, 255).astype(np.uint8)


def jpeg(*, grey=False, **options):
    file = BytesIO()
    Image.fromarray(picture()[..., 0] if grey else picture()).save(file, "JPEG", **options)
    return file.getvalue()


def description(samples=3, photometric="YBR_FULL_422", **more):
    return Description(rows=ROWS, columns=COLUMNS, samples=samples, photometric=photometric, **more)


GREY = description(1, "MONOCHROME2")


def scans(frame):
    """Yield components, tables and codes of each scan."""
    found = list(segments(frame))
    header = next(filter(None, map(frame_header, found)))
    tables = {}
    for segment, following in pairwise(found):
        if segment.marker == DHT:
            content = segment.content
            while content:
                size = 17 + sum(content[1:17])
                tables[content[0]] = HuffmanTable(tuple(content[1:17]), content[17:size])
                content = content[size:]
        if segment.marker == SOS:
            yield header, scan_components(segment, header), tables, frame[segment.end : following.start]


def coefficients(frame):
    """Decode all coefficients of a frame, one bit after the other: slow, and written without what is tested here."""
    found = {}
    for header, chosen, tables, data in scans(frame):
        words = [
            {(length, code): symbol for symbol, code, length in tables[key].codes()}
            for _, dc, ac in chosen
            for key in (dc, 16 | ac)
        ]
        places = list(block_places(header, [one for one, *_ in chosen]))
        chunks = restart_chunks(data)
        per_chunk = -(-len(places) // len(chunks)) if len(chunks) > 1 else len(places)
        per_mcu = 1 if len(chosen) == 1 else sum(one.across * one.down for one, *_ in chosen)
        per_chunk = -(-per_chunk // per_mcu) * per_mcu
        for number, chunk in enumerate(chunks):
            bits = "".join(f"{byte:08b}" for byte in chunk.replace(b"\xff\0", b"\xff"))
            pos, last = 0, [0] * len(chosen)
            for index, row, column in places[number * per_chunk : (number + 1) * per_chunk]:
                block = [0] * 64
                size, pos = next_symbol(bits, pos, words[2 * index])
                value, pos = next_number(bits, pos, size)
                last[index] += value
                block[0] = last[index]
                k = 1
                while k < 64:
                    symbol, pos = next_symbol(bits, pos, words[2 * index + 1])
                    if not symbol:
                        break
                    k += symbol >> 4
                    block[k], pos = next_number(bits, pos, symbol & 15)
                    k += 1
                found[chosen[index][0].number, row, column] = tuple(block)
    return found


def restart_chunks(data):
    chunks, start = [], 0
    for at in range(len(data) - 1):
        if data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7:
            chunks.append(data[start:at])
            start = at + 2
    return [*chunks, data[start:]]


def next_symbol(bits, pos, words):
    for length in range(1, 17):
        symbol = words.get((length, int(bits[pos : pos + length], 2)))
        if symbol is not None:
            return symbol, pos + length
    raise AssertionError


def next_number(bits, pos, size):
    if not size:
        return 0, pos
    value = int(bits[pos : pos + size], 2)
    return value - (0 if value >> (size - 1) else (1 << size) - 1), pos + size


def block_places(header, chosen):
    if len(chosen) == 1:
        width, height = header.blocks_of(chosen[0])
        yield from ((0, row, column) for row in range(height) for column in range(width))
        return
    across, down = header.mcus()
    for mcu in range(across * down):
        for index, one in enumerate(chosen):
            for y in range(one.down):
                for x in range(one.across):
                    yield index, mcu // across * one.down + y, mcu % across * one.across + x


def under_the_mask(frame, area):
    """Return which blocks touch the area."""
    header = next(scans(frame))[0]
    found = set()
    for number, row, column in coefficients(frame):
        one = next(component for component in header.components if component.number == number)
        width, height = 8 * header.across // one.across, 8 * header.down // one.down
        if Area(column * width, row * height, (column + 1) * width, (row + 1) * height).touches(area):
            found.add((number, row, column))
    return found


def check(frame, new, area):
    """Insist that blocks under the mask are flat, and all others the same."""
    before, after, hit = coefficients(frame), coefficients(new), under_the_mask(frame, area)
    assert before.keys() == after.keys()
    assert {where for where in before if before[where] != after[where]} <= hit
    for number in {number for number, *_ in hit}:
        flat = {after[where] for where in hit if where[0] == number}
        assert len(flat) == 1
        assert not any(flat.pop()[1:])


VARIANTS = [
    (GREY, {"grey": True}),
    (GREY, {"grey": True, "optimize": True, "quality": 20}),
    (description(), {"subsampling": 0}),
    (description(), {"subsampling": 1, "optimize": True}),
    (description(), {"subsampling": 2, "quality": 95}),
    (description(), {"subsampling": 2, "restart_marker_blocks": 3}),
    (description(), {"subsampling": 0, "restart_marker_rows": 1}),
]
NAMES = "grey grey-optimized 444 422-optimized 420 420-restarts 444-restart-rows".split()


@pytest.mark.parametrize(("said", "options"), VARIANTS, ids=NAMES)
def test_blocks_under_the_mask_are_flat_and_all_other_coefficients_the_same(said, options):
    frame = jpeg(**options)
    new = mask_jpeg(said, frame, [AREA])
    check(frame, new, AREA)
    decoded = np.array(Image.open(BytesIO(new)))[10:30, 20:75]
    assert decoded.max() <= 2


@pytest.mark.parametrize(("said", "options"), VARIANTS[1:6:2], ids=NAMES[1:6:2])
def test_python_alone_writes_the_same_bytes_as_what_is_compiled(said, options, monkeypatch):
    frame = jpeg(**options)
    new = mask_jpeg(said, frame, [AREA])
    monkeypatch.setattr(entropy, "compiled", lambda: None)
    assert mask_jpeg(said, frame, [AREA]) == new


def test_without_a_masked_block_every_byte_is_the_same():
    frame = jpeg()
    assert mask_jpeg(description(), frame, []) == frame
    assert mask_jpeg(description(), frame + b"SECRET", []) == frame


def test_restart_intervals_without_a_mask_and_all_headers_are_the_same_bytes():
    frame = jpeg(subsampling=0, restart_marker_rows=1)
    new = mask_jpeg(description(), frame, [AREA])
    old_scan, new_scan = (next(scans(data))[3] for data in (frame, new))
    assert frame[: frame.index(old_scan)] == new[: new.index(new_scan)]
    old_chunks, new_chunks = restart_chunks(old_scan), restart_chunks(new_scan)
    changed = [number for number, pair in enumerate(zip(old_chunks, new_chunks, strict=True)) if pair[0] != pair[1]]
    assert changed == [1, 2, 3]


def test_a_mask_that_reaches_the_edge_goes_on_into_the_padding():
    frame = jpeg(subsampling=2)
    new = mask_jpeg(description(), frame, [Area(100, 80, COLUMNS, ROWS)])
    after = coefficients(new)
    header = next(scans(frame))[0]
    across, down = header.mcus()
    assert not any(after[header.components[0].number, 2 * down - 1, 2 * across - 1][1:])


@pytest.mark.parametrize(("photometric", "value"), [("MONOCHROME2", 0), ("MONOCHROME1", 255)])
def test_black_is_what_a_viewer_shows_as_black(photometric, value):
    new = mask_jpeg(description(1, photometric), jpeg(grey=True, quality=30), [AREA])
    assert set(np.array(Image.open(BytesIO(new)))[10:30, 20:75].reshape(-1)) == {value}


def test_rgb_without_a_color_transform_is_black_in_all_components():
    frame = jpeg(keep_rgb=True)
    new = mask_jpeg(description(3, "RGB"), frame, [AREA])
    assert np.array(Image.open(BytesIO(new)))[10:30, 20:75].max() == 0


def with_tables(frame, change):
    """Return a frame whose tables are others, and whose codes fit them."""
    import greycloak.pixels.worker.jpeg_blocks as blocks  # noqa: PLC0415

    state = blocks._State(GREY, [])
    pieces = []
    for segment, following in pairwise(segments(frame)):
        if segment.marker == DHT:
            blocks._take(state, segment)
            state.written = {key: change(key, table) for key, table in state.tables.items()}
        elif segment.marker == SOS:
            tables = b"".join(table.segment(*key) for key, table in state.written.items())
            pieces += [tables, *blocks._new_scan(state, segment, frame[segment.end : following.start])]
        else:
            blocks._take(state, segment)
            pieces.append(frame[segment.start : segment.end])
    return b"\xff\xd8" + b"".join(pieces) + b"\xff\xd9"


def used_dc(frame):
    """Return the sizes of differences that a frame has."""
    last, sizes = 0, set()
    for _, block in sorted(coefficients(frame).items()):
        sizes.add(abs(block[0] - last).bit_length())
        last = block[0]
    return sizes


def test_a_table_that_lacks_a_code_gets_one_more_and_the_other_codes_stay():
    frame = jpeg(grey=True, optimize=True, quality=12)
    tables = next(scans(frame))[2]
    new = mask_jpeg(GREY, frame, [Area(100, 40, 120, 60)])
    bright = mask_jpeg(description(1, "MONOCHROME1"), frame, [AREA, Area(100, 40, 120, 60)])
    for changed in (new, bright):
        after = next(scans(changed))[2]
        assert all(set(tables[key].codes()) <= set(after[key].codes()) for key in tables)
    needed = used_dc(bright) - used_dc(frame)
    assert needed <= set(next(scans(bright))[2][0].symbols)


def test_a_table_without_room_is_replaced_and_every_block_written_anew():
    crowded = HuffmanTable((0, *[1] * 13, 1, 3), bytes((0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29)))
    assert crowded.with_symbol(9) is None or crowded.with_symbol(9).counts != crowded.counts
    full = HuffmanTable((0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), bytes((0, 1, 2, 3, 4, 5, *range(20, 31))))
    assert full.with_symbol(9) is None
    frame = with_tables(jpeg(grey=True, quality=12), lambda key, table: full if key == (0, 0) else table)
    assert max(used_dc(frame)) <= 5
    area = Area(40, 40, 60, 60)
    new = mask_jpeg(GREY, frame, [area])
    if 0 in next(scans(new))[2] and next(scans(new))[2][0] != full:
        assert next(scans(new))[2][0] == STANDARD[0]
    check(frame, new, area)


def test_room_in_a_table_never_takes_the_code_of_ones():
    table = STANDARD[0]
    for symbol in range(12, 16):
        table = table.with_symbol(symbol)
        longest = max(length for *_, length in table.codes())
        assert all(code != (1 << longest) - 1 for _, code, length in table.codes() if length == longest)
        assert set(STANDARD[0].codes()) <= set(table.codes())


def test_scans_of_single_components():
    frame = jpeg(subsampling=2)
    single = single_scans(frame)
    assert coefficients_in_image(single) == coefficients_in_image(frame)
    new = mask_jpeg(description(), single, [AREA])
    check(single, new, AREA)


def coefficients_in_image(frame):
    """Without blocks of the padding, which scans of single components do not have."""
    header = next(scans(frame))[0]
    sizes = {one.number: header.blocks_of(one) for one in header.components}
    return {
        where: block
        for where, block in coefficients(frame).items()
        if where[2] < sizes[where[0]][0] and where[1] < sizes[where[0]][1]
    }


def single_scans(frame):
    """Return the same image with a scan for each component."""
    header, chosen, tables, _ = next(scans(frame))
    blocks = coefficients_in_image(frame)
    out = [frame[: frame.index(b"\xff\xda")]]
    for one, dc, ac in chosen:
        width, height = header.blocks_of(one)
        words = [{symbol: (code, length) for symbol, code, length in tables[key].codes()} for key in (dc, 16 | ac)]
        bits, last = [], 0
        for row in range(height):
            for column in range(width):
                block = blocks[one.number, row, column]
                emit(bits, words[0], 0, block[0] - last)
                last = block[0]
                run = 0
                for value in block[1:]:
                    if not value:
                        run += 1
                        continue
                    while run > 15:
                        emit(bits, words[1], 0xF0, 0)
                        run -= 16
                    emit(bits, words[1], run << 4, value)
                    run = 0
                if run:
                    emit(bits, words[1], 0, 0)
        text = "".join(bits)
        text += "1" * (-len(text) % 8)
        codes = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")
        out.append(b"\xff\xda\0\x08\1" + bytes([one.number, dc << 4 | ac]) + b"\0\x3f\0" + codes)
    return b"".join(out) + b"\xff\xd9"


def emit(bits, words, symbol, value):
    size = abs(value).bit_length()
    code, length = words[symbol | size]
    bits.append(f"{code:0{length}b}")
    if size:
        bits.append(f"{value if value > 0 else value + (1 << size) - 1:0{size}b}")


@pytest.mark.parametrize(
    ("said", "frame"),
    [
        (description(), jpeg(progressive=True)),
        (GREY, jpeg(grey=True).replace(b"\xff\xc0", b"\xff\xc9")),
        (GREY, jpeg(grey=True).replace(b"\xff\xc0", b"\xff\xc3")),
        (description(1, "PALETTE COLOR"), jpeg(grey=True)),
    ],
)
def test_what_cannot_be_changed_in_place_is_refused(said, frame):
    with pytest.raises(Refused) as refused:
        mask_jpeg(said, frame, [AREA])
    assert refused.value.reason == "pixel-codec"


def test_another_image_than_the_object_says_is_refused():
    for said in (GREY, Description(rows=ROWS + 1, columns=COLUMNS, samples=3, photometric="RGB")):
        with pytest.raises(Refused) as refused:
            mask_jpeg(said, jpeg(), [AREA])
        assert refused.value.reason == "pixel-description"


def test_codes_cut_short_are_malformed():
    frame = jpeg(grey=True)
    for cut in (len(frame) // 2, len(frame) - 40):
        with pytest.raises(Malformed):
            mask_jpeg(GREY, frame[:cut], [AREA])
    gigantic = frame.replace(ROWS.to_bytes(2, "big") + COLUMNS.to_bytes(2, "big"), b"\xff\xdc\xff\xdc")
    with pytest.raises(Malformed):
        mask_jpeg(Description(rows=0xFFDC, columns=0xFFDC), gigantic, [AREA])


def test_twelve_bits_of_extended_jpeg_are_black_under_the_mask_and_the_same_elsewhere():
    deep = (picture()[..., 0].astype(np.uint16) << 4) + 7
    frame = imagecodecs.jpeg_encode(deep, level=90, bitspersample=12)
    said = description(1, "MONOCHROME2", bits_allocated=16, bits_stored=12, high_bit=11)
    new = mask_jpeg(said, frame, [AREA])
    check(frame, new, AREA)
    before, after = imagecodecs.jpeg_decode(frame), imagecodecs.jpeg_decode(new)
    assert after[10:30, 20:75].max() == 0
    assert np.array_equal(before[32:], after[32:])


def test_sums_of_differences_beyond_what_a_table_can_say_are_malformed_and_do_not_hang():
    greatest = HuffmanTable((0, 2, *[0] * 14), bytes((15, 0)))
    start = jpeg(grey=True)
    start = start[: start.index(b"\xff\xc4")]
    codes = "".join("00" + "1" * 15 + "00" for _ in range(18 * 12))
    data = int(codes, 2).to_bytes(len(codes) // 8, "big").replace(b"\xff", b"\xff\0")
    tables = greatest.segment(0, 0) + HuffmanTable((0, 1, *[0] * 14), b"\0").segment(1, 0)
    frame = start + tables + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + data + b"\xff\xd9"
    assert mask_jpeg(GREY, frame, []) == frame
    with pytest.raises(Malformed):
        mask_jpeg(GREY, frame, [AREA])


def test_a_marker_among_codes_or_a_precision_that_cannot_be_is_malformed():
    frame = jpeg(grey=True)
    middle = frame.index(b"\xff\xda") + 400
    for damaged in (
        frame[:middle] + b"\xff\x01" + frame[middle:],
        frame.replace(b"\xff\xc0\0\x0b\x08", b"\xff\xc0\0\x0b\0"),
        frame.replace(b"\xff\xc0\0\x0b\x08", b"\xff\xc0\0\x0b\xff"),
    ):
        with pytest.raises(Malformed):
            mask_jpeg(GREY, damaged, [AREA])


@pytest.mark.parametrize("compiled", [True, False])
def test_damaged_frames_end_soon_and_never_otherwise_than_refused_or_malformed(compiled, monkeypatch):
    if not compiled:
        monkeypatch.setattr(entropy, "compiled", lambda: None)
    dice = random.Random(7)
    frames = [(GREY, jpeg(grey=True)), (description(), jpeg(restart_marker_blocks=3)), (description(), jpeg())]
    start, ended = time.monotonic(), 0
    for _ in range(400 if compiled else 60):
        said, frame = dice.choice(frames)
        damaged = bytearray(frame[: dice.choice((len(frame), dice.randrange(len(frame))))])
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(min(len(damaged), dice.choice((700, len(frame)))) or 1)
            if at < len(damaged):
                damaged[at] = dice.choice((0, 1, 0x7F, 0xFF, dice.randrange(256)))
        try:
            mask_jpeg(said, bytes(damaged), [AREA])
        except (Malformed, Refused):
            ended += 1
    assert ended > 10
    assert time.monotonic() - start < 30
