"""The lines of a profile: attributes, and what is done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from greycloak.profiles.actions import Action, load_script, parse_action
from greycloak.profiles.schema import TAGS_SCHEMA
from greycloak.profiles.targets import Target, parse_target
from greycloak.profiles.values import check_fits, check_fits_private
from greycloak.standard.confidentiality import rows
from greycloak.standard.dictionary import FIRST_DATA_SET_GROUP, entry_for, name_of
from greycloak.standard.imaging import imaging_private
from greycloak.standard.private import PrivateName, safe_private

# What makes an object the object that it is: options and the subject decide about it, no rule.
PROTECTED = {
    0x00080005: "the object's texts are read with it",
    0x00080016: "it says what the object is",
    0x00080018: "use the option retain-uids to keep it",
    0x0020000D: "use the option retain-uids to keep it",
    0x0020000E: "use the option retain-uids to keep it",
    0x00120062: "it says what was done; see identity_removed",
    0x00120063: "it says what was done",
    0x00120064: "it says what was done",
    0x00280303: "it says what was done; see dates",
    0x04000500: "encrypted attributes are made anew or removed",
}
"""Attributes that no line of a profile may change, and why."""

PIXEL_DATA_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


_ELEMENT = 0xFFFF


@dataclass(frozen=True, slots=True)
class TagRule:
    """A line of ``[tags]``.

    Attributes
    ----------
    target : Target
        What it is about.
    action : Action
        What is done.
    """

    target: Target
    action: Action


def _read_tags(written: Any) -> tuple[TagRule, ...]:
    if isinstance(written, tuple) and all(isinstance(rule, TagRule) for rule in written):
        return written
    if not isinstance(written, dict):
        raise ValueError(f"expected a table of attributes and actions, not {written!r}")  # noqa: TRY004
    found: list[TagRule] = []
    problems: list[str] = []
    for text, action in written.items():
        try:
            found.append(_read_tag(text, action))
        except ValueError as error:
            problems.append(f"{text}: {error}")
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(found)


def _read_tag(text: str, written: Any) -> TagRule:
    target, action = parse_target(text), parse_action(written)
    tag = target.tag
    if tag in PROTECTED:
        raise ValueError(f"cannot be changed by a rule: {PROTECTED[tag]}")
    if tag in PIXEL_DATA_TAGS and action.name != "keep":
        raise ValueError("pixels cannot be changed by a rule")
    if action.name == "add" and (tag is None or target.path):
        raise ValueError("add writes one standard attribute of the data set itself: name one, without a path")
    if target.private is not None:
        check_fits_private(action, _private_vr(target.private), text)
    if action.name == "script":
        load_script(str(action.value))
    if tag is not None:
        _check_attribute(tag, action)
    if target.vr:
        check_fits(action, (target.vr,), f"what {text} names")
    elif target.mask & _ELEMENT == _ELEMENT and target.masked >= 0 and (entry := entry_for(target.masked)):
        check_fits(action, entry.vrs, name_of(target.masked))
    return TagRule(target, action)


def _private_vr(name: PrivateName) -> str:
    """Return the VR of a private attribute, if one of the lists knows it."""
    known = safe_private().get(name) or imaging_private().get(name)
    return known.vr if known else ""


def _check_attribute(tag: int, action: Action) -> None:
    """Refuse what no line can do anything about."""
    if tag >> 16 < FIRST_DATA_SET_GROUP or not tag & 0xFFFF:
        raise ValueError("is no attribute of a data set, and is made anew or removed anyway")
    if action.name not in {"remove", "X"} and entry_for(tag) is None and f"{tag:08x}" not in rows():
        raise ValueError("is unknown to PS3.6, and can only be removed")


Tags = Annotated[
    tuple[TagRule, ...],
    PlainValidator(_read_tags),
    PlainSerializer(lambda found: {rule.target.text: rule.action.written() for rule in found}),
    WithJsonSchema(TAGS_SCHEMA),
]


def _read_list(written: Any) -> tuple[TagRule, ...]:
    if isinstance(written, tuple):
        return written
    if not isinstance(written, list) or not all(isinstance(text, str) for text in written):
        raise ValueError(f"expected a list of attributes, not {written!r}")
    return _read_tags(dict.fromkeys(written, "by-vr"))


ByVr = Annotated[
    tuple[TagRule, ...],
    PlainValidator(_read_list),
    PlainSerializer(lambda found: [rule.target.text for rule in found]),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "title": "By VR"}),
]
