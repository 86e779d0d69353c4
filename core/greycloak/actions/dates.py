"""Dates and times: shift them by whole days, or see that they are what they claim (PS3.5 section 6.2).

Times of day are kept by a shift, so intervals between all dates and times of one subject stay what they were.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.stream import Encoding

DATE_VRS = frozenset({"AS", "DA", "DT", "SH", "TM"})
"""VRs of dates, times and ages; SH is that of Timezone Offset From UTC (0008,0201)."""

_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d{2})(?:(?P<day>\d{2})(?P<time>(?:\d{2}){0,3}(?:(?<=\d{14})\.\d{1,6})?))?)?"
    r"(?P<zone>[+-]\d{4})?"
)
_TIME = re.compile(r"([01]\d|2[0-3])(?::?[0-5]\d(?::?([0-5]\d|60)(\.\d{1,6})?)?)?")
_AGE = re.compile(r"\d{3}[DWMY]")
_ZONE = re.compile(r"[+-]\d{4}")
# Dates that stand for none: shifted, they would tell by how many days everything is shifted.
_PLACEHOLDERS = frozenset({"19000101", "19700101"})
_MIDDLE_OF_MONTH, _MIDDLE_OF_YEAR = 15, 7


def shift_value(value: bytes, vr: str, days: int) -> bytes | None:
    """Shift every date in a raw value of DA or DT; check one of TM, AS or a time zone (SH).

    Parameters
    ----------
    value : bytes
        One or several values, or ranges of dates.
    vr : str
        Its VR.
    days : int
        By how many days; 0 only checks.

    Returns
    -------
    bytes or None
        The new value; None if any part of the old one is not what the VR says.
    """
    try:
        values = value.strip(b"\0 ").decode("ascii").split("\\")
        return "\\".join(_shifted(one.strip(), vr, days) for one in values).encode("ascii")
    except (ValueError, OverflowError):
        return None


def _shifted(text: str, vr: str, days: int) -> str:
    if not text:
        return text
    if vr == "DA":
        return "-".join(part and _shifted_date(part, days) for part in _range(text))
    if vr == "DT":
        return _shifted_date_time(text, days)
    pattern = {"TM": _TIME, "AS": _AGE, "SH": _ZONE}[vr]
    if not pattern.fullmatch(text):
        raise ValueError
    return text


def _range(text: str) -> list[str]:
    parts = text.split("-")
    if len(parts) > 2 or not any(parts):  # noqa: PLR2004  from and to
        raise ValueError
    return parts


def _shifted_date(text: str, days: int) -> str:
    if text in _PLACEHOLDERS:
        return text
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError
    return _written(date(*map(int, found.groups())) + timedelta(days))


def _shifted_date_time(text: str, days: int) -> str:
    """Shift a date time; one without day or month as if it were the middle of what it tells."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day, time, zone = (found[name] for name in ("year", "month", "day", "time", "zone"))
    if time and not _TIME.fullmatch(time):
        raise ValueError
    if f"{year}{month}{day}" in _PLACEHOLDERS:
        return text
    start = date(int(year), int(month or _MIDDLE_OF_YEAR), int(day or _MIDDLE_OF_MONTH))
    digits = 4 + 2 * bool(month) + 2 * bool(day)
    return _written(start + timedelta(days))[:digits] + (time or "") + (zone or "")


def _written(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def date_mapping(
    tag: int, vr: str, encoding: Encoding, otherwise: bytes, *, shift: bool
) -> Callable[[ObjectContext, bytes], bytes | None]:
    """Return the mapping of one attribute, for the splicer.

    Parameters
    ----------
    tag, vr, encoding
        The attribute.
    otherwise : bytes
        The element that replaces one whose value is not valid.
    shift : bool
        Whether to shift by the subject's days; otherwise the value is only checked.
    """

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        days = context.days if shift else 0
        new = shift_value(value, vr, days)
        if new is None:
            return otherwise
        return encoding.element(tag, vr, new) if days and vr in {"DA", "DT"} and new else None

    return mapping
