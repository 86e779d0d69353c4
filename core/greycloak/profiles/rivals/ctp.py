"""Scripts of CTP's DicomAnonymizer: XML, or the older lines of properties."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError, fromstring

from greycloak.profiles.rivals.sheet import Imported, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

_CALL = re.compile(r"@(\w+)\((.*)\)", re.DOTALL)
_PROPERTY = re.compile(r"(#?)\s*(param|set|keep|remove)\.([^=]*)=(.*)")
_BRACKETED = re.compile(r"\[?([0-9A-Fa-fXx]{4})[,]?([0-9A-Fa-fXx]{4})\]?.*")
_GROUP = re.compile(r"(?:group)?\[?([0-9A-Fa-f]{4})\]?")
_SUBJECT = frozenset({"00100010", "00100020"})
_PLAIN = {
    "keep": "keep",
    "remove": "remove",
    "empty": "empty",
    "hashuid": "uid",
    "hashdate": "shift",
    "require": "keep",
}
_REMOVED = {"overlays": "60xx,xxxx", "curves": "50xx,xxxx"}
_MODIFIED = {("*", "*", "1"): "month", ("*", "1", "1"): "year"}
_MAX_HASH = 64
_MIN_HASH = 4


class ScriptError(ValueError):
    """A script that cannot be read at all."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a script: a parameter (p), an element (e), what is kept (k) or removed (r)."""

    number: int
    kind: str
    is_on: bool
    target: str
    value: str

    @property
    def text(self) -> str:
        return f"{self.target} = {self.value}" if self.value else self.target


def read_ctp(text: str) -> Imported:
    """Read a script.

    Raises
    ------
    ScriptError
        If it is none.
    """
    entries = list(_from_xml(text) if text.lstrip().startswith("<") else _from_properties(text))
    if not entries:
        raise ScriptError("there is no line of a DicomAnonymizer script in it")
    parameters = {entry.target: entry.value.strip() for entry in entries if entry.kind == "p"}
    sheet = Sheet()
    for entry in entries:
        if entry.kind == "p":
            sheet.note(entry.number, entry.text, "a parameter: its value stands where it is used")
        elif not entry.is_on:
            sheet.note(entry.number, entry.text, "is switched off in the script")
        elif entry.kind == "e":
            _element(sheet, entry, parameters)
        elif entry.kind == "k":
            _kept(sheet, entry)
        else:
            _removed(sheet, entry)
    return sheet.imported()


def _from_xml(text: str) -> Iterator[_Entry]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ScriptError("it defines entities, which no script needs")
    try:
        root = fromstring(text)  # noqa: S314  without entities there is nothing to expand
    except ParseError as error:
        raise ScriptError(f"it is no XML: {error}") from None
    lines = [element for element in root.iter() if element.tag in {"p", "e", "k", "r"}]
    for number, element in enumerate(lines, start=1):
        is_on = element.get("en", "T") == "T"
        yield _Entry(number, element.tag, is_on, element.get("t", ""), (element.text or "").strip())


def _from_properties(text: str) -> Iterator[_Entry]:
    kinds = {"param": "p", "set": "e", "keep": "k", "remove": "r"}
    for number, line in enumerate(text.splitlines(), start=1):
        found = _PROPERTY.fullmatch(line.strip())
        if found:
            yield _Entry(number, kinds[found[2]], not found[1], found[3].strip(), found[4].strip())


def _element(sheet: Sheet, entry: _Entry, parameters: dict[str, str]) -> None:
    line = entry.number, entry.text
    found = _BRACKETED.fullmatch(entry.target)
    if found is None:
        private = re.fullmatch(r"\[?([0-9A-Fa-f]{4}\[[^\]]+\][0-9A-Fa-f]{2})\]?.*", entry.target)
        if private is None:
            sheet.refuse(*line, "names no attribute")
            return
        tag, target = "", private[1]
    else:
        tag, target = f"{found[1]}{found[2]}".lower(), f"{found[1]},{found[2]}"
    try:
        action, said = _action(entry.value, tag, parameters)
    except ValueError as error:
        sheet.refuse(*line, str(error))
        return
    if isinstance(action, dict) and "days" in action:
        shift = dict.fromkeys(("min_days", "max_days"), action["days"])
        if sheet.written.get("dates", {}).get("shift", shift) != shift:
            sheet.refuse(*line, "dates are shifted by one number of days: another line has another one")
            return
        sheet.put(*line, {"dates": {"shift": shift}, "tags": {target: "shift"}}, said)
        return
    sheet.act(*line, [target], action, said)


