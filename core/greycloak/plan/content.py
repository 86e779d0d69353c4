"""Decide about content items: names and values, as in structured reports (PS3.15 section E.3.4).

Table E.3.4-1 decides by concept name and value type; of items that it does not list, the value type decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from greycloak.plan.families import family_of
from greycloak.plan.rules import Rule
from greycloak.standard.content import CONTENT_SECTION, ContentRow
from greycloak.standard.dictionary import entry_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.plan.decisions import Decisions
    from greycloak.profiles import Profile

OPTION = "clean-structured-content"
BY_TYPE_SECTION = "PS3.15 E.3.4, content items by value type"

CONTENT_SEQUENCE = 0x0040A730
PROTOCOL_CONTEXT_SEQUENCE = 0x00400440
CONTENT_SEQUENCES = frozenset(
    {
        0x00240325,  # Data Observation
        PROTOCOL_CONTEXT_SEQUENCE,
        0x00400441,  # Content Item Modifier
        0x00400555,  # Acquisition Context
        0x00400612,  # Specimen Preparation Step Content Item
        0x00400620,  # Specimen Localization Content Item
        0x00409220,  # Quantity Definition
        CONTENT_SEQUENCE,
        0x0040B020,  # Waveform Annotation
        0x00440013,  # Product Parameter
        0x00440019,  # Substance Administration Parameter
        0x00741007,  # Procedure Step Progress Parameters
        0x00741210,  # Scheduled Processing Parameters
        0x00741212,  # Performed Processing Parameters
        0x30020110,  # Device Position Parameter
        0x30020131,  # Device-Specific Acquisition Parameter
        0x30020135,  # Acquisition Initiation
        0x300A062D,  # Patient Support Position Tolerance
        0x300A065A,  # Radiation Device Configuration and Commissioning Key
        0x300A065B,  # Patient Support Position Parameter
        0x300A073E,  # Alternate Value
        0x300A0793,  # Patient Treatment Preparation Procedure Parameter
        0x30100027,  # Segment Characteristics
        0x30100070,  # Dosimetric Objective Parameter
        0x30100081,  # Prescription Notes
    }
)
"""Sequences whose items are content items (PS3.3 sections 10.2, C.17.3, C.10.10)."""

REFERENCES = frozenset({"COMPOSITE", "IMAGE", "WAVEFORM"})
_DATES = {"DATE": 0x0040A121, "TIME": 0x0040A122, "DATETIME": 0x0040A120}
_VRS = {"DATE": "DA", "TIME": "TM", "DATETIME": "DT"}
_VALUES: dict[str, frozenset[int]] = {
    "TEXT": frozenset({0x0040A160, 0x00700006}),
    "PNAME": frozenset({0x0040A123}),
    **{value_type: frozenset({tag}) for value_type, tag in _DATES.items()},
    "UIDREF": frozenset({0x0040A124}),
    **dict.fromkeys(REFERENCES, frozenset({0x00081199})),
    "CODE": frozenset({0x0040A168}),
    "NUM": frozenset({0x0040A300, 0x0040A30A, 0x0040A161, 0x0040A162, 0x0040A163}),
}
_KIND_OF = {tag: kind for kind, tags in _VALUES.items() if kind not in REFERENCES for tag in tags} | {
    0x00081199: "COMPOSITE"
}
# Of these, something that the table does not foresee can be anything; a code or a number is what it is.
_FREE = frozenset({"TEXT", "PNAME", "DATE", "TIME", "DATETIME"})
_SUBJECT_AGE = ("121033", "DCM")
_PER_YEAR = {"mo": 12, "wk": 52.1775, "d": 365.2425, "h": 8765.82}
_HARMLESS = frozenset({"CODE", "NUM"})
_MEASURED_VALUES = 0x0040A300


@dataclass(frozen=True, slots=True)
class ContentItem:
    """What is known of a content item before it is walked.

    Attributes
    ----------
    rows : tuple of ContentRow
        What the table says of its concept name.
    value_type : str
        As ``TEXT``; empty if nothing tells.
    may_go : bool
        Whether it can be removed: nothing refers to content items by their numbers.
    hidden : bool
        Whether it stands in an item that should have gone: then nothing of it may be told.
    too_old : bool
        Whether it is an age above the greatest that the profile tells: then no option keeps it.
    """

    rows: tuple[ContentRow, ...] = ()
    value_type: str = ""
    may_go: bool = True
    hidden: bool = False
    too_old: bool = False


class Treatment(NamedTuple):
    """What is done to a content item, and who says so.

    Attributes
    ----------
    action : str
        ``keep``, ``clean``, ``shift`` (whatever the date policy says), ``dummy``, ``map``, ``drop``, or ``by-type``.
    source, section : str
        What the decision rests on, and where that is written.
    """

    action: str
    source: str
    section: str


@lru_cache(maxsize=4096)
def treatment_of(profile: Profile, item: ContentItem) -> Treatment:
    """Return what a profile does to a content item."""
    row = _row_of(item)
    if row is None:
        source = f"value type {item.value_type or 'unknown'}, concept not in the table"
        return Treatment("dummy" if item.hidden and item.value_type in _FREE else "by-type", source, BY_TYPE_SECTION)
    under = {option: action for option in profile.applied_options if (action := row.under(option))}
    said = ", ".join((f"{row.meaning}: {row.basic}", *(f"{option} {action}" for option, action in under.items())))
    return Treatment(_action(profile, item, row, frozenset(under.values())), said, CONTENT_SECTION)


def is_too_old(profile: Profile, rows: Iterable[ContentRow], number: str, unit: str) -> bool:
    """Tell whether an item is an age above the greatest that the profile tells, in years if nothing says otherwise."""
    limit = profile.dates.max_age
    if limit is None or not any((row.code, row.scheme) == _SUBJECT_AGE for row in rows):
        return False
    try:
        return float(number) / _PER_YEAR.get(unit, 1) >= limit + 1
    except ValueError:
        return True


def _row_of(item: ContentItem) -> ContentRow | None:
    """Return the row for an item's value type; a concept's row counts for text and the like of another type, too."""
    found = next((row for row in item.rows if row.value_type == item.value_type), None)
    if found is None and item.rows and item.value_type in _FREE:
        return min(item.rows, key=lambda row: row.basic != "X")
    return found


def _action(profile: Profile, item: ContentItem, row: ContentRow, under: frozenset[str]) -> str:
    """Choose among what the options allow what tells least."""
    is_dated = item.value_type in _DATES and row.value_type in _DATES
    if under and not item.hidden and not item.too_old and (row.value_type == item.value_type or is_dated):
        if not is_dated:
            return "clean" if "C" in under else "keep"
        if item.value_type != "TIME" or profile.dates.times != "remove":
            return "shift"
    if item.value_type in {*REFERENCES, "UIDREF"} and (row.basic != "X" or profile.references == "map"):
        return "map"
    if item.value_type in {"DATE", "DATETIME"} and profile.dates.policy == "fixed":
        return "shift"
    return "drop" if row.basic == "X" and item.may_go else "dummy"


def should_go(profile: Profile, item: ContentItem) -> bool:
    """Tell whether an item would be removed if nothing referred to content items by their numbers."""
    return item.hidden or treatment_of(profile, replace(item, may_go=True)).action == "drop"


def content_rule(decisions: Decisions, tag: int, vr: str, item: ContentItem) -> Rule | None:
    """Return what is done to an attribute of a content item; None if it is none of those that hold its value.

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    tag, vr
        The attribute, and its VR as encoded; empty in Implicit VR.
    item : ContentItem
        What is known of the item.
    """
    kind, entry = _KIND_OF.get(tag), entry_for(tag)
    if kind is None or entry is None:
        return None
    if family_of(entry, vr) == "mismatch":
        return Rule(tag, "remove", f"VR {vr}, which cannot hold it", BY_TYPE_SECTION)
    action, source, section = treatment_of(decisions.profile, item)
    is_value = tag in _VALUES.get(item.value_type, ())
    if not is_value and item.value_type in _VALUES and kind not in _HARMLESS:
        return Rule(tag, "remove", f"not a value of type {item.value_type}", BY_TYPE_SECTION)
    if not is_value:  # no value type, or one that holds none of these: each goes by its own
        action = "dummy" if item.hidden and kind in _FREE else "by-type"
    if action == "dummy" and tag == _MEASURED_VALUES:
        return Rule(tag, "empty", source, section)
    if action == "dummy" and kind not in {"UIDREF", "COMPOSITE"}:
        return Rule(tag, "dummy", source, section)
    return _by_kind(decisions, tag, kind, action, (source, section))


def _by_kind(decisions: Decisions, tag: int, kind: str, action: str, said: tuple[str, str]) -> Rule | None:
    source, section = said
    keeps_uids = "retain-uids" in decisions.profile.options
    if kind == "TEXT":
        return Rule(tag, "own" if action == "keep" else "clean", source, section)
    if kind == "PNAME":
        return Rule(tag, "dummy", source, section)
    if kind in _DATES:
        dated = decisions.dates.rule(tag, _VRS[kind], source, "dummy", keeps=False)
        return Rule(tag, dated.action, source, section, dated.dates)
    if kind == "UIDREF":
        return Rule(tag, "check" if keeps_uids or action == "keep" else "uid", source, section)
    if kind == "COMPOSITE":
        return Rule(tag, "uid", source, section)
    return Rule(tag, "keep", source, section) if kind == "CODE" else None
