"""What the lines and rules of a profile do to an object: actions, targets, conditions, SOP Classes."""

from __future__ import annotations

import re
import sys
from itertools import permutations
from types import ModuleType

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from greycloak import Deidentified, Engine, Quarantined
from greycloak.profiles import parse_profile
from raw_elements import explicit, with_element
from support import anonymized, ct, decode, encode, item, make_installation, refused, sequence, subject_uid

MR = "1.2.840.10008.5.1.4.1.1.4"
SR = "1.2.840.10008.5.1.4.1.1.88.11"
PSEUDONYM = re.compile(r"TRIAL-[0-9A-Z]{12}")


def engine_with(folder, tags=None, project="trial", **parts):
    """Return an engine for the Basic profile with lines, and whatever else is given."""
    written = {"name": "test", "base": "basic", "tags": tags or {}, **parts}
    return Engine(parse_profile(written), make_installation(folder).project(project))


def after(folder, target, action, **attributes):
    """Return the object after one line."""
    return anonymized(engine_with(folder, {target: action}), ct(**attributes))


def nested(**attributes):
    """Return a sequence that the IOD knows, whose item holds something."""
    return sequence(item(SeriesInstanceUID="1.2.3.4.5", **attributes))


def with_private(data_set, creator="ACME", value="secret", block=0x10, vr="LO"):
    """Add a private element xx01 in a block of group 0019."""
    data_set.add_new(0x00190000 | block, "LO", creator)
    data_set.add_new(0x00190001 | block << 8, vr, value)
    return data_set


@pytest.fixture
def site_script(monkeypatch):
    """Return a way to offer a function as the script of a site."""

    def offer(function):
        module = ModuleType("site_script")
        module.decide = function
        monkeypatch.setitem(sys.modules, "site_script", module)
        return {"script": "site_script:decide"}

    return offer


@pytest.mark.parametrize(
    ("keyword", "before", "action", "expected"),
    [
        ("PatientComments", "of Jonathan", "keep", "of Jonathan"),
        ("PatientComments", "of Jonathan", "K", "of Jonathan"),
        ("PatientSex", "F", "by-vr", "F"),
        ("Manufacturer", "Example", "by-vr", "Example"),
        ("Manufacturer", "by Jonathan", "by-vr", "by"),
        ("SliceThickness", "1.5", "remove", None),
        ("Manufacturer", "Example", "remove", None),
        ("Manufacturer", "Example", "X", None),
        ("SliceThickness", "1.5", "empty", None),
        ("Manufacturer", "Example", "dummy", "ANONYMIZED"),
        ("SliceThickness", "1.5", "dummy", 0),
        ("StudyDate", "20200102", "dummy", "19000101"),
        ("PatientSex", "F", {"replace": "O"}, "O"),
        ("Manufacturer", "Example", {"replace": ""}, ""),
        ("Manufacturer", "Example", {"replace": "{{x}}"}, "{x}"),
        ("Manufacturer", "Example", {"replace": "{project}"}, "trial"),
        ("SliceThickness", "1.5", {"replace": 2.5}, 2.5),
        ("InstanceNumber", "1", {"replace": 7}, 7),
        ("Rows", 2, {"replace": 3}, 3),
        ("Rows", 2, {"replace": "3"}, 3),
        ("ImageType", "ORIGINAL", {"replace": "DERIVED\\SECONDARY"}, ["DERIVED", "SECONDARY"]),
        ("PatientAge", "061Y", {"replace": "060Y"}, "060Y"),
        ("FrameOfReferenceUID", "1.2", {"replace": "1.2.3"}, "1.2.3"),
        ("StudyDate", "20200517", {"truncate": "year"}, "20200101"),
        ("StudyDate", "20200517", {"truncate": "month"}, "20200501"),
        ("StudyDate", ["20200517", "20210619"], {"truncate": "month"}, ["20200501", "20210601"]),
        ("AcquisitionDateTime", "20200517101112+0100", {"truncate": "year"}, "2020"),
        ("AcquisitionDateTime", "20200517101112+0100", {"truncate": "month"}, "202005"),
        ("AcquisitionDateTime", "2020", {"truncate": "month"}, "2020"),
        ("ReferringPhysicianName", "Miller^Ann", {"truncate": 3}, "Mil"),
        ("PatientComments", "ab", {"truncate": 3}, "ab"),
        ("Manufacturer", "Example", "clean", "Example"),
        ("Manufacturer", "by Jonathan", "C", "by"),
        ("PatientComments", "anything", "clean", "anything"),
        ("StudyTime", "101112", "shift", "101112"),
        ("PatientAge", "061Y", "shift", "061Y"),
        ("PatientComments", "x", "X/Z/D", None),
        ("PatientComments", "x", "Z", ""),
        ("PatientComments", "x", "X/Z", None),
        ("PatientComments", "x", "Z/D", ""),
        ("PatientComments", "x", "D", "ANONYMIZED"),
        ("Manufacturer", "Example", "X/Z/D", ""),
        ("Manufacturer", "Example", "X/D", "ANONYMIZED"),
        ("Modality", "CT", "X/Z/D", "ANONYMIZED"),
        ("Modality", "CT", "Z", "ANONYMIZED"),
        ("Modality", "CT", "X", None),
    ],
    ids=str,
)
def test_what_an_action_leaves(folder, keyword, before, action, expected):
    output = after(folder, keyword, action, **{keyword: before})
    if action == "empty":
        assert keyword in output
    assert output.get(keyword) == expected


