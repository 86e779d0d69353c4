"""What a profile leaves is told to whoever is about to choose it."""

from __future__ import annotations

import pytest

from greycloak import load_profile
from greycloak.profiles import available_profiles
from greycloak.profiles.options import RETAIN_OPTIONS
from greycloak.reporting.left import direct_identifiers_left, options_that_hold


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


@pytest.mark.parametrize("name", ["basic", "clinical-trial", "sharing"])
def test_of_the_basic_profile_those_options_hold_that_it_has(name):
    profile = load_profile(name)
    assert options_that_hold(profile) == frozenset(profile.options) & frozenset(RETAIN_OPTIONS)


@pytest.mark.parametrize("option", RETAIN_OPTIONS)
def test_each_option_alone_holds_alone(option):
    profile = load_profile("basic")
    with_option = type(profile).model_validate(profile.model_dump(by_alias=True) | {"options": (option,)})
    assert options_that_hold(with_option) == {option}


def test_what_else_stays_is_told_as_if_it_were_an_option():
    research = options_that_hold(load_profile("research"))
    assert {"retain-full-dates", "retain-patient-characteristics", "retain-institution-identity"} <= research
    assert "retain-uids" not in research
    custom = options_that_hold(load_profile("custom"))
    assert "retain-safe-private" in custom
    assert "retain-uids" not in custom
    assert not options_that_hold(load_profile("whitelist")) & {"retain-full-dates", "retain-institution-identity"}
