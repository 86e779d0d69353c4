"""One CT image with secrets in every place known to have leaked from some de-identifier, each of them unique.

A place is a path of keywords (or tags, in hexadecimal digits) with a dot between a sequence and what is in its item:
``#1`` means its second item, ``:UN`` a VR that is not the dictionary's, or that the dictionary does not know.
"""

from __future__ import annotations

import re
import zlib
from datetime import date, timedelta
from io import BytesIO

import pydicom
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.uid import DeflatedExplicitVRLittleEndian

from raw_elements import END, EXPLICIT, IMPLICIT, UNDEFINED, explicit, implicit, one_item
from support import CT_IMAGE_STORAGE, ct, encode

DEFLATED = DeflatedExplicitVRLittleEndian

PLACES = {
    "uid": """
        SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID SynchronizationFrameOfReferenceUID
        InstanceCreatorUID DeviceUID IrradiationEventUID ConcatenationUID StorageMediaFileSetUID TransactionUID
        PaletteColorLookupTableUID SpecimenUID RelatedGeneralSOPClassUID
        CodingSchemeIdentificationSequence.CodingSchemeUID
    """,
    "date": """
        StudyDate SeriesDate AcquisitionDate ContentDate InstanceCreationDate PatientBirthDate PatientBirthTime
        StudyTime SeriesTime AcquisitionTime ContentTime AcquisitionDateTime PerformedProcedureStepStartDate
        PerformedProcedureStepEndDateTime DateOfSecondaryCapture DateOfLastCalibration TimeOfLastCalibration
        LastMenstrualDate AdmittingDate CurveDate OverlayTime IssueDateOfImagingServiceRequest FrameAcquisitionDateTime
        DateOfManufacture PatientAge PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar
        ContrastBolusStartTime
    """,
    "direct identifier": """
        PatientName PatientID OtherPatientIDs PatientBirthName PatientMotherBirthName IssuerOfPatientID PatientAddress
        PatientTelephoneNumbers MilitaryRank MedicalRecordLocator AccessionNumber StudyID Occupation CountryOfResidence
        EthnicGroup PatientReligiousPreference PatientTelecomInformation AdmissionID ServiceEpisodeID PatientWeight
        PatientSize BranchOfService ClinicalTrialSubjectID ClinicalTrialSiteName InsurancePlanIdentification
        OtherPatientIDsSequence.PatientID IssuerOfPatientIDQualifiersSequence.UniversalEntityID
        IssuerOfAccessionNumberSequence.LocalNamespaceEntityID StrainAdditionalInformation PatientBreedDescription
        BreedRegistrationSequence.BreedRegistrationNumber StrainStockSequence.StrainStockNumber
    """,
    "other person": """
        ReferringPhysicianName ReferringPhysicianAddress ReferringPhysicianTelephoneNumbers PerformingPhysicianName
        OperatorsName NameOfPhysiciansReadingStudy RequestingPhysician ResponsiblePerson
        ConsultingPhysicianName ReviewerName VerifyingObserverName OrderEnteredBy
        ContentCreatorName ResponsibleOrganization
    """,
    "institution": """
        InstitutionName InstitutionAddress InstitutionalDepartmentName CurrentPatientLocation RequestingService
        InstitutionCodeSequence.CodeMeaning CodingSchemeIdentificationSequence.CodingSchemeResponsibleOrganization
    """,
    "device": """
        StationName DeviceSerialNumber DetectorID PlateID CassetteID GantryID GeneratorID PerformedStationName
        PerformedStationAETitle ScheduledStationAETitle RetrieveAETitle SourceSerialNumber DeviceSequence.DeviceID
        TimeSource NTPSourceAddress UniqueDeviceIdentifier DeviceSequence.DeviceSerialNumber
    """,
    "free text": """
        StudyDescription SeriesDescription ProtocolName PatientComments ImageComments AdditionalPatientHistory
        AdmittingDiagnosesDescription Allergies AcquisitionComments RequestedProcedureDescription ReasonForStudy
        DerivationDescription FrameComments VisitComments StudyComments InterpretationText Impressions
        ContrastBolusAgent CommentsOnThePerformedProcedureStep PerformedProcedureStepDescription TextComments
        MedicalAlerts SpecialNeeds AcquisitionDeviceProcessingDescription RequestedProcedureComments
        SOPAuthorizationComment AuthorizationEquipmentCertificationNumber
    """,
    "nested, listed": """
        RequestAttributesSequence.RequestedProcedureID RequestAttributesSequence.ScheduledProcedureStepID
        RequestAttributesSequence.RequestedProcedureDescription ReferencedPatientSequence.ReferencedSOPInstanceUID
        ReferringPhysicianIdentificationSequence.InstitutionName OperatorIdentificationSequence.PersonAddress
        PersonIdentificationCodeSequence.CodeMeaning ReferencedStudySequence.ReferencedSOPInstanceUID
        PatientInsurancePlanCodeSequence.CodeMeaning ReferencedPatientPhotoSequence.StudyInstanceUID
    """,
    "nested uid": """
        ReferencedImageSequence.ReferencedSOPInstanceUID SourceImageSequence.ReferencedSOPInstanceUID
        ReferencedImageSequence#1.ReferencedSOPClassUID RelatedSeriesSequence.StudyInstanceUID
        RelatedSeriesSequence.SeriesInstanceUID DerivationCodeSequence.ContextGroupExtensionCreatorUID
        SourceImageSequence.PurposeOfReferenceCodeSequence.ContextUID
        ReferencedInstanceSequence.ReferencedSOPInstanceUID
        SharedFunctionalGroupsSequence.DerivationImageSequence.SourceImageSequence.ReferencedSOPInstanceUID
    """,
    "nested, unlisted": """
        ContributingEquipmentSequence.InstitutionName ContributingEquipmentSequence.InstitutionAddress
        ContributingEquipmentSequence.StationName ContributingEquipmentSequence.OperatorsName
        ContributingEquipmentSequence.ContributionDescription ContributingEquipmentSequence.ContributionDateTime
        ContributingEquipmentSequence.DeviceSerialNumber
        ContributingEquipmentSequence.OperatorIdentificationSequence.PersonIdentificationCodeSequence.CodeMeaning
        RelatedSeriesSequence.SeriesDescription RelatedSeriesSequence.StudyDate
        RelatedSeriesSequence.PurposeOfReferenceCodeSequence.DerivationDescription
        OriginalAttributesSequence.ModifyingSystem OriginalAttributesSequence.SourceOfPreviousValues
        OriginalAttributesSequence.AttributeModificationDateTime
        OriginalAttributesSequence.ModifiedAttributesSequence.PatientName
        OriginalAttributesSequence.ModifiedAttributesSequence.PatientID
        OriginalAttributesSequence.ModifiedAttributesSequence.RequestAttributesSequence.ScheduledProcedureStepDescription
        RadiopharmaceuticalInformationSequence.Radiopharmaceutical
        RadiopharmaceuticalInformationSequence.RadiopharmaceuticalStartDateTime
        RadiopharmaceuticalInformationSequence.RadiopharmaceuticalCodeSequence.AccessionNumber
        PerFrameFunctionalGroupsSequence.FrameContentSequence.FrameAcquisitionDateTime
        PerFrameFunctionalGroupsSequence.FrameContentSequence.FrameComments
        PerFrameFunctionalGroupsSequence.FrameContentSequence.FrameLabel
        SharedFunctionalGroupsSequence.FrameAnatomySequence.AnatomicRegionSequence.StudyID
        PerformedProtocolCodeSequence.ProtocolContextSequence.TextValue
        PerformedProtocolCodeSequence.ProtocolContextSequence.PersonName
        PerformedProtocolCodeSequence.ProtocolContextSequence.ContentItemModifierSequence.DateTime
        VOILUTSequence.LUTExplanation ModalityLUTSequence.LUTExplanation RealWorldValueMappingSequence.LUTExplanation
        RealWorldValueMappingSequence.LUTLabel HL7StructuredDocumentReferenceSequence.HL7InstanceIdentifier
        CodingSchemeIdentificationSequence.CodingSchemeName CodingSchemeIdentificationSequence.CodingSchemeExternalID
    """,
    "code meaning": """
        ProcedureCodeSequence.CodeMeaning AnatomicRegionSequence.CodeMeaning DerivationCodeSequence.CodeMeaning
        RequestAttributesSequence.ScheduledProtocolCodeSequence.CodeMeaning
        RequestAttributesSequence.ReasonForRequestedProcedureCodeSequence.CodeMeaning
        ContributingEquipmentSequence.PurposeOfReferenceCodeSequence.CodeMeaning
        PerformedProtocolCodeSequence.CodeMeaning
        PerformedProtocolCodeSequence.ProtocolContextSequence.ConceptNameCodeSequence.CodeMeaning
        RadiopharmaceuticalInformationSequence.RadiopharmaceuticalCodeSequence.CodeMeaning
        ViewCodeSequence.CodeValue RequestingServiceCodeSequence.LongCodeValue ProcedureCodeSequence.URNCodeValue
        ProcedureCodeSequence.MappingResourceName
    """,
    "sr content": """
        ContentSequence.PersonName ContentSequence#1.TextValue ContentSequence#2.UID ContentSequence#3.Date
        ContentSequence#4.DateTime ContentSequence#5.ContentSequence.ContentSequence.TextValue
        ContentSequence#5.ConceptNameCodeSequence.CodeMeaning
        AcquisitionContextSequence.TextValue AcquisitionContextSequence#1.PersonName
        AcquisitionContextSequence#2.ConceptCodeSequence.CodeMeaning
    """,
    "graphics": """
        GraphicAnnotationSequence.TextObjectSequence.UnformattedTextValue GraphicAnnotationSequence.GraphicLayer
        GraphicLayerSequence.GraphicLayerDescription 60000022:LO 60001500:LO 60003000:OB 60004000:LT 60021500:LO
        60020022:LO 50000022:LO 50002500:LO 50003000:OB 50000103:LO AnnotationContentSequence.TextString
        ROIContourSequence.00700006:ST IconImageSequence.PixelData IconImageSequence.ImageComments
    """,
    "private": """
        00090001:LO 00091001:LO 00091002:UN 00091003:SQ.PatientName 00091003:SQ.00091001:LO
        00091003:SQ.00091003:SQ.00091006:PN 00091004:UN.PatientName 00091004:UN.00091001:LO 00091005:OB 00091006:PN
        00091007:UI 00091008:DA 00091009:DT 0009100A:DS 00091101:LT 00110010:LO 00111001:LO 00291010:OB 00431010:ST
        200110C8:LO RelatedSeriesSequence.00291010:LO RequestAttributesSequence.00110010:LO
        PrivateDataElementCharacteristicsSequence.PrivateCreatorReference
    """,
    "other": """
        RetrieveURL RetrieveURI RetrieveLocationUID PixelDataProviderURL DocumentTitle EncapsulatedDocument ImageID
        ReferencedFileID TopicTitle TopicAuthor TopicKeywords PositionReferenceIndicator 0040E012:UR LabelText
        BarcodeValue
        DigitalSignaturesSequence.Signature DigitalSignaturesSequence.CertificateOfSigner
        DigitalSignaturesSequence.DigitalSignatureUID DigitalSignaturesSequence.DigitalSignatureDateTime
        EncryptedAttributesSequence.EncryptedContent EncryptedAttributesSequence.00100010:PN
        MACParametersSequence.MACIDNumber:LO MACParametersSequence.MACAlgorithm:LO
        MACParametersSequence.DataElementsSigned:UN DataSetTrailingPadding
        HL7StructuredDocumentReferenceSequence.RetrieveURI
    """,
    "unknown tag": """
        00060010:LO 00084711:LO 00109999:PN 00204712:UN 00760001:LT 7FD00010:OB
        RequestAttributesSequence.00404713:LO ContributingEquipmentSequence.00184714:UN
    """,
    "wrong vr": """
        OtherPatientNames:LO PatientState:UN BodyPartExamined:LO
        RotationDirection:UT SmallestImagePixelValue:LO WindowCenter:ST ReconstructionDiameter:UN
        ImageType:UN ModifiedImageID:OB DistributionName:UN ReferencedPerformedProtocolSequence:UN.PatientName
        ReferencedPerformedProtocolSequence:UN.ReferencedSOPInstanceUID ReferencedDefinedProtocolSequence:UN.00091001:LO
        ReferencedDefinedProtocolSequence:UN.PurposeOfReferenceCodeSequence.PatientName
        ReferencedPatientSequence.PatientName:LO ReferencedPatientSequence.PatientID:UT
        GroupOfPatientsIdentificationSequence.PatientID:ST Manufacturer:PN StudyVerifiedDate:LO
        PlanarConfiguration SpectralWidth SimpleFrameList
    """,
    "wrong value": """
        ConvolutionKernel FilterType ManufacturerModelName SoftwareVersions ScanOptions ExposureModulationType
        ContentQualification PresentationIntentType RescaleSlope PixelSpacing KVP InstanceNumber AcquisitionNumber
        ExposureTime ReferencedFrameNumber SourceImageSequence.ReferencedSOPClassUID DimensionOrganizationUID
        RadiopharmaceuticalInformationSequence.RadionuclideTotalDose StudyArrivalDate ContentLabel StudyVerifiedTime
        ContributingEquipmentSequence.Manufacturer ReferencedImageSequence.SpecificCharacterSet ImageOrientationPatient
    """,
    "charset": """
        PhysiciansOfRecord NamesOfIntendedRecipientsOfResults ReferencedPatientSequence#1.PatientName
        AnatomicRegionSequence#1.CodeMeaning ContentSequence#6.PersonName DerivationCodeSequence#1.CodeMeaning
    """,
}  # fmt: skip
META_PLACES = """
    ImplementationClassUID ImplementationVersionName SourceApplicationEntityTitle SendingApplicationEntityTitle
    ReceivingApplicationEntityTitle 00020026:UR 00020027:UR 00020028:UR PrivateInformationCreatorUID PrivateInformation
"""
PREAMBLE = "preamble: preamble"

