"""Names of people and places, and the words beside which they stand. All functions take folded words."""

from __future__ import annotations

from functools import cache

from greycloak.text._words import by_kind, lines_of, rows_of


@cache
def _given() -> frozenset[str]:
    return frozenset(lines_of("given.txt"))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(lines_of("surnames.txt"))


@cache
def _places() -> frozenset[str]:
    return frozenset(lines_of("places.txt"))


@cache
def _towns() -> frozenset[str]:
    return frozenset(lines_of("towns.txt"))


@cache
def _roles() -> dict[str, frozenset[str]]:
    return by_kind((kind, word) for word, kind in rows_of("roles.tsv"))


def is_name(word: str) -> bool:
    """Tell whether a word is a given name or a surname. It may be a plain word as well."""
    return word in _given() or word in _surnames()


def is_given_name(word: str) -> bool:
    """Tell whether a word is a given name, as "maria"."""
    return word in _given()


def is_surname(word: str) -> bool:
    """Tell whether a word is a surname, as "kowalski"."""
    return word in _surnames()


def is_place(phrase: str) -> bool:
    """Tell whether a word, or words with blanks between, are a city, as "paris" or "new york". Countries are none."""
    return phrase in _places()


def is_town(phrase: str) -> bool:
    """Tell whether a word, or words with blanks between, are a city or a town; many are plain words as well."""
    return phrase in _places() or phrase in _towns()


def titles() -> frozenset[str]:
    """Return what stands before or behind a name, as "dr", "md", "herr", "先生"."""
    return _roles()["title"]


def roles() -> frozenset[str]:
    """Return what says who is named beside it, as "tech", "operator", "patient", "arzt"."""
    return _roles()["role"]


def institution_words() -> frozenset[str]:
    """Return what the name of an institution is made of, as "hospital", "klinikum", "ward"."""
    return _roles()["institution"]