def _action(value: str, tag: str, parameters: dict[str, str]) -> tuple[Any, str]:
    """Return what is done, as profiles write it, and how to say so.

    Raises
    ------
    ValueError
        If it cannot be said in a profile.
    """
    call = _CALL.fullmatch(value.strip())
    if call is None:
        if "@" in value:
            raise ValueError("calls several functions: write a rule or a script of your own")
        return ({"replace": value} if value else "empty"), ""
    name, arguments = call[1].lower(), [part.strip().strip('"') for part in call[2].split(",")]
    if name in _PLAIN:
        return _PLAIN[name], "keyed: other UIDs than CTP's" if name == "hashuid" else ""
    if name == "hashptid" or (name in {"hash", "hashname"} and tag in _SUBJECT):
        return "pseudonym", "the subject's pseudonym: keyed, another than CTP's"
    own = _OF_FUNCTION.get(name)
    if own is None:
        raise ValueError(f"@{call[1]} has no counterpart: write a rule or a script of your own")
    return own(arguments, parameters)


def _parameter(text: str, parameters: dict[str, str]) -> str:
    name = text.removeprefix("@").removeprefix("param(").removesuffix(")").removeprefix("@")
    if not text.startswith("@"):
        return text
    if name not in parameters:
        raise ValueError(f"there is no parameter {name}")
    return parameters[name]


def _blank(_arguments: list[str], _parameters: dict[str, str]) -> tuple[Any, str]:
    return "empty", "empty, instead of blanks"


def _param(arguments: list[str], parameters: dict[str, str]) -> tuple[Any, str]:
    value = _parameter(f"@{arguments[0].removeprefix('@')}", parameters)
    return ({"replace": value} if value else "empty"), ""


def _hash(arguments: list[str], parameters: dict[str, str]) -> tuple[Any, str]:
    asked = _parameter(arguments[1], parameters) if len(arguments) > 1 else ""
    length = int(asked) if asked.isdigit() else _MIN_HASH * 4
    return {"hash": {"length": max(_MIN_HASH, min(_MAX_HASH, length)), "alphabet": "digits"}}, "keyed, other than CTP's"


def _increment(arguments: list[str], parameters: dict[str, str]) -> tuple[Any, str]:
    days = _parameter(arguments[-1], parameters)
    if not re.fullmatch(r"-?\d{1,6}", days):
        raise ValueError("@incrementdate needs a number of days")
    return {"days": int(days)}, f"dates are shifted by {int(days)} days"


def _modify(arguments: list[str], parameters: dict[str, str]) -> tuple[Any, str]:
    wanted = tuple(_parameter(part, parameters) for part in arguments[1:])
    if wanted not in _MODIFIED:
        raise ValueError("@modifydate can be kept where it leaves the year, or year and month")
    return {"truncate": _MODIFIED[wanted]}, ""


def _truncate(arguments: list[str], parameters: dict[str, str]) -> tuple[Any, str]:
    length = _parameter(arguments[-1], parameters)
    if not re.fullmatch(r"[1-9]\d{0,4}", length):
        raise ValueError("@truncate can be kept where it leaves the beginning")
    return {"truncate": int(length)}, ""


_OF_FUNCTION = {
    "blank": _blank,
    "param": _param,
    "hash": _hash,
    "hashname": _hash,
    "incrementdate": _increment,
    "modifydate": _modify,
    "truncate": _truncate,
}


def _kept(sheet: Sheet, entry: _Entry) -> None:
    found = _GROUP.fullmatch(entry.target)
    if found is None:
        safe = entry.target.lower() in {"safeprivateelements", "safeprivate"}
        if safe:
            sheet.put(entry.number, f"keep {entry.target}", {"options": ["retain-safe-private"]}, "retain-safe-private")
        else:
            sheet.refuse(entry.number, f"keep {entry.target}", "names no group")
        return
    target = f"{found[1]},0000-{found[1]},FFFF"
    sheet.act(entry.number, f"keep group {found[1]}", [target], "keep", "kept, also what Table E.1-1 takes from it")


def _removed(sheet: Sheet, entry: _Entry) -> None:
    line, name = (entry.number, f"remove {entry.target}"), entry.target.lower()
    if name == "privategroups":
        sheet.note(*line, "private attributes go anyway")
    elif name == "unspecifiedelements":
        sheet.put(*line, {"unlisted": "remove"}, 'unlisted = "remove"')
    elif name in _REMOVED:
        sheet.act(*line, [_REMOVED[name]], "remove")
    else:
        sheet.refuse(*line, "names nothing that can be removed")
