"""Jobs as Orthanc shows its own: states, progress, results."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from greycloak.pixels.risk import REMEDY, RISKS
from greycloak_orthanc.rest.refusals import reason_view, refusal_view
from greycloak_orthanc.work.tables import UNFINISHED, State

if TYPE_CHECKING:
    from greycloak_orthanc.work.job_records import JobRecords

LEVELS = {"patients": "Patient", "studies": "Study", "series": "Series", "instances": "Instance"}
_OUTPUT = {"patients": "output_patient", "studies": "output_study", "series": "output_series",
           "instances": "output_instance"}  # fmt: skip

_MOST_LISTED = 100
_CANCELED_JOB = 37
_QUARANTINED = 2000
"""Error codes as in Orthanc: its own for a cancelled job; 'plugin' for what is ours."""


def job_view(records: JobRecords, job: str) -> dict[str, Any] | None:
    """Return a job in Orthanc's vocabulary, or None if there is none of this id."""
    row = records.job(job)
    if row is None:
        return None
    counts = records.counts(job)
    total = sum(counts.values())
    open_ = sum(counts.get(state, 0) for state in UNFINISHED)
    state = _state(row, counts)
    view: dict[str, Any] = {
        "ID": job,
        "Type": "GreycloakAnonymization",
        "State": state,
        "Progress": 100 if not total else (total - open_) * 100 // total,
        "Priority": row["priority"],
        "CreationTime": _orthanc_time(row["created"]),
        "ErrorCode": 0,
        "ErrorDescription": "Success",
        "Content": result_view(records, row, counts),
    }
    if state in {"Success", "Failure"}:
        finished = max(records.last_update(job), row["created"])
        view["CompletionTime"] = _orthanc_time(finished)
        view["EffectiveRuntime"] = round(finished - row["created"], 3)
    if state == "Failure" and row["cancelled"] and counts.get(State.SKIPPED, 0):
        view |= {"ErrorCode": _CANCELED_JOB, "ErrorDescription": "Job was canceled"}
    elif state == "Failure":
        failed = view["Content"]["FailedInstancesCount"]
        view |= {"ErrorCode": _QUARANTINED, "ErrorDescription": f"{failed} of {total} instances did not go through"}
    return view


def result_view(records: JobRecords, row: dict[str, Any], counts: dict[str, int]) -> dict[str, Any]:
    """Return a job's result in the shape of Orthanc's own anonymization.

    ``ID`` and ``Path`` are empty as long as nothing has been stored.
    """
    output = records.first_output(row["id"])
    new = output[_OUTPUT[row["level"]]] if output else ""
    return {
        "ID": new,
        "Path": f"/{row['level']}/{new}" if new else "",
        "PatientID": output["output_patient"] if output else "",
        "Type": LEVELS[row["level"]],
        "InstancesCount": sum(counts.values()),
        "FailedInstancesCount": counts.get(State.QUARANTINED, 0) + counts.get(State.FAILED, 0),
        "IsAnonymization": row["anonymizes"],
        "Description": "REST API",
        "ParentResources": [row["resource"]] if row["resource"] else [],
        "OutputStudies": records.output_studies(row["id"]),
        "Profile": row["profile"],
        "Project": row["project"],
        "Reasons": [reason_view(*counted) for counted in records.reasons(row["id"])],
        "Quarantined": [refusal_view(item) for item in records.refused(row["id"], limit=_MOST_LISTED)],
        "AtRisk": risk_view(records, row["id"]),
    }


def risk_view(records: JobRecords, job: str) -> dict[str, Any]:
    """Return which new instances may show identity in their pixels, and why."""
    counts, found = records.at_risk(job, limit=_MOST_LISTED)
    return {
        "InstancesCount": sum(counts.values()),
        "Remedy": REMEDY,
        "Instances": [
            {
                "Instance": instance,
                "Risks": risks.split(),
                "Messages": [RISKS.get(risk, risk) for risk in risks.split()],
            }
            for instance, risks in found
        ],
    }


def _state(row: dict[str, Any], counts: dict[str, int]) -> str:
    if counts.get(State.CLAIMED, 0):
        return "Running"
    if counts.get(State.PENDING, 0):
        return "Pending" if set(counts) == {State.PENDING} else "Running"
    failed = counts.get(State.QUARANTINED, 0) + counts.get(State.FAILED, 0)
    if (row["cancelled"] and counts.get(State.SKIPPED, 0)) or (failed and not row["permissive"]):
        return "Failure"
    return "Success"


def _orthanc_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S.%f")
