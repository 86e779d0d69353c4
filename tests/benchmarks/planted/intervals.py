"""Whether dates were shifted alike: no check of MIDI-B's, but without it time is lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.planted.answers import Answers
    from benchmarks.planted.reading import Output


def shifted_alike(every: Iterable[Answers], outputs: dict[str, Output]) -> tuple[int, int]:
    """Return of how many patients all dates that are left moved by the same days, and how many have any."""
    moved: dict[str, set[int]] = defaultdict(set)
    for answers in every:
        output = outputs.get(answers.path)
        for check in answers.checks if output else ():
            old, new = _day(check.value), _day(output.texts.get(check.place, "")) if output else None
            if check.action == "date_shifted" and old and new:
                moved[answers.patient_id].add((new - old).days)
    return sum(len(days) == 1 and 0 not in days for days in moved.values()), len(moved)


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
