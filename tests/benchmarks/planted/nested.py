"""Identities in the items of sequences, in the file's meta information and in the preamble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.uid import UID

from benchmarks.planted.answers import Check
from benchmarks.planted.standard import is_cleaned

if TYPE_CHECKING:
    from benchmarks.planted.planting import Identity
    from benchmarks.planted.spots import Spot
    from benchmarks.planted.texts import Writer


def plant(spot: Spot, writer: Writer, identity: Identity, texts: str) -> None:
    """Plant identities in some of the places below the data set."""
    chance = writer.random.random
    for often, how in (
        (0.5, _request),
        (0.25, _other_ids),
        (0.3, _referenced_images),
        (0.25, _referenced_study),
        (0.2, _original_attributes),
        (0.3, _codes),
        (0.2, _equipment),
        (0.15, _people),
        (0.15, _protocol_context),
        (0.1, _visit),
    ):
        if chance() < often:
            how(spot, writer, identity, texts)
    if chance() < 0.25:
        _file(spot, writer)


def _request(spot: Spot, writer: Writer, _identity: Identity, texts: str) -> None:
    item, random = spot.item("RequestAttributesSequence"), writer.random
    for keyword in (
        "RequestedProcedureDescription",
        "ScheduledProcedureStepDescription",
        "ReasonForTheRequestedProcedure",
    ):
        if random.random() < 0.6:
            family = "reason" if keyword.startswith("Reason") else "procedure"
            kept = "TCIA-P15-DESC-C" if is_cleaned(keyword) and is_cleaned("RequestAttributesSequence") else ""
            item.write(keyword, writer.write(family, texts, identity=random.random() < 0.7, retained=kept))
    item.hide("RequestedProcedureID", "RP" + writer.study.accession[2:], "HIPAA-R", "procedure ID")
    item.hide("ScheduledProcedureStepID", "SPS" + writer.study.accession[2:], "HIPAA-R", "procedure ID")
    if random.random() < 0.5:
        item.hide("AccessionNumber", writer.study.accession, "HIPAA-R", "accession number")


def _other_ids(spot: Spot, writer: Writer, _identity: Identity, _texts: str) -> None:
    for number in (writer.patient.other_id, writer.patient.national_id, writer.patient.insurance)[
        : writer.random.choice([1, 2, 3])
    ]:
        item = spot.item("OtherPatientIDsSequence", fresh=True)
        item.hide("PatientID", number, "HIPAA-H", "patient ID")
        item.hide("IssuerOfPatientID", writer.patient.institution, "HIPAA-B", "institution")
        item.put("TypeOfPatientID", "TEXT")


def _referenced_images(spot: Spot, writer: Writer, identity: Identity, _texts: str) -> None:
    keyword = writer.random.choice(["ReferencedImageSequence", "SourceImageSequence"])
    for sibling in identity.siblings[:2]:
        item = spot.item(keyword, fresh=True)
        item.put("ReferencedSOPClassUID", spot.data_set.SOPClassUID)
        item.put("ReferencedSOPInstanceUID", UID(sibling))
        item.ask("tag_retained", "ReferencedSOPInstanceUID", "TCIA-REV", kind="reference")


def _referenced_study(spot: Spot, writer: Writer, identity: Identity, _texts: str) -> None:
    item = spot.item("ReferencedStudySequence", fresh=True)
    item.put("ReferencedSOPClassUID", UID("1.2.840.10008.3.1.2.3.1"))
    item.put("ReferencedSOPInstanceUID", UID(identity.study))
    if writer.random.random() < 0.5:
        item = spot.item("ReferencedPerformedProcedureStepSequence", fresh=True)
        item.put("ReferencedSOPClassUID", UID("1.2.840.10008.3.1.2.3.3"))
        item.put("ReferencedSOPInstanceUID", UID(identity.new_uid(identity.study + ".mpps")))


def _original_attributes(spot: Spot, writer: Writer, identity: Identity, _texts: str) -> None:
    item = spot.item("OriginalAttributesSequence", fresh=True)
    item.put("ModifyingSystem", "PACS merge")
    item.put("ReasonForTheAttributeModification", "CORRECT")
    item.hide("SourceOfPreviousValues", writer.patient.institution, "HIPAA-B", "institution")
    item.put("AttributeModificationDateTime", f"{identity.study_day:%Y%m%d}101500")
    before = item.item("ModifiedAttributesSequence")
    before.hide("PatientName", writer.patient.name.pn.upper(), "HIPAA-A", "own name")
    before.hide("PatientID", writer.patient.other_id, "HIPAA-H", "patient ID")


def _codes(spot: Spot, writer: Writer, _identity: Identity, texts: str) -> None:
    """Put local codes whose meanings stay, unless somebody wrote a name there."""
    keyword = writer.random.choice(
        ["ProcedureCodeSequence", "RequestedProcedureCodeSequence", "PerformedProtocolCodeSequence"]
    )
    item = spot.item(keyword, fresh=True)
    item.put("CodeValue", f"X{writer.random.randrange(100, 999)}")
    item.put("CodingSchemeDesignator", "99LOCAL")
    item.write("CodeMeaning", writer.write("procedure", texts, identity=writer.random.random() < 0.3))


def _equipment(spot: Spot, writer: Writer, _identity: Identity, _texts: str) -> None:
    item = spot.item("ContributingEquipmentSequence", fresh=True)
    item.put("Manufacturer", "GEIIS")
    item.hide("InstitutionName", writer.patient.institution, "HIPAA-B", "institution")
    item.hide("OperatorsName", writer.patient.operator.pn, "HIPAA-A", "another's name")
    item.write("ContributionDescription", writer.write("comment", "", "ST", retained=""))


def _people(spot: Spot, writer: Writer, _identity: Identity, _texts: str) -> None:
    keyword = writer.random.choice(["ReferringPhysicianIdentificationSequence", "OperatorIdentificationSequence"])
    item = spot.item(keyword, fresh=True)
    item.hide("InstitutionName", writer.patient.institution, "HIPAA-B", "institution")
    item.hide("PersonTelephoneNumbers", writer.patient.phone, "HIPAA-D", "telephone number")
    code = item.item("PersonIdentificationCodeSequence")
    code.put("CodeValue", writer.patient.operator.family[:4].upper() + "01")
    code.put("CodingSchemeDesignator", "99STAFF")
    code.hide("CodeMeaning", writer.patient.operator.pn.partition("=")[0], "HIPAA-A", "another's name")


def _protocol_context(spot: Spot, writer: Writer, _identity: Identity, texts: str) -> None:
    item = spot.item("DerivationCodeSequence" if writer.random.random() < 0.5 else "AnatomicRegionSequence", fresh=True)
    item.put("CodeValue", "L-100")
    item.put("CodingSchemeDesignator", "99LOCAL")
    item.write("CodeMeaning", writer.write("series", texts, identity=False))


def _visit(spot: Spot, writer: Writer, _identity: Identity, _texts: str) -> None:
    item = spot.item("ReferencedPatientAliasSequence", fresh=True)
    item.hide("PatientName", writer.patient.name.pn, "HIPAA-A", "own name")
    item.hide("PatientID", writer.patient.other_id, "HIPAA-H", "patient ID")


def _file(spot: Spot, writer: Writer) -> None:
    """Write names into the file around the object: no check of MIDI-B's, but a leak all the same."""
    meta, patient = spot.data_set.file_meta, writer.patient
    title = "".join(letter for letter in patient.name.family if letter.isascii() and letter.isalpha()).upper()[:12]
    if len(title) > 3:
        meta.SourceApplicationEntityTitle = f"{title}_WS"
        spot.checks.append(
            Check("text_removed", "<(0002,0016)>", "SourceApplicationEntityTitle", "HIPAA-A", title, title, "own name")
        )
        spot.data_set.preamble = f"{title} {patient.patient_id}".encode("ascii", "replace")[:128].ljust(128, b"\0")
        spot.checks.append(Check("text_removed", "<preamble>", "preamble", "HIPAA-A", title, title, "own name"))