def test_a_line_on_an_attribute_that_is_not_there_adds_none(folder):
    assert "PatientComments" not in after(folder, "PatientComments", {"replace": "new"})


def test_uids_become_the_same_new_uids_everywhere(folder):
    tags = {"FrameOfReferenceUID": "uid", "ReferencedSeriesSequence": "uid", "InstanceCreatorUID": "U"}
    original = ct(FrameOfReferenceUID="1.2.9", InstanceCreatorUID="1.2.9", ReferencedSeriesSequence=nested())
    for project in ("trial", "other"):
        engine = engine_with(folder, tags, project, unlisted="keep")
        output = anonymized(engine, original)
        assert output.FrameOfReferenceUID == output.InstanceCreatorUID == engine.project.derive_uid("1.2.9")
        derived = subject_uid(engine, "1.2.3.4.5")
        assert output.ReferencedSeriesSequence[0].SeriesInstanceUID == derived


def test_templates_tell_project_subject_number_and_when_the_project_was_made(folder):
    tags = {
        "PatientComments": {"replace": "{project}/{subject}/{counter}/{counter:05d}/{now}"},
        "StudyDate": {"replace": "{now}"},
        "StudyTime": {"replace": "{now}"},
        "AcquisitionDateTime": {"replace": "{now}"},
    }
    engine = engine_with(folder, tags, "templates")
    original = ct(PatientComments="x", StudyTime="101112", AcquisitionDateTime="2020")
    output = anonymized(engine, original)
    now = f"{engine.project.created:%Y%m%d%H%M%S}"
    assert output.PatientComments == f"templates/{output.PatientID}/1/00001/{now}"
    assert (output.StudyDate, output.StudyTime, output.AcquisitionDateTime) == (now[:8], now[8:], now)
    assert anonymized(engine_with(folder, tags, "templates"), original).PatientComments == output.PatientComments


def test_subjects_are_counted_without_gaps_in_any_order(folder):
    line = {"PatientID": {"replace": "KNEE-{counter:05d}"}, "PatientName": {"replace": "{subject}"}}
    engine = engine_with(folder, line, "knee", pixels={"burned_in": "trust-flag"})
    patients = ["b", "a", "b", "c", "a", "d"]
    found = [anonymized(engine, ct(PatientID=patient)).PatientID for patient in patients]
    assert found == [f"KNEE-0000{number}" for number in (1, 2, 1, 3, 2, 4)]
    assert refused(engine, ct(PatientID="e", BurnedInAnnotation="YES")) == "burned-in-annotation"
    outcome = engine_with(folder, line, "knee").deidentify(encode(ct(PatientID="f")))
    assert outcome.patient_id == "KNEE-00005"
    assert decode(outcome.to_bytes()).PatientName == outcome.pseudonym


def test_a_value_that_does_not_fit_quarantines_and_is_not_told(folder):
    outcome = engine_with(folder, {"AccessionNumber": {"replace": "{project}"}}, "a" * 17).deidentify(encode(ct()))
    assert (outcome.reason, outcome.detail) == ("replacement-unfit", "(0008,0050)")


