"""A study of one invented patient whose objects refer to each other as those of a real one do."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
from highdicom import AlgorithmIdentificationSequence
from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from highdicom.pr import GraphicAnnotation, GraphicLayer, GraphicObject, GrayscaleSoftcopyPresentationState
from highdicom.seg import Segmentation, SegmentDescription
from highdicom.sr import (
    ComprehensiveSR,
    ImageRegion,
    Measurement,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    SourceImageForRegion,
    TrackingIdentifier,
    UIDRefContentItem,
)
from pydicom.sr.codedict import codes
from pydicom.uid import (
    RTDoseStorage,
    RTPlanStorage,
    RTStructureSetStorage,
    SpatialRegistrationStorage,
)

from support import ct, encode, item, sequence

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.uid import UID

UID_ROOT = "1.2.3.4711"
"""What the UIDs of the study begin with, but for those that highdicom makes up."""

SLICES = 3
EQUIPMENT = {
    "manufacturer": "Example Readers",
    "manufacturer_model_name": "Model 7",
    "software_versions": "1.0",
    "device_serial_number": "SN-0815",
}
IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
SQUARE = np.array([[1.0, 1.0], [6.0, 1.0], [6.0, 6.0], [1.0, 1.0]])
IDENTITY_MATRIX = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def uid(name: str) -> str:
    """Return the study's UID for what goes by a name; some have an odd length, some an even one."""
    return f"{UID_ROOT}.{zlib.crc32(name.encode())}"


def make_study() -> dict[str, bytes]:
    """Return the study's objects as DICOM files, by name."""
    slices = [_slice(number) for number in range(1, SLICES + 1)]
    seg = _segmentation(slices)
    structures = _structure_set(slices)
    plan = _plan(structures)
    dose = _dose(slices, plan, structures)
    state = _presentation_state(slices)
    registration = _registration(slices)
    report = _report(slices, seg)
    selection = _key_objects([*slices, seg, structures, state, report])
    names = {
        "seg": seg,
        "rtstruct": structures,
        "rtplan": plan,
        "rtdose": dose,
        "pr": state,
        "reg": registration,
        "sr": report,
        "ko": selection,
    }
    implicit = {"rtstruct", "rtplan", "rtdose"}
    objects = {f"ct{number}": data_set for number, data_set in enumerate(slices, 1)} | names
    return {
        name: encode(data_set, IMPLICIT_LITTLE if name in implicit else EXPLICIT_LITTLE)
        for name, data_set in objects.items()
    }


def _common(name: str, sop_class: UID, modality: str, number: int) -> Dataset:
    """Return an object of the patient and study that holds no image yet."""
    image = "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel"
    without = dict.fromkeys([*image.split(), "PhotometricInterpretation", "PixelData"])
    return ct(
        **without,
        SOPClassUID=sop_class,
        SOPInstanceUID=uid(name),
        StudyInstanceUID=uid("study"),
        SeriesInstanceUID=uid(f"series of {name}"),
        FrameOfReferenceUID=uid("frame of reference"),
        InstanceCreatorUID=uid("creator"),
        Modality=modality,
        SeriesNumber=number,
        InstanceNumber=1,
        StudyID="4711",
        StudyTime="101112",
        PatientSex="M",
        ReferringPhysicianName="House^Gregory",
    )


def _slice(number: int) -> Dataset:
    return ct(
        SOPInstanceUID=uid(f"slice {number}"),
        StudyInstanceUID=uid("study"),
        SeriesInstanceUID=uid("series of slices"),
        FrameOfReferenceUID=uid("frame of reference"),
        SynchronizationFrameOfReferenceUID=uid("synchronization"),
        IrradiationEventUID=uid("irradiation event"),
        InstanceCreatorUID=uid("creator"),
        DeviceUID=uid("device"),
        ReferencedStudySequence=sequence(_to("1.2.840.10008.3.1.2.3.1", uid("study"))),
        ReferencedPerformedProcedureStepSequence=sequence(_to("1.2.840.10008.3.1.2.3.3", uid("step"))),
        ReferencedImageSequence=sequence(_to("1.2.840.10008.5.1.4.1.1.2", uid("localizer"))),
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        InstanceNumber=number,
        SeriesNumber=1,
        StudyID="4711",
        StudyTime="101112",
        SeriesDate="20200102",
        PatientSex="M",
        ReferringPhysicianName="House^Gregory",
        PositionReferenceIndicator="",
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        ImagePositionPatient=[0, 0, 2 * number],
        PixelSpacing=[1, 1],
        SliceThickness=2,
        RescaleIntercept=0,
        RescaleSlope=1,
        Rows=8,
        Columns=8,
        PixelData=np.full((8, 8), number, np.uint16).tobytes(),
    )