# Values that hold more than the secret; the rest hold what their VR says.
BEFORE_AND_AFTER = {
    "ConvolutionKernel": b"B30f\0%b",
    "FilterType": b"FLAT\0%b",
    "ManufacturerModelName": b"Model 7\0\0\0%b",
    "SoftwareVersions": b"1.2\\3.4\0 %b",
    "ScanOptions": b"HELICAL\0%b",
    "RescaleSlope": b"1.0 %b",
    "PixelSpacing": b"0.5\\0.5\\%b",
    "InstanceNumber": b"1 %b",
    "ImageOrientationPatient": b"1\\0\\0\\0\\1\\0\0%b",
    "ContributingEquipmentSequence.Manufacturer": b"Example Archives\0%b",
    "SourceImageSequence.ReferencedSOPClassUID": b"1.2.840.10008.5.1.4.1.1.2\0%b",
    "PlanarConfiguration": b"\0\0%b\0",
    "SpectralWidth": b"%b     ",
    "SimpleFrameList": b"%b ",
}
TEXT_WHERE_NONE_FITS = {
    "RescaleSlope", "PixelSpacing", "KVP", "InstanceNumber", "AcquisitionNumber", "ExposureTime",
    "ReferencedFrameNumber", "SourceImageSequence.ReferencedSOPClassUID", "DimensionOrganizationUID",
    "StudyArrivalDate", "StudyVerifiedTime", "RadiopharmaceuticalInformationSequence.RadionuclideTotalDose",
    "ImageOrientationPatient",
}  # fmt: skip
IN_OTHER_CHARACTERS = {
    "PhysiciansOfRecord": "山田桜子".encode("iso2022_jp"),
    "NamesOfIntendedRecipientsOfResults": b"ZQYAMADA^TARO=" + "秘密太郎".encode("iso2022_jp"),
    "ReferencedPatientSequence#1.PatientName": "Ковальский".encode("iso8859_5"),
    "AnatomicRegionSequence#1.CodeMeaning": "Новосельцева".encode("iso8859_5"),
    "ContentSequence#6.PersonName": "Gru\N{COMBINING DIAERESIS}ndlich".encode(),
    "DerivationCodeSequence#1.CodeMeaning": "Ste\N{COMBINING ACUTE ACCENT}phane".encode(),
}
NO_SECRETS = {
    "SpecificCharacterSet": b"\\ISO 2022 IR 87",
    "ReferencedPatientSequence#1.SpecificCharacterSet": b"ISO_IR 144",
    "AnatomicRegionSequence#1.SpecificCharacterSet": b"ISO_IR 144",
    "ContentSequence#6.SpecificCharacterSet": b"ISO_IR 192",
    "DerivationCodeSequence#1.SpecificCharacterSet": b"ISO_IR 192",
    "00090010:LO": b"ACME 1.1",
    "00090011:LO": b"OTHER 2.0",
    "00091003:SQ.00090010:LO": b"ACME 1.1",
    "00091004:UN.00090010:LO": b"ACME 1.1",
    "ReferencedDefinedProtocolSequence:UN.00090010:LO": b"ACME 1.1",
    "00290010:LO": b"SIEMENS CSA HEADER",
    "RelatedSeriesSequence.00290010:LO": b"SIEMENS CSA HEADER",
    "00430010:LO": b"GEMS_PARM_01",
    "20010010:LO": b"Philips Imaging DD 001",
    "20011003:FL": b"\0\0\x80\x3f",
}
# What an item says of itself when it holds one of these.
COMPANIONS = {
    "CodeMeaning": {"CodeValue": b"L-1", "CodingSchemeDesignator": b"99LOCAL"},
    "ReferencedSOPInstanceUID": {"ReferencedSOPClassUID": CT_IMAGE_STORAGE.encode()},
    "PersonName": {"ValueType": b"PNAME"},
    "TextValue": {"ValueType": b"TEXT"},
    "UID": {"ValueType": b"UIDREF"},
    "Date": {"ValueType": b"DATE"},
    "DateTime": {"ValueType": b"DATETIME"},
    "ConceptCodeSequence": {"ValueType": b"CODE"},
}
PADDED_WITH_NUL = {"OB", "UI", "UN"}
DERIVED_UID = re.compile(rb"2\.25\.\d+")


