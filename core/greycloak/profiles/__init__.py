"""Profiles: what a user may choose, as small TOML files (or the same structure as JSON)."""

from greycloak.profiles.actions import Action
from greycloak.profiles.errors import ProfileError, UnknownProfileError
from greycloak.profiles.load import available_profiles, load_profile, parse_profile, profile_schema, unusable_profiles
from greycloak.profiles.model import Profile

__all__ = [
    "Action",
    "Profile",
    "ProfileError",
    "UnknownProfileError",
    "available_profiles",
    "load_profile",
    "parse_profile",
    "profile_schema",
    "unusable_profiles",
]
