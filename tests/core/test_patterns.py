"""Regular expressions of profiles: they match what Python's do, and no pattern and no text can make them hang."""

from __future__ import annotations

import random
import re
import time

import pytest

from greycloak import Quarantined
from greycloak.outcomes import Refused
from greycloak.profiles import ProfileError, parse_profile
from greycloak.profiles.patterns import MAX_LENGTH, Pattern
from support import ct, encode, make_engine

PATTERNS = [
    "", "a", "^example", "Scanners$", "a.p", r"\bscan", r"\Bcan\b", "(a|b)*c", "(?:ab)+", "(?P<x>a)b?", "a{2,3}",
    "a{2}b", "a{,2}b", "a{1,}", "x{", "a{b}", "a{1}", "[a-c]+x", "[^a-c]x", "[]x]+", "[^]x]y", r"[\]a]b",
    r"\d+\.\d*", r"\w\W",
    r"\x41b", r"\u00e4", "a|", "|b", "()a", "(|a)b", "^$", "^a$|^b$", "a*?b", "a??b", r"\Aab\Z", r"a\|b", r"\.", "ä+",
    "(a*)*b", "(a|aa)+$", "(x+x+)+y", r"(\w+\s?)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", r"a\Sb", r"\s", "]", "}",
]  # fmt: skip
HOSTILE = [
    "(a*)*b",
    "(a|a)*b",
    "(a+)+$",
    "(x+x+)+y",
    r"^(\w+\s?)*$",
    "(a|b|ab)*bc",
    "(.*)*(.*)*(.*)*z",
    "(a?){100}a{100}b",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_it_matches_what_python_matches(pattern):
    expected = re.compile(pattern, re.IGNORECASE)
    mine = Pattern(pattern)
    rng = random.Random(pattern)
    alphabet = "aAbBcxXyz .|\n1_äÄ]{}-&"
    texts = ["", "Example Scanners", "scan", "can scan", "ab", "aab", "aaab", "x{", "a{b}", "A1.5b", "a|b", "ab\n", *(
        "".join(rng.choices(alphabet, k=rng.randint(0, 9))) for _ in range(300)
    )]  # fmt: skip
    for text in texts:
        if text.endswith("\n"):
            continue  # Python's $ matches before a last line's end, too
        assert mine.is_in(text) == (expected.search(text) is not None), (pattern, text)


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_pattern_hangs(pattern):
    mine = Pattern(pattern)
    started = time.perf_counter()
    for text in ("a" * 20_000, "x" * 20_000, "ab" * 10_000, "a b " * 5_000 + "!"):
        mine.is_in(text)
    assert time.perf_counter() - started < 10


def test_the_time_grows_with_the_text():
    def seconds(size):
        mine = Pattern("(a|b)*a(a|b){12}c")
        text = "".join(random.Random(1).choices("ab", k=size))
        started = time.perf_counter()
        assert not mine.is_in(text)
        return time.perf_counter() - started

    seconds(1000)
    assert seconds(16_000) < 40 * max(seconds(2_000), 0.005)


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", "(?=a)", "(?!a)", "(?<=a)b", "(?i)a", "a++", "(?>a)", "(?(1)a|b)", "(?P=x)"]
)
def test_what_needs_more_than_a_walk_over_the_text_is_refused(pattern):
    with pytest.raises(ValueError, match=r"regular expression|not possible here"):
        Pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["a{5000}", "(a{99}){99}", "(" * 200 + ")" * 200, "a" * 2000, "(((a{9}){9}){9}){9}"]
)
def test_what_is_too_large_is_refused(pattern):
    with pytest.raises(ValueError, match=r"too long|times|too deep"):
        Pattern(pattern)


def test_a_profile_with_such_a_pattern_is_refused_in_words():
    rules = [{"if": "Manufacturer matches '(?=a)'", "quarantine": True}]
    with pytest.raises(ProfileError, match="not possible here"):
        parse_profile({"name": "t", "rules": rules})


def test_a_hostile_object_is_done_in_time(folder):
    rules = ({"if": "ImageComments matches '^(([a-z])+.)+[A-Z]([a-z])+$'", "quarantine": True},)
    engine = make_engine(folder, rules=rules)
    started = time.perf_counter()
    outcome = engine.deidentify(encode(ct(ImageComments="a" * 10_000 + "!")))
    assert time.perf_counter() - started < 5
    assert not isinstance(outcome, Quarantined) or outcome.reason == "denied-by-rule"


def test_a_text_that_is_too_long_is_quarantined_not_passed(folder):
    engine = make_engine(folder, rules=({"if": "TextValue matches 'zzz'", "quarantine": True},))
    assert engine.deidentify(encode(ct(TextValue="a" * (MAX_LENGTH + 1)))).reason == "too-large"
    with pytest.raises(Refused):
        Pattern("z").is_in("a" * (MAX_LENGTH + 1))
