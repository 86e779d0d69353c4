"""What dcm2niix makes of objects before and after: voxels, positions, b-values and slice times are the same."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from greycloak import Deidentified, Engine
from greycloak.profiles import parse_profile
from private_blocks import PROTOCOL, Field, csa_header, ge_protocol
from support import ct, encode, make_installation, named

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("dcm2niix") is None, reason="dcm2niix is not installed")

MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
SIDE, SLICES = 4, 4
KEYS = (
    "SliceTiming PhaseEncodingDirection PhaseEncodingAxis EffectiveEchoSpacing TotalReadoutTime DwellTime EchoTime "
    "BandwidthPerPixelPhaseEncode MultibandAccelerationFactor RepetitionTime ParallelReductionFactorInPlane "
    "PartialFourier BaseResolution PulseSequenceDetails ImageOrientationText PhilipsRescaleSlope PhilipsScaleSlope "
    "UsePhilipsFloatNotDisplayScaling PhaseEncodingPolarityGE EstimatedEffectiveEchoSpacing"
).split()
SYNTAXES = pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian], ids=["explicit", "implicit"]
)


@pytest.fixture(scope="module")
def sharing(folder):
    """Return an engine whose profile is one word more than a preset."""
    profile = parse_profile({"name": "t", "base": "clinical-trial", "options": ["retain-safe-private"]})
    return Engine(profile, make_installation(folder).project("conversion"))


class Converted(NamedTuple):
    """What dcm2niix has written: NIfTI without its free texts, gradients, and what the JSON file says of KEYS."""

    images: dict[str, tuple[object, ...]]
    gradients: dict[str, str]
    said: dict[str, dict[str, object]]


def converted(objects: list[bytes], folder: Path) -> Converted:
    incoming, outgoing = folder / "in", folder / "out"
    for one in (incoming, outgoing):
        one.mkdir(parents=True)
    for number, data in enumerate(objects):
        (incoming / f"{number:03d}.dcm").write_bytes(data)
    command = ["dcm2niix", "-b", "y", "-z", "n", "-f", "s%s_%e", "-o", str(outgoing), str(incoming)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done
    files = {path.name: path for path in outgoing.iterdir()}
    said = {name: json.loads(path.read_text()) for name, path in files.items() if name.endswith(".json")}
    return Converted(
        {name: nifti(path.read_bytes()) for name, path in files.items() if name.endswith(".nii")},
        {name: path.read_text() for name, path in files.items() if name.endswith((".bval", ".bvec"))},
        {name: {key: one.get(key) for key in KEYS} for name, one in said.items()},
    )


def nifti(raw: bytes) -> tuple[object, ...]:
    """Return dimensions, type, spacing, scale, both transforms, order of slices, and voxels (NIfTI-1)."""
    spacing = [round(one, 4) for one in struct.unpack_from("<8f", raw, 76)]
    transforms = [round(one, 4) for one in struct.unpack_from("<18f", raw, 256)]
    begin = int(struct.unpack_from("<f", raw, 108)[0])
    return (
        struct.unpack_from("<8h", raw, 40), raw[70:74], spacing, raw[112:120], raw[122], raw[252:256], transforms,
        raw[begin:],
    )  # fmt: skip


def same_after(engine, objects, tmp_path) -> Converted:
    """Convert before and after, insist on the same, and return it."""
    outcomes = [engine.deidentify(data) for data in objects]
    assert all(isinstance(outcome, Deidentified) for outcome in outcomes), outcomes
    before = converted(objects, tmp_path / "before")
    after = converted([outcome.to_bytes() for outcome in outcomes], tmp_path / "after")
    assert before == after
    return before


def mr(instance, maker, *, rows=SIDE, **attributes):
    """Return one image of an echo planar series."""
    pixels = struct.pack(f"<{rows * rows}H", *(100 * instance + at for at in range(rows * rows)))
    usual = {
        "SOPClassUID": MR_IMAGE_STORAGE, "SOPInstanceUID": f"1.2.3.4.9.{instance}", "Modality": "MR",
        "Manufacturer": maker, "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"], "SeriesNumber": 7,
        "InstanceNumber": instance, "AcquisitionNumber": 1, "ScanningSequence": "EP", "SequenceVariant": "SK",
        "MRAcquisitionType": "2D", "EchoTime": 80, "RepetitionTime": 2000, "FlipAngle": 90, "EchoNumbers": 1,
        "MagneticFieldStrength": 3, "PixelBandwidth": 2000, "SliceThickness": 3, "SpacingBetweenSlices": 3,
        "InPlanePhaseEncodingDirection": "COL", "PatientPosition": "HFS", "Rows": rows, "Columns": rows,
        "PixelSpacing": [2, 2], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "ImagePositionPatient": [-4, -4, 3.0 * instance], "AcquisitionMatrix": [0, rows, rows, 0],
        "AcquisitionTime": f"1011{instance % 60:02d}", "PixelData": pixels,
    }  # fmt: skip
    return ct(**(usual | attributes))


def mosaic(volume, syntax, *, b_value=None, direction=None):
    image = mr(volume, "SIEMENS", rows=2 * SIDE, ImageType=["ORIGINAL", "PRIMARY", "DIFFUSION", "NONE", "MOSAIC"],
               ImagePositionPatient=[-8, -8, 0], AcquisitionNumber=volume)  # fmt: skip
    times = ["0.0", "1000.0", "500.0", "1500.0"]
    fields = [
        Field("NumberOfImagesInMosaic", ["4"], "US"),
        Field("SliceNormalVector", ["0.0", "0.0", "1.0"]),
        Field("MosaicRefAcqTimes", times),
        Field("PhaseEncodingDirectionPositive", ["1"], "IS"),
        Field("BandwidthPerPixelPhaseEncode", ["19.055"]),
        Field("SliceMeasurementDuration", ["2000.0"], "DS"),
        Field("ProtocolSliceNumber", ["0"], "IS"),
        Field("DataFileName", ["/home/doe"], "LO"),
    ]
    header = image.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    header.add_new(0x0A, "US", SLICES)
    header.add_new(0x28, "FD", 19.055)
    header.add_new(0x29, "FD", [float(one) for one in times])
    if b_value is not None:
        fields.append(Field("B_value", [str(b_value)], "IS"))
        header.add_new(0x0C, "IS", b_value)
    if direction:
        fields.append(Field("DiffusionGradientDirection", [str(one) for one in direction]))
        header.add_new(0x0E, "FD", list(direction))
    block = image.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    series = csa_header(Field("UsedPatientWeight", ["72"]), Field("MrPhoenixProtocol", [PROTOCOL], "UN"))
    for element, raw in ((0x10, csa_header(*fields)), (0x20, series)):
        block.add_new(element, "OB", raw + bytes(len(raw) % 2))
    texts = image.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    texts.add_new(0x0B, "LO", "4p*4")
    texts.add_new(0x11, "LO", "p2")
    return encode(image, syntax)


@SYNTAXES
def test_mosaics_of_siemens(sharing, tmp_path, syntax):
    directions = [None, (1.0, 0.0, 0.0), (0.0, 0.6, 0.8)]
    objects = [
        mosaic(volume + 1, syntax, b_value=1000 if direction else 0, direction=direction)
        for volume, direction in enumerate(directions)
    ]
    result = same_after(sharing, objects, tmp_path)
    image = next(iter(result.images.values()))
    assert image[0][:5] == (4, SIDE, SIDE, SLICES, len(directions))
    assert result.gradients["s7_1.bval"].split() == ["0", "1000", "1000"]
    said = result.said["s7_1.json"]
    assert said["SliceTiming"] == [0, 1, 0.5, 1.5]
    assert said["EffectiveEchoSpacing"]
    assert said["PhaseEncodingDirection"]
    assert said["BaseResolution"] == 64


@SYNTAXES
def test_diffusion_of_ge(sharing, tmp_path, syntax):
    objects = []
    for volume, (b_value, direction) in enumerate([(0, (0, 0, 0)), (1000, (1, 0, 0)), (1000, (0, 0.6, 0.8))]):
        for at in range(SLICES):
            instance = volume * SLICES + at + 1
            image = mr(instance, "GE MEDICAL SYSTEMS", ImagePositionPatient=[-4, -4, 3.0 * at], TriggerTime=500 * at)
            block = image.private_block(0x0019, "GEMS_ACQU_01", create=True)
            block.add_new(0x9C, "LO", "epi2")
            for element, one in zip((0xBB, 0xBC, 0xBD), direction, strict=True):
                block.add_new(element, "DS", str(one))
            block.add_new(0xE0, "DS", "2")
            image.private_block(0x0021, "GEMS_RELA_01", create=True).add_new(0x4F, "SS", SLICES)
            block = image.private_block(0x0043, "GEMS_PARM_01", create=True)
            block.add_new(0x2C, "SS", 588)
            block.add_new(0x2F, "SS", 0)
            block.add_new(0x39, "IS", [b_value, 8, 0, 0])
            raw = ge_protocol('\nset SLICEORDER "0"\nset VIEWORDER "1"\nset NOSLC "4"\nset PATNAME "Doe"\n')
            block = image.private_block(0x0025, "GEMS_SERS_01", create=True)
            block.add_new(0x1B, "OB", raw + bytes(len(raw) % 2))
            objects.append(encode(image, syntax))
    result = same_after(sharing, objects, tmp_path)
    assert [one.split() for name, one in result.gradients.items() if name.endswith(".bval")] == [["0", "1000", "1000"]]


@SYNTAXES
def test_diffusion_and_scaling_of_philips(sharing, tmp_path, syntax):
    objects = []
    for volume, (b_value, direction) in enumerate([(0.0, (0, 0, 0)), (800.0, (1, 0, 0)), (800.0, (0, 0.6, 0.8))]):
        for at in range(SLICES):
            image = mr(volume * SLICES + at + 1, "Philips Medical Systems", ImagePositionPatient=[-4, -4, 3.0 * at],
                       RescaleSlope=2, RescaleIntercept=0, TemporalPositionIdentifier=volume + 1)  # fmt: skip
            block = image.private_block(0x2001, "Philips Imaging DD 001", create=True)
            block.add_new(0x03, "FL", b_value)
            block.add_new(0x0A, "IS", at + 1)
            block.add_new(0x18, "SL", SLICES)
            block.add_new(0x22, "FL", 11.5)
            block.add_new(0x13, "SL", 47)
            block = image.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
            block.add_new(0x0E, "FL", 0.02)
            for element, one in zip((0xB0, 0xB1, 0xB2), direction, strict=True):
                block.add_new(element, "FL", float(one))
            objects.append(encode(image, syntax))
    result = same_after(sharing, objects, tmp_path)
    assert [one.split() for name, one in result.gradients.items() if name.endswith(".bval")] == [["0", "800", "800"]]
    said = next(iter(result.said.values()))
    assert said["PhilipsScaleSlope"]


def test_diffusion_of_united_imaging(sharing, tmp_path):
    objects = []
    for volume, (b_value, direction) in enumerate([(0.0, None), (1000.0, (1.0, 0.0, 0.0)), (1000.0, (0.0, 0.6, 0.8))]):
        for at in range(SLICES):
            image = mr(volume * SLICES + at + 1, "UIH", ImagePositionPatient=[-4, -4, 3.0 * at])
            block = image.private_block(0x0065, "Image Private Header", create=True)
            block.add_new(0x09, "FD", b_value)
            block.add_new(0x58, "IS", "1")
            if direction:
                block.add_new(0x37, "FD", list(direction))
            objects.append(encode(image))
    result = same_after(sharing, objects, tmp_path)
    assert any("1000" in one for one in result.gradients.values())


@pytest.mark.parametrize("name", ["MR_small.dcm", "MR_small_implicit.dcm", "CT_small.dcm"])
def test_files_that_pydicom_ships(sharing, tmp_path, name):
    result = same_after(sharing, [named(name)], tmp_path)
    assert result.images


def test_without_the_list_slices_of_a_mosaic_are_lost(folder, tmp_path):
    """What the list is for."""
    engine = Engine(
        parse_profile({"name": "t", "base": "clinical-trial"}), make_installation(folder).project("without")
    )
    objects = [mosaic(1, ExplicitVRLittleEndian)]
    after = converted([engine.deidentify(objects[0]).to_bytes()], tmp_path / "after")
    assert after.images != converted(objects, tmp_path / "before").images
