"""From a profile and a SOP Class to a plan: a tree of levels, each of which decides when it first meets an element."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

from greycloak.actions.context import CAPTURED, SPECIFIC_CHARACTER_SET
from greycloak.actions.stamps import BURNED_IN_ANNOTATION, PIXEL_STAMPED, STAMPED
from greycloak.actions.values import CHECKS
from greycloak.outcomes import Refused
from greycloak.pixels.at_risk import ASKED, ENCAPSULATED_DOCUMENT, MAX_VALUE
from greycloak.plan.content import CONTENT_SEQUENCES
from greycloak.plan.content_levels import ContentItems
from greycloak.plan.decisions import Decisions, Position
from greycloak.plan.instructions import Instructor, shown_first
from greycloak.plan.rules import Rule
from greycloak.plan.unlisted import PIXEL_DATA
from greycloak.profiles.lines import PIXEL_DATA_TAGS
from greycloak.standard.dictionary import name_of
from greycloak.stream import Encoding, GroupElements, Instruction, Level, Verb, passed_over
from greycloak.stream.encoding import IMPLICIT_LITTLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.pixels.areas import Mask

_FIRST_BLOCK, _LAST_BLOCK = 0x10, 0xFF
_NOT_TELLING = frozenset({"SQ", "UN", "OB", "OW"})
"""VRs under which an attribute tells nothing of the pixels: it is not what the dictionary says."""

_MAX_GROUPS = 256
_MAX_PRIVATE_RULES = 20_000


class PlannedLevel(Level):
    """A level of a plan.

    Parameters
    ----------
    decisions : Decisions
        What the profile says.
    encoding : Encoding
        Layout of the elements.
    at : Position
        Where the level stands.
    encapsulated : bool
        Whether Pixel Data may consist of fragments.
    """

    def __init__(self, decisions: Decisions, encoding: Encoding, at: Position, *, encapsulated: bool = False) -> None:
        super().__init__(encoding)
        self._decisions = decisions
        self._at = at
        self._encapsulated = encapsulated
        self._instructor = Instructor(encoding, at)
        self._groups: dict[object, Level] = {}
        self._private_rules: dict[tuple[int, str, str], Rule] = {}

    def rule(self, tag: int, vr: str = "", creator: str = "") -> Rule:
        """Decide about an attribute.

        Parameters
        ----------
        tag : int
            The attribute.
        vr : str
            Its VR as encoded; empty in Implicit VR.
        creator : str
            Its private creator, if it is a private attribute.
        """
        if not creator:
            return self._decisions.rule(tag, vr, self._at)
        key = (tag, vr, creator)
        found = self._private_rules.get(key)
        if found is None:
            if len(self._private_rules) >= _MAX_PRIVATE_RULES:
                self._private_rules.clear()
            found = self._private_rules[key] = self._decisions.rule(tag, vr, self._at, creator)
        return found

    @cached_property
    def stamped(self) -> tuple[int, ...]:
        """The attributes that are written anew at the top, in ascending order."""
        stamped = sorted((*STAMPED, *PIXEL_STAMPED)) if self._decisions.pixels_cleaned else STAMPED
        return tuple(tag for tag in stamped if self.rule(tag).asked is None)

    @property
    def masks(self) -> tuple[Mask, ...]:
        """What the rules that hold want to have masked in the pixels."""
        return self._decisions.masks

    def knows(self, tag: int) -> bool:
        """Tell whether the object's IOD has an attribute; of a SOP Class that nobody knows, whatever is asked."""
        return self._at.place is None or self._at.type_of(tag) is not None

    @cached_property
    def added(self) -> tuple[tuple[int, Callable[[ObjectContext, bytes], bytes | None]], ...]:
        """What the profile's lines add at the top: attributes in ascending order, and what writes each."""
        rules = [self.rule(tag) for tag in self._decisions.may_add]
        return tuple((rule.tag, self._instructor.addition(rule)) for rule in rules if rule.action == "add")

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Notes of attributes that the IOD requires and the profile's list does not keep."""
        if self._decisions.profile.unlisted != "remove" or self._at.place is None:
            return ()
        required = (tag for tag in self._at.place.required() if self.rule(tag).action == "remove")
        return tuple(f"required-missing: {name_of(tag)}" for tag in required if tag not in STAMPED)

    @cached_property
    def keeps_documents(self) -> bool:
        """Whether an encapsulated document goes out as it is."""
        return self.rule(ENCAPSULATED_DOCUMENT).action == "keep"

    def instruction(self, tag: int, vr: str) -> Instruction:
        """Turn a rule into an instruction for the splicer."""
        if tag >> 16 & 1 and self._decisions.sees_private:
            level = passed_over(self.encoding)
            return Instruction(Verb.GROUP, tag, vr, self.encoding.is_long(vr), level=level)
        decided = self._decided(tag, vr, "")
        if tag == SPECIFIC_CHARACTER_SET:
            return replace(decided, verb=Verb.CHARACTERS, mapping=self._characters_mapping(decided))
        return self._shown(decided, tag, vr) if self._at.is_top else decided

    def _shown(self, decided: Instruction, tag: int, vr: str) -> Instruction:
        """Show the engine what it asks of the data set itself."""
        if tag in CAPTURED:
            return shown_first(decided, lambda context, value: context.captured.__setitem__(tag, value))
        if tag == BURNED_IN_ANNOTATION and self._decisions.profile.pixels.burned_in == "trust-flag":
            return shown_first(decided, _refuse_burned_in)
        if tag in ASKED and vr not in _NOT_TELLING:
            return shown_first(decided, lambda context, value: context.telling.__setitem__(tag, value[:MAX_VALUE]))
        return decided

    def _characters_mapping(self, decided: Instruction) -> Callable[[ObjectContext, bytes], bytes | None]:
        """Return the mapping of Specific Character Set, which what follows is read with."""
        if self._at.is_top:
            return lambda context, value: context.captured.__setitem__(SPECIFIC_CHARACTER_SET, value)
        goes = decided.verb == Verb.WRITE
        return lambda _context, value: decided.written if goes or not CHECKS["CS"](value) else None

    def _decided(self, tag: int, vr: str, creator: str) -> Instruction:
        rule = self.rule(tag, vr, creator)
        entry = self._decisions.entry_for(tag, vr, creator)
        known_vr = vr if vr and vr != "UN" else (entry.vrs[0] if entry else "")
        if known_vr == "SQ" and rule.action in {"keep", "uid"}:
            # A sequence that is encoded as UN is Implicit VR inside (PS3.5 section 6.2.2).
            encoding = IMPLICIT_LITTLE if vr == "UN" else self.encoding
            return self._instructor.enter(rule, vr, self._level_of_items_of(tag, encoding))
        if rule.action == "keep":
            fragmented = self._encapsulated and self._at.is_top and tag == PIXEL_DATA and vr in {"OB", "OW"}
            kept = self._instructor.keep(rule, vr, known_vr, fragmented=fragmented)
            if self._at.is_top and tag in PIXEL_DATA_TAGS and kept.verb == Verb.KEEP:
                kept = replace(kept, verb=Verb.BULK)
            is_untyped = bool(tag >> 16 & 1) and known_vr in {"UN", ""}
            return replace(kept, level=passed_over(IMPLICIT_LITTLE)) if is_untyped else kept
        return self._instructor.change(rule, vr, known_vr, entry)

    def _level_of_items_of(self, sequence: int, encoding: Encoding) -> Level:
        decisions = self._decisions
        place = self._at.place.item_of(sequence) if self._at.place else None
        at = Position(place, paths=decisions.paths.below(self._at.paths, sequence))
        if sequence in CONTENT_SEQUENCES and decisions.cleans_content:
            return content_items(decisions, encoding, replace(at, item=self._at.item))
        return level_of_items(decisions, encoding, at)

    def of_group(self, elements: GroupElements) -> Level:
        """Return the level for the elements of a private group, which knows their creators (PS3.5 section 7.8.1)."""
        creators = {
            tag & 0xFF: value.strip(b"\0 ").decode("latin-1")
            for tag, _, value in elements
            if _FIRST_BLOCK <= tag & 0xFFFF <= _LAST_BLOCK
        }
        kept = frozenset(
            tag >> 8 & 0xFF
            for tag, vr, _ in elements
            if tag & 0xFFFF > _LAST_BLOCK
            and self.rule(tag, vr, creators.get(tag >> 8 & 0xFF, "")).action not in {"remove", "empty"}
        )
        key = tuple(sorted(creators.items())), kept
        found = self._groups.get(key)
        if found is None:
            if len(self._groups) >= _MAX_GROUPS:
                self._groups.clear()
            found = self._groups[key] = PrivateGroup(self, creators, kept)
        return found

    def private_instruction(self, tag: int, vr: str, creator: str) -> Instruction:
        """Turn the rule of a private attribute into an instruction."""
        return self._decided(tag, vr, creator)

    def creator_instruction(self, tag: int, vr: str, *, stays: bool) -> Instruction:
        """Keep a private creator, or drop it because nothing of its block stays."""
        action, source = ("keep", "its block stays") if stays else ("remove", "nothing of its block stays")
        rule = Rule(tag, action, source, "PS3.5 7.8.1")
        if stays:
            return self._instructor.keep(rule, vr, "LO", fragmented=False)
        return self._instructor.change(rule, vr, "LO", None)


