"""Whatever hides in a DICOM file ends there: something is planted in every place that docs/disarm.md names."""

from __future__ import annotations

import struct
import time

import pytest

from greycloak import Deidentified, Quarantined
from greycloak.files import read_file
from greycloak.stream.encoding import EXPLICIT_LITTLE
from greycloak.stream.inside import leaves_inside
from malformed import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    PIXELS,
    REGION,
    UNDEFINED,
    body,
    deflated,
    element,
    end_of_item,
    end_of_sequence,
    fragments,
    header,
    image,
    item,
    jpeg,
    meta,
    open_item,
    open_sequence,
)
from support import decode, make_engine, refused

PAYLOAD = b"MZ\x90payload!"
ELF = b"\x7fELF\x02\x01\x01\0" + b"payload!" * 15


def with_reserved(raw):
    return raw[:6] + b"MZ" + raw[8:]


def long_meta():
    """Return file meta information with a private element and one that nobody knows."""
    content = element(0x00020102, "OB", PAYLOAD + b"\0") + element(0x00020099, "UT", PAYLOAD)
    return meta(EXPLICIT) + content


def hidden():
    """Return objects by place, each with a payload that its output must not hold."""
    yield "preamble", meta(preamble=ELF[:128].ljust(128, b"\0") + b"DICM") + body()
    yield "TIFF in the preamble", meta(preamble=b"II*\0" + PAYLOAD.ljust(124, b"\0") + b"DICM") + body()
    yield "file meta", long_meta() + body()
    for name, syntax in {"implicit": IMPLICIT, "explicit": EXPLICIT, "big": BIG}.items():
        yield f"group length, {name}", image(syntax, t00100000=element(0x00100000, "OB", PAYLOAD + b"\0", syntax))
        yield f"private blob, {name}", image(syntax, t00291010=element(0x00291010, "OB", PAYLOAD + b"\0", syntax))
        yield (
            f"private block without a creator, {name}",
            image(syntax, t00291010=element(0x00291010, "UN", PAYLOAD, syntax)),
        )
        yield f"unknown element, {name}", image(syntax, t00287777=element(0x00287777, "OB", PAYLOAD + b"\0", syntax))
        yield f"overlay, {name}", image(syntax, t60003000=element(0x60003000, "OW", PAYLOAD + b"\0", syntax))
        yield f"curve, {name}", image(syntax, t50003000=element(0x50003000, "OW", PAYLOAD + b"\0", syntax))
        yield f"foreign blob, {name}", image(syntax, t00420011=element(0x00420011, "OB", PAYLOAD + b"\0", syntax))
        yield f"trailing padding, {name}", image(syntax) + element(0xFFFCFFFC, "OB", PAYLOAD + b"\0", syntax)
        yield f"behind the data set, {name}", image(syntax) + PAYLOAD
        yield f"an archive behind, {name}", image(syntax) + b"PK\3\4" + PAYLOAD * 9
        yield f"commands, {name}", meta(syntax) + element(0x00000900, "UN", PAYLOAD, syntax) + body(syntax)
        yield (
            f"file meta among the elements, {name}",
            meta(syntax) + body(syntax) + element(0x00020102, "UN", PAYLOAD, syntax),
        )
        yield (
            f"second value, {name}",
            image(
                syntax, t00081010=element(0x00081010, "SH", "A", syntax) + element(0x00081010, "SH", PAYLOAD, syntax)
            ),
        )
        yield f"a text in a sequence, {name}", image(syntax, t00082218=element(REGION, "SQ", PAYLOAD, syntax))
        yield f"behind a NUL, {name}", image(syntax, t00080070=element(0x00080070, "LO", b"ACME\0" + PAYLOAD, syntax))
    yield "behind a deflated data set", meta(DEFLATED) + deflated(body()) + PAYLOAD
    yield "in the Region's UN", image(t00082218=element(REGION, "UN", PAYLOAD))


@pytest.mark.parametrize(("place", "data"), list(hidden()), ids=[place for place, _ in hidden()])
def test_what_hides_in_a_file_ends_there(engine, place, data):
    outcome = engine.deidentify(data)
    if isinstance(outcome, Deidentified):
        output = outcome.to_bytes()
        assert b"payload" not in output
        assert output[:128] == bytes(128)
        assert decode(output).PixelData == PIXELS
    else:
        assert "behind" in place or "file meta" in place or "commands" in place


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG])
@pytest.mark.parametrize(("tag", "vr"), [(0x7FE00010, "OW"), (REGION, "SQ"), (0x00281201, "OW"), (0x00340001, "UT")])
def test_reserved_bytes_are_zero(engine, syntax, tag, vr):
    content = {"SQ": item(element(0x00080100, "SH", "T-1", syntax), syntax), "OW": PIXELS}.get(vr, b"")
    data = image(syntax, **{f"t{tag:08X}": with_reserved(element(tag, vr, content, syntax))})
    output = engine.deidentify(data).to_bytes()
    order = ">" if syntax == BIG else "<"
    head = struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    assert head + b"MZ" not in output
    assert (head + b"\0\0" in output) == (tag in {0x7FE00010, REGION, 0x00281201})


