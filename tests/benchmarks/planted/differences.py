"""Where Greycloak differs from the key on purpose: counted apart, with a reason, and never as passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.planted.answers import Check

# By action and attribute.
_REASONS: dict[tuple[str, str], str] = {}


def deliberate(check: Check, sop_class: str) -> str:
    """Return why a check fails on purpose, or nothing."""
    del sop_class
    return _REASONS.get((check.action, check.keyword), "")