class PrivateGroup(Level):
    """The elements of one private group in one data set or item.

    Parameters
    ----------
    level : PlannedLevel
        Where the group stands.
    creators : dict
        Private creators by block.
    kept : frozenset of int
        Blocks of which something stays.
    """

    def __init__(self, level: PlannedLevel, creators: dict[int, str], kept: frozenset[int]) -> None:
        super().__init__(level.encoding)
        self._level = level
        self._creators = creators
        self._kept = kept

    def instruction(self, tag: int, vr: str) -> Instruction:
        """Turn a rule into an instruction for the splicer."""
        element = tag & 0xFFFF
        if _FIRST_BLOCK <= element <= _LAST_BLOCK:
            return self._level.creator_instruction(tag, vr, stays=element in self._kept)
        return self._level.private_instruction(tag, vr, self._creators.get(element >> 8, ""))


def _refuse_burned_in(_context: ObjectContext, value: bytes) -> None:
    if b"YES" in value.upper():
        raise Refused("burned-in-annotation")


@lru_cache(maxsize=8192)
def level_of_items(decisions: Decisions, encoding: Encoding, at: Position) -> PlannedLevel:
    """Return the level of the items of a sequence; all that PS3.3 does not know share one."""
    return PlannedLevel(decisions, encoding, at)


@lru_cache(maxsize=1024)
def content_items(decisions: Decisions, encoding: Encoding, at: Position) -> ContentItems:
    """Return the level that tells the content items of a sequence apart; its item is the one that contains them."""
    return ContentItems(decisions.profile, encoding, at, partial(level_of_items, decisions, encoding))