@pytest.mark.parametrize(
    ("asked", "pattern"),
    [
        (True, "[0-9a-f]{16}"),
        ({"length": 4}, "[0-9a-f]{4}"),
        ({"length": 64}, "[0-9a-f]{64}"),
        ({"length": 12, "alphabet": "digits"}, "[0-9]{12}"),
        ({"length": 12, "alphabet": "letters"}, "[A-Z]{12}"),
        ({"length": 12, "alphabet": "alphanumeric"}, "[0-9A-Z]{12}"),
        ({"length": 12, "alphabet": "ACDEFHKX"}, "[ACDEFHKX]{12}"),
        ({"alphabet": "like-original"}, "[A-Z]{2}-[0-9]{3}/[a-z]{2}"),
    ],
    ids=str,
)
def test_a_hash_has_its_length_and_alphabet(folder, asked, pattern):
    output = after(folder, "PatientComments", {"hash": asked}, PatientComments="AB-123/xy")
    assert re.fullmatch(pattern, output.PatientComments)
    assert output.PatientComments != "AB-123/xy"


def test_the_same_value_has_the_same_hash_everywhere_in_a_project_and_in_no_other(folder):
    line = {"hash": {"length": 12}}
    tags = {"AccessionNumber": line, "PatientComments": line, "OtherPatientNames": line}
    original = ct(
        AccessionNumber="ACC-1",
        PatientComments="ACC-1 ",
        OtherPatientNames=["ACC-1", "ACC-2"],
        ReferencedSeriesSequence=nested(AccessionNumber="ACC-1"),
    )
    found = set()
    for project in ("trial", "other"):
        output = anonymized(engine_with(folder, tags, project), original)
        again = anonymized(engine_with(folder, tags, project), original)
        value = output.AccessionNumber
        assert value == output.PatientComments == output.ReferencedSeriesSequence[0].AccessionNumber
        first, second = output.OtherPatientNames
        assert first == value != second
        assert again.OtherPatientNames == output.OtherPatientNames
        found.add(value)
    assert len(found) == 2


def test_a_hash_keeps_to_the_vr(folder):
    output = after(folder, "vr:CS", {"hash": {"length": 16}}, Modality="CT", ImageType=["ORIGINAL", "AXIAL"])
    for value in (output.Modality, *output.ImageType):
        assert re.fullmatch("[0-9A-F]{16}", value)
    assert after(folder, "PatientComments", {"hash": True}, PatientComments="").PatientComments == ""


