"""Private attributes, held against the list of those that are safe (PS3.15 Table E.3.10-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.standard.private import PrivateName

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.objects import Element, Read
    from greycloak.stream.levels import Path as TagPath

_LAST_BLOCK = 0xFF
_SAFE_PRIVATE = "retain-safe-private"


def private_problems(read: Read, claim: Claim, safe: Container[PrivateName]) -> Iterator[tuple[Element, str]]:
    """Yield private attributes that should not be there, sequences without what is in them.

    Parameters
    ----------
    read : Read
        The object.
    claim : Claim
        What it claims.
    safe : container of PrivateName
        Private attributes that are known to be safe; an element of -1 stands for a whole block.
    """
    reported: set[TagPath] = set()
    for element in read.elements:
        tag = element.tag
        if not tag >> 16 & 1 or tag & 0xFFFF <= _LAST_BLOCK:
            continue
        if any(element.path[:length] in reported for length in range(1, len(element.path))):
            continue
        is_safe = any(PrivateName(tag >> 16, at, element.creator) in safe for at in (tag & 0xFF, -1))
        if is_safe and _SAFE_PRIVATE in claim.options:
            continue
        reported.add(element.path)
        if is_safe:
            yield element, "kept, though Retain Safe Private (113111) is not claimed"
        elif not element.creator:
            yield element, "belongs to nobody: its private creator is missing"
        else:
            yield element, "not on the list of safe private attributes"