def planted(syntax=EXPLICIT):
    """Return a CT image in a transfer syntax (EXPLICIT, IMPLICIT or DEFLATED), and its secrets by kind and place."""
    level, meta, secrets = _valid_image(), {}, {}
    for kind, places in PLACES.items():
        for path in places.split():
            secrets[f"{kind}: {path}"] = _plant(level, path, len(secrets))
    for path in META_PLACES.split():
        secrets[f"file meta: {path}"] = _plant(meta, path, len(secrets))
    secrets[PREAMBLE] = b"ZQPREAMBLE"
    for path, value in NO_SECRETS.items():
        _put(level, path, value)
    head = _file_meta(meta, secrets["uid: SOPInstanceUID"], syntax)
    data_set = _encoded(level, IMPLICIT if syntax == IMPLICIT else EXPLICIT)
    return b"MM\0*" + secrets[PREAMBLE].ljust(124, b"\0") + head + _packed(data_set, syntax), secrets


def survivors(data, secrets):
    """Return the places of those secrets that an output still holds, deflated or not.

    UIDs derived from others are long random numbers, in which a date may turn up by chance: they are not looked at.
    """
    searched = DERIVED_UID.sub(b"", data + _unpacked(data))
    return [place for place, secret in secrets.items() if secret in searched]