def test_like_original_tells_nothing_of_other_scripts(folder):
    line = {"hash": {"alphabet": "like-original"}}
    original = {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Müller^Jörg=山田^太郎"}
    output = after(folder, "PatientName", line, **original)
    shape = re.sub("[A-Z]", "A", str(output.PatientName))
    assert shape == "AAAAAAA^AAAAA=AAAAAA^AAAAAA"


@pytest.mark.parametrize(
    ("charset", "before", "expected"),
    [
        ("ISO_IR 100", "Äöüß", "Äöü"),
        ("ISO_IR 192", "山田太郎", "山田太"),
        ("GB18030", "山田太郎", None),
        (["", "ISO 2022 IR 87"], "山田太郎", None),
    ],
)
def test_characters_are_cut_as_characters_or_not_at_all(folder, charset, before, expected):
    output = after(folder, "PatientComments", {"truncate": 3}, SpecificCharacterSet=charset, PatientComments=before)
    assert output.get("PatientComments") == expected


def test_a_line_shifts_dates_by_the_days_of_the_subject(folder):
    parts = {"dates": {"shift": {"min_days": -5, "max_days": -5}}}
    tags = {"StudyDate": "shift", "PatientBirthDate": "shift", "AcquisitionDateTime": "shift"}
    original = ct(StudyDate="20200106", PatientBirthDate="19570412", AcquisitionDateTime="20200301101112+0100")
    output = anonymized(engine_with(folder, tags, "shifted", **parts), original)
    assert (output.StudyDate, output.PatientBirthDate) == ("20200101", "19570407")
    assert output.AcquisitionDateTime == "20200225101112+0100"


def test_what_claims_to_be_a_date_passes_no_line_for_dates(folder):
    for action in ("shift", {"truncate": "year"}):
        data = encode(ct(StudyDate="20200102")).replace(b"20200102", b"Jonathan")
        output = anonymized(engine_with(folder, {"StudyDate": action}), data)
        assert output.StudyDate == ""


def test_the_pseudonym_is_in_name_and_id_whatever_masks_say(folder):
    for action in ("keep", "remove", {"replace": "x"}, {"hash": True}):
        for target in ("0010,xxxx", "0010,0010-0010,0020", "vr:PN", "vr:LO", "xxxx,xxxx"):
            output = after(folder, target, action)
            assert PSEUDONYM.fullmatch(output.PatientID), (target, action)
            assert output.PatientName == output.PatientID


def test_masks_reach_nested_patient_ids(folder):
    output = after(folder, "vr:LO", {"replace": "x"}, ReferencedSeriesSequence=nested(PatientID="MRN-4711"))
    assert output.ReferencedSeriesSequence[0].PatientID == "x"


def test_name_and_id_can_be_written_by_name(folder):
    assert "PatientName" not in after(folder, "PatientName", "remove")
    assert after(folder, ".PatientID", {"replace": "x"}).PatientID == "x"
    assert after(folder, "0010,0010", {"hash": {"length": 8}}).PatientName != "Doe^Jonathan"
    output = after(folder, "PatientID", "keep")
    assert output.PatientID == "MRN-4711"
    assert PSEUDONYM.fullmatch(str(output.PatientName))


@pytest.mark.parametrize("action", ["keep", "remove", "empty", "dummy", {"replace": "1"}, {"hash": True}], ids=str)
def test_what_makes_the_object_is_out_of_reach(folder, action):
    targets = ["xxxx,xxxx", "**.0008,xxxx", "0008,0000-0028,FFFF", "7FE0,xxxx", "vr:CS"]
    if isinstance(action, str):
        targets += ["vr:UI", "vr:SQ", "vr:OW"]
    engine = engine_with(folder, dict.fromkeys(targets, action))
    output = anonymized(engine, ct(SpecificCharacterSet="ISO_IR 100", ReferencedSeriesSequence=nested()))
    assert output.SpecificCharacterSet == "ISO_IR 100"
    assert output.SOPClassUID == output.file_meta.MediaStorageSOPClassUID == ct().SOPClassUID
    uids = (output.StudyInstanceUID, output.SeriesInstanceUID, output.SOPInstanceUID)
    assert uids == tuple(subject_uid(engine, uid) for uid in ("1.2.3.4.2", "1.2.3.4.3", "1.2.3.4.1"))
    assert output.PixelData == ct().PixelData
    assert output.DeidentificationMethod
    assert output.LongitudinalTemporalInformationModified
    assert output.PatientIdentityRemoved in {"YES", "NO"}


PLACES = {
    "top": ct(PatientComments="top"),
    "one": ct(ReferencedSeriesSequence=nested(PatientComments="one")),
    "two": ct(
        ReferencedSeriesSequence=sequence(
            item(SeriesInstanceUID="1.2.4"),
            item(SeriesInstanceUID="1.2.3", ReferencedInstanceSequence=sequence(item(PatientComments="two"))),
        )
    ),
    "other": ct(RequestAttributesSequence=sequence(item(PatientComments="other"))),
}


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ("PatientComments", "top one two other"),
        ("0010,4000", "top one two other"),
        ("(0010,4000)", "top one two other"),
        ("(0010, 4000)", "top one two other"),
        ("0010,40xx", "top one two other"),
        ("(0010,40XX)", "top one two other"),
        ("xxxx,4000", "top one two other"),
        ("0010,3000-0010,4000", "top one two other"),
        ("(0010,4000)-(0010,5000)", "top one two other"),
        ("0010,4001-0010,5000", ""),
        ("vr:LT", "top one two other"),
        ("vr:lt", "top one two other"),
        ("vr:LO", ""),
        ("StudyComments", ""),
        (".PatientComments", "top"),
        ("*.PatientComments", "one other"),
        ("*.*.PatientComments", "two"),
        ("**.PatientComments", "top one two other"),
        ("*.**.PatientComments", "one two other"),
        ("**.*.PatientComments", "one two other"),
        ("**.**.PatientComments", "top one two other"),
        ("ReferencedSeriesSequence.PatientComments", "one"),
        (".ReferencedSeriesSequence.PatientComments", "one"),
        ("ReferencedSeriesSequence[*].PatientComments", "one"),
        ("ReferencedSeriesSequence[*].ReferencedInstanceSequence[*].PatientComments", "two"),
        ("ReferencedSeriesSequence.*.PatientComments", "two"),
        ("ReferencedSeriesSequence.**.PatientComments", "one two"),
        ("**.ReferencedInstanceSequence.PatientComments", "two"),
        ("ReferencedInstanceSequence.PatientComments", ""),
        ("0008,1115.0010,4000", "one"),
        ("(0008,1115).(0010,40xx)", "one"),
        ("*.vr:LT", "one other"),
        ("*.0010,0000-0010,FFFF", "one other"),
    ],
)
def test_where_a_target_is_met(folder, target, places):
    sequences = ("ReferencedSeriesSequence", "ReferencedInstanceSequence", "RequestAttributesSequence")
    tags = {target: {"replace": "met"}, **dict.fromkeys(sequences, "keep")}
    met = set()
    for place, original in PLACES.items():
        outcome = engine_with(folder, tags, unlisted="keep").deidentify(encode(original))
        values = {element.value for element in decode(outcome.to_bytes()).iterall() if element.tag == 0x00104000}
        assert values <= {"met"}
        if values:
            met.add(place)
    assert met == set(places.split())


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["vr:LT", "0010,0000-0010,FFFF"], 1),
        (["0010,0000-0010,FFFF", "vr:LT"], 0),
        (["0010,xxxx", "0010,0000-0010,FFFF"], 0),
        (["0010,4000", "0010,xxxx"], 0),
        (["**.PatientComments", "PatientComments"], 0),
        ([".PatientComments", "0010,4000", "0010,xxxx", "vr:LT"], 0),
        (["PatientComments", "0010,4000"], 1),
        (["(0010,4000)", "PatientComments"], 1),
        (["0010,40xx", "0010,xxxx"], 1),
    ],
)
def test_the_more_specific_line_decides_and_then_the_last(folder, lines, expected):
    tags = {line: {"replace": str(number)} for number, line in enumerate(lines)}
    assert anonymized(engine_with(folder, tags), ct(PatientComments="x")).PatientComments == str(expected)


