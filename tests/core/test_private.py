"""Private attributes: those that are known to be safe stay, wherever their block stands, and nothing else does."""

from __future__ import annotations

import random
import struct
from itertools import groupby

import pytest
from pydicom.uid import ExplicitVRBigEndian

from greycloak import Deidentified, Quarantined
from greycloak.standard.private import safe_private
from greycloak.stream.encoding import EXPLICIT_LITTLE
from raw_elements import END, EXPLICIT, IMPLICIT, SECRET, UNDEFINED, explicit, implicit, one_item, with_element
from support import ct, decode, encode, item, make_engine, sequence

SIEMENS, GEMS, PHILIPS, OTHER_PHILIPS = "SIEMENS MR HEADER", "GEMS_ACQU_01", "Philips Imaging DD 001", "SC2000"
OWN = "ACME 1.1"
B_VALUE, TABLE_SPEED, STACK_SEQUENCE = 0x0C, 0x23, 0x5F
UNKNOWN_VR = (0x0119, 0x01, "SIEMENS Ultrasound SC2000")
VALUES = {
    "CS": b"LINEAR",
    "DS": b"1.25",
    "FD": struct.pack("<d", 1.25),
    "FL": struct.pack("<f", 1.25),
    "IS": b"1000",
    "LO": b"epi fast",
    "OB": b"\1\2\3\4",
    "SH": b"0.9:1 ",
    "SL": struct.pack("<l", 77),
    "SQ": b"",
    "SS": struct.pack("<h", 77),
    "ST": b"model 1 ",
    "UL": struct.pack("<L", 77),
    "US": struct.pack("<H", 77),
}


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder, options=["retain-safe-private"])


@pytest.fixture(scope="module")
def keeping(folder):
    return make_engine(folder, private={"others": "keep"})


def padded(value):
    return value + b" " * (len(value) % 2)


def creator(group, block, name):
    return group << 16 | block, "LO", name if isinstance(name, bytes) else name.encode()


def member(group, block, number, vr, value):
    return group << 16 | block << 8 | number, vr, value


def written(elements, syntax=EXPLICIT):
    """Encode (tag, VR, value) in the order of tags."""
    if syntax == IMPLICIT:
        return b"".join(implicit(tag, padded(value)) for tag, _, value in sorted(elements))
    return b"".join(explicit(tag, vr, padded(value)) for tag, vr, value in sorted(elements))


def image(*elements, syntax=EXPLICIT, **attributes):
    return with_element(min(elements)[0], written(elements, syntax), syntax, **attributes)


def private_of(engine, data):
    """Anonymize, insist on success, and return the private values that are left, by tag."""
    outcome = engine.deidentify(data)
    assert isinstance(outcome, Deidentified), outcome
    return {int(one.tag): one.value for one in decode(outcome.to_bytes()) if one.tag.is_private}


def values_of(engine, *elements, **options):
    return private_of(engine, image(*elements, **options))


def siemens(block=0x10, value=b"1000", vr="IS", number=B_VALUE, name=SIEMENS):
    return [creator(0x0019, block, name), member(0x0019, block, number, vr, value)]


def test_every_attribute_of_the_table_stays(engine):
    """All rows in one object, each creator in its own block; where nobody published a VR, a text."""
    elements = []
    for group, in_group in groupby(sorted(safe_private()), key=lambda name: name.group):
        names = list(in_group)
        blocks = {name: 0x10 + at for at, name in enumerate(sorted({name.creator for name in names}))}
        elements += [creator(group, block, name) for name, block in blocks.items()]
        for name in names:
            vr = safe_private()[name].vr or "DS"
            elements.append(member(group, blocks[name.creator], name.element, vr, VALUES[vr]))
    parts = [explicit(tag, vr, padded(value)) for tag, vr, value in sorted(elements)]
    start, end = encode(ct(PixelData=None)), explicit(0x7FE00010, "OW", bytes(8))
    early = [part for part in parts if struct.unpack_from("<H", part)[0] < 0x0008]
    assert early == []
    data = start[: start.index(b"\x08\0\x16\0")] + in_order(start[start.index(b"\x08\0\x16\0") :], parts) + end
    left = private_of(engine, data)
    assert set(left) == {tag for tag, _, _ in elements}


