"""Dictionaries of dicom-anonymizer, as JSON: actions and their attributes, or attributes and their action."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from greycloak.profiles.rivals.sheet import Imported, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACTIONS = {
    "delete": "remove",
    "empty": "empty",
    "replace": "dummy",
    "keep": "keep",
    "replace_UID": "uid",
    "empty_or_replace": "Z/D",
    "delete_or_empty": "X/Z",
    "delete_or_replace": "X/D",
    "delete_or_empty_or_replace": "X/Z/D",
    "delete_or_empty_or_replace_UID": "X/Z/U*",
    "clean": "clean",
}
"""What its actions are called here."""

_NUMBER = re.compile(r"(?:0x)?([0-9A-Fa-f]{4})")
_PAIR = 2
_WITH_MASK = 4


def read_dictionary(written: Mapping[str, Any]) -> Imported:
    """Read a dictionary."""
    sheet = Sheet()
    for number, (tag, action) in enumerate(_entries(written), start=1):
        text = f"{_shown(tag)}: {_shown(action)}"
        try:
            target = _target(tag)
        except ValueError as error:
            sheet.refuse(number, text, str(error))
            continue
        if not isinstance(action, str) or action not in ACTIONS:
            why = "a replacement by pattern has no counterpart: 'clean' cuts out what identifies"
            sheet.refuse(number, text, why if isinstance(action, dict) else f"there is no action {_shown(action)}")
            continue
        sheet.act(number, text, [target], ACTIONS[action])
    return sheet.imported()


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _entries(written: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield attributes and what is done to each, of both forms."""
    for key, value in written.items():
        if isinstance(value, list):
            for tag in value:
                yield tag, key
        else:
            yield key, value


def _target(tag: Any) -> str:
    """Return an attribute as profiles name it; four numbers are a tag and its mask."""
    parts = tag if isinstance(tag, list) else re.split(r"[\s,]+", tag.strip("()[] ")) if isinstance(tag, str) else []
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0] if not re.fullmatch(r"[0-9A-Fa-f]{8}", parts[0]) else f"{parts[0][:4]},{parts[0][4:]}"
    numbers = [_hex(part) for part in parts]
    if len(numbers) == _PAIR:
        return ",".join(numbers)
    if len(numbers) == _WITH_MASK:
        return ",".join(_masked(numbers[at], numbers[at + 2]) for at in range(2))
    raise ValueError("names no attribute: expected two numbers, or four with a mask")


def _masked(number: str, mask: str) -> str:
    """Write a number under a mask, as ``60xx``."""
    if set(mask) - {"0", "F"}:
        raise ValueError("a mask that cuts a digit has no counterpart")
    return "".join(digit if bits == "F" else "x" for digit, bits in zip(number, mask, strict=True))


def _hex(part: Any) -> str:
    if isinstance(part, int) and not isinstance(part, bool) and 0 <= part <= 0xFFFF:  # noqa: PLR2004
        return f"{part:04X}"
    found = _NUMBER.fullmatch(part) if isinstance(part, str) else None
    if found is None:
        raise ValueError("names no attribute: expected numbers of four hexadecimal digits")
    return found[1].upper()
