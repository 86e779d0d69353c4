"""Whether a value keeps to its VR (PS3.5 section 6.2), so that it can be kept without a closer look."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Written so that no part can match what the next one could: a long value costs no more than its length.
_NUMBER = rb"[ ]*(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[ ]*)?"
_INTEGER = rb"[ ]*(?:[+-]?\d{1,12}[ ]*)?"
_CODE = rb"[A-Z0-9_ ]{0,16}"
_UID = rb"[0-9.]{0,64}"


def _values(pattern: bytes) -> Callable[[bytes], object]:
    return re.compile(rb"%b(?:\\%b)*\0?" % (pattern, pattern)).fullmatch


CHECKS: dict[str, Callable[[bytes], object]] = {
    "CS": _values(_CODE),
    "DS": _values(_NUMBER),
    "IS": _values(_INTEGER),
    "UI": re.compile(rb"%b(?:\\%b)*[\0 ]*" % (_UID, _UID)).fullmatch,  # padded with spaces by some
}
"""By VR: tells whether raw bytes are values of it. Odd spacing and long decimal strings pass: scanners write them."""

_SIZES = {"AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8}


@cache
def numbers_check(vr: str, vm: str) -> Callable[[bytes], object]:
    """Return what tells whether raw bytes are binary numbers, as many as a VM (``1``, ``2-n``) allows, or none."""
    size = _SIZES[vr]
    if vm.isdigit():
        return lambda value: len(value) in {0, size * int(vm)}
    return lambda value: not len(value) % size
