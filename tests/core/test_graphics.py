"""Clean Graphics: shapes stay as they are, and what is written beside them is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from greycloak import Deidentified
from judges import errors
from raw_elements import explicit, with_element
from study import make_study
from support import anonymized, ct, decode, encode, item, make_engine, sequence


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder, options=["clean-graphics"])


@pytest.fixture(scope="module")
def state():
    """Return a presentation state with shapes and texts."""
    found = decode(make_study()["pr"])
    found.PatientName = "Quellmann^Ottilie"
    annotation = found.GraphicAnnotationSequence[0]
    annotation.TextObjectSequence = sequence(
        *(
            item(
                UnformattedTextValue=text, AnchorPoint=[3.0, 4.0], AnchorPointVisibility="Y",
                AnchorPointAnnotationUnits="PIXEL",
            )
            for text in ("12.5 mm", "Lesion of Quellmann")
        )
    )  # fmt: skip
    found.GraphicLayerSequence[0].GraphicLayerDescription = "Drawn by Quellmann"
    return found


def test_shapes_of_a_presentation_state_stay_and_its_texts_are_cleaned(engine, state, tmp_path):
    data = encode(state)
    outcome = engine.deidentify(data)
    assert isinstance(outcome, Deidentified)
    output = decode(outcome.to_bytes())
    before, after = state.GraphicAnnotationSequence[0], output.GraphicAnnotationSequence[0]
    assert np.array_equal(after.GraphicObjectSequence[0].GraphicData, before.GraphicObjectSequence[0].GraphicData)
    kept, cleaned = after.TextObjectSequence
    assert kept.UnformattedTextValue == "12.5 mm"
    assert cleaned.UnformattedTextValue
    assert cleaned.AnchorPoint == [3.0, 4.0]
    assert b"Quellmann" not in outcome.to_bytes()
    assert output.GraphicLayerSequence[0].GraphicLayer == "LESIONS"
    assert [code.CodeValue for code in output.DeidentificationMethodCodeSequence] == ["113100", "113103"]
    (tmp_path / "before.dcm").write_bytes(data)
    (tmp_path / "after.dcm").write_bytes(outcome.to_bytes())
    assert not errors(tmp_path / "after.dcm") - errors(tmp_path / "before.dcm")


def test_without_the_option_no_annotation_stays(folder, state):
    output = anonymized(make_engine(folder), state)
    assert "GraphicObjectSequence" not in output.GraphicAnnotationSequence[0]


def test_a_curve_keeps_its_points_and_loses_texts_that_name_somebody_and_sound(engine):
    points = np.arange(8, dtype="<f8").tobytes()
    curve = b"".join(
        [
            explicit(0x50000005, "US", b"\x02\0"),
            explicit(0x50000010, "US", b"\x04\0"),
            explicit(0x50000020, "CS", b"POLY"),
            explicit(0x50000022, "LO", b"drawn for Doe "),
            explicit(0x50000030, "SH", b"MM"),
            explicit(0x50000103, "US", b"\x03\0"),
            explicit(0x50002000, "US", b"\x01\0"),
            explicit(0x5000200C, "OW", b"spoken name "),
            explicit(0x50002500, "LO", b"outline "),
            explicit(0x50003000, "OW", points),
        ]
    )
    data = with_element(0x50000005, curve)
    output = anonymized(engine, data)
    assert output[0x50003000].value == points
    assert output[0x50002500].value == "outline"
    assert "Doe" not in str(output.get(0x50000022, ""))
    assert 0x5000200C not in output
    assert 0x50002000 not in output


def test_overlays_go_with_all_that_belongs_to_them(engine):
    overlay = b"".join(
        [
            explicit(0x60000010, "US", b"\x02\0"),
            explicit(0x60000022, "LO", b"outline "),
            explicit(0x60001500, "LO", b"outline "),
            explicit(0x60003000, "OW", b"\0\0"),
        ]
    )
    output = anonymized(engine, with_element(0x60000010, overlay))
    assert not [element for element in output if element.tag.group == 0x6000]


def test_a_text_in_the_wrong_vr_does_not_pass(engine):
    text = item(AnchorPoint=[3.0, 4.0])
    text.add_new(0x00700006, "UN", b"Doe was here")
    output = anonymized(engine, ct(GraphicAnnotationSequence=sequence(item(TextObjectSequence=sequence(text)))))
    assert b"Doe was here" not in encode(output)


def test_names_of_structures_and_segments_stay_and_lose_what_names_somebody(folder):
    engine = make_engine(folder, options=["clean-graphics", "clean-descriptors"])
    study = make_study()
    names = ["GTV_1", "PTV 70Gy", "SpinalCord", "Lung_L", "A_Carotid_R", "zRing", "Quellmann GTV"]
    structures = decode(study["rtstruct"])
    structures.PatientName = "Quellmann^Ottilie"
    structures.StructureSetROISequence = sequence(
        *(
            item(ROINumber=number, ReferencedFrameOfReferenceUID="1.2.3", ROIName=name, ROIGenerationAlgorithm="")
            for number, name in enumerate(names, 1)
        )
    )
    structures.RTROIObservationsSequence[0].ROIObservationLabel = "GTVp"
    output = anonymized(engine, structures)
    *kept, cleaned = [one.ROIName for one in output.StructureSetROISequence]
    assert kept == names[:-1]
    assert cleaned == "GTV"
    assert output.RTROIObservationsSequence[0].ROIObservationLabel == "GTVp"
    plan = decode(study["rtplan"])
    plan.DoseReferenceSequence[0].DoseReferenceDescription = "PTV_High"
    assert anonymized(engine, plan).DoseReferenceSequence[0].DoseReferenceDescription == "PTV_High"
    segments = decode(study["seg"])
    segments.PatientName = "Quellmann^Ottilie"
    segments.SegmentSequence[0].SegmentLabel = "Lesion of Quellmann"
    segment = anonymized(engine, segments).SegmentSequence[0]
    assert segment.SegmentLabel.startswith("Lesion")
    assert "Quellmann" not in segment.SegmentLabel
    assert segment.TrackingID == "Lesion 1"
