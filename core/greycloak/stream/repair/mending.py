"""Values that are mended in a data set that was read: who it is, what it is, and in which characters."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from greycloak.stream.errors import Malformed
from greycloak.stream.repair.characters import SPECIFIC_CHARACTER_SET, are_meant, mended
from greycloak.stream.repair.doors import MEDIA_STORAGE_SOP_CLASS_UID, MEDIA_STORAGE_SOP_INSTANCE_UID, Door
from greycloak.stream.repair.elements import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.stream.part10 import Source
    from greycloak.stream.repair.elements import Elements

SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = 0x0020000D, 0x0020000E
_FIRST_GROUP = 0x0008
_FROM_META = {SOP_CLASS_UID: MEDIA_STORAGE_SOP_CLASS_UID, SOP_INSTANCE_UID: MEDIA_STORAGE_SOP_INSTANCE_UID}
_DERIVED = {STUDY_INSTANCE_UID: "study", SERIES_INSTANCE_UID: "series"}


class Mending:
    """Mends the values of one data set.

    Parameters
    ----------
    source : bytes or mmap
        Holds the values.
    elements : list of Element
        The data set, in order.
    door : Door
        What stands before it.

    Attributes
    ----------
    repairs : dict
        What was repaired, in order.
    dropped : list of bytes
        Values that do not stay.
    """

    def __init__(self, source: Source, elements: Elements, door: Door) -> None:
        self._source = source
        self._elements = elements
        self._door = door
        self.repairs: dict[str, None] = {}
        self.dropped: list[bytes] = []

    @property
    def sop_class_uid(self) -> str:
        """What the file meta information should say of the SOP Class; empty if nothing does."""
        found = next((one for one in self._elements if one.tag == SOP_CLASS_UID), None)
        return "" if found is None else found.raw(self._source).strip(b"\0 ").decode("latin-1")

    def mended(self, *, derive_study: bool) -> Elements:
        """Return the data set with mended values.

        Parameters
        ----------
        derive_study : bool
            Whether an object without Study or Series Instance UID gets a study and series of its own.

        Raises
        ------
        Malformed
            If there is no telling what is meant.
        """
        self._drop_foreign_groups()
        for tag, meta_tag in _FROM_META.items():
            self._take_from_meta(tag, meta_tag)
        if derive_study:
            self._derive_study()
        self._elements = self._with_characters(self._elements)
        return self._elements

    def _drop_foreign_groups(self) -> None:
        """Drop commands, and file meta information that stands in the data set."""
        foreign = [element for element in self._elements if element.tag >> 16 < _FIRST_GROUP]
        if foreign:
            self.repairs["foreign-group"] = None
            self.dropped += [element.raw(self._source) for element in foreign]
            self._elements = [element for element in self._elements if element.tag >> 16 >= _FIRST_GROUP]

    def _value(self, tag: int) -> bytes:
        found = next((element for element in self._elements if element.tag == tag and element.items is None), None)
        return b"" if found is None else found.raw(self._source).strip(b"\0 ")

    def _set(self, tag: int, vr: str, value: bytes) -> None:
        others = [element for element in self._elements if element.tag != tag]
        self._elements = sorted([*others, Element(tag, vr, 0, 0, value=value)], key=attrgetter("tag"))

    def _take_from_meta(self, tag: int, meta_tag: int) -> None:
        own = self._value(tag)
        if own:
            if tag == SOP_CLASS_UID and self._raw_differs(tag, own):
                self._set(tag, "UI", own)
                self.repairs["uid SOPClassUID"] = None
            return
        said = self._door.uids(meta_tag)
        if len(said) > 1:
            raise Malformed("two-readings", "two objects in one file meta information")
        if said:
            self._set(tag, "UI", said[0].encode("ascii"))
            self.repairs["uid-from-file-meta"] = None

    def _raw_differs(self, tag: int, stripped: bytes) -> bool:
        found = next(element for element in self._elements if element.tag == tag)
        return found.raw(self._source).rstrip(b"\0") != stripped

    def _derive_study(self) -> None:
        instance = self._value(SOP_INSTANCE_UID)
        for tag, what in _DERIVED.items():
            if instance and not self._value(tag):
                # No UID has letters: nobody else's study is meant, and the new UID derives from this one.
                self._set(tag, "UI", f"{what} of ".encode("ascii") + instance)
                self.repairs[f"derived-{what}"] = None

    def _with_characters(self, elements: Elements) -> Elements:
        for element in elements:
            if element.items is not None:
                element.items = [self._with_characters(item) for item in element.items]
        own = next((element for element in elements if element.tag == SPECIFIC_CHARACTER_SET), None)
        if own is None:
            return elements
        if own.items is not None:
            raise Malformed("invalid-character-set")
        value = mended(own.raw(self._source), self._texts(elements))
        if value is None:
            return elements
        self.repairs["character-set"] = None
        if not are_meant(own.raw(self._source)):
            self.dropped.append(own.raw(self._source))
        own.value = value
        own.vr = own.vr and "CS"
        return elements if value else [element for element in elements if element is not own]

    def _texts(self, elements: Elements) -> Iterator[bytes]:
        """Yield the texts in the characters that a data set or item declares, those of items included."""
        for element in elements:
            if element.is_text():
                yield element.raw(self._source)
            for item in element.items or ():
                if all(inside.tag != SPECIFIC_CHARACTER_SET for inside in item):
                    yield from self._texts(item)
