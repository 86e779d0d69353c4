"""A place in an object where elements are written and checks are noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from benchmarks.planted.answers import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.tag import BaseTag

    from benchmarks.planted.places import PrivatePlace
    from benchmarks.planted.texts import Written


@dataclass(slots=True)
class Spot:
    """A data set, or an item of one of its sequences; all of an object's share one list of checks."""

    data_set: Dataset
    checks: list[Check] = field(default_factory=list)
    prefix: str = ""

    def item(self, keyword: str, *, fresh: bool = False) -> Spot:
        """Return the first item of a sequence, made if missing; or a new one."""
        if keyword not in self.data_set or self.data_set[keyword].VR != "SQ" or self.data_set[keyword].value is None:
            setattr(self.data_set, keyword, Sequence())
        items = self.data_set[keyword].value
        if fresh or not items:
            items.append(Dataset())
        at = len(items) - 1 if fresh else 0
        return Spot(items[at], self.checks, self.place(keyword) + f"[<{at:04}>]")

    def place(self, keyword: str) -> str:
        """Return where an attribute is, as MIDI-B writes it."""
        tag = tag_for_keyword(keyword) or 0
        return f"{self.prefix}<({tag >> 16:04x},{tag & 0xFFFF:04x})>"

    def put(self, keyword: str, value: object) -> None:
        """Write an attribute."""
        setattr(self.data_set, keyword, value)

    def ask(self, action: str, keyword: str, category: str, text: str = "", kind: str = "") -> None:
        """Note a check."""
        value = self.data_set[keyword].value if keyword in self.data_set and action != "pixels_retained" else ""
        self.checks.append(Check(action, self.place(keyword), keyword, category, as_text(value), text, kind))

    def hide(self, keyword: str, value: str, category: str, kind: str) -> None:
        """Write an attribute that is an identity as a whole."""
        if dictionary_VR(keyword) == "SH":
            value = value[:16]
        self.put(keyword, value)
        self.ask("text_removed", keyword, category, value, kind)

    def write(self, keyword: str, written: Written) -> None:
        """Write a text, and note what is asked about it."""
        if written.value:
            self.put(keyword, written.value)
            for mark in written.marks:
                self.ask(mark.action, keyword, mark.category, mark.text, mark.kind)

    def private(self, place: PrivatePlace, value: object) -> str:
        """Write a private attribute; return where it is, as MIDI-B writes it."""
        block = self.data_set.private_block(place.group, place.creator, create=True)
        where = f'{self.prefix}<({place.group:04x},"{place.creator.upper()}",{place.element:02x})>'
        if place.element in block:
            del block[place.element]
            self.checks[:] = (check for check in self.checks if check.place != where)
        block.add_new(place.element, place.vr, value)
        return where

    def ask_creator(self, place: PrivatePlace, category: str) -> None:
        """Ask that the creator of a block is still there: without it nobody knows what its elements mean."""
        block = self.data_set.private_block(place.group, place.creator)
        where = f"{self.prefix}<({place.group:04x},{block.block_start >> 8:04x})>"
        self.checks[:] = (check for check in self.checks if check.place != where)
        self.ask_private("text_retained", where, place.creator, category, place.creator, "private creator")

    def ask_private(self, action: str, where: str, value: object, category: str, text: str, kind: str) -> None:
        """Note a check of a private attribute."""
        self.checks.append(Check(action, where, where.rpartition("]")[2], category, as_text(value), text, kind))


def as_text(value: object) -> str:
    """Write a value as MIDI-B's key has it."""
    if value is None:
        return ""
    if isinstance(value, (bytes, Sequence)):
        return ""
    return str(value).strip()


def walk(data_set: Dataset, prefix: str = "") -> Iterator[tuple[str, DataElement, Dataset]]:
    """Visit every element, with its place as MIDI-B writes it and the data set that it is in."""
    for tag in sorted(data_set.keys()):
        element = _element(data_set, tag)
        place = f"{prefix}<({tag.group:04x},{tag.element:04x})>"
        if tag.is_private and element.private_creator:
            place = f'{prefix}<({tag.group:04x},"{str(element.private_creator).upper()}",{tag.element & 0xFF:02x})>'
        yield place, element, data_set
        if element.VR == "SQ":
            for at, item in enumerate(element.value or ()):
                yield from walk(item, f"{place}[<{at:04}>]")


def _element(data_set: Dataset, tag: BaseTag) -> DataElement:
    """Return an element; one that pydicom cannot make sense of, as bytes."""
    try:
        return data_set[tag]
    except Exception:  # noqa: BLE001  # whatever tools write
        return DataElement(tag, "UN", data_set.get_item(tag).value or b"")


def name_of(element: DataElement) -> str:
    """Return an element's keyword, or the creator and number of a private one."""
    if element.tag.is_private:
        creator = element.private_creator or ""
        return f'<({element.tag.group:04x},"{str(creator).upper()}",{element.tag.element & 0xFF:02x})>'
    return keyword_for_tag(element.tag) or str(element.tag)
