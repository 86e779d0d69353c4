"""What becomes of single objects: scenarios of privacy, validity and honesty."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from greycloak import Deidentified, Quarantined
from greycloak.reasons import REASONS
from greycloak.standard.methods import CID_7050
from support import anonymized, ct, decode, encode, item, make_engine, named, refused, sequence

SECRET = "Zyxwvut"


def test_patient_name_and_id_become_one_pseudonym(engine):
    output = anonymized(engine, ct())
    assert output.PatientID == str(output.PatientName)
    assert output.PatientID.startswith("TRIAL-")
    assert "Doe" not in str(output)


def test_two_series_of_a_patient_share_one_pseudonym_and_one_study(engine):
    one = anonymized(engine, ct(SeriesInstanceUID="1.2.7.1", SOPInstanceUID="1.2.7.2"))
    other = anonymized(engine, ct(SeriesInstanceUID="1.2.7.3", SOPInstanceUID="1.2.7.4"))
    assert one.PatientID == other.PatientID
    assert one.StudyInstanceUID == other.StudyInstanceUID
    assert one.SeriesInstanceUID != other.SeriesInstanceUID


def test_the_issuer_tells_two_patients_of_one_id_apart_if_the_profile_says_so(folder):
    engine = make_engine(folder, "issuers", subjects={"issuer": "exact"})
    assert anonymized(engine, ct(IssuerOfPatientID="A")).PatientID != anonymized(engine, ct()).PatientID


def test_padding_does_not_make_another_patient(engine):
    assert anonymized(engine, ct(PatientID="MRN-4711 ")).PatientID == anonymized(engine, ct()).PatientID


def test_uids_are_valid_and_mapped_alike_in_any_nesting(engine):
    reference = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.3.4.1")
    deep = item(ReferencedSeriesSequence=sequence(item(ReferencedInstanceSequence=sequence(reference))))
    output = anonymized(engine, ct(StudiesContainingOtherReferencedInstancesSequence=sequence(deep)))
    series = output.StudiesContainingOtherReferencedInstancesSequence[0].ReferencedSeriesSequence[0]
    found = series.ReferencedInstanceSequence[0]
    assert found.ReferencedSOPInstanceUID == output.SOPInstanceUID
    assert found.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert output.SOPInstanceUID.is_valid
    assert output.SOPInstanceUID.startswith("2.25.")
    assert len(output.SOPInstanceUID) <= 64


def test_an_organization_may_use_its_own_root(folder):
    root = "1.2.826.0.1.3680043.10.341"
    output = anonymized(make_engine(folder, uids={"root": root}), ct())
    assert output.SOPInstanceUID.startswith(root + ".")
    assert output.SOPInstanceUID.is_valid


def test_the_type_at_its_place_decides_between_removing_emptying_and_a_dummy(engine):
    output = anonymized(
        engine,
        ct(
            StudyDescription=SECRET,  # X
            AccessionNumber=SECRET,  # Z
            AcquisitionDate="20200102",  # X/Z, Type 3
            InstitutionName=SECRET,  # X/Z/D, Type 3
        ),
    )
    assert "StudyDescription" not in output
    assert output.AccessionNumber == ""
    assert "AcquisitionDate" not in output
    assert "InstitutionName" not in output
    # The same Content Date (Z/D) is Type 1 in an enhanced image and must not be emptied there.
    assert anonymized(engine, ct(ContentDate="20200102")).ContentDate == ""
    enhanced = anonymized(engine, ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.2.1", ContentDate="20200102"))
    assert enhanced.ContentDate == "19000101"


def test_private_and_unknown_attributes_go_wherever_they_stand(engine):
    inner = item(ReferencedSOPInstanceUID="1.2.3")
    inner.private_block(0x0029, "SECRET CREATOR", create=True).add_new(1, "LO", SECRET)
    data_set = ct(RelatedSeriesSequence=sequence(inner))
    data_set.private_block(0x0009, "SECRET CREATOR", create=True).add_new(1, "SQ", sequence(item(PatientName=SECRET)))
    data_set.add_new(0x00081999, "LO", SECRET)  # no such attribute in PS3.6
    for syntax in (ImplicitVRLittleEndian, "1.2.840.10008.1.2.1", ExplicitVRBigEndian):
        output = engine.deidentify(encode(data_set, syntax)).to_bytes()
        assert SECRET.encode() not in output
        assert b"SECRET CREATOR" not in output


def test_what_went_is_cut_out_of_free_text_and_the_rest_stays(engine):
    output = anonymized(engine, ct(Manufacturer="Scanners of Jonathan", ManufacturerModelName="Model 7"))
    assert output.Manufacturer == "Scanners of"
    assert output.ManufacturerModelName == "Model 7"
    assert anonymized(engine, ct(Manufacturer="Jonathan")).Manufacturer == ""  # Type 2


def test_text_is_compared_without_regard_to_case_and_with_every_part_of_a_name(engine):
    output = anonymized(engine, ct(PatientName="Doe^JANE", ManufacturerModelName="for jane", SoftwareVersions="DoE 1"))
    assert output.ManufacturerModelName == "for"
    assert output.SoftwareVersions == "1"
    assert anonymized(engine, ct(PatientName="Doe", ManufacturerModelName="Doe-nut")).ManufacturerModelName == "nut"
    assert anonymized(engine, ct(PatientName="Doe", ManufacturerModelName="Adoes")).ManufacturerModelName == "Adoes"


def test_what_is_withheld_does_not_depend_on_earlier_objects(folder):
    plain, telling = encode(ct(Manufacturer="Acme")), encode(ct(Manufacturer="Acme", StudyDescription="at ACME"))
    engine = make_engine(folder)
    first = [engine.deidentify(data).to_bytes() for data in (plain, telling, plain, telling, telling, plain)]
    assert first[0] == first[2] == first[5]
    assert first[1] == first[3] == first[4]
    assert decode(first[0]).Manufacturer == "Acme"


def test_a_number_or_code_that_is_none_is_treated_as_text(engine):
    data = encode(ct(SliceThickness="1.25", BodyPartExamined="CHEST"))
    data = data.replace(b"1.25", b"Doe ").replace(b"CHEST ", b"Doe's ")
    output = engine.deidentify(data).to_bytes()
    assert b"Doe" not in output


def test_an_attribute_with_the_wrong_vr_is_not_trusted(engine):
    data_set = ct()
    data_set.add_new(0x00280030, "LO", SECRET)  # Pixel Spacing is DS
    data_set.add_new(0x00280034, "PN", SECRET)  # Pixel Aspect Ratio is IS
    data_set.add_new(0x00181164, "UT", SECRET)  # Imager Pixel Spacing is DS
    data_set.PatientComments = SECRET
    assert SECRET.encode() not in engine.deidentify(encode(data_set)).to_bytes()


def test_a_sequence_that_is_encoded_as_un_is_cleaned_inside(engine):
    inner = b"\x08\x00\x55\x11\x06\x00\x00\x001.2.9\x00" + b"\x10\x00\x10\x00\x08\x00\x00\x00" + SECRET.encode() + b" "
    value = b"\xfe\xff\x00\xe0" + len(inner).to_bytes(4, "little") + inner
    element = b"\x08\x00\x50\x12UN\x00\x00" + len(value).to_bytes(4, "little") + value  # Related Series Sequence
    data = encode(ct())
    patient = data.index(b"\x10\x00\x10\x00PN")
    output = engine.deidentify(data[:patient] + element + data[patient:])
    assert isinstance(output, Deidentified)
    assert SECRET.encode() not in output.to_bytes()
    assert b"1.2.9\x00" not in output.to_bytes()
    assert decode(output.to_bytes()).RelatedSeriesSequence[0].PatientName == ""


def test_overlays_and_curves_go_with_their_groups(engine):
    output = anonymized(engine, named("examples_overlay.dcm"))
    assert not [element.tag for element in output if element.tag.group in range(0x5000, 0x6100)]


def test_file_meta_and_preamble_are_made_anew(engine):
    data_set = ct()
    data = encode(data_set, preamble=b"Jonathan Doe".ljust(128, b"!"))
    file = decode(data)
    file.file_meta.SourceApplicationEntityTitle = SECRET
    file.file_meta.PrivateInformationCreatorUID, file.file_meta.PrivateInformation = "1.2.3", SECRET.encode()
    buffer = BytesIO()
    file.save_as(buffer)
    output = engine.deidentify(buffer.getvalue()).to_bytes()
    assert output[:128] == bytes(128)
    assert SECRET.encode() not in output
    assert decode(output).file_meta.ImplementationVersionName.startswith("GREYCLOAK")


def test_the_object_says_what_was_done(engine):
    output = anonymized(engine, ct())
    assert output.PatientIdentityRemoved == "YES"
    assert "PS3.15 2026d" in output.DeidentificationMethod
    assert [code.CodeValue for code in output.DeidentificationMethodCodeSequence] == ["113100"]
    assert output.DeidentificationMethodCodeSequence[0].CodeMeaning == CID_7050["113100"].meaning
    assert output.LongitudinalTemporalInformationModified == "REMOVED"


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian])
def test_earlier_method_codes_are_kept_and_earlier_texts_are_not(engine, syntax):
    data_set = ct(
        DeidentificationMethod=SECRET,
        DeidentificationMethodCodeSequence=sequence(
            item(CodeValue="113105", CodingSchemeDesignator="DCM", CodeMeaning="Clean Descriptors Option"),
            item(CodeValue="4711", CodingSchemeDesignator="99X", CodeMeaning=SECRET),
        ),
    )
    output = anonymized(engine, encode(data_set, syntax))
    assert [code.CodeValue for code in output.DeidentificationMethodCodeSequence] == ["113105", "113100"]
    assert SECRET not in str(output)


def test_an_object_that_declares_burned_in_identity_is_held_back(folder):
    for policy in ("clean", "trust-flag"):
        engine = make_engine(folder, pixels={"burned_in": policy})
        assert refused(engine, ct(BurnedInAnnotation="YES")) == "burned-in-annotation"
    assert anonymized(engine, ct(BurnedInAnnotation="NO")).BurnedInAnnotation == "NO"
    assert anonymized(make_engine(folder, pixels={"burned_in": "ignore"}), ct(BurnedInAnnotation="YES"))


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"StudyInstanceUID": ""}, "no-study"),
        ({"SeriesInstanceUID": None}, "no-study"),
    ],
)
def test_what_is_missing_or_wrong_is_told(engine, attributes, reason):
    assert refused(engine, ct(**attributes)) == reason
    assert reason in REASONS


def test_without_patient_id_the_study_is_the_identity_if_the_profile_says_so(engine, folder):
    one = anonymized(engine, ct(PatientID="", StudyInstanceUID="1.2.10"))
    other = anonymized(engine, ct(PatientID=None, StudyInstanceUID="1.2.10", SOPInstanceUID="1.2.8"))
    assert one.PatientID == other.PatientID
    assert one.PatientID != anonymized(engine, ct(PatientID="", StudyInstanceUID="1.2.9")).PatientID
    strict = make_engine(folder, subjects={"without_id": "quarantine"})
    assert refused(strict, ct(PatientID="")) == "no-patient-id"


def test_trailing_padding_is_dropped_and_anything_else_there_refused(engine):
    data = encode(ct())
    clean = engine.deidentify(data).to_bytes()
    for count in (1, 5, 6, 7, 512):
        assert engine.deidentify(data + bytes(count)).to_bytes() == clean
    assert refused(engine, data + b"Jonathan Doe") in {"unknown-vr", "elements-out-of-order", "truncated"}


def test_names_beyond_ascii_are_decoded_before_they_are_compared(engine):
    latin = ct(SpecificCharacterSet="ISO_IR 100", PatientID="MÜLLER-1")
    unicode = ct(SpecificCharacterSet="ISO_IR 192", PatientID="MÜLLER-1")
    assert anonymized(engine, latin).PatientID == anonymized(engine, unicode).PatientID


def test_no_mutation_makes_the_engine_raise_or_leak(engine):
    """Ten thousand damaged files: each is quarantined, or comes out without the patient."""
    rng = random.Random(4711)
    seeds = [encode(ct(ReferencedImageSequence=sequence(item(ReferencedSOPInstanceUID="1.2.3"))), s)
             for s in ("1.2.840.10008.1.2.1", ImplicitVRLittleEndian, ExplicitVRBigEndian)]  # fmt: skip
    seeds.append(named("CT_small.dcm")[:4000])
    kinds = {Deidentified: 0, Quarantined: 0}
    for _ in range(10_000):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(132, len(data))
            data[at] = rng.choice((0, 0xFF, 0x10, rng.randrange(256)))
        outcome = engine.deidentify(bytes(data))
        kinds[type(outcome)] += 1
        if isinstance(outcome, Quarantined):
            assert outcome.reason != "internal-error", bytes(data)
    assert all(kinds.values())
