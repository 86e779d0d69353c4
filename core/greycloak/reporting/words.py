"""Machine-readable notes and risks in plain words."""

from __future__ import annotations

from greycloak.outcomes import AT_RISK, PIXELS_INSPECTED
from greycloak.pixels.risk import RISKS

NOTES = {
    "identity-differs": "its Patient ID is known with another name or birth date: perhaps two patients",
    "no-cleaner": "there is no cleaner yet for this option; what it would clean is treated as the Basic profile does",
    PIXELS_INSPECTED: "its pixels were searched for text, and what was found is masked",
    "repaired": "its structure was repaired",
    "required-missing": "its kind of object requires this attribute, and the profile does not keep it",
    "sop-class-unknown": "its SOP Class is not in PS3.3 as packaged: Types are unknown, the stricter action was taken",
}
"""What the notes of an outcome mean, as far as their name does not tell."""


def note_in_words(note: str) -> str:
    """Return a note of an outcome for people."""
    if note.startswith(AT_RISK):
        return risk_in_words(note.removeprefix(AT_RISK))
    kind, _, about = note.partition(": ")
    said = NOTES.get(kind, kind.replace("-", " "))
    return f"{about}: {said}" if about else said


def risk_in_words(risk: str) -> str:
    """Return why pixels may show identity, for people."""
    return RISKS.get(risk, risk.replace("-", " "))
