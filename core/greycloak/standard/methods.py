"""PS3.16 CID 7050: the codes with which an object says how it was de-identified."""

from __future__ import annotations

from typing import NamedTuple


class MethodCode(NamedTuple):
    """A code of the DCM scheme, as De-identification Method Code Sequence (0012,0064) carries it."""

    value: str
    meaning: str


BASIC_PROFILE = MethodCode("113100", "Basic Application Confidentiality Profile")

CID_7050 = {
    code.value: code
    for code in (
        BASIC_PROFILE,
        MethodCode("113101", "Clean Pixel Data Option"),
        MethodCode("113102", "Clean Recognizable Visual Features Option"),
        MethodCode("113103", "Clean Graphics Option"),
        MethodCode("113104", "Clean Structured Content Option"),
        MethodCode("113105", "Clean Descriptors Option"),
        MethodCode("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
        MethodCode("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
        MethodCode("113108", "Retain Patient Characteristics Option"),
        MethodCode("113109", "Retain Device Identity Option"),
        MethodCode("113110", "Retain UIDs Option"),
        MethodCode("113111", "Retain Safe Private Option"),
        MethodCode("113112", "Retain Institution Identity Option"),
    )
}
