"""Table E.1-1, row by row, at the top level and nested."""

from __future__ import annotations

import pytest

from greycloak.plan import resolve
from greycloak.profiles import load_profile
from greycloak.standard.confidentiality import rows, supplement
from greycloak.standard.dictionary import entry_for
from support import CT_IMAGE_STORAGE, planned_level

# From the weakest to the strongest, as far as they can be compared.
STRENGTH = {"keep": 0, "check": 0, "look": 1, "uid": 2, "dummy": 3, "empty": 4, "remove": 5, "pseudonym": 5}
ALLOWED = {
    "X": {"remove", "empty", "dummy"},
    "Z": {"empty", "dummy"},
    "D": {"dummy", "uid"},
    "U": {"uid"},
    "X/Z": {"remove", "empty", "dummy"},
    "X/D": {"remove", "dummy"},
    "Z/D": {"empty", "dummy"},
    "X/Z/D": {"remove", "empty", "dummy"},
    "X/Z/U*": {"remove", "empty", "uid"},
}


ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
PLACES = {
    "top": (CT_IMAGE_STORAGE, ()),
    "in a sequence": (CT_IMAGE_STORAGE, (0x00081140,)),
    "in an unknown sequence": (CT_IMAGE_STORAGE, (0x300A0010,)),
    "in a functional group": (ENHANCED_MR, (0x52009230, 0x00209111)),
}


def level(sop_class=CT_IMAGE_STORAGE, path=()):
    return planned_level(load_profile("basic"), sop_class, path)


def test_the_table_is_whole():
    assert len(rows()) == 657
    assert {row.basic for row in rows().values()} == set(ALLOWED)


@pytest.mark.parametrize("type_", ["1", "1C", "2", "2C", "3", None])
@pytest.mark.parametrize("code", ALLOWED)
def test_a_type_1_attribute_is_never_emptied_and_a_type_3_one_really_goes(code, type_):
    action = resolve(code, type_)
    assert action in ALLOWED[code] | {"dummy"}
    if type_ == "1":
        assert action in {"dummy", "uid"}
    if type_ in {"3", None} and code.startswith("X"):
        assert action == "remove"


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_every_row_is_obeyed(place):
    planned = level(*place)
    for tag, row in rows().items():
        if tag == "private":
            assert planned.rule(0x00091001).action == "remove"
            continue
        if int(tag[:4].replace("x", "0"), 16) < 8:
            continue  # command and file meta elements: no attributes of a data set, which is tested below
        number = int(tag.replace("x", "0"), 16)
        rule = planned.rule(number)
        assert rule.action in ALLOWED[row.basic] | {"dummy"} or rule.action == "pseudonym", (tag, rule)
        assert "E.1-1" in rule.section or tag in supplement() or "x" in tag


def test_elements_that_belong_elsewhere_go():
    planned = level()
    for tag in (0x00000002, 0x00020010, 0x00041130, 0x00080000, 0xFFFCFFFC):
        assert planned.rule(tag).action == "remove"


def test_the_supplement_only_strengthens():
    for tag, row in supplement().items():
        listed = rows().get(tag)
        strength = STRENGTH[resolve(row.basic, "3")]
        if listed is not None:
            assert strength >= STRENGTH[resolve(listed.basic, "3")], tag
        assert strength > STRENGTH["look"], tag
        assert row.reason, tag


def test_dummies_of_required_sequences_are_valid_dummies():
    planned = level("1.2.840.10008.5.1.4.1.1.88.11")  # Basic Text SR
    instruction = planned.instruction(0x0040A730, "SQ")  # Content Sequence, D
    assert b"TEXT" in instruction.written
    assert b"CONTAINS" in instruction.written


def test_every_dummy_has_a_vr_to_write():
    planned = level()
    for tag in rows():
        if "x" in tag or tag == "private":
            continue
        number = int(tag, 16)
        entry = entry_for(number)
        planned.instruction(number, entry.vrs[0] if entry else "UN")
