"""The door for programs: whatever holds an object goes in, and what comes out is what the command line writes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

import greycloak
from greycloak import Deidentified, Deidentifier, NotDeidentifiedError, Quarantined
from greycloak.profiles import ProfileError
from greycloak.pseudonyms import InstallationKey
from support import ct, decode, encode

KEY = InstallationKey((bytes(range(32)),))


def shout(element, _data_set):
    """Say it loud."""
    return str(element.value).upper()


@pytest.fixture
def basic():
    with Deidentifier.ephemeral("basic") as deidentifier:
        yield deidentifier


def test_a_path_bytes_a_file_and_a_data_set_give_the_same(basic, tmp_path):
    data = encode(ct())
    (tmp_path / "one.dcm").write_bytes(data)
    outcomes = [basic.deidentify(one) for one in (tmp_path / "one.dcm", str(tmp_path / "one.dcm"), data, BytesIO(data))]
    assert all(isinstance(outcome, Deidentified) for outcome in outcomes)
    assert len({outcome.to_bytes() for outcome in outcomes}) == 1
    assert decode(basic.deidentify(decode(data)).to_bytes()) == decode(outcomes[0].to_bytes())
    with pytest.raises(TypeError, match="expected a path, bytes, a binary file or a pydicom Dataset, not int"):
        basic.deidentify(7)


def test_a_data_set_that_never_was_a_file_goes_through_and_stays_as_it_is(basic):
    data_set = pydicom.Dataset()
    data_set.PatientName, data_set.PatientID, data_set.PatientSex = "Doe^Jonathan", "MRN-4711", "F"
    before = data_set.to_json()
    new, again = basic.deidentify_dataset(data_set), basic.deidentify_dataset(data_set)
    assert data_set.to_json() == before
    assert new == again
    assert new.PatientIdentityRemoved == "YES"
    assert "Doe" not in str(new)
    assert new.StudyInstanceUID.startswith("2.25.")


def test_what_must_not_be_used_is_raised_without_a_value(basic):
    image = ct(BurnedInAnnotation="YES")
    with pytest.raises(NotDeidentifiedError) as error:
        basic.deidentify_dataset(image)
    assert isinstance(error.value.outcome, Quarantined)
    assert "Doe" not in str(error.value)


def test_functions_decide_about_attributes():
    actions = {(0x0008, 0x1030): shout, "0010,0040": "keep", "InstitutionName": lambda _element, _data_set: "HOUSE"}
    with Deidentifier.ephemeral("basic", actions=actions) as deidentifier:
        new = deidentifier.deidentify_dataset(ct(StudyDescription="knee", PatientSex="F", InstitutionName="Elsewhere"))
    assert (new.StudyDescription, new.PatientSex, new.InstitutionName) == ("KNEE", "F", "HOUSE")
    with pytest.raises(ProfileError):
        Deidentifier.ephemeral("basic", actions={"Nonsense": "keep"})


def test_many_go_through_processes_threads_and_executors_of_others(images, tmp_path):
    with Deidentifier.ephemeral("basic", key=KEY) as deidentifier:
        for number, executor in enumerate((None, ThreadPoolExecutor(2), ProcessPoolExecutor(2))):
            destination = tmp_path / f"out{number}"
            results = list(deidentifier.deidentify_many([images / "in"], destination, executor=executor))
            assert all((destination / str(result.output)).exists() for result in results)
            assert len(results) == 3
    assert images.files("out0") == images.files("out1") == images.files("out2")
    with Deidentifier.ephemeral("basic", actions={"StudyID": lambda *_: "1"}) as deidentifier:
        with pytest.raises(ValueError, match="have to stand in a module"):
            list(deidentifier.deidentify_many([images / "in"], tmp_path / "out3"))
        assert len(list(deidentifier.deidentify_many([images / "in"], tmp_path / "out3", workers=1))) == 3


def test_a_throw_away_one_leaves_nothing_and_cannot_be_had_again(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    pseudonyms = set()
    for _ in range(2):
        with Deidentifier.ephemeral() as deidentifier:
            pseudonyms.add(deidentifier.deidentify(encode(ct())).pseudonym)
    assert len(pseudonyms) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_store_of_the_command_line_is_that_of_programs(images, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", images.environment["XDG_DATA_HOME"])
    images.call("anonymize", "in", "out", "--project", "trial")
    with Deidentifier(project="trial") as deidentifier:
        outcome = deidentifier.deidentify(images / "in" / "Doe^Jonathan" / "nested" / "IM0")
    assert outcome.to_bytes() in images.files().values()


def test_a_preview_shows_before_and_after_and_records_nothing(basic):
    found = basic.preview(encode(ct()))
    name = next(row for row in found.rows if row.name == "PatientName")
    assert (name.before, name.what) == ("Doe^Jonathan", "replaced")


def test_warnings_name_what_a_validator_would_say():
    said = greycloak.warnings(ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.6.1"))
    assert any(line.startswith("pixels: ") for line in said)
    assert "PatientBirthDate: missing, Type 2" in greycloak.warnings(encode(without_birth_date()))
    with pytest.raises(ValueError, match="no DICOM file"):
        greycloak.warnings(b"nothing")


def without_birth_date():
    image = ct()
    image.pop("PatientBirthDate", None)
    return image


def test_scrambled_objects_keep_their_structure_and_no_name():
    objects = [encode(ct(SOPInstanceUID=f"1.2.3.{number}")) for number in range(2)]
    new = [decode(outcome.to_bytes()) for outcome in greycloak.scramble(objects)]
    assert new[0].StudyInstanceUID == new[1].StudyInstanceUID
    assert "Doe" not in str(new)


def test_verify_checks_what_came_out(images):
    images.call("anonymize", "in", "out")
    assert greycloak.verify(images / "out", images / "in").is_clean
    assert not greycloak.verify(Path(images / "in")).is_clean
