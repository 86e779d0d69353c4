"""The list ``imaging``: private attributes that conversion needs stay, if they hold what the list says."""

from __future__ import annotations

import struct
from itertools import groupby

import pytest
from pydicom.uid import ExplicitVRBigEndian

from greycloak import Deidentified, load_profile
from greycloak.profiles import ProfileError, parse_profile
from greycloak.standard.imaging import IMAGING_SECTION, imaging_private
from greycloak.standard.private import PrivateName, safe_private
from greycloak.statement import statement
from private_blocks import PROTOCOL, Field, csa_header, ge_protocol
from raw_elements import EXPLICIT, IMPLICIT, SECRET, explicit, implicit, with_element
from support import ct, decode, encode, make_engine

MR = "1.2.840.10008.5.1.4.1.1.4"
FORMATS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "US": "H"}
BLOCKS = {
    PrivateName(0x0029, 0x10, "SIEMENS CSA HEADER"): csa_header(Field("B_value", ["1000"], "IS")),
    PrivateName(0x0029, 0x20, "SIEMENS CSA HEADER"): csa_header(Field("MrPhoenixProtocol", [PROTOCOL])),
    PrivateName(0x0025, 0x1B, "GEMS_SERS_01"): ge_protocol('set SLICEORDER "1"'),
}
TEXTS = ["64p*64", "Tra>Cor(-0.3)", "T:HEA;HEP", "p2s4", "SE", "SK", "FS", "X_1_1_1_1", "M", "epi", "PSEUDOCONTINUOUS",
         "3D pulsed continuous ASL technique", "960.5", "1", "High", "3D", "CS_SENSE_AI", "LABEL", "TRANSVERSAL", "AP",
         "Y", "F:2S"]  # fmt: skip


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder, options=["retain-safe-private"], private={"safe": ("imaging",)})


def good_value(name, known):
    """Return a value that the list allows."""
    if known.values == "items":
        return b""
    if known.values == "block":
        return BLOCKS.get(name, PROTOCOL.encode())
    count = int(known.vm[0])
    if known.pattern:
        return next(text for text in TEXTS if known.pattern.fullmatch(text)).encode()
    low, high = known.bounds
    number = max(low, min(high, 1))
    if known.vr in FORMATS:
        return struct.pack(f"<{FORMATS[known.vr]}", number if known.vr in {"FD", "FL"} else int(number)) * count
    return b"\\".join([b"%d" % number] * count)


def element(tag, vr, value, syntax=EXPLICIT):
    value += (b" " if vr in {"CS", "DS", "IS", "LO", "SH"} else b"\0") * (len(value) % 2)
    return implicit(tag, value) if syntax == IMPLICIT else explicit(tag, vr, value)


def image(name, vr, value, syntax=EXPLICIT):
    creator, tag = name.group << 16 | 0x10, name.group << 16 | 0x1000 | name.element
    raw = element(creator, "LO", name.creator.encode(), syntax) + element(tag, vr, value, syntax)
    return with_element(creator, raw, syntax), tag


def left_of(engine, name, vr, value, syntax=EXPLICIT):
    data, tag = image(name, vr, value, syntax)
    outcome = engine.deidentify(data)
    assert isinstance(outcome, Deidentified), outcome
    return decode(outcome.to_bytes()).get(tag)


def test_each_row_says_why_and_where_from_and_repeats_no_row_of_the_standard():
    assert len(imaging_private()) > 100
    assert not set(imaging_private()) & set(safe_private())
    for name, known in imaging_private().items():
        assert name.group % 2 == 1
        assert known.meaning
        assert known.reason
        assert known.source
        assert known.bounds or known.pattern or known.values in {"block", "items"}, name
        assert (known.vr == "OB") == (known.values == "block"), name


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT], ids=["explicit", "implicit"])
def test_each_attribute_of_the_list_stays_with_a_value_that_it_may_have(engine, syntax):
    for group, in_group in groupby(sorted(imaging_private()), key=lambda name: name.group):
        for name in in_group:
            known = imaging_private()[name]
            value = good_value(name, known)
            found = left_of(engine, name, known.vr, value, syntax)
            assert found is not None, (f"{group:04x}", name, known)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT], ids=["explicit", "implicit"])
def test_no_attribute_of_the_list_stays_with_anything_else(engine, syntax):
    for name, known in imaging_private().items():
        if known.values == "items":
            continue
        for value in (SECRET, b"Doe^Jonathan", b"1.2.3.4.2 ", b"nan\\inf"):
            found = left_of(engine, name, known.vr, value, syntax)
            is_number = known.bounds and value[:1].isdigit()
            assert found is None or is_number, (name, value)


