"""What becomes of dates, times and ages under each policy, wherever they stand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from greycloak import Deidentified, Engine
from greycloak.actions.dates import DatePlan, date_value
from greycloak.profiles import Profile
from raw_elements import IMPLICIT, explicit, implicit, with_element
from support import anonymized, ct, encode, item, make_engine, make_installation, project_for, sequence

SHIFT = {"min_days": -30, "max_days": -30}
POLICIES = {
    "shift": {"options": ["retain-modified-dates"], "dates": {"policy": "shift", "shift": SHIFT}},
    "year": {"options": ["retain-modified-dates"], "dates": {"policy": "year"}},
    "month": {"options": ["retain-modified-dates"], "dates": {"policy": "month"}},
    "fixed": {"dates": {"policy": "fixed"}},
    "remove": {"dates": {"policy": "remove"}},
    "full": {"options": ["retain-full-dates"]},
}
STUDY_DATE, ACQUISITION_DATE_TIME = 0x00080020, 0x0008002A


def engine_for(folder, policy, **changes):
    return make_engine(folder, **(POLICIES[policy] | changes))


def study_of(**attributes):
    """Return an image with a date, a time and a date time at the top, in a sequence, and in a functional group."""
    content = {"StudyDate": "20200229", "StudyTime": "101112.5", "AcquisitionDateTime": "20200229101112.5+0100"}
    frame = item(FrameContentSequence=sequence(item(FrameAcquisitionDateTime="20200301")))
    series = item(SeriesInstanceUID="1.2.3", SeriesDate="20200302")
    nested = {"ReferencedSeriesSequence": sequence(series), "PerFrameFunctionalGroupsSequence": sequence(frame)}
    return ct(**(content | nested | attributes))


def told(output):
    """Return what an object tells of time, and what it says of that."""
    series = output.get("ReferencedSeriesSequence", [item()])[0]
    frame = output.PerFrameFunctionalGroupsSequence[0].get("FrameContentSequence", [item()])[0]
    return (
        output.StudyDate,
        output.StudyTime,
        output.get("AcquisitionDateTime"),
        series.get("SeriesDate"),
        frame.get("FrameAcquisitionDateTime"),
        output.LongitudinalTemporalInformationModified,
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("shift", ("20200130", "101112.5", "20200130101112.5+0100", "20200201", "20200131", "MODIFIED")),
        ("year", ("20200101", "101112.5", "2020", "20200101", "2020", "MODIFIED")),
        ("month", ("20200201", "101112.5", "202002", "20200301", "202003", "MODIFIED")),
        ("fixed", ("19000101", "", "19000101", "19000101", "19000101", "REMOVED")),
        ("remove", ("", "", None, None, "19000101000000", "REMOVED")),
        ("full", ("20200229", "101112.5", "20200229101112.5+0100", "20200302", "20200301", "UNMODIFIED")),
    ],
)
def test_each_policy_at_the_top_and_nested(folder, policy, expected):
    assert told(anonymized(engine_for(folder, policy), study_of())) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("shift", ("20200130", "", "20200130", "20200201", "20200131", "MODIFIED")),
        ("year", ("20200101", "", "2020", "20200101", "2020", "MODIFIED")),
        ("full", ("20200229", "", "20200229", "20200302", "20200301", "MODIFIED")),
    ],
)
def test_times_of_day_may_go_alone(folder, policy, expected):
    dates = POLICIES[policy].get("dates", {}) | {"times": "remove"}
    assert told(anonymized(engine_for(folder, policy, dates=dates), study_of())) == expected


@pytest.mark.parametrize("policy", ["remove", "fixed"])
def test_a_birth_date_is_never_more_than_a_dummy(folder, policy):
    output = anonymized(engine_for(folder, policy), ct(PatientBirthDate="19570412"))
    assert output.PatientBirthDate in {"", "19000101"}
    for retaining in ("shift", "year", "month", "full"):
        assert anonymized(engine_for(folder, retaining), ct()).PatientBirthDate == ""


@pytest.mark.parametrize(
    ("policy", "vr", "value", "expected"),
    [
        ("year", "DA", "20200229", "20200101"),
        ("month", "DA", "20200229", "20200201"),
        ("fixed", "DA", "20200229", "19000101"),
        ("year", "DA", "2020.02.29", "20200101"),
        ("year", "DA", "20200229-20210304", "20200101-20210101"),
        ("month", "DA", "20200229-", "20200201-"),
        ("fixed", "DA", "-20200229", "-19000101"),
        ("year", "DA", "20200229\\\\20210304", "20200101\\\\20210101"),
        ("year", "DT", "2020", "2020"),
        ("month", "DT", "2020", "2020"),
        ("month", "DT", "202002", "202002"),
        ("year", "DT", "202002", "2020"),
        ("year", "DT", "2020022910+0100", "2020"),
        ("month", "DT", "20200229101112.5\\2021", "202002\\2021"),
        ("fixed", "DT", "2020", "19000101"),
        ("fixed", "DT", "20200229101112.5+0100", "19000101"),
        ("year", "DA", "20200230", None),
        ("month", "DA", "20201301", None),
        ("fixed", "DA", "Jonathan", None),
        ("fixed", "DT", "202013", None),
        ("year", "DT", "20200229240000", None),
        ("fixed", "DA", "20200229-20210304-20220101", None),
        ("month", "DA", "20200229\\Jonathan", None),
        ("year", "TM", "101112", "101112"),
        ("year", "AS", "061Y", "061Y"),
    ],
)
def test_values(policy, vr, value, expected):
    plan = DatePlan(fixed=True) if policy == "fixed" else DatePlan(precision=policy)
    assert date_value(value.encode(), vr, plan, 0) == (None if expected is None else expected.encode())


@pytest.mark.parametrize("value", ["19000101", "19700101", "19000101\\19700101"])
@pytest.mark.parametrize("policy", ["shift", "year", "month", "fixed"])
def test_dates_that_stand_for_none_stay(policy, value):
    plan = DatePlan(
        shifted=policy == "shift", precision=policy if policy in {"year", "month"} else "", fixed=policy == "fixed"
    )
    assert date_value(value.encode(), "DA", plan, -30) == value.encode()


@pytest.mark.parametrize(
    ("max_age", "age", "expected"),
    [
        (89, "089Y", "089Y"),
        (89, "090Y", "089Y"),
        (89, "120Y", "089Y"),
        (89, "004Y", "004Y"),
        (89, "011M", "011M"),
        (89, "900D", "900D"),
        (5, "017Y", "005Y"),
        (None, "103Y", "103Y"),
        (89, "90Y", "089Y"),
        (None, "45Y", "045Y"),
        (None, "045", "045Y"),
        (None, "7m", "007M"),
        (89, "old", None),
    ],
)
def test_great_ages(folder, max_age, age, expected):
    for options in (["retain-patient-characteristics"], ["retain-patient-characteristics", "retain-modified-dates"]):
        engine = make_engine(folder, options=options, dates={"max_age": max_age})
        data = with_element(0x00101010, explicit(0x00101010, "AS", f"{age:4}".encode()))
        assert anonymized(engine, data).get("PatientAge") == expected


def test_great_ages_are_cut_where_everything_of_time_is_kept(folder):
    profile = Profile.model_validate(
        {"name": "ages", "listed": "by-vr", "options": ["retain-full-dates"], "dates": {"max_age": 89}}
    )
    engine = Engine(profile, make_installation(folder).project(project_for(profile)))
    output = anonymized(engine, ct(PatientAge="093Y", SelectorASValue=["093Y", "012Y"]))
    assert output.PatientAge == "089Y"
    assert "SelectorASValue" not in output or output.SelectorASValue == ["089Y", "012Y"]


@pytest.mark.parametrize("policy", ["shift", "year", "month", "fixed", "full"])
@pytest.mark.parametrize(
    ("tag", "vr", "raw", "note"),
    [
        (STUDY_DATE, "DA", b"Jonathan", "invalid-date: StudyDate"),
        (STUDY_DATE, "DA", b"20200230", "invalid-date: StudyDate"),
        (STUDY_DATE, "DA", b"20200102\\20209999 ", "invalid-date: StudyDate"),
        (ACQUISITION_DATE_TIME, "DT", b"2020010225", "invalid-date: AcquisitionDateTime"),
        (ACQUISITION_DATE_TIME, "DT", b"02/01/2020", "invalid-date: AcquisitionDateTime"),
    ],
)
def test_what_is_no_date_is_gone_and_noted(folder, policy, tag, vr, raw, note):
    outcome = engine_for(folder, policy).deidentify(with_element(tag, explicit(tag, vr, raw)))
    assert isinstance(outcome, Deidentified)
    assert outcome.notes == (note,)
    assert raw.strip() not in outcome.to_bytes()


@pytest.mark.parametrize(
    ("tag", "vr", "raw", "expected"),
    [
        (STUDY_DATE, "DA", b"2019-03-04", b"20190304"),
        (STUDY_DATE, "DA", b"2019/3/4", b"20190304"),
        (STUDY_DATE, "DA", b"20190304101112", b"20190304"),
        (ACQUISITION_DATE_TIME, "DT", b"2019-03-04T10:11:12.5Z", b"20190304101112.5+0000"),
        (ACQUISITION_DATE_TIME, "DT", b"2019-03-04 10:11:12+01:00", b"20190304101112+0100"),
    ],
)
def test_a_date_that_leaves_no_doubt_is_read_and_noted(folder, tag, vr, raw, expected):
    raw += b" " * (len(raw) % 2)
    outcome = engine_for(folder, "full").deidentify(with_element(tag, explicit(tag, vr, raw)))
    assert [note.partition(" ")[0] for note in outcome.notes] == ["repaired:"]
    assert expected in outcome.to_bytes()
    assert raw.strip() not in outcome.to_bytes()


def test_times_and_ages_that_are_none_are_noted(folder):
    engine = engine_for(folder, "shift", options=["retain-modified-dates", "retain-patient-characteristics"])
    for tag, vr, raw, note in (
        (0x00080030, "TM", b"noon", "invalid-time: StudyTime"),
        (0x00101010, "AS", b"old ", "invalid-age: PatientAge"),
        (0x00080201, "SH", b"Bern", "invalid-time-zone: TimezoneOffsetFromUTC"),
    ):
        outcome = engine.deidentify(with_element(tag, explicit(tag, vr, raw)))
        assert outcome.notes == (note,)
        assert raw.strip() not in outcome.to_bytes()


def test_valid_objects_have_no_notes(folder):
    for policy in POLICIES:
        assert engine_for(folder, policy).deidentify(encode(study_of())).notes == ()


def test_dates_are_noted_in_implicit_vr_too(folder):
    data = with_element(STUDY_DATE, implicit(STUDY_DATE, b"Jonathan"), IMPLICIT)
    assert engine_for(folder, "year").deidentify(data).notes == ("invalid-date: StudyDate",)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("shift", "19991202"), ("year", "20000101"), ("month", "20000101"), ("fixed", "19000101"), ("remove", None)],
)
def test_dates_in_private_attributes(folder, policy, expected):
    options = [*POLICIES[policy].get("options", []), "retain-safe-private"]
    engine = engine_for(folder, policy, options=options, private={"safe": ["0019[ACME]01", "0019[ACME]02"]})
    original = ct()
    block = original.private_block(0x0019, "ACME", create=True)
    block.add_new(1, "DA", "20000101")
    inner = item()
    inner.add_new(0x00190010, "LO", "ACME")
    inner.add_new(0x00191001, "DA", "20000101")
    block.add_new(2, "SQ", [inner])
    output = anonymized(engine, original)
    nested = output[0x00191002].value[0]
    found = [level[0x00191001].value if 0x00191001 in level else None for level in (output, nested)]
    assert found == [expected, expected]


@given(
    st.dates(date(1901, 1, 1), date(2100, 12, 31)),
    st.integers(0, 4000),
    st.integers(-365, 365).filter(bool),
)
def test_a_shift_keeps_every_interval(first, later, days):
    plan = DatePlan(shifted=True)

    def shifted(day):
        text = date_value(f"{day:%Y%m%d}".encode(), "DA", plan, days).decode()
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))

    if {first, first + timedelta(later)} & {date(1970, 1, 1)}:
        return
    assert shifted(first + timedelta(later)) - shifted(first) == timedelta(later)


@given(st.dates(date(1901, 1, 1), date(9998, 12, 31)), st.sampled_from(["year", "month"]))
def test_coarser_dates_are_valid_and_keep_their_order(day, precision):
    plan = DatePlan(precision=precision)
    text = date_value(f"{day:%Y%m%d}".encode(), "DA", plan, 0)
    assert text in {f"{day:%Y}0101".encode(), f"{day:%Y%m}01".encode()}
    assert text <= f"{day:%Y%m%d}".encode()
    assert date_value(text, "DA", plan, 0) == text


def test_the_same_subject_is_shifted_alike_in_another_study_and_another_one_differently(folder):
    engine = engine_for(folder, "shift", dates={"shift": {"min_days": -3000, "max_days": 3000}})
    dates = {
        (patient, study): anonymized(engine, ct(PatientID=patient, StudyInstanceUID=study)).StudyDate
        for patient in ("one", "two", "three", "four")
        for study in ("1.2.1", "1.2.2")
    }
    for patient in ("one", "two", "three", "four"):
        assert dates[patient, "1.2.1"] == dates[patient, "1.2.2"]
    assert len(set(dates.values())) > 2


def test_a_line_may_treat_one_date_differently(folder):
    tags = {
        "StudyDate": {"truncate": "month"},
        "SeriesDate": "shift",
        "AcquisitionDate": "keep",
        "ContentDate": "remove",
    }
    profile = Profile.model_validate({"name": "lines", "tags": tags, "dates": {"shift": SHIFT}})
    engine = Engine(profile, make_installation(folder).project(project_for(profile)))
    names = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
    output = anonymized(engine, ct(**dict.fromkeys(names, "20200229")))
    assert [output.get(name) for name in names] == ["20200201", "20200130", "20200229", None]
    assert output.LongitudinalTemporalInformationModified == "MODIFIED"


@pytest.mark.parametrize(
    ("options", "policy", "says"),
    [
        ((), "shift", "needs the option retain-modified-dates"),
        ((), "year", "needs the option retain-modified-dates"),
        (("retain-full-dates",), "month", "needs the option retain-modified-dates"),
        (("retain-full-dates",), "fixed", "contradict each other"),
        (("retain-modified-dates",), "remove", "contradict each other"),
    ],
)
def test_policies_that_cannot_be_meant_are_refused(options, policy, says):
    with pytest.raises(ValidationError, match=says):
        Profile.model_validate({"name": "test", "options": options, "dates": {"policy": policy}})


@pytest.mark.parametrize("dates", [{"max_age": 0}, {"max_age": 200}, {"times": "shift"}, {"policy": "day"}])
def test_values_that_mean_nothing_are_refused(dates):
    with pytest.raises(ValidationError):
        Profile.model_validate({"name": "test", "dates": dates})
