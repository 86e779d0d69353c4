"""Bodies that Orthanc's own ``/anonymize`` takes, as JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from greycloak.profiles.rivals.sheet import Imported, Sheet
from greycloak.standard.dictionary import tag_for_keyword

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEYS = frozenset(
    {
        "Replace", "Keep", "Remove", "KeepPrivateTags", "DicomVersion", "PrivateCreator", "KeepSource", "Force",
        "Synchronous", "Asynchronous", "Priority", "Permissive", "Transcode", "KeepLabels", "Resources",
        "RemovePrivateTags", "KeepPrivateTag", "LossyQuality", "UserData",
    }
)  # fmt: skip
"""What may stand in a body."""

_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_ALL_ITEMS = re.compile(r"\[\*\]")
_ONE_ITEM = re.compile(r"\[\d+\]")
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4})[,-]?([0-9A-Fa-f]{4})\)?")
_ACTS = {"Keep": "keep", "Remove": "remove"}
_SUBJECT = {"PatientID", "PatientName"}


def read_body(written: Mapping[str, Any]) -> Imported:
    """Read a body."""
    sheet, creator = Sheet(), str(written.get("PrivateCreator", ""))
    kept_uids: list[tuple[int, str]] = []
    for number, (key, name, value) in enumerate(_entries(written), start=1):
        text = f"{key}: {name}" + (f" = {value}" if key == "Replace" else "")
        if key == "Keep" and name in _UIDS:
            kept_uids.append((number, text))
        elif key in {*_ACTS, "Replace"}:
            _take(sheet, (number, text), (key, name, value), creator)
        else:
            _take_key(sheet, number, key, value)
    for number, text in kept_uids:
        if len(kept_uids) == len(_UIDS):
            sheet.put(number, text, {"options": ["retain-uids"]}, "option retain-uids")
        else:
            sheet.refuse(number, text, "UIDs stay all together or not at all: keep study, series and instance")
    return sheet.imported()


def _entries(written: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, value in written.items():
        if key == "Replace" and isinstance(value, dict):
            yield from ((key, name, new) for name, new in value.items())
        elif key in _ACTS and isinstance(value, list):
            yield from ((key, str(name), None) for name in value)
        else:
            yield key, "", value


def _take(sheet: Sheet, line: tuple[int, str], entry: tuple[str, str, Any], creator: str) -> None:
    key, name, value = entry
    if _ONE_ITEM.search(name):
        sheet.refuse(*line, "one item of a sequence cannot be meant alone: write [*]")
        return
    target = _target(_ALL_ITEMS.sub("", name), creator)
    if key == "Replace":
        is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
        if not is_text:
            sheet.refuse(*line, "a sequence cannot be put in the place of an attribute")
        elif name in _SUBJECT and value == "":
            sheet.act(*line, [target], "empty")
        else:
            sheet.act(*line, [target], {"add": str(value)} if "." not in target and "[" not in target else _new(value))
    else:
        sheet.act(*line, [target], _ACTS[key])


def _new(value: Any) -> dict[str, str]:
    return {"replace": str(value)}


def _target(name: str, creator: str) -> str:
    parts = []
    for part in name.split("."):
        found = _TAG.fullmatch(part)
        if found is None:
            parts.append(part)
        elif creator and int(found[1], 16) % 2 and tag_for_keyword(part) is None:
            parts.append(f"{found[1].upper()}[{creator}]{found[2][2:].upper()}")
        else:
            parts.append(f"{found[1]},{found[2]}".upper())
    return ".".join(parts)


def _take_key(sheet: Sheet, number: int, key: str, value: Any) -> None:
    text = f"{key}: {json.dumps(value)}"
    if key == "KeepPrivateTags" and value is True:
        sheet.put(number, text, {"private": {"others": "keep"}}, 'private.others = "keep"')
    elif key == "DicomVersion":
        sheet.note(number, text, "Table E.1-1 is that of the edition that Greycloak knows, which takes more")
    elif key in KEYS:
        sheet.note(number, text, "says how a job runs, not what is done: nothing to take over")
    else:
        sheet.refuse(number, text, "is no key of such a body")
