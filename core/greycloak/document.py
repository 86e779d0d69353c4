"""A document of headings, paragraphs, lists and tables, written as Markdown or HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "table{border-collapse:collapse;font-size:.85rem}th,td{border:1px solid #c8d2dc;padding:.25rem .5rem;"
    "text-align:left;vertical-align:top}th{background:#eef2f6}"
)


class Document:
    """A document, built from top to bottom.

    Parameters
    ----------
    title : str
        Its title.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._markdown = [f"# {title}"]
        self._html: list[str] = []

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._markdown.append(f"## {text}")
        self._html.append(f"<h2>{escape(text)}</h2>")

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self._markdown.append(_in_markdown(text))
        self._html.append(f"<p>{escape(text)}</p>")

    def bullets(self, texts: Iterable[str]) -> None:
        """Add a list."""
        texts = list(texts)
        self._markdown.append("\n".join(f"- {_in_markdown(text)}" for text in texts))
        self._html.append("<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>")

    def table(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a table."""
        rows = list(rows)
        lines = [header, ["---"] * len(header), *(map(_in_markdown, row) for row in rows)]
        self._markdown.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
        head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        self._html.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")

    def to_markdown(self) -> str:
        """Return it as Markdown."""
        return "\n\n".join(self._markdown)

    def to_html(self) -> str:
        """Return it as a page of HTML that needs nothing else."""
        title = escape(self._title)
        head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        body = "\n".join([f"<h1>{title}</h1>", *self._html])
        return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>'


def _in_markdown(text: str) -> str:
    for sign in ("\\", "|", "*", "_", "<", "["):
        text = text.replace(sign, f"\\{sign}")
    return text
