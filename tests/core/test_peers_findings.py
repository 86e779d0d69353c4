"""What the test suites of other tools found when they were run against Greycloak."""

from __future__ import annotations

import mmap

import pytest

from greycloak import Deidentified, Engine, Quarantined, load_profile
from greycloak.profiles import ProfileError, parse_profile
from raw_elements import EXPLICIT, IMPLICIT, explicit, implicit, with_element
from support import anonymized, ct, decode, encode, item, make_engine, make_installation, sequence


def test_a_path_or_a_data_set_is_a_mistake_of_the_caller_not_of_the_object(engine, tmp_path):
    path = tmp_path / "one.dcm"
    path.write_bytes(encode(ct()))
    for source in (str(path), path, ct(), None):
        with pytest.raises(TypeError, match="takes the bytes of a file, not"):
            engine.deidentify(source)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        outcome = engine.deidentify(mapped)
        assert isinstance(outcome, Deidentified)
        outcome.parts.clear()


def test_a_profile_file_may_have_an_underscore_in_its_name(tmp_path):
    (tmp_path / "trial_7.toml").write_text('base = "basic"\n')
    assert load_profile(str(tmp_path / "trial_7.toml")).name == "trial_7"


GE_CLASS, PHILIPS_CLASS = "1.2.840.113619.4.27", "1.3.46.670589.11.0.0.12.2"


def reference(sop_class, instance="1.2.3.4.77"):
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)


def referenced(engine, *references, **attributes):
    """Return the classes that an object's references name afterwards."""
    data = ct(ReferencedSeriesSequence=sequence(item(SeriesInstanceUID="1.2.3.4.3",
              ReferencedInstanceSequence=sequence(*references))), **attributes)  # fmt: skip
    outcome = engine.deidentify(encode(data))
    if isinstance(outcome, Quarantined):
        return outcome.reason
    found = decode(outcome.to_bytes()).ReferencedSeriesSequence[0].ReferencedInstanceSequence
    return [str(one.ReferencedSOPClassUID) for one in found]


def test_a_reference_to_a_maker_s_own_class_still_fits_the_object(engine):
    own = "1.2.826.0.1.3680043.9.9999.4.1"
    for sop_class in (GE_CLASS, PHILIPS_CLASS, own):
        assert referenced(engine, reference(sop_class), SOPClassUID=sop_class) == [sop_class]
        kept = [sop_class] if sop_class != own else None
        found = referenced(engine, reference(sop_class))
        assert found == kept or (kept is None and found[0].startswith("2.25."))


@pytest.mark.parametrize(
    "smuggled",
    ["1.2.3.4.77", "1.2.840.113619.2.1.1.322987881.621.736170080.681", "1.3.12.2.1107.5.2.32.35119.2010011420300180088",
     "1.3.46.670589.11.0.0.12.20200102101112", "1.2.840.113619.4.27.20200102"],
)  # fmt: skip
def test_an_instance_in_the_place_of_a_class_is_mapped(engine, smuggled):
    assert referenced(engine, reference(smuggled))[0].startswith("2.25.")


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"])
def test_what_is_an_instance_elsewhere_in_the_object_is_never_kept_as_a_class(engine, keyword):
    found = referenced(engine, reference(GE_CLASS), **{keyword: GE_CLASS})
    assert found == "invalid-uid" or found[0].startswith("2.25.")
    found = referenced(engine, reference(GE_CLASS, GE_CLASS))
    assert found == "invalid-uid"
    own = "1.2.826.0.1.3680043.9.9999.4.1"
    assert referenced(engine, reference(GE_CLASS), **{"SOPClassUID": own, keyword: own}) == "invalid-uid"


CREATOR, NUMBER = 0x00190010, 0x00191001
SHIFTED = {"options": ["retain-modified-dates"], "dates": {"shift": {"min_days": 3, "max_days": 3}}}


def private_left(folder, action, vr, value, syntax, **changes):
    """Return what a line makes of a private attribute, and the notes."""
    engine = make_engine(folder, tags={"0019[ACME 1.1]01": action}, **changes)
    value += b" " * (len(value) % 2)
    if syntax == IMPLICIT:
        raw = implicit(CREATOR, b"ACME 1.1") + implicit(NUMBER, value)
    else:
        raw = explicit(CREATOR, "LO", b"ACME 1.1") + explicit(NUMBER, vr, value)
    outcome = engine.deidentify(with_element(CREATOR, raw, syntax))
    assert isinstance(outcome, Deidentified), outcome
    output = decode(outcome.to_bytes())
    assert (NUMBER in output) == (CREATOR in output)
    found = output[NUMBER].value if NUMBER in output else None
    return (found.decode() if isinstance(found, bytes) else found), outcome.notes


