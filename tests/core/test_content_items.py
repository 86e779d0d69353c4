"""Content items: Table E.3.4-1 row by row, and whatever else stands in a content tree."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from pydantic import ValidationError
from pydicom.datadict import tag_for_keyword
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from greycloak import Deidentified
from greycloak.plan.content import CONTENT_SEQUENCES
from greycloak.preview import preview
from greycloak.profiles import Profile
from greycloak.standard.confidentiality import rows as table_rows
from greycloak.standard.content import content_rows
from greycloak.standard.iods import iod_of
from reports import code, content, items_of, named_items, reference, report
from support import anonymized, ct, encode, item, make_engine, sequence

OPTION = "clean-structured-content"
OPTIONS = {row_option for rows in content_rows().values() for row in rows for row_option, _ in row.options}
SECRET = "Quellmann"
ORIGINAL = {
    "PNAME": f"{SECRET}^Ottilie",
    "DATE": "20191123",
    "TIME": "121314",
    "DATETIME": "20191123121314",
    "UIDREF": "1.2.3.9.8.7",
    "NUM": ("47", "a"),
}
REFERENCES = {"IMAGE", "COMPOSITE", "WAVEFORM"}


def engine_with(folder, *options, **parts):
    return make_engine(folder, options=[OPTION, *options], **parts)


def rows():
    """Return every row with its code; those of older codes are the same."""
    return list(
        dict.fromkeys(row for (value, _), found in content_rows().items() for row in found if row.code == value)
    )


def original_of(row, number):
    value = ORIGINAL.get(row.value_type)
    if row.value_type == "TEXT":
        value = f"said of {row.code} only"
    elif row.value_type in REFERENCES:
        value = reference(f"1.2.3.9.{number}")
    elif row.value_type == "CODE":
        value = code("703117000", "SCT", "Masculine gender")
    return content(row.value_type, code(row.code, row.scheme, row.meaning), value)


def value_of(one):
    if "ReferencedSOPSequence" in one:
        return one.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    if "MeasuredValueSequence" in one:
        return one.MeasuredValueSequence[0].NumericValue if one.MeasuredValueSequence else None
    if "ConceptCodeSequence" in one:
        return one.ConceptCodeSequence[0].CodeValue
    kinds = ("TextValue", "PersonName", "Date", "Time", "DateTime", "UID")
    return next((str(one[kind].value) for kind in kinds if kind in one), "")


def expected(row, options):
    """Return what becomes of an item, from the table alone: gone, dummy, mapped, kept, shifted or searched."""
    codes = {row.under(option) for option in options} - {""}
    is_date = row.value_type in {"DATE", "TIME", "DATETIME"}
    if codes and is_date:
        return "shifted" if "retain-modified-dates" in options else "kept"
    if "C" in codes:
        return "searched"
    if codes:
        return "kept"
    if row.basic == "X":
        return "gone"
    return "mapped" if row.value_type in {*REFERENCES, "UIDREF"} else "dummy"


@pytest.mark.parametrize("option", ["", *sorted(OPTIONS)])
def test_every_row_obeys_every_option(folder, option):
    """All 214 rows x all options, one report with an item of each."""
    options = [option] if option else []
    engine = engine_with(folder, *options)
    if option not in engine.profile.applied_options:
        options = []
    asked = rows()
    assert len(asked) == 214
    original = report(*(original_of(row, number) for number, row in enumerate(asked)))
    output = anonymized(engine, original)
    left = iter(output.ContentSequence)
    counted = dict.fromkeys(("gone", "dummy", "mapped", "kept", "shifted", "searched"), 0)
    for row, before in zip(asked, original.ContentSequence, strict=True):
        what = expected(row, options)
        counted[what] += 1
        if what == "gone":
            continue
        after = next(left)
        assert after.ConceptNameCodeSequence[0].CodeValue == row.code
        assert after.ValueType == row.value_type
        old, new = value_of(before), value_of(after)
        assert new or row.value_type == "CONTAINER", row
        if what == "kept" or (what == "shifted" and row.value_type == "TIME"):
            assert new == old, row
        elif what != "searched":
            assert new != old, row
        if what == "dummy" and row.value_type in {"TEXT", "PNAME"}:
            assert new == "ANONYMIZED"
        if what == "mapped":
            assert new.startswith("2.25."), row
    assert next(left, None) is None
    assert counted["gone"] > 60
    assert counted["mapped"] + counted["kept"] > 20
    if option in engine.profile.applied_options:
        assert counted["kept"] + counted["shifted"] + counted["searched"] > 1


def test_older_codes_of_snomed_mean_the_same(folder):
    output = anonymized(
        engine_with(folder),
        report(
            content("TEXT", code("DD-60002", "SRT"), "Complication"),
            content("TEXT", code("116224001", "SCT"), "Complication"),
            content("TEXT", code("G-C0E3", "99SDM"), "Finding Site"),
        ),
    )
    assert [one.TextValue for one in output.ContentSequence] == ["ANONYMIZED"]


def test_what_the_table_does_not_list_goes_by_its_value_type(folder):
    local = code("4711", "99LOCAL", "Local")
    output = anonymized(
        engine_with(folder),
        report(
            content("TEXT", local, "no focal lesion"),
            content("TEXT", local, "seen by Doe"),
            content("PNAME", local, "Quellmann^Ottilie"),
            content("DATE", local, "20191123"),
            content("TIME", local, "121314"),
            content("DATETIME", local, "20191123121314"),
            content("UIDREF", local, "1.2.3.9"),
            content("CODE", local, code("39607008", "SCT", "Lung")),
            content("NUM", local, ("12.5", "mm")),
            content("IMAGE", None, reference("1.2.3.9")),
            content("CONTAINER", None, None, content("NUM", local, ("3", "mm"))),
        ),
    )
    text, name, person, day, time, moment, uid, coded, number, image, container = output.ContentSequence
    assert text.TextValue == "no focal lesion"
    assert "Doe" not in name.TextValue
    assert person.PersonName == "ANONYMIZED"
    assert (day.Date, time.Time, moment.DateTime) == ("19000101", "000000", "19000101000000")
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == uid.UID
    assert uid.UID.startswith("2.25.")
    assert coded.ConceptCodeSequence[0].CodeMeaning == "Lung"
    assert number.MeasuredValueSequence[0].NumericValue == 12.5
    assert container.ContentSequence[0].MeasuredValueSequence[0].NumericValue == 3


@pytest.mark.parametrize("option", ["retain-full-dates", "retain-modified-dates"])
def test_dates_go_as_the_date_policy_says(folder, option):
    local = code("4711", "99LOCAL", "Local")
    output = anonymized(
        engine_with(folder, option),
        report(
            content("DATE", local, "20200102"),
            content("DATETIME", code("111526", "DCM", "DateTime Started"), "20200102101112"),
            content("DATE", code("121031", "DCM", "Subject Birth Date"), "19570412"),
        ),
    )
    day, moment = output.ContentSequence  # the birth date is gone
    assert day.Date == moment.DateTime[:8] == output.StudyDate
    assert moment.DateTime[8:] == "101112"
    assert (day.Date == "20200102") == (option == "retain-full-dates")


def test_fixed_dates_are_fixed_in_content_items_too(folder):
    output = anonymized(
        engine_with(folder, dates={"policy": "fixed"}),
        report(
            content("DATE", code("121031", "DCM", "Subject Birth Date"), "19570412"),
            content("TIME", code("131562", "DCM", "Series Time"), "121314"),
        ),
    )
    assert [one.Date for one in output.ContentSequence] == ["19000101"]


def test_an_item_goes_with_everything_below_it_and_its_neighbours_stay(folder):
    lesion = content("TEXT", code("121106", "DCM", "Comment"), "deep", content("NUM", code("1", "99X"), ("1", "mm")))
    for nesting in range(5):
        lesion = content("CONTAINER", code("126000", "DCM", "Imaging"), None, content("NUM", code(str(nesting), "DCM"),
                         ("1", "mm")), lesion)  # fmt: skip
    output = anonymized(engine_with(folder), report(lesion, content("NUM", code("99", "DCM"), ("7", "mm"))))
    assert "121106" not in named_items(output)
    assert [number for number in named_items(output) if number != "126000"] == ["4", "3", "2", "1", "0", "99"]


def test_a_sequence_of_which_no_item_is_left_goes_and_a_required_one_says_nothing(folder):
    comment = content("TEXT", code("121106", "DCM", "Comment"), SECRET)
    finding = content("NUM", code("1", "DCM"), ("1", "mm"), comment)
    output = anonymized(engine_with(folder), report(finding))
    assert "ContentSequence" not in output.ContentSequence[0]
    output = anonymized(engine_with(folder), report(comment))
    assert [one.TextValue for one in output.get("ContentSequence", ())] in ([], ["ANONYMIZED"])
    step = item(SpecimenPreparationStepContentItemSequence=sequence(content("TEXT", code("121041"), SECRET)))
    specimen = item(SpecimenIdentifier="S1", SpecimenUID="1.2.3", SpecimenPreparationSequence=sequence(step))
    image = ct(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.6",
        SpecimenDescriptionSequence=sequence(specimen),
        AcquisitionContextSequence=sequence(content("TEXT", code("109054"), SECRET, relationship=None)),
    )
    output = anonymized(engine_with(folder), image)
    kept = output.SpecimenDescriptionSequence[0].SpecimenPreparationSequence[0]
    assert [one.TextValue for one in kept.SpecimenPreparationStepContentItemSequence] == ["ANONYMIZED"]
    assert len(output.AcquisitionContextSequence) == 0


def test_items_that_are_referred_to_by_number_keep_their_numbers(folder):
    """A removed item would make every later reference point to something else."""
    pointer = item(RelationshipType="INFERRED FROM", ReferencedContentItemIdentifier=[1, 3])
    udi = content("TEXT", code("74711-3", "LN", "Unique Device Identifier"), SECRET)
    output = anonymized(
        engine_with(folder),
        report(
            content("TEXT", code("121106", "DCM", "Comment"), SECRET),
            content("CONTAINER", code("121000"), None, udi, content("TEXT", code("1", "99X"), SECRET)),
            content("NUM", code("1", "DCM"), ("7", "mm")),
            content("NUM", code("2", "DCM"), ("8", "mm"), pointer),
        ),
    )
    assert len(output.ContentSequence) == 4
    assert output.ContentSequence[2].MeasuredValueSequence[0].NumericValue == 7
    assert output.ContentSequence[3].ContentSequence[0].ReferencedContentItemIdentifier == [1, 3]
    assert SECRET.encode() not in encode(output)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("is_open", [True, False], ids=["undefined lengths", "defined lengths"])
def test_items_are_told_apart_in_every_layout(folder, syntax, is_open):
    original = report(
        content("TEXT", code("121106", "DCM", "Comment"), SECRET),
        content("CONTAINER", code("126000"), None, content("PNAME", code("121008"), SECRET), content("NUM", code("1"),
                ("7", "mm"))),
        content("TEXT", code("121020"), SECRET),
    )  # fmt: skip
    for one in (original, *items_of(original)):
        for element in one:
            if element.VR == "SQ":
                element.is_undefined_length = is_open
                for inner in element.value:
                    inner.is_undefined_length_sequence_item = is_open
    outcome = engine_with(folder).deidentify(encode(original, syntax))
    assert isinstance(outcome, Deidentified), outcome
    assert SECRET.encode() not in outcome.to_bytes()
    output = anonymized(engine_with(folder), encode(original, syntax))
    person, number = output.ContentSequence[0].ContentSequence
    assert person.PersonName == "ANONYMIZED"
    assert number.MeasuredValueSequence[0].NumericValue == 7
    assert len(output.ContentSequence) == 1


def test_values_of_another_type_than_the_item_has_do_not_pass(folder):
    smuggled = content("NUM", code("1", "DCM"), ("7", "mm"))
    smuggled.TextValue = SECRET
    smuggled.PersonName = SECRET
    plain = item(RelationshipType="CONTAINS", ConceptNameCodeSequence=sequence(code("121106")), TextValue=SECRET)
    listed = content("PNAME", code("121020", "DCM", "Placer Number"), SECRET)
    hidden = content("TEXT", code("4711", "99X"), SECRET)
    hidden.ConceptNameCodeSequence[0].EquivalentCodeSequence = sequence(code("121106", "DCM", "Comment"))
    output = anonymized(engine_with(folder), report(smuggled, plain, listed, hidden))
    assert SECRET.encode() not in encode(output)
    assert len(output.ContentSequence) == 1
    assert output.ContentSequence[0].MeasuredValueSequence[0].NumericValue == 7


def test_other_places_of_content_items_are_cleaned(folder):
    protocol = item(
        CodeValue="1", CodingSchemeDesignator="DCM", CodeMeaning="Protocol",
        ProtocolContextSequence=sequence(
            content("TEXT", code("121022"), SECRET, relationship=None),
            content("NUM", code("1"), ("7", "mm"), relationship=None),
        ),
    )  # fmt: skip
    request = item(ScheduledProtocolCodeSequence=sequence(protocol))
    annotations = sequence(
        item(ConceptNameCodeSequence=sequence(code("121008")), ReferencedWaveformChannels=[1, 1], PersonName=SECRET),
        item(UnformattedTextValue="sinus rhythm", ReferencedWaveformChannels=[1, 0]),
        item(UnformattedTextValue="seen by Doe", ReferencedWaveformChannels=[1, 0]),
    )
    output = anonymized(
        engine_with(folder),
        ct(
            SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.1",
            PerformedProtocolCodeSequence=sequence(protocol),
            RequestAttributesSequence=sequence(request),
            WaveformAnnotationSequence=annotations,
        ),
    )
    assert SECRET.encode() not in encode(output)
    numbers = output.PerformedProtocolCodeSequence[0].ProtocolContextSequence
    assert [one.ValueType for one in numbers] == ["NUM"]
    assert output.WaveformAnnotationSequence[1].UnformattedTextValue == "sinus rhythm"
    assert "Doe" not in output.WaveformAnnotationSequence[2].UnformattedTextValue


def test_references_are_kept_under_their_new_uids_where_a_profile_says_map(folder):
    image = content("IMAGE", code("121080", "DCM", "Best illustration of finding"), reference("1.2.3.9"))
    assert "121080" not in named_items(anonymized(engine_with(folder), report(image)))
    output = anonymized(engine_with(folder, references="map"), report(image))
    uid = output.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert uid.startswith("2.25.")


@pytest.mark.parametrize(
    ("number", "unit", "stays"),
    [("89", "a", True), ("90", "a", False), ("1068", "mo", True), ("1080", "mo", False), ("90", "", False)],
)
def test_great_ages_go_where_a_profile_caps_them(folder, number, unit, stays):
    engine = engine_with(folder, "retain-patient-characteristics", dates={"max_age": 89})
    age = content("NUM", code("121033", "DCM", "Subject Age"), (number, unit))
    output = anonymized(engine, report(age, content("NUM", code("1"), ("90", "a"))))
    assert ("121033" in named_items(output)) == stays
    assert "1" in named_items(output)


def test_without_the_option_no_content_tree_stays(folder):
    output = anonymized(make_engine(folder), report(content("NUM", code("1"), ("7", "mm"))))
    assert [one.TextValue for one in output.ContentSequence] == ["ANONYMIZED"]


def test_the_object_says_that_its_content_was_cleaned(folder):
    output = anonymized(engine_with(folder), report(content("NUM", code("1"), ("7", "mm"))))
    codes = [one.CodeValue for one in output.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113104"]


def test_a_preview_shows_each_item_beside_itself(folder):
    original = report(
        content("TEXT", code("121106", "DCM", "Comment"), SECRET),
        content("NUM", code("1"), ("7", "mm")),
        content("TEXT", code("121106", "DCM", "Comment"), SECRET),
        content("NUM", code("2"), ("8", "mm")),
    )
    found = preview(engine_with(folder), encode(original))
    rows = {row.path: row for row in found.rows}
    numbers = [row for row in found.rows if row.name == "NumericValue"]
    assert [(row.before, row.after) for row in numbers] == [("7", "7"), ("8", "8")]
    gone = rows["(0040,A730)[2].(0040,A160)"]
    assert (gone.what, gone.after) == ("removed", None)
    assert "Comment: X" in gone.rule
    assert "E.3.4-1" in gone.section


def test_a_report_reads_by_the_meanings_of_local_codes(folder):
    score = content("NUM", code("CaScore", "99MAKER", "Agatston score"), ("12", "1"))
    seen = content("CODE", code("seen", "99MAKER", "Seen by"), code("QU", "99MAKER", "Quellmann Ottilie"))
    output = anonymized(engine_with(folder), report(score, seen, PatientName="Quellmann^Ottilie"))
    assert output.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning == "Agatston score"
    assert SECRET.encode() not in encode(output)


def test_a_line_of_the_profile_has_the_last_word(folder):
    engine = engine_with(folder, tags={"**.TextValue": "remove"})
    output = anonymized(engine, report(content("TEXT", code("4711", "99X"), "no lesion")))
    assert "TextValue" not in output.ContentSequence[0]


def test_references_that_nothing_demands_stay_under_new_uids_where_a_profile_says_map(folder):
    """X/Z/U* of Table E.1-1; what else stands in their items is treated as everywhere."""
    image = reference("1.2.3.4711.5")
    image.StudyDescription = SECRET
    original = ct(ReferencedImageSequence=sequence(image), SourceImageSequence=sequence(reference("1.2.3.4711.6")))
    assert "ReferencedImageSequence" not in anonymized(make_engine(folder), original)
    engine = make_engine(folder, references="map")
    output = anonymized(engine, original)
    assert output.ReferencedImageSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")
    assert output.SourceImageSequence[0].ReferencedSOPInstanceUID.startswith("2.25.")
    assert SECRET.encode() not in encode(output)
    assert [one.CodeValue for one in output.DeidentificationMethodCodeSequence] == ["113100"]


RETIRED = {
    "1.2.840.10008.5.1.4.1.1.6": "1.2.840.10008.5.1.4.1.1.6.1",
    "1.2.840.10008.5.1.4.1.1.3": "1.2.840.10008.5.1.4.1.1.3.1",
    "1.2.840.10008.5.1.4.1.1.5": "1.2.840.10008.5.1.4.1.1.20",
    "1.2.840.10008.5.1.4.1.1.12.3": "1.2.840.10008.5.1.4.1.1.12.1",
}


@pytest.mark.parametrize("retired", RETIRED)
def test_retired_sop_classes_take_the_iod_of_their_successor(folder, retired):
    assert iod_of(retired) is not None
    assert iod_of(retired).entries == iod_of(RETIRED[retired]).entries
    outcome = make_engine(folder).deidentify(encode(ct(SOPClassUID=retired, Modality="US")))
    assert "sop-class-unknown" not in outcome.notes


def test_requesting_service_is_a_descriptor():
    assert table_rows()["00321033"].under("clean-descriptors") == "C"
    assert not [row.name for row in table_rows().values() if "see Note" in row.name]


def test_the_sequences_of_content_items_are_those_of_ps3_3():
    """Whatever the modules of PS3.3, as highdicom packages them, give a concept name and a text or person."""
    modules = json.loads((files("highdicom") / "_standard" / "module_attribute_map.json").read_text())
    inside = {}
    for attributes in modules.values():
        for attribute in attributes:
            if attribute["path"]:
                inside.setdefault(attribute["path"][-1], set()).add(attribute["keyword"])
    values = {"TextValue", "PersonName", "UnformattedTextValue"}
    found = {name for name, known in inside.items() if "ConceptNameCodeSequence" in known and values & known}
    assert {tag_for_keyword(name) for name in found} == CONTENT_SEQUENCES


@pytest.mark.parametrize("option", [OPTION, "clean-graphics"])
def test_a_profile_that_removes_what_it_does_not_name_cannot_keep_content(option):
    with pytest.raises(ValidationError, match="keeps what is made of attributes"):
        Profile.model_validate({"name": "test", "options": [option], "unlisted": "remove"})
