"""Objects of modalities that no public package has, made from real ones of other modalities."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import UID

_REGIONS = "PTV_5040 GTV Heart Lung_L Lung_R SpinalCord Parotid_R BODY".split()


def pet(data_set: Dataset) -> None:
    """From a CT image."""
    data_set.Modality, data_set.SOPClassUID = "PT", UID("1.2.840.10008.5.1.4.1.1.128")
    for keyword in ("KVP", "GantryDetectorTilt", "TableHeight", "RotationDirection", "ExposureTime", "XRayTubeCurrent"):
        data_set.pop(keyword, None)
    data_set.ImageType = ["ORIGINAL", "PRIMARY"]
    data_set.Units, data_set.CountsSource, data_set.SeriesType = "BQML", "EMISSION", ["WHOLE BODY", "IMAGE"]
    data_set.CorrectedImage = ["DECY", "ATTN", "SCAT"]
    data_set.NumberOfSlices, data_set.DecayCorrection, data_set.CollimatorType = 47, "START", "NONE"
    data_set.FrameReferenceTime, data_set.ImageIndex, data_set.ActualFrameDuration = "150000", 7, "300000"
    data_set.ReconstructionMethod = "3D OSEM 2i 28s"
    isotope = Dataset()
    isotope.Radiopharmaceutical, isotope.RadionuclideTotalDose = "Fluorodeoxyglucose", "370000000"
    data_set.RadiopharmaceuticalInformationSequence = [isotope]


def _projection(data_set: Dataset) -> None:
    data_set.PresentationIntentType, data_set.PixelIntensityRelationship = "FOR PRESENTATION", "LIN"
    data_set.PixelIntensityRelationshipSign, data_set.PresentationLUTShape = 1, "IDENTITY"
    data_set.ImageType = ["ORIGINAL", "PRIMARY"]
    data_set.RescaleIntercept, data_set.RescaleSlope, data_set.RescaleType = "0", "1", "US"
    data_set.LossyImageCompression, data_set.BurnedInAnnotation = "00", "NO"
    data_set.ImageLaterality, data_set.DetectorType = "L", "DIRECT"
    data_set.ImagerPixelSpacing = ["0.1", "0.1"]
    data_set.AnatomicRegionSequence, data_set.AcquisitionContextSequence = [], []


def mammogram(data_set: Dataset) -> None:
    """From a computed radiograph."""
    _projection(data_set)
    data_set.Modality, data_set.SOPClassUID = "MG", UID("1.2.840.10008.5.1.4.1.1.1.2")
    data_set.PositionerType, data_set.BodyPartExamined, data_set.OrganExposed = "MAMMOGRAPHIC", "BREAST", "BREAST"
    view = Dataset()
    view.CodeValue, view.CodingSchemeDesignator, view.CodeMeaning = "R-10242", "SRT", "cranio-caudal"
    data_set.ViewCodeSequence = [view]
    data_set.DetectorID, data_set.DetectorDescription = "DS-2000-88", "MAMMODETECTOR 24x30"


def dx(data_set: Dataset) -> None:
    """From a computed radiograph."""
    _projection(data_set)
    data_set.Modality, data_set.SOPClassUID = "DX", UID("1.2.840.10008.5.1.4.1.1.1.1")


def retired_ultrasound(data_set: Dataset) -> None:
    """From its successor: Ultrasound Multi-frame Image Storage (Retired)."""
    data_set.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.3")


def retired_nm(data_set: Dataset) -> None:
    """From a secondary capture: Nuclear Medicine Image Storage (Retired)."""
    data_set.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.5")


def structure_set(data_set: Dataset) -> None:
    """From a plan."""
    for keyword in [element.keyword for element in data_set if element.tag.group in {0x300A, 0x300C}]:
        del data_set[keyword]
    data_set.Modality, data_set.SOPClassUID = "RTSTRUCT", UID("1.2.840.10008.5.1.4.1.1.481.3")
    data_set.StructureSetLabel, data_set.StructureSetName = "Plan 1", "Pelvis"
    data_set.StructureSetDescription = "contours for plan 1"
    data_set.StructureSetDate, data_set.StructureSetTime = data_set.StudyDate, "101500"
    regions, contours, observations = [], [], []
    for number, name in enumerate(_REGIONS, 1):
        region, contour, observation = Dataset(), Dataset(), Dataset()
        region.ROINumber, region.ROIName, region.ROIGenerationAlgorithm = number, name, "MANUAL"
        region.ReferencedFrameOfReferenceUID = data_set.StudyInstanceUID + ".77"
        contour.ReferencedROINumber = number
        observation.ObservationNumber, observation.ReferencedROINumber = number, number
        observation.RTROIInterpretedType, observation.ROIInterpreter = "ORGAN", ""
        regions.append(region)
        contours.append(contour)
        observations.append(observation)
    data_set.StructureSetROISequence, data_set.ROIContourSequence = regions, contours
    data_set.RTROIObservationsSequence = observations
    data_set.ApprovalStatus = "UNAPPROVED"


def presentation_state(data_set: Dataset) -> None:
    """From an image."""
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = data_set.SOPClassUID, data_set.SOPInstanceUID
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedImageSequence = data_set.SeriesInstanceUID, [image]
    kept = {0x0008, 0x0010, 0x0020, 0x0002}
    for tag in [element.tag for element in data_set if element.tag.group not in kept]:
        del data_set[tag]
    data_set.Modality, data_set.SOPClassUID = "PR", UID("1.2.840.10008.5.1.4.1.1.11.1")
    data_set.ContentLabel, data_set.ContentDescription, data_set.ContentCreatorName = "MARKS", "marked for round", ""
    data_set.PresentationCreationDate, data_set.PresentationCreationTime = data_set.StudyDate, "120000"
    data_set.ReferencedSeriesSequence = [series]
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder, layer.GraphicLayerDescription = "LAYER1", 1, "arrows"
    data_set.GraphicLayerSequence = [layer]
    text = Dataset()
    text.BoundingBoxAnnotationUnits, text.AnchorPointAnnotationUnits = "PIXEL", "PIXEL"
    text.UnformattedTextValue, text.AnchorPoint, text.AnchorPointVisibility = "lesion 14 mm", [20.0, 30.0], "Y"
    annotation = Dataset()
    annotation.GraphicLayer, annotation.TextObjectSequence = "LAYER1", [text, _copy(text)]
    data_set.GraphicAnnotationSequence = [annotation]
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [64, 64]
    area.PresentationSizeMode = "SCALE TO FIT"
    data_set.DisplayedAreaSelectionSequence = [area]
    data_set.PresentationLUTShape = "IDENTITY"


def _copy(text: Dataset) -> Dataset:
    copied = Dataset()
    copied.update(text)
    copied.UnformattedTextValue = "see report"
    return copied
