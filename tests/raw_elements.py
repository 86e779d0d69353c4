"""Elements as raw bytes, for what no library would write."""

from __future__ import annotations

import struct

from pydicom.uid import ImplicitVRLittleEndian

from support import ct, encode

SECRET = b"Zyxwvut "
UNDEFINED = 0xFFFFFFFF
LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
END = b"\xfe\xff\xdd\xe0\0\0\0\0"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", ImplicitVRLittleEndian


def explicit(tag, vr, value, length=None):
    length = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    return head + (b"\0\0" + struct.pack("<L", length) if vr in LONG else struct.pack("<H", length)) + value


def implicit(tag, value, length=None):
    return struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value


def one_item(content):
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content


def with_element(tag, raw, syntax=EXPLICIT, **attributes):
    """Return a CT image with a raw element in its place, instead of the one that is there."""
    data = encode(ct(**attributes), syntax)
    position = start = data.index(b"\x08\x00\x05\x00" if "SpecificCharacterSet" in attributes else b"\x08\x00\x16\x00")
    parts = []
    while position < len(data):
        group, number = struct.unpack_from("<HH", data, position)
        if syntax == IMPLICIT:
            size = 8 + struct.unpack_from("<L", data, position + 4)[0]
        elif data[position + 4 : position + 6].decode() in LONG:
            size = 12 + struct.unpack_from("<L", data, position + 8)[0]
        else:
            size = 8 + struct.unpack_from("<H", data, position + 6)[0]
        if group << 16 | number != tag:
            parts.append((group << 16 | number, data[position : position + size]))
        position += size
    parts.append((tag, raw))
    return data[:start] + b"".join(element for _, element in sorted(parts))
