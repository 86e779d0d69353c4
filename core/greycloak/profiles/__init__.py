"""Profiles: what a user may choose, as small TOML files (or the same structure as JSON)."""

from greycloak.profiles.load import UnknownProfileError, available_profiles, load_profile
from greycloak.profiles.model import Dates, DateShift, Pixels, Profile, Subjects, Uids

__all__ = [
    "DateShift",
    "Dates",
    "Pixels",
    "Profile",
    "Subjects",
    "Uids",
    "UnknownProfileError",
    "available_profiles",
    "load_profile",
]