def _valid_image():
    """Return a valid CT image: VRs and raw values by tag."""
    values = ct(
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        PatientSex="O",
        SeriesNumber=1,
        ImagePositionPatient=[0, 0, 0],
        SliceThickness=1,
        RescaleIntercept=0,
    )
    file = pydicom.dcmread(BytesIO(encode(values)))
    return {int(element.tag): (element.VR, element.value) for element in file.elements()}


def _plant(level, path, number):
    """Put a secret in its place, and return it."""
    vr = _steps(path)[-1][1]
    secret = IN_OTHER_CHARACTERS.get(path)
    if secret is None:
        secret = _secret("LO" if path in TEXT_WHERE_NONE_FITS else vr, number)
    if path in BEFORE_AND_AFTER:
        value = BEFORE_AND_AFTER[path] % secret
    else:
        value = {"PN": b"%b^Anna", "UR": b"https://pacs.example/%b", "LT": b"Seen by %b\r\n"}.get(vr, b"%b") % secret
    assert len(value) < 65000
    _put(level, path, value)
    return secret


def _secret(vr, number):
    """Return the number's own secret: no valid code, and as long as others of its VR, so none is in another.

    Words differ in two letters at least: none is another one, misspelt.
    """
    letters = "".join("abcdefghijklmnopqrst"[2 * int(digit) : 2 * int(digit) + 2] for digit in f"{number:03}")
    day = (date(1931, 1, 1) + timedelta(37 * number)).strftime("%Y%m%d")
    return {
        "PN": f"Zq{letters}Kowalski",
        "CS": f"zq{letters}kowalska",
        "DA": day,
        "TM": f"0{number % 10}1747.{471100 + number}",
        "DT": f"{day}101747.{471100 + number}",
        "AS": f"{number:03}Y",
        "UI": f"1.2.777.4711.{1000 + number}",
        "DS": f"{100 + number}.4711",
        "IS": f"4711{1000 + number}",
    }.get(vr, f"ZqSecret{letters}").encode()


