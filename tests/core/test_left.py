"""What a profile leaves is told to whoever is about to choose it."""

from __future__ import annotations

import pytest

from greycloak import load_profile
from greycloak.profiles import available_profiles
from greycloak.reporting.left import direct_identifiers_left


@pytest.mark.parametrize("name", ["basic", "clinical-trial", "sharing", "whitelist", "scramble"])
def test_profiles_that_remove_identity_leave_none(name):
    assert direct_identifiers_left(load_profile(name)) == ()


def test_profiles_that_do_not_say_what_stays():
    assert {"birth date", "accession number", "comments", "private attributes"} <= {
        *direct_identifiers_left(load_profile("custom"))
    }
    left = direct_identifiers_left(load_profile("site-table"))
    assert "birth date" in left
    assert "accession number" not in left
    for name in available_profiles():
        assert load_profile(name).removes_identity or direct_identifiers_left(load_profile(name))
