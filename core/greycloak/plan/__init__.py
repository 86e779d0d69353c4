"""From a profile to what is done with each element of an object."""

from greycloak.plan.decisions import Decisions, Position
from greycloak.plan.levels import PlannedLevel
from greycloak.plan.plan import Plan
from greycloak.plan.rules import Rule, resolve

__all__ = ["Decisions", "Plan", "PlannedLevel", "Position", "Rule", "resolve"]
