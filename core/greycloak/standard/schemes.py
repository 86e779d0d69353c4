"""Coding schemes that the standard names (PS3.16 section 8): their meanings are published, not typed by people."""

from __future__ import annotations

CODING_SCHEME_DESIGNATOR = 0x00080102

_DESIGNATORS = frozenset(
    designator.encode("ascii")
    for designator in (
        "ACR ACRNEMA ADC ARRIVE BARI BI CADSR CD10 CD11 CDT CPT-4 C4 C5 CTV3 DC DCM FMA HCPCS HGVS HPC I10 "
        "I10P I11 I9 I9C ICDO3 ILO IBSI IMDRF ITIS_TSN ISO1000 ISO3166_1 ISO639_1 ISO639_2 ISO5218_1 "
        "ISO8824 LN MA MAYOASRG MDC MDNS MeSH MMWR MONDO MPATH NCDR NCIt NCIM NDC NEU NICIP NYUMCCG NDFRT O3DS "
        "PATHLEX POS PRONOUN PubChem_CID RADELEMENT RADLEX RFC3066 RFC5646 RO RXNORM SCPECG SCT "
        "SDM SNM3 SRT STANDARDUPC STX SYNCH UBERON UCUM UMLS UNII UNS UPC UNIPROT "
    ).split()
)
_UIDS = frozenset(
    (
        "2.16.840.1.113883.6.96 2.16.840.1.113883.6.1 2.16.840.1.113883.6.8 2.16.840.1.113883.6.256 "
        "2.16.840.1.113883.6.119 2.16.840.1.113883.6.3 2.16.840.1.113883.6.24 2.16.840.1.113883.6.43.1 "
        "2.16.840.1.113883.6.88 2.16.840.1.113883.6.69 2.16.840.1.113883.4.9 2.16.840.1.113883.3.26.1.1 "
        "2.16.840.1.113883.6.86 2.16.840.1.113883.6.5 2.16.840.1.113883.6.12 2.16.840.1.113883.6.42"
    ).split()
)


def is_standard_scheme(designator: bytes) -> bool:
    """Tell whether a raw Coding Scheme Designator (0008,0102) is one of the standard's; private ones begin with 99."""
    return designator.strip(b"\0 ") in _DESIGNATORS


def is_standard_scheme_uid(uid: str) -> bool:
    """Tell whether a UID names a published coding scheme (SNOMED CT, LOINC, UCUM...), and nobody's object."""
    return uid in _UIDS
