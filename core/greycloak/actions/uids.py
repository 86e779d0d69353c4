"""New UIDs for old ones, the same everywhere in a project (PS3.15 action U)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from greycloak.standard.schemes import is_standard_scheme_uid
from greycloak.standard.uids import is_registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding

_COMMON = frozenset(
    {
        0x00080014,  # Instance Creator UID
        0x0008010C,  # Coding Scheme UID
        0x0008010D,  # Context Group Extension Creator UID
        0x00080117,  # Context UID
        0x00080118,  # Mapping Resource UID
        0x00089123,  # Creator-Version UID
        0x00181002,  # Device UID
        0x0018100B,  # Manufacturer's Device Class UID
        0x0018991E,  # Target Frame of Reference UID
        0x00200052,  # Frame of Reference UID
        0x00200200,  # Synchronization Frame of Reference UID
        0x00209164,  # Dimension Organization UID
        0x00209312,  # Volume Frame of Reference UID
        0x00209313,  # Table Frame of Reference UID
        0x00280304,  # Referenced Color Palette Instance UID
        0x00281199,  # Palette Color Lookup Table UID
        0x00281214,  # Large Palette Color Lookup Table UID (retired)
        0x0040DB0C,  # Template Extension Organization UID (retired)
        0x0040DB0D,  # Template Extension Creator UID (retired)
        0x0040E011,  # Retrieve Location UID
        0x0040E030,  # Repository Unique ID
        0x0040E031,  # Home Community ID
        0x00640003,  # Source Frame of Reference UID
        0x00880140,  # Storage Media File-set UID
        0x30060024,  # Referenced Frame of Reference UID
        0x300600C2,  # Related Frame of Reference UID (retired)
        0x300A0675,  # Equipment Frame of Reference UID
        0x3010001F,  # Segmentation Template UID
    }
)
"""Attributes whose UIDs are new ones as well, but by their originals alone: coordinate systems in which images of two
identities still lie on each other (PS3.3 C.7.4.1), devices, media, and definitions. All others name a study, a series,
an instance or a part of one, which is one subject's (PS3.3 A.1.2)."""


_UID = re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*")
_MAX_LENGTH = 64
_BLANKS = "\0\t\n\r "


def is_uid(text: str) -> bool:
    """Tell whether a text is a UID (PS3.5 section 9.1): no letters, no leading zeros, at most 64 characters."""
    return len(text) <= _MAX_LENGTH and _UID.fullmatch(text) is not None


def map_uids(value: bytes, derive_uid: Callable[[str], str]) -> bytes | None:
    """Map every UID of a raw value; None if there is nothing to map.

    UIDs that PS3.6 registers, and those of published coding schemes, name concepts, not objects, and stay. Whatever
    else stands in the value is mapped, be it a valid UID or not, so nothing of it can pass. Blanks around a UID are
    not part of it: spelled with them or without, it gets the same new one.
    """
    text = value.rstrip(b"\0 ").decode("latin-1")
    if not text:
        return None
    if "\\" in text:
        uids = [uid.strip(_BLANKS) for uid in text.split("\\")]
        mapped = "\\".join(uid if not uid or _is_public(uid) else derive_uid(uid) for uid in uids)
    else:
        uid = text.strip(_BLANKS)
        mapped = uid if not uid or _is_public(uid) else derive_uid(uid)
    return None if mapped == text else mapped.encode("ascii")


def _is_public(uid: str) -> bool:
    return is_registered(uid) or is_standard_scheme_uid(uid)


def uid_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of one UID attribute, for the splicer."""
    is_common = tag in _COMMON

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        mapped = map_uids(value, context.derive_common_uid if is_common else context.derive_uid)
        return None if mapped is None else encoding.element(tag, "UI", mapped)

    return mapping


def kept_uid_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of a UID attribute that is retained: what is no UID is mapped all the same, and noted."""
    is_common = tag in _COMMON

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        derive = context.derive_common_uid if is_common else context.derive_uid
        mapped = map_uids(value, lambda uid: uid if is_uid(uid) else derive(uid))
        if mapped is None:
            return None
        context.note("invalid-uid", tag)
        return encoding.element(tag, "UI", mapped)

    return mapping
