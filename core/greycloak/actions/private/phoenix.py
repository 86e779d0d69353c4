r"""The measurement protocol of Siemens (MrPhoenixProtocol), of which the lines between ASCCONV markers are kept.

They read ``sKSpace.lBaseResolution = 128``. Numbers stay; of texts only those that say how was measured. All that is
around these lines (an XProtocol with names of patients, users and sites) goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greycloak.actions.private.search import Find

_BEGIN, _END = "### ASCCONV BEGIN", "### ASCCONV END ###"
_MAX_LINES = 50_000
# The names of variables begin with their type, as in alTE[0], ucMode, sSliceArray.lSize.
_NAME = r"[a-z]{1,4}[A-Z0-9]\w{0,48}(?:\[\d{1,5}\]){0,3}"
_LINE = re.compile(rf"({_NAME}(?:\.{_NAME}){{0,8}})[ \t]*=[ \t]*(\S.*)")
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{0,16})?(?:[eE][+-]?\d{1,3})?|0x[0-9a-fA-F]{1,8}")
# What tells of the patient, or who, when and where.
_PERSONAL = re.compile(r"patient|birth|uid|measid|time(?:stamp|ofday)|serial|study", re.IGNORECASE)
_DATE = re.compile(r"(?:1[89]|2[01])\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{0,6}")
_TEXTS = (
    (re.compile(r"tSequenceFileName"), re.compile(r"%(?:Siemens|Customer)Seq%\\{1,2}[A-Za-z0-9_]{1,32}")),
    (re.compile(r".*\.tCoilID|.*\.sCoilStringForConversion|.*\.tElement"), re.compile(r"[A-Za-z0-9_;,:-]{1,40}")),
    (re.compile(r"sProtConsistencyInfo\.t(?:Measured)?BaselineString"), re.compile(r"N4_V[A-Z]\d{2}[A-Z]\w{0,24}")),
    (re.compile(r".*\.tNucleus"), re.compile(r"\d{1,3}[A-Z][a-z]?")),
)


def is_protocol(value: bytes) -> bool:
    """Tell whether a value is a text with a protocol in it."""
    return _BEGIN.encode() in value


def clean_protocol(value: bytes, find: Find) -> bytes | None:
    """Return the lines that may stay, between their markers; None if there are none."""
    lines = cleaned_lines(value.decode("latin-1"), find)
    return "\n".join([f"{_BEGIN} ###", *lines, _END, ""]).encode("ascii") if lines else None


def cleaned_lines(text: str, find: Find) -> list[str]:
    """Return the lines of a protocol that may stay."""
    _, _, behind = text.partition(_BEGIN)
    inside, _, _ = behind.partition(_END)
    found = [_LINE.fullmatch(line.strip()) for line in inside.split("\n")[1 : _MAX_LINES + 1]]
    pairs = [(line[1], line[2].partition(" #")[0].rstrip()) for line in found if line]  # a comment may follow
    lines = [f"{key}\t = \t{value}" for key, value in pairs if _may_stay(key, value)]
    return [line for line in lines if not find(line)]


def _may_stay(key: str, value: str) -> bool:
    if not key.isascii() or _PERSONAL.search(key):
        return False
    if _NUMBER.fullmatch(value):
        return not _DATE.fullmatch(value)
    text = value.strip('"')
    is_quoted = value in {f'"{text}"', f'""{text}""'}
    return is_quoted and any(name.fullmatch(key) and pattern.fullmatch(text) for name, pattern in _TEXTS)
