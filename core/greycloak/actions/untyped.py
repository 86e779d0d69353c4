"""Values that need not be text, and those whose VR nobody knows: private attributes in Implicit VR, or encoded as UN.

What may be anything is looked at as anything: as text, person, date and UID at once.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from greycloak.actions.dates import DatePlan, date_value
from greycloak.actions.private import clean_block, is_known_block
from greycloak.actions.uids import map_uids
from greycloak.stream import LOOK_AT_BYTES, LOOK_AT_IT
from greycloak.text.folding import fold
from greycloak.text.gazetteer import is_name
from greycloak.text.vocabulary import is_harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding, Path

    Mapping = Callable[[ObjectContext, bytes, Path], bytes | None]

_ITEM = b"\xfe\xff\x00\xe0"
# Printable, with more than a few characters behind each NUL: numbers hardly ever look like this.
_TEXT = re.compile(rb"[\t\n\f\r -~]*(\0+[\t\n\f\r -~]{3,})*[\0 ]*")
_WORD = re.compile(r"\w+")
_LONGEST_NAME = 64
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
# Components or groups of a name; a power, as in mm^2, is none. Letters may be of any script and encoding.
_PERSON = re.compile(rb"[^\x00-@\[-`{-~]\^(?!-?\d)|\^[^\x00-@\[-`{-~]|[^\x00-\x7f]=|=[^\x00-\x7f]")
_PERSON_IN_BYTES = re.compile(rb"[A-Za-z]{3}\^[A-Za-z]{2}")
_YEAR, _MONTH, _DAY = r"(?:1[89]|2[01])\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]\d|2[0-3])(?::?[0-5]\d){0,2}(?:\.\d{1,6})?(?: ?[+-]\d\d:?\d\d)?"
_DAY_OF_YEAR = rf"{_YEAR}([-./]?){_MONTH}\1{_DAY}"
_DATE = re.compile(rf"{_DAY_OF_YEAR}(?:-{_YEAR}{_MONTH}{_DAY}|[ T]?{_CLOCK}|-)?|-{_YEAR}{_MONTH}{_DAY}|{_YEAR}{_MONTH}")
# Two or four digits are rather a number.
_TIME = re.compile(r"(?=\d{6}|\d\d:|0\d{3}$)(?:[01]\d|2[0-3]):?[0-5]\d(?::?(?:[0-5]\d|60)(?:\.\d{1,6})?)?")
_AGE = re.compile(r"\d{3}[DWMY]")
_UID = re.compile(r"[012](?:\.\d+){3,}")
_FEWEST_COMPONENTS = 6
"""A UID that is not one of these may be a version, and is not worth a new one."""


def bytes_mapping(tag: int) -> Callable[[ObjectContext, bytes, Path], bytes]:
    """Return the mapping of a value that need not be text.

    One that holds items holds who knows what, and goes; so does a block of a known format that cannot be read.
    """

    def mapping(context: ObjectContext, value: bytes, _path: Path) -> bytes:
        if value.startswith(_ITEM):
            return b""
        is_block = is_known_block(value)
        if is_block and clean_block(value) is None:
            context.note("not-cleaned", tag)
            return b""
        return LOOK_AT_IT if not is_block and _TEXT.fullmatch(value) else LOOK_AT_BYTES

    return mapping


def unknown_mapping(
    tag: int, vr: str, encoding: Encoding, plan: DatePlan | None, matches: Callable[[bytes], object] | None = None
) -> Mapping:
    """Return the mapping of an attribute whose VR nobody knows.

    Parameters
    ----------
    tag, vr, encoding
        The attribute.
    plan : DatePlan or None
        What becomes of dates, if they stay. One that would change is removed: it might be a number.
    matches : callable, optional
        Tells whether a value keeps to the VR that it should have; if it does, it stays as it is.
    """
    look_at_bytes = bytes_mapping(tag)

    def mapping(context: ObjectContext, value: bytes, path: Path) -> bytes | None:
        if matches is not None and matches(value):
            return None
        if is_known_block(value):
            return look_at_bytes(context, value, path)
        is_text = not _CONTROL.search(value) and b"\0" not in value.rstrip(b"\0 ")
        parts = [part.strip() for part in value.strip(b"\0 ").decode("latin-1").split("\\")] if is_text else []
        is_person = (_PERSON if is_text else _PERSON_IN_BYTES).search(value)
        if is_person or any(map(_is_name, parts)) or not all(_may_stay(part, plan) for part in parts):
            return b""
        mapped = map_uids(value, context.derive_uid) if any(_UID.fullmatch(part) for part in parts) else None
        if mapped is None:
            return look_at_bytes(context, value, path)
        is_uid = all(_UID.fullmatch(part) and part.count(".") + 1 >= _FEWEST_COMPONENTS for part in parts)
        return encoding.element(tag, vr, mapped) if is_uid else b""

    return mapping


def _is_name(text: str) -> bool:
    """Tell whether a text is nothing but names, and at least one of them no plain word."""
    if not text[:1].isalpha() or len(text) > _LONGEST_NAME:
        return False
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    words = [fold(word) for word in _WORD.findall(text)]
    return all(map(is_name, words)) and not all(map(is_harmless, words))


def _may_stay(text: str, plan: DatePlan | None) -> bool:
    """Tell whether a text is no date, time or age, or one that stays as it is."""
    is_time, is_age = _TIME.fullmatch(text), _AGE.fullmatch(text)
    if not (_DATE.fullmatch(text) or is_time or is_age):
        return True
    if plan is None or plan.fixed:
        return False
    if is_time and not plan.without_times and not _DATE.fullmatch(text):
        return True
    if is_age:
        return date_value(text.encode(), "AS", plan, 0) == text.encode()
    return not (plan.shifted or plan.precision or plan.without_times)
