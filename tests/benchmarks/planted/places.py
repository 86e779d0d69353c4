"""Where identities are planted: attributes that carry text, and private ones."""

from __future__ import annotations

from typing import NamedTuple


class Descriptor(NamedTuple):
    """An attribute with text: whose it is, what is written there, and in how many of ten objects."""

    keyword: str
    level: str
    family: str
    often: int = 3


DESCRIPTORS = (
    Descriptor("StudyDescription", "study", "procedure", 9),
    Descriptor("SeriesDescription", "series", "series", 10),
    Descriptor("ProtocolName", "series", "series", 9),
    Descriptor("RequestedProcedureDescription", "study", "procedure", 5),
    Descriptor("PerformedProcedureStepDescription", "series", "procedure", 5),
    Descriptor("ContrastBolusAgent", "series", "contrast", 4),
    Descriptor("AdmittingDiagnosesDescription", "study", "diagnosis", 4),
    Descriptor("ReasonForStudy", "study", "reason"),
    Descriptor("ReasonForTheRequestedProcedure", "study", "reason"),
    Descriptor("ReasonForTheImagingServiceRequest", "study", "reason", 1),
    Descriptor("MedicalAlerts", "study", "alert", 5),
    Descriptor("Allergies", "study", "alert", 4),
    Descriptor("AdditionalPatientHistory", "study", "history", 5),
    Descriptor("StudyComments", "study", "comment", 4),
    Descriptor("PatientComments", "study", "comment"),
    Descriptor("VisitComments", "study", "comment", 1),
    Descriptor("RequestedProcedureComments", "study", "comment", 2),
    Descriptor("ImagingServiceRequestComments", "study", "comment", 2),
    Descriptor("ImageComments", "instance", "comment", 5),
    Descriptor("FrameComments", "instance", "comment", 1),
    Descriptor("AcquisitionComments", "instance", "comment"),
    Descriptor("DerivationDescription", "instance", "derivation", 4),
    Descriptor("AcquisitionDeviceProcessingDescription", "instance", "processing", 3),
    Descriptor("AcquisitionProtocolDescription", "series", "series", 2),
    Descriptor("CommentsOnThePerformedProcedureStep", "series", "comment", 3),
    Descriptor("RequestedContrastAgent", "study", "contrast", 1),
    Descriptor("PreMedication", "study", "contrast", 1),
    Descriptor("InterpretationText", "study", "finding", 1),
    Descriptor("ResultsComments", "study", "finding", 1),
    Descriptor("Impressions", "study", "finding", 1),
    Descriptor("DischargeDiagnosisDescription", "study", "diagnosis", 1),
    Descriptor("PatientState", "study", "alert", 1),
    Descriptor("SpecialNeeds", "study", "alert", 1),
    Descriptor("ScheduledProcedureStepDescription", "study", "procedure", 1),
    Descriptor("AcquisitionContextDescription", "instance", "comment", 1),
    Descriptor("DeviceDescription", "series", "series", 1),
    Descriptor("InterventionDescription", "series", "contrast", 1),
)

# Texts that only some kinds of objects have.
LABELS = (
    *("RTPlanLabel", "RTPlanName", "RTPlanDescription", "PrescriptionDescription", "BeamName", "BeamDescription"),
    *("FractionGroupDescription", "DoseReferenceDescription", "DoseComment", "SetupTechniqueDescription"),
    *("SegmentLabel", "SegmentDescription", "ContentDescription", "UnformattedTextValue", "ChannelLabel"),
    *("StructureSetLabel", "StructureSetName", "StructureSetDescription", "ROIName", "GraphicLayerDescription"),
    *("MultiplexGroupLabel", "DetectorDescription", "TransducerData", "ModalityLUTType", "LUTExplanation"),
)

# Attributes of the patient and device that an archive keeps: its choice in MIDI-B.
KEPT = {
    "TCIA-P15-PAT-K": ("PatientSex", "PatientAge", "PatientSize", "PatientWeight", "EthnicGroup", "SmokingStatus"),
    "TCIA-P15-DEV-K": ("Manufacturer", "ManufacturerModelName", "SoftwareVersions", "DeviceSerialNumber"),
    "TCIA-REV": (
        *("BodyPartExamined", "KVP", "SliceThickness", "ConvolutionKernel", "SequenceName", "PatientPosition"),
        *("Modality", "ImageType", "ScanOptions", "RepetitionTime", "PixelSpacing", "ViewPosition", "Laterality"),
    ),
}


