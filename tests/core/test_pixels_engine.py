"""Text burned into pixels goes by the engine's door; everything else stays, and the object says what was done."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit

pytest.importorskip("imagecodecs")
pytest.importorskip("rapidocr")

import imagecodecs

from burned_in import COLUMNS, NAME, ROWS, TOP, ULTRASOUND, pixels_of, tissue, ultrasound, with_text
from greycloak import Deidentified, Quarantined
from greycloak.pixels import cleaning
from greycloak.pixels.process import PixelWorker
from greycloak.pixels.risk import RISKS
from greycloak.report import report_line
from greycloak.reporting.preview import as_data
from greycloak.reporting.previews import preview_files
from support import ct, decode, encode, make_engine

CLEANED = "113101"
TRUSTING = {"burned_in": "ignore"}


def outcome_of(engine, data_set, syntax=ExplicitVRLittleEndian):
    outcome = engine.deidentify(encode(data_set, syntax))
    assert isinstance(outcome, Deidentified), outcome
    return outcome


def under(masks):
    """Return which pixels masks cover."""
    covered = np.zeros((ROWS, COLUMNS), bool)
    for mask in masks:
        left, top, right, bottom = mask.area
        covered[top:bottom, left:right] = True
    return covered


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_name_in_an_ultrasound_is_masked_and_nothing_else_changes(engine, syntax):
    original = ultrasound()
    outcome = outcome_of(engine, original, syntax)
    output = decode(outcome.to_bytes())
    before, after, covered = pixels_of(original), pixels_of(output), under(outcome.masks)
    assert (after[TOP] < 60).all()
    assert (after[covered] == 0).all()
    assert (after[~covered] == before[~covered]).all()
    assert 0 < covered.sum() < 0.2 * covered.size


def test_the_object_says_what_was_done(engine):
    outcome = outcome_of(engine, ultrasound(BurnedInAnnotation="YES"))
    output = decode(outcome.to_bytes())
    assert output.BurnedInAnnotation == "NO"
    assert output.ImageType == ["DERIVED", "PRIMARY"]
    assert output.DerivationDescription == "Text in the image masked"
    assert CLEANED in [code.CodeValue for code in output.DeidentificationMethodCodeSequence]
    assert CLEANED in outcome.method_codes
    assert "pixels-inspected" in outcome.notes
    assert (outcome.risks, outcome.told.is_inspected, outcome.told.is_masked) == ((), True, True)


def test_the_report_lists_every_mask_without_what_it_said(engine):
    outcome = outcome_of(engine, ultrasound())
    line = report_line(engine, outcome, input_digest="", with_values=True)
    assert [mask["reason"] for mask in line["masks"]] == ["text"] * len(outcome.masks)
    left, top, width, height = line["masks"][0]["area"]
    assert left + width <= COLUMNS
    assert top + height <= ROWS
    assert "JONATHAN" not in json.dumps(line["masks"])


def test_an_image_without_text_is_inspected_and_stays_as_it_is(engine):
    original = ultrasound(tissue())
    outcome = outcome_of(engine, original)
    output = decode(outcome.to_bytes())
    assert output.PixelData == original.PixelData
    assert (output.BurnedInAnnotation, output.ImageType) == ("NO", ["ORIGINAL", "PRIMARY"])
    assert CLEANED in outcome.method_codes
    assert outcome.masks == ()


def test_an_image_without_any_risk_is_not_looked_at(folder, monkeypatch):
    monkeypatch.setattr(cleaning, "WORKER", None)
    outcome = outcome_of(make_engine(folder), ct())
    assert CLEANED not in outcome.method_codes
    assert decode(outcome.to_bytes()).PixelData == ct().PixelData


def test_the_option_has_every_image_inspected(folder):
    engine = make_engine(folder, options=["clean-pixel-data"])
    grey = with_text(tissue())
    plain = ct(
        Rows=ROWS, Columns=COLUMNS, PixelData=(grey.astype("<u2") * 8).tobytes(), ImageType=["ORIGINAL", "PRIMARY"]
    )
    outcome = outcome_of(engine, plain)
    assert CLEANED in outcome.method_codes
    assert outcome.masks
    assert CLEANED in outcome_of(engine, ct()).method_codes


def test_an_image_that_declares_identity_and_shows_none_is_held_back(engine):
    refused = engine.deidentify(encode(ultrasound(tissue(), BurnedInAnnotation="YES")))
    assert refused == Quarantined("burned-in-annotation", "nothing was found")


def test_policies_that_do_not_clean_must_be_asked_for_and_never_claim_it(folder):
    quarantining = make_engine(folder, pixels={"burned_in": "quarantine"})
    assert quarantining.deidentify(encode(ultrasound())) == Quarantined("pixels-at-risk", "ultrasound")
    for policy in ("trust-flag", "ignore"):
        outcome = outcome_of(make_engine(folder, pixels={"burned_in": policy}), ultrasound())
        output = decode(outcome.to_bytes())
        assert output.PixelData == ultrasound().PixelData
        assert outcome.risks == ("ultrasound",)
        assert CLEANED not in outcome.method_codes
        assert "BurnedInAnnotation" not in output
    flagged = make_engine(folder, pixels={"burned_in": "trust-flag"})
    assert flagged.deidentify(encode(ultrasound(BurnedInAnnotation="YES"))).reason == "burned-in-annotation"


def test_only_identities_are_masked_if_the_profile_says_so(folder):
    engine = make_engine(folder, pixels={"text": "identifiers"})
    image = with_text(with_text(tissue()), "Abdomen", (12, 150))
    outcome = outcome_of(engine, ultrasound(image))
    assert outcome.masks
    assert all(mask.area.bottom < 60 for mask in outcome.masks)


def test_rules_mask_areas_whatever_the_risk_and_claim_no_inspection(folder):
    rule = {"if": 'Modality == "CT"', "mask": [[0, 0, 1, 1]], "mask_polygons": [[[0, 1], [2, 1], [2, 2], [0, 2]]]}
    outcome = outcome_of(make_engine(folder, rules=[rule]), ct(ImageType=["ORIGINAL", "PRIMARY", "AXIAL"]))
    output = decode(outcome.to_bytes())
    assert output.PixelData == b"\0\0\x03\x04\0\0\0\0"
    assert {mask.reason for mask in outcome.masks} == {"rule"}
    assert output.ImageType == ["DERIVED", "PRIMARY", "AXIAL"]
    assert CLEANED not in outcome.method_codes
    assert "BurnedInAnnotation" not in output


def test_the_region_of_a_known_device_is_masked(engine):
    device = {"Manufacturer": "ACUSON", "ManufacturerModelName": "SEQUOIA", "Modality": "US"}
    large = np.full((480, 640, 3), 30, np.uint8)
    outcome = outcome_of(engine, ultrasound(Rows=480, Columns=640, PixelData=large.tobytes(), **device))
    assert {mask.reason for mask in outcome.masks} == {"device"}
    assert (pixels_of(decode(outcome.to_bytes())) == 0).any()


def test_the_label_of_a_slide_is_held_back_and_its_tiles_pass(folder):
    engine = make_engine(folder)
    slide = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.6", "Modality": "SM"}
    for kind in ("LABEL", "OVERVIEW"):
        refused = engine.deidentify(encode(ultrasound(ImageType=["ORIGINAL", "PRIMARY", kind, "NONE"], **slide)))
        assert refused.reason == "slide-label"
    tile = ultrasound(tissue(), ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], **slide)
    assert decode(outcome_of(engine, tile).to_bytes()).PixelData == tile.PixelData


def test_jpeg_loses_the_name_and_its_comments_but_no_other_block(engine):
    image = np.stack([with_text(tissue())] * 3, -1)
    code = imagecodecs.jpeg8_encode(image, level=90, colorspace="rgb", outcolorspace="ycbcr", subsampling="444")
    comment = b"\xff\xfe\x00\x0bDoe^Johna"
    original = ultrasound(
        PhotometricInterpretation="YBR_FULL_422", PixelData=encapsulate([code[:2] + comment + code[2:]])
    )
    outcome = outcome_of(engine, original, JPEGBaseline8Bit)
    (frame,) = generate_frames(decode(outcome.to_bytes()).PixelData, number_of_frames=1)
    assert b"Doe^John" not in frame
    before, after = imagecodecs.jpeg8_decode(code), imagecodecs.jpeg8_decode(frame)
    far = under(outcome.masks)
    far = np.kron(
        far[: ROWS // 16 * 16, : COLUMNS // 16 * 16].reshape(ROWS // 16, 16, COLUMNS // 16, 16).any((1, 3)),
        np.ones((16, 16), bool),
    )
    assert (after[TOP] < 70).all()
    assert (after[~far] == before[~far]).all()


@pytest.mark.parametrize("policy", ["clean", "trust-flag", "ignore"])
def test_what_code_streams_hold_beside_the_image_goes_whatever_the_policy(folder, policy):
    code = imagecodecs.jpeg8_encode(tissue(), level=90)
    comment = b"\xff\xfe\x00\x0bDoe^Johna"
    plain = {"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "PlanarConfiguration": None}
    image = ultrasound(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.1",
        Modality="CR",
        PixelData=encapsulate([code[:2] + comment + code[2:]]),
        **plain,
    )
    outcome = outcome_of(make_engine(folder, pixels={"burned_in": policy}), image, JPEGBaseline8Bit)
    data = outcome.to_bytes()
    assert b"Doe^John" not in data
    (frame,) = generate_frames(decode(data).PixelData, number_of_frames=1)
    assert frame.rstrip(b"\0") == code[:2] + b"\xff\xfe\x00\x0b" + bytes(9) + code[2:]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_overlays_in_the_bits_of_pixels_are_cleared_whatever_the_policy(folder, syntax):
    order = "<u2" if syntax == ExplicitVRLittleEndian else ">u2"
    pixels = np.array([0xF001, 0x0002, 0x1003, 0x8FFF], order)
    image = ct(BitsStored=12, HighBit=11, PixelData=pixels.tobytes())
    image.add_new(0x60000100, "US", 16)
    image.add_new(0x60000102, "US", 12)
    image["PixelData"].VR = "OW"
    output = decode(outcome_of(make_engine(folder, pixels=TRUSTING), image, syntax).to_bytes())
    assert np.frombuffer(output.PixelData, order).tolist() == [1, 2, 3, 0xFFF]
    assert 0x60000102 not in output


def test_a_second_run_gives_the_same_bytes(engine, monkeypatch):
    monkeypatch.setattr(cleaning, "WORKER", PixelWorker())
    first = outcome_of(engine, ultrasound()).to_bytes()
    monkeypatch.setattr(cleaning, "WORKER", PixelWorker())
    assert outcome_of(engine, ultrasound()).to_bytes() == first


@pytest.mark.parametrize(("missing", "extra"), [("rapidocr", "ocr"), ("numpy", "pixels")])
def test_what_is_not_installed_is_told_and_only_what_needs_it_is_held_back(
    engine, tmp_path, monkeypatch, missing, extra
):
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError(name={missing!r})")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(cleaning, "WORKER", PixelWorker())
    refused = engine.deidentify(encode(ultrasound()))
    assert refused.reason == "pixel-extra"
    assert extra in refused.detail
    assert "pip install" in refused.remedy
    outcome_of(engine, ct())


@pytest.mark.parametrize(
    "wrong",
    [{"Rows": 20_000}, {"Columns": None}, {"BitsAllocated": 12}, {"NumberOfFrames": 0}],
    ids=str,
)
def test_pixels_that_are_not_as_described_are_held_back_where_they_have_to_be_looked_at(engine, wrong):
    refused = engine.deidentify(encode(ultrasound(**wrong)))
    assert refused.reason in {"pixel-description", "odd-pixels", "broken-pixels"}
    assert not set(NAME.split()) & set(str(refused).split())


def test_pixels_of_floating_point_are_looked_at(engine):
    grey = with_text(tissue()).astype("<f4") / 255
    grey[-1, -1] = np.nan
    image = ultrasound(
        SamplesPerPixel=1,
        PlanarConfiguration=None,
        PhotometricInterpretation="MONOCHROME2",
        BitsAllocated=32,
        BitsStored=None,
        HighBit=None,
    )
    del image.PixelData
    image.FloatPixelData = grey.tobytes()
    outcome = outcome_of(engine, image)
    after = np.frombuffer(decode(outcome.to_bytes()).FloatPixelData, "<f4").reshape(ROWS, COLUMNS)
    assert (after[TOP] < 0.2).all()


def test_a_code_stream_without_its_end_is_held_back(engine):
    code = imagecodecs.jpeg8_encode(with_text(tissue()), level=90)
    plain = {"SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2", "PlanarConfiguration": None}
    cut = ultrasound(PixelData=encapsulate([code[:900]]), **plain)
    assert engine.deidentify(encode(cut, JPEGBaseline8Bit)).reason == "broken-code-stream"


def test_video_at_risk_is_held_back(engine):
    film = ultrasound(NumberOfFrames=2, PixelData=encapsulate([b"\0\0\1\xb3" + bytes(60)]))
    assert engine.deidentify(encode(film, "1.2.840.10008.1.2.4.102")).reason == "pixel-video"


def test_objects_of_known_classes_only_say_what_their_iod_knows(engine):
    outcome = outcome_of(
        engine, ultrasound(SOPClassUID="1.2.840.10008.5.1.4.1.1.7", Modality="OT", ConversionType="WSD")
    )
    assert "DerivationDescription" in decode(outcome.to_bytes())
    assert ULTRASOUND not in outcome.sop_class_uid


def test_the_preview_tells_what_would_be_masked(folder, tmp_path):
    path = tmp_path / "us.dcm"
    path.write_bytes(encode(ultrasound()))
    (series,) = found = preview_files(make_engine(folder), [path])
    assert series.warnings[-1] == "masked in its pixels: 1 area"
    assert not set(series.warnings) & set(RISKS.values())
    (said,) = as_data(found, {0: "us.dcm"}, everything=False)
    assert [mask["reason"] for mask in said["masks"]] == ["text"]
