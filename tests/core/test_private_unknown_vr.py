"""Private attributes of which nobody knows the VR: in Implicit VR, or encoded as UN. They are looked at as anything."""

from __future__ import annotations

import time

import pytest

from greycloak import Deidentified
from raw_elements import EXPLICIT, IMPLICIT, SECRET, explicit, implicit, one_item, with_element
from support import decode, encode, make_engine, named

CREATOR, OWN = (0x00270010, b"ACME 1.0"), 0x00271002
SAFE = {"safe": ("0027[ACME 1.0]xx",)}
# Inside a sequence that every CT image may have.
REGIONS = 0x00082218


@pytest.fixture(scope="module")
def engine(folder):
    return make_engine(folder, options=["retain-safe-private"], private=SAFE)


@pytest.fixture(scope="module")
def keeping_dates(folder):
    return make_engine(folder, options=["retain-safe-private", "retain-full-dates"], private=SAFE)


@pytest.fixture(scope="module")
def shifting(folder):
    return make_engine(folder, options=["retain-safe-private", "retain-modified-dates"], private=SAFE)


def block(value, syntax):
    value += b" " * (len(value) % 2)
    if syntax == IMPLICIT:
        return implicit(*CREATOR) + implicit(OWN, value)
    return explicit(CREATOR[0], "LO", CREATOR[1]) + explicit(OWN, "UN", value)


def image(value, syntax=IMPLICIT, *, nested=False):
    if not nested:
        return with_element(CREATOR[0], block(value, syntax), syntax)
    items = one_item(block(value, syntax))
    element = implicit(REGIONS, items) if syntax == IMPLICIT else explicit(REGIONS, "SQ", items)
    return with_element(REGIONS, element, syntax)


def left_of(engine, value, syntax=IMPLICIT, *, nested=False):
    """Anonymize, and return what is left of a private value; None if it is gone."""
    outcome = engine.deidentify(image(value, syntax, nested=nested))
    assert isinstance(outcome, Deidentified), outcome
    output = decode(outcome.to_bytes())
    held = output[REGIONS][0] if nested else output
    if OWN not in held:
        return None
    raw = held[OWN].value
    return (raw if isinstance(raw, bytes) else str(raw).encode()).rstrip(b"\0 ")


everywhere = pytest.mark.parametrize(
    ("syntax", "nested"),
    [(IMPLICIT, False), (IMPLICIT, True), (EXPLICIT, False), (EXPLICIT, True)],
    ids=["implicit", "implicit, nested", "UN", "UN, nested"],
)


@everywhere
@pytest.mark.parametrize(
    "value",
    [
        b"Roe^Richard", b"Roe^", b"^Richard", b"ROE^RICHARD^^DR", b"R\xf6e^J\xf6rg", "Ρόε^Ριχάρδος".encode(),
        b"\x1b$B;3ED\x1b(B^\x1b$BB@O:", b"epi\\Roe^Richard", b"Roe^Richard\0\1\0\0",
        b"-" * 5000 + b"Roe^Richard", "山田=山田".encode(),
        b"Roe Richard", b"RICHARD", "Müller".encode(), b"M\xfcller, Richard", b"epi\\Tanaka",
        b"20200102", b"2020.01.02", b"2020-01-02", b"19570412\\fine", b"20200102-20200203", b"20200102-", b"-20200102",
        b"20200102101112", b"20200102101112.123456+0100", b"2020-01-02T10:11:12", b"202001",
        b"101112", b"101112.5", b"10:11", b"10:11:12", b"0815", b"062Y",
        b"1.2.3.4.2", b"1.2.3.4",
        one_item(implicit(0x00100010, SECRET)), b"MRN-4711",
    ],
)  # fmt: skip
def test_what_may_be_a_person_a_date_or_an_item_goes(engine, value, syntax, nested):
    assert left_of(engine, value, syntax, nested=nested) is None


@everywhere
def test_what_is_known_is_blanked_among_bytes(engine, syntax, nested):
    left = left_of(engine, b"\0\1\2MRN-4711\0\3", syntax, nested=nested)
    assert left == b"\0\1\2" + b" " * 8 + b"\0\3"


@everywhere
def test_what_is_known_is_cut_out_of_a_text(engine, syntax, nested):
    assert left_of(engine, b"by Jonathan", syntax, nested=nested) == b"by"


