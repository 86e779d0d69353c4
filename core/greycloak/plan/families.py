"""VRs in families, each treated alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.standard.dictionary import Entry

FAMILIES = {
    vr: family
    for family, vrs in {
        "text": "LO LT SH ST UC UT",
        "checked": "CS DS IS",
        "number": "AT FD FL SL SS SV UL US UV",
        "bulk": "OB OD OF OL OV OW",
        "date": "AS DA DT TM",
        "person": "PN",
        "uid": "UI",
        "address": "AE UR",
        "sequence": "SQ",
        "untyped": "UN",
    }.items()
    for vr in vrs.split()
}

_TEXTUAL = frozenset({"text", "checked"})


def family_of(entry: Entry, vr: str) -> str:
    """Return the family to treat an attribute as.

    Parameters
    ----------
    entry : Entry
        The VRs it may have.
    vr : str
        The VR it claims to have; empty in Implicit VR.

    Returns
    -------
    str
        One of `FAMILIES`, or ``mismatch`` if it cannot be what it claims to be.
    """
    families = [FAMILIES.get(known, "untyped") for known in entry.vrs]
    if vr in {"", "UN"} or families == ["untyped"]:
        return FAMILIES[vr] if vr and families == ["untyped"] else families[0]
    claimed = FAMILIES[vr]
    if claimed in families:
        return claimed
    # A code string that is encoded as text has to be a code string all the same.
    return families[0] if {claimed, *families} <= _TEXTUAL else "mismatch"


def is_text(entry: Entry | None, vr: str) -> bool:
    """Tell whether an attribute is known to hold text."""
    return entry is not None and family_of(entry, vr) == "text"
