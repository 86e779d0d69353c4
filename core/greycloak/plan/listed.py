"""Decide about attributes that PS3.15 Table E.1-1 lists, with the profile's options, or Greycloak's supplement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.actions.dates import DATE_VRS
from greycloak.plan.families import family_of, is_text
from greycloak.plan.kept_dates import PUBLISHED_DATES
from greycloak.plan.rules import RETAINED, Rule, resolve
from greycloak.standard.confidentiality import SUPPLEMENT_SECTION, TABLE_SECTION, Row

if TYPE_CHECKING:
    from greycloak.plan.decisions import Decisions, Position
    from greycloak.standard.dictionary import Entry

DESCRIPTORS = "clean-descriptors"


def listed_rule(decisions: Decisions, tag: int, entry: Entry | None, row: Row, vr: str, at: Position) -> Rule:
    """Decide about an attribute that Table E.1-1 or the supplement lists.

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    tag, vr, entry, at
        The attribute, as `Decisions.rule` knows it.
    row : Row
        The row that lists it.
    """
    type_ = at.type_of(tag)
    retained = _retained(decisions, row, entry, vr) or _cleaned(decisions, tag, entry, row, vr)
    if retained is not None:
        return retained
    action = resolve(row.basic, type_)
    if row.basic == "X/Z/U*" and decisions.profile.references == "map":
        action = "uid"
    if entry and vr == "SQ" and entry.vrs[0] != "SQ":
        action = resolve("X/Z/D", type_)  # no sequence: nothing in it is what it seems
    elif action == "dummy" and entry and entry.vrs[0] == "UI":
        action = "uid"
    source = f"{row.basic}, Type {type_}" if type_ else row.basic
    section = SUPPLEMENT_SECTION if row.reason else TABLE_SECTION
    if entry and entry.vrs[0] in {"DA", "DT"} and decisions.dates.plan is not None and decisions.dates.plan.fixed:
        return Rule(tag, "fixed", f"{source}, dates.policy fixed", section, decisions.dates.plan)
    return Rule(tag, action, source, section)


def _cleaned(decisions: Decisions, tag: int, entry: Entry | None, row: Row, vr: str) -> Rule | None:
    """Return how Clean Descriptors keeps a listed attribute (PS3.15 section E.3.5); None if it does not."""
    is_descriptor = row.under(DESCRIPTORS) == "C" or row.reason.startswith("free text")
    if not decisions.cleans_descriptors or not is_descriptor or entry is None:
        return None
    source = f"{row.basic}, {DESCRIPTORS} C"
    if entry.vrs[0] == "SQ" and vr in {"SQ", "UN", ""}:
        return Rule(tag, "keep", source, TABLE_SECTION)
    if not is_text(entry, vr) or decisions.profile.text.descriptors == "remove":
        return None
    return Rule(tag, decisions.profile.text.descriptors, source, TABLE_SECTION)


def _retained(decisions: Decisions, row: Row, entry: Entry | None, vr: str) -> Rule | None:
    """Return how an option retains a listed attribute; None if none does.

    Where Retain Device Identity says keep and Retain Modified Dates says clean, the date is shifted: the standard
    leaves it open, and this tells less.
    """
    if entry and vr and family_of(entry, vr) == "mismatch":
        return None
    tag = int(row.tag, 16) if "x" not in row.tag else -1
    is_dated = bool(row.under("retain-full-dates"))
    # What only the table knows is retained only where it is a date, which can be checked: those are date times.
    known = entry.vrs[0] if entry is not None else ("DT" if is_dated else "")
    is_date = known in DATE_VRS and (is_dated or known != "SH")
    retaining = [option for option in decisions.profile.applied_options if row.under(option)]
    source = ", ".join([row.basic, *(f"{option} {row.under(option)}" for option in retaining)])
    if is_dated and is_date and known == "TM" and decisions.profile.dates.times == "remove":
        return None
    if "retain-modified-dates" in decisions.options and is_dated and is_date and tag not in PUBLISHED_DATES:
        return Rule(tag, decisions.dates.action, source, TABLE_SECTION, decisions.dates.plan)
    for option in retaining:
        if row.under(option) == "K" and known and (is_date or option != "retain-full-dates"):
            if not is_date:
                return Rule(tag, RETAINED.get(known, "keep"), source, TABLE_SECTION)
            return Rule(tag, "date", source, TABLE_SECTION, decisions.dates.plan if is_dated else decisions.dates.ages)
    return None
