"""What hostile reviews of profiles found: loops, claims that are not earned, and rules that silently never hold."""

from __future__ import annotations

import pytest

from greycloak import Deidentified, Engine
from greycloak.profiles import parse_profile
from raw_elements import explicit, one_item, with_element
from support import anonymized, ct, encode, item, make_installation, refused, sequence

SCHEME_THAT_REPEATS_ITS_CODE = one_item(
    explicit(0x00080100, "PN", b"RADLEX")
    + explicit(0x00080102, "SH", b"RADLEX")
    + explicit(0x00080104, "LO", b"Chest ")
)


def engine_of(folder, **profile):
    parsed = parse_profile({"name": "test", "base": "basic", **profile})
    return Engine(parsed, make_installation(folder).project("trial"))


def test_what_repeats_itself_in_a_code_does_not_go_round_for_ever(folder):
    data = with_element(0x00081032, explicit(0x00081032, "SQ", SCHEME_THAT_REPEATS_ITS_CODE))
    assert isinstance(engine_of(folder).deidentify(data), Deidentified)
    code = item(CodeValue="RADLEX", CodingSchemeDesignator="RADLEX", CodeMeaning="Chest")
    outcome = engine_of(folder, tags={"CodeValue": "remove"}).deidentify(
        encode(ct(AnatomicRegionSequence=sequence(code)))
    )
    assert isinstance(outcome, Deidentified)


WEAKENING = [
    {"tags": {"6002,3000": "keep"}},
    {"tags": {"5010,xxxx": "keep"}},
    {"tags": {"6002,0000-60FF,FFFF": "keep"}},
    {"tags": {"vr:OW": "keep"}},
    {"tags": {"0019[ACME]0C": {"truncate": 64}}},
    {"tags": {"ReferringPhysicianIdentificationSequence": "uid"}},
    {"tags": {"PatientBirthDateInAlternativeCalendar": "keep"}},
    {"tags": {"StudyDate": "shift"}},
    {"tags": {"0010,xxxx": "K"}},
    {"by_vr": ["StudyDescription"]},
    {"tags": {"PatientComments": "by-vr"}},
    {"rules": [{"if": 'Modality == "CT"', "tags": {"StudyDescription": "keep"}}]},
    {"unlisted": "keep"},
    {"private": {"others": "keep"}},
    {"listed": "by-vr"},
]


@pytest.mark.parametrize("profile", WEAKENING, ids=str)
def test_what_leaves_more_than_the_basic_profile_makes_no_claim(folder, profile):
    output = anonymized(engine_of(folder, **profile), ct())
    assert "DeidentificationMethodCodeSequence" not in output
    assert output.PatientIdentityRemoved == "NO"
    assert output.DeidentificationMethod[1] == "profile test"


STRENGTHENING = [
    {"tags": {"StudyDescription": {"replace": "A study"}}},
    {"tags": {"InstitutionName": {"hash": True}}},
    {"tags": {"60xx,xxxx": "remove", "SeriesDescription": "X/Z/D", "Manufacturer": "clean"}},
    {"tags": {"StudyDate": "shift"}, "options": ["retain-modified-dates"]},
    {"tags": {"0019[ACME]0C": "remove"}},
    {"unlisted": "iod-only"},
    {"sop_classes": {"deny": ["*SR Storage"]}},
]


@pytest.mark.parametrize("profile", STRENGTHENING, ids=str)
def test_what_leaves_no_more_keeps_the_claim(folder, profile):
    output = anonymized(engine_of(folder, **profile), ct())
    assert output.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert output.PatientIdentityRemoved == "YES"


def test_a_vr_that_an_element_only_claims_to_have_does_not_save_it(folder):
    raw = explicit(0x00104000, "FD", b"Jonathan")
    output = engine_of(folder, tags={"vr:FD": "keep"}).deidentify(with_element(0x00104000, raw)).to_bytes()
    assert b"Jonathan" not in output


@pytest.mark.parametrize(
    ("condition", "attributes"),
    [
        ("Rows == 2", {}),
        ("Rows > 1", {}),
        ("BitsAllocated in [8, 16]", {}),
        ("SliceThickness == 5", {"SliceThickness": "5.0"}),
        ("PixelSpacing > 0.1", {"PixelSpacing": ["0.5", "0.5"]}),
        ('InstitutionName == "Müller"', {"InstitutionName": "Müller", "SpecificCharacterSet": "ISO_IR 192"}),
        ('InstitutionName contains "müll"', {"InstitutionName": "Müller", "SpecificCharacterSet": "ISO_IR 100"}),
    ],
)
def test_a_rule_that_should_hold_holds(folder, condition, attributes):
    engine = engine_of(folder, rules=[{"if": condition, "quarantine": True}])
    assert refused(engine, ct(**attributes)) == "denied-by-rule"


def test_a_condition_on_text_that_cannot_be_decoded_refuses_the_object(folder):
    engine = engine_of(folder, rules=[{"if": 'InstitutionName == "X"', "quarantine": True}])
    data = encode(ct(InstitutionName="Mueller", SpecificCharacterSet="ISO_IR 192")).replace(b"Mueller", b"M\xfceller")
    assert refused(engine, data) == "unreadable-text"


