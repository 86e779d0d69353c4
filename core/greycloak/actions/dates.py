"""Dates and times: shift or coarsen them, and see that they are what they claim (PS3.5 section 6.2).

Times of day are kept by a shift, so intervals between all dates and times of one subject stay what they were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding

DATE_VRS = frozenset({"AS", "DA", "DT", "SH", "TM"})
"""VRs of dates, times and ages; SH is that of Timezone Offset From UTC (0008,0201)."""

_FULL_DATE = re.compile(rb"[ ]*(?:1[89]|2[01])\d\d\.?\d\d\.?\d\d")
_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d{2})(?:(?P<day>\d{2})(?P<time>(?:\d{2}){0,3}(?:(?<=\d{14})\.\d{1,6})?))?)?"
    r"(?P<zone>[+-]\d{4})?"
)
_TIME = re.compile(r"([01]\d|2[0-3])(?::?[0-5]\d(?::?([0-5]\d|60)(\.\d{1,6})?)?)?")
_AGE = re.compile(r"\d{3}[DWMY]")
_ZONE = re.compile(r"[+-]\d{4}")
FIXED_DATE = "19000101"
# Dates that stand for none: shifted, they would tell by how many days everything is shifted.
_PLACEHOLDERS = frozenset({"00010101", "18581117", "19000101", "19700101", "99991231"})
_MIDDLE_OF_MONTH, _MIDDLE_OF_YEAR = 15, 7
_PER_YEAR = {"D": 365.2425, "W": 52.1775, "M": 12, "Y": 1}
_DIGITS = {"year": 4, "month": 6}
_NAMES = {"AS": "age", "DA": "date", "DT": "date", "TM": "time", "SH": "time-zone"}


@dataclass(frozen=True, slots=True)
class DatePlan:
    """What becomes of valid dates and times.

    Attributes
    ----------
    shifted : bool
        Whether they are shifted by the subject's days.
    precision : str
        ``year`` or ``month``: tell no more than that (a DA still has eight digits, and ends in 01).
    fixed : bool
        Whether every date becomes 19000101.
    without_times : bool
        Whether date times lose their time of day.
    max_age : int or None
        Ages above so many years become that many.
    """

    shifted: bool = False
    precision: str = ""
    fixed: bool = False
    without_times: bool = False
    max_age: int | None = None


KEPT = DatePlan()


# Other spellings that leave no doubt: the year comes first, and an age without a unit is one of years.
_ISO = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(\.\d{1,6})?)?(?:(Z)|([+-]\d{2}):?(\d{2}))?)?"
)
_LONG_DATE = re.compile(r"(\d{8})(?:\d{2}){1,3}(?:\.\d+)?")
_LOOSE_AGE = re.compile(r"(\d{1,3}) ?([DWMY]?)")


def readable(value: bytes, vr: str) -> bytes | None:
    """Return a value of DA, DT or AS as the standard spells it, if it leaves no doubt; None if it does, or none is."""
    try:
        texts = value.strip(b"\0 ").decode("ascii").split("\\")
    except UnicodeDecodeError:
        return None
    spelled = [_spelled(text.strip().upper(), vr) for text in texts]
    return None if None in spelled else "\\".join(filter(None, spelled)).encode("ascii")


def _spelled(text: str, vr: str) -> str | None:
    if vr == "AS":
        age = _LOOSE_AGE.fullmatch(text)
        return age and f"{int(age[1]):03d}{age[2] or 'Y'}"
    found = _ISO.fullmatch(text) if vr in {"DA", "DT"} else None
    if found is None:
        long_date = _LONG_DATE.fullmatch(text) if vr == "DA" else None
        return long_date and long_date[1]
    day = f"{found[1]}{int(found[3]):02d}{int(found[4]):02d}"
    if vr == "DA":
        return day
    time, zone = "".join(filter(None, found.group(5, 6, 7, 8))), "".join(filter(None, found.group(10, 11)))
    return day + time + ("+0000" if found[9] else zone)


def date_value(value: bytes, vr: str, plan: DatePlan, days: int) -> bytes | None:
    """Change every date in a raw value of DA, DT or AS; check one of TM or a time zone (SH).

    Parameters
    ----------
    value : bytes
        One or several values, or ranges of dates.
    vr : str
        Its VR.
    plan : DatePlan
        What becomes of it.
    days : int
        By how many days it is shifted, if it is.

    Returns
    -------
    bytes or None
        The new value; None if any part of the old one is not what the VR says.
    """
    try:
        values = value.strip(b"\0 ").decode("ascii").split("\\")
        return "\\".join(_changed(one.strip(), vr, plan, days if plan.shifted else 0) for one in values).encode("ascii")
    except (ValueError, OverflowError):
        return None


def _changed(text: str, vr: str, plan: DatePlan, days: int) -> str:
    if not text:
        return text
    if vr == "DA":
        return "-".join(part and _changed_date(part, plan, days) for part in _range(text))
    if vr == "DT":
        return _changed_date_time(text, plan, days)
    pattern = {"TM": _TIME, "AS": _AGE, "SH": _ZONE}[vr]
    if not pattern.fullmatch(text):
        raise ValueError
    if vr == "AS" and plan.max_age is not None and int(text[:3]) / _PER_YEAR[text[3]] >= plan.max_age + 1:
        return f"{plan.max_age:03d}Y"
    return text


def _range(text: str) -> list[str]:
    parts = text.split("-")
    if len(parts) > 2 or not any(parts):  # noqa: PLR2004  from and to
        raise ValueError
    return parts


def _changed_date(text: str, plan: DatePlan, days: int) -> str:
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError
    if "".join(found.groups()) in _PLACEHOLDERS:
        return text
    day = date(*map(int, found.groups()))
    if plan.fixed:
        return FIXED_DATE
    if plan.precision:
        return f"{day.year:04d}{day.month if plan.precision == 'month' else 1:02d}01"
    return _written(day + timedelta(days)) if days else text


def _changed_date_time(text: str, plan: DatePlan, days: int) -> str:
    """Change a date time; one without day or month is shifted as if it were the middle of what it tells."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day, time, zone = (found[name] for name in ("year", "month", "day", "time", "zone"))
    if time and not _TIME.fullmatch(time):
        raise ValueError
    start = date(int(year), int(month or _MIDDLE_OF_YEAR), int(day or _MIDDLE_OF_MONTH))
    told = 4 + 2 * bool(month) + 2 * bool(day)
    kept_time = "" if plan.without_times or plan.precision else (time or "") + (zone or "")
    if f"{year}{month}{day}" in _PLACEHOLDERS:
        return _written(start) + kept_time
    if plan.fixed:
        return FIXED_DATE
    if plan.precision:
        return _written(start)[: min(told, _DIGITS[plan.precision])]
    return _written(start + timedelta(days))[:told] + kept_time


