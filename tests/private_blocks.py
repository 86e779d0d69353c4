"""Private blocks as makers write them, with invented people in them."""

from __future__ import annotations

import gzip
import struct
from typing import NamedTuple

PROTOCOL = r"""<XProtocol> { <ParamString."PatientName"> { "Doe^Jonathan" } }
### ASCCONV BEGIN ###
ulVersion                                = 0xbee332
tSequenceFileName                        = ""%SiemensSeq%\ep2d_diff""
tProtocolName                            = ""Doe Jonathan head""
tReferenceImage0                         = ""1.3.12.2.1107.5.2.32.35119.2010011420070434054586384""
sProtConsistencyInfo.tBaselineString     = ""N4_VB17A_LATEST_20090307""
sPatient.tName                           = ""Doe""
sPatient.lAge                            = 62
lMeasUID                                 = 4711
sKSpace.lBaseResolution                  = 64
sKSpace.ucPhasePartialFourier            = 0x10 # 'x'
sKSpace.lPhaseEncodingLines              = 64
sFastImaging.lEchoSpacing                = 560
sSliceArray.lSize                        = 4
sSliceArray.asSlice[0].sPosition.dTra    = -75.0976409
sPat.lAccelFactPE                        = 2
lDate                                    = 20200102
alTE[0]                                  = 80000
sWipMemBlock.tFree                       = ""Doe""
sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID = ""Head_32""
Doe_Jonathan                             = 1
### ASCCONV END ###
<EVAStringTable> { "Doe^Jonathan" }
"""


class Field(NamedTuple):
    """A field of a CSA header."""

    name: str
    values: list[str]
    vr: str = "FD"


def csa_header(*fields: Field, noise: bytes = b"Doe^Jonathan") -> bytes:
    """Write a header as Siemens does: behind each text stands what was in memory before."""
    parts = [b"SV10\x04\x03\x02\x01", struct.pack("<II", len(fields), 77)]
    for field in fields:
        name = (field.name.encode() + b"\0" + noise * 6)[:64]
        count = max(6, len(field.values))
        parts.append(struct.pack("<64si4siii", name, len(field.values), field.vr.encode(), 6, count, 77))
        for value in [*field.values, *[""] * (count - len(field.values))]:
            raw = value.encode("latin-1") + b"\0" + noise if value else b""
            parts += [struct.pack("<4i", len(raw), len(raw), 77, len(raw)), raw, bytes(-len(raw) % 4)]
    return b"".join(parts) + noise


def csa_fields(block: bytes) -> dict[str, list[str]]:
    """Read a header with nothing but its definition."""
    count, check = struct.unpack_from("<II", block, 8)
    assert (block[:4], check) == (b"SV10", 77)
    at, found = 16, {}
    for _ in range(count):
        name, _, _, _, items, _ = struct.unpack_from("<64si4siii", block, at)
        assert not name.rstrip(b"\0").count(b"\0")
        at += 84
        values = []
        for _ in range(items):
            size = struct.unpack_from("<4i", block, at)[1]
            values.append(block[at + 16 : at + 16 + size].rstrip(b"\0").decode())
            at += 16 + size + -size % 4
        found[name.rstrip(b"\0").decode()] = [value for value in values if value]
    assert at == len(block)
    return found


def ge_protocol(text: str) -> bytes:
    packed = gzip.compress(text.encode(), mtime=0)
    return struct.pack("<L", len(packed)) + packed
