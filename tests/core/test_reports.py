"""Reports as people and programs write them: what names somebody goes, and a document is still a document."""

from __future__ import annotations

import warnings
from datetime import datetime
from io import BytesIO

import highdicom
import pytest
from highdicom.sr import MeasurementReport, srread

from greycloak import Deidentified
from judges import errors, printed_report
from reports import code, content, dose_report, items_of, named_items, reference, report
from study import make_study
from support import anonymized, decode, encode, item, make_engine, named, sequence, subject_uid

OPTIONS = ["clean-structured-content", "clean-graphics"]
PEOPLE = ("Quellmann", "Ottilie", "Quellental", "House", "Gregory", "Doe", "Jonathan", "MRN-4711", "ACC-0815")


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder, options=OPTIONS, references="map")


@pytest.fixture(scope="module")
def study():
    return make_study()


def planted(data_set):
    """Plant people, dates and UIDs below every container of a report, and in front of what is there."""
    containers = [data_set, *(one for one in items_of(data_set) if one.ValueType == "CONTAINER")]
    for number, container in enumerate(containers):
        planted_here = [
            content("TEXT", code("121106", "DCM", "Comment"), f"Quellmann, {number}"),
            content("TEXT", code("4711", "99LOCAL", "Note"), f"Discussed with MRN-4711, {number}"),
            content("PNAME", code("4712", "99LOCAL", "Reader"), "Quellmann^Ottilie"),
            content("TEXT", code("121022", "DCM", "Accession Number"), "ACC-0815"),
            content("DATETIME", code("4713", "99LOCAL", "Read"), "20191123121314"),
            content("UIDREF", code("112040", "DCM", "Tracking Unique Identifier"), f"1.2.3.4711.99.{number}"),
        ]
        container.ContentSequence = sequence(*planted_here, *container.get("ContentSequence", ()))
    return len(containers)


def checked(engine, data, tmp_path, left=()):
    """Anonymize, and have everybody look at it; return the output."""
    outcome = engine.deidentify(data)
    assert isinstance(outcome, Deidentified), outcome
    output = outcome.to_bytes()
    assert not [name for name in (*PEOPLE, *left) if name.encode() in output]
    before, after = tmp_path / "before.dcm", tmp_path / "after.dcm"
    before.write_bytes(data)
    after.write_bytes(output)
    assert not errors(after) - errors(before)
    return decode(output)


