"""What a profile really keeps, whatever its options say; known once what the core needs is installed."""

from __future__ import annotations

from typing import NamedTuple

from GreycloakLib import choices


class ReallyKept(NamedTuple):
    """What the boxes of the options show.

    Attributes
    ----------
    held : frozenset of str
        The options whose attributes stay.
    choosable : frozenset of str
        The options that the profile can have.
    """

    held: frozenset[str]
    choosable: frozenset[str]


def really_kept(name: str) -> ReallyKept:
    """Ask the core; until it can be asked, every option can be chosen, and none holds that is not written."""
    every = frozenset(option.name for option in choices.options())
    try:
        from greycloak.profiles import ProfileError, UnknownProfileError, load_profile  # noqa: PLC0415  may be missing
        from greycloak.profiles.options import GENERAL_OPTIONS  # noqa: PLC0415
        from greycloak.reporting.left import options_that_hold  # noqa: PLC0415
    except ImportError:
        return ReallyKept(frozenset(), every)
    try:
        profile = load_profile(name)
    except (ProfileError, UnknownProfileError):
        return ReallyKept(frozenset(), every)
    choosable = every if profile.listed == "basic" else every & GENERAL_OPTIONS
    return ReallyKept(options_that_hold(profile), choosable)
