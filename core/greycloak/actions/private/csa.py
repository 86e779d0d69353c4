"""Siemens CSA headers (0029,xx10) and (0029,xx20) [SIEMENS CSA HEADER], in their newer form, which begins with SV10.

They are lists of named fields with texts as values. What is written anew has the fields that measure an image, and
nothing of what was between and behind the values, where scanners leave whatever was in memory.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from greycloak.actions.private import phoenix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.actions.private.search import Find

_MAGIC = b"SV10\x04\x03\x02\x01"
_FIELD, _ITEM, _COUNT = struct.Struct("<64si4siii"), struct.Struct("<4i"), struct.Struct("<II")
_CHECK = 77
_MAX_FIELDS, _MAX_ITEMS, _MAX_TYPE = 1000, 10_000, 99
_FEWEST_ITEMS = 6
"""Scanners write so many at least, and dcm2niix reads beyond the field if there are fewer."""

_VR = re.compile(rb"[A-Z]{2}")
_NUMBER = re.compile(r"-?\d{1,10}(?:\.\d{0,20})?(?:[eE][+-]?\d{1,3})?")
_MATRIX = re.compile(r"\d{1,4} ?[a-z]{0,2} ?\*\d{1,4} ?[a-z]{0,3}I?")
_COIL = re.compile(r"(?:[TCA]:)?[A-Z]{1,3}\d{0,2}(?:[-;,][A-Z]{0,3}\d{0,2}){0,20}")
_ACCELERATION = re.compile(r"(?:[ps]\d{1,2} ?){1,3}")
_CODE = re.compile(r"SE|IR|GR|EP|RM|SK|MTC|SS|TRSS|SP|MP|OSP|NONE|2D|3D|ROW|COL|DIRECTIONAL|BMATRIX|ISOTROPIC|No|Yes")
_TEXTS = {
    "AcquisitionMatrixText": _MATRIX,
    "CoilString": _COIL,
    "DiffusionDirectionality": _CODE,
    "FlowCompensation": _CODE,
    "ICE_Dims": re.compile(r"(?:X|\d{1,5})(?:_(?:X|\d{1,5})){2,30}"),
    "ImageHistory": re.compile(
        r"(?:CC|ChannelMixing|NormalizeAlgo|PhaseImage)[A-Za-z]{0,16}:[A-Za-z0-9]{1,12}(?:[_=:][A-Za-z0-9]{0,4}){0,12}"
    ),
    "ImaPATModeText": _ACCELERATION,
    "MRAcquisitionType": _CODE,
    "PATModeText": _ACCELERATION,
    "PhaseEncodingDirection": _CODE,
    "PositivePCSDirections": re.compile(r"\+[A-Z]{3}"),
    "ScanningSequence": _CODE,
    "SequenceVariant": _CODE,
}
_NUMBERS = frozenset(
    """
    AbsTablePosition B_matrix B_value BandwidthPerPixelPhaseEncode Columns DataPointColumns DataPointRows
    DiffusionGradientDirection DwellTime EchoColumnPosition EchoLinePosition EchoNumbers EchoPartitionPosition EchoTime
    EchoTrainLength FlipAngle ImaAbsTablePosition ImaCoilChannel ImaRelTablePosition
    ImageOrientationPatient ImagePositionPatient ImagingFrequency InversionTime MagneticFieldStrength
    MosaicRefAcqTimes NumberOfAverages NumberOfFrames NumberOfImagesInMosaic NumberOfPhaseEncodingSteps
    PercentPhaseFieldOfView PercentSampling PhaseEncodingDirectionPositive PhaseGradientAmplitude PixelBandwidth
    PixelSpacing ProtocolSliceNumber ReadoutGradientAmplitude ReadoutOS RealDwellTime RepetitionTime
    RepetitionTimeEffective Rows SelectionGradientAmplitude SliceArrayConcatenations SliceLocation
    SliceMeasurementDuration SliceNormalVector SlicePosition_PCS SliceResolution SliceThickness SpacingBetweenSlices
    TablePositionOrigin TimeAfterStart VoiInPlaneRotation VoiOrientation VoiPhaseFoV VoiPosition VoiReadoutFoV
    VoiThickness
    """.split()
)
# In ms, and in s; larger ones would be times of day.
_DURATIONS = {"MosaicRefAcqTimes": 1e5, "TimeAfterStart": 1e5}
_SEVERAL = frozenset({"ImageHistory"})
"""Fields of whose values those that may stay do so, whatever the others are."""

_PROTOCOLS = frozenset({"MrPhoenixProtocol", "MrProtocol"})


class _Field(NamedTuple):
    """A field of a header.

    Attributes
    ----------
    name : str
        Its name.
    vm : int
        How many values it should have; 0 if any number.
    vr : bytes
        Its VR.
    syngo_type : int
        A number that tells Siemens the same.
    items : list of bytes
        Its values, with what follows them.
    """

    name: str
    vm: int
    vr: bytes
    syngo_type: int
    items: list[bytes]


def is_header(value: bytes) -> bool:
    """Tell whether a value is such a header."""
    return value.startswith(_MAGIC[:4])


def clean_header(value: bytes, find: Find) -> bytes | None:
    """Return a header with the fields that may stay; None if it cannot be read."""
    try:
        kept = [field for field in (_cleaned(field, find) for field in _fields(value)) if field.items]
    except (struct.error, ValueError):
        return None
    parts = [_MAGIC, _COUNT.pack(len(kept), _CHECK)]
    for field in kept:
        name = field.name.encode("ascii")
        items = field.items + [b""] * (_FEWEST_ITEMS - len(field.items))
        parts.append(_FIELD.pack(name, field.vm, field.vr, field.syngo_type, len(items), _CHECK))
        for item in items:
            size = len(item)
            parts += [_ITEM.pack(size, size, _CHECK, size), item, bytes(-size % 4)]
    return b"".join(parts) if kept else None


def _fields(value: bytes) -> Iterator[_Field]:
    """Read a header.

    Raises
    ------
    struct.error, ValueError
        If it is none.
    """
    count, _ = _COUNT.unpack_from(value, len(_MAGIC))
    if not 0 < count <= _MAX_FIELDS:
        raise ValueError
    at = len(_MAGIC) + _COUNT.size
    for _ in range(count):
        raw_name, vm, raw_vr, syngo_type, item_count, _ = _FIELD.unpack_from(value, at)
        at += _FIELD.size
        if not 0 <= item_count <= _MAX_ITEMS:
            raise ValueError
        items = []
        for _ in range(item_count):
            size = _ITEM.unpack_from(value, at)[1]
            at += _ITEM.size
            if size < 0 or at + size > len(value):
                raise ValueError
            items.append(value[at : at + size])
            at += size + -size % 4
        vr = raw_vr[:2] + b"\0\0" if _VR.fullmatch(raw_vr[:2]) else b"LO\0\0"
        name = raw_name.partition(b"\0")[0].decode("latin-1")
        yield _Field(
            name, vm if 0 <= vm <= _MAX_ITEMS else 0, vr, syngo_type if 0 <= syngo_type <= _MAX_TYPE else 0, items
        )


def _cleaned(field: _Field, find: Find) -> _Field:
    """Return a field with those of its values that may stay; with none, if any of them may not."""
    texts = [item.partition(b"\0")[0].decode("latin-1").strip() for item in field.items]
    if field.name in _PROTOCOLS:
        protocol = phoenix.clean_protocol(b"".join(field.items), find)
        return field._replace(items=[protocol + b"\0"] if protocol else [])
    texts = [text for text in texts if text and (field.name not in _SEVERAL or _is_fine(field.name, text))]
    are_fine = texts and all(_is_fine(field.name, text) for text in texts) and not find(" ".join(texts))
    return field._replace(items=[f"{text}\0".encode("ascii") for text in texts] if are_fine else [])


def _is_fine(name: str, text: str) -> bool:
    pattern = _TEXTS.get(name)
    if pattern is not None:
        return pattern.fullmatch(text) is not None
    if name not in _NUMBERS or not _NUMBER.fullmatch(text):
        return False
    return name not in _DURATIONS or abs(float(text)) <= _DURATIONS[name]
