"""The options of PS3.15: what they keep, how dates are shifted, and what the object says of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from greycloak import Deidentified
from greycloak.actions.dates import DATE_VRS, DatePlan, date_value
from greycloak.profiles import Profile, load_profile
from greycloak.profiles.options import CLEAN_OPTIONS, CLEANERS, METHOD_CODES, RETAIN_OPTIONS
from greycloak.pseudonyms.derive import derive_days
from greycloak.standard.confidentiality import rows
from greycloak.standard.dictionary import entry_for
from raw_elements import SECRET, explicit, implicit, one_item, with_element
from support import anonymized, ct, encode, item, make_engine, planned_level, sequence

CT = "1.2.840.10008.5.1.4.1.1.2"
PUBLISHED = {"00080106", "00080107"}  # versions of code sets, which would tell the shift
KEEPING = {"keep", "date", "check", "own"}
BINARY = {"00340007", "04000310"}  # time stamps that no shift can reach: as under the Basic profile


def profile_with(*options, **parts):
    return Profile.model_validate({"name": "test", "options": options, **parts})


PLACES = {
    "top": (CT, ()),
    "in a sequence": (CT, (0x00081140,)),
    "in a functional group": ("1.2.840.10008.5.1.4.1.1.4.1", (0x52009230, 0x00209111)),
}


def level_with(*options, place=PLACES["top"]):
    return planned_level(profile_with(*options), *place)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("option", [option for option in RETAIN_OPTIONS if option != "retain-safe-private"])
def test_every_row_obeys_every_option(option, place):
    """All 657 rows x all retaining options x nesting: K is kept, C is shifted, and nothing else changes."""
    plain, planned = level_with(place=place), level_with(option, place=place)
    changed = 0
    for tag, row in rows().items():
        if "x" in tag or tag == "private" or int(tag[:4], 16) < 8:
            continue
        number = int(tag, 16)
        before, after = plain.rule(number), planned.rule(number)
        expected = "" if entry_for(number) is None and not row.under("retain-full-dates") else row.under(option)
        if before.action == "pseudonym" or tag in BINARY or (tag in PUBLISHED and option == "retain-modified-dates"):
            assert after == before
        elif expected == "K":
            assert after.action in KEEPING, (tag, after)
            changed += 1
        elif expected == "C" and option == "retain-modified-dates":
            assert after.action == "shift", (tag, after)
            changed += 1
        else:
            assert after == before, tag
    assert changed >= 8


@pytest.mark.parametrize("option", sorted(set(CLEAN_OPTIONS) - CLEANERS))
def test_an_option_without_its_cleaner_takes_no_less_and_claims_nothing(folder, option):
    plain, planned = level_with(), level_with(option)
    for tag in rows():
        if "x" not in tag and tag != "private":
            assert planned.rule(int(tag, 16)) == plain.rule(int(tag, 16))
    outcome = make_engine(folder, options=[option]).deidentify(encode(ct()))
    assert isinstance(outcome, Deidentified)
    assert outcome.notes == (f"no-cleaner: {option}",)
    codes = anonymized(make_engine(folder, options=[option]), ct()).DeidentificationMethodCodeSequence
    assert [code.CodeValue for code in codes] == ["113100"]


def test_device_dates_are_shifted_where_device_identity_and_modified_dates_disagree():
    both = level_with("retain-device-identity", "retain-modified-dates")
    disagreeing = [
        t for t, r in rows().items() if r.under("retain-device-identity") and r.under("retain-modified-dates")
    ]
    assert len(disagreeing) == 11
    assert {both.rule(int(tag, 16)).action for tag in disagreeing} == {"shift"}


def test_contradictions_name_both_sides():
    with pytest.raises(ValidationError, match="retain-full-dates and retain-modified-dates contradict"):
        profile_with("retain-full-dates", "retain-modified-dates")
    with pytest.raises(ValidationError, match="named twice"):
        profile_with("retain-uids", "retain-uids")
    with pytest.raises(ValidationError, match="is greater than max_days"):
        profile_with(dates={"shift": {"min_days": 3, "max_days": 2}})


@pytest.mark.parametrize("option", RETAIN_OPTIONS)
def test_the_object_says_which_options_were_applied(folder, option):
    output = anonymized(make_engine(folder, options=[option]), ct())
    assert [code.CodeValue for code in output.DeidentificationMethodCodeSequence] == ["113100", METHOD_CODES[option]]
    expected = {"retain-full-dates": "UNMODIFIED", "retain-modified-dates": "MODIFIED"}.get(option, "REMOVED")
    assert output.LongitudinalTemporalInformationModified == expected


def test_intervals_between_all_dates_of_a_subject_are_kept(folder):
    engine = make_engine(folder, options=["retain-modified-dates"])

    def dates_of(output):
        nested = output.ReferencedSeriesSequence[0]
        texts = [output.StudyDate, output.AcquisitionDateTime[:8], nested.SeriesDate]
        return [date(int(t[:4]), int(t[4:6]), int(t[6:])) for t in texts]

    for study, day in (("1.2.1", "20200102"), ("1.2.2", "20211231")):
        original = ct(
            StudyInstanceUID=study,
            StudyDate=day,
            AcquisitionDateTime=f"{day}101112.5+0100",
            SeriesTime="101112",
            ReferencedSeriesSequence=sequence(item(SeriesInstanceUID="1.2.3", SeriesDate="20200229")),
        )
        output = anonymized(engine, original)
        shifts = {new - old for new, old in zip(dates_of(output), dates_of(original), strict=True)}
        assert len(shifts) == 1
        assert timedelta(-365) <= shifts.pop() <= timedelta(-1)
        assert output.AcquisitionDateTime[8:] == "101112.5+0100"
        assert output.SeriesTime == "101112"


def test_patients_are_shifted_differently_and_each_always_alike(folder):
    def shifted(patient, engine):
        return str(anonymized(engine, ct(PatientID=patient)).StudyDate)

    engine = make_engine(folder, options=["retain-modified-dates"])
    first = [shifted(f"patient-{number}", engine) for number in range(20)]
    assert len(set(first)) > 10
    again = make_engine(folder, options=["retain-modified-dates"])
    assert [shifted(f"patient-{number}", again) for number in reversed(range(20))] == first[::-1]


def test_what_is_no_date_does_not_pass_as_one(folder):
    for option in ("retain-modified-dates", "retain-full-dates"):
        data = encode(ct(StudyDate="20200102", SeriesDate="20200103", StudyTime="101112"))
        data = data.replace(b"20200102", b"Jonathan").replace(b"20200103", b"20201399").replace(b"101112", b"DoeDoe")
        output = make_engine(folder, options=[option]).deidentify(data).to_bytes()
        for secret in (b"Jonathan", b"20201399", b"DoeDoe"):
            assert secret not in output


def test_full_dates_are_kept_to_the_byte(folder):
    output = anonymized(make_engine(folder, options=["retain-full-dates"]), ct(StudyTime="101112.123"))
    assert (output.StudyDate, output.StudyTime) == ("20200102", "101112.123")
    assert output.PatientBirthDate == ""  # not a date of the study: no option retains it


def test_patient_characteristics_are_kept(folder):
    original = ct(PatientSex="F", PatientAge="061Y", PatientWeight="71.5", PatientComments="Jonathan")
    output = anonymized(make_engine(folder, options=["retain-patient-characteristics"]), original)
    assert (output.PatientSex, output.PatientAge, output.PatientWeight) == ("F", "061Y", 71.5)
    assert "PatientComments" not in output


def test_retained_uids_are_the_originals_everywhere(folder):
    reference = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.9")
    original = ct(ReferencedImageSequence=sequence(reference), FrameOfReferenceUID="1.2.8")
    outcome = make_engine(folder, options=["retain-uids"]).deidentify(encode(original))
    assert (outcome.study_uid, outcome.series_uid, outcome.sop_instance_uid) == ("1.2.3.4.2", "1.2.3.4.3", "1.2.3.4.1")
    output = anonymized(make_engine(folder, options=["retain-uids"]), original)
    assert output.FrameOfReferenceUID == "1.2.8"
    assert output.file_meta.MediaStorageSOPInstanceUID == output.SOPInstanceUID == "1.2.3.4.1"


def test_an_original_date_is_cut_out_of_texts_when_dates_are_shifted(folder):
    output = anonymized(make_engine(folder, options=["retain-modified-dates"]), ct(Manufacturer="seen 20200102"))
    assert output.Manufacturer == "seen"


def test_every_preset_works_on_every_kind_of_date(folder):
    assert load_profile("clinical-trial").applied_options == (
        "clean-descriptors",
        "retain-modified-dates",
        "retain-patient-characteristics",
        "retain-device-identity",
    )
    engine = make_engine(folder, **load_profile("clinical-trial").model_dump(include={"options"}))
    output = anonymized(engine, ct(DeviceSerialNumber="SN-1", StudyDescription="of Jonathan"))
    assert output.DeviceSerialNumber == "SN-1"
    assert output.StudyDescription == "of"


@pytest.mark.parametrize(
    ("vr", "value", "days", "expected"),
    [
        ("DA", "20200301", -1, "20200229"),
        ("DA", "2020.03.01", -1, "20200229"),
        ("DA", "20200101\\\\20200102 ", 1, "20200102\\\\20200103"),
        ("DA", "20200101-20200131", 1, "20200102-20200201"),
        ("DA", "-20200131", 1, "-20200201"),
        ("DA", "", 1, ""),
        ("DA", "20200230", 1, None),
        ("DA", "2020", 1, None),
        ("DA", "99991230", 2, None),
        ("DA", "99991231", 1, "99991231"),
        ("DA", "1858.11.17", 1, "1858.11.17"),
        ("DA", "-", 1, None),
        ("DT", "20200101", -1, "20191231"),
        ("DT", "2020010112", -1, "2019123112"),
        ("DT", "20200101101112.123456-0500", -1, "20191231101112.123456-0500"),
        ("DT", "202001", -31, "201912"),
        ("DT", "2020", -365, "2019"),
        ("DT", "2020+0100", -365, "2019+0100"),
        ("DT", "20200101250000", -1, None),
        ("DT", "202001011.5", -1, None),
        ("TM", "101112", -1, "101112"),
        ("TM", "10:11:12", -1, "10:11:12"),
        ("TM", "235960", -1, "235960"),
        ("TM", "246060", -1, None),
        ("TM", "MRN-47", -1, None),
        ("AS", "061Y", -1, "061Y"),
        ("AS", "61", -1, None),
        ("SH", "+0100", -1, "+0100"),
        ("SH", "Doe", -1, None),
        ("DA", "\N{FULLWIDTH DIGIT TWO}0200101", 1, None),
    ],
)
def test_shifts(vr, value, days, expected):
    found = date_value(value.encode(), vr, DatePlan(shifted=True), days)
    assert found == (None if expected is None else expected.encode())


@given(st.dates(date(2, 1, 1), date(9998, 1, 1)), st.integers(-300, 300))
def test_any_date_comes_back_when_it_is_shifted_back(day, days):
    text = f"{day.year:04d}{day.month:02d}{day.day:02d}".encode()
    there = date_value(text, "DA", DatePlan(shifted=True), days)
    assert date_value(there, "DA", DatePlan(shifted=True), -days) == text


@given(st.integers(-400, 400), st.integers(0, 400), st.binary())
def test_the_shift_lies_within_its_bounds_and_is_never_zero(low, width, identity):
    if low == width == 0 or low == 0 == low + width:
        return
    days = derive_days(b"key", identity, low, low + width)
    assert low <= days <= low + width
    assert days != 0


def test_every_listed_date_has_a_vr_that_can_be_shifted():
    for tag, row in rows().items():
        if row.under("retain-modified-dates"):
            entry = entry_for(int(tag, 16))
            assert entry is None or entry.vrs[0] in DATE_VRS or tag in BINARY, tag


def test_nothing_published_tells_by_how_many_days_dates_are_shifted(folder):
    code = item(CodeValue="1", CodingSchemeDesignator="99X", CodeMeaning="x", ContextGroupVersion="20020904000000")
    original = ct(ProcedureCodeSequence=sequence(code), AcquisitionDate="19000101", ContentDate="19700101")
    output = anonymized(make_engine(folder, options=["retain-modified-dates"]), original)
    assert output.ProcedureCodeSequence[0].ContextGroupVersion == "19000101000000"
    assert (output.AcquisitionDate, output.ContentDate) == ("19000101", "19700101")
    assert output.StudyDate != original.StudyDate


def test_what_only_the_table_knows_is_not_kept_unseen(folder):
    for vr in ("UN", "OB", "LO"):
        raw = explicit(0x00100043, vr, one_item(implicit(0x00100010, SECRET)))
        data = with_element(0x00100043, raw)
        output = make_engine(folder, options=["retain-patient-characteristics"]).deidentify(data).to_bytes()
        assert SECRET.strip() not in output


def test_an_age_that_is_none_is_not_retained(folder):
    for raw in (b"20200507", b"Zyxwvut "):
        data = with_element(0x00101010, explicit(0x00101010, "AS", raw))
        output = make_engine(folder, options=["retain-patient-characteristics"]).deidentify(data).to_bytes()
        assert raw.strip() not in output


@pytest.mark.parametrize("padding", [b" ", b"\0\0\0", b" \0"])
def test_padded_uids_are_the_same_uids(folder, padding):
    for options in ([], ["retain-uids"]):
        engine = make_engine(folder, options=options)
        for tag, value in ((0x00080018, b"1.2.3.4.1"), (0x00080016, b"1.2.840.10008.5.1.4.1.1.2")):
            output = anonymized(engine, with_element(tag, explicit(tag, "UI", value + padding)))
            assert output.SOPInstanceUID == output.file_meta.MediaStorageSOPInstanceUID
            assert output.SOPClassUID == output.file_meta.MediaStorageSOPClassUID == CT
            assert output.SOPInstanceUID != "2.25.0"


def test_dates_are_found_in_texts_however_they_are_written(folder):
    for written in ("20200507", "2020-05-07"):
        original = ct(AcquisitionDateTime="20200507101500", Manufacturer=f"on {written}")
        assert anonymized(make_engine(folder), original).Manufacturer == "on"
