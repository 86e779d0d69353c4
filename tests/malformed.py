"""Objects that are slightly, or badly, wrong, byte by byte: each with what has to become of it."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

NAME, PATIENT_ID, ACCESSION = "Bergfalk^Sieglinde", "PID-40711", "ACC-99812"
PLANTED = (b"Bergfalk", b"Sieglinde", b"PID-40711", b"ACC-99812", b"Referrer")
"""Digits alone would turn up in new UIDs by chance."""
ROOT = "1.2.826.0.1.3680043.8.498.4711"
CT = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED, JPEG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.50"
SYNTAXES = {"implicit": IMPLICIT, "explicit": EXPLICIT, "big": BIG}
LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
UNDEFINED = 0xFFFFFFFF
PIXELS = bytes(range(1, 9))
PREAMBLE = bytes(128) + b"DICM"


def order(syntax):
    return ">" if syntax == BIG else "<"


def header(tag, vr, length, syntax=EXPLICIT, long=None):
    """Return a header; ``long`` says which form of the length it has, if not the VR's own."""
    head = struct.pack(f"{order(syntax)}HH", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT:
        return head + struct.pack("<L", length)
    vr = vr.encode("latin-1")
    if (vr.decode("latin-1") in LONG) if long is None else long:
        return head + vr + b"\0\0" + struct.pack(f"{order(syntax)}L", length)
    return head + vr + struct.pack(f"{order(syntax)}H", length)


def element(tag, vr, value, syntax=EXPLICIT, long=None, *, pad=True):
    value = value.encode("latin-1") if isinstance(value, str) else value
    if pad and len(value) % 2:
        value += b"\0" if vr in {"UI", "OB", "UN"} else b" "
    return header(tag, vr, len(value), syntax, long) + value


def item(content, syntax=EXPLICIT, length=None):
    return struct.pack(f"{order(syntax)}HHL", 0xFFFE, 0xE000, len(content) if length is None else length) + content


def end_of_item(syntax=EXPLICIT, length=0):
    return struct.pack(f"{order(syntax)}HHL", 0xFFFE, 0xE00D, length)


def end_of_sequence(syntax=EXPLICIT, length=0):
    return struct.pack(f"{order(syntax)}HHL", 0xFFFE, 0xE0DD, length)


def open_item(content, syntax=EXPLICIT):
    return item(content, syntax, UNDEFINED) + end_of_item(syntax)


def open_sequence(tag, content, syntax=EXPLICIT, vr="SQ", *, end=True):
    return header(tag, vr, UNDEFINED, syntax) + content + (end_of_sequence(syntax) if end else b"")


VALUES = {
    0x00080005: ("CS", "ISO_IR 100"), 0x00080008: ("CS", "ORIGINAL\\PRIMARY\\AXIAL"), 0x00080016: ("UI", CT),
    0x00080018: ("UI", f"{ROOT}.3"), 0x00080020: ("DA", "20190304"), 0x00080030: ("TM", "101112"),
    0x00080050: ("SH", ACCESSION), 0x00080060: ("CS", "CT"), 0x00080070: ("LO", "Example Scanners"),
    0x00080090: ("PN", "Referrer^Rolf"), 0x00100010: ("PN", NAME), 0x00100020: ("LO", PATIENT_ID),
    0x00100030: ("DA", "19610203"), 0x00100040: ("CS", "F"), 0x0020000D: ("UI", f"{ROOT}.1"),
    0x0020000E: ("UI", f"{ROOT}.2"), 0x00200010: ("SH", "S1"), 0x00200011: ("IS", "1"), 0x00200013: ("IS", "1"),
    0x00280004: ("CS", "MONOCHROME2"), 0x7FE00010: ("OW", PIXELS),
}  # fmt: skip
NUMBERS = {
    0x00280002: 1, 0x00280010: 2, 0x00280011: 2, 0x00280100: 16, 0x00280101: 12, 0x00280102: 11, 0x00280103: 0,
}  # fmt: skip


def elements(syntax=EXPLICIT, **changes):
    """Return the elements of a small CT image; ``tGGGGEEEE`` is bytes, a (VR, value), or None to leave it out."""
    found = {tag: element(tag, vr, value, syntax) for tag, (vr, value) in VALUES.items()}
    found |= {tag: element(tag, "US", struct.pack(f"{order(syntax)}H", n), syntax) for tag, n in NUMBERS.items()}
    for key, change in changes.items():
        tag = int(key[1:], 16)
        if change is None:
            del found[tag]
        else:
            found[tag] = change if isinstance(change, bytes) else element(tag, *change, syntax)
    return found


def body(syntax=EXPLICIT, **changes):
    found = elements(syntax, **changes)
    return b"".join(found[tag] for tag in sorted(found))


def meta(
    syntax: str | None = EXPLICIT, *, preamble=bytes(128) + b"DICM", sop_class=CT, instance=f"{ROOT}.3", how=EXPLICIT
):
    content = element(0x00020001, "OB", b"\0\1", how)
    for tag, uid in ((0x00020002, sop_class), (0x00020003, instance), (0x00020010, syntax)):
        content += element(tag, "UI", uid, how) if uid else b""
    content += element(0x00020012, "UI", f"{ROOT}.9", how)
    return preamble + element(0x00020000, "UL", struct.pack(f"{order(how)}L", len(content)), how) + content


def image(syntax=EXPLICIT, **changes):
    return meta(syntax) + body(syntax, **changes)


def deflated(data):
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = machine.compress(data) + machine.flush()
    return packed + b"\0" * (len(packed) % 2)


@dataclass(frozen=True)
class Wrong:
    """A malformed object: the reason for its quarantine, or a part of the note that names the repair."""

    data: bytes
    note: str = ""
    reason: str = ""
    has_pixels: bool = True


def fragments(*streams):
    return item(b"") + b"".join(map(item, streams)) + end_of_sequence()


def segment(marker, content):
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(frame=0xC0, selection=0):
    scan = segment(0xDA, bytes([1, 1, 0, selection, 63, 0]))
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + segment(frame, bytes(9)) + scan + b"\x12\x34\xff\xd9" + b"\0"


def jpeg_2000(wavelet=1):
    size, style = segment(0x51, bytes(38)), segment(0x52, bytes(9) + bytes([wavelet]))
    return b"\xff\x4f" + size + style + b"\xff\xd9"


RLE = struct.pack("<16L", 1, 64, *[0] * 14) + bytes(8)
CODES = {
    "baseline": (jpeg(), JPEG),
    "extended": (jpeg(0xC1), f"{JPEG[:-2]}51"),
    "lossless": (jpeg(0xC3, 1), f"{JPEG[:-2]}70"),
    "lossless, any predictor": (jpeg(0xC3, 4), f"{JPEG[:-2]}57"),
    "jpeg-ls": (jpeg(0xF7, 0), f"{JPEG[:-2]}80"),
    "jpeg-ls near": (jpeg(0xF7, 0).replace(bytes([1, 1, 0, 0, 63]), bytes([1, 1, 0, 3, 63])), f"{JPEG[:-2]}81"),
    "jpeg 2000 lossless": (jpeg_2000(1), f"{JPEG[:-2]}90"),
    "jpeg 2000": (jpeg_2000(0), f"{JPEG[:-2]}91"),
    "rle": (RLE, "1.2.840.10008.1.2.5"),
}


def doors():
    for name, syntax in SYNTAXES.items():
        plain = body(syntax)
        yield f"bare, {name}", Wrong(plain, "no-file-meta")
        yield f"bare with zeros behind, {name}", Wrong(plain + bytes(300), "trailing-bytes")
        yield f"zeros instead of preamble and prefix, {name}", Wrong(bytes(128) + plain, "no-prefix")
        yield f"no preamble, {name}", Wrong(meta(syntax, preamble=b"DICM") + plain, "no-preamble")
        yield f"no preamble and no prefix, {name}", Wrong(meta(syntax, preamble=b"") + plain, "no-preamble")
        yield f"no transfer syntax, {name}", Wrong(meta(None) + plain, "transfer-syntax")
        yield f"a transfer syntax in words, {name}", Wrong(meta("Little Endian!!") + plain, "transfer-syntax")
        yield f"implicit file meta, {name}", Wrong(meta(syntax, how=IMPLICIT) + plain, "file-meta-encoding")
        yield f"big endian file meta, {name}", Wrong(meta(syntax, how=BIG) + plain, "file-meta-encoding")
        yield f"file meta twice, {name}", Wrong(meta(syntax) + meta(syntax) + plain, "file-meta-twice")
        yield f"bare inside a file, cut short, {name}", Wrong(plain[:-3], reason="not-dicom")
        for other, claimed in SYNTAXES.items():
            if other != name:
                yield f"{name}, but claims {other}", Wrong(meta(claimed) + plain, "transfer-syntax")
        yield f"{name}, but claims deflated", Wrong(meta(DEFLATED) + plain, "transfer-syntax")
    yield "deflated, but claims not to be", Wrong(meta(EXPLICIT) + deflated(body()), "transfer-syntax")
    yield "filling behind deflated", Wrong(meta(DEFLATED) + deflated(body()) + b"\r\n", "trailing-bytes")
    yield "text behind deflated", Wrong(meta(DEFLATED) + deflated(body()) + b"Bergfalk", reason="trailing-bytes")
    yield "a vendor's transfer syntax", Wrong(meta("1.2.840.113619.5.2") + body(), reason="unsupported-transfer-syntax")
    yield (
        "two objects in the file meta",
        Wrong(meta(instance="1.2.3") + meta(instance="1.2.4") + body(t00080018=None), reason="two-readings"),
    )
    yield "no image at all", Wrong(b"To whom it may concern: " * 40, reason="not-dicom")
    yield "a film", Wrong(b"\0\0\0\x18ftypmp42" + bytes(4000), reason="not-dicom")


def identity():
    for name, syntax in SYNTAXES.items():
        yield f"SOP Class from the file meta, {name}", Wrong(image(syntax, t00080016=None), "uid-from-file-meta")
        yield f"SOP Instance from the file meta, {name}", Wrong(image(syntax, t00080018=None), "uid-from-file-meta")
        both = image(syntax, t00080016=("UI", ""), t00080018=("UI", ""))
        yield f"both from the file meta, {name}", Wrong(both, "uid-from-file-meta")
        neither = body(syntax, t00080016=None)
        yield f"no SOP Class anywhere, {name}", Wrong(meta(syntax, sop_class="") + neither, reason="no-sop-class")
    yield "blanks before the SOP Class", Wrong(image(t00080016=("UI", f" {CT}")), "uid SOPClassUID")
    yield "no study", Wrong(image(t0020000D=None), reason="no-study")
    yield "no series", Wrong(image(t0020000E=("UI", "")), reason="no-study")
    for what, tag in (("study", "t0020000D"), ("series", "t0020000E"), ("instance", "t00080018")):
        for kind, uid in {
            "letters": f"{ROOT}.A7F3", "blank": f" {ROOT}.8", "long": f"{ROOT}." + "1234567890" * 5,
            "dots": f"{ROOT}..8.", "zeros": f"{ROOT}.0012", "umlaut": f"{ROOT}.\xfc",
        }.items():  # fmt: skip
            yield (
                f"{kind} in the UID of the {what}",
                Wrong(image(**{tag: ("UI", uid)}), "invalid-uid" if kind != "blank" else "-"),
            )
        yield f"two UIDs of the {what}", Wrong(image(**{tag: ("UI", "1.2.3\\1.2.4")}), reason="invalid-uid")
        yield f"a registered UID of the {what}", Wrong(image(**{tag: ("UI", CT)}), reason="invalid-uid")


def ordering():
    for name, syntax in SYNTAXES.items():
        found = elements(syntax)
        rising = [found[tag] for tag in sorted(found)]
        swapped = [*rising[:5], rising[6], rising[5], *rising[7:]]
        yield f"swapped, {name}", Wrong(meta(syntax) + b"".join(swapped), "elements-out-of-order")
        yield f"backwards, {name}", Wrong(meta(syntax) + b"".join(rising[::-1]), "elements-out-of-order")
        late = element(0x00400253, "SH", "PPS1", syntax)
        yield f"behind the pixels, {name}", Wrong(image(syntax) + late, "elements-out-of-order")
        manufacturer = element(0x00080070, "LO", "Example Scanners", syntax)
        yield f"the same twice, {name}", Wrong(image(syntax, t00080070=manufacturer * 2), "doubled Manufacturer")
        yield f"the whole data set twice, {name}", Wrong(meta(syntax) + body(syntax) * 2, "doubled PixelData")
    station = element(0x00081010, "SH", "Scanner 1") + element(0x00081010, "SH", "Bergfalk's")
    yield "two stations", Wrong(image(t00081010=station), "second-value StationName")
    inside = element(0x00080104, "LO", "Chest") + element(0x00080100, "SH", "T-D3000")
    yield "in an item", Wrong(image(t00082218=element(0x00082218, "SQ", item(inside))), "elements-out-of-order")
    name = element(0x00100010, "PN", NAME)
    yield (
        "the name, and the name cut short",
        Wrong(image(t00100010=name + element(0x00100010, "PN", "Bergfalk^S")), "second-value PatientName"),
    )
    creators = element(0x00290010, "LO", "ACME") + element(0x00290010, "LO", "OTHER") + element(0x00291001, "LO", NAME)
    yield "two creators of a block", Wrong(image(t00290010=creators), "two-creators")
    for tag, vr, other in (
        (0x00100010, "PN", "Someone^Else"), (0x00100020, "LO", "PID-2"), (0x00100030, "DA", "19700101"),
        (0x0020000D, "UI", "1.2.3"), (0x0020000E, "UI", "1.2.3"), (0x00080018, "UI", "1.2.3"),
        (0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4"), (0x00080005, "CS", "ISO_IR 192"),
        (0x00280010, "US", b"\4\0"), (0x7FE00010, "OW", bytes(8)), (0x00080070, "LO", "Others"),
    ):  # fmt: skip
        twice = elements()[tag] + element(tag, vr, other)
        yield f"two values of {tag:08X}", Wrong(image(**{f"t{tag:08X}": twice}), reason="two-readings")


def representations():
    for code in ("??", "  ", "\0\0", "OX", "xx", "\6\0", "--", "ZZ"):
        for long in (False, True):
            changed = element(0x00181030, code, "HEAD FIRST", long=long)
            form = "four" if long else "two"
            yield f"VR {code!r}, {form} bytes", Wrong(image(t00181030=changed), "unknown-vr ProtocolName")
    big = element(0x00181030, "??", "HEAD FIRST", BIG, long=False)
    yield "VR '??', big endian", Wrong(image(BIG, t00181030=big), "unknown-vr ProtocolName")
    yield "no VR", Wrong(image(t00181030=element(0x00181030, "", "HEAD FIRST", IMPLICIT)), "implicit-in-explicit")
    yield (
        "padding value without VR",
        Wrong(image(t00280120=element(0x00280120, "\0\0", b"\0\0", long=False)), "unknown-vr PixelPaddingValue"),
    )
    rows = element(0x00280010, "??", b"\2\0", long=False)
    yield "rows without VR", Wrong(image(t00280010=rows), "unknown-vr Rows")
    for name, syntax in {"explicit": EXPLICIT, "big": BIG}.items():
        order_ = order(syntax)
        for vr, value in (
            ("UL", struct.pack(f"{order_}L", 2)), ("SS", struct.pack(f"{order_}h", 2)), ("IS", "2 "), ("DS", "2.0 "),
            ("FL", struct.pack(f"{order_}f", 2)), ("FD", struct.pack(f"{order_}H", 2)),
        ):  # fmt: skip
            changed = element(0x00280010, vr, value, syntax)
            yield f"rows as {vr}, {name}", Wrong(image(syntax, t00280010=changed), "wrong-vr Rows")
    for vr, value in (("UL", struct.pack("<L", 1 << 20)), ("FL", struct.pack("<f", 2.5)), ("IS", "many")):
        wrong = Wrong(image(t00280010=element(0x00280010, vr, value)), reason="wrong-vr")
        yield f"rows that are none, as {vr}", wrong
    pixels = element(0x7FE00010, "??", PIXELS, long=True)
    yield "pixels without VR", Wrong(image(t7FE00010=pixels), "unknown-vr PixelData")
    inside = element(0x00080100, "??", "T-D3000", long=False) + element(0x00080104, "LO", "Chest")
    yield "in an item", Wrong(image(t00082218=element(0x00082218, "SQ", item(inside))), "unknown-vr CodeValue")
    private = element(0x00290010, "LO", "ACME") + element(0x00291001, "??", "Bergfalk", long=False)
    yield "private", Wrong(image(t00290010=private), "unknown-vr 0029,1001")
    for tag, vr, long in (
        (0x00181030, "LO", True),
        (0x00080070, "LO", True),
        (0x00340001, "UT", False),
        (0x00281201, "OW", False),
    ):
        changed = element(tag, vr, "Example Scanners", long=long)
        yield f"{vr} of {tag:08X} in the wrong form", Wrong(image(**{f"t{tag:08X}": changed}), "length-form")
    for tag, vr in ((0x7FE00010, "OW"), (0x00281201, "OW"), (0x00082218, "SQ"), (0x00340001, "UT")):
        value = PIXELS if tag == 0x7FE00010 else b""
        reserved = element(tag, vr, value)
        changed = reserved[:6] + b"JB" + reserved[8:]
        yield f"reserved bytes of {tag:08X}", Wrong(image(**{f"t{tag:08X}": changed}), "reserved-bytes")


REGION = 0x00082218
CODE = ((0x00080100, "SH", "T-D3000"), (0x00080102, "SH", "SRT"), (0x00080104, "LO", "Chest"))
CODED = b"".join(element(tag, vr, value) for tag, vr, value in CODE)


def sequences():
    for name, syntax in SYNTAXES.items():
        code = b"".join(
            element(tag, vr, value, syntax)
            for tag, vr, value in (
                (0x00080100, "SH", "T-D3000"),
                (0x00080102, "SH", "SRT"),
                (0x00080104, "LO", "Chest"),
            )
        )
        defined = element(REGION, "SQ", item(code, syntax), syntax)
        ends = {"item": end_of_item(syntax), "sequence": end_of_sequence(syntax)}
        for what, end in ends.items():
            yield f"stray {what} delimiter, {name}", Wrong(image(syntax, t00082218=defined + end), "stray-delimiter")
            within = element(REGION, "SQ", item(code + end, syntax), syntax)
            yield (
                f"stray {what} delimiter in an item, {name}",
                Wrong(image(syntax, t00082218=within), "stray-delimiter"),
            )
        behind = element(REGION, "SQ", item(code, syntax) + end_of_sequence(syntax), syntax)
        yield (
            f"a delimiter that a defined length needs not, {name}",
            Wrong(image(syntax, t00082218=behind), "stray-delimiter"),
        )
        unclosed = item(code, syntax, UNDEFINED)
        variants = {
            "wrong-delimiter": unclosed + end_of_sequence(syntax) + end_of_sequence(syntax),
            "unclosed-item": unclosed + end_of_sequence(syntax),
            "unclosed-sequence": unclosed + end_of_item(syntax),
            "delimiter-length": unclosed + end_of_item(syntax, 8) + end_of_sequence(syntax),
        }
        for note, content in variants.items():
            changed = open_sequence(REGION, content, syntax, end=False)
            yield f"{note}, {name}", Wrong(image(syntax, t00082218=changed), note)
        two = open_sequence(REGION, unclosed + unclosed + end_of_item(syntax), syntax)
        yield f"an item closed by the next, {name}", Wrong(image(syntax, t00082218=two), "unclosed-item")
        text = element(0x00101002, "SQ", "Bergfalk, Sieglinde ", syntax)
        yield f"a sequence that is a text, {name}", Wrong(image(syntax, t00101002=text), "no-sequence")
        padded = element(REGION, "SQ", item(code + bytes(4), syntax), syntax)
        yield f"zeros at the end of an item, {name}", Wrong(image(syntax, t00082218=padded), "trailing-bytes")
    implicit = b"".join(
        element(tag, "", value, IMPLICIT) for tag, value in ((0x00080100, "T-D3000"), (0x00080104, "Chest"))
    )
    named = element(0x00100020, "LO", PATIENT_ID)
    for form, whole in (("defined", element), ("undefined", None)):
        sequence = (lambda tag, vr, content: open_sequence(tag, content, vr=vr)) if whole is None else element
        yield (
            f"explicit inside UN, {form}",
            Wrong(image(t00082218=sequence(REGION, "UN", item(CODED))), "explicit-in-implicit"),
        )
        yield (
            f"implicit inside SQ, {form}",
            Wrong(image(t00082218=sequence(REGION, "SQ", item(implicit))), "implicit-in-explicit"),
        )
        other = sequence(0x00101002, "UN", item(named))
        yield f"an identity, explicit inside UN, {form}", Wrong(image(t00101002=other), "-")
    explicit_inside = header(REGION, "SQ", len(item(CODED)), IMPLICIT) + item(CODED)
    yield "explicit inside implicit", Wrong(image(IMPLICIT, t00082218=explicit_inside), "explicit-in-implicit")
    yield "an item without a sequence", Wrong(image(t00082218=item(CODED)), reason="misplaced-delimiter")
    yield (
        "a sequence that never ends",
        Wrong(image(t00082218=open_sequence(REGION, item(CODED, length=UNDEFINED), end=False)), reason="truncated"),
    )
    yield (
        "a text of undefined length",
        Wrong(
            image(t00081030=header(0x00081030, "UT", UNDEFINED) + item(CODED) + end_of_sequence()),
            reason="?",
        ),
    )


def lengths():
    for name, syntax in SYNTAXES.items():
        for tag, vr, value in (
            (0x00080070, "LO", "Example"), (0x00081030, "LO", "Bergfalk1"), (0x0020000D, "UI", f"{ROOT}.12"),
            (0x00200010, "SH", "123"), (0x00280030, "DS", "0.5\\0.5"), (0x00281201, "OW", b"123"),
        ):  # fmt: skip
            assert len(value) % 2, value
            odd = element(tag, vr, value, syntax, pad=False)
            yield f"odd length of {tag:08X}, {name}", Wrong(image(syntax, **{f"t{tag:08X}": odd}), "odd-length")
        uncounted = element(0x00080070, "LO", "Example", syntax, pad=False) + b" "
        yield f"a blank that is not counted, {name}", Wrong(image(syntax, t00080070=uncounted), "odd-length")
        pixels = element(0x7FE00010, "OB", PIXELS[:7], syntax, pad=False)
        sizes = {"t00280010": 1, "t00280011": 7, "t00280100": 8}
        eight = {tag: ("US", struct.pack(f"{order(syntax)}H", number)) for tag, number in sizes.items()}
        yield f"odd pixels, {name}", Wrong(image(syntax, t7FE00010=pixels, **eight), "odd-length", has_pixels=False)
        for lost in (1, 2, 7):
            yield f"pixels cut short by {lost}, {name}", Wrong(image(syntax)[:-lost], reason="truncated")


def tails():
    fillings = {"line end": b"\r\n", "newline": b"\n", "blanks": b" " * 64, "zeros": bytes(501), "zero": b"\0",
                "0xFF": b"\xff" * 32, "Ctrl-Z": b"\x1a", "mixed": b" \r\n\0\0\xff"}  # fmt: skip
    for name, syntax in SYNTAXES.items():
        for what, filling in fillings.items():
            strict = what in {"zeros", "zero"}
            yield f"{what} behind, {name}", Wrong(image(syntax) + filling, "-" if strict else "trailing-bytes")
        yield f"text behind, {name}", Wrong(image(syntax) + b"Bergfalk, Sieglinde", reason="?")
        yield f"another object behind, {name}", Wrong(image(syntax) * 2, reason="?")
        padding = element(0xFFFCFFFC, "OB", b"Bergfalk", syntax)
        yield f"padding element, {name}", Wrong(image(syntax) + padding, "-")
        yield f"padding element and a line end, {name}", Wrong(image(syntax) + padding + b"\n", "trailing-bytes")


def characters():
    for term in (
        "ISO IR 100", "ISO-IR 100", "iso_ir 100", "ISO_IR100", "ISO_IR_100", "UTF-8", "UTF8", "LATIN1", "ISO-8859-1",
        "ISO 2022 IR 6, IS", "ISO_IR 192\\ISO 2022 IR 87", "ISO_IR 100\\ISO 2022 IR 87", "US-ASCII", "ISO_IR 87",
        "GB2312", "ISO_IR 999", "Windows-1252", "Bergfalk",
    ):  # fmt: skip
        yield f"characters {term}", Wrong(image(t00080005=("CS", term)), "character-set")
    for term in ("ISO 2022 IR 100", "\\ISO 2022 IR 87", "ISO 2022 IR 6\\ISO 2022 IR 87", "ISO_IR 6", "", "GB18030"):
        yield f"characters {term}, as they may be", Wrong(image(t00080005=("CS", term)), "-")
    umlauts = {"t00100020": ("LO", "M\xfcller-7"), "t00080070": ("LO", "M\xe4nner")}
    utf8 = {"t00100020": ("LO", "Müller-7".encode()), "t00100010": ("PN", "Bergfalk^Jörg".encode())}
    yield "latin1 with umlauts", Wrong(image(t00080005=("CS", "latin-1"), **umlauts), "character-set")
    yield "utf8 with umlauts", Wrong(image(t00080005=("CS", "utf-8"), **utf8), "character-set")
    yield "no characters, but UTF-8", Wrong(image(t00080005=("CS", "ISO_IR 999"), **utf8), "character-set")
    yield (
        "no characters that anybody knows",
        Wrong(image(t00080005=("CS", "ISO_IR 999"), **umlauts), reason="invalid-character-set"),
    )
    inner = element(0x00080005, "CS", "ISO-IR 100") + CODED
    yield "in an item", Wrong(image(t00082218=element(REGION, "SQ", item(inner))), "-")


def pixels():
    for name, (stream, _) in CODES.items():
        packed = header(0x7FE00010, "OB", UNDEFINED) + fragments(stream + b"\0" * (len(stream) % 2))
        for claimed in (EXPLICIT, None):
            wrong = Wrong(meta(claimed) + body(t7FE00010=packed), "transfer-syntax", has_pixels=False)
            yield f"{name} under {claimed}", wrong
    packed = header(0x7FE00010, "OB", UNDEFINED) + fragments(CODES["baseline"][0])
    twice = meta(JPEG) + meta(EXPLICIT) + body(t7FE00010=packed)
    yield "file meta twice, of which one lies", Wrong(twice, "file-meta-twice", has_pixels=False)
    unknown = header(0x7FE00010, "OB", UNDEFINED) + fragments(b"who knows what it is")
    yield "fragments of an unknown code", Wrong(image(t7FE00010=unknown), reason="broken-fragments")
    yield "native pixels under JPEG", Wrong(meta(JPEG) + body(), "transfer-syntax")
    yield (
        "too few native pixels under JPEG",
        Wrong(meta(JPEG) + body(t7FE00010=("OW", PIXELS[:4])), reason="broken-fragments"),
    )
    broken = header(0x7FE00010, "OB", UNDEFINED) + item(b"") + item(jpeg()[:20], length=4000)
    yield "fragments cut short", Wrong(meta(JPEG) + body(t7FE00010=broken), reason="broken-fragments")
    endless = header(0x7FE00010, "OB", UNDEFINED) + item(b"") + item(jpeg() + b"\0")
    yield "fragments without an end", Wrong(meta(JPEG) + body(t7FE00010=endless), reason="truncated")


def matrix():
    """Return all of it by kind and name."""
    kinds = (doors, identity, ordering, representations, sequences, lengths, tails, characters, pixels)
    return {f"{kind.__name__}: {name}": wrong for kind in kinds for name, wrong in kind()}


def in_a_study_of_its_own(data, number):
    """Give an object UIDs of its own, where they can be read."""
    return data.replace(ROOT.encode(), f"{ROOT[:-4]}{number:04d}".encode())
