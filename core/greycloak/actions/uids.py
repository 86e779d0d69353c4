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
    uids = [uid.strip(_BLANKS) for uid in text.split("\\")]
    mapped = "\\".join(uid if not uid or _is_public(uid) else derive_uid(uid) for uid in uids)
    return None if mapped == text else mapped.encode("ascii")


def _is_public(uid: str) -> bool:
    return is_registered(uid) or is_standard_scheme_uid(uid)


def uid_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of one UID attribute, for the splicer."""

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        mapped = map_uids(value, context.derive_uid)
        return None if mapped is None else encoding.element(tag, "UI", mapped)

    return mapping


def kept_uid_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of a UID attribute that is retained: what is no UID is mapped all the same, and noted."""

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        mapped = map_uids(value, lambda uid: uid if is_uid(uid) else context.derive_uid(uid))
        if mapped is None:
            return None
        context.note("invalid-uid", tag)
        return encoding.element(tag, "UI", mapped)

    return mapping