def _to(sop_class: str, instance: str) -> Dataset:
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)


def _to_object(data_set: Dataset) -> Dataset:
    return _to(data_set.SOPClassUID, data_set.SOPInstanceUID)


def _identity_of(name: str, number: int) -> dict[str, str | int]:
    """Return what highdicom asks to know of every object."""
    return {
        "series_instance_uid": uid(f"series of {name}"),
        "series_number": number,
        "sop_instance_uid": uid(name),
        "instance_number": 1,
    }


def _segmentation(slices: list[Dataset]) -> Dataset:
    description = SegmentDescription(
        segment_number=1,
        segment_label="Lesion",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Lesion,
        algorithm_type="AUTOMATIC",
        algorithm_identification=AlgorithmIdentificationSequence("Finder", codes.cid7162.ArtificialIntelligence, "1"),
        tracking_uid=uid("lesion"),
        tracking_id="Lesion 1",
    )
    mask = np.zeros((SLICES, 8, 8), np.uint8)
    mask[:, 2:6, 2:6] = 1
    data_set = Segmentation(slices, mask, "BINARY", [description], **_identity_of("seg", 2), **EQUIPMENT)
    data_set.ContributingSourcesSequence = sequence(_source(slices))
    return data_set


def _source(slices: list[Dataset]) -> Dataset:
    study = item(StudyInstanceUID=uid("study"), ReferencedSeriesSequence=sequence(_series_of(slices)))
    return item(Manufacturer="Example Scanners", ContributingSOPInstancesReferenceSequence=sequence(study))


def _series_of(slices: list[Dataset], referenced: str = "ReferencedInstanceSequence") -> Dataset:
    instances = sequence(*map(_to_object, slices))
    return item(SeriesInstanceUID=slices[0].SeriesInstanceUID, **{referenced: instances})


def _structure_set(slices: list[Dataset]) -> Dataset:
    data_set = _common("rtstruct", RTStructureSetStorage, "RTSTRUCT", 3)
    series = _series_of(slices, "ContourImageSequence")
    study = _to("1.2.840.10008.3.1.2.3.1", uid("study"))
    study.RTReferencedSeriesSequence = sequence(series)
    data_set.StructureSetLabel = "Lesions"
    data_set.StructureSetDate, data_set.StructureSetTime = "20200103", "111213"
    data_set.ReferencedFrameOfReferenceSequence = sequence(
        item(FrameOfReferenceUID=uid("frame of reference"), RTReferencedStudySequence=sequence(study))
    )
    data_set.StructureSetROISequence = sequence(
        item(
            ROINumber=1,
            ReferencedFrameOfReferenceUID=uid("frame of reference"),
            ROIName="Lesion",
            ROIGenerationAlgorithm="MANUAL",
        )
    )
    data_set.ROIContourSequence = sequence(
        item(ReferencedROINumber=1, ContourSequence=sequence(*map(_contour, slices)))
    )
    data_set.RTROIObservationsSequence = sequence(
        item(ObservationNumber=1, ReferencedROINumber=1, RTROIInterpretedType="GTV", ROIInterpreter="")
    )
    return data_set


def _contour(image: Dataset) -> Dataset:
    height = image.ImagePositionPatient[2]
    return item(
        ContourImageSequence=sequence(_to_object(image)),
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=3,
        ContourData=[1, 1, height, 6, 1, height, 6, 6, height],
    )


def _plan(structures: Dataset) -> Dataset:
    data_set = _common("rtplan", RTPlanStorage, "RTPLAN", 4)
    data_set.RTPlanLabel, data_set.RTPlanDate, data_set.RTPlanTime = "Plan", "20200104", "121314"
    data_set.RTPlanGeometry = "PATIENT"
    data_set.ReferencedStructureSetSequence = sequence(_to_object(structures))
    data_set.DoseReferenceSequence = sequence(
        item(
            DoseReferenceNumber=1,
            DoseReferenceUID=uid("dose reference"),
            DoseReferenceStructureType="SITE",
            DoseReferenceType="TARGET",
        )
    )
    data_set.FractionGroupSequence = sequence(
        item(FractionGroupNumber=1, NumberOfFractionsPlanned=20, NumberOfBeams=0, NumberOfBrachyApplicationSetups=0)
    )
    return data_set


