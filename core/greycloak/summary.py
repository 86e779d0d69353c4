"""What became of many objects, in a few lines: counts, and reasons grouped with what to do about them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Deidentified, Quarantined
from greycloak.pixels.risk import REMEDY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from greycloak.outcomes import Outcome, Told

MAX_LISTED = 20
"""How many details of one reason are told; a report has all."""


@dataclass(slots=True)
class Group:
    """What was quarantined for one reason.

    Attributes
    ----------
    reason : str
        One of `greycloak.reasons.REASONS`.
    numbers : dict
        By detail: the numbers of the objects, ascending.
    """

    reason: str
    numbers: dict[str, list[int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many objects there are."""
        return sum(map(len, self.numbers.values()))

    @property
    def meaning(self) -> str:
        """The reason in plain words."""
        return Quarantined(self.reason).meaning

    @property
    def remedy(self) -> str:
        """What can be done about it."""
        return Quarantined(self.reason).remedy


class Tally:
    """Counts outcomes.

    Attributes
    ----------
    anonymized : int
        How many went through.
    replaced : int
        How many of them took the place of what earlier runs had made in another way.
    done_before : int
        How many an earlier run has done already.
    skipped : Counter
        How many were skipped, by kind.
    inspected, masked : int
        The pixels of how many of those that went through were searched for text, and in how many something is masked.
    at_risk : int
        How many of those that went through may show identity in their pixels.
    risks : Counter
        Why; an object may have several.
    doubtful : int
        How many of them contradict what came first under their Patient ID or study.
    doubts : Counter
        In what.
    """

    def __init__(self) -> None:
        self.anonymized = self.replaced = self.done_before = 0
        self.skipped: Counter[str] = Counter()
        self.inspected = self.masked = 0
        self.at_risk = 0
        self.risks: Counter[str] = Counter()
        self.doubtful = 0
        self.doubts: Counter[str] = Counter()
        self._groups: dict[str, Group] = {}

    def add(self, number: int, outcome: Outcome) -> None:
        """Count an outcome.

        Parameters
        ----------
        number : int
            What the object is called where its name may tell who it is.
        outcome : Outcome
            What became of it.
        """
        if isinstance(outcome, Deidentified):
            self.add_anonymized(outcome.told)
        elif isinstance(outcome, Quarantined):
            group = self._groups.setdefault(outcome.reason, Group(outcome.reason))
            group.numbers.setdefault(outcome.detail, []).append(number)
        else:
            self.skipped[outcome.kind] += 1

    def add_anonymized(self, told: Told) -> None:
        """Count an object that went through, and what is to be said of it."""
        self.anonymized += 1
        self.inspected += told.is_inspected
        self.masked += told.is_masked
        self.at_risk += bool(told.risks)
        self.risks.update(told.risks)
        self.doubtful += bool(told.doubts)
        self.doubts.update(told.doubts)

    @property
    def total(self) -> int:
        """How many objects were looked at."""
        return self.anonymized + self.quarantined + self.skipped.total() + self.done_before

    def as_data(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return {
            "total": self.total,
            "successful": self.anonymized,
            "quarantined": self.quarantined,
            "skipped": dict(self.skipped),
            "at_risk": self.at_risk,
            "risks": dict(self.risks),
            "done_before": self.done_before,
            "replaced": self.replaced,
            "inspected": self.inspected,
            "masked": self.masked,
            "contradicting": self.doubtful,
            "reasons": [
                {"reason": group.reason, "count": group.count, "meaning": group.meaning, "remedy": group.remedy}
                for group in self.groups
            ],
        }

    @property
    def quarantined(self) -> int:
        """How many objects were quarantined."""
        return sum(group.count for group in self._groups.values())

    @property
    def groups(self) -> list[Group]:
        """What was quarantined, the most frequent reason first."""
        return sorted(self._groups.values(), key=lambda group: (-group.count, group.reason))

    def lines(self) -> Iterator[str]:
        """Yield all of it for people, without any name; the counts come last."""
        for group in self.groups:
            yield from _told(group)
        if self.skipped:
            yield f"skipped, as they are no images: {show_counts(self.skipped)}"
        if self.replaced:
            yield f"replaced: {files_counted(self.replaced)} that an earlier run had made in another way"
        if self.inspected or self.masked:
            yield f"pixels: {files_counted(self.inspected)} searched for text, {files_counted(self.masked)} masked"
        if self.at_risk:
            yield f"at risk: {files_counted(self.at_risk)} may show identity in the pixels: {show_counts(self.risks)}"
            yield f"  {REMEDY}"
        if self.doubtful:
            yield f"contradicting what came first: {files_counted(self.doubtful)}: {show_counts(self.doubts)}"
            yield "  The report says which; subjects.strict_identity in the profile quarantines them."
        yield str(self)

    def __str__(self) -> str:
        """Say the counts in a line."""
        said = [f"{self.anonymized} anonymized", f"{self.quarantined} quarantined"]
        more = {"skipped": self.skipped.total(), "done before": self.done_before, "at risk": self.at_risk}
        return ", ".join([*said, *(f"{count} {what}" for what, count in more.items() if count)])


def _told(group: Group) -> Iterator[str]:
    yield f"quarantined: {files_counted(group.count)}: {group.meaning} [{group.reason}]"
    yield f"  {group.remedy}"
    details = sorted(group.numbers.items(), key=lambda pair: pair[1])
    for detail, numbers in details[:MAX_LISTED]:
        yield f"  {'file' if len(numbers) == 1 else 'files'} {show_numbers(numbers)}{': ' if detail else ''}{detail}"
    if len(details) > MAX_LISTED:
        yield f"  and {files_counted(sum(len(numbers) for _, numbers in details[MAX_LISTED:]))} more: see the report"


def files_counted(count: int) -> str:
    """Write how many files there are."""
    return f"{count} file{'' if count == 1 else 's'}"


def show_numbers(numbers: Iterable[int]) -> str:
    """Write ascending numbers in short, as ``4, 7-9``; not more than one reads."""
    runs = list(_runs(numbers))
    return ", ".join(runs[:MAX_LISTED]) + (" and others" if len(runs) > MAX_LISTED else "")


def _runs(numbers: Iterable[int]) -> Iterator[str]:
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        first, *rest = (number for _, number in run)
        yield f"{first}-{rest[-1]}" if rest else str(first)


def show_counts(counts: Counter[str]) -> str:
    """Write counts, the greatest first, as ``2 text, 1 empty``."""
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
