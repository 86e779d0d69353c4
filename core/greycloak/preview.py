"""Before and after: what becomes of every element of an object, for those who may see its values."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, islice, takewhile
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Deidentified
from greycloak.quiet import quiet
from greycloak.report import path_text, value_text
from greycloak.standard.confidentiality import SUPPLEMENT_SECTION, row_for
from greycloak.standard.dictionary import name_of
from greycloak.stream.repair import NOTE, repaired_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydicom.dataset import Dataset

    from greycloak.engine import Engine
    from greycloak.outcomes import Change, Outcome
    from greycloak.plan import Rule
    from greycloak.stream.levels import Buffer
    from greycloak.stream.levels import Path as TagPath
    from greycloak.stream.part10 import Source

KEPT, REMOVED, EMPTIED, REPLACED, ADDED = "kept", "removed", "emptied", "replaced", "added"

_MAX_SHOWN = 200
_MAX_HEADER = 32 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One element, before and after.

    Attributes
    ----------
    path : str
        Where it is, as ``(0008,1140)[0].(0008,1155)``; items count from 0.
    name : str
        Its keyword.
    vr : str
        Its Value Representation.
    before, after : str or None
        Its value as text; None where it is not there.
    what : str
        ``kept``, ``removed``, ``emptied``, ``replaced`` or ``added``.
    rule, section : str
        Who says so, and where that is written; empty if it is not known.
    reason : str
        Why Greycloak's supplement to the standard lists it, if it does.
    """

    path: str
    name: str
    vr: str
    before: str | None
    after: str | None
    what: str
    rule: str = ""
    section: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of an object.

    Attributes
    ----------
    outcome : Deidentified or Quarantined
        The same that the engine gives.
    rows : tuple of Row
        Every element up to the pixels, in the order of the data set; empty if it is quarantined.
    """

    outcome: Outcome
    rows: tuple[Row, ...]


def preview(engine: Engine, source: Source) -> Preview:
    """Return what an engine makes of an object; with a project that rehearses, nothing is recorded."""
    outcome = engine.deidentify(source, with_changes=True)
    if not isinstance(outcome, Deidentified):
        return Preview(outcome, ())
    is_repaired = any(note.startswith(NOTE) for note in outcome.notes)
    before = repaired_file(source) if is_repaired else source
    return Preview(outcome, tuple(compare([before], outcome.parts, outcome.changes)))


def compare(
    before: Iterable[Buffer | Source], after: Iterable[Buffer | Source], changes: Iterable[Change] = ()
) -> Iterator[Row]:
    """Yield every element of two versions of an object.

    Parameters
    ----------
    before, after : iterable of buffers
        The files, in pieces.
    changes : iterable of Change
        Who says so, as far as it is known.
    """
    old, new = (dict(_elements(_read(parts), ())) for parts in (before, after))
    rules = {change.path: change.rule for change in changes}
    gone = _gone_items(rules)
    if gone:
        new = {_before_items_went(path, gone): shown for path, shown in new.items()}
    for path in sorted({**old, **new}):
        one, other = old.get(path), new.get(path)
        what = _what(one and one[1], other and other[1])
        rule = None if what == KEPT else _nearest(rules, path)
        yield Row(
            path_text(path),
            name_of(path[-1]),
            (other or one or ("", ""))[0],
            one and one[1],
            other and other[1],
            what,
            rule.source if rule else "",
            rule.section if rule else "",
            _reason(rule) if rule else "",
        )


def _gone_items(rules: dict[TagPath, Any]) -> dict[TagPath, list[int]]:
    """Return the numbers of the items that went whole, by the path of their sequence."""
    items = {path[:-1] for path, rule in rules.items() if rule.action == "remove-item"}
    gone: dict[TagPath, list[int]] = {}
    for *sequence, number in sorted(items):
        gone.setdefault(tuple(sequence), []).append(number)
    return gone


def _before_items_went(path: TagPath, gone: dict[TagPath, list[int]]) -> TagPath:
    """Return where an element stood before some items went, for those behind them have other numbers now."""
    old: TagPath = path[:1]
    for number, tag in zip(path[1::2], path[2::2], strict=True):
        before = number
        for removed in gone.get(old, ()):
            if removed > before:
                break
            before += 1
        old = (*old, before, tag)
    return old


def _what(before: str | None, after: str | None) -> str:
    if before == after:
        return KEPT
    if before is None:
        return ADDED
    if after is None:
        return REMOVED
    return REPLACED if after else EMPTIED


def _nearest(rules: dict[TagPath, Any], path: TagPath) -> Any:  # noqa: ANN401  a rule or nothing
    """Return the rule for an element, or for the sequence that it went with."""
    ways = (path[:length] for length in range(len(path), 0, -2))
    return next((rules[way] for way in ways if way in rules), None)


def _reason(rule: Rule) -> str:
    row = row_for(rule.tag) if rule.section == SUPPLEMENT_SECTION else None
    return row.reason if row else ""


def _read(parts: Iterable[Buffer | Source]) -> Dataset:
    """Read a file up to its pixels; a gigabyte of them is not looked at."""
    import pydicom  # noqa: PLC0415  0.2 s that the hot path does without

    parts = list(parts)
    sizes = accumulate(map(len, parts), initial=0)
    enough = [part for part, _ in takewhile(lambda pair: pair[1] < _MAX_HEADER, zip(parts, sizes, strict=False))]
    head = b"".join(memoryview(part)[:_MAX_HEADER] for part in enough)
    with quiet():
        return pydicom.dcmread(BytesIO(head), stop_before_pixels=True)


def _elements(data_set: Dataset, above: TagPath) -> Iterator[tuple[TagPath, tuple[str, str]]]:
    """Yield path, VR and value of every element, sequences before what is in them."""
    with quiet():
        for tag in data_set.keys():  # noqa: SIM118  iterating the data set itself converts each value
            path = (*above, int(tag))
            vr, value = _converted(data_set, tag)
            if vr != "SQ":
                yield path, (vr, _shown(value))
                continue
            yield path, (vr, f"{len(value)} item{'' if len(value) == 1 else 's'}")
            for number, item in enumerate(value):
                yield from _elements(item, (*path, number))


def _converted(data_set: Dataset, tag: Any) -> tuple[str, Any]:  # noqa: ANN401  pydicom's
    try:
        element = data_set[tag]
        return str(element.VR), element.value
    except Exception:  # noqa: BLE001  a value that pydicom cannot make sense of is shown as it is
        raw = data_set.get_item(tag)
        return str(getattr(raw, "VR", None) or "UN"), getattr(raw, "value", None)


def _shown(value: Any) -> str:  # noqa: ANN401  any value of an element
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value_text(value)
    several = not isinstance(value, str) and hasattr(value, "__iter__") and not hasattr(value, "components")
    text = "\\".join(map(str, islice(value, _MAX_SHOWN))) if several else str(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
