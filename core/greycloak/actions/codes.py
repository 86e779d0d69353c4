"""Codes: what is published and stays, and what people may have typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.actions.dummies import TEXT
from greycloak.actions.values import CHECKS
from greycloak.standard.schemes import is_standard_scheme
from greycloak.stream import LOOK_AT_IT

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding, Path


def note_scheme(context: ObjectContext, value: bytes, path: Path) -> bytes:
    """Remember the Coding Scheme Designator (0008,0102) of an item; look at it like at any text."""
    context.code = path[:-1], value
    return LOOK_AT_IT


def meaning_mapping(otherwise: bytes) -> Callable[[ObjectContext, bytes, Path], bytes]:
    """Return the mapping of Code Meaning (0008,0104): look at it in a standard scheme.

    Parameters
    ----------
    otherwise : bytes
        What becomes of it in another scheme: the element that replaces it, or `LOOK_CLOSELY`.
    """

    def mapping(context: ObjectContext, _value: bytes, path: Path) -> bytes:
        return LOOK_AT_IT if context.code[0] == path[:-1] and is_standard_scheme(context.code[1]) else otherwise

    return mapping


def code_strings_mapping(tag: int, encoding: Encoding) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of code strings that every object must have: what is none among them becomes a dummy."""

    def mapping(_context: ObjectContext, value: bytes) -> bytes | None:
        if CHECKS["CS"](value):
            return None
        parts = value.rstrip(b"\0 ").split(b"\\")
        return encoding.element(tag, "CS", b"\\".join(part if CHECKS["CS"](part) else TEXT.encode() for part in parts))

    return mapping
