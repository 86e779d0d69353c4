#!/usr/bin/env python3
"""Identities planted in real objects, and what tools leave of them: a re-creation of MIDI-B's benchmark.

    make bench-planted                                             both splits, beside others, into docs/benchmarks.md
    .venv/bin/python tests/benchmarks/planted_bench.py --split dev          what fails, and why
    .venv/bin/python tests/benchmarks/planted_bench.py --split test         figures only

It is no score of MIDI-B: those objects and that key are not here.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from benchmarks.planted.answers import write_map  # noqa: E402
from benchmarks.planted.cohort import SEEDS, generate  # noqa: E402
from benchmarks.planted.publish import failures, publish, summary  # noqa: E402
from benchmarks.planted.runners import RIVALS, run_greycloak, run_rival  # noqa: E402
from benchmarks.planted.scoring import Result, score  # noqa: E402

FOLDER = ROOT / ".run" / "planted"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=SEEDS, action="append", help="which objects (both)")
    parser.add_argument("--patients", type=int, default=110, help="how many (%(default)s)")
    parser.add_argument("--profile", default="sharing", help="Greycloak's, or 'fallback' (%(default)s)")
    parser.add_argument("--again", action="store_true", help="use the objects that are there")
    parser.add_argument("--show", type=int, default=25, help="kinds of failures to show (%(default)s)")
    parser.add_argument("--rivals", type=Path, metavar="VENV", help="run others on the test objects, too")
    parser.add_argument("--publish", type=Path, metavar="FILE.md", help="where to write the figures")
    options = parser.parse_args()
    results: dict[str, dict[str, Result]] = {}
    for split in options.split or SEEDS:
        folder = FOLDER / split
        if not options.again or not (folder / "answers.sqlite").exists():
            generate(folder, split, options.patients)
        results[split] = run(folder, options.profile, options.rivals if split == "test" else None)
        ours = results[split]["greycloak"]
        print(summary(split, results[split]))
        if split == "dev":
            print(failures(ours, options.show))
    if options.publish:
        publish(options.publish, results)


def run(folder: Path, profile: str, rivals: Path | None) -> dict[str, Result]:
    """Run and score the tools on one split."""
    started = time.perf_counter()
    submissions = [run_greycloak(folder, profile)]
    print(f"greycloak took {time.perf_counter() - started:.0f} s", file=sys.stderr)
    if rivals:
        submissions += [run_rival(folder, tool, rivals) for tool in RIVALS]
    results = {}
    for submission in submissions:
        result = results[submission.tool] = score(folder / "answers.sqlite", submission)
        write_map(folder / submission.tool / "uid_map.csv", result.maps.uids)
        write_map(folder / submission.tool / "patid_map.csv", result.maps.patients)
    return results


if __name__ == "__main__":
    main()
