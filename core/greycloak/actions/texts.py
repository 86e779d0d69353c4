"""What becomes of the texts that a walk has looked at: each is cleaned with all that the object says of anybody.

Answers depend on the object alone, never on what was seen before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from greycloak.actions.private import clean_block
from greycloak.actions.values import CHECKS
from greycloak.outcomes import Refused
from greycloak.stream import AS_BYTES
from greycloak.text import cleaner
from greycloak.text.decoding import decode, encode
from greycloak.text.folding import fold
from greycloak.text.spellings import squeezed
from greycloak.text.vocabulary import is_equipment, is_harmless_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from greycloak.stream import Look
    from greycloak.text.findings import Finding
    from greycloak.text.known import Compiled, Known

How = Literal["known", "own", "equipment", "clean", "vocabulary", "code", "number", "bytes"]
"""How a text is looked at.

``known``, ``clean``, ``vocabulary``
    As `greycloak.text.cleaner.How`.
``own``
    Only the patient's own name, numbers and birth date go: an option keeps the rest.
``equipment``
    As ``known``, but the whole name of a maker or a model stays, whoever else is called so.
``code``, ``number``
    A code string or number in text: stays if it is valid and nobody's name or number. With ``:else``, one that is not
    valid is looked at as ``known``.
``bytes``
    Need not be text.

With ``:prose`` it may be long, and the profile says what becomes of long ones.
"""

HOWS: tuple[str, ...] = get_args(How)

MAX_LOOKED_AT = 1 << 24
"""Bytes of text in one object; more than any report has."""

MAX_BYTES = 1 << 26
"""Size of the largest value that is searched although it need not be text; a larger one goes."""

_PROSE, _ELSE = "prose", "else"
_VRS = {"code": "CS", "number": "DS"}
_MIN_SECRET = 6
"""Digits of a number that is compared with identifiers."""


@dataclass(frozen=True, slots=True)
class Prose:
    """What becomes of long text under Clean Descriptors.

    Attributes
    ----------
    action : str
        ``empty``; ``clean``: like any other; ``review``: the object is quarantined until somebody has read it.
    length : int
        Characters from which on a text is long.
    """

    action: str = "empty"
    length: int = 256


def answers_to(looked: Iterable[Look], known: Known, prose: Prose) -> dict[Look, bytes]:
    """Return what is written instead of those texts that cannot stay as they are; empty if nothing of one may stay.

    Parameters
    ----------
    looked : iterable of Look
        The texts.
    known : Known
        What identifies anybody in the object.
    prose : Prose
        What becomes of long ones.

    Raises
    ------
    Refused
        If somebody has to read a text first, or there is unreasonably much of it.
    """
    looked = list(looked)
    if sum(len(raw) for how, _, raw in looked if how != AS_BYTES) > MAX_LOOKED_AT:
        raise Refused("too-large", "more text than can be looked at")
    answers = {}
    for look in looked:
        answer = _answer(known.compiled, look, prose)
        if known.varying and look[0] != AS_BYTES and known.varies_in(squeezed_text(look)):
            answer = _cleaned(look, known, prose)
        if answer is not None:
            answers[look] = answer
    return answers


@lru_cache(maxsize=16384)
def squeezed_text(look: Look) -> str:
    """Return the letters and digits of a text."""
    _, characters, raw = look
    return squeezed(decode(raw, characters).text)


@lru_cache(maxsize=16384)
def _answer(compiled: Compiled, look: Look, prose: Prose) -> bytes | None:
    return _cleaned(look, compiled.alone(), prose)


def _cleaned(look: Look, known: Known, prose: Prose) -> bytes | None:
    """Return what is written instead of a value; None if it stays."""
    written, characters, raw = look
    how, _, extra = written.partition(":")
    if how == "bytes":
        return _cleaned_bytes(raw, known)
    if b"\0" in raw.rstrip(b"\0 "):
        return b""  # behind a NUL, readers see nothing, and whoever searches bytes sees it all
    if how in _VRS:
        if CHECKS[_VRS[how]](raw):
            return b"" if _is_secret(how, raw, known) else None
        return _cleaned_text(("known", characters, raw), known) if extra == _ELSE else b""
    if extra == _PROSE and prose.action != "clean" and len(decode(raw, characters).text) >= prose.length:
        if prose.action == "review":
            raise Refused("review")
        return b""
    return _cleaned_text((how, characters, raw), known)


def _cleaned_bytes(raw: bytes, known: Known) -> bytes | None:
    cleaned = clean_block(raw, known.findings_in_bytes) if len(raw) <= MAX_BYTES else None
    if cleaned is None or known.stands_in(cleaned):
        return b""
    return None if cleaned == raw else cleaned


def _cleaned_text(look: Look, known: Known) -> bytes | None:
    how, characters, raw = look
    decoded = decode(raw, characters)
    text, findings = clean(decoded.text, known, how)
    if not findings:
        return None
    if not any(character.isalnum() for character in text):
        return b""
    return encode(text, decoded.codec, characters) or b""


def clean(text: str, known: Known, how: str) -> tuple[str, list[Finding]]:
    """Return what is left of a decoded text, and what was cut out of it.

    Parameters
    ----------
    text : str
        The text.
    known : Known
        What identifies anybody.
    how : str
        One of `HOWS`, of those for texts.
    """
    if how == "equipment":
        if is_equipment(fold(text).strip()):
            return text, []
        how = "known"
    if how == "own":
        how, known = "known", known.of_patient()
    return cleaner.clean(text, known, how)  # type: ignore[arg-type]


def _is_secret(how: str, raw: bytes, known: Known) -> bool:
    """Tell whether a valid code string or number is somebody's name or number."""
    for value in raw.decode("ascii").strip("\0 ").split("\\"):
        plain = value.strip()
        if how == "number":
            digits = plain.lstrip("0")
            if len(digits) >= _MIN_SECRET and digits.isdigit() and known.findings(plain):
                return True
        elif not all(is_harmless_token(part) for part in fold(plain).split()) and known.findings(plain):
            return True
    return False