def in_order(data_set, parts):
    """Put elements among those of a data set in Explicit VR whose values are all short."""
    at = 0
    while at < len(data_set):
        size = 8 + struct.unpack_from("<H", data_set, at + 6)[0]
        parts = [*parts, data_set[at : at + size]]
        at += size
    return b"".join(sorted(parts, key=lambda part: struct.unpack_from("<HH", part)))


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("block", [0x10, 0x11, 0x7E, 0xFF])
def test_a_block_may_stand_anywhere(engine, block, syntax):
    left = values_of(engine, *siemens(block), syntax=syntax)
    assert set(left) == {0x00190000 | block, 0x00190000 | block << 8 | B_VALUE}


def test_big_endian_objects_are_no_different(engine):
    original = ct()
    block = original.private_block(0x0019, SIEMENS, create=True)
    block.add_new(B_VALUE, "IS", "1000")
    block.add_new(0x77, "LO", "Zyxwvut")
    left = private_of(engine, encode(original, ExplicitVRBigEndian))
    assert set(left) == {0x00190010, 0x0019100C}


def test_two_creators_in_a_group_are_told_apart(engine):
    elements = [
        *siemens(0x10), member(0x0019, 0x10, TABLE_SPEED, "DS", b"2.5 "),
        creator(0x0019, 0x11, GEMS), member(0x0019, 0x11, TABLE_SPEED, "DS", b"3.5 "),
        member(0x0019, 0x11, B_VALUE, "IS", b"1000"),
    ]  # fmt: skip
    assert set(values_of(engine, *elements)) == {0x00190010, 0x0019100C, 0x00190011, 0x00191123}


def test_the_same_creator_may_have_two_blocks(engine):
    left = values_of(engine, *siemens(0x10, b"1000"), *siemens(0x12, b"2000"))
    assert set(left) == {0x00190010, 0x0019100C, 0x00190012, 0x0019120C}


def test_of_two_blocks_of_a_creator_only_the_one_that_is_used_stays(engine):
    left = values_of(engine, *siemens(0x10), *siemens(0x11, number=0x77, vr="LO", value=SECRET))
    assert set(left) == {0x00190010, 0x0019100C}


@pytest.mark.parametrize(
    "elements",
    [
        [member(0x0019, 0x10, B_VALUE, "IS", b"1000")],
        [creator(0x0019, 0x11, SIEMENS), member(0x0019, 0x10, B_VALUE, "IS", b"1000")],
        siemens(name="SIEMENS MR HEADE"),
        siemens(name="siemens mr header"),
        siemens(name="SIEMENS MR HEADER\\SIEMENS MR HEADER"),
        siemens(name=""),
        [creator(0x0021, 0x10, SIEMENS), member(0x0021, 0x10, B_VALUE, "IS", b"1000")],
        [creator(0x0019, 0x10, SIEMENS), member(0x0019, 0x00, B_VALUE, "IS", b"1000")],
        [(0x00190001, "LO", SIEMENS.encode()), member(0x0019, 0x01, B_VALUE, "IS", b"1000")],
        [creator(0x0019, 0x10, SIEMENS)],
    ],
    ids=["no creator", "other block", "shorter", "other case", "two names", "empty", "other group", "no block", "low",
         "nothing in it"],
)  # fmt: skip
def test_without_its_creator_nothing_stays(engine, elements):
    assert values_of(engine, *elements) == {}


@pytest.mark.parametrize(
    "name", [b"SIEMENS MR HEADER ", b"SIEMENS MR HEADER\0", b" SIEMENS MR HEADER", b"SIEMENS MR HEADER  \0"]
)
def test_padding_does_not_make_another_creator(engine, name):
    assert 0x0019100C in values_of(engine, *siemens(name=name))


