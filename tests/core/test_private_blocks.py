"""Blocks of makers inside of private attributes: cleaned by their format, or searched in every encoding."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import re
import struct
import time
import zipfile
import zlib

import pytest

from greycloak.actions.private import clean_block
from greycloak.text.findings import Finding
from private_blocks import PROTOCOL, Field, csa_fields, csa_header, ge_protocol
from raw_elements import EXPLICIT, IMPLICIT, explicit, implicit, one_item, with_element
from support import decode, make_engine

NAMES = re.compile(r"doe|jonathan|müller|山田", re.IGNORECASE)
IMAGE = [
    Field("EchoLinePosition", ["64"], "IS"),
    Field("NumberOfImagesInMosaic", ["4"], "US"),
    Field("SliceNormalVector", ["0.00000000", "0.00523632", "0.99998629"]),
    Field("MosaicRefAcqTimes", ["0.0", "1000.0", "500.0", "1500.0"]),
    Field("BandwidthPerPixelPhaseEncode", ["19.055"]),
    Field("ICE_Dims", ["X_1_1_1_1_1_1_48_1_1_1_1_201"], "LO"),
    Field("ImageHistory", ["ChannelMixing:ND=true_CMM=1", "by Doe", "CC:ComplexAdd"], "LO"),
    Field("DataFileName", ["/home/doe/meas.dat"], "LO"),
    Field("UsedPatientWeight", ["72"], "IS"),
    Field("B_value", ["Doe"], "IS"),
    Field("PatientName", ["Doe^Jonathan"], "LO"),
    Field("Doe^Jonathan", ["1"], "LO"),
]


def find(text):
    return [Finding(found.start(), found.end(), "name") for found in NAMES.finditer(text)]


def test_a_csa_header_keeps_what_measures_the_image_and_nothing_between():
    cleaned = clean_block(csa_header(*IMAGE))
    assert not NAMES.search(cleaned.decode("latin-1"))
    assert csa_fields(cleaned) == {
        "EchoLinePosition": ["64"],
        "NumberOfImagesInMosaic": ["4"],
        "SliceNormalVector": ["0.00000000", "0.00523632", "0.99998629"],
        "MosaicRefAcqTimes": ["0.0", "1000.0", "500.0", "1500.0"],
        "BandwidthPerPixelPhaseEncode": ["19.055"],
        "ICE_Dims": ["X_1_1_1_1_1_1_48_1_1_1_1_201"],
        "ImageHistory": ["ChannelMixing:ND=true_CMM=1", "CC:ComplexAdd"],
    }
    assert clean_block(cleaned) == cleaned


def test_slice_times_that_are_times_of_day_go():
    assert clean_block(csa_header(Field("MosaicRefAcqTimes", ["73379925.0", "73380925.0"]))) is None


def test_the_protocol_of_a_csa_header_keeps_its_measurements():
    cleaned = clean_block(csa_header(Field("UsedPatientWeight", ["72"]), Field("MrPhoenixProtocol", [PROTOCOL], "UN")))
    fields = csa_fields(cleaned)
    assert list(fields) == ["MrPhoenixProtocol"]
    assert fields["MrPhoenixProtocol"][0].splitlines() == [
        "### ASCCONV BEGIN ###",
        "ulVersion\t = \t0xbee332",
        'tSequenceFileName\t = \t""%SiemensSeq%\\ep2d_diff""',
        'sProtConsistencyInfo.tBaselineString\t = \t""N4_VB17A_LATEST_20090307""',
        "sKSpace.lBaseResolution\t = \t64",
        "sKSpace.ucPhasePartialFourier\t = \t0x10",
        "sKSpace.lPhaseEncodingLines\t = \t64",
        "sFastImaging.lEchoSpacing\t = \t560",
        "sSliceArray.lSize\t = \t4",
        "sSliceArray.asSlice[0].sPosition.dTra\t = \t-75.0976409",
        "sPat.lAccelFactPE\t = \t2",
        "alTE[0]\t = \t80000",
        'sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID\t = \t""Head_32""',
        "### ASCCONV END ###",
    ]


def test_a_protocol_may_stand_alone():
    cleaned = clean_block(PROTOCOL.encode())
    assert b"lEchoSpacing\t = \t560" in cleaned
    assert not NAMES.search(cleaned.decode())
    assert clean_block(cleaned) == cleaned
    assert clean_block(b"### ASCCONV BEGIN ###\nDoe\n") is None


def test_what_is_known_goes_even_if_its_form_is_right():
    protocol = PROTOCOL.replace("ep2d_diff", "ep2d_doe").replace("Head_32", "Jonathan_1")
    cleaned = clean_block(csa_header(Field("MrPhoenixProtocol", [protocol]), Field("CoilString", ["DOE"])), find)
    assert not NAMES.search(cleaned.decode("latin-1"))
    assert "SequenceFileName" not in cleaned.decode("latin-1")
    assert "CoilString" not in csa_fields(cleaned)


def test_a_broken_csa_header_goes():
    whole = csa_header(*IMAGE)
    rng = random.Random(1)
    for size in range(0, len(whole) - 12, 97):
        assert clean_block(whole[:size]) in {None, whole[:size]} if size < 4 else clean_block(whole[:size]) is None
    for _ in range(300):
        at = rng.randrange(4, len(whole))
        cleaned = clean_block(whole[:at] + rng.randbytes(4) + whole[at + 4 :])
        assert cleaned is None or not NAMES.search(cleaned.decode("latin-1"))


def test_ge_s_protocol_keeps_the_order_of_slices():
    text = (
        '\nset SLICEORDER "1"\nset PATNAME "Doe^Jonathan"\nset SEDESC "Doe head"\nset MBACCEL "2"\nset NOSLC "40"\n'
        'set DELACQ "Minimum"\nset IOPT "EDR, MPh, ASSET, Doe"\nset PSEQ "epi"\nset VIEWORDER "Doe"\n'
    )
    cleaned = clean_block(ge_protocol(text), find)
    length = struct.unpack_from("<L", cleaned)[0]
    assert length == len(cleaned) - 4
    kept = gzip.decompress(cleaned[4:]).decode()
    assert kept == '\nset SLICEORDER "1"\nset MBACCEL "2"\nset NOSLC "40"\nset DELACQ "Minimum"\nset PSEQ "epi"\n'
    assert clean_block(cleaned) == cleaned


@pytest.mark.parametrize(
    "block",
    [
        ge_protocol('<?xml version="1.0"?><Patient name="Doe"/>'),
        ge_protocol('set SLICEORDER "1"')[:-12],
        b"\1\2\3\4\x1f\x8b\x08nothing",
    ],
    ids=["xml", "cut", "no gzip"],
)
def test_a_protocol_of_ge_that_cannot_be_read_goes(block):
    assert clean_block(block) is None


@pytest.mark.parametrize("codec", ["ascii", "utf-8", "latin-1", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shift", [0, 1])
def test_a_block_of_any_other_format_is_searched_in_every_encoding(codec, shift):
    name = "Müller" if codec != "ascii" else "Jonathan"
    block = b"\x01" * (8 + shift) + name.encode(codec) + b"\x02\x00\xff\xfe" + bytes(range(256))
    cleaned = clean_block(block, find)
    assert len(cleaned) == len(block)
    assert name.encode(codec) not in cleaned
    assert cleaned[: 8 + shift] == block[: 8 + shift]
    assert cleaned.endswith(bytes(range(256)))
    assert clean_block(cleaned, find) == cleaned


def test_an_encoding_of_the_object_alone_is_searched_too():
    for codec, name in (("shift_jis", "山田"), ("gb18030", "山田"), ("iso2022_jp", "山田")):
        assert clean_block(b"\x01\x02" + name.encode(codec) + b"\0", find, codec=codec) is None
        assert clean_block(b"\x01\x02fine\0", find, codec=codec) == b"\x01\x02fine\0"


def zipped(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.xml", text)
    return buffer.getvalue()


def small_window(text):
    machine = zlib.compressobj(wbits=10)
    return machine.compress(text) + machine.flush()


PACKERS = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zlib, small window": small_window,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "gzip in zlib": lambda text: zlib.compress(b"behind" + gzip.compress(text)),
    "broken off": lambda text: zlib.compress(text + random.Random(1).randbytes(4000))[:-900],
}


@pytest.mark.parametrize("packer", PACKERS)
def test_compressed_streams_are_searched(packer):
    for text, stays in ((b"patient Jonathan Doe, " * 9, False), (b"nobody is in here, " * 9, True)):
        block = bytes(50) + b"head" + PACKERS[packer](text) + b"tail"
        assert clean_block(block, find) == (block if stays else None), packer


def test_a_stream_that_unfolds_to_too_much_goes():
    bomb = bytes((1 << 26) + 99)
    assert clean_block(zlib.compress(bomb), find) is None
    nested = b"Doe" * 99
    for _ in range(8):
        nested = zlib.compress(nested)
    assert clean_block(nested, find) is None


def test_large_blocks_take_a_time_that_is_proportional_to_their_length():
    def seconds(size):
        block = random.Random(1).randbytes(size)
        started = time.perf_counter()
        assert clean_block(block, lambda _text: []) in {None, block}
        return time.perf_counter() - started

    seconds(1 << 16)
    assert seconds(1 << 22) < 40 * max(seconds(1 << 19), 0.01)


OWN = ("0029[SIEMENS CSA HEADER]xx",)


@pytest.mark.parametrize("profile", [{"safe": OWN}, {"safe": ("imaging",)}], ids=["own list", "imaging"])
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, "nested"])
def test_a_block_in_an_object_is_cleaned_wherever_it_stands(folder, profile, syntax):
    engine = make_engine(folder, options=["retain-safe-private"], private=profile)
    block = csa_header(*IMAGE)
    write = (
        implicit if syntax == IMPLICIT else lambda tag, value: explicit(tag, "LO" if tag < 0x00291000 else "OB", value)
    )
    raw = write(0x00290010, b"SIEMENS CSA HEADER") + write(0x00291010, block + bytes(len(block) % 2))
    if syntax == "nested":
        data = with_element(0x00082218, explicit(0x00082218, "SQ", one_item(raw)))
    else:
        data = with_element(0x00290010, raw, syntax)
    outcome = engine.deidentify(data)
    held = decode(outcome.to_bytes())
    held = held[0x00082218][0] if syntax == "nested" else held
    assert csa_fields(bytes(held[0x00291010].value))["NumberOfImagesInMosaic"] == ["4"]
    assert b"Doe" not in outcome.to_bytes()


def test_a_block_that_cannot_be_cleaned_goes_with_a_note(folder):
    engine = make_engine(folder, options=["retain-safe-private"], private={"safe": ("imaging",)})
    raw = explicit(0x00290010, "LO", b"SIEMENS CSA HEADER") + explicit(0x00291010, "OB", b"SV10 Doe^Jonathan ")
    outcome = engine.deidentify(with_element(0x00290010, raw))
    assert "not-cleaned: 0029,1010" in outcome.notes
    assert 0x00291010 not in decode(outcome.to_bytes())
