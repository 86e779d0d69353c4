"""The report of a run, object by object: lines of JSON, a table, or a page."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from greycloak.reporting.cells import cell
from greycloak.reporting.html import html_table, page, tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from greycloak.reporting.html import Markup
    from greycloak.summary import Tally

ENDINGS = (".jsonl", ".json", ".csv", ".html")
"""How a report's file may end; it says what the report is."""

_COLUMNS = ("number", "input", "outcome", "reason", "detail", "remedy", "output", "changes", "masks", "notes")


class RunReport(Protocol):
    """Takes the objects of a run, one after the other."""

    def add(self, line: dict[str, Any]) -> None:
        """Take an object, as `greycloak.report.report_line` tells it, with its number."""

    def end(self, tally: Tally) -> None:
        """Take what became of all."""


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def add(self, line: dict[str, Any]) -> None:
        self._stream.write(json.dumps(line) + "\n")

    def end(self, tally: Tally) -> None:
        """Every line is there."""


class _Table:
    def __init__(self, stream: TextIO) -> None:
        self._writer = csv.writer(stream)
        self._writer.writerow(_COLUMNS)

    def add(self, line: dict[str, Any]) -> None:
        self._writer.writerow([cell(value) for value in _row(line)])

    def end(self, tally: Tally) -> None:
        """Every row is there."""


class _Page:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rows: list[Markup] = []

    def add(self, line: dict[str, Any]) -> None:
        number, name, outcome, reason, detail, remedy, output, changes, masks, notes = map(str, _row(line))
        bad = "bad" if outcome == "quarantined" else ""
        why = " ".join(part for part in (reason, f"({detail})" if detail else "") if part)
        done = f"{changes} attributes changed, {masks} areas masked" if output else ""
        self._rows.append(
            tag(
                "tr",
                tag("td", number, cls="number"),
                tag("td", outcome, cls=bad, style="white-space:nowrap"),
                tag("td", output or name),
                tag("td", why or done, tag("small", remedy or notes)),
            )
        )

    def end(self, tally: Tally) -> None:
        lines = [tag("p", line) for line in tally.lines()]
        table = html_table(("Number", "Outcome", "File", "What was done, or why not"), self._rows, numeric=("Number",))
        sections = [tag("section", tag("h2", "Result"), *lines), tag("section", tag("h2", "Objects"), table)]
        self._stream.write(page("Anonymization", f"{tally}.", sections))


def _row(line: dict[str, Any]) -> list[Any]:
    counted = {"changes": len(line.get("changes", ())), "masks": len(line.get("masks", ()))}
    whole = line | counted | {"notes": "; ".join(line.get("notes", ())), "reason": line.get("reason", line.get("kind"))}
    return ["" if whole.get(column) is None else whole[column] for column in _COLUMNS]


_KINDS: dict[str, Any] = {".jsonl": _Lines, ".json": _Lines, ".csv": _Table, ".html": _Page}


@contextmanager
def open_report(path: Path | None) -> Iterator[RunReport | None]:
    """Open a report that only its owner may read; None if there is to be none.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    if path is None:
        yield None
        return
    with private_text(path) as stream:
        yield _KINDS[path.suffix.lower()](stream)


@contextmanager
def private_text(path: Path, *, is_continued: bool = False) -> Iterator[TextIO]:
    """Open a file for text that only its owner may read.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if is_continued else os.O_TRUNC)
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="") as stream:
        path.chmod(0o600)
        yield stream


def log_line(line: dict[str, Any]) -> str:
    """Return an object as a line for people: when, which, what, without any identity."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    what = line.get("output") or " ".join(str(line[key]) for key in ("reason", "kind", "detail") if line.get(key))
    digest = str(line.get("input_sha256") or "-")[:16]
    return f"{now}  {line['number']:>6}  {line['outcome']:<12}  {digest}  {line['profile_digest'][:8]}  {what}\n"
