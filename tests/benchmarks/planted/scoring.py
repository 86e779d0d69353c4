"""The scorer: judges each check as MIDI-B's scorer does, and counts apart what cannot be judged."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.planted.answers import read_key
from benchmarks.planted.differences import deliberate
from benchmarks.planted.intervals import shifted_alike
from benchmarks.planted.people import NAMES_THAT_ARE_WORDS
from benchmarks.planted.reading import Output, read
from benchmarks.planted.tokens import normal, occurs, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from benchmarks.planted.answers import Answers, Check

PASSED, FAILED, DELIBERATE, WITHHELD, MISSING = "passed", "failed", "deliberate", "withheld", "missing"
OUTCOMES = (PASSED, FAILED, DELIBERATE, WITHHELD, MISSING)
_TOP_UIDS = ("<(0008,0018)>", "<(0020,000d)>", "<(0020,000e)>", "<(0020,0052)>")
_DIRECT = ("PatientName", "PatientID", "AccessionNumber", "OtherPatientIDs", "PatientTelephoneNumbers")
_TELLING = 5


@dataclass(frozen=True, slots=True)
class Submission:
    """What a tool made of the objects: files by the names of the sources, and why others are missing."""

    tool: str
    files: dict[str, Path]
    withheld: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """What became of a check."""

    answers: Answers
    check: Check
    outcome: str
    score: float
    found: str = ""


@dataclass(frozen=True, slots=True)
class Maps:
    """Old UIDs and patient IDs, and what stands for them."""

    uids: dict[str, str]
    patients: dict[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """The scores of a submission."""

    scored: list[Scored]
    maps: Maps
    gaps: int
    leaks: list[tuple[str, str, str]]
    shifted_alike: tuple[int, int]
    withheld: Counter[str]

    def counts(self, key: Callable[[Scored], str], *, series: bool = False) -> dict[str, Counter[str]]:
        """Count outcomes by a key, for each object or for each series."""
        counted: dict[str, Counter[str]] = defaultdict(Counter)
        for scored in self.by_series() if series else self.scored:
            counted[key(scored)][scored.outcome] += 1
        return dict(sorted(counted.items()))

    def texts_right(self) -> tuple[int, int]:
        """Return of how many texts with an identity in them that went, and the rest stayed; and how many there are."""
        values: dict[tuple[str, str], list[Scored]] = defaultdict(list)
        for scored in self.scored:
            if scored.check.action in {"text_removed", "text_retained"}:
                values[scored.answers.instance, scored.check.place].append(scored)
        mixed = [every for every in values.values() if len({scored.check.action for scored in every}) > 1]
        return sum(all(scored.outcome == PASSED for scored in every) for every in mixed), len(mixed)

    def by_series(self) -> list[Scored]:
        """Collapse the checks of a series: what went wrong in one object went wrong."""
        worst: dict[tuple[str, ...], Scored] = {}
        for scored in self.scored:
            check = scored.check
            key = (scored.answers.series, check.place, check.action, check.category)
            if key not in worst or OUTCOMES.index(scored.outcome) == 1:
                worst[key] = scored
        return list(worst.values())


def score(key: Path, submission: Submission) -> Result:
    """Score a submission against an answer key."""
    every = list(read_key(key))
    outputs = {answers.path: read(path) for answers in every if (path := submission.files.get(answers.path))}
    maps = _maps(every, outputs)
    scored = [each for answers in every for each in _score_object(answers, outputs, submission, maps)]
    return Result(
        scored,
        maps,
        sum(answers.gaps for answers in every),
        [leak for answers in every if answers.path in outputs for leak in _leaks(answers, outputs[answers.path])],
        shifted_alike(every, outputs),
        Counter(submission.withheld.values()),
    )


def _maps(every: Iterable[Answers], outputs: dict[str, Output]) -> Maps:
    """Find out what stands for which UID: first from what an object says of itself, then from what it refers to."""
    uids: dict[str, str] = {}
    patients: dict[str, str] = {}
    released = [answers for answers in every if answers.path in outputs]
    for answers in released:
        texts = outputs[answers.path].texts
        for place, old in zip(_TOP_UIDS, (answers.instance, answers.study, answers.series), strict=False):
            if place in texts:
                uids.setdefault(old, texts[place])
        patients.setdefault(answers.patient_id, texts.get("<(0010,0020)>", ""))
    for answers in released:
        texts = outputs[answers.path].texts
        for check in answers.checks:
            if check.action == "uid_consistent" and texts.get(check.place):
                uids.setdefault(check.value, texts[check.place])
    return Maps(uids, patients)


def _score_object(answers: Answers, outputs: dict[str, Output], submission: Submission, maps: Maps) -> Iterable[Scored]:
    output = outputs.get(answers.path)
    for check in answers.checks:
        if output is None:
            outcome = WITHHELD if answers.path in submission.withheld else MISSING
            yield Scored(answers, check, outcome, 0.0)
            continue
        points = judge(check, output, maps)
        found = output.texts.get(check.place, "<absent>")
        if points == 1:
            yield Scored(answers, check, PASSED, 1.0)
        elif submission.tool == "greycloak" and deliberate(check):
            yield Scored(answers, check, DELIBERATE, points, found)
        else:
            yield Scored(answers, check, FAILED, points, found)


def judge(check: Check, output: Output, maps: Maps) -> float:
    """Return how far a check is passed: 1 is passed, anything less is not."""
    value = output.texts.get(check.place)
    match check.action:
        case "pixels_retained":
            return float(output.digest == check.text)
        case "tag_retained":
            return float(value is not None)
        case "text_notnull":
            return float(bool(value))
        case "text_retained":
            return _retained(check.text, value or "")
    # The rest is about values that must not be there any more: what is absent passes.
    return 1.0 if value is None else _replaced(check, value, maps)


def _replaced(check: Check, value: str, maps: Maps) -> float:
    match check.action:
        case "text_removed":
            return _removed(check.text, value)
        case "uid_consistent":
            return float(maps.uids.get(check.value, "") == value)
        case "patid_consistent":
            return float(maps.patients.get(check.value) == value)
    return float(check.value not in value)


def _retained(text: str, value: str) -> float:
    if _number(text) is not None and _number(text) == _number(value):
        return 1.0
    kept, wanted = normal(value), tokens(text)
    if normal(text) in kept or not wanted:
        return float(normal(text) in kept)
    return sum(token in kept for token in wanted) / len(wanted)


def _removed(text: str, value: str) -> float:
    left, secrets = normal(value), tokens(text)
    if not secrets:
        return 1.0
    return sum(not occurs(token, left) for token in secrets) / len(secrets)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _leaks(answers: Answers, output: Output) -> Iterable[tuple[str, str, str]]:
    """Find the patient's direct identifiers anywhere in an output, asked for or not."""
    direct = {
        token
        for check in answers.checks
        if check.keyword in _DIRECT and check.action == "text_removed" and "[" not in check.place
        for token in tokens(check.text)
        if len(token) >= _TELLING or not token.isascii()
    } - {normal(word) for word in NAMES_THAT_ARE_WORDS}
    for place, text in output.texts.items():
        left = normal(text)
        for token in direct:
            if len(token) > 1 and occurs(token, left) and not _by_chance(token, left):
                yield answers.path, place, token


def _by_chance(token: str, text: str) -> bool:
    """Tell whether digits only occur inside of longer numbers, as in any long UID."""
    return token.isdigit() and re.search(rf"(?<!\d){token}(?!\d)", text) is None
