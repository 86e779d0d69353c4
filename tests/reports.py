"""Structured reports and what they consist of."""

from __future__ import annotations

from pydicom.dataset import Dataset

from support import ct, item, sequence

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34"
DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
CT = "1.2.840.10008.5.1.4.1.1.2"

_VALUES = {
    "TEXT": "TextValue",
    "PNAME": "PersonName",
    "DATE": "Date",
    "TIME": "Time",
    "DATETIME": "DateTime",
    "UIDREF": "UID",
}


def code(value, scheme="DCM", meaning="Meaning"):
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def reference(uid="1.2.3.4.99", sop_class=CT):
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=uid)


def content(value_type, concept=None, value=None, *children, relationship="CONTAINS"):
    """Return a content item; of a number, the value is (number, unit)."""
    made = Dataset()
    if relationship:
        made.RelationshipType = relationship
    made.ValueType = value_type
    if concept is not None:
        made.ConceptNameCodeSequence = sequence(concept)
    if value_type in _VALUES:
        setattr(made, _VALUES[value_type], value)
    elif value_type == "CODE":
        made.ConceptCodeSequence = sequence(value)
    elif value_type == "NUM":
        number, unit = value
        made.MeasuredValueSequence = sequence(
            item(MeasurementUnitsCodeSequence=sequence(code(unit, "UCUM", unit)), NumericValue=number)
        )
    elif value_type in {"IMAGE", "COMPOSITE", "WAVEFORM"}:
        made.ReferencedSOPSequence = sequence(value)
        if value_type == "WAVEFORM":
            value.ReferencedWaveformChannels = [1, 1]
    elif value_type == "CONTAINER":
        made.ContinuityOfContent = "SEPARATE"
    if children:
        made.ContentSequence = sequence(*children)
    return made


def report(*items, sop_class=COMPREHENSIVE_SR, **attributes):
    """Return a structured report of an invented patient."""
    made = ct(
        SOPClassUID=sop_class,
        Modality="SR",
        ValueType="CONTAINER",
        ContinuityOfContent="SEPARATE",
        ConceptNameCodeSequence=sequence(code("121181", "DCM", "DICOM Object Catalog")),
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
        ContentDate="20200102",
        ContentTime="101112",
        SeriesNumber=1,
        InstanceNumber=1,
        PerformedProcedureCodeSequence=sequence(),
        ReferencedPerformedProcedureStepSequence=sequence(),
        ContentSequence=sequence(*items),
        **attributes,
    )
    for keyword in (
        "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel "
        "PhotometricInterpretation PixelData"
    ).split():
        delattr(made, keyword)
    return made


def items_of(data_set):
    """Yield every content item below a data set, in order."""
    for found in data_set.get("ContentSequence", ()):
        yield found
        yield from items_of(found)


def named_items(data_set):
    """Return all content items by the code of their concept name."""
    found = {}
    for one in items_of(data_set):
        if "ConceptNameCodeSequence" in one:
            found.setdefault(one.ConceptNameCodeSequence[0].CodeValue, []).append(one)
    return found
