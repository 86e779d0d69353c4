"""What the standard says about attributes, read from others' copies of it: Types from highdicom's."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.uid import UID_dictionary

from greycloak.standard.confidentiality import rows
from greycloak.standard.private import PrivateName, SafePrivate, safe_private

__all__ = ["PrivateName", "SafePrivate", "is_cleaned", "is_listed", "is_registered", "required", "safe_private"]

_CLEAN = ("clean-descriptors", "clean-structured-content", "clean-graphics")


@cache
def _highdicom(name: str) -> dict[str, list[dict[str, object]]]:
    return json.loads((files("highdicom") / "_standard" / f"{name}.json").read_text())


@cache
def required(sop_class: str) -> dict[str, str]:
    """Return the Type 1 and Type 2 attributes of a SOP Class's mandatory modules, by keyword."""
    iod = _highdicom("sop_class_iod_map").get(sop_class)
    found: dict[str, str] = {}
    for module in _highdicom("iod_module_map")[iod] if iod else ():
        if module["usage"] != "M":
            continue
        for attribute in _highdicom("module_attribute_map")[module["key"]]:
            if not attribute["path"] and attribute["type"] in {"1", "2"}:
                keyword = str(attribute["keyword"])
                found[keyword] = min(found.get(keyword, "2"), str(attribute["type"]))
    return found


def is_registered(uid: str) -> bool:
    """Tell whether a UID is one of the standard's own."""
    return uid in UID_dictionary or uid.startswith("1.2.840.10008.")


def is_listed(keyword: str) -> bool:
    """Tell whether Table E.1-1 lists an attribute."""
    return f"{tag_for_keyword(keyword) or 0:08x}" in rows()


def is_cleaned(keyword: str) -> bool:
    """Tell whether the options that clean keep an attribute, cleaned: those that the table does not list, too."""
    row = rows().get(f"{tag_for_keyword(keyword) or 0:08x}")
    return row is None or any(row.under(option) == "C" for option in _CLEAN)


def name_of(tag: int) -> str:
    """Return an attribute's keyword, or its number if it is private."""
    return keyword_for_tag(tag) or f"({tag >> 16:04x},{tag & 0xFFFF:04x})"
