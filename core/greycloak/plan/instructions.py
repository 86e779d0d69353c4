"""Turn a rule into an instruction for the splicer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from greycloak.actions.classes import class_mapping
from greycloak.actions.codes import code_strings_mapping, meaning_mapping, note_scheme
from greycloak.actions.context import SOP_CLASS_UID
from greycloak.actions.dates import DATE_VRS, DatePlan, date_mapping, text_date_mapping
from greycloak.actions.documents import document_mapping
from greycloak.actions.dummies import dummy_items, dummy_value
from greycloak.actions.measured import measured_mapping
from greycloak.actions.replacing import (
    cut_mapping,
    each_replaced_mapping,
    hash_mapping,
    pseudonym_mapping,
    replacement_mapping,
    unfit_mapping,
)
from greycloak.actions.scripts import script_mapping
from greycloak.actions.texts import HOWS
from greycloak.actions.uids import kept_uid_mapping, uid_mapping
from greycloak.actions.untyped import bytes_mapping, unknown_mapping
from greycloak.actions.values import CHECKS, numbers_check
from greycloak.outcomes import Refused
from greycloak.plan.rules import Rule, resolve
from greycloak.profiles.actions import Action
from greycloak.profiles.values import NUMBER_VRS, UNDIVIDED_VRS
from greycloak.standard.dictionary import entry_for
from greycloak.stream import LOOK_AT_IT, LOOK_CLOSELY, Encoding, Instruction, Level, Malformed, Verb, passed_over
from greycloak.stream.encoding import IMPLICIT_LITTLE
from greycloak.stream.levels import show_tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.plan.decisions import Position
    from greycloak.standard.dictionary import Entry

    Mapping = Callable[..., bytes | None]

_NUMBERS_AS_TEXT = frozenset({"DS", "IS"})
_PIXEL_GROUP = 0x0028


class Instructor:
    """Writes the instructions of one level.

    Parameters
    ----------
    encoding : Encoding
        Layout of its elements.
    at : Position
        Where it stands.
    """

    def __init__(self, encoding: Encoding, at: Position) -> None:
        self._encoding = encoding
        self._at = at

    def keep(self, rule: Rule, vr: str, known_vr: str, *, fragmented: bool) -> Instruction:
        """Keep a value unseen."""
        long = self._encoding.is_long(vr)
        verb = Verb.PIXELS if fragmented else Verb.KEEP
        return Instruction(verb, rule.tag, vr or known_vr, long, fragmented=fragmented, rule=rule, known_vr=known_vr)

    def enter(self, rule: Rule, vr: str, level: Level) -> Instruction:
        """Look into a sequence; if all of its items go, it goes as well, or becomes what its Type demands."""
        entered = self._instruct(Verb.ENTER, rule, vr, "SQ", level=level)
        if not level.sorts_items:
            return entered
        emptied = resolve("X/Z/D", self._at.type_of(rule.tag))
        return replace(entered, written=self._written(rule.tag, entry_for(rule.tag), emptied))

    def change(self, rule: Rule, vr: str, known_vr: str, entry: Entry | None) -> Instruction:
        """Do anything else.

        Parameters
        ----------
        rule : Rule
            What to do.
        vr, known_vr : str
            The VR as encoded, and the one to go by.
        entry : Entry or None
            What is known about the attribute.
        """
        action = rule.action
        if _is_wrong_number(rule, vr, entry):
            raise Malformed("wrong-vr", show_tag(rule.tag))
        # What only Table E.1-1 knows, and not the dictionary, are date times.
        own_vr = vr if entry and vr in entry.vrs else (entry.vrs[0] if entry else "DT")
        if action in {"remove", "empty", "dummy", "add"} or (action == "pseudonym" and rule.asked is None):
            written = self._written(rule.tag, entry, action)
            return replace(self._instruct(Verb.WRITE, rule, vr, known_vr), written=written)
        otherwise = self._written(rule.tag, entry, resolve("X/Z/D", self._at.type_of(rule.tag)))
        if action == "check" and own_vr == "UI" and rule.tag != SOP_CLASS_UID:
            mapping = kept_uid_mapping(rule.tag, self._encoding)
            return replace(self._instruct(Verb.MAP, rule, vr, known_vr), written=otherwise, mapping=mapping)
        how = _how(action, own_vr)
        if how:
            return replace(self._instruct(Verb.LOOK, rule, vr, known_vr), written=otherwise, how=how)
        if action in {"check", "check-else-look"}:
            verb = Verb.CHECK if action == "check" else Verb.CHECK_ELSE_LOOK
            matches = CHECKS.get(own_vr) or numbers_check(own_vr, entry.vm if entry else "")
            looks = replace(self._instruct(verb, rule, vr, known_vr), how="known")
            return replace(looks, written=otherwise, matches=matches)
        verb = Verb.SEE if action in _SEEING else Verb.MAP
        mapping = _MAPPINGS[action](rule, own_vr, self._encoding, otherwise)
        told = self._instruct(verb, rule, vr, known_vr)
        return replace(told, written=otherwise, mapping=mapping, how="known", closely="vocabulary")

    def addition(self, rule: Rule) -> Mapping:
        """Return what writes an attribute that a line adds."""
        entry = entry_for(rule.tag)
        return replacement_mapping(rule.tag, entry.vrs[0] if entry else "LO", self._encoding, _asked(rule))

    def _instruct(self, verb: int, rule: Rule, vr: str, known_vr: str, level: Level | None = None) -> Instruction:
        whole = passed_over(self._encoding if vr in {"SQ", ""} else IMPLICIT_LITTLE)
        long = self._encoding.is_long(vr)
        return Instruction(verb, rule.tag, vr or known_vr, long, level=level or whole, rule=rule, known_vr=known_vr)

    def _written(self, tag: int, entry: Entry | None, action: str) -> bytes:
        """Return the element that an action leaves; nothing if it removes (or another hand writes it)."""
        if action not in {"empty", "dummy"} or (entry is None and self._at.type_of(tag) is None):
            return b""
        if entry is None:
            raise Refused("internal-error", f"no VR for ({tag >> 16:04X},{tag & 0xFFFF:04X})")
        vr = entry.vrs[0]
        if action == "empty":
            return self._encoding.header(tag, vr, 0)
        if vr != "SQ":
            return self._encoding.element(tag, vr, dummy_value(entry.keyword, vr))
        place = self._at.place
        items = dummy_items(entry.keyword, place.item_of(tag) if place else None, self._encoding)
        return self._encoding.header(tag, vr, len(items)) + items


def _is_wrong_number(rule: Rule, vr: str, entry: Entry | None) -> bool:
    """Tell whether a number that stays has the VR of another kind of number: nobody could read it as what it is."""
    if entry is None or rule.tag >> 16 & 1 or vr in entry.vrs or entry.vrs[0] not in NUMBER_VRS:
        return False
    return (vr in NUMBER_VRS and rule.action == "check") or (vr in _NUMBERS_AS_TEXT and rule.tag >> 16 == _PIXEL_GROUP)


def _how(action: str, vr: str) -> str:
    """Return how texts are looked at (`greycloak.actions.texts.How`); nothing if an action does not look at texts."""
    if action in {"check", "check-else-look"}:
        checked = _CHECKED.get(vr, "")
        return f"{checked}:else" if checked and action == "check-else-look" else checked
    how = "known" if action == "look" else action if action in HOWS else ""
    return f"{how}:prose" if how in _MAY_BE_PROSE and vr in UNDIVIDED_VRS else how


def _asked(rule: Rule) -> Action:
    return rule.asked or Action(rule.action)


def _dates(rule: Rule, vr: str, encoding: Encoding, otherwise: bytes) -> Mapping:
    is_text = bool(rule.tag >> 16 & 1) and vr not in DATE_VRS - {"SH"}
    mapping = text_date_mapping if is_text else date_mapping
    return mapping(rule.tag, vr, encoding, otherwise, rule.dates or DatePlan())


def _measured(rule: Rule, _vr: str, encoding: Encoding, _otherwise: bytes) -> Mapping:
    assert rule.known is not None
    return measured_mapping(rule.tag, encoding, rule.known)


_CHECKED = {"CS": "code", "DS": "number", "IS": "number"}
_MAY_BE_PROSE = frozenset({"clean", "vocabulary"})
# (rule, VR to write, encoding, element that is written otherwise) -> mapping
_MAPPINGS: dict[str, Callable[[Rule, str, Encoding, bytes], Mapping]] = {
    "uid": lambda rule, _vr, encoding, _: uid_mapping(rule.tag, encoding),
    "class": lambda rule, _vr, encoding, _: class_mapping(rule.tag, encoding),
    "codes": lambda rule, _vr, encoding, _: code_strings_mapping(rule.tag, encoding),
    "look-untyped": lambda rule, _vr, _encoding, _: bytes_mapping(rule.tag),
    "measured": _measured,
    "look-unknown": lambda rule, vr, encoding, _: unknown_mapping(rule.tag, vr, encoding, rule.dates, CHECKS.get(vr)),
    "scheme": lambda _rule, _vr, _encoding, _: note_scheme,
    "meaning": lambda _rule, _vr, _encoding, otherwise: meaning_mapping(otherwise),
    "meaning-cleaned": lambda _rule, _vr, _encoding, _: meaning_mapping(LOOK_CLOSELY),
    "replace": lambda rule, vr, encoding, _: replacement_mapping(rule.tag, vr, encoding, _asked(rule)),
    "replace-each": lambda rule, vr, encoding, _: each_replaced_mapping(rule.tag, vr, encoding, _asked(rule)),
    "unfit": lambda rule, _vr, _encoding, otherwise: unfit_mapping(rule.tag, otherwise),
    "hash": lambda rule, vr, encoding, _: hash_mapping(rule.tag, vr, encoding, _asked(rule)),
    "cut": lambda rule, vr, encoding, otherwise: cut_mapping(rule.tag, vr, encoding, _asked(rule), otherwise),
    "script": lambda rule, vr, encoding, otherwise: script_mapping(rule.tag, vr, encoding, _asked(rule), otherwise),
    "pseudonym": lambda rule, vr, encoding, _: pseudonym_mapping(rule.tag, vr, encoding),
    "clean-document": lambda rule, _vr, encoding, _: document_mapping(rule.tag, encoding, cleans=True),
    "quarantine-document": lambda rule, _vr, encoding, _: document_mapping(rule.tag, encoding, cleans=False),
    "shift": _dates,
    "truncate": _dates,
    "fixed": _dates,
    "date": _dates,
}
_SEEING = frozenset({"look-untyped", "look-unknown", "measured", "scheme", "meaning", "meaning-cleaned", "script"})


def shown_first(decided: Instruction, first: Callable[[ObjectContext, bytes], None]) -> Instruction:
    """Return an instruction that shows the original value to ``first``, and then does the same."""
    verb, inner, matches, written = decided.verb, decided.mapping, decided.matches, decided.written
    tag = decided.tag
    if verb in {Verb.ENTER, Verb.GROUP, Verb.END} or (verb == Verb.KEEP and decided.vr == "SQ"):
        raise Refused("unexpected-sequence", f"({tag >> 16:04X},{tag & 0xFFFF:04X}) has another VR than it should")

    def seen(context: ObjectContext, value: bytes, path: tuple[int, ...]) -> bytes | None:
        first(context, value)
        return inner(context, value, path) if inner is not None else LOOK_AT_IT

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        first(context, value)
        if inner is not None:
            return inner(context, value)
        return None if verb == Verb.KEEP or (matches is not None and matches(value)) else written

    if verb in {Verb.SEE, Verb.LOOK}:
        return replace(decided, verb=Verb.SEE, mapping=seen)
    return replace(decided, verb=Verb.MAP, mapping=mapping)