def _dose(slices: list[Dataset], plan: Dataset, structures: Dataset) -> Dataset:
    data_set = _common("rtdose", RTDoseStorage, "RTDOSE", 5)
    data_set.ReferencedRTPlanSequence = sequence(_to_object(plan))
    data_set.ReferencedStructureSetSequence = sequence(_to_object(structures))
    data_set.ReferencedImageSequence = sequence(*map(_to_object, slices))
    data_set.DoseUnits, data_set.DoseType, data_set.DoseSummationType = "GY", "PHYSICAL", "PLAN"
    data_set.DoseGridScaling = "0.01"
    data_set.FrameIncrementPointer = 0x3004000C
    data_set.GridFrameOffsetVector = [0, 2, 4]
    data_set.ImageOrientationPatient, data_set.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 2]
    data_set.PixelSpacing, data_set.NumberOfFrames = [1, 1], SLICES
    data_set.Rows = data_set.Columns = 8
    data_set.BitsAllocated = data_set.BitsStored = 16
    data_set.HighBit, data_set.PixelRepresentation, data_set.SamplesPerPixel = 15, 0, 1
    data_set.PhotometricInterpretation = "MONOCHROME2"
    data_set.PixelData = np.ones((SLICES, 8, 8), np.uint16).tobytes()
    return data_set


def _presentation_state(slices: list[Dataset]) -> Dataset:
    layer = GraphicLayer("LESIONS", order=1)
    outline = GraphicObject("POLYLINE", SQUARE, "PIXEL", tracking_id="Lesion 1", tracking_uid=uid("lesion"))
    return GrayscaleSoftcopyPresentationState(
        slices,
        **_identity_of("pr", 6),
        **EQUIPMENT,
        content_label="LESIONS",
        graphic_layers=[layer],
        graphic_annotations=[GraphicAnnotation(slices[:1], layer, graphic_objects=[outline])],
    )


def _registration(slices: list[Dataset]) -> Dataset:
    data_set = _common("reg", SpatialRegistrationStorage, "REG", 7)
    data_set.ContentLabel, data_set.ContentDescription, data_set.ContentCreatorName = "REG", "", "House^Gregory"
    data_set.ContentDate, data_set.ContentTime = "20200104", "121314"
    data_set.RegistrationSequence = sequence(
        _registered("frame of reference", slices), _registered("frame of reference of another scanner", [])
    )
    data_set.ReferencedSeriesSequence = sequence(_series_of(slices))
    return data_set


def _registered(frame_of_reference: str, slices: list[Dataset]) -> Dataset:
    matrix = item(
        FrameOfReferenceTransformationMatrix=IDENTITY_MATRIX, FrameOfReferenceTransformationMatrixType="RIGID"
    )
    registration = item(MatrixSequence=sequence(matrix), RegistrationTypeCodeSequence=sequence())
    registered = item(FrameOfReferenceUID=uid(frame_of_reference), MatrixRegistrationSequence=sequence(registration))
    if slices:
        registered.ReferencedImageSequence = sequence(*map(_to_object, slices))
    return registered


def _report(slices: list[Dataset], seg: Dataset) -> Dataset:
    image = slices[0]
    region = ImageRegion("POLYLINE", SQUARE, SourceImageForRegion(image.SOPClassUID, image.SOPInstanceUID))
    lesion = PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(uid("lesion"), "Lesion 1"),
        referenced_region=region,
        finding_type=codes.SCT.Lesion,
        measurements=[Measurement(codes.SCT.Length, 12.5, codes.UCUM.Millimeter)],
    )
    reader = ObserverContext(codes.DCM.Person, PersonObserverIdentifyingAttributes("House^Gregory"))
    content = MeasurementReport(
        ObservationContext(observer_person_context=reader), codes.LN.CTUnspecifiedBodyRegion, [lesion]
    )
    content[0].ContentSequence.append(
        UIDRefContentItem(codes.DCM.SeriesInstanceUID, image.SeriesInstanceUID, "CONTAINS")
    )
    data_set = ComprehensiveSR([*slices, seg], content[0], **_identity_of("sr", 8), manufacturer="Example Readers")
    data_set.PredecessorDocumentsSequence = sequence(_earlier_report())
    data_set.CodingSchemeIdentificationSequence = sequence(
        item(CodingSchemeDesignator="DCM", CodingSchemeUID="1.2.840.10008.2.16.4")
    )
    return data_set


def _earlier_report() -> Dataset:
    report = _to("1.2.840.10008.5.1.4.1.1.88.33", uid("earlier report"))
    series = item(SeriesInstanceUID=uid("series of sr"), ReferencedSOPSequence=sequence(report))
    return item(StudyInstanceUID=uid("study"), ReferencedSeriesSequence=sequence(series))


def _key_objects(objects: list[Dataset]) -> Dataset:
    content = KeyObjectSelection(codes.DCM.OfInterest, objects, description="Lesion of Jonathan Doe")
    return KeyObjectSelectionDocument(objects, content, **_identity_of("ko", 9), manufacturer="Example Readers")
