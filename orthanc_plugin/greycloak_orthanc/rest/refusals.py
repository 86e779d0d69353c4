"""Why an instance did not go through, and what can be done: the core's reasons, and those of Orthanc's own."""

from __future__ import annotations

from typing import Any

from greycloak.foreign import KINDS
from greycloak.reasons import REASONS, Reason

MORE_REASONS = {
    "instance-gone": Reason(
        "it was deleted before its turn came",
        "Send it to Orthanc again, if it is still wanted.",
    ),
    "not-deleted": Reason(
        "its twin is stored, but it could not be deleted",
        "See why in Orthanc's log (protected patients are not deleted), then resubmit the job.",
    ),
    "not-fetched": Reason(
        "Orthanc did not hand it out",
        "See why in Orthanc's log (a storage that is away?), then resubmit the job.",
    ),
    "not-stored": Reason(
        "Orthanc did not store its twin",
        "See Orthanc's free space, its filters and IngestTranscoding, then resubmit the job.",
    ),
    "own-output": Reason(
        "Greycloak has made it",
        "Anonymize the original instead; to anonymize this once more on purpose, ask with 'Force': true.",
    ),
    "twin-differs": Reason(
        "its twin is there already, made in another way: under another profile, or an earlier version of this one",
        "Ask with 'Replace': true, which puts the new twin in its place, or choose another project.",
    ),
    "worker-died": Reason(
        "the process that worked on it died, again and again",
        "See the memory of the machine (fewer Workers or ThreadsPerWorker need less), then resubmit the job.",
    ),
}
"""Reasons that only Orthanc has."""


def reason_view(reason: str, count: int) -> dict[str, Any]:
    """Return how many instances did not go through for a reason, and what can be done about it."""
    return {"Reason": reason, "Count": count, "Message": _known(reason).meaning, "Remedy": _known(reason).remedy}


def refusal_view(item: dict[str, Any]) -> dict[str, Any]:
    """Return an instance that did not go through, why, and what can be done about it."""
    reason = item["reason"]
    return {
        "Instance": item["instance"],
        "Reason": reason,
        "Message": _known(reason).meaning,
        "Remedy": _known(reason).remedy,
        "Details": item["detail"],
        "State": item["state"],
        "Job": item["job"],
    }


def meaning_of(reason: str) -> str:
    """Return a reason in plain words, and what can be done about it."""
    known = _known(reason)
    return f"{known.meaning}. {known.remedy}"


def _known(reason: str) -> Reason:
    return REASONS.get(reason) or MORE_REASONS.get(reason) or Reason(KINDS.get(reason, reason), "")