@everywhere
@pytest.mark.parametrize(
    "value",
    [
        b"epi fast", b"Linear", b"Gradient Echo", b"Head", b"Siemens", b"Brown", b"A1",
        b"1000", b"1", b"-0.5\\0.25", b"12", b"2D", b"mm^2", b"x^-1", b"LINEAR\\NONE", b"1.5", b"VE11.2.3",
        b"a=1", b"20201402", b"99999999", b"12345678", b"256000", b"1e-05", b"\0\0\x80\x3f", b"\xe8\3",
        b"1.2.840.10008.5.1.4.1.1.4",
    ],
)  # fmt: skip
def test_what_is_none_of_these_stays(engine, value, syntax, nested):
    assert left_of(engine, value, syntax, nested=nested) == value.rstrip(b"\0 ")


@everywhere
def test_a_uid_is_mapped_like_all_others(engine, syntax, nested):
    foreign = b"1.2.826.0.1.3680043.8.498.77"
    mapped = left_of(engine, foreign, syntax, nested=nested)
    assert mapped.startswith(b"2.25.")
    assert mapped == left_of(engine, foreign + b"\0", syntax, nested=nested)
    both = left_of(engine, foreign + b"\\" + foreign, syntax, nested=nested)
    assert both == mapped + b"\\" + mapped
    assert left_of(engine, foreign + b"\\fine", syntax, nested=nested) is None


def test_retained_uids_stay(folder):
    keeping = make_engine(folder, options=["retain-safe-private", "retain-uids"], private=SAFE)
    assert left_of(keeping, b"1.2.3.4.2") == b"1.2.3.4.2"


def test_dates_stay_where_they_stay_as_they_are(keeping_dates, shifting):
    for value in (b"20200102", b"20200102101112", b"101112", b"062Y", b"202001"):
        assert left_of(keeping_dates, value) == value
    # Shifted, a number would be another one; times of day and ages are not shifted.
    for value, left in ((b"20200102", None), (b"20200102101112", None), (b"101112", b"101112"), (b"062Y", b"062Y")):
        assert left_of(shifting, value) == left


def test_times_and_ages_follow_the_policy(folder):
    options = ["retain-safe-private", "retain-full-dates"]
    engine = make_engine(folder, options=options, private=SAFE, dates={"times": "remove", "max_age": 89})
    for value, left in ((b"101112", None), (b"20200102", None), (b"062Y", b"062Y"), (b"093Y", None)):
        assert left_of(engine, value) == left


def test_no_name_of_a_site_s_own_list_passes_a_real_object(folder):
    """A file that pydicom ships, in Implicit VR."""
    original = decode(named("MR_small_implicit.dcm"))
    private = original.private_block(0x0027, "ACME 1.0", create=True)
    private.add_new(0x02, "PN", "Roe^Richard")
    private.add_new(0x03, "LO", "epi fast")
    changes = {"options": ["retain-modified-dates", "retain-safe-private"], "private": SAFE}
    outcome = make_engine(folder, **changes).deidentify(encode(original, IMPLICIT))
    assert isinstance(outcome, Deidentified), outcome
    output = outcome.to_bytes()
    assert b"Roe" not in output
    assert b"epi fast" in output


@pytest.mark.parametrize(
    ("value", "stays"),
    [(b"101112", True), (b"20200102", True), (b"Roe^Richard", False), (b"1.2.3.4.2", False), (b"epi", True)],
)
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT], ids=["implicit", "UN"])
def test_a_number_of_the_standard_s_list_that_is_none_is_looked_at_as_anything(folder, value, stays, syntax):
    """(0019,xx0C) [SIEMENS MR HEADER], an IS."""
    engine = make_engine(folder, options=["retain-safe-private"])
    value += b" " * (len(value) % 2)
    creator = 0x00190010, b"SIEMENS MR HEADER "
    if syntax == IMPLICIT:
        raw = implicit(*creator) + implicit(0x0019100C, value)
    else:
        raw = explicit(creator[0], "LO", creator[1]) + explicit(0x0019100C, "UN", value)
    outcome = engine.deidentify(with_element(creator[0], raw, syntax))
    assert isinstance(outcome, Deidentified), outcome
    assert (0x0019100C in decode(outcome.to_bytes())) == stays


def test_long_values_take_no_longer_than_their_length(engine):
    for pattern in (b"1.", b"20200102-", b"1", b"A^-", b"10:11:", b"\\", b" "):
        started = time.perf_counter()
        engine.deidentify(image(pattern * 500_000))
        assert time.perf_counter() - started < 60, pattern  # what is not linear takes hours