def test_rules_that_hold_go_before_plain_lines_and_later_ones_before_earlier_ones(folder):
    def rule(condition, target, value):
        return {"if": condition, "tags": {target: {"replace": value}}}

    rules = [
        rule('Modality == "CT"', "vr:LT", "first"),
        rule('Manufacturer == "Example"', "0010,xxxx", "second"),
        rule('Manufacturer == "Nobody"', "PatientComments", "third"),
    ]
    engine = engine_with(folder, {".PatientComments": {"replace": "plain"}}, rules=rules)

    def comments(**attributes):
        return anonymized(engine, ct(PatientComments="x", **attributes)).PatientComments

    assert comments() == "first"
    assert comments(Manufacturer="Example") == "second"
    assert comments(Manufacturer="Nobody") == "third"
    assert comments(Modality="MR") == "plain"
    assert comments(Modality="MR", Manufacturer="Example") == "second"


def test_by_vr_lists_go_before_tags(folder):
    engine = engine_with(folder, {"PatientSex": "remove"}, by_vr=["PatientSex", "PatientAge"], unlisted="safe")
    output = anonymized(engine, ct(PatientSex="F", PatientAge="061Y", PatientWeight="71"))
    assert output.PatientSex == "F"
    assert "PatientWeight" not in output


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("0019[ACME]01", {0x00191001, 0x00191201}),
        ("0019[ACME]xx", {0x00191001, 0x00191201}),
        ("0019[ACME]XX", {0x00191001, 0x00191201}),
        ("0019[OTHER V1.0]01", {0x00191101}),
        ("0019[ACME]02", set()),
        ("0019[acme]01", set()),
        ("0021[ACME]01", set()),
        (".0019[ACME]01", {0x00191001, 0x00191201}),
        ("*.0019[ACME]01", set()),
        ("0010,xxxx", set()),
        ("vr:LO", set()),
    ],
)
def test_private_attributes_go_by_their_creator_in_whatever_block(folder, target, kept):
    original = ct()
    for block, creator in ((0x10, "ACME"), (0x11, "OTHER V1.0"), (0x12, "ACME")):
        with_private(original, creator, f"secret {block}", block)
    output = anonymized(engine_with(folder, {target: "keep"}), original)
    found = {int(element.tag) for element in output if element.tag.is_private and not element.tag.is_private_creator}
    assert found == kept
    creators = {int(element.tag) for element in output if element.tag.is_private_creator}
    assert creators == {tag & 0xFFFF0000 | tag >> 8 & 0xFF for tag in kept}


