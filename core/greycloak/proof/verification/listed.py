"""Attributes of Table E.1-1 that still hold what the claimed profile and options would have removed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.actions.dummies import dummy_value
from greycloak.actions.stamps import DERIVATION_DESCRIPTION
from greycloak.profiles.options import CLEAN_PIXEL_DATA
from greycloak.proof.verification.objects import SEALED
from greycloak.standard.confidentiality import rows
from greycloak.standard.dictionary import entry_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.objects import Element, Read
    from greycloak.standard.confidentiality import Row
    from greycloak.stream.levels import Path as TagPath

DATED = frozenset({"DA", "DT"})
_DUMMY = re.compile(
    r"anon(ymi[sz]ed|ymous|ym)?|unknown|none|removed|dummy|redacted|not ?specified|n/?a|no ?value|default|[0.:]*"
    r"|(0001|1111|1800|1900|1970|2000|9999)0101[0.]*|[a-z]",
    re.IGNORECASE,
)
_FILE_META_GROUP = 0x0002


@lru_cache(maxsize=8192)
def standard_row(tag: int) -> Row | None:
    """Return the row of Table E.1-1 for an attribute; the supplement is Greycloak's own business."""
    key = f"{tag:08x}"
    candidates = (key, f"{key[:2]}xx{key[4:]}", f"{key[:2]}xxxxxx")
    return next((rows()[name] for name in candidates if name in rows()), None)


def is_dummy(text: str, tag: int, vr: str) -> bool:
    """Tell whether a value stands for nobody: everybody's is the same."""
    entry = entry_for(tag)
    own = dummy_value(entry.keyword, vr).decode("latin-1").strip() if entry and vr not in {"SQ", "UN"} else ""
    plain = text.strip().strip("^= ")
    return plain == own or _DUMMY.fullmatch(plain) is not None


def listed_problems(read: Read, original: Read | None, claim: Claim) -> Iterator[tuple[Element, str]]:
    """Yield the elements that still hold something they should not, and what is wrong.

    Parameters
    ----------
    read : Read
        The object.
    original : Read or None
        What it was made from, if that is known: only then a value can be told from a dummy.
    claim : Claim
        What it claims.
    """
    reported: set[TagPath] = set()
    for element in read.elements:
        row = standard_row(element.tag)
        is_hidden = any(element.path[:length] in reported for length in range(1, len(element.path)))
        if row is None or not element.has_value or is_hidden or SEALED in element.path or claim.retains(row):
            continue
        if _is_said_of_pixels(element, original, claim):
            continue
        what = _problem(element, row, original)
        if what:
            reported.add(element.path)
            yield element, what


def _is_said_of_pixels(element: Element, original: Read | None, claim: Claim) -> bool:
    """Tell whether an element says how the pixels were cleaned: they are derived (PS3.15 section E.3.1)."""
    is_said = CLEAN_PIXEL_DATA in claim.options and element.path == (DERIVATION_DESCRIPTION,)
    return is_said and (original is None or element.text not in original.texts.get(element.way, ()))


def _problem(element: Element, row: Row, original: Read | None) -> str:
    code = row.basic
    must_stay = element.type in {"1", "1C"} or _is_mandatory(element)
    if element.items >= 0:
        return "" if must_stay or set(code) & set("DU") else f"still has items: {code} in Table E.1-1"
    if element.vr == "UI" and "U" in code:
        return ""  # whether it still points to an original is another question
    if code == "X" and not must_stay:
        is_harmless = bool(element.text) and is_dummy(element.text, element.tag, element.vr)
        return f"{'a dummy that should be gone' if is_harmless else 'still there'}: X in Table E.1-1"
    if not element.text or is_dummy(element.text, element.tag, element.vr):
        return ""
    if original is None:
        return f"a date that no claimed option retains: {code} in Table E.1-1" if element.vr in DATED else ""
    is_same = element.text in original.texts.get(element.way, ())
    return f"same value as in the original: {code} in Table E.1-1" if is_same else ""


def _is_mandatory(element: Element) -> bool:
    """Tell whether the file meta information needs it."""
    return element.tag >> 16 == _FILE_META_GROUP


def unlisted_dates(read: Read, original: Read, claim: Claim) -> Iterator[tuple[Element, str]]:
    """Yield dates that are those of the original although they should not be."""
    if claim.retains_dates:
        return
    dates = [element for element in read.elements if element.vr in DATED and element.text]
    # Dates that were truncated to the month or year look so everywhere; a first of January may then be itself.
    is_coarse = all(element.text[6:8] in {"", "01"} for element in dates)
    for element in dates:
        row = standard_row(element.tag)
        if is_coarse or is_dummy(element.text, element.tag, element.vr) or SEALED in element.path:
            continue
        if row is not None and not claim.retains(row):
            continue  # told as an attribute of the table
        if row is not None and not claim.modifies_dates:
            continue
        if row is not None and _kept_by_another_option(row, claim):
            continue
        if element.text in original.texts.get(element.way, ()):
            what = "modified dates (113107) are claimed" if claim.modifies_dates else "no claimed option retains it"
            yield element, f"same date as in the original: {what}"


def _kept_by_another_option(row: Row, claim: Claim) -> bool:
    return any(row.under(option) == "K" for option in claim.options)