def test_numbers_out_of_range_or_of_another_count_go(engine):
    mosaic = PrivateName(0x0019, 0x0A, "SIEMENS MR HEADER")
    times = PrivateName(0x0019, 0x29, "SIEMENS MR HEADER")
    for number, stays in ((50, True), (4096, True), (4097, False), (0, False)):
        assert (left_of(engine, mosaic, "US", struct.pack("<H", number)) is not None) == stays
    assert left_of(engine, mosaic, "US", struct.pack("<2H", 50, 50)) is None
    assert left_of(engine, mosaic, "US", b"") is not None
    assert left_of(engine, times, "FD", struct.pack("<3d", 0, 2500, 1250)).value == [0, 2500, 1250]
    for odd in (float("nan"), float("inf"), 73379925.0):  # the last one is a time of day in ms
        assert left_of(engine, times, "FD", struct.pack("<2d", 0, odd)) is None
    assert left_of(engine, times, "FD", bytes(12)) is None
    direction = PrivateName(0x2005, 0xB0, "Philips MR Imaging DD 001")
    assert left_of(engine, direction, "FL", struct.pack("<f", -0.5)) is not None
    assert left_of(engine, direction, "FL", struct.pack("<f", 1.5)) is None


def test_a_text_that_has_the_right_form_is_still_looked_at(engine):
    coil = PrivateName(0x0051, 0x0F, "SIEMENS MR HEADER")
    assert left_of(engine, coil, "LO", b"T:HEA;HEP").value == "T:HEA;HEP"
    assert left_of(engine, coil, "LO", b"DOE") is None


def test_big_endian_numbers_are_read_as_such(engine):
    original = ct()
    block = original.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0A, "US", 50)
    output = decode(engine.deidentify(encode(original, ExplicitVRBigEndian)).to_bytes())
    assert output[0x0019100A].value == 50


def test_what_has_another_vr_than_the_list_says_goes(engine):
    mosaic = PrivateName(0x0019, 0x0A, "SIEMENS MR HEADER")
    for vr in ("LO", "PN", "OB", "FD", "DA", "SQ"):
        assert left_of(engine, mosaic, vr, b"" if vr == "SQ" else b"12345678") is None
    assert left_of(engine, mosaic, "UN", struct.pack("<H", 50)) is not None


def test_the_items_of_a_sequence_on_the_list_are_treated_like_any(engine):
    name = PrivateName(0x2005, 0x0F, "Philips MR Imaging DD 005")
    content = explicit(0x00100010, "PN", SECRET) + explicit(0x00189087, "FD", struct.pack("<d", 1000))
    items = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content
    data, tag = image(name, "SQ", items)
    output = engine.deidentify(data).to_bytes()
    assert SECRET.strip() not in output
    assert decode(output)[tag][0][0x00189087].value == 1000


def test_without_the_word_the_list_stays_off(folder):
    engine = make_engine(folder, options=["retain-safe-private"])
    assert left_of(engine, PrivateName(0x0019, 0x0A, "SIEMENS MR HEADER"), "US", struct.pack("<H", 50)) is None
    assert left_of(engine, PrivateName(0x0019, 0x0C, "SIEMENS MR HEADER"), "IS", b"1000") is not None


def test_an_own_list_and_the_word_stand_beside_each_other(folder):
    private = {"safe": ("imaging", "0019[ACME 1.1]0C")}
    engine = make_engine(folder, options=["retain-safe-private"], private=private)
    assert left_of(engine, PrivateName(0x0019, 0x0A, "SIEMENS MR HEADER"), "US", struct.pack("<H", 50)) is not None
    assert left_of(engine, PrivateName(0x0019, 0x0C, "ACME 1.1"), "LO", b"fine") is not None


def test_a_report_names_the_list(folder):
    engine = make_engine(folder, options=["retain-safe-private"], private={"safe": ("imaging",)})
    data, tag = image(PrivateName(0x0019, 0x0A, "SIEMENS MR HEADER"), "US", bytes(2))
    change = next(one for one in engine.deidentify(data, with_changes=True).changes if one.path == (tag,))
    assert change.rule.section == IMAGING_SECTION


def test_the_clinical_trial_keeps_the_list_once_safe_private_attributes_stay():
    profile = parse_profile({"name": "t", "base": "clinical-trial", "options": ["retain-safe-private"]})
    assert len(profile.imaging) == len(imaging_private())
    assert profile.conforms
    said = statement(profile).to_markdown()
    assert f"those of PS3.15 Table E.3.10-1, {len(imaging_private())} that conversion needs" in said
    alone = load_profile("clinical-trial")
    assert alone.imaging == {}
    assert alone.safe_private == {}
    assert "without effect, as the option retain-safe-private is not on" in statement(alone).to_markdown()


def test_an_own_list_still_needs_the_option():
    with pytest.raises(ProfileError, match=r"private\.safe needs the option retain-safe-private"):
        parse_profile({"name": "t", "private": {"safe": ["imaging", "0019[ACME 1.1]0C"]}})
    with pytest.raises(ProfileError, match="imagin"):
        parse_profile({"name": "t", "private": {"safe": ["imagin"]}})
