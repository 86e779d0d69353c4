"""New UIDs for old ones, the same everywhere in a project (PS3.15 action U)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.standard.schemes import is_standard_scheme_uid
from greycloak.standard.uids import is_registered

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding


def map_uids(value: bytes, derive_uid: Callable[[str], str]) -> bytes | None:
    """Map every UID of a raw value; None if there is nothing to map.

    UIDs that PS3.6 registers, and those of published coding schemes, name concepts, not objects, and stay. Whatever
    else stands in the value is mapped, be it a valid UID or not, so nothing of it can pass.
    """
    text = value.rstrip(b"\0 ").decode("latin-1")
    if not text:
        return None
    mapped = "\\".join(uid if not uid or _is_public(uid) else derive_uid(uid) for uid in text.split("\\"))
    return None if mapped == text else mapped.encode("ascii")


def _is_public(uid: str) -> bool:
    return is_registered(uid) or is_standard_scheme_uid(uid)


def uid_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of one UID attribute, for the splicer."""

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        mapped = map_uids(value, context.derive_uid)
        return None if mapped is None else encoding.element(tag, "UI", mapped)

    return mapping