def test_private_attributes_are_written_as_others(folder):
    tags = {"0019[ACME]01": {"replace": "{project}"}, "RequestAttributesSequence.0019[ACME]01": {"truncate": 3}}
    inside = with_private(item(ScheduledProcedureStepID="1"))
    original = with_private(ct(RequestAttributesSequence=sequence(inside)))
    output = anonymized(engine_with(folder, {**tags, "RequestAttributesSequence": "keep"}), original)
    assert output[0x00191001].value == "trial"
    assert output.RequestAttributesSequence[0][0x00191001].value == "sec"


def test_a_sequence_stays_goes_or_is_emptied_as_a_line_says(folder):
    def found(action):
        request = item(StudyInstanceUID="1.2.3", PatientComments="x")
        return after(folder, "RequestAttributesSequence", action, RequestAttributesSequence=sequence(request)).get(
            "RequestAttributesSequence"
        )

    kept = found("keep")[0]
    assert kept.StudyInstanceUID.startswith("2.25.")
    assert "PatientComments" not in kept
    assert found("remove") is None
    assert len(found("Z")) == 0


def test_scripts_decide_with_all_they_need_to_know(folder, site_script):
    seen = []

    def decide(element, data_set):
        seen.append((element.keyword, element.vr, element.value, element.raw, data_set["Modality"]))
        return f"{data_set['Modality']} of {data_set['RequestAttributesSequence'][0]['ScheduledProcedureStepID']}"

    original = ct(
        PatientComments="a b",
        RequestAttributesSequence=sequence(item(ScheduledProcedureStepID="SPS-1")),
    )
    output = anonymized(engine_with(folder, {"PatientComments": site_script(decide)}), original)
    assert output.PatientComments == "CT of SPS-1"
    assert set(seen) == {("PatientComments", "LT", "a b", b"a b ", "CT")}


def test_scripts_see_the_item_that_their_element_is_in(folder, site_script):
    line = site_script(lambda element, data_set: f"{element.value} of {data_set['SeriesInstanceUID']}")
    inside = [item(SeriesInstanceUID=f"1.2.{number}", PatientComments=str(number)) for number in range(3)]
    original = ct(PatientComments="top", ReferencedSeriesSequence=sequence(*inside))
    output = anonymized(engine_with(folder, {"PatientComments": line}), original)
    assert output.PatientComments == "top of 1.2.3.4.3"
    found = [one.PatientComments for one in output.ReferencedSeriesSequence]
    assert found == ["0 of 1.2.0", "1 of 1.2.1", "2 of 1.2.2"]


@pytest.mark.parametrize(
    ("keyword", "before", "answer", "expected"),
    [
        ("PatientComments", "x", None, None),
        ("Manufacturer", "x", None, ""),
        ("Modality", "CT", None, "ANONYMIZED"),
        ("Manufacturer", "x", "", ""),
        ("Rows", 2, 3, 3),
        ("ImageType", ["A", "B"], ("C", "D"), ["C", "D"]),
        ("PixelSpacing", ["1", "1"], [0.5, 0.25], [0.5, 0.25]),
        ("Manufacturer", "x", b"raw", "raw"),
        ("StudyDate", "20200102", "20200101", "20200101"),
    ],
)
def test_what_scripts_may_answer(folder, site_script, keyword, before, answer, expected):
    line = site_script(lambda _element, _data_set: answer)
    assert after(folder, keyword, line, **{keyword: before}).get(keyword) == expected


def fails(element, _data_set):
    raise RuntimeError(element.value)


def writes_into(_element, data_set):
    data_set["PatientID"] = "x"


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (fails, "RuntimeError"),
        (writes_into, "TypeError"),
        (lambda _element, data_set: data_set["PatientSex"], "KeyError"),
        (lambda element, _data_set: element.value * 20, "UnfitError"),
        (lambda _element, _data_set: "Jonäthan", "UnicodeEncodeError"),
        (lambda _element: "too few arguments", "TypeError"),
    ],
    ids=["raises", "writes", "missing", "too long", "not ASCII", "arguments"],
)
def test_a_script_that_fails_quarantines_and_tells_no_value(folder, site_script, caplog, function, kind):
    engine = engine_with(folder, {"AccessionNumber": site_script(function)})
    outcome = engine.deidentify(encode(ct()))
    assert isinstance(outcome, Quarantined)
    assert (outcome.reason, outcome.detail) == ("script-failed", f"site_script:decide: {kind}")
    assert "ACC-0815" not in caplog.text


