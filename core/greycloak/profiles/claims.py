"""What a profile may claim: read off its lines and options, never off its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.profiles.values import DATED, TIMED
from greycloak.standard.confidentiality import rows, supplement
from greycloak.standard.dictionary import attributes, entry_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.profiles.actions import Action
    from greycloak.profiles.lines import TagRule
    from greycloak.profiles.model import Profile


_CLEANING = frozenset({"shift", "C", "clean", "vocabulary"})


def leaves_more(line: TagRule, options: tuple[str, ...]) -> bool:
    """Tell whether a line leaves more of an attribute than Table E.1-1, the supplement and the options do."""
    action = line.action
    opens_sequences = action.name in {"uid", "U", "X/Z/U*"}
    if not action.leaves_something and not opens_sequences:
        return False
    if line.target.private is not None:
        return True
    for tag, row in (*rows().items(), *supplement().items()):
        entry = entry_for(int(tag.replace("x", "0"), 16)) if tag != "private" else None
        if tag == "private" or not line.target.touches(tag, entry.vrs if entry else ()):
            continue
        if opens_sequences:
            # Of a sequence, a new UID means that the rest of its items stays.
            if entry and "SQ" in entry.vrs and row.basic not in {"U", "X/Z/U*"}:
                return True
            continue
        allowed = {code for option in options if (code := row.under(option))}
        if "K" not in allowed and not ("C" in allowed and action.name in _CLEANING):
            return True
    return False


def what_becomes_of_dates(profile: Profile) -> str:
    """Return what Longitudinal Temporal Information Modified (0028,0303) says: UNMODIFIED, MODIFIED or REMOVED."""
    if "retain-modified-dates" in profile.options:
        return "MODIFIED"
    keeps_all = profile.listed == "by-vr" and profile.unlisted == "keep" and profile.dates.policy is None
    if "retain-full-dates" in profile.options or keeps_all:
        is_changed = profile.dates.times == "remove" or _reach(profile, DATED | TIMED, _changes)
        return "MODIFIED" if is_changed else "UNMODIFIED"
    keeps_times = profile.listed == "by-vr" and profile.unlisted == "keep" and profile.dates.policy == "fixed"
    if keeps_times and not _reach(profile, TIMED, lambda action: not action.leaves_something):
        return "MODIFIED"
    keeps_unseen = profile.dates.policy is None and (profile.unlisted == "keep" or profile.private.others == "keep")
    keeps_some = keeps_unseen or _reach(profile, DATED | TIMED, lambda action: action.leaves_something)
    return "MODIFIED" if keeps_some else "REMOVED"


def _reach(profile: Profile, vrs: frozenset[str], does: Callable[[Action], bool]) -> bool:
    """Tell whether a line that does something may be about an attribute of some VRs."""
    targets = [line.target for line in profile.all_lines if does(line.action)]
    return any(
        target.fits(tag, entry.vrs) for tag, entry in attributes().items() if vrs & set(entry.vrs) for target in targets
    )


def _changes(action: Action) -> bool:
    """Tell whether an action may leave something else than was there."""
    return action.name not in {"keep", "K", "by-vr", "C", "clean", "vocabulary"}