def test_a_measurement_report_is_read_with_its_measurements(engine, study, tmp_path):
    data = study["sr"]
    output = checked(engine, data, tmp_path)
    printed = printed_report(tmp_path / "after.dcm")
    assert '"12.5" (mm,UCUM,"mm")' in printed
    original = decode(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reread = srread(BytesIO(encode(output)))
        content_tree = MeasurementReport.from_sequence([output])
    group = content_tree.get_planar_roi_measurement_groups()[0]
    assert group.get_measurements()[0].value == 12.5
    assert group.tracking_identifier == "Lesion 1"
    assert type(reread).__name__ == "ComprehensiveSR"
    old, new = named_items(original), named_items(output)
    assert old.keys() - new.keys() == set()
    assert new["121008"][0].PersonName == "ANONYMIZED"
    image = new["121233"][0] if "121233" in new else next(i for i in items_of(output) if i.ValueType == "IMAGE")
    slices = decode(study["ct1"])
    referenced = image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert referenced == subject_uid(engine, slices.SOPInstanceUID, slices.PatientID)


@pytest.mark.parametrize("name", ["sr", "ko", "dose"])
def test_what_is_planted_at_every_depth_of_a_report_goes(engine, study, tmp_path, name):
    original = dose_report() if name == "dose" else decode(study[name])
    places = planted(original)
    output = checked(engine, encode(original), tmp_path, left=["20191123", "1.2.3.4711.99"])
    found = named_items(output)
    assert len(found["112040"]) >= places
    assert len({one.UID for one in found["112040"]}) >= places
    assert {str(one.PersonName) for one in found["4712"]} == {"ANONYMIZED"}
    assert not {"121106", "121022"} & found.keys()
    if name != "ko":  # which may have no people among what it contains
        printed_report(tmp_path / "after.dcm")


def test_a_dose_report_still_sums_up(engine, tmp_path):
    output = checked(engine, encode(dose_report()), tmp_path, left=["SN-98765", "CT-QUELLENTAL", "1.2.3.4711"])
    found = named_items(output)

    def numbers(name):
        return [one.MeasuredValueSequence[0].NumericValue for one in found[name]]

    assert sum(numbers("113838")) == numbers("113813")[0] == 300.5
    assert len(found["113819"]) == numbers("113812")[0] == 2
    assert output.StudyInstanceUID == found["110180"][0].UID
    assert len({one.UID for one in found["113769"]}) == 2
    assert found["113809"][0].DateTime == "19000101000000"
    assert found["123014"][0].ConceptCodeSequence[0].CodeMeaning == "Chest"


def test_a_dose_report_with_shifted_dates_keeps_the_time_it_took(folder, tmp_path):
    engine = make_engine(folder, options=[*OPTIONS, "retain-modified-dates"])
    found = named_items(checked(engine, encode(dose_report()), tmp_path))
    start, end = (datetime.strptime(found[name][0].DateTime, "%Y%m%d%H%M%S") for name in ("113809", "113810"))  # noqa: DTZ007
    assert (end - start).seconds == 60
    assert start.year < 2020 or (start.month, start.day) != (1, 2)


def test_a_key_object_selection_still_selects(engine, study, tmp_path):
    output = checked(engine, study["ko"], tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        selection = highdicom.ko.KeyObjectSelectionDocument.from_dataset(output)
    references = selection.content.get_references()
    assert len(references) == 7
    assert "113012" not in named_items(output)  # Key Object Description


def test_pydicoms_reports_stay_readable(engine, tmp_path):
    output = checked(engine, named("test-SR.dcm"), tmp_path, left=["Riesmeier", "20001206"])
    assert "A mass of" in printed_report(tmp_path / "after.dcm")
    assert len(list(items_of(output))) == len(list(items_of(decode(named("test-SR.dcm")))))
    output = anonymized(engine, named("reportsi.dcm"))
    assert len(list(items_of(output))) == len(list(items_of(decode(named("reportsi.dcm")))))


def test_an_ecg_keeps_its_annotations(engine, tmp_path):
    original = decode(named("waveform_ecg.dcm"))
    original.PatientName = "Quellmann^Ottilie"
    original.WaveformAnnotationSequence = sequence(
        item(UnformattedTextValue="Sinus rhythm", ReferencedWaveformChannels=[1, 0], AnnotationGroupNumber=0),
        item(UnformattedTextValue="Read for Ottilie Quellmann", ReferencedWaveformChannels=[1, 0]),
        item(
            ConceptNameCodeSequence=sequence(code("2:16016", "MDC", "RR Interval")),
            NumericValue="812",
            MeasurementUnitsCodeSequence=sequence(code("ms", "UCUM", "ms")),
            ReferencedWaveformChannels=[1, 1],
        ),
    )
    output = checked(engine, encode(original), tmp_path)
    rhythm, _, interval = output.WaveformAnnotationSequence
    assert rhythm.UnformattedTextValue == "Sinus rhythm"
    assert interval.NumericValue == 812
    assert interval.ConceptNameCodeSequence[0].CodeMeaning == "RR Interval"


def test_reports_of_many_items_and_depths_pass(engine):
    deep = content("NUM", code("1"), ("1", "mm"))
    for _ in range(50):
        deep = content("CONTAINER", code("126000"), None, deep)
    assert named_items(anonymized(engine, report(deep)))["1"]
    wide = [content("NUM", code(str(number % 50)), ("1", "mm")) for number in range(2_000)]
    output = anonymized(engine, report(*wide, content("IMAGE", None, reference())))
    assert len(output.ContentSequence) == 2_001