CONDITIONS = [
    ('Modality == "CT"', True),
    ('Modality == "ct"', True),
    ("Modality == 'CT'", True),
    ('Modality == "C"', False),
    ('Modality != "CT"', False),
    ('Modality != "MR"', True),
    ('0008,0060 == "CT"', True),
    ('Modality in ["MR", "ct"]', True),
    ('Modality in ["MR"]', False),
    ('Manufacturer contains "scan"', True),
    ('Manufacturer contains "scam"', False),
    ('Manufacturer matches "^example"', True),
    ('Manufacturer matches "^Scanners"', False),
    ('Manufacturer matches "a.p"', True),
    ("Manufacturer exists", True),
    ("PatientSex exists", False),
    ("StudyTime exists", False),
    ('PatientSex == ""', False),
    ('PatientSex == "F"', False),
    ('PatientSex != "F"', True),
    ('PatientSex in ["F"]', False),
    ('PatientSex contains "F"', False),
    ('PatientSex matches "F"', False),
    ("PatientWeight > 0", False),
    ("PatientWeight <= 0", False),
    ("InstanceNumber == 7", True),
    ("InstanceNumber < 8", True),
    ("InstanceNumber < 7", False),
    ("InstanceNumber <= 7", True),
    ("InstanceNumber > 6.5", True),
    ("InstanceNumber >= 7", True),
    ("InstanceNumber >= 8", False),
    ("SliceLocation < -1.5", True),
    ("StudyDate >= 20200101", True),
    ("Manufacturer > 0", False),
    ('ImageType contains "secondary"', True),
    ('ImageType == "DERIVED\\SECONDARY"', True),
    ('ImageType == "SECONDARY"', False),
    ('Modality == "CT" and InstanceNumber == 7', True),
    ('Modality == "CT" and InstanceNumber == 8', False),
    ('Modality == "MR" or InstanceNumber == 7', True),
    ('Modality == "MR" or InstanceNumber == 8', False),
    ('not Modality == "CT"', False),
    ('not not Modality == "CT"', True),
    ("not PatientSex exists", True),
    ('Modality == "CT" or Modality == "MR" and InstanceNumber == 8', True),
    ('(Modality == "CT" or Modality == "MR") and InstanceNumber == 8', False),
    ('not (Modality == "MR" or InstanceNumber == 8)', True),
    ('not Modality == "MR" and InstanceNumber == 8', False),
    ('Modality=="CT"and(InstanceNumber==7)', True),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS, ids=[condition for condition, _ in CONDITIONS])
def test_when_a_condition_holds(folder, condition, expected):
    engine = engine_with(folder, rules=[{"if": condition, "quarantine": True}])
    original = ct(ImageType=["DERIVED", "SECONDARY"], InstanceNumber=7, SliceLocation="-2.25", StudyTime="")
    inside = item(SeriesInstanceUID="1.2.3", PatientSex="F", PatientWeight="1")
    for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        original.ReferencedSeriesSequence = sequence(inside)
        outcome = engine.deidentify(encode(original, syntax))
        assert isinstance(outcome, Quarantined if expected else Deidentified), outcome


def test_the_rule_that_quarantined_is_told(folder):
    rules = [
        {"if": 'Modality == "MR"', "quarantine": True},
        {"if": "PatientID exists", "sop_classes": ["MR *"], "quarantine": True},
        {"if": 'PatientID == "MRN-4711"', "quarantine": True},
    ]
    outcome = engine_with(folder, rules=rules).deidentify(encode(ct()))
    assert (outcome.reason, outcome.detail) == ("denied-by-rule", "rules.2")