@pytest.mark.parametrize("vr", ["LO", "UN", IMPLICIT])
def test_a_line_reaches_a_private_attribute_whatever_is_known_of_its_vr(folder, vr):
    syntax = IMPLICIT if vr == IMPLICIT else EXPLICIT
    assert private_left(folder, {"replace": "gone"}, vr, b"Doe", syntax)[0].strip() == "gone"
    hashed = private_left(folder, {"hash": {"length": 12}}, vr, b"Doe", syntax)[0]
    assert len(hashed) == 12
    assert "Doe" not in hashed
    for value, shifted in (
        (b"20200102", "20200105"),
        (b"20200102101112", "20200105101112"),
        (b"2020.01.02", "20200105"),
    ):
        assert private_left(folder, "shift", vr, value, syntax, **SHIFTED)[0].strip() == shifted
    for value in (b"1011", b"Doe", b"201912", b"20200102 Doe"):
        left, notes = private_left(folder, "shift", vr, value, syntax, **SHIFTED)
        assert left is None
        assert "invalid-date: 0019,1001" in notes


def test_what_makes_no_sense_for_the_vr_of_a_private_attribute_is_said(folder):
    left, notes = private_left(folder, {"replace": "gone"}, "UI", b"1.2.3.4.2 ", EXPLICIT)
    assert left is None
    assert "unfit-action: 0019,1001" in notes
    assert private_left(folder, {"replace": "1.2.3"}, "UI", b"1.2.3.4.2 ", EXPLICIT)[0] == "1.2.3"
    for target, action, said in (
        ("0019[SIEMENS MR HEADER]0C", {"replace": "gone"}, "does not fit"),
        ("0019[SIEMENS MR HEADER]0A", "shift", "shift moves dates"),
        ("0019[SIEMENS MR HEADER]0E", {"hash": True}, "hash makes a text"),
    ):
        with pytest.raises(ProfileError, match=said):
            parse_profile({"name": "t", "base": "basic", "tags": {target: action}})


def test_scramble_keeps_the_number_of_times_and_fills_no_empty_one(folder):
    engine = Engine(load_profile("scramble"), make_installation(folder).project("scrambled"))
    original = ct(ContentTime="101112", StudyTime="", FrameAcquisitionDateTime=None)
    original.add_new(0x00181202, "DT", "")
    original.add_new(0x00181201, "TM", ["101112", "", "121314"])  # Time of Last Calibration
    output = anonymized(engine, original)
    assert output.StudyTime in {"", None}
    times = output[0x00181201].value
    assert len(times) == 3
    assert times[0] == times[2] == output.ContentTime != "101112"
    assert not times[1]


def test_replace_needs_the_attribute_and_add_does_not(folder):
    tags = {"ClinicalTrialProtocolID": {"add": "TRIAL-7"}, "ClinicalTrialSiteID": {"replace": "SITE-1"},
            "PatientComments": {"add": "{project} {subject}"}, "AccessionNumber": {"add": "A-1"}}  # fmt: skip
    engine = make_engine(folder, tags=tags)
    nested = sequence(item(AccessionNumber="ACC-0815"), item(StudyID="1"))
    for syntax in (EXPLICIT, IMPLICIT):
        outcome = engine.deidentify(encode(ct(ReferencedStudySequence=nested), syntax))
        output = decode(outcome.to_bytes())
        assert output.ClinicalTrialProtocolID == "TRIAL-7"
        assert "ClinicalTrialSiteID" not in output
        assert output.PatientComments == f"trial {outcome.pseudonym}"
        assert output.AccessionNumber == "A-1"
    assert engine.profile.conforms
    again = engine.deidentify(encode(ct(ClinicalTrialProtocolID="Doe", PatientComments="Doe")))
    assert decode(again.to_bytes()).ClinicalTrialProtocolID == "TRIAL-7"


@pytest.mark.parametrize(
    ("target", "action", "said"),
    [
        ("vr:LO", {"add": "x"}, "add writes one standard attribute"),
        ("0019[ACME]01", {"add": "x"}, "add writes one standard attribute"),
        ("RequestAttributesSequence.StudyID", {"add": "x"}, "add writes one standard attribute"),
        ("60xx,3000", {"add": "x"}, "add writes one standard attribute"),
        ("PatientBirthDate", {"add": "yesterday"}, "add: 'yesterday' does not fit"),
        ("PatientComments", "add", "needs to know more"),
        ("StudyInstanceUID", {"add": "1.2"}, "cannot be changed by a rule"),
    ],
)
def test_what_cannot_be_added_is_refused(target, action, said):
    with pytest.raises(ProfileError, match=said):
        parse_profile({"name": "t", "base": "basic", "tags": {target: action}})


def test_a_rule_may_add_for_some_objects_only(folder):
    rules = ({"if": 'Modality == "CT"', "tags": {"ClinicalTrialProtocolID": {"add": "CT-7"}}},)
    engine = make_engine(folder, rules=rules)
    assert anonymized(engine, ct()).ClinicalTrialProtocolID == "CT-7"
    assert "ClinicalTrialProtocolID" not in anonymized(engine, ct(Modality="MR"))
