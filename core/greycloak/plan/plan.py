"""A profile, prepared: which of its rules hold for an object, and the level of its data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.outcomes import Refused
from greycloak.plan.decisions import Decisions, Position
from greycloak.plan.levels import PlannedLevel
from greycloak.standard.iods import iod_of

if TYPE_CHECKING:
    from greycloak.profiles import Profile
    from greycloak.profiles.conditions import Values
    from greycloak.stream import Encoding

_MAX_LEVELS = 256


class Plan:
    """What a profile does, prepared.

    Parameters
    ----------
    profile : Profile
        The profile.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._decisions: dict[tuple[tuple[int, ...], bool], Decisions] = {}
        self._tops: dict[tuple[object, ...], PlannedLevel] = {}
        actions = [line.action for line in profile.all_lines]
        self.condition_tags = frozenset(
            tag for rule in profile.rules if rule.condition is not None for tag in rule.condition.tags
        )
        self.needs_subject = any(action.needs_subject for action in actions)
        modified = "retain-modified-dates" in profile.options and profile.dates.policy in {None, "shift"}
        self.shifts = modified or any(action.name == "shift" for action in actions)

    def rules_for(self, sop_class: str, values: Values) -> tuple[int, ...]:
        """Return which of the profile's conditional rules hold for an object.

        Parameters
        ----------
        sop_class : str
            Its SOP Class UID.
        values : dict
            Its values of the attributes in `condition_tags`.

        Raises
        ------
        Refused
            If such an object is to be quarantined.
        """
        profile = self._profile
        if not profile.sop_classes.let_pass(sop_class):
            raise Refused("sop-class-denied")
        holding = []
        for number, rule in enumerate(profile.rules):
            if rule.may_fit(sop_class) and (rule.condition is None or rule.condition.holds(values)):
                if rule.quarantine:
                    raise Refused("denied-by-rule", f"rules.{number}")
                holding.append(number)
        return tuple(holding)

    def top(
        self,
        sop_class: str,
        encoding: Encoding,
        *,
        encapsulated: bool,
        rules: tuple[int, ...] = (),
        pixels_cleaned: bool = False,
    ) -> PlannedLevel:
        """Return the level of the data set itself.

        Parameters
        ----------
        sop_class : str
            The object's SOP Class UID.
        encoding : Encoding
            Layout of its elements.
        encapsulated : bool
            Whether its Pixel Data may consist of fragments.
        rules : tuple of int
            Which of the profile's conditional rules hold.
        pixels_cleaned : bool
            Whether what the object says of its pixels is said anew.
        """
        key = (sop_class, encoding, encapsulated, rules, pixels_cleaned)
        found = self._tops.get(key)
        if found is None:
            if len(self._tops) >= _MAX_LEVELS:
                self._tops.clear()
            if len(self._decisions) >= _MAX_LEVELS:
                self._decisions.clear()
            known = rules, pixels_cleaned
            decisions = self._decisions.get(known)
            if decisions is None:
                decisions = self._decisions[known] = Decisions(self._profile, rules, pixels_cleaned=pixels_cleaned)
            at = Position(iod_of(sop_class), is_top=True, paths=decisions.paths.top)
            found = self._tops[key] = PlannedLevel(decisions, encoding, at, encapsulated=encapsulated)
        return found