@pytest.mark.parametrize(
    ("listed", "passing"),
    [
        ({"allow": ["CT Image Storage"]}, {"CT"}),
        ({"allow": ["ct image storage"]}, {"CT"}),
        ({"allow": ["* Image Storage"]}, {"CT", "MR"}),
        ({"allow": [MR]}, {"MR"}),
        ({"allow": ["CT Image Storage", "*Text SR*"]}, {"CT", "SR"}),
        ({"allow": ["1.2.3.4"]}, {"own"}),
        ({"deny": ["CT Image Storage"]}, {"MR", "SR", "own"}),
        ({"deny": ["*SR Storage"]}, {"CT", "MR", "own"}),
        ({"deny": [MR, "?T Image Storage"]}, {"SR", "own"}),
        ({"allow": ["* Image Storage"], "deny": ["MR*"]}, {"CT"}),
        ({"allow": [MR], "deny": [MR]}, set()),
        ({}, {"CT", "MR", "SR", "own"}),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_which_sop_classes_pass(folder, listed, passing):
    engine = engine_with(folder, sop_classes=listed)
    found = set()
    for name, sop_class in (("CT", ct().SOPClassUID), ("MR", MR), ("SR", SR), ("own", "1.2.3.4")):
        outcome = engine.deidentify(encode(ct(SOPClassUID=sop_class)))
        if isinstance(outcome, Deidentified):
            found.add(name)
        else:
            assert outcome.reason == "sop-class-denied"
    assert found == passing


def test_rules_hold_for_their_sop_classes(folder):
    rules = [{"sop_classes": ["MR *"], "tags": {"PatientComments": "keep"}}]
    engine = engine_with(folder, rules=rules)
    assert "PatientComments" not in anonymized(engine, ct(PatientComments="x"))
    assert anonymized(engine, ct(PatientComments="x", SOPClassUID=MR)).PatientComments == "x"


def test_the_data_set_and_not_the_file_meta_says_what_an_object_is(folder):
    lying = encode(ct()).replace(b"1.2.840.10008.5.1.4.1.1.2\0", b"1.2.840.10008.5.1.4.1.1.4\0", 1)
    engine = engine_with(folder, sop_classes={"deny": ["CT *"]})
    assert refused(engine, lying) == "sop-class-denied"


SEVERAL = {
    "tags": {
        "PatientComments": {"replace": "{subject} {counter}"},
        "AccessionNumber": {"hash": {"alphabet": "like-original"}},
        "StudyDate": "shift",
        "vr:TM": "remove",
        "Rows": {"replace": 4},
        "SliceThickness": {"replace": 2.5},
        "ReferencedSeriesSequence.SeriesDate": {"truncate": "month"},
        "**.PatientName": "dummy",
        "FrameOfReferenceUID": "uid",
        "0018,xxxx": "keep",
    },
    "rules": [{"if": 'PatientSex == "F"', "tags": {"PatientSex": "keep", "Manufacturer": {"truncate": 4}}}],
}


def several(patient, number):
    return ct(
        PatientID=patient,
        PatientSex="F" if number % 2 else "M",
        PatientComments="x",
        SOPInstanceUID=f"1.2.3.{number}",
        StudyTime="101112",
        SliceThickness="1.5",
        ProtocolName="by Jonathan",
        FrameOfReferenceUID="1.2.9",
        SmallestImagePixelValue=300,
        ReferencedSeriesSequence=nested(SeriesDate="20200517", PatientName="Doe^Jonathan", StudyTime="101112"),
    )


def test_the_order_of_objects_changes_nothing(folder):
    objects = [encode(several(patient, number)) for number, patient in enumerate("abca")]
    engine = engine_with(folder, **SEVERAL)
    expected = [engine.deidentify(data).to_bytes() for data in objects]
    assert len(set(expected)) == len(objects)
    for order in permutations(range(len(objects))):
        engine = engine_with(folder, **SEVERAL)
        for number in order:
            assert engine.deidentify(objects[number]).to_bytes() == expected[number]


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian], ids=lambda uid: uid.name
)
def test_every_encoding_has_the_same_outcome(folder, syntax):
    engine = engine_with(folder, **SEVERAL)
    for number in (1, 2):
        original = several("a", number)
        original.PixelData = b"\1\1\2\2\3\3\4\4"  # the same words in either byte order
        original["PixelData"].VR = "OW"
        expected = anonymized(engine, encode(original))
        output = anonymized(engine, encode(original, syntax))
        assert output == expected
        assert output.file_meta.TransferSyntaxUID == syntax


def test_lines_hold_whatever_vr_an_element_claims(folder):
    for vr in ("LO", "UN", "OB"):
        data = with_element(0x00104000, explicit(0x00104000, vr, b"secret"))
        for action in ("remove", {"replace": "x"}, {"hash": {"length": 8}}, {"truncate": 1}):
            output = anonymized(engine_with(folder, {"PatientComments": action}), data)
            assert "secret" not in str(output.get("PatientComments"))
