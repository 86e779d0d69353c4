"""What an object says of its own de-identification, and whether that can be true (PS3.15 section E.3, CID 7050)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.actions.stamps import (
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
    LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
    PATIENT_IDENTITY_REMOVED,
)
from greycloak.profiles.options import METHOD_CODES
from greycloak.standard.methods import BASIC_PROFILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.objects import Read
    from greycloak.standard.confidentiality import Row

_CODE_VALUE = 0x00080100
_OPTIONS = {code: option for option, code in METHOD_CODES.items()}
_FULL, _MODIFIED = "retain-full-dates", "retain-modified-dates"


@dataclass(frozen=True, slots=True)
class Claim:
    """What was done to an object, as it says itself.

    Attributes
    ----------
    options : frozenset of str
        Options of PS3.15 that it claims.
    is_basic : bool
        Whether it claims the Basic profile.
    """

    options: frozenset[str]
    is_basic: bool

    def retains(self, row: Row) -> bool:
        """Tell whether a claimed option lets the attribute keep a value, cleaned or not."""
        return any(row.under(option) for option in self.options)

    @property
    def retains_dates(self) -> bool:
        """Whether dates may be those of the original."""
        return _FULL in self.options

    @property
    def modifies_dates(self) -> bool:
        """Whether dates are there, but moved."""
        return _MODIFIED in self.options


def claim_of(read: Read) -> Claim:
    """Return what an object claims; without a code, nothing: it is then held to the Basic profile."""
    way = (DEIDENTIFICATION_METHOD_CODE_SEQUENCE, _CODE_VALUE)
    codes = {element.text.strip() for element in read.elements if element.way == way}
    return Claim(frozenset(_OPTIONS[code] for code in codes if code in _OPTIONS), BASIC_PROFILE.value in codes)


def claim_problems(read: Read, claim: Claim) -> Iterator[tuple[int, str]]:
    """Yield attribute and what is wrong with what an object says of itself."""
    top = read.top
    has_codes = any(element.tag == DEIDENTIFICATION_METHOD_CODE_SEQUENCE for element in read.elements)
    if top.get(PATIENT_IDENTITY_REMOVED, "").strip() != "YES":
        yield PATIENT_IDENTITY_REMOVED, "does not say that the patient's identity was removed"
    if not top.get(DEIDENTIFICATION_METHOD, "").strip() and not has_codes:
        yield DEIDENTIFICATION_METHOD, "does not say how it was de-identified"
    if claim.options and not claim.is_basic:
        yield DEIDENTIFICATION_METHOD_CODE_SEQUENCE, "claims options, but not the Basic profile that they belong to"
    if claim.retains_dates and claim.modifies_dates:
        yield DEIDENTIFICATION_METHOD_CODE_SEQUENCE, "claims full dates (113106) and modified dates (113107)"
    said = top.get(LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "").strip()
    if claim.retains_dates != claim.modifies_dates:
        wanted = {"MODIFIED"} if claim.modifies_dates else {"UNMODIFIED", "MODIFIED"}
        if said not in wanted:
            yield LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, "says otherwise than the claimed option on dates"
    elif claim.is_basic and said == "UNMODIFIED":
        yield (
            LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED,
            "says that dates are unmodified, which no claimed option allows",
        )
