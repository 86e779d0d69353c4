"""What a verification found, for the terminal, as a page and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from greycloak.proof.verification.findings import KINDS
from greycloak.reporting.columns import plain, styled, table
from greycloak.reporting.html import Markup, html_table, page, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.findings import Finding, Group, Verification

_WIDTHS = (30, -7, 59)
_EXAMPLES, _MAX_LISTED = 1, 200


def summary(result: Verification) -> str:
    """Say what was looked at, in a line."""
    looked = _many(len(result.names), "object")
    if result.originals is None:
        return f"{looked} looked at, without originals"
    return f"{looked} held against {_many(result.originals, 'original')}; {result.matched} matched"


def verdict(result: Verification) -> str:
    """Say what was found, in a line."""
    if result.is_clean:
        return "nothing found"
    return f"{_many(len(result.findings), 'finding')} in {_many(result.objects, 'object')}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def remarks(result: Verification) -> list[str]:
    """Say what a reader should know of how it was done."""
    said = []
    if result.ignored:
        said.append(f"{result.ignored} identifiers were too short or too common to be searched for")
    if result.originals is not None and not result.judges:
        said.append("dciodvfy is not installed, or was not asked: validity was judged by Greycloak's own tables only")
    if result.originals is None:
        said.append(
            "without originals, a value that was kept cannot be told from a dummy, nor a kept UID from a new one"
        )
    return said


def text_report(result: Verification, *, with_values: bool, color: bool) -> Iterator[str]:
    """Yield the lines for a terminal."""
    yield summary(result)
    for kind, title in KINDS.items():
        groups = result.groups(kind)
        if not groups:
            continue
        yield ""
        yield styled(f"{title}: {sum(len(group.findings) for group in groups)}", "bold", color=color)
        yield from (f"  {line}" for line in table([("Attribute", "Objects", "What")], _WIDTHS))
        for group in groups:
            row = (group.attribute or "-", str(group.objects), group.what)
            yield from (f"  {line}" for line in table([row], _WIDTHS))
            shown = group.findings[: 3 if with_values else _EXAMPLES]
            for finding in shown:
                where = _where(result, finding, with_values=with_values)
                if where:
                    yield styled(f"      {where}", "dim", color=color)
    yield ""
    yield from remarks(result)
    yield styled(verdict(result), "green" if result.is_clean else "red", color=color)


def _where(result: Verification, finding: Finding, *, with_values: bool) -> str:
    name = result.name(finding)
    place = " in ".join(part for part in (finding.place, name) if part)
    value = finding.value if with_values else ""
    return plain(": ".join(part for part in (place, value) if part))


def as_data(result: Verification, *, with_values: bool) -> dict[str, Any]:
    """Return it as data for JSON."""
    return {
        "clean": result.is_clean,
        "objects": len(result.names),
        "originals": result.originals,
        "matched": result.matched,
        "identifiers_ignored": result.ignored,
        "judges": list(result.judges),
        "counts": {kind: len(result.of_kind(kind)) for kind in KINDS},
        "findings": [_line(result, finding, with_values=with_values) for finding in result.findings],
    }


def _line(result: Verification, finding: Finding, *, with_values: bool) -> dict[str, Any]:
    line = {
        "kind": finding.kind,
        "what": finding.what,
        "object": result.name(finding) or None,
        "attribute": finding.attribute or None,
        "place": finding.place or None,
    }
    return line | {"value": finding.value} if with_values else line


def html_report(result: Verification, *, with_values: bool) -> str:
    """Return it as a page."""
    overview = [
        tag("p", verdict(result).capitalize() + ".", cls="good" if result.is_clean else "bad"),
        *(tag("p", f"{remark[0].upper()}{remark[1:]}.", cls="quiet") for remark in remarks(result)),
    ]
    if with_values:
        overview.append(tag("p", "This page shows values of originals: keep it as safe as the images.", cls="warning"))
    counts = [
        tag("tr", tag("th", title, scope="row"), tag("td", str(len(result.of_kind(kind))), cls="number"))
        for kind, title in KINDS.items()
    ]
    overview.append(
        html_table(("Kind", "Findings"), counts, caption="Findings by kind", numeric=("Findings",), is_short=True)
    )
    sections = [tag("section", tag("h2", "Result"), *overview)]
    for kind, title in KINDS.items():
        groups = result.groups(kind)
        if groups:
            rows = [_row(result, group, with_values=with_values) for group in groups]
            header = ("Attribute", "Objects", "What is wrong", "Where")
            body = html_table(header, rows, caption=title, numeric=("Objects",))
            sections.append(tag("section", tag("h2", title), body))
    return page("Verification", f"{summary(result)}.", sections)


def _row(result: Verification, group: Group, *, with_values: bool) -> Markup:
    places = [_item(result, finding, with_values=with_values) for finding in group.findings[:_MAX_LISTED]]
    more = len(group.findings) - _MAX_LISTED
    if more > 0:
        places.append(tag("li", f"and {more} more, which the JSON report lists"))
    listed = tag("summary", _many(len(group.findings), "place")), tag("ul", *places)
    return tag(
        "tr",
        tag("th", group.attribute or "-", scope="row"),
        tag("td", str(group.objects), cls="number", data_label="Objects:"),
        tag("td", group.what),
        tag("td", tag("details", *listed)),
    )


def _item(result: Verification, finding: Finding, *, with_values: bool) -> Markup:
    where = " in ".join(part for part in (finding.place, result.name(finding)) if part) or "no object"
    shown = [tag("small", tag("span", finding.value, cls="value"))] if with_values and finding.value else []
    return tag("li", tag("code", where), *shown)
