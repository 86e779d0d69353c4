"""Decide about dates, times and ages that stay: shifted, shortened, set to one day, or as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.actions.dates import DatePlan
from greycloak.plan.rules import UNLISTED_SECTION, Rule, resolve

if TYPE_CHECKING:
    from greycloak.profiles import Action, Profile

PUBLISHED_DATES = frozenset({0x00080106, 0x00080107})
"""Versions of code sets are published: shifted, they would tell by how many days everything is shifted."""


class KeptDates:
    """What a profile says of dates that stay.

    Parameters
    ----------
    profile : Profile
        The profile.

    Attributes
    ----------
    plan : DatePlan or None
        What becomes of dates that an option or the policy keeps; None if they are treated like the rest.
    ages : DatePlan
        What becomes of ages that an option keeps.
    """

    def __init__(self, profile: Profile) -> None:
        self._said = profile.dates
        self.plan = _date_plan(profile)
        self.ages = DatePlan(max_age=profile.dates.max_age)

    @property
    def action(self) -> str:
        """What is done to dates that stay."""
        if self.plan is None:
            return "date"
        if self.plan.fixed:
            return "fixed"
        return "shift" if self.plan.shifted else ("truncate" if self.plan.precision else "date")

    def rule(self, tag: int, vr: str, source: str, by_type: str, *, keeps: bool) -> Rule:
        """Decide about a date, time or age that no table lists.

        Parameters
        ----------
        tag, vr, source
            The attribute.
        by_type : str
            What becomes of it if nothing keeps it.
        keeps : bool
            Whether it stays if nothing is said of dates.
        """
        plan, said = self.plan, self._said
        if vr == "TM" and said.times == "remove":
            return Rule(tag, by_type, f"{source}, dates.times remove", UNLISTED_SECTION)
        if plan is not None and plan.shifted and tag in PUBLISHED_DATES:
            return Rule(tag, by_type, f"{source}, published", UNLISTED_SECTION)
        if plan is not None and (not plan.fixed or vr in {"DA", "DT"}):
            return Rule(tag, self.action, source, UNLISTED_SECTION, plan)
        if not keeps or said.policy == "remove":
            return Rule(tag, by_type, source, UNLISTED_SECTION)
        if said.times == "remove" or said.max_age is not None:
            kept = DatePlan(without_times=said.times == "remove", max_age=said.max_age)
            return Rule(tag, "date", source, UNLISTED_SECTION, kept)
        return Rule(tag, "keep", source, UNLISTED_SECTION)

    def shifted(self, tag: int, source: str, section: str, asked: Action, type_: str | None) -> Rule:
        """Return the rule by which a line of the profile shifts a date."""
        if tag in PUBLISHED_DATES:
            return Rule(tag, resolve("X/Z/D", type_), f"{source}, but published", section)
        dates = self._said
        plan = DatePlan(shifted=True, without_times=dates.times == "remove", max_age=dates.max_age)
        return Rule(tag, "shift", source, section, plan, asked)


def _date_plan(profile: Profile) -> DatePlan | None:
    """Return what becomes of dates that an option or the policy keeps; None if they are treated like the rest."""
    dates = profile.dates
    without_times = dates.times == "remove"
    if "retain-modified-dates" in profile.options:
        if dates.policy in {"year", "month"}:
            return DatePlan(precision=dates.policy, max_age=dates.max_age)
        return DatePlan(shifted=True, without_times=without_times, max_age=dates.max_age)
    if "retain-full-dates" in profile.options:
        return DatePlan(without_times=without_times, max_age=dates.max_age)
    return DatePlan(fixed=True) if dates.policy == "fixed" else None


def truncated(tag: int, source: str, section: str, asked: Action) -> Rule:
    """Return the rule by which a line of the profile truncates a date or cuts a text."""
    if asked.value in {"year", "month"}:
        return Rule(tag, "truncate", source, section, DatePlan(precision=str(asked.value)), asked)
    return Rule(tag, "cut", source, section, asked=asked)