@pytest.mark.parametrize("vr", ["PN", "AE", "UR", "OB", "UI", "DA", "SQ", "FD", "US"])
def test_what_has_another_vr_than_it_should_goes(engine, vr):
    assert values_of(engine, *siemens(vr=vr, value=b"")) == {}


@pytest.mark.parametrize("vr", ["CS", "DS", "LO", "UN", "UT"])
def test_a_number_may_be_written_as_a_code_or_as_of_unknown_vr(engine, vr):
    assert 0x0019100C in values_of(engine, *siemens(vr=vr))


def test_a_sequence_that_is_none_goes(engine):
    for vr in ("LO", "OB", "IS"):
        elements = [creator(0x2001, 0x10, PHILIPS), member(0x2001, 0x10, STACK_SEQUENCE, vr, b"1000")]
        assert values_of(engine, *elements) == {}


def test_a_safe_text_hides_nothing_behind_a_nul(engine):
    elements = [creator(0x0019, 0x10, GEMS), member(0x0019, 0x10, 0x9E, "LO", b"epi\0more")]
    assert 0x0019109E not in values_of(engine, *elements)


@pytest.mark.parametrize("known", [True, False], ids=["known VR", "no VR known"])
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_what_was_removed_is_cut_out_of_a_safe_text(engine, syntax, known):
    group, number, name = (0x0019, 0x9E, GEMS) if known else UNKNOWN_VR
    vr = "LO" if known else "UN"
    for text, rest in ((b"epi fast", b"epi fast"), (b"by JONATHAN ", b"by"), (b"MRN-4711", None)):
        elements = [creator(group, 0x10, name), member(group, 0x10, number, vr, text)]
        left = values_of(engine, *elements, syntax=syntax).get(group << 16 | 0x1000 | number)
        left = left.encode() if isinstance(left, str) else left
        assert (left and left.strip()) == rest, text


def test_a_code_that_is_none_is_looked_at(engine):
    for text, stays in ((b"LINEAR", True), (b"Linear", True), (b"Jonathan", False)):
        assert (0x0019100D in values_of(engine, *siemens(number=0x0D, vr="CS", value=text))) == stays


def test_an_unsafe_element_of_a_safe_block_goes_and_its_value_is_searched_for(engine):
    unsafe = [member(0x0019, 0x10, 0x77, "LO", SECRET), member(0x0019, 0x10, 0x78, "SH", b"Jonathan")]
    data = image(*siemens(), *unsafe, Manufacturer="by Zyxwvut Inc.")
    output = engine.deidentify(data).to_bytes()
    assert SECRET.strip() not in output
    assert set(private_of(engine, data)) == {0x00190010, 0x0019100C}
    assert decode(output).Manufacturer == "by Inc."


SEQUENCE_INSIDE = [
    (0x00080070, "LO", b"Example Scanners"),
    (0x00100010, "PN", SECRET),
    (0x00080018, "UI", b"1.2.3.4.1"),
]


def stack_sequence(encode_item, vr, length):
    content = one_item(encode_item) + (END if length else b"")
    return written([creator(0x2001, 0x10, PHILIPS)]) + explicit(0x2001105F, vr, content, length)


@pytest.mark.parametrize("length", [None, UNDEFINED], ids=["defined", "undefined"])
@pytest.mark.parametrize("vr", ["SQ", "UN"])
def test_a_safe_sequence_is_looked_into(engine, vr, length):
    inner = [*SEQUENCE_INSIDE, *siemens(), member(0x0019, 0x10, 0x77, "LO", SECRET)]
    content = written(inner, IMPLICIT if vr == "UN" else EXPLICIT)
    output = engine.deidentify(with_element(0x20010010, stack_sequence(content, vr, length))).to_bytes()
    assert b"1.2.3.4.1" not in output
    assert SECRET.strip() not in output
    assert b"1000" in output
    assert SIEMENS.encode() in output
    decode(output)


