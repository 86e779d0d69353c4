"""Write something else instead: a text or number, a template, a pseudonym, a hash, or a part of what was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.outcomes import Refused
from greycloak.profiles.actions import ALPHABETS, LIKE_ORIGINAL, expand
from greycloak.profiles.values import MAX_LENGTHS, NUMBER_VRS, UNDIVIDED_VRS, UnfitError, encode_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.context import ObjectContext
    from greycloak.profiles import Action
    from greycloak.stream import Encoding

    Mapping = Callable[[ObjectContext, bytes], bytes | None]

_SINGLE_BYTE = frozenset(
    b"ISO_IR %d" % number for number in (100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 203, 13)
)


def replacement_mapping(tag: int, vr: str, encoding: Encoding, asked: Action) -> Mapping:
    """Return the mapping that writes a new value, or fills in its template."""

    def mapping(context: ObjectContext, _value: bytes) -> bytes:
        value = asked.value
        if isinstance(value, str):
            subject = context.subject
            value = expand(
                value,
                context.project.name,
                subject.pseudonym if subject else "",
                subject.number if subject else 0,
                f"{context.project.created:%Y%m%d%H%M%S}",
            )
        try:
            return encoding.element(tag, vr, encode_value(value if value is not None else "", vr, encoding))
        except UnfitError as error:
            raise Refused("replacement-unfit", f"({tag >> 16:04X},{tag & 0xFFFF:04X})") from error

    return mapping


def each_replaced_mapping(tag: int, vr: str, encoding: Encoding, asked: Action) -> Mapping:
    """Return the mapping that writes as many new values as there were, for lines that speak of a whole VR."""
    replaced = replacement_mapping(tag, vr, encoding, asked)

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        if not value.strip(b"\0 ") and vr not in NUMBER_VRS:
            return None
        whole = replaced(context, value)
        if whole is None or vr in UNDIVIDED_VRS or vr in NUMBER_VRS:
            return whole
        one = whole[len(encoding.header(tag, vr, 0)) :].rstrip(b"\0 ")
        parts = value.rstrip(b"\0 ").split(b"\\")
        return encoding.element(tag, vr, b"\\".join(one if part.strip() else b"" for part in parts))

    return mapping


def unfit_mapping(tag: int, otherwise: bytes) -> Mapping:
    """Return the mapping of an attribute for which what the profile asks for makes no sense; the report says so."""

    def mapping(context: ObjectContext, _value: bytes) -> bytes:
        context.note("unfit-action", tag)
        return otherwise

    return mapping


def pseudonym_mapping(tag: int, vr: str, encoding: Encoding) -> Mapping:
    """Return the mapping that writes the subject's pseudonym."""

    def mapping(context: ObjectContext, _value: bytes) -> bytes:
        # Where it does not fit, its end tells subjects apart; before the object's subject is known, nothing does.
        pseudonym = context.subject.pseudonym.encode("ascii") if context.subject else b""
        return encoding.element(tag, vr, pseudonym[-MAX_LENGTHS.get(vr, len(pseudonym) + 1) :])

    return mapping


def hash_mapping(tag: int, vr: str, encoding: Encoding, asked: Action) -> Mapping:
    """Return the mapping that writes a keyed hash of each value: the same for the same value, at any place."""
    longest = MAX_LENGTHS.get(vr)
    length = min(asked.length or 0, longest or asked.length or 0)
    alphabet = ALPHABETS.get(asked.alphabet, asked.alphabet)

    def hashed(context: ObjectContext, value: bytes) -> bytes:
        value = value.strip(b"\0 ")
        if not value:
            return b""
        similar = asked.alphabet == LIKE_ORIGINAL
        new = context.project.derive_similar(value) if similar else context.project.derive_text(value, alphabet, length)
        new = new[:longest]
        return new.upper() if vr == "CS" else new

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        values = [value] if vr in UNDIVIDED_VRS else value.split(b"\\")
        new = b"\\".join(hashed(context, one) for one in values)
        return encoding.element(tag, vr, new) if new else None

    return mapping


def cut_mapping(tag: int, vr: str, encoding: Encoding, asked: Action, otherwise: bytes) -> Mapping:
    """Return the mapping that keeps the first characters of a text.

    Where one cannot tell characters apart without decoding (ISO 2022 and the like), nothing of it stays.
    """
    count = int(asked.value or 0)

    def mapping(context: ObjectContext, value: bytes) -> bytes | None:
        text = value.rstrip(b"\0 ")
        values = [text] if vr in UNDIVIDED_VRS else text.split(b"\\")
        try:
            new = b"\\".join(_cut(one, count, context.character_sets.strip(b"\0 ")) for one in values)
        except ValueError:
            return otherwise
        return None if new == text else encoding.element(tag, vr, new)

    return mapping


def _cut(text: bytes, count: int, characters: bytes) -> bytes:
    if b"\x1b" in text or b"\0" in text:
        raise ValueError
    if text.isascii() or characters in _SINGLE_BYTE:
        return text[:count]
    if characters == b"ISO_IR 192":
        return text.decode("utf-8")[:count].encode()
    raise ValueError