def test_the_first_object_of_a_subject_is_no_exception(folder):
    engine = engine_of(folder, tags={"OtherPatientIDs": "pseudonym", "AccessionNumber": "pseudonym"})
    outcome = engine.deidentify(encode(ct(OtherPatientIDs="A")))
    assert isinstance(outcome, Deidentified)
    output = anonymized(engine, ct(OtherPatientIDs="A"))
    assert output.OtherPatientIDs == output.PatientID
    assert output.AccessionNumber == output.PatientID[-16:]


def test_other_subjects_do_not_decide_whether_a_replacement_fits(folder):
    engine = engine_of(folder, tags={"AccessionNumber": {"replace": "AAAAAAAAAAAAAAA{counter}"}})
    first = engine.deidentify(encode(ct(PatientID="first")))
    for number in range(12):
        engine.deidentify(encode(ct(PatientID=f"other-{number}", AccessionNumber=None)))
    assert engine.deidentify(encode(ct(PatientID="first"))).to_bytes() == first.to_bytes()


def test_published_dates_and_placeholders_do_not_tell_the_shift(folder):
    code = item(CodeValue="1", CodingSchemeDesignator="DCM", CodeMeaning="x", ContextGroupVersion="20020904")
    for profile in (
        {"base": "research", "options": ["retain-safe-private"], "tags": {"vr:DT": "shift"}},
        {"base": "clinical-trial", "tags": {"vr:DT": "shift", "ContextGroupVersion": "shift"}},
    ):
        output = anonymized(engine_of(folder, **profile), ct(AnatomicRegionSequence=sequence(code)))
        assert output.AnatomicRegionSequence[0].get("ContextGroupVersion") in {None, "", "20020904", "19000101000000"}
    for placeholder in ("19000101", "99991231", "18581117"):
        output = anonymized(engine_of(folder, base="clinical-trial"), ct(StudyDate=placeholder))
        assert output.StudyDate == placeholder


def test_what_a_script_or_a_local_code_takes_away_is_looked_for_elsewhere(folder, tmp_path, monkeypatch):
    (tmp_path / "taking.py").write_text("def all(element, data_set):\n    return None\n")
    monkeypatch.syspath_prepend(tmp_path)
    engine = engine_of(folder, tags={"InstitutionName": {"script": "taking:all"}})
    assert anonymized(engine, ct(InstitutionName="Waldhof", Manufacturer="at Waldhof")).Manufacturer == "at"
    code = item(CodeValue="1", CodingSchemeDesignator="99LOC", CodeMeaning="for Dr Waldhof")
    original = ct(AnatomicRegionSequence=sequence(code), Manufacturer="for Dr Waldhof")
    assert anonymized(engine_of(folder), original).Manufacturer == ""


def test_schemes_that_are_no_vocabulary_do_not_vouch_for_their_meanings(folder):
    for scheme in ("DCMUID", "ISO_OID", "99LOCAL", ""):
        code = item(CodeValue="1", CodingSchemeDesignator=scheme, CodeMeaning="of Mrs Kowalski")
        output = anonymized(engine_of(folder), ct(AnatomicRegionSequence=sequence(code)))
        assert output.AnatomicRegionSequence[0].CodeMeaning == "ANONYMIZED"


def test_numbers_of_safe_private_attributes_are_looked_at(folder):
    creator = explicit(0x00190010, "LO", b"SIEMENS MR HEADER ")
    for vr in ("FD", "UN"):
        raw = creator + explicit(0x0019100E, vr, b"Doe^Jonathan MRN-4711   ")
        engine = engine_of(folder, options=["retain-safe-private"])
        assert b"Jonathan" not in engine.deidentify(with_element(0x00190010, raw)).to_bytes()


def test_group_ffff_is_no_private_group(folder):
    raw = explicit(0xFFFF0010, "LO", b"ACME") + explicit(0xFFFF1001, "LO", b"anything")
    engine = engine_of(folder, options=["retain-safe-private"], private={"safe": ["FFFF[ACME]01"]})
    assert b"anything" not in engine.deidentify(with_element(0xFFFF0010, raw)).to_bytes()


def test_a_group_that_begins_with_a_sequence_of_unknown_vr_goes_through(folder):
    inside = b"\xfe\xff\x00\xe0\x08\0\0\0" + b"\x10\0\x10\0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
    raw = explicit(0x00191001, "UN", inside, 0xFFFFFFFF)
    for options in ([], ["retain-safe-private"]):
        outcome = engine_of(folder, options=options).deidentify(with_element(0x00191001, raw))
        assert isinstance(outcome, Deidentified)


def test_texts_keep_their_character_set_in_a_whitelist(folder):
    code = item(CodeValue="T-1", CodingSchemeDesignator="SRT", SpecificCharacterSet="ISO_IR 144", CodeMeaning="Грудь")
    output = anonymized(
        Engine(parse_profile({"name": "own", "base": "whitelist"}), make_installation(folder).project("trial")),
        ct(AnatomicRegionSequence=sequence(code)),
    )
    assert output.AnatomicRegionSequence[0].CodeMeaning == "Грудь"


@pytest.mark.parametrize("tag", ["StudyID", "PatientComments"])
def test_a_code_of_ps3_15_writes_no_other_vr(folder, tag):
    output = anonymized(engine_of(folder, tags={tag: "X/Z/U*"}), ct(StudyID="7", PatientComments="x"))
    assert tag not in output or output[tag].VR != "UI"
