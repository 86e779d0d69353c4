"""Encapsulated documents and models: cleaned where that can be proven, else withheld as the profile says."""

from __future__ import annotations

import struct
import sys
from contextlib import suppress

import pytest

from greycloak import Deidentified, Quarantined
from greycloak.documents import UnprovenError, cleaned_document
from support import anonymized, ct, decode, encode, make_engine, refused

PDF, CDA, STL, OBJ, MTL = (f"1.2.840.10008.5.1.4.1.1.104.{number}" for number in range(1, 6))
PIXELS = (
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel "
    "PhotometricInterpretation PixelData"
).split()

BOX = "/MediaBox [0 0 612 792]"
FONT = "/Font << /F1 5 0 R >>"
IMAGE = (
    "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 1 >>"
    "\nstream\nx\nendstream"
)
FORM = (
    "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F1 5 0 R >> >> /Length 38 >>"
    "\nstream\nBT /F1 12 Tf 9 9 Td (in a form) Tj ET  \nendstream"
)


def encapsulated(sop_class, document, **attributes):
    """Return an object that holds a document."""
    return ct(
        **dict.fromkeys(PIXELS),
        SOPClassUID=sop_class,
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=document,
        EncapsulatedDocumentLength=len(document),
        **attributes,
    )


def pdf(*texts, operations="", resources="", page="", catalog=""):
    """Return a PDF of one page, with a title that names somebody."""
    lines = " ".join(f"({text}) Tj 0 -14 Td" for text in texts)
    content = f"BT /F1 12 Tf 72 720 Td {lines} ET {operations}"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {BOX} /Contents 4 0 R /Resources << {FONT} {resources} >> {page} >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Title (Report of Quellmann) >>",
        IMAGE,
        FORM,
        "<< /Type /Filespec /F (Quellmann.txt) >>",
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n".encode("latin-1")
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + table + end.encode()


def stl(header=b"Quellmann", attribute=b"QU"):
    facets = [struct.pack("<12f", *range(number, number + 12)) + attribute for number in range(3)]
    return header.ljust(80, b" ") + struct.pack("<L", len(facets)) + b"".join(facets)


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder, documents="clean")


def document_of(engine, sop_class, document):
    return anonymized(engine, encapsulated(sop_class, document)).EncapsulatedDocument


def test_a_profile_says_what_becomes_of_documents(folder):
    data = encode(encapsulated(PDF, pdf("no lesion")))
    removed = make_engine(folder).deidentify(data)
    assert isinstance(removed, Deidentified)
    assert b"no lesion" not in removed.to_bytes()
    assert "EncapsulatedDocumentLength" not in decode(removed.to_bytes())
    assert refused(make_engine(folder, documents="quarantine"), data) == "document"
    kept = make_engine(folder, documents="clean").deidentify(data)
    assert isinstance(kept, Deidentified)
    assert b"no lesion" in kept.to_bytes()
    assert b"Quellmann" not in kept.to_bytes()
    assert kept.method_codes == ()  # the Basic profile knows a dummy only


def test_a_pdf_of_text_and_lines_is_kept_without_what_is_on_no_page(engine):
    links = "/Annots [<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (Quellmann) >>]"
    noted = "/Span << /ActualText (Quellmann) >> BDC 0 0 m 9 9 l S EMC"
    attached = "/Names << /EmbeddedFiles << /Names [(Quellmann) 9 0 R] >> >>"
    original = pdf("no lesion", operations=noted, page=links, catalog=attached, resources="/XObject << /X 8 0 R >>")
    assert b"Quellmann" in original
    new = document_of(engine, PDF, original)
    assert new.startswith(b"%PDF-")
    assert b"no lesion" in new
    assert b"in a form" in new
    assert b"9 9 l" in new
    assert b"Quellmann" not in new
    assert new == document_of(engine, PDF, original)


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (pdf("Patient: Doe"), "identity"),
        (pdf("Born 12.04.1957"), "identity"),
        (pdf("MRN-4711"), "identity"),
        (pdf(operations="/X Do", resources="/XObject << /X 7 0 R >>"), "image"),
        (pdf(operations="BI /W 1 /H 1 /BPC 8 /CS /G ID x EI"), "image"),
        (pdf(operations="0 0 m 1 1 2 2 3 3 c S"), "drawing"),
        (pdf(operations="0 0 m " + "1 1 l " * 6000), "drawing"),
        (pdf(resources="/Pattern << /P 7 0 R >>"), "drawing"),
        (b"%PDF-1.4 (Quellmann Ottilie PID-0815)", "damaged"),
        (b"", "damaged"),
    ],
)
def test_a_pdf_that_cannot_be_proven_clean_is_quarantined_and_says_why(engine, document, what):
    outcome = engine.deidentify(encode(encapsulated(PDF, document)))
    assert isinstance(outcome, Quarantined), outcome
    assert (outcome.reason, outcome.detail) == ("document-unproven", what)


