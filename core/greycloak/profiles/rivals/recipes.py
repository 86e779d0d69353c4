"""Recipes of pydicom's deid: a header section, and filters that say where pixels are masked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from greycloak.pixels.area_rules import quoted
from greycloak.profiles.rivals.sheet import Imported, Sheet
from greycloak.standard.dictionary import keywords, tag_for_keyword

_SECTION = re.compile(r"%(header|filter|labels|fields|values)\b\s*(\S*)", re.IGNORECASE)
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),?\s?([0-9A-Fa-f]{4})\)?")
_VERBS = {"REMOVE": "remove", "BLANK": "empty", "KEEP": "keep"}
_SUBJECT = frozenset({"PatientID", "PatientName"})
_CONDITIONS = {
    "contains": "{0} contains {1}",
    "notcontains": "not {0} contains {1}",
    "equals": "{0} == {1}",
    "notequals": "{0} != {1}",
    "missing": "not {0} exists",
    "present": "{0} exists",
    "empty": '{0} == ""',
    "notempty": '{0} exists and not {0} == ""',
}
_JOINED = re.compile(r"\s*(\+|\|\|)?\s*(" + "|".join(sorted(_CONDITIONS, key=len, reverse=True)) + r")\s+(\w+)\s*(.*)")
_COORDINATES = 4
_UID = re.compile(r".*UID$")


class RecipeError(ValueError):
    """A recipe that cannot be read at all."""


@dataclass
class _Label:
    """A filter that is being read: on what it depends, and where it masks."""

    number: int
    name: str
    conditions: list[str] = field(default_factory=list)
    areas: list[list[int]] = field(default_factory=list)
    trouble: str = ""


@dataclass
class _Reader:
    sheet: Sheet = field(default_factory=Sheet)
    section: str = ""
    label: _Label | None = None

    def read(self, text: str) -> Imported:
        for number, raw in enumerate(text.splitlines(), start=1):
            line = raw.split("#", 1)[0].strip() if raw.strip().startswith("#") else raw.strip()
            if not line or line.upper().startswith("FORMAT"):
                continue
            found = _SECTION.match(line)
            if found:
                self.end_label()
                self.section = found[1].lower()
                if self.section in {"fields", "values"}:
                    self.sheet.refuse(number, line, "lists of fields and values are filled in Python: name attributes")
            elif self.section == "header":
                self.header(number, line)
            elif self.section == "filter":
                self.filter(number, line)
            elif self.section == "labels":
                self.sheet.note(number, line, "a remark for programs: nothing is done")
            elif not self.section:
                self.sheet.refuse(number, line, "stands in no section")
        self.end_label()
        return self.sheet.imported()

    def header(self, number: int, line: str) -> None:
        verb, _, rest = line.partition(" ")
        name, _, value = rest.strip().partition(" ")
        targets = _targets(name)
        if not targets:
            self.sheet.refuse(number, line, f"{name or 'this'} names no attribute that can be listed beforehand")
            return
        if targets == ["*"]:
            self.every(number, line, verb.upper())
            return
        value = value.strip()
        if verb.upper() in _VERBS:
            self.sheet.act(number, line, targets, _VERBS[verb.upper()])
        elif verb.upper() in {"REPLACE", "ADD"}:
            self.replace(number, line, targets, (verb.lower(), value))
        elif verb.upper() == "JITTER":
            self.jitter(number, line, targets, value)
        else:
            self.sheet.refuse(number, line, f"there is no action {verb}")

    def every(self, number: int, line: str, verb: str) -> None:
        if verb == "REMOVE":
            self.sheet.put(number, line, {"unlisted": "remove"}, 'unlisted = "remove"; what is named stays')
        elif verb == "BLANK":
            self.sheet.put(number, line, {"unlisted": "remove"}, 'unlisted = "remove": nothing empty is left behind')
        else:
            self.sheet.refuse(number, line, "everything would stay: if that is meant, take base = 'custom'")

    def replace(self, number: int, line: str, targets: list[str], verb_and_value: tuple[str, str]) -> None:
        verb, value = verb_and_value
        if not re.match(r"(var|func|deid_func):", value):
            self.sheet.act(number, line, targets, {verb: value})
        elif set(targets) <= _SUBJECT:
            self.sheet.act(number, line, targets, "pseudonym", "the subject's pseudonym, instead of a value of Python")
        elif all(_UID.match(target) for target in targets):
            self.sheet.act(number, line, targets, "uid", "a new UID, keyed, instead of a function of Python")
        else:
            why = 'takes a value of Python: write the text, or { script = "module:function" }'
            self.sheet.refuse(number, line, why)

    def jitter(self, number: int, line: str, targets: list[str], value: str) -> None:
        if re.fullmatch(r"-?\d{1,6}", value):
            shift = dict.fromkeys(("min_days", "max_days"), int(value))
            if self.sheet.written.get("dates", {}).get("shift", shift) != shift:
                self.sheet.refuse(number, line, "dates are shifted by one number of days: another line has another one")
                return
            part: dict[str, Any] = {"dates": {"shift": shift}, "tags": dict.fromkeys(targets, "shift")}
            self.sheet.put(number, line, part, f"dates are shifted by {int(value)} days")
        else:
            said = "dates are shifted by days of the subject's own, which derive from the key"
            self.sheet.act(number, line, targets, "shift", said)

    def filter(self, number: int, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word.upper() == "LABEL":
            self.end_label()
            self.label = _Label(number, rest.strip())
        elif self.label is None:
            self.sheet.refuse(number, line, "stands under no LABEL")
        elif word.lower() in {"coordinates", "ctpcoordinates"}:
            self.coordinates(word.lower(), rest)
        elif word.lower() in {"keepcoordinates", "ctpkeepcoordinates"}:
            self.label.trouble = f"{word} keeps a part and masks the rest, which a rule cannot say"
        else:
            self.condition(line)

    def coordinates(self, word: str, text: str) -> None:
        assert self.label is not None
        numbers = [int(float(part)) for part in re.findall(r"-?\d+(?:\.\d+)?", text)]
        if len(numbers) != _COORDINATES:
            self.label.trouble = f"{word} {text}: expected four numbers"
            return
        left, top, third, fourth = numbers
        # deid's are corners, and CTP's a corner and a size.
        size = [third - left, fourth - top] if word == "coordinates" else [third, fourth]
        self.label.areas.append([left, top, *size])

    def condition(self, line: str) -> None:
        assert self.label is not None
        found = _JOINED.fullmatch(line)
        if found is None or not (tag_for_keyword(found[3]) or _TAG.fullmatch(found[3])):
            self.label.trouble = f"{line}: no condition that a rule can say"
            return
        values = [part for part in found[4].strip().split("|") if part]
        tests = [_CONDITIONS[found[2].lower()].format(found[3], quoted(value)) for value in values or [""]]
        joiner = " and " if found[2].startswith("not") else " or "
        test = f"({joiner.join(tests)})" if len(tests) > 1 else tests[0]
        joined = {"+": "and", "||": "or"}.get(found[1] or "+", "and") if self.label.conditions else ""
        self.label.conditions.append(f"{joined} {test}".strip())

    def end_label(self) -> None:
        label, self.label = self.label, None
        if label is None:
            return
        text = f"LABEL {label.name}"
        if label.trouble or not label.conditions:
            self.sheet.refuse(label.number, text, label.trouble or "says nothing about when it holds")
        elif not label.areas:
            rule: dict[str, Any] = {"if": " ".join(label.conditions), "quarantine": True}
            self.sheet.put(label.number, text, {"rules": [rule]}, "such objects are quarantined")
        else:
            rule = {"if": " ".join(label.conditions), "mask": label.areas}
            self.sheet.put(label.number, text, {"rules": [rule]}, f"masks {len(label.areas)} areas")


def read_recipe(text: str) -> Imported:
    """Read a recipe.

    Raises
    ------
    RecipeError
        If it is none.
    """
    if not any(_SECTION.match(line.strip()) for line in text.splitlines()):
        raise RecipeError("there is no section (%header, %filter) in it")
    return _Reader().read(text)


def _targets(name: str) -> list[str]:
    """Return the attributes that a field of a recipe stands for; ``*`` for all, none if nobody can tell."""
    if name.lower() in {"all", "allfields"}:
        return ["*"]
    found = _TAG.fullmatch(name)
    if found:
        return [f"{found[1]},{found[2]}".upper()]
    how, is_expanded, word = name.partition(":")
    if not is_expanded:
        return [name] if tag_for_keyword(name) else []
    if how == "select" and re.fullmatch(r"VR:[A-Z]{2}", word):
        return [f"vr:{word[3:]}"]
    tests = {"contains": str.__contains__, "startswith": str.startswith, "endswith": str.endswith}
    test = tests.get(how)
    return [keyword for keyword in keywords() if test(keyword.lower(), word.lower())] if test and word else []