@pytest.mark.parametrize("length", [None, UNDEFINED], ids=["defined", "undefined"])
def test_a_safe_sequence_in_implicit_vr_is_looked_into(engine, length):
    content = one_item(written(SEQUENCE_INSIDE, IMPLICIT)) + (END if length else b"")
    raw = written([creator(0x2001, 0x10, PHILIPS)], IMPLICIT) + implicit(0x2001105F, content, length)
    output = engine.deidentify(with_element(0x20010010, raw, IMPLICIT)).to_bytes()
    assert SECRET.strip() not in output
    assert b"1.2.3.4.1" not in output
    assert 0x2001105F in decode(output)


def test_items_of_an_attribute_whose_vr_nobody_knows_go(engine):
    group, number, name = UNKNOWN_VR
    items = one_item(implicit(0x00080070, b"Example Scanners"))
    left = values_of(engine, creator(group, 0x10, name), member(group, 0x10, number, "UN", items))
    assert group << 16 | 0x1000 | number not in left


def test_blocks_in_sequences_and_functional_groups_have_creators_of_their_own(engine):
    def with_block(*, named):
        inner = item()
        if named:
            inner.add_new(0x00190010, "LO", SIEMENS)
        inner.add_new(0x0019100C, "IS", "1000")
        inner.add_new(0x00191077, "LO", "Zyxwvut")
        return inner

    original = ct(
        SharedFunctionalGroupsSequence=sequence(with_block(named=True)),
        PerFrameFunctionalGroupsSequence=sequence(
            item(FrameContentSequence=sequence(with_block(named=True))), with_block(named=False), with_block(named=True)
        ),
    )
    original.add_new(0x00190010, "LO", SIEMENS)
    original.add_new(0x0019100C, "IS", "1000")
    output = decode(engine.deidentify(encode(original)).to_bytes())
    frames = output.PerFrameFunctionalGroupsSequence
    for level in (output, output.SharedFunctionalGroupsSequence[0], frames[0].FrameContentSequence[0], frames[2]):
        assert {int(one.tag) for one in level if one.tag.is_private} == {0x00190010, 0x0019100C}
    assert [one for one in frames[1] if one.tag.is_private] == []


@pytest.mark.parametrize(
    ("profile", "date"),
    [
        ({}, None),
        ({"dates": {"policy": "fixed"}}, b"19000101"),
        ({"options": ["retain-full-dates"]}, b"20200102"),
        ({"options": ["retain-modified-dates"], "dates": {"policy": "year"}}, b"20200101"),
        ({"options": ["retain-modified-dates"], "dates": {"shift": {"min_days": 3, "max_days": 3}}}, b"20200105"),
    ],
    ids=["removed", "fixed", "kept", "year", "shifted"],
)
def test_dates_inside_follow_the_policy(folder, profile, date):
    options = [*profile.get("options", []), "retain-safe-private"]
    engine = make_engine(folder, **(profile | {"options": options}))
    group, number, name = UNKNOWN_VR
    for value, expected in ((b"20200102", date), (b"Jonathan", None), (b"2020010", None)):
        elements = [creator(group, 0x10, name), member(group, 0x10, number, "DA", value)]
        left = values_of(engine, *elements)
        assert left.get(group << 16 | 0x1000 | number) == (expected.decode() if expected else None)


def test_uids_inside_are_mapped_like_all_others_unless_they_are_retained(folder, engine):
    group, number, name = UNKNOWN_VR
    elements = [creator(group, 0x10, name), member(group, 0x10, number, "UI", b"1.2.3.4.2\0")]
    output = decode(engine.deidentify(image(*elements)).to_bytes())
    assert output[group << 16 | 0x1000 | number].value == output.StudyInstanceUID != "1.2.3.4.2"
    keeping = make_engine(folder, options=["retain-safe-private", "retain-uids"])
    assert values_of(keeping, *elements)[group << 16 | 0x1000 | number] == "1.2.3.4.2"
    left = values_of(keeping, elements[0], member(group, 0x10, number, "UI", SECRET))  # none, and mapped as well
    assert left[group << 16 | 0x1000 | number].startswith("2.25.")


