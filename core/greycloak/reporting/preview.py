"""A preview for people: for the terminal, as a page and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Deidentified
from greycloak.preview import KEPT
from greycloak.report import OUTCOMES, mask_line
from greycloak.reporting.columns import plain, styled, width_of, wrapped
from greycloak.reporting.html import Markup, html_table, joined, page, tag
from greycloak.reporting.marks import Piece, pieces_of
from greycloak.standard.confidentiality import EDITION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from greycloak.preview import Preview, Row
    from greycloak.reporting.previews import SeriesPreview

_NAME, _WHAT, _BEFORE, _AFTER, _WHY = 28, 8, 20, 16, 24
_CUT = ("[-", "-]")
_REPORT_ONLY = "Values are shown: keep this as safe as the images."


def headline(series: SeriesPreview) -> str:
    """Say what a section is about, in a line."""
    refused = sum(series.refused.values())
    objects = f"{series.count} object{'' if series.count == 1 else 's'}"
    return f"{series.kind}: {objects}" + (f", {refused} of them would be quarantined" if refused else "")


def _changed(preview: Preview, *, everything: bool) -> list[Row]:
    return [row for row in preview.rows if everything or row.what != KEPT]


def text_preview(
    found: Iterable[SeriesPreview], names: dict[int, str], *, everything: bool, color: bool
) -> Iterator[str]:
    """Yield the lines for a terminal.

    Parameters
    ----------
    found : iterable of SeriesPreview
        What is shown.
    names : dict of int to str
        What each example is called, by number of the section.
    everything : bool
        Whether attributes that are kept are shown as well.
    color : bool
        Whether there are colors.
    """
    for number, series in enumerate(found):
        if number:
            yield ""
        yield styled(plain(headline(series)), "bold", color=color)
        yield from (f"  {count} x {reason}" for reason, count in (series.refused + series.skipped).items())
        yield from (styled(f"  warning: {plain(warning)}", "yellow", color=color) for warning in series.warnings)
        assert series.preview is not None
        outcome = series.preview.outcome
        if not isinstance(outcome, Deidentified):
            yield styled(f"  {plain(names[number])}: {plain(str(outcome))}", "red", color=color)
            continue
        rows = _changed(series.preview, everything=everything)
        yield plain(f"  {names[number]}, subject {outcome.pseudonym}")
        yield ""
        yield from _table(rows, color=color)
        kept = len(series.preview.rows) - len(rows)
        yield f"  {kept} more are kept as they are" if kept else "  these are all up to the pixels"


def _table(rows: Iterable[Row], *, color: bool) -> Iterator[str]:
    widths = (_NAME, _WHAT, _BEFORE, _AFTER, _WHY)
    yield _line(("Attribute", "What", "Before", "After", "Why"), widths)
    for row in rows:
        before = "".join(f"{_CUT[0]}{text}{_CUT[1]}" if is_cut else text for text, is_cut in pieces_of(row))
        cells = (_name(row), row.what, before, row.after or "", _why(row))
        broken = [wrapped(plain(cell), width) for cell, width in zip(cells, widths, strict=True)]
        for at in range(max(map(len, broken))):
            line = _line(tuple(cell[at] if at < len(cell) else "" for cell in broken), widths)
            yield styled(line, "dim", color=color) if row.what == KEPT else line


def _line(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return " ".join(cell + " " * (width - width_of(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _name(row: Row) -> str:
    """Return what a row is about: in an item, behind its number, the tag alone."""
    *above, tag_text = row.path.split(".")
    item = f"{'>' * len(above)} [{above[-1].rpartition('[')[2]} " if above else ""
    return f"{item}{tag_text}" if row.name in row.path else f"{item}{row.name} {tag_text}"


def _why(row: Row) -> str:
    section = row.section.removeprefix(f"PS3.15 {EDITION} ")
    return "; ".join(part for part in (row.rule, section, row.reason) if part)


def as_data(found: Iterable[SeriesPreview], names: dict[int, str], *, everything: bool) -> list[dict[str, Any]]:
    """Return it as data for JSON."""
    return [_section_data(series, names[number], everything=everything) for number, series in enumerate(found)]


def _section_data(series: SeriesPreview, name: str, *, everything: bool) -> dict[str, Any]:
    assert series.preview is not None
    outcome = series.preview.outcome
    said: dict[str, Any] = {
        "kind": series.kind,
        "example": name,
        "objects": series.count,
        "quarantined": dict(series.refused),
        "skipped": dict(series.skipped),
        "warnings": list(series.warnings),
        "outcome": OUTCOMES[type(outcome)],
    }
    if not isinstance(outcome, Deidentified):
        return said | {"said": str(outcome)}
    rows = [row_data(row) for row in _changed(series.preview, everything=everything)]
    masks = [mask_line(mask) for mask in outcome.masks]
    return said | {"pseudonym": outcome.pseudonym, "masks": masks, "rows": rows}


def row_data(row: Row) -> dict[str, Any]:
    """Return a row as data; ``cuts`` are the spans of the value before that are gone."""
    said: dict[str, Any] = {
        "path": row.path,
        "name": row.name,
        "vr": row.vr,
        "before": row.before,
        "after": row.after,
        "what": row.what,
        "rule": row.rule,
        "section": row.section,
        "reason": row.reason,
    }
    cuts, at = [], 0
    for text, is_cut in pieces_of(row):
        if is_cut:
            cuts.append([at, at + len(text)])
        at += len(text)
    return said | {"cuts": cuts}


def html_preview(found: list[SeriesPreview], names: dict[int, str], *, profile: str, project: str) -> str:
    """Return it as a page."""
    sections = [tag("section", tag("p", _REPORT_ONLY, cls="warning"))]
    sections += [_section(series, names[number]) for number, series in enumerate(found)]
    objects = sum(series.count for series in found)
    lead = f"{objects} object{'' if objects == 1 else 's'}, profile {profile}, project {project}; nothing was recorded."
    return page("Preview", lead, sections)


def _section(series: SeriesPreview, name: str) -> Markup:
    parts: list[Markup] = [tag("h2", headline(series))]
    parts += [tag("p", f"{count} × {reason}", cls="bad") for reason, count in (series.refused + series.skipped).items()]  # noqa: RUF001
    parts += [tag("p", f"{warning}.", cls="warning") for warning in series.warnings]
    assert series.preview is not None
    outcome = series.preview.outcome
    if not isinstance(outcome, Deidentified):
        return tag("section", *parts, tag("p", tag("code", name), f": {outcome}", cls="bad"))
    parts.append(tag("p", "Shown: ", tag("code", name), f", subject {outcome.pseudonym}", cls="quiet"))
    changed = [row for row in series.preview.rows if row.what != KEPT]
    kept = [row for row in series.preview.rows if row.what == KEPT]
    header = ("Attribute", "What", "Before", "After", "Why")
    parts.append(html_table(header, map(_row, changed), caption="What changes"))
    if kept:
        listed = html_table(header, map(_row, kept), caption="What is kept")
        parts.append(tag("details", tag("summary", f"{len(kept)} attributes are kept as they are"), listed))
    return tag("section", *parts)


def _row(row: Row) -> Markup:
    why = [row.rule] if row.rule else []
    why += [tag("small", part) for part in (row.section, row.reason) if part]
    return tag(
        "tr",
        tag("th", row.path if row.name in row.path else row.name, *_place(row), scope="row"),
        tag("td", row.what),
        tag("td", _marked(pieces_of(row)), data_label="Before:"),
        tag("td", tag("span", row.after, cls="value") if row.after else "", data_label="After:"),
        tag("td", *why, data_label="Why:"),
        cls="kept" if row.what == KEPT else "",
    )


def _place(row: Row) -> list[Markup]:
    return [] if row.name in row.path else [tag("small", row.path)]


def _marked(pieces: Iterable[Piece]) -> Markup:
    shown = joined(tag("del", text) if is_cut else text for text, is_cut in pieces)
    return tag("span", shown, cls="value") if shown else Markup("")
