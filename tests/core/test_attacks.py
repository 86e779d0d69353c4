"""What an attacker, or a broken scanner, may put where it does not belong."""

from __future__ import annotations

import struct
import time

import pytest
from pydicom.uid import ExplicitVRBigEndian

from greycloak import Deidentified, Quarantined
from greycloak.actions.values import CHECKS
from raw_elements import END, IMPLICIT, SECRET, UNDEFINED, explicit, implicit, one_item, with_element
from support import ct, decode, encode, make_engine, refused


def outcome_bytes(engine, data):
    outcome = engine.deidentify(data)
    return outcome.to_bytes() if isinstance(outcome, Deidentified) else b""


NAMED = one_item(explicit(0x00100010, "PN", SECRET))
NAMED_IMPLICIT = one_item(implicit(0x00100010, SECRET)) + END


@pytest.mark.parametrize("vr", ["CS", "LO", "UT", "PN", "UN", "OB"])
def test_burned_in_annotation_holds_nothing_but_a_code(engine, vr):
    assert SECRET.strip() not in outcome_bytes(engine, with_element(0x00280301, explicit(0x00280301, vr, SECRET)))


@pytest.mark.parametrize("value", [b"YES ", b"yes ", b"NO\\YES"])
def test_burned_in_annotation_is_heard_however_it_is_said(tmp_path, value):
    engine = make_engine(tmp_path, pixels={"burned_in": "trust-flag"})
    assert refused(engine, with_element(0x00280301, explicit(0x00280301, "CS", value))) == "burned-in-annotation"


@pytest.mark.parametrize("tag", [0x00080005, 0x00080016, 0x00080018, 0x00100020, 0x0020000D, 0x0020000E, 0x00280301])
def test_a_sequence_where_an_identifier_belongs_is_not_kept(engine, tag):
    assert SECRET not in outcome_bytes(engine, with_element(tag, explicit(tag, "SQ", NAMED)))


@pytest.mark.parametrize(
    ("tag", "vr"),
    [(0x00280010, "UN"), (0x7FE00010, "UN"), (0x7FE00001, "OV"), (0x7FE00008, "OF"), (0x00281201, "UN"),
     (0x00281201, "OW"), (0x7FE00010, "OB"), (0x7FE00010, "OW")],
)  # fmt: skip
def test_a_value_of_undefined_length_is_never_kept_unseen(engine, tag, vr):
    data = with_element(tag, explicit(tag, vr, NAMED_IMPLICIT, UNDEFINED))
    assert SECRET not in outcome_bytes(engine, data)
    assert isinstance(engine.deidentify(data), Quarantined)


def test_a_number_of_undefined_length_in_implicit_vr_is_refused(engine):
    data = with_element(0x00280010, implicit(0x00280010, NAMED_IMPLICIT, UNDEFINED), IMPLICIT)
    assert refused(engine, data) == "unexpected-sequence"


@pytest.mark.parametrize(("tag", "vr"), [(0x00741000, "CS"), (0x300A0086, "DS"), (0x00081150, "UI")])
def test_a_foreign_code_or_number_that_is_none_goes(engine, tag, vr):
    assert SECRET.strip() not in outcome_bytes(engine, with_element(tag, explicit(tag, vr, SECRET)))


def test_a_class_uid_is_kept_only_if_the_standard_registers_it(engine):
    inside = one_item(explicit(0x00081150, "UI", b"1.2.3.4.2\0"))
    assert b"1.2.3.4.2" not in outcome_bytes(engine, with_element(0x300A0010, explicit(0x300A0010, "SQ", inside)))


def test_a_transfer_syntax_that_is_not_registered_is_refused(engine):
    data = encode(ct()).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.4711")
    at = data.index(b"\x02\x00\x10\x00UI") + 6
    assert refused(engine, data[:at] + b"\x18\0" + data[at + 2 :]) == "unsupported-transfer-syntax"


@pytest.mark.parametrize("value", [b"1.2.3\\1.2.4", b"1.2.840.10008.1.1\0", b"...."])
@pytest.mark.parametrize("tag", [0x00080018, 0x0020000D])
def test_the_identifiers_of_an_object_are_each_one_uid(engine, tag, value):
    value += b"\0" * (len(value) % 2)
    assert refused(engine, with_element(tag, explicit(tag, "UI", value))) == "invalid-uid"


REMOVED_SOMEWHERE = {
    "private sequence": explicit(0x00091001, "SQ", one_item(explicit(0x00091002, "LO", SECRET))),
    "private sequence as UN": explicit(0x00091001, "UN", one_item(implicit(0x00100010, SECRET))),
    "private sequence as UN, undefined": explicit(0x00091001, "UN", NAMED_IMPLICIT, UNDEFINED),
    "untyped": explicit(0x00091001, "UN", SECRET + b"\nand more"),
    "long untyped": explicit(0x00091001, "UN", SECRET + b"\n" + b"x" * 2000),
    "text with line ends": explicit(0x00091001, "LT", b"\r\n" + SECRET + b"\r\n"),
    "code": explicit(0x00091001, "CS", SECRET),
}