def test_without_the_option_nothing_stays(folder):
    assert values_of(make_engine(folder), *siemens()) == {}


def test_a_site_has_a_list_of_its_own(folder):
    own = ("0019[ACME 1.1]0C", "0021[ACME 1.1]xx")
    engine = make_engine(folder, options=["retain-safe-private"], private={"safe": own})
    listed = [
        creator(0x0019, 0x20, OWN),
        member(0x0019, 0x20, 0x0C, "LO", b"fine"),
        member(0x0019, 0x20, 0x0D, "LO", SECRET),
    ]
    assert set(values_of(engine, *listed)) == {0x00190020, 0x0019200C}
    whole = [
        creator(0x0021, 0x20, OWN), member(0x0021, 0x20, 0x00, "LO", b"fine"),
        member(0x0021, 0x20, 0xFF, "DS", b"1.5 "), member(0x0021, 0x20, 0x10, "PN", SECRET),
        member(0x0021, 0x20, 0x11, "LO", b"Jonathan"),
        creator(0x0021, 0x21, "ACME 2"), member(0x0021, 0x21, 0x0C, "LO", SECRET),
        creator(0x0023, 0x20, OWN), member(0x0023, 0x20, 0x0C, "LO", SECRET),
    ]  # fmt: skip
    assert set(values_of(engine, *whole)) == {0x00210020, 0x00212000, 0x002120FF}


def test_a_line_may_name_a_private_attribute(folder):
    tags = {"0019[SIEMENS MR HEADER]0C": "remove", "0019[ACME 1.1]77": {"replace": "gone"}}
    profile = type(make_engine(folder).profile).model_validate(
        {"name": "lines", "options": ["retain-safe-private"], "tags": tags}
    )
    engine = make_engine(folder, **profile.model_dump())
    left = values_of(
        engine, *siemens(), member(0x0019, 0x10, 0x0D, "CS", b"LINEAR"),
        creator(0x0019, 0x11, OWN), member(0x0019, 0x11, 0x77, "LO", SECRET),
    )  # fmt: skip
    assert {tag: value for tag, value in left.items() if tag & 0xFFFF > 0xFF} == {
        0x0019100D: "LINEAR",
        0x00191177: "gone",
    }


def test_a_site_may_keep_all_private_attributes(keeping):
    elements = [
        creator(0x0019, 0x10, OWN), member(0x0019, 0x10, 0x01, "LO", b"fine"), member(0x0019, 0x10, 0x02, "PN", SECRET),
        member(0x0019, 0x10, 0x03, "OB", b"\1\2"), member(0x0019, 0x10, 0x04, "DA", b"20200102"),
        member(0x0019, 0x10, 0x05, "UN", b"fine"),
    ]  # fmt: skip
    left = values_of(keeping, *elements)
    assert set(left) == {tag for tag, _, _ in elements}


def test_a_private_attribute_without_a_creator_is_not_kept_even_then(keeping):
    assert values_of(keeping, member(0x0019, 0x10, 0x01, "LO", SECRET), (0x00190002, "LO", SECRET)) == {}


def test_the_uids_of_private_attributes_that_are_kept_are_mapped(keeping):
    elements = [creator(0x0019, 0x10, OWN), member(0x0019, 0x10, 0x01, "UI", b"1.2.3.4.2\0")]
    assert values_of(keeping, *elements)[0x00191001].startswith("2.25.")


def test_objects_with_many_different_private_groups_do_not_fill_the_memory(engine):
    for block in range(0x10, 0x100):
        for group in (0x0019, 0x0021, 0x0023):
            engine.deidentify(image(creator(group, block, SIEMENS), member(group, block, B_VALUE, "IS", b"1000")))
    level = engine._plan.top("1.2.840.10008.5.1.4.1.1.2", EXPLICIT_LITTLE, encapsulated=False)
    assert len(level._groups) <= 256