class PrivatePlace(NamedTuple):
    """A private attribute."""

    group: int
    creator: str
    element: int
    vr: str


def _places(text: str) -> tuple[PrivatePlace, ...]:
    lines = (line.strip().split("|") for line in text.strip().splitlines())
    return tuple(PrivatePlace(int(group, 16), creator, int(at, 16), vr) for group, creator, at, vr in lines)


# Where makers, archives and stations write whose the object is. No table calls any of them safe.
PRIVATE_GOES = _places("""
    0009|GEMS_IDEN_01|02|SH
    0009|GEMS_IDEN_01|30|SH
    0009|GEMS_IDEN_01|31|SH
    0009|GEMS_IDEN_01|04|SH
    0025|GEMS_SERS_01|1A|SH
    0009|GEMS_PETD_01|02|LO
    0009|GEMS_PETD_01|0F|ST
    0009|GEMS_PETD_01|10|LO
    0009|GEMS_IDEN_01|17|LT
    0009|SPI|10|LO
    0009|SPI RELEASE 1|10|LO
    0009|SIEMENS CT VA0  COAD|40|LO
    0011|SIEMENS MED|23|LO
    0029|SIEMENS MEDCOM HEADER|31|LO
    0021|SIEMENS MR SDS 01|1A|LO
    2005|Philips MR Imaging DD 002|38|LO
    2005|Philips MR Imaging DD 001|70|LO
    200D|Philips US Imaging DD 033|05|LO
    0019|AGFA|0A|SH
    0019|AGFA_ADC_Compact|05|ST
    0033|MITRA OBJECT UTF8 ATTRIBUTES 1.0|0C|LO
    0033|MITRA OBJECT UTF8 ATTRIBUTES 1.0|0E|LT
    0033|MITRA OBJECT UTF8 ATTRIBUTES 1.0|13|PN
    0033|MITRA OBJECT DOCUMENT 1.0|10|LO
    0031|MITRA LINKED ATTRIBUTES 1.0|20|LO
    0029|INTELERAD MEDICAL SYSTEMS|24|LO
    0071|AMICAS0|01|LO
    0011|TOSHIBA_MEC_MR3|09|SH
    0019|FDMS 1.0|60|SH
    0009|FDMS 1.0|80|LO
    0019|FDMS 1.0|90|SH
    0019|AGFA|62|SH
    0099|HOSPITAL RIS 1.2|10|LT
    0099|HOSPITAL RIS 1.2|11|UT
    0009|MMCPrivate|10|LO
    0903|GEIIS PACS|13|LO
""")

# What those who compute with images need and archives keep: diffusion, timing, scaling.
PRIVATE_STAYS = {
    PrivatePlace(0x0019, "SIEMENS MR HEADER", 0x0C, "IS"): "1000",
    PrivatePlace(0x0019, "SIEMENS MR HEADER", 0x0D, "CS"): "DIRECTIONAL",
    PrivatePlace(0x0019, "SIEMENS MR HEADER", 0x0E, "FD"): [0.5, -0.25, 0.75],
    PrivatePlace(0x0019, "SIEMENS MR HEADER", 0x28, "FD"): 23.148,
    PrivatePlace(0x0019, "SIEMENS MR HEADER", 0x0A, "US"): 36,
    PrivatePlace(0x0051, "SIEMENS MR HEADER", 0x0B, "SH"): "128p*128",
    PrivatePlace(0x0051, "SIEMENS MR HEADER", 0x0F, "LO"): "C:HEA;HEP",
    PrivatePlace(0x0043, "GEMS_PARM_01", 0x39, "IS"): [1000, 8, 0, 0],
    PrivatePlace(0x0019, "GEMS_ACQU_01", 0x9C, "LO"): "epiRT",
    PrivatePlace(0x0019, "GEMS_ACQU_01", 0xBB, "DS"): "0.707",
    PrivatePlace(0x2001, "Philips Imaging DD 001", 0x03, "FL"): 800.0,
    PrivatePlace(0x2001, "Philips Imaging DD 001", 0x0A, "IS"): "17",
    PrivatePlace(0x2005, "Philips MR Imaging DD 001", 0x0E, "FL"): 0.015625,
    PrivatePlace(0x2005, "Philips MR Imaging DD 001", 0xB0, "FL"): 0.6875,
    PrivatePlace(0x7053, "Philips PET Private Group", 0x00, "DS"): "0.000389",
}
