"""What goes out uninspected although its pixels may show identity says so: in notes, report and summary."""

from __future__ import annotations

import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from greycloak import Deidentified, Engine, load_profile
from greycloak.pixels.risk import RISKS
from greycloak.report import report_line
from support import CT_IMAGE_STORAGE, ct, encode, make_engine, make_installation

US, CAPTURE, XA, PHOTO, SLIDE, DOCUMENT = (
    f"1.2.840.10008.5.1.4.1.1.{kind}" for kind in ("6.1", "7", "12.1", "77.1.4", "77.1.6", "104.1")
)
DEVICE = {
    "Modality": "DX",
    "Manufacturer": "MedicaTechUSA",
    "ManufacturerModelName": "KrystalRad 660",
    "SoftwareVersions": "1.4",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return make_engine(tmp_path_factory.mktemp("store"), pixels={"burned_in": "ignore"})


def risks(engine, **attributes):
    outcome = engine.deidentify(encode(ct(**attributes)))
    assert isinstance(outcome, Deidentified), outcome
    assert [note for note in outcome.notes if "at-risk" in note] == [f"at-risk: {risk}" for risk in outcome.risks]
    assert set(outcome.risks) <= set(RISKS)
    return outcome.risks


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, ()),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, ()),
        ({"BurnedInAnnotation": "NO"}, ()),
        ({"SOPClassUID": US, "Modality": "US"}, ("ultrasound",)),
        ({"SOPClassUID": CAPTURE, "Modality": "OT"}, ("secondary-capture",)),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, ("screen-save",)),
        ({"SOPClassUID": PHOTO}, ("visible-light",)),
        ({"SOPClassUID": SLIDE, "ImageType": ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]}, ("slide-label",)),
        ({"SOPClassUID": SLIDE, "ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]}, ()),
        ({"SOPClassUID": XA, "Modality": "XA"}, ("fluoroscopy",)),
        ({"ImageType": ["DERIVED", "SECONDARY"]}, ("screen-save",)),
        ({"ImageType": ["DERIVED", "SECONDARY", "MPR"], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}, ()),
        ({"ConversionType": "DF"}, ("screen-save",)),
        ({"PixelData": None}, ()),
        ({"SOPClassUID": US, "PixelData": None}, ()),
        (DEVICE, ("known-device",)),
        (DEVICE | {"SOPClassUID": CAPTURE}, ("secondary-capture", "known-device")),
    ],
)
def test_an_object_says_why_its_pixels_are_to_be_looked_at(engine, attributes, expected):
    assert risks(engine, **attributes) == expected


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_numbers_that_tell_the_device_are_read_in_every_layout(engine, syntax):
    known = {"Manufacturer": "ACUSON", "ManufacturerModelName": "SEQUOIA", "Modality": "US", "Columns": 640}
    for rows, expected in ((480, True), (481, False)):
        outcome = engine.deidentify(encode(ct(Rows=rows, **known), syntax))
        assert ("known-device" in outcome.risks) == expected


def test_the_notes_do_not_depend_on_what_came_before(engine):
    first, screen = ct(), ct(ImageType=["DERIVED", "SECONDARY"], SOPInstanceUID="1.2.3.4.9")
    for data_set, expected in ((first, ()), (screen, ("screen-save",)), (first, ()), (screen, ("screen-save",))):
        assert engine.deidentify(encode(data_set)).risks == expected


def test_values_that_do_not_stay_tell_all_the_same(engine):
    """The description of the series goes, and with it the only hint."""
    report = {"Modality": "CT", "Manufacturer": "GE Medical Systems", "SeriesDescription": "Dose Report"}
    outcome = engine.deidentify(encode(ct(**report)))
    assert outcome.risks == ("known-device",)
    assert b"Dose Report" not in outcome.to_bytes()


def test_whoever_ignores_the_flag_is_told_that_it_was_set(engine):
    assert risks(engine, BurnedInAnnotation="YES") == ("declared",)


def test_a_document_that_does_not_stay_is_no_risk(engine):
    assert risks(engine, SOPClassUID=DOCUMENT, EncapsulatedDocument=b"%PDF-1.4 (Doe)") == ()


def test_attributes_of_an_odd_vr_neither_tell_nor_stop_the_object(engine):
    data = encode(ct(Manufacturer=None, ManufacturerModelName=None))
    odd = data.replace(b"\x08\x00\x60\x00CS\x02\x00CT", b"\x08\x00\x60\x00UN\x00\x00\x02\x00\x00\x00CT")
    assert odd != data
    assert isinstance(engine.deidentify(odd), Deidentified)


def test_the_report_has_the_note(engine):
    outcome = engine.deidentify(encode(ct(SOPClassUID=US)))
    assert report_line(engine, outcome, input_digest="")["notes"] == ["at-risk: ultrasound"]


def test_a_plain_ct_is_no_risk_under_any_preset(tmp_path):
    for name in ("basic", "clinical-trial", "research"):
        engine = Engine(load_profile(name), make_installation(tmp_path / name).project("trial"))
        assert engine.deidentify(encode(ct(SOPClassUID=CT_IMAGE_STORAGE))).risks == ()
