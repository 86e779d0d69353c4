"""Where a device burns in text is learned from its images, as rules of a profile."""

from __future__ import annotations

import tomllib

import pytest

pytest.importorskip("imagecodecs")
pytest.importorskip("rapidocr")

from burned_in import TOP, pixels_of, tissue, ultrasound, with_text
from greycloak.cli import main
from support import anonymized, ct, encode, make_engine

NAMES = ["DOE JONATHAN", "QUISLING FERDINAND", "MUELLER-LUEDENSCHEIDT"]


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        image = with_text(tissue(number), name)
        if number == 1:
            image = with_text(image, "Abdomen", (150, 120))
        (folder / f"{number}.dcm").write_bytes(encode(ultrasound(image, ManufacturerModelName='Sono "7"')))
    (folder / "other.dcm").write_bytes(encode(ultrasound(with_text(tissue()), ManufacturerModelName="Other")))
    (folder / "notes.txt").write_text("Doe called")
    (folder / "cut.dcm").write_bytes(encode(ct())[:-3])
    return folder


def test_places_with_text_in_most_images_of_a_device_become_rules(images, capsys, tmp_path):
    assert main(["pixels", "learn", str(images)]) == 0
    written = capsys.readouterr()
    assert "4 images, 1 devices with text at the same places; too few images of 1 more devices; 2 files" in written.err
    assert not any(word in written.out + written.err for word in ("JONATHAN", "QUISLING", "Doe"))
    (rule,) = rules = tomllib.loads(written.out)["rules"]
    assert rule["if"] == (
        'Modality == "US" and Manufacturer == "Example Scanners" and ManufacturerModelName == \'Sono "7"\' '
        "and Rows == 160 and Columns == 320"
    )
    assert len(rule["mask"]) == 1
    engine = make_engine(tmp_path, rules=rules, pixels={"burned_in": "ignore"})
    output = anonymized(engine, ultrasound(with_text(tissue(9), NAMES[2]), ManufacturerModelName='Sono "7"'))
    assert (pixels_of(output)[TOP] < 60).all()


def test_what_is_not_there_is_told(capsys, tmp_path):
    assert main(["pixels", "learn", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