def _steps(path):
    """Return tag, VR and item number of every step of a path."""
    steps = []
    for step in path.split("."):
        name, _, vr = step.partition(":")
        keyword, _, item = name.partition("#")
        tag = tag_for_keyword(keyword) or int(keyword, 16)
        steps.append((tag, vr or dictionary_VR(tag).split(" or ")[0], int(item or 0)))
    return steps


def _put(level, path, value):
    *outer, (tag, vr, _) = _steps(path)
    for outer_tag, outer_vr, number in outer:
        items = level.setdefault(outer_tag, (outer_vr, []))[1]
        items.extend({} for _ in range(number + 1 - len(items)))
        level = items[number]
    level[tag] = (vr, value)
    for keyword, companion in COMPANIONS.get(path.rpartition(".")[2], {}).items():
        level.setdefault(tag_for_keyword(keyword), (dictionary_VR(keyword), companion))


def _encoded(level, syntax):
    return b"".join(_element(tag, vr, value, syntax) for tag, (vr, value) in sorted(level.items()))


def _element(tag, vr, value, syntax):
    """Return an element; a sequence as UN is in Implicit VR inside, and of undefined length."""
    length = None
    if isinstance(value, list):
        inner = IMPLICIT if vr == "UN" else syntax
        value = b"".join(one_item(_encoded(item, inner)) for item in value)
        if vr == "UN":
            value, length = value + END, UNDEFINED
    elif len(value) % 2:
        value += b"\0" if vr in PADDED_WITH_NUL else b" "
    return implicit(tag, value, length) if syntax == IMPLICIT else explicit(tag, vr, value, length)


def _file_meta(level, sop_instance_uid, syntax):
    _put(level, "FileMetaInformationVersion", b"\0\1")
    _put(level, "MediaStorageSOPClassUID", CT_IMAGE_STORAGE.encode())
    _put(level, "MediaStorageSOPInstanceUID", sop_instance_uid)
    _put(level, "TransferSyntaxUID", syntax.encode())
    elements = _encoded(level, EXPLICIT)
    return b"DICM" + explicit(0x00020000, "UL", len(elements).to_bytes(4, "little")) + elements


def _packed(data_set, syntax):
    if syntax != DEFLATED:
        return data_set
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = machine.compress(data_set) + machine.flush()
    return packed + b"\0" * (len(packed) % 2)


def _unpacked(data):
    """Return what a deflated file unfolds to; nothing for another."""
    if DEFLATED.encode() not in data:
        return b""
    length = int.from_bytes(data[140:144], "little")
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[144 + length :])
