"""Whether an action makes sense for a VR, and how a replacement is written in it (PS3.5 section 6.2)."""

from __future__ import annotations

import re
import struct
from datetime import date
from typing import TYPE_CHECKING

from greycloak.profiles.actions import ALPHABETS, LIKE_ORIGINAL, expand

if TYPE_CHECKING:
    from greycloak.profiles.actions import Action
    from greycloak.stream import Encoding

MAX_LENGTHS = {"AE": 16, "CS": 16, "DS": 16, "IS": 12, "LO": 64, "LT": 10240, "PN": 194, "SH": 16, "ST": 1024}
"""Longest value by VR, in characters."""

UNDIVIDED_VRS = frozenset({"LT", "ST", "UR", "UT"})
"""VRs with one value, in which a backslash is a character like any other."""

_LONG_TEXTS = frozenset({"UC", "UR", "UT"})
_PATTERNS = {
    "AS": re.compile(r"\d{3}[DWMY]"),
    "CS": re.compile(r"[A-Z0-9_ ]*"),
    "DA": re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "DS": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"),
    "DT": re.compile(r"\d{4,14}(\.\d{1,6})?([+-]\d{4})?"),
    "IS": re.compile(r"[+-]?\d+"),
    "TM": re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"),
    "UI": re.compile(r"(?=.{1,64}$)(0|[1-9]\d*)(\.(0|[1-9]\d*))*"),
}
_NUMBERS = {"FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
NUMBER_VRS = frozenset(_NUMBERS)
"""VRs whose values are binary numbers."""

TEXT_VRS = frozenset("AE CS LO LT PN SH ST UC UR UT".split())
"""VRs whose values are texts of any kind."""

DATED = frozenset({"DA", "DT"})
"""VRs whose values are dates."""

TIMED = frozenset({"TM"})
"""VRs whose values are times of day."""

_SHIFTED = DATED | {"AS", "TM"}


class UnfitError(ValueError):
    """A value cannot be written in a VR."""


def encode_value(text: str | float, vr: str, encoding: Encoding) -> bytes:
    """Write one replacement.

    Raises
    ------
    UnfitError
        If its VR does not allow it.
    """
    if vr in _NUMBERS:
        kind = _NUMBERS[vr]
        try:
            number = float(text) if kind in "df" else _whole(text)
            return struct.pack(f"{'<' if encoding.little else '>'}{kind}", number)
        except (ValueError, struct.error, OverflowError) as error:
            raise UnfitError(f"{text!r} is no value of VR {vr}") from error
    value = str(text)
    if vr == "UN":  # what it really is, nobody knows
        return value.encode("ascii") + b" " * (len(value) % 2)
    if vr in {"DA", "TM"}:
        value = _part_of_time(value, vr)
    limit = MAX_LENGTHS.get(vr)
    pattern = _PATTERNS.get(vr)
    if limit is None and pattern is None and vr not in _LONG_TEXTS:
        raise UnfitError(f"nothing can be written by a rule in VR {vr}")
    for one in value.split("\\") if vr not in UNDIVIDED_VRS else [value]:
        is_wrong = pattern and one and not (pattern.fullmatch(one) and (vr != "DA" or _is_date(one)))
        if (limit and len(one) > limit) or is_wrong:
            raise UnfitError(f"{one!r} is no value of VR {vr}")
    return value.encode("ascii")


def _whole(text: str | float) -> int:
    number = int(text)
    if isinstance(text, float) and number != text:
        raise ValueError(text)
    return number


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _part_of_time(value: str, vr: str) -> str:
    """Return what DA and TM take of a date time, as ``{now}`` gives it."""
    if len(value) == len("20000101000000") and value.isdigit():
        return value[8:] if vr == "TM" else value[:8]
    return value


def check_fits(action: Action, vrs: tuple[str, ...], name: str) -> None:
    """See that an action makes sense for an attribute.

    Raises
    ------
    ValueError
        If it does not; the message names the attribute, its VR and what would.
    """
    said = f"{name} has VR {' or '.join(vrs)}"
    _check_text(action, vrs, said)
    match action.name:
        case "uid" | "U" if not {"UI", "SQ"} & set(vrs):
            raise ValueError(f"{action.name} makes new UIDs, but {said}")
        case "shift" if not _SHIFTED & set(vrs):
            raise ValueError(f"shift moves dates, but {said}")
        case "truncate" if action.value in {"year", "month"} and not DATED & set(vrs):
            raise ValueError(f"truncate to {action.value} is for dates, but {said}")
        case "truncate" if isinstance(action.value, int) and not TEXT_VRS & set(vrs):
            raise ValueError(f"truncate to {action.value} characters is for texts, but {said}")
        case "hash" if action.length and action.length > max(MAX_LENGTHS.get(vr, action.length) for vr in vrs):
            raise ValueError(f"a hash of {action.length} characters is too long: {said}")
        case "hash" if vrs == ("CS",) and not _suits_code(action):
            raise ValueError(f"code strings have capitals, digits, spaces and _ only, and {said}")
        case "script" if "SQ" in vrs:
            raise ValueError(f"a script is given values, but {said}")
        case "replace" | "add":
            _check_replacement(action, vrs, said)


def check_fits_private(action: Action, vr: str, name: str) -> None:
    """See that an action makes sense for a private attribute; one of unknown VR may be anything.

    Raises
    ------
    ValueError
        If it does not.
    """
    if vr not in {"", "UN"} and not (action.name == "shift" and vr in TEXT_VRS):
        check_fits(action, (vr,), name)


def _check_text(action: Action, vrs: tuple[str, ...], said: str) -> None:
    if action.name in {"hash", "pseudonym"}:
        possible = TEXT_VRS if action.name == "hash" else TEXT_VRS - {"CS", "UR"}
        if not possible & set(vrs):
            raise ValueError(f"{action.name} makes a text, but {said}")


def _suits_code(action: Action) -> bool:
    return action.alphabet in {*ALPHABETS, LIKE_ORIGINAL} or bool(_PATTERNS["CS"].fullmatch(action.alphabet.upper()))


def _check_replacement(action: Action, vrs: tuple[str, ...], said: str) -> None:
    from greycloak.stream.encoding import EXPLICIT_LITTLE  # noqa: PLC0415

    value = action.value
    example = expand(value, "p", "S-1", 1, "20000101000000") if isinstance(value, str) else value
    for vr in vrs:
        try:
            encode_value(example if example is not None else "", vr, EXPLICIT_LITTLE)
        except UnfitError:
            continue
        return
    raise ValueError(f"{action.name}: {value!r} does not fit, {said}")
