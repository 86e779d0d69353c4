"""Decide about attributes as the profile's own lines ask, where that makes sense for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from greycloak.plan.families import is_text
from greycloak.plan.kept_dates import truncated
from greycloak.plan.rules import Rule, resolve
from greycloak.plan.unlisted import by_vr
from greycloak.profiles.actions import COMPOUND_CODES
from greycloak.profiles.values import check_fits, check_fits_private

if TYPE_CHECKING:
    from greycloak.plan.decisions import Decisions, Position
    from greycloak.profiles import Action
    from greycloak.profiles.lines import TagRule
    from greycloak.standard.dictionary import Entry


def asked_rule(
    decisions: Decisions, line: TagRule, tag: int, vr: str, entry: Entry | None, at: Position
) -> Rule | None:
    """Decide as a line of the profile asks; None where it leaves it to what would be done without it.

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    line : TagRule
        The line.
    tag, vr, entry, at
        The attribute, as `Decisions.rule` knows it.
    """
    asked, type_ = line.action, at.type_of(tag)
    source, section = asked_source(line), f"profile {decisions.profile.name}"
    name = {"K": "keep", "C": "clean", "X": "remove"}.get(asked.name, asked.name)
    if name in {"clean", "vocabulary"}:
        is_cleaned = not tag >> 16 & 1 and is_text(entry, vr)
        return Rule(tag, name, source, section, asked=asked) if is_cleaned else None
    if name == "by-vr":
        if entry is None or tag >> 16 & 1:
            return Rule(tag, "remove", f"{source}, unknown to PS3.6", section)
        return replace(by_vr(decisions, tag, entry, vr, at, "safe"), section=section)
    if name in COMPOUND_CODES:
        name = resolve(name, type_)
    is_private = bool(tag >> 16 & 1)
    name = _sensible_private(name, asked, entry) if is_private else _sensible(name, asked, entry, type_)
    if name == "replace" and line.target.vr:
        name = "replace-each"
    if name == "add" and not at.is_top:
        name = "replace"
    if name == "shift":
        return decisions.dates.shifted(tag, source, section, asked, type_)
    if name == "truncate":
        return truncated(tag, source, section, asked)
    return Rule(tag, name, source, section, asked=asked)


def asked_source(line: TagRule) -> str:
    """Return how a report names a line."""
    return f"[tags] {line.target.text} = {line.action}"


def _sensible(name: str, asked: Action, entry: Entry | None, type_: str | None) -> str:
    """Return the action itself, or what takes its place where it makes no sense for an attribute."""
    if entry is None:
        return "keep" if name == "keep" else "remove"  # no VR is known to write
    if not _fits(asked, entry, name):
        name = resolve("X/Z/D", type_)
    return "uid" if name == "dummy" and entry.vrs[0] == "UI" else name


def _sensible_private(name: str, asked: Action, entry: Entry | None) -> str:
    """Return the action itself, or ``unfit`` where it makes no sense for a private attribute."""
    vr = entry.vrs[0] if entry else ""
    try:
        check_fits_private(replace(asked, name=name, length=None), vr, "")
    except ValueError:
        return "unfit"
    return "uid" if name == "dummy" and vr == "UI" else name


def _fits(asked: Action, entry: Entry, name: str) -> bool:
    """Tell whether an action that was asked for many attributes makes sense for this one."""
    try:
        check_fits(replace(asked, name=name, length=None), entry.vrs, "")
    except ValueError:
        return False
    return True