@pytest.mark.parametrize("raw", REMOVED_SOMEWHERE.values(), ids=REMOVED_SOMEWHERE)
def test_what_was_removed_anywhere_is_cut_out_of_every_text(engine, raw):
    data = with_element(0x00091001, raw, Manufacturer="by Zyxwvut Inc.")
    assert decode(outcome_bytes(engine, data)).Manufacturer == "by Inc."


def test_what_was_removed_from_an_implicit_sequence_is_cut_out_of_every_text(engine):
    for tag, inner in ((0x00101002, 0x00100020), (0x00091001, 0x00091002)):
        raw = implicit(tag, one_item(implicit(inner, SECRET)) + END, UNDEFINED)
        data = with_element(tag, raw, IMPLICIT, Manufacturer="by Zyxwvut Inc.")
        assert decode(outcome_bytes(engine, data)).Manufacturer == "by Inc."


def test_names_beyond_ascii_are_found_in_any_case_and_encoding(engine):
    for name, characters, text in (
        ("MÜLLER^X", "ISO_IR 100", "by Müller"),
        ("Müller^X", "ISO_IR 192", "BY MÜLLER"),
        ("Abc-Zyxwvut", "ISO_IR 100", "of Zyxwvut"),
    ):
        data = encode(ct(PatientName=name, SpecificCharacterSet=characters, Manufacturer=text))
        assert decode(outcome_bytes(engine, data)).Manufacturer == text.split()[0]


def test_each_code_string_stands_for_itself_where_a_name_is_a_word(engine):
    data_set = ct(PatientName="Perfusion^Bergfalk", ImageType=["DERIVED", "PRIMARY", "PERFUSION", "RCBF"])
    assert decode(outcome_bytes(engine, encode(data_set))).ImageType == data_set.ImageType
    data_set.ImageType = ["DERIVED", "PRIMARY", "PERFUSION", "BERGFALK"]
    assert refused(engine, encode(data_set)) == "residual-identity"


def test_what_made_an_object_stays_where_nobody_knows_its_sop_class(engine):
    data_set = ct(SOPClassUID="1.3.46.670589.11.0.0.12.1", Manufacturer="GE MEDICAL SYSTEMS", PatientName="Bergfalk^A")
    data_set.ManufacturerModelName = "Bergfalk's"
    left = decode(outcome_bytes(engine, encode(data_set)))
    assert left.Manufacturer == "GE MEDICAL SYSTEMS"
    assert "Bergfalk" not in str(left)


def test_an_unknown_character_set_does_not_make_an_identity(engine):
    data = encode(ct(SpecificCharacterSet="ISO_IR 100", PatientID="Ü-1")).replace(b"ISO_IR 100", b"ISO_IR 999")
    assert refused(engine, data) == "invalid-character-set"


@pytest.mark.parametrize("depth", [20, 60])
def test_nested_private_sequences_cost_no_more_than_their_length(engine, depth):
    value = explicit(0x00091003, "LO", b"a" * 4500)
    for _ in range(depth):
        value = explicit(0x00091001, "SQ", one_item(value) + END, UNDEFINED)
    start = time.monotonic()
    engine.deidentify(with_element(0x00091001, value))
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("vr", ["DS", "IS", "CS", "UI"])
@pytest.mark.parametrize("filler", [b"1", b" ", b".", b"1 ", b"\\", b"A"])
def test_checks_take_time_in_proportion_to_the_value(vr, filler):
    start = time.monotonic()
    CHECKS[vr](filler * 30_000 + b"x")
    CHECKS[vr](filler * 30_000)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_delimiter_that_reaches_behind_its_item_is_refused(engine, cut):
    inner = explicit(0x00081140, "SQ", END, UNDEFINED)
    outer = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(inner) - cut) + inner
    data = with_element(0x00081250, explicit(0x00081250, "SQ", outer))
    assert isinstance(engine.deidentify(data), Quarantined)


def test_many_different_objects_do_not_fill_the_memory(folder):
    engine = make_engine(folder)
    for number in range(600):
        engine.deidentify(encode(ct(SOPClassUID=f"1.2.840.113619.4.{number}")))
    assert len(engine._assumptions) <= 520


def test_big_endian_and_implicit_objects_hold_no_more_than_little_endian_ones(engine):
    for syntax in (ExplicitVRBigEndian, IMPLICIT):
        data = encode(ct(Manufacturer="for Jonathan", BodyPartExamined="CHEST"), syntax)
        output = decode(outcome_bytes(engine, data))
        assert (output.Manufacturer, output.BodyPartExamined) == ("for", "CHEST")
