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


def dose_report(*more):
    """Return a CT radiation dose report (PS3.16 TID 10011), with what a scanner and its operator put into it."""
    device = [
        content("CODE", code("121005", "DCM", "Observer Type"), code("121007", "DCM", "Device")),
        content("UIDREF", code("121012", "DCM", "Device Observer UID"), "1.2.3.4711.1"),
        content("TEXT", code("121013", "DCM", "Device Observer Name"), "CT-QUELLENTAL"),
        content("TEXT", code("121014", "DCM", "Device Observer Manufacturer"), "Example Scanners"),
        content("TEXT", code("121016", "DCM", "Device Observer Serial Number"), "SN-98765"),
        content("DATETIME", code("113809", "DCM", "Start of X-Ray Irradiation"), "20200102101112"),
        content("DATETIME", code("113810", "DCM", "End of X-Ray Irradiation"), "20200102101212"),
    ]
    scope = content("CODE", code("113705", "DCM", "Scope of Accumulation"), code("113014", "DCM", "Study"))
    scope.ContentSequence = sequence(
        content("UIDREF", code("110180", "DCM", "Study Instance UID"), "1.2.3.4.2", relationship="HAS PROPERTIES")
    )
    for one in (*device, scope):
        one.RelationshipType = "HAS OBS CONTEXT"
    total = content(
        "CONTAINER", code("113811", "DCM", "CT Accumulated Dose Data"), None,
        content("NUM", code("113812", "DCM", "Total Number of Irradiation Events"), ("2", "{events}")),
        content("NUM", code("113813", "DCM", "CT Dose Length Product Total"), ("300.5", "mGy.cm")),
    )  # fmt: skip
    made = report(*device, scope, total, *(_acquisition(*one) for one in enumerate(("100.25", "200.25"))), *more,
                  sop_class=DOSE_SR)  # fmt: skip
    made.ConceptNameCodeSequence = sequence(code("113701", "DCM", "X-Ray Radiation Dose Report"))
    made.ContentTemplateSequence = sequence(item(MappingResource="DCMR", TemplateIdentifier="10011"))
    return made


def _acquisition(number, dose):
    person = content("PNAME", code("113870", "DCM", "Person Name"), "Quellmann^Ottilie", relationship="HAS PROPERTIES")
    return content(
        "CONTAINER", code("113819", "DCM", "CT Acquisition"), None,
        content("TEXT", code("125203", "DCM", "Acquisition Protocol"), "Chest of Quellmann"),
        content("CODE", code("123014", "DCM", "Target Region"), code("51185008", "SCT", "Chest")),
        content("UIDREF", code("113769", "DCM", "Irradiation Event UID"), f"1.2.3.4711.2.{number}"),
        content(
            "CONTAINER", code("113829", "DCM", "CT Dose"), None,
            content("NUM", code("113838", "DCM", "DLP"), (dose, "mGy.cm")),
        ),
        content("CODE", code("113876", "DCM", "Device Role in Procedure"), code("113859", "DCM", "Irradiating Device"),
                person),
        content("TEXT", code("121106", "DCM", "Comment"), "Quellmann moved"),
    )  # fmt: skip
