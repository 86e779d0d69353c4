"""Volumes: the converter sees anonymized objects only, and makes of them what it makes of the originals."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import nibabel
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from greycloak import nifti
from support import ct, encode

MATRIX = 16


def slices(count=5):
    random = np.random.default_rng(7)
    for at in range(count):
        pixels = random.integers(0, 2000, (MATRIX, MATRIX), dtype=np.int16)
        yield ct(
            SOPInstanceUID=f"1.2.3.{at}",
            InstanceNumber=str(at + 1),
            ImageType=["ORIGINAL", "PRIMARY"],
            ImagePositionPatient=[0, 0, 2.5 * at],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[0.5, 0.75],
            SliceThickness="2.5",
            RescaleSlope="1",
            RescaleIntercept="-1024",
            Rows=MATRIX,
            Columns=MATRIX,
            BitsAllocated=16,
            BitsStored=16,
            HighBit=15,
            PixelRepresentation=1,
            SamplesPerPixel=1,
            PhotometricInterpretation="MONOCHROME2",
            PixelData=pixels.tobytes(),
            SeriesDescription="Jonathan's knee",
            FrameOfReferenceUID="1.2.9",
        )


@pytest.fixture
def volume(place):
    (place / "in").mkdir()
    for at, image in enumerate(slices()):
        (place / "in" / f"IM{at}").write_bytes(encode(image))
    return place


@pytest.mark.parametrize("converter", nifti.CONVERTERS)
def test_a_series_becomes_the_same_volume_as_its_original(volume, converter):
    if converter == nifti.DICOM2NIFTI:  # as where dcm2niix is not installed
        volume.environment["PATH"] = "/nonexistent"
    done = volume.call("anonymize", "in", "out", "--format", "nifti")
    assert f"1 of 1 series converted by {converter}\n" in done.stdout
    names = list(volume.files())
    made = next(name for name in names if name.endswith(".nii.gz"))
    assert made.startswith("DEFAULT-")
    (volume / "plain").mkdir()
    subprocess.run(["dcm2niix", "-z", "y", "-f", "x", "-o", volume / "plain", volume / "in"], check=True)
    # The two turn the rows of an image the other way round, and say so: what counts is where a voxel is.
    plain = nibabel.as_closest_canonical(nibabel.load(volume / "plain" / "x.nii.gz"))
    new = nibabel.as_closest_canonical(nibabel.load(volume / "out" / made))
    assert np.allclose(new.affine, plain.affine, atol=1e-4)
    assert np.array_equal(new.get_fdata(), plain.get_fdata())
    sidecar = json.loads((volume / "out" / made.replace(".nii.gz", ".json")).read_text())
    assert sidecar["DeidentificationMethod"][0].startswith("Greycloak")
    assert {"CodeValue": "113100", "CodingSchemeDesignator": "DCM"}.items() <= {
        **sidecar["DeidentificationMethodCodeSequence"][0]
    }.items()
    for name, content in volume.files().items():
        whole = gzip.decompress(content) if name.endswith(".gz") else content
        assert b"Doe" not in whole
        assert b"Jonathan" not in whole
        assert b"MRN-4711" not in whole
    assert not [name for name in names if "greycloak" in name]


def test_what_is_no_volume_is_told(volume):
    (volume / "in" / "report").write_bytes(Path(get_testdata_file("test-SR.dcm")).read_bytes())
    (volume / "in" / "cut").write_bytes(encode(ct())[:-3])
    done = volume.call("anonymize", "in", "out", "--format", "nifti", status=1)
    assert "not converted: series 2.25." in done.stdout
    assert "1 of 2 series converted" in done.stdout
    assert "1 quarantined" in done.stdout


def test_without_a_converter_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(nifti, "find_spec", lambda _name: None)
    with pytest.raises(nifti.ConversionError, match="apt install dcm2niix"):
        nifti.find_converter()


def test_a_public_series_gives_the_same_numbers(place):
    (place / "in").mkdir()
    for name in ("MR_small.dcm",):
        (place / "in" / name).write_bytes(Path(get_testdata_file(name)).read_bytes())
    place.call("anonymize", "in", "out", "--format", "nifti", "--profile", "sharing", status=None)
    made = [name for name in place.files() if name.endswith(".nii.gz")]
    (place / "plain").mkdir()
    subprocess.run(["dcm2niix", "-z", "y", "-f", "x", "-o", place / "plain", place / "in"], check=True)
    one, other = nibabel.load(place / "out" / made[0]), nibabel.load(place / "plain" / "x.nii.gz")
    assert np.array_equal(one.get_fdata(), other.get_fdata())
    assert np.allclose(one.affine, other.affine)
