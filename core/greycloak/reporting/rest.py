"""A preview as an answer over REST, in Orthanc's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Deidentified, Quarantined
from greycloak.preview import preview
from greycloak.report import OUTCOMES, mask_line
from greycloak.reporting.marks import pieces_of
from greycloak.reporting.previews import warnings_of

if TYPE_CHECKING:
    from greycloak.engine import Engine
    from greycloak.outcomes import Outcome
    from greycloak.preview import Row
    from greycloak.stream.part10 import Source

MAX_ROWS = 5000


def preview_answer(engine: Engine, source: Source) -> tuple[dict[str, Any], Outcome]:
    """Preview an object.

    Returns
    -------
    (dict, Outcome)
        The answer, and what it is about.
    """
    shown = preview(engine, source)
    outcome = shown.outcome
    answer: dict[str, Any] = {
        "Outcome": OUTCOMES[type(outcome)].capitalize(),
        "Warnings": list(warnings_of(source, outcome)),
        "RowsCount": len(shown.rows),
        "Rows": [_row(row) for row in shown.rows[:MAX_ROWS]],
    }
    if isinstance(outcome, Deidentified):
        answer |= {"Pseudonym": outcome.pseudonym, "Masks": [mask_line(mask) for mask in outcome.masks]}
    else:
        answer["Message"] = str(outcome)
    if isinstance(outcome, Quarantined):
        answer |= {"Reason": outcome.reason, "Detail": outcome.detail, "Remedy": outcome.remedy}
    return answer, outcome


def _row(row: Row) -> dict[str, Any]:
    return {
        "Path": row.path,
        "Name": row.name,
        "Before": [[text, is_cut] for text, is_cut in pieces_of(row)],
        "After": row.after or "",
        "What": row.what,
        "Rule": row.rule,
        "Section": row.section,
        "Reason": row.reason,
    }
