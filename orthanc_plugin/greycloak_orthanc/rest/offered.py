"""Which profiles callers may ask for: by default those that remove the patient's identity."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from greycloak.profiles import ProfileError, UnknownProfileError, available_profiles, load_profile
from greycloak.reporting.left import direct_identifiers_left
from greycloak_orthanc.rest.answers import RestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.profiles import Profile
    from greycloak_orthanc.config import Settings


def offered_profiles(settings: Settings) -> Iterator[Profile]:
    """Yield them, in the order of their names; what is wrong with others, the log has said at the start."""
    for name in available_profiles():
        with suppress(ProfileError, UnknownProfileError):
            profile = load_profile(name)
            if _is_offered(settings, profile):
                yield profile


def check_offered(settings: Settings, asked: str | None) -> Profile:
    """Return the profile that is asked for, the configured one if none is.

    Raises
    ------
    RestError
        403 if callers may not ask for it.
    """
    profile = load_profile(asked or settings.profile)
    if not _is_offered(settings, profile):
        raise RestError(
            HTTPStatus.FORBIDDEN,
            f"the profile {profile.name} is not offered here: the setting 'Profiles' of Greycloak names those that are",
        )
    return profile


def _is_offered(settings: Settings, profile: Profile) -> bool:
    # What the configuration itself uses, somebody has chosen on purpose.
    if profile.name == settings.profile:
        return True
    return profile.removes_identity if settings.profiles is None else profile.name in settings.profiles


def profile_view(settings: Settings, profile: Profile) -> dict[str, Any]:
    """Return what callers are told of a profile."""
    return {
        "Name": profile.name,
        "Title": profile.title,
        "Options": profile.options,
        "RemovesIdentity": profile.removes_identity,
        "Leaves": direct_identifiers_left(profile),
        "IsDefault": profile.name == settings.profile,
    }
