"""Levels of content items: each item of a sequence gets its own, by its concept name and value type."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from greycloak.plan.content import CONTENT_SEQUENCE, ContentItem, Treatment, is_too_old, should_go, treatment_of
from greycloak.plan.rules import Rule
from greycloak.standard.content import rows_of
from greycloak.standard.dictionary import entry_for
from greycloak.standard.iods import Place, iod_of
from greycloak.stream import Encoding, Instruction, Level, Verb, glance_at, passed_over
from greycloak.stream.encoding import EXPLICIT_BIG, IMPLICIT_LITTLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.plan.decisions import Position
    from greycloak.profiles import Profile
    from greycloak.stream.part10 import Source

_COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34"
_ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
_ACQUISITION_CONTEXT = 0x00400555
_MAX_ITEMS = 4096
_VALUE_TYPES = frozenset(
    "CODE COMPOSITE CONTAINER DATE DATETIME IMAGE NUM PNAME SCOORD SCOORD3D TABLE TCOORD TEXT TIME UIDREF "
    "WAVEFORM".split()
)
# Referenced Content Item Identifier (0040,DB73).
_REFERENCE = b"\x40\x00\x73\xdb"
_REFERENCE_BIG = b"\x00\x40\xdb\x73"


class ContentPlace(Place):
    """The place inside a content item, at any depth.

    What the IOD says of it goes first; PS3.3 describes the content tree only in words, so the rest is what it says of
    items of structured reports and of Acquisition Context.
    """

    def type_of(self, tag: int) -> str | None:
        """Return the Type of an attribute."""
        own = super().type_of(tag)
        return own or next((type_ for place in _usual_places() if (type_ := place.type_of(tag))), None)

    def item_of(self, tag: int) -> Place | None:
        """Return the place inside a sequence's items."""
        if tag == CONTENT_SEQUENCE:
            return self
        own = super().item_of(tag)
        return own or next((item for place in _usual_places() if (item := place.item_of(tag))), None)


@lru_cache(maxsize=1)
def _usual_places() -> tuple[Place, ...]:
    report = iod_of(_COMPREHENSIVE_3D_SR)
    context = iod_of(_ENHANCED_MR)
    found = (
        report and report.item_of(CONTENT_SEQUENCE),
        context and context.item_of(_ACQUISITION_CONTEXT),
    )
    return tuple(place for place in found if place)


@lru_cache(maxsize=256)
def content_place(place: Place | None) -> ContentPlace:
    """Return the place inside content items, on top of what the IOD says of them."""
    return place if isinstance(place, ContentPlace) else ContentPlace(place.entries if place else {})


class ContentItems(Level):
    """The items of a sequence of content items.

    Parameters
    ----------
    profile : Profile
        What to do.
    encoding : Encoding
        Layout of the elements.
    at : Position
        Where the items stand; its item is the one that contains them.
    level_of : callable
        Returns the level of an item at a position.
    """

    sorts_items = True

    def __init__(
        self, profile: Profile, encoding: Encoding, at: Position, level_of: Callable[[Position], Level]
    ) -> None:
        super().__init__(encoding)
        self._profile = profile
        self._at = replace(at, place=content_place(at.place), item=None)
        self._hidden = at.item is not None and should_go(profile, at.item)
        self._level_of = level_of
        self._levels: dict[ContentItem, Level] = {}

    def of_item(self, source: Source, span: tuple[int, int], context: Any, *, delimited: bool) -> Level:  # noqa: ANN401
        """Return the level of an item as its concept name and value type demand."""
        glance = glance_at(source, span, self.encoding, delimited=delimited)
        rows = {row: None for concept in glance.concepts for row in rows_of(*concept)}
        value_type = glance.value_type if glance.value_type in _VALUE_TYPES else ""
        too_old = is_too_old(self._profile, rows, glance.number, glance.unit)
        item = ContentItem(tuple(rows), value_type, not self._counted(source, context), self._hidden, too_old)
        found = self._levels.get(item)
        if found is None:
            if len(self._levels) >= _MAX_ITEMS:
                self._levels.clear()
            found = self._levels[item] = self._level(item)
        return found

    def _level(self, item: ContentItem) -> Level:
        treatment = treatment_of(self._profile, item)
        if treatment.action == "drop":
            return DroppedItem(self.encoding, treatment)
        return self._level_of(replace(self._at, item=item))

    def _counted(self, source: Source, context: ObjectContext) -> bool:
        """Tell whether content items are referred to by their numbers; bytes that only look like it do no harm."""
        if context.counts_items is None:
            pattern = _REFERENCE_BIG if self.encoding is EXPLICIT_BIG else _REFERENCE
            context.counts_items = source.find(pattern) >= 0
        return context.counts_items


class DroppedItem(Level):
    """An item that goes whole; what was in it is listed element by element.

    Parameters
    ----------
    encoding : Encoding
        Layout of its elements.
    treatment : Treatment
        Who says so.
    """

    drops_items = True

    def __init__(self, encoding: Encoding, treatment: Treatment) -> None:
        super().__init__(encoding)
        self._treatment = treatment

    def instruction(self, tag: int, vr: str) -> Instruction:
        """Remove."""
        rule = Rule(tag, "remove-item", self._treatment.source, self._treatment.section)
        entry = entry_for(tag)
        known_vr = entry.vrs[0] if entry and vr in {"UN", ""} else vr
        level = passed_over(self.encoding if vr in {"SQ", ""} else IMPLICIT_LITTLE)
        long = self.encoding.is_long(vr)
        return Instruction(Verb.WRITE, tag, known_vr, long, level=level, rule=rule)
