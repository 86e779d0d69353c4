"""Private attributes, held against the list of those that are safe (PS3.15 Table E.3.10-1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.standard.private import PrivateName, safe_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.objects import Element, Read
    from greycloak.stream.levels import Path as TagPath

_LAST_BLOCK = 0xFF
_SAFE_PRIVATE = "retain-safe-private"


def private_problems(read: Read, claim: Claim) -> Iterator[tuple[Element, str]]:
    """Yield private attributes that should not be there, sequences without what is in them."""
    reported: set[TagPath] = set()
    for element in read.elements:
        tag = element.tag
        if not tag >> 16 & 1 or tag & 0xFFFF <= _LAST_BLOCK:
            continue
        if any(element.path[:length] in reported for length in range(1, len(element.path))):
            continue
        is_safe = PrivateName(tag >> 16, tag & 0xFF, element.creator) in safe_private()
        if is_safe and _SAFE_PRIVATE in claim.options:
            continue
        reported.add(element.path)
        if is_safe:
            yield element, "kept, though Retain Safe Private (113111) is not claimed"
        elif not element.creator:
            yield element, "belongs to nobody: its private creator is missing"
        else:
            yield element, "not in Table E.3.10-1 (safe private attributes)"
