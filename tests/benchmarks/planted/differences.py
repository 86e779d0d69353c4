"""Where Greycloak differs from the key on purpose: counted apart, with a reason, and never as passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.planted.answers import Check

# By action and attribute.
_REASONS = {
    (
        "text_retained",
        "DeviceSerialNumber",
    ): "`sharing` claims no Retain Device Identity; MIDI-B's archive keeps serials",
}


def deliberate(check: Check) -> str:
    """Return why a check fails on purpose, or nothing."""
    return _REASONS.get((check.action, check.keyword), "")