def test_delimiters_have_no_length(engine):
    code = element(0x00080100, "SH", "T-1")
    content = item(code, length=UNDEFINED) + end_of_item(length=0x4A424F4E)
    for end in (end_of_sequence(), end_of_sequence(length=0x4A424F4E)):
        output = engine.deidentify(image(t00082218=open_sequence(REGION, content, end=False) + end)).to_bytes()
        assert b"NOBJ" not in output


def test_fragments_need_a_delimiter_without_length(engine):
    packed = header(0x7FE00010, "OB", UNDEFINED) + fragments(jpeg() + b"\0")[:-4] + b"NOBJ"
    assert refused(engine, meta("1.2.840.10008.1.2.4.50") + body(t7FE00010=packed)) == "broken-fragments"


def nested(depth, *, is_open):
    content = element(0x00091002, "LO", "Bergfalk")
    for _ in range(depth):
        content = open_sequence(0x00091001, open_item(content)) if is_open else element(0x00091001, "SQ", item(content))
    return image(t00091001=content)


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("depth", [65, 300, 3000])
def test_removed_sequences_may_nest_as_deep_as_they_like(engine, depth, is_open):
    start = time.monotonic()
    outcome = engine.deidentify(nested(depth, is_open=is_open))
    assert time.monotonic() - start < 5
    assert isinstance(outcome, Deidentified)
    assert b"Bergfalk" not in outcome.to_bytes()


def test_what_is_removed_deep_inside_does_not_stay_elsewhere(engine):
    content = element(0x00091002, "LO", "Zyxwvut")
    for _ in range(200):
        content = element(0x00091001, "SQ", item(content))
    output = decode(engine.deidentify(image(t00091001=content, t00080070=("LO", "by Zyxwvut Inc."))).to_bytes())
    assert "Zyxwvut" not in output.get("Manufacturer", "")


def test_many_empty_items_deep_inside_take_time_once(engine):
    content = item(b"") * 50_000
    for _ in range(60):
        content = open_sequence(0x00091001, content if content.startswith(item(b"")) else open_item(content))
    start = time.monotonic()
    assert isinstance(engine.deidentify(image(t00091001=content)), Deidentified)
    assert time.monotonic() - start < 10


def test_millions_of_elements_are_refused_soon(engine):
    heads = (header(0x00091000 + number % 0xF000 + (number // 0xF000 << 17), "UN", 0) for number in range(200_000))
    start = time.monotonic()
    assert refused(engine, image(t00091001=b"".join(heads))) == "too-large"
    assert time.monotonic() - start < 30


def test_many_changes_at_the_top_are_refused(engine, monkeypatch):
    monkeypatch.setattr("greycloak.stream.splice.MAX_EDITS", 10)
    assert refused(engine, image()) == "too-large"


def test_a_small_file_does_not_unfold_to_gigabytes(engine):
    bomb = meta(DEFLATED) + deflated(body(t7FE00010=("OB", bytes(100 << 20))))
    assert len(bomb) < 1 << 20
    assert refused(engine, bomb) == "too-large"


def test_a_file_of_holes_is_not_read_to_its_end(tmp_path, engine):
    path = tmp_path / "sparse.dcm"
    path.write_bytes(image())
    with path.open("r+b") as file:
        file.truncate(1 << 40)
    start = time.monotonic()
    assert isinstance(engine.deidentify(read_file(path)), Quarantined)
    assert time.monotonic() - start < 5


def test_what_is_inside_items_is_found_once_whatever_it_looks_like():
    inner = item(struct.pack("<HHL", 0x0010, 0x0010, 8) + b"Bergfalk")
    items = item(element(0x00091001, "UN", inner) + element(0x00091002, "UN", inner[:-4]))
    found = {(leaf.tag, items[leaf.start : leaf.stop][:8]) for leaf in leaves_inside(items, EXPLICIT_LITTLE)}
    assert (0x00100010, b"Bergfalk") in found
    assert (0x00091002, inner[:8]) in found


def test_the_engine_keeps_its_limits_while_it_repairs(folder):
    engine = make_engine(folder)
    deep = element(0x00100020, "LO", "x")
    for _ in range(80):
        deep = element(REGION, "SQ", item(deep))
    assert refused(engine, image(t00082218=deep) + b"\n") in {"too-deep", "truncated"}
    many = b"".join(header(0x00091000 + number % 0xF000, "UN", 0) for number in range(1_100_000))
    assert refused(engine, image(t00091001=many)) in {"too-large", "elements-out-of-order"}


@pytest.mark.parametrize("vr", ["UN", "SQ"])
@pytest.mark.parametrize("is_open", [False, True])
def test_what_can_be_read_in_two_encodings_at_every_level_is_read_once_in_each(engine, vr, is_open):
    content = b"\x10\0\x20\0??who knows"
    for _ in range(60):
        wrapped = open_item(content) if is_open else item(content)
        content = open_sequence(REGION, wrapped, vr=vr) if is_open else element(REGION, vr, wrapped)
    start = time.monotonic()
    assert isinstance(engine.deidentify(image(t00082218=content)), Quarantined)
    assert time.monotonic() - start < 5