def _written(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def date_mapping(
    tag: int, vr: str, encoding: Encoding, otherwise: bytes, plan: DatePlan
) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of one attribute, for the splicer.

    Parameters
    ----------
    tag, vr, encoding
        The attribute.
    otherwise : bytes
        The element that replaces one whose value is not valid.
    plan : DatePlan
        What becomes of valid values.
    """

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        new = date_value(value, vr, plan, context.days)
        if new is None:
            spelled = readable(value, vr)
            new = None if spelled is None else date_value(spelled, vr, plan, context.days)
            if new is not None:
                context.notes[f"repaired: {_NAMES[vr]} {name_of(tag)}"] = None
        if new is None:
            context.note(f"invalid-{_NAMES[vr]}", tag)
            return otherwise
        return None if new == value.strip(b"\0 ") else encoding.element(tag, vr, new)

    return mapping


def text_date_mapping(
    tag: int, vr: str, encoding: Encoding, otherwise: bytes, plan: DatePlan
) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of a private text, or value of unknown VR, that a line of the profile calls a date."""

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        kinds = ("DA", "DT") if _FULL_DATE.match(value) else ()
        new = next((new for kind in kinds if (new := date_value(value, kind, plan, context.days)) is not None), None)
        if new is None:
            context.note("invalid-date", tag)
            return otherwise
        return None if new == value.strip(b"\0 ") else encoding.element(tag, vr, new)

    return mapping