def test_without_a_reader_no_pdf_passes(engine, monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    outcome = engine.deidentify(encode(encapsulated(PDF, pdf("no lesion"))))
    assert (outcome.reason, outcome.detail) == ("document-unproven", "no-reader")


def test_the_reader_of_pdfs_logs_nothing(engine, caplog, capfd):
    refused(engine, encapsulated(PDF, b"%PDF-1.4 (Quellmann Ottilie PID-0815)"))
    assert "pypdf" not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_a_clinical_document_passes_only_if_nothing_in_it_names_anybody(engine):
    assert document_of(engine, CDA, b"<a><b title='lung'>no lesion</b></a>") == b"<a><b title='lung'>no lesion</b></a>"
    for bad in (
        b"<a><given>Jonathan</given></a>",
        b"<a id='MRN-4711'/>",
        b"<!-- Doe --><a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a><nonXMLBody><text representation='B64'>UXVlbGxtYW5u</text></nonXMLBody></a>",
        b"<a>",
        b"no XML",
    ):
        assert refused(engine, encapsulated(CDA, bad)) == "document-unproven"


def test_a_model_keeps_its_shape_and_nothing_else(engine):
    new = document_of(engine, STL, stl())
    assert new[:80] == bytes(80)
    assert new[80:84] == stl()[80:84]
    for number in range(3):
        start = 84 + 50 * number
        assert new[start : start + 48] == stl()[start : start + 48]
        assert new[start + 48 : start + 50] == b"\0\0"
    for bad in (stl()[:-3], stl() + b"Quellmann", b"solid Quellmann\nendsolid", b""):
        assert refused(engine, encapsulated(STL, bad)) == "document-unproven"


def test_object_and_materials_still_belong_together(engine):
    model = (
        b"# Quellmann\nmtllib quellmann.mtl\no Quellmann\n"
        b"v 1.0 -2 3e-1\nv 1 2 3\nvn 0 0 1\nusemtl Quellskin\nf 1//1 2//1 1//1\n"
    )
    material = b"newmtl Quellskin\nKd 0.5 0.5 0.5 # Quell\nmap_Kd Quellmann.png\n"
    new, library = document_of(engine, OBJ, model), document_of(engine, MTL, material)
    assert b"uell" not in new + library
    lines = [line.split() for line in new.splitlines()]
    assert [line for line in lines if line[0] in {b"v", b"vn", b"f"}] == [
        [b"v", b"1.0", b"-2", b"3e-1"], [b"v", b"1", b"2", b"3"], [b"vn", b"0", b"0", b"1"],
        [b"f", b"1//1", b"2//1", b"1//1"],
    ]  # fmt: skip
    assert dict(line for line in lines if line[0] == b"usemtl")[b"usemtl"] == library.split()[1]
    assert b"Kd 0.5 0.5 0.5" in library
    for bad in (b"v 1 2 Quellmann\n", b"quellmann 1\n", "v 1 2 3 \u0663\n".encode(), b"\xff"):
        assert refused(engine, encapsulated(OBJ, bad)) == "document-unproven"


@pytest.mark.parametrize("sop_class", [PDF, CDA, STL, OBJ, MTL, "1.2.840.10008.5.1.4.1.1.104.99"])
@pytest.mark.parametrize(
    "junk", [bytes(10_000), b"1" * 200_000, b"1 " * 50_000, b"<a " * 50_000, b"v " + b"1." * 50_000]
)
def test_junk_is_refused_at_once_or_becomes_harmless(sop_class, junk):
    with suppress(UnprovenError):
        cleaned = cleaned_document(sop_class, junk, lambda _: "n")
        assert sop_class == STL or not cleaned.document.strip(b"n\n ")
