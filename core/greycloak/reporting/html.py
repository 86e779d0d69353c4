"""Pages that need nothing else: no script, no network, and no way for a value to become anything but text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from greycloak.reporting.columns import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """
:root{color-scheme:light dark;--ink:#22282b;--paper:#f2f3f1;--card:#fff;--line:#d5d9d6;--quiet:#5c676b;--accent:#3d5a50;
--bad:#9b2c2c;--bad-paper:#fbeaea;--good:#2f6b4f;--cut:#ffd9d6;--stripe:#f7f8f6}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8e6;--paper:#1b1f20;--card:#252b2c;--line:#3b4446;--quiet:#a0abae;
--accent:#8db3a5;--bad:#f0a3a3;--bad-paper:#3a2626;--good:#8fd0ae;--cut:#6b2f2d;--stripe:#2a3132}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header{padding:1rem 1.5rem;border-bottom:1px solid var(--line);background:var(--card)}
header h1{margin:0;font-size:1.4rem;color:var(--accent)}header p{margin:.2rem 0 0;color:var(--quiet)}
main{max-width:84rem;margin:1.5rem auto;padding:0 1rem}
section{margin:0 0 1rem;padding:1rem 1.25rem;border:1px solid var(--line);border-radius:8px;background:var(--card)}
h2{margin:0 0 .5rem;font-size:1.1rem;overflow-wrap:anywhere}p{margin:.3rem 0}
.quiet{color:var(--quiet)}.bad{color:var(--bad)}.good{color:var(--good)}
.warning{padding:.4rem .75rem;border-left:4px solid var(--bad);background:var(--bad-paper)}
.scroll{overflow-x:auto}.short{max-width:36rem}
table{width:100%;border-collapse:collapse;font-size:.88rem}
th,td{padding:.35rem .6rem .35rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:top;
overflow-wrap:anywhere;min-width:4.5rem}
thead th{border-top:0;color:var(--quiet);font-weight:600}tbody th{font-weight:600}
td.number,th.number{padding-right:1.4rem;text-align:right;white-space:nowrap;min-width:3rem;font-variant-numeric:tabular-nums}
code,.value{font:.85rem/1.45 ui-monospace,SFMono-Regular,Consolas,monospace;white-space:pre-wrap;unicode-bidi:isolate}
small{display:block;color:var(--quiet);font-weight:400}
del{background:var(--cut);text-decoration:line-through;text-decoration-color:var(--bad)}
summary{cursor:pointer;color:var(--accent)}details ul{margin:.3rem 0;padding-left:1.2rem}
tr.kept{color:var(--quiet)}
@media (max-width:45rem){body{font-size:14px}main{padding:0 .5rem;margin:.75rem auto}section{padding:.75rem}
table.stack,table.stack tbody,table.stack tr,table.stack td,table.stack th{display:block;min-width:0}
table.stack thead{position:absolute;left:-99rem}
table.stack tr{padding:.4rem 0;border-top:1px solid var(--line)}
table.stack td,table.stack tbody th{padding:.1rem 0;border:0;text-align:left}
table.stack td[data-label]:not(:empty)::before{content:attr(data-label)" ";
color:var(--quiet);font-family:system-ui,sans-serif}}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--card:#fff;--line:#bbb;--quiet:#444;--accent:#000;
--bad:#900;--bad-paper:#fff;--good:#040;--cut:#eee}body{font-size:9pt}main{max-width:none;margin:0;padding:0}
section{border:0;padding:0;break-inside:auto}tr{break-inside:avoid}thead{display:table-header-group}
header{padding:0 0 .5rem}.scroll{overflow:visible}}
"""


class Markup(str):
    """HTML that was made here, and is not escaped again."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """Return an element; whatever is not `Markup` in it is escaped, and its control characters are written out.

    Parameters
    ----------
    name : str
        Its name.
    *children : str
        Its content.
    **attributes : str
        Its attributes; ``cls`` stands for ``class``, and ``_`` for ``-``.
    """
    names = {"cls": "class"}
    written = "".join(
        f' {names.get(key, key.replace("_", "-"))}="{escape(plain(value))}"'
        for key, value in attributes.items()
        if value
    )
    return Markup(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Iterable[str]) -> Markup:
    """Return several pieces as one."""
    return Markup("".join(child if isinstance(child, Markup) else escape(plain(child)) for child in children))


def html_table(
    header: Sequence[str],
    rows: Iterable[Markup],
    *,
    caption: str = "",
    numeric: Sequence[str] = (),
    is_short: bool = False,
) -> Markup:
    """Return a table of finished rows, which becomes a list on a narrow screen."""
    head = tag("tr", *(tag("th", cell, scope="col", cls="number" if cell in numeric else "") for cell in header))
    label = {"aria_label": caption} if caption else {}
    around = "scroll short" if is_short else "scroll"
    return tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", *rows), cls="stack", **label),
        cls=around,
    )


def page(title: str, lead: str, sections: Iterable[Markup]) -> str:
    """Return a whole page."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(plain(title))}</title><style>{_STYLE}</style>"
    )
    body = joined([tag("header", tag("h1", title), tag("p", lead)), tag("main", *sections)])
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'
