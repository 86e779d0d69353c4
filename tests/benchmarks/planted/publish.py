"""Figures for people: on the screen, and in ``docs/benchmarks.md``."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from benchmarks.planted.scoring import DELIBERATE, FAILED, MISSING, OUTCOMES, PASSED, WITHHELD

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.planted.scoring import Result, Scored

START, END = "<!-- planted: written by `make bench-planted` -->", "<!-- planted: end -->"


def summary(split: str, results: dict[str, Result]) -> str:
    """Return the figures of a split, as text for a screen."""
    lines = []
    for tool, result in results.items():
        total = _total(result)
        lines.append(f"\n== {split}: {tool}: {share(total)} of {sum(total.values())} checks passed")
        lines.append(f"   {_apart(total)}; by series {share(_total(result, series=True))}; source gaps {result.gaps}")
        lines.append(
            f"   withheld: {dict(result.withheld)}; places where a direct identifier is left: {len(result.leaks)}"
        )
        lines.append("   texts whose identity went and whose rest stayed: {} of {}".format(*result.texts_right()))
        lines.append("   patients whose dates moved alike: {} of {}".format(*result.shifted_alike))
        for name, key in (("action", _action), ("category", _category)):
            lines.append(f"   by {name}:")
            counted = result.counts(key).items()
            lines += [f"      {each:22} {share(counts):>8}  {_apart(counts)}" for each, counts in counted]
    return "\n".join(lines)


def failures(result: Result, show: int) -> str:
    """Return what failed, most frequent kinds first, with examples: for the development split only."""
    kinds: dict[tuple[str, str], list[Scored]] = defaultdict(list)
    for scored in result.scored:
        if scored.outcome == FAILED:
            kinds[scored.check.action, scored.check.kind].append(scored)
    lines = ["\n-- failures by kind, with examples: [attribute] value -> found (what must stay or go)"]
    for (action, kind), every in sorted(kinds.items(), key=lambda item: -len(item[1]))[:show]:
        attributes = Counter(scored.check.keyword for scored in every).most_common(5)
        lines.append(f"{len(every):5} {action} {kind}: " + ", ".join(f"{name} {count}" for name, count in attributes))
        seen = set()
        for scored in every:
            check = scored.check
            if check.value not in seen and len(seen) < 6:
                seen.add(check.value)
                lines.append(
                    f"        [{check.keyword}] {check.value[:90]!r} -> {scored.found[:90]!r} ({check.text[:60]!r})"
                )
    lines += [f"-- direct identifiers left: {len(result.leaks)}"]
    places = Counter(place for _, place, _ in result.leaks)
    lines += [f"{count:5} {place}" for place, count in places.most_common(20)]
    return "\n".join(lines)


def publish(path: Path, results: dict[str, dict[str, Result]]) -> None:
    """Write the figures into their section of a document."""
    written = "\n".join([START, "", *_overview(results), *_details(results), END])
    before, _, rest = path.read_text(encoding="utf-8").partition(START)
    path.write_text(before + written + rest.partition(END)[2], encoding="utf-8")


def share(counts: Counter[str]) -> str:
    """Return the share of checks that passed, of all."""
    total = sum(counts.values())
    if not total:
        return "-"
    # Never rounded up to all.
    hundredths = counts[PASSED] * 10000 // total
    return f"{hundredths / 100:.2f} %"


def _overview(results: dict[str, dict[str, Result]]) -> list[str]:
    lines = [
        "| Objects | Tool | Passed | by series | texts cleaned | failed | deliberate | withheld | missing | left |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for split, tools in results.items():
        for tool, result in tools.items():
            total = _total(result)
            right, mixed = result.texts_right()
            cells = [split, tool, f"**{share(total)}**", share(_total(result, series=True))]
            cells.append(share(Counter({PASSED: right, FAILED: mixed - right})))
            cells += [f"{total[outcome]:,}" for outcome in (FAILED, DELIBERATE, WITHHELD, MISSING)]
            lines.append(f"| {' | '.join([*cells, f'{len(result.leaks):,}'])} |")
    return [*lines, ""]


def _details(results: dict[str, dict[str, Result]]) -> list[str]:
    split = "test" if "test" in results else next(iter(results))
    tools = results[split]
    lines = []
    for title, key in (("Action", _action), ("Category", _category)):
        counted = {tool: result.counts(key) for tool, result in tools.items()}
        lines += [f"| {title} ({split}) | checks | {' | '.join(tools)} |", "|---" * (2 + len(tools)) + "|"]
        for name in next(iter(counted.values())):
            counts = [counted[tool][name] for tool in tools]
            cells = [name, f"{sum(counts[0].values()):,}", *(share(each) for each in counts)]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return lines


def _total(result: Result, *, series: bool = False) -> Counter[str]:
    return result.counts(lambda _: "all", series=series).get("all", Counter())


def _apart(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES if counts[outcome])


def _action(scored: Scored) -> str:
    return scored.check.action


def _category(scored: Scored) -> str:
    return scored.check.category
