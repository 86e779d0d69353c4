"""The byte engine against pydicom: random data sets, in every syntax, under random plans."""

from __future__ import annotations

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from greycloak.stream import Instruction, Level, Malformed, Splicer, Verb, passed_over, read_part10
from greycloak.stream.splice import MAX_DEPTH
from support import CT_IMAGE_STORAGE, ct, decode, encode, item, sequence

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]

TEXT = st.text("ABCxyz 0189^", max_size=20).map(str.strip)
VALUES = {
    "PatientName": TEXT,
    "PatientComments": TEXT,
    "ImageComments": TEXT,
    "StudyDate": st.sampled_from(["", "20200102"]),
    "Rows": st.integers(0, 65535),
    "SliceThickness": st.sampled_from(["", "1.25", "3"]),
    "ImageType": st.lists(st.sampled_from(["ORIGINAL", "PRIMARY"]), max_size=3),
    "FrameOfReferenceUID": st.sampled_from(["1.2.3", "1.2.840.1"]),
    "LongCodeValue": TEXT,
    "ICCProfile": st.binary(max_size=9).map(lambda b: b + b"\0" * (len(b) % 2)),
    "RealWorldValueSlope": st.floats(allow_nan=False, width=64),
}
SEQUENCES = ["ReferencedImageSequence", "RequestAttributesSequence", "ReferencedStudySequence"]


def add_private(data_set, text):
    data_set.private_block(0x0029, "GREYCLOAK TEST", create=True).add_new(1, "LO", text)


@st.composite
def data_sets(draw, depth=2):
    data_set = Dataset()
    for keyword in draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=6)):
        setattr(data_set, keyword, draw(VALUES[keyword]))
    if draw(st.booleans()):
        add_private(data_set, draw(TEXT))
    if depth:
        for keyword in draw(st.lists(st.sampled_from(SEQUENCES), unique=True, max_size=2)):
            items = draw(st.lists(data_sets(depth=depth - 1), max_size=2))
            for one in items:
                one.is_undefined_length_sequence_item = draw(st.booleans())
            setattr(data_set, keyword, sequence(*items))
            data_set[keyword].is_undefined_length = draw(st.booleans())
    return data_set


def whole(data_set):
    """Add what makes a data set an object."""
    data_set.SOPClassUID, data_set.SOPInstanceUID = CT_IMAGE_STORAGE, "1.2.3.4"
    data_set.PixelData = b"\x01\x02\x03\x04"
    data_set["PixelData"].VR = "OW"
    return data_set


def splice(data, level_of):
    part10 = read_part10(data)
    splicer = Splicer(part10.data)
    return part10, b"".join(splicer.run(part10.start, level_of(part10.encoding)))


class Chosen(Level):
    """A plan that removes some elements and rewrites others, at every level."""

    def __init__(self, encoding, removed, rewritten):
        super().__init__(encoding)
        self.removed, self.rewritten = removed, rewritten

    def instruction(self, tag, vr):
        long = self.encoding.is_long(vr)
        if tag in self.removed:
            return Instruction(Verb.WRITE, tag, vr, long, level=passed_over(self.encoding))
        if tag in self.rewritten:
            written = self.encoding.element(tag, *self.rewritten[tag])
            return Instruction(Verb.WRITE, tag, vr, long, written=written, level=passed_over(self.encoding))
        if vr == "SQ" or (not vr and tag in SEQUENCE_TAGS):
            return Instruction(Verb.ENTER, tag, vr or "SQ", long, level=self)
        return Instruction(Verb.KEEP, tag, vr, long, level=passed_over(self.encoding))


SEQUENCE_TAGS = {0x00081140, 0x00400275, 0x00081110}
REWRITES = {
    0x00100010: ("PN", b"Nobody"),
    0x00204000: ("LT", b""),
    0x00080020: ("DA", b"19000101"),
    0x00200052: ("UI", b"2.25.1"),
}
REMOVABLE = [0x00104000, 0x00180050, 0x00080008, 0x00290010, 0x00291001, 0x00081140, 0x00400275, 0x00282000]


def edited(data_set, removed, rewritten):
    """Do the same with pydicom, element by element."""
    for element in list(data_set):
        if element.tag in removed:
            del data_set[element.tag]
        elif element.tag in rewritten:
            vr, value = rewritten[element.tag]
            data_set[element.tag].value = value.decode()
            assert vr == element.VR
        elif element.VR == "SQ":
            for one in element.value:
                edited(one, removed, rewritten)
    return data_set


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data_set=data_sets())
def test_an_all_keep_plan_gives_the_same_bytes(syntax, data_set):
    part10, output = splice(encode(whole(data_set), syntax), passed_over)
    assert output == bytes(part10.data[part10.start :])


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data_set=data_sets(),
    removed=st.sets(st.sampled_from(REMOVABLE)),
    rewritten=st.sets(st.sampled_from(sorted(REWRITES))),
)
def test_a_random_plan_does_what_pydicom_would_do(syntax, data_set, removed, rewritten):
    rewritten = {tag: REWRITES[tag] for tag in rewritten}
    data = encode(whole(data_set), syntax)
    part10, output = splice(data, lambda encoding: Chosen(encoding, removed, rewritten))
    header = data[: part10.start] if not part10.deflated else encode(whole(Dataset()), ExplicitVRLittleEndian)
    if part10.deflated:
        header = header[: read_part10(header).start]
    assert decode(header + output) == edited(copy.deepcopy(decode(data)), removed, rewritten)


def walk(data):
    part10 = read_part10(data)
    Splicer(part10.data).run(part10.start, passed_over(part10.encoding))


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: uid.name)
def test_every_truncation_is_noticed(syntax):
    data = encode(ct(ReferencedImageSequence=sequence(item(ReferencedSOPInstanceUID="1.2.3"))), syntax)
    walk(data)
    boundaries = 0
    for length in range(len(data)):
        try:
            walk(data[:length])
        except Malformed:
            continue
        boundaries += 1
    # A file cut between two elements, or in the zeros at the start of the next, is a valid shorter one.
    elements = len(decode(data)) + len(decode(data).file_meta)
    assert boundaries <= 2 * elements


def test_nesting_beyond_reason_is_refused():
    innermost = item(PatientID="deep")
    for _ in range(MAX_DEPTH + 1):
        innermost = item(ReferencedImageSequence=sequence(innermost))
    data = encode(ct(ReferencedImageSequence=sequence(innermost)))

    class Enter(Level):
        def instruction(self, tag, vr):
            verb = Verb.ENTER if vr == "SQ" else Verb.KEEP
            return Instruction(verb, tag, vr, self.encoding.is_long(vr), level=self)

    with pytest.raises(Malformed, match="too-deep"):
        splice(data, Enter)


def test_a_bomb_is_not_unfolded(monkeypatch):
    data = encode(ct(PixelData=bytes(1 << 20)), DeflatedExplicitVRLittleEndian)
    monkeypatch.setattr("greycloak.stream.part10.MAX_INFLATED", 1 << 16)
    with pytest.raises(Malformed, match="too-large"):
        read_part10(data)