PITCH = [creator(0x0043, 0x10, "GEMS_PARM_01"), member(0x0043, 0x10, 0x27, "SH", b"0.9:1 ")]
MUTATED = [
    written([*PITCH, member(0x0043, 0x10, 0x77, "LO", SECRET), creator(0x0043, 0x11, OWN),
             member(0x0043, 0x11, 0x01, "DS", b"2.5 ")])
    + stack_sequence(written([*SEQUENCE_INSIDE, *siemens()]), "SQ", UNDEFINED),
    written(PITCH) + stack_sequence(written(SEQUENCE_INSIDE, IMPLICIT), "UN", UNDEFINED),
    written(PITCH) + explicit(0x00431080, "OB", one_item(b"\1\2") + END, UNDEFINED),
]  # fmt: skip


def broken(raw, rng):
    """Overwrite, insert, cut out or repeat a few bytes."""
    raw = bytearray(raw)
    for _ in range(rng.randint(1, 3)):
        at, size = rng.randrange(len(raw)), rng.randint(1, 8)
        odd = rng.choice([bytes(size), b"\xff" * size, rng.randbytes(size), raw[at : at + size], b"\x43\0\x10\0", END])
        raw[at : at + rng.choice([0, size, len(odd)])] = rng.choice([odd, b""])
    return bytes(raw)


@pytest.mark.parametrize("which", range(len(MUTATED)))
@pytest.mark.parametrize("keeps", [False, True], ids=["safe", "all"])
def test_odd_private_groups_are_never_more_than_quarantined(engine, keeping, keeps, which):
    """And what goes through opens in pydicom."""
    rng = random.Random(which)
    chosen = keeping if keeps else engine
    reasons, passed = set(), 0
    for _ in range(400):
        outcome = chosen.deidentify(with_element(0x00430010, broken(MUTATED[which], rng)))
        if isinstance(outcome, Quarantined):
            reasons.add(outcome.reason)
            continue
        decode(outcome.to_bytes())
        passed += 1
    assert passed
    assert reasons
    assert "internal-error" not in reasons


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_a_private_group_that_ends_early_is_refused(engine, syntax):
    data = image(*siemens(), creator(0xF001, 0x10, SIEMENS), member(0xF001, 0x10, 1, "LO", b"fine"), syntax=syntax)
    whole = len(written([member(0xF001, 0x10, 1, "LO", b"fine")], syntax))
    at = data.rindex(b"\x01\xf0\x10\0")
    for end in range(at + 1, at + whole + 20):
        assert "internal-error" not in str(engine.deidentify(data[:end]))


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_a_creator_goes_with_the_last_of_its_block(engine, syntax):
    """Whatever it was that went by its value, not by its rule."""
    gone = [creator(0x0019, 0x10, GEMS), member(0x0019, 0x10, 0x9E, "LO", b"JONATHAN")]
    assert values_of(engine, *gone, syntax=syntax) == {}
    both = [*gone, creator(0x0019, 0x11, SIEMENS), member(0x0019, 0x11, B_VALUE, "IS", b"1000")]
    assert set(values_of(engine, *both, syntax=syntax)) == {0x00190011, 0x0019110C}


def nested_stacks(depth):
    """Return safe sequences inside of each other; in each item stands a creator whose only element goes."""
    orphan = written([creator(0x0019, 0x10, GEMS), member(0x0019, 0x10, 0x9E, "LO", b"JONATHAN")])
    inner = orphan
    for _ in range(depth):
        spare = written([creator(0x2001, 0x10, PHILIPS)])
        late = written([creator(0x2003, 0x10, GEMS)])
        inner = orphan + spare + explicit(0x2001105F, "SQ", one_item(inner)) + late
    return inner[len(orphan) :]


def test_creators_go_at_any_depth_without_walking_it_twice_at_each(engine):
    outcome = engine.deidentify(with_element(0x20010010, nested_stacks(30)))
    assert isinstance(outcome, Deidentified), outcome
    output = outcome.to_bytes()
    assert GEMS.encode() not in output
    assert output.count(PHILIPS.encode()) == 30
