"""Scripts of CTP's DicomPixelAnonymizer: signatures of devices in braces, and behind each where they burn in text.

Everything else in a script is a remark. What is read becomes rules of a profile, so that one engine decides.
"""

from __future__ import annotations

import re

from greycloak.pixels.area_rules import AreaRule, quoted
from greycloak.pixels.areas import Area
from greycloak.profiles.conditions import parse_condition

_PART = re.compile(r"\{([^{}]*)\}([^{}]*)")
_AREA = re.compile(r"\(\s*(-?\d{1,6})\s*,\s*(-?\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*\)")
_TOKEN = re.compile(
    r"\s*(?:(?P<sign>[+*!()])|(?P<element>[A-Za-z]\w*|\[?[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\]?)"
    r'\.(?P<method>[A-Za-z]+)\(\s*"(?P<value>[^"]*)"\s*\))'
)
_SIGNS = {"+": "or", "*": "and", "!": "not", "(": "(", ")": ")"}
_COMPARED = {"equals": "==", "contains": "contains", "isLessThan": "<", "isGreaterThan": ">"}
_MATCHED = {"startsWith": "^{}", "endsWith": "{}$"}
_LARGEST = 0xFFFF


class ScriptError(ValueError):
    """A script that cannot be read; the message says where."""


def read_script(text: str) -> list[AreaRule]:
    """Read a script.

    Parameters
    ----------
    text : str
        The script. Signatures without areas are passed over.

    Returns
    -------
    list of AreaRule
        In the order of the script. Case does not matter in their conditions, whatever the script says: a device whose
        name is written in another way is masked as well.

    Raises
    ------
    ScriptError
        If a signature cannot be read; nothing is passed over in silence.
    """
    parts = list(_PART.finditer(text))
    if text.count("{") != len(parts) or text.count("}") != len(parts):
        raise ScriptError("a brace is not closed, or stands inside of another")
    rules = []
    for part in parts:
        line = text.count("\n", 0, part.start()) + 1
        areas = tuple(_area(found, line) for found in _AREA.finditer(part[2]))
        condition = _condition(part[1], line)
        if areas:
            rules.append(AreaRule(condition, areas))
    return rules


def _area(found: re.Match[str], line: int) -> tuple[int, int, int, int]:
    """Return an area, without what lies left of the image or above it."""
    area = Area.of_rectangle(*map(int, found.groups())).within(_LARGEST, _LARGEST)
    if area is None:
        raise ScriptError(f"line {line}: an area without pixels")
    return area.rectangle


def _condition(signature: str, line: int) -> str:
    words, at, end = [], 0, len(signature.rstrip())
    while at < end:
        found = _TOKEN.match(signature, at)
        if not found:
            raise ScriptError(f"line {line}: cannot read the signature from its character {at + 1} on")
        words.append(_SIGNS[found["sign"]] if found["sign"] else _comparison(found, line))
        at = found.end()
    condition = " ".join(words)
    try:
        parse_condition(condition)
    except ValueError as error:
        raise ScriptError(f"line {line}: {error}") from error
    return condition


def _comparison(found: re.Match[str], line: int) -> str:
    element, value = found["element"].strip("[]"), found["value"]
    method = found["method"].removesuffix("IgnoreCase")
    if method in _COMPARED:
        operator = _COMPARED[method]
        return f"{element} {operator} {value if operator in '<>' else quoted(value)}"
    if method in _MATCHED:
        return f"{element} matches {quoted(_MATCHED[method].format(re.escape(value)))}"
    if method == "matches":
        return f"{element} matches {quoted(f'^(?:{value})$')}"
    raise ScriptError(f"line {line}: {found['method']} is not known")
