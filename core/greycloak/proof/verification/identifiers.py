"""Which values of an original identify somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.proof.verification.listed import is_dummy, standard_row
from greycloak.standard.schemes import is_standard_scheme_uid
from greycloak.standard.uids import is_registered
from greycloak.text.identifiers import Identifier

if TYPE_CHECKING:
    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.objects import Read

_SHORTEST_UID = 5
_WORDS = frozenset("AE LO LT SH ST UC UR UT".split())
_DATED = frozenset({"DA", "DT"})
# What describes a patient or an examination rather than names anybody.
_DESCRIBING = ("clean-descriptors", "retain-patient-characteristics", "clean-structured-content", "clean-graphics")
_NO_IDENTIFIERS = frozenset(
    {
        0x00080201,  # Timezone Offset From UTC
        0x0016004E, 0x0016004F, 0x00160050, 0x00160078, 0x00160082,  # lenses and satellites
        0x00101080, 0x00101081, 0x00102150, 0x00102152, 0x001021F0,  # rank, branch, country, region, religion
        0x00203406, 0x00284000,  # descriptions of images
        0x00321033,  # Requesting Service
        0x00403001, 0x00401004,  # confidentiality, transport
        0x04000600, 0x30100043,
    }
)  # fmt: skip
_META_TITLES = frozenset({0x00020016, 0x00020017, 0x00020018})
"""Application entities of the file meta information."""

NO_OBJECTS = frozenset({0x00020012})
"""UIDs that name no object: the implementation's class."""

_KINDS = {
    0x00080080: "institution", 0x00081040: "institution", 0x0040A027: "institution", 0x00102299: "institution",
    0x00080081: "address", 0x00080092: "address", 0x00101040: "address", 0x00401102: "address",
    0x00080094: "phone", 0x00102154: "phone", 0x00401103: "phone", 0x00402010: "phone",
    0x00081010: "device", 0x00181000: "device",
}  # fmt: skip


def identifiers_of(read: Read) -> frozenset[Identifier]:
    """Return the identifiers that an original holds, at any depth."""
    found: set[Identifier] = set()
    for element in read.elements:
        tag, vr = element.tag, element.vr
        if not element.text or tag in _NO_IDENTIFIERS:
            continue
        row = standard_row(tag)
        if row is None and vr != "PN" and tag not in _META_TITLES:
            continue
        if vr == "PN":
            kind = "name"
        elif tag in _META_TITLES:
            kind = "device"
        elif vr in _DATED:
            kind = "date"
        elif vr in _WORDS and row and not any(row.under(option) for option in _DESCRIBING):
            kind = _KINDS.get(tag, "id")
        else:
            continue
        for value in element.text.split("\\") if vr not in {"ST", "LT", "UT"} else [element.text]:
            if value.strip() and not is_dummy(value, tag, vr):
                found.add(Identifier(kind, value.strip(), tag))
    return frozenset(found)


def uids_of(read: Read) -> frozenset[str]:
    """Return the UIDs of an original that point to it or to what it belongs to."""
    found: set[str] = set()
    for element in read.elements:
        if element.tag in NO_OBJECTS:
            continue
        is_private = bool(element.tag >> 16 & 1)
        if element.vr == "UI" and element.text and (is_private or standard_row(element.tag) is not None):
            found.update(element.text.split("\\"))
    return frozenset(
        uid for uid in found if not is_registered(uid) and not is_standard_scheme_uid(uid) and len(uid) >= _SHORTEST_UID
    )


def still_secret(identifiers: frozenset[Identifier], claim: Claim) -> frozenset[Identifier]:
    """Return those identifiers that no claimed option retains."""
    return frozenset(one for one in identifiers if not _is_retained(one, claim))


def _is_retained(identifier: Identifier, claim: Claim) -> bool:
    if identifier.kind == "date" and claim.retains_dates:
        return True
    row = standard_row(identifier.tag)
    if row is None or identifier.kind == "date":
        return False
    return claim.retains(row)
