"""UIDs that name a SOP Class, as Referenced SOP Class UID: kept if they do, mapped like any other if they may not.

Makers have SOP Classes of their own, which PS3.6 does not list. An object keeps the name of its own, so references to
it keep theirs: what the object is itself, and what has the form of a maker's class. Instances have long numbers in
their UIDs (serial numbers, dates, times, random ones), classes short ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.actions.context import SERIES_INSTANCE_UID, SOP_CLASS_UID, SOP_INSTANCE_UID, STUDY_INSTANCE_UID
from greycloak.actions.uids import is_uid, map_uids
from greycloak.outcomes import Refused
from greycloak.standard.uids import is_registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Edit, Encoding
    from greycloak.stream.part10 import Source

CLASS_TAGS = frozenset(
    {
        0x0008001A,  # Related General SOP Class UID
        0x0008001B,  # Original Specialized SOP Class UID
        0x00080062,  # SOP Classes in Study
        0x00081150,  # Referenced SOP Class UID
        0x0008115A,  # SOP Classes Supported
        0x30100052,  # Pertinent SOP Classes in Study
        0x30100053,  # Pertinent SOP Classes in Series
    }
)
"""Attributes that name SOP Classes, beside SOP Class UID itself."""

# Roots of makers, from their conformance statements and the UIDs that DCMTK and GDCM know.
_MAKERS = (
    "1.2.124.113532.",  # Agfa
    "1.2.392.200036.",  # Toshiba, Canon, Fujifilm, Konica Minolta, Hitachi, Shimadzu
    "1.2.410.200",  # Samsung
    "1.2.752.24.",  # Sectra
    "1.2.840.113543.",  # Siemens Ultrasound
    "1.2.840.113619.4.",  # GE
    "1.2.840.113663.",  # Philips Ultrasound
    "1.2.840.113704.",  # Philips CT and PET, Elscint
    "1.2.840.113747.",  # ADAC
    "1.3.12.2.1107.5.9.",  # Siemens
    "1.3.12.2.1107.5.99.",
    "1.3.46.670589.",  # Philips
)
_LONGEST, _MOST_DIGITS = 40, re.compile(r"\d{7}")
_INSTANCES = (SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)


def is_maker_class(uid: str) -> bool:
    """Tell whether a UID has the form of a maker's own SOP Class."""
    root = next((root for root in _MAKERS if uid.startswith(root)), None)
    return root is not None and is_uid(uid) and len(uid) <= _LONGEST and not _MOST_DIGITS.search(uid, len(root))


def class_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of an attribute that names SOP Classes, for the splicer."""

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        own = _text(context.captured.get(SOP_CLASS_UID, b""))
        instances = {_text(context.captured.get(one, b"")) for one in _INSTANCES}

        def derived(uid: str) -> str:
            if uid in instances or not (uid == own or is_maker_class(uid)):
                return context.derive_uid(uid)
            context.classes.add(uid)
            return uid

        mapped = map_uids(value, derived)
        return None if mapped is None else encoding.element(tag, "UI", mapped)

    return mapping


def refuse_instances(context: ObjectContext, source: Source, edits: Iterable[Edit]) -> None:
    """See that nothing was kept as a class that is an instance elsewhere in the object.

    Raises
    ------
    Refused
        If it is.
    """
    own = _text(context.captured.get(SOP_CLASS_UID, b""))
    kept = context.classes if is_registered(own) else {*context.classes, own}
    if not kept:
        return
    mapped = {_text(context.captured.get(one, b"")) for one in _INSTANCES}
    for _, instruction, start, stop in edits:
        if instruction.rule.action == "uid":
            mapped.update(_text(source[start:stop]).split("\\"))
    if mapped & kept:
        raise Refused("invalid-uid", "a SOP Class that is an instance")


def _text(value: bytes) -> str:
    return value.strip(b"\0 ").decode("latin-1")
