"""Specific Character Set (0008,0005): which terms there are, and what people mean who write others."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable

SPECIFIC_CHARACTER_SET = 0x00080005
_SINGLE_BYTE = ("13", "100", "101", "109", "110", "126", "127", "138", "144", "148", "166", "203")
_MULTI_BYTE = ("6", "58", "87", "149", "159")
_WHOLE = frozenset({"ISO_IR 192", "GB18030", "GBK"})
"""Terms that stand alone (PS3.3 section C.12.1.1.2)."""

DEFINED_TERMS = frozenset(
    {f"ISO_IR {number}" for number in _SINGLE_BYTE}
    | {f"ISO 2022 IR {number}" for number in (*_SINGLE_BYTE, *_MULTI_BYTE)}
    | _WHOLE
    | {"ISO_IR 6"}  # not a defined term, but one that everybody writes and reads
)

_ISO_IR = re.compile(r"ISO[ _-]*(2022)?[ _-]*IR[ _-]*(\d{1,3})")
_ISO_8859 = re.compile(r"(?:ISO)?[ _-]*8859[ _-]*(\d{1,2})")
_OF_ISO_8859 = {1: 100, 2: 101, 3: 109, 4: 110, 5: 144, 6: 127, 7: 126, 8: 138, 9: 148, 11: 166, 15: 203}
_MEANT = {
    "UTF8": "ISO_IR 192",
    "UNICODE": "ISO_IR 192",
    "UNICODE11UTF8": "ISO_IR 192",
    "ISO10646": "ISO_IR 192",
    "LATIN1": "ISO_IR 100",
    "LATIN2": "ISO_IR 101",
    "GB18030": "GB18030",
    "GB2312": "GB18030",
    "GBK": "GBK",
    "ASCII": "",
    "USASCII": "",
    "NONE": "",
}


@lru_cache(maxsize=256)
def are_defined(value: bytes) -> bool:
    """Tell whether a raw value is one that PS3.3 defines: known terms, none but the first empty, none that must not."""
    terms = _terms(value)
    if terms == [""]:
        return True
    if not set(terms) <= DEFINED_TERMS | {""} or "" in terms[1:]:
        return False
    # With code extensions, every term is one of ISO 2022: others have no escape sequence.
    return len(terms) == 1 or all(not term or term.startswith("ISO 2022") for term in terms)


def _terms(value: bytes) -> list[str]:
    return [term.strip() for term in value.strip(b"\0 ").decode("latin-1").split("\\")]


def mended(value: bytes | None, texts: Iterable[bytes]) -> bytes | None:
    """Return the value that was meant; empty if the default repertoire is.

    Parameters
    ----------
    value : bytes or None
        The raw value; None if there is none.
    texts : iterable of bytes
        The raw values of all texts that it stands for.

    Returns
    -------
    bytes or None
        None if nothing is to be changed.

    Raises
    ------
    Malformed
        If nobody can tell.
    """
    if value is not None and are_defined(value):
        return None
    texts = list(texts)
    escaped = any(b"\x1b" in text for text in texts)
    beyond_ascii = [text for text in texts if not text.isascii()]
    if value is None:
        return b"ISO_IR 192" if beyond_ascii and not escaped and all(map(is_utf8, beyond_ascii)) else None
    meant = _meant(value)
    if meant is not None and _holds(meant, texts, escaped=escaped):
        return meant.encode("ascii")
    if not beyond_ascii and not escaped:
        return b""
    if not escaped and all(map(is_utf8, beyond_ascii)):
        return b"ISO_IR 192"
    raise Malformed("invalid-character-set", "it holds text that needs one")


def are_meant(value: bytes) -> bool:
    """Tell whether a raw value is made of terms, however they are spelled."""
    return all(_meant_term(term) is not None for term in _terms(value))


def is_utf8(text: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _holds(meant: str, texts: list[bytes], *, escaped: bool) -> bool:
    """Tell whether texts can be in a character set."""
    if escaped:
        return meant.startswith("ISO 2022") or "\\" in meant
    if meant == "ISO_IR 192":
        return all(map(is_utf8, texts))
    return bool(meant) or all(text.isascii() for text in texts)


def _meant(value: bytes) -> str | None:
    terms = [_meant_term(term) for term in _terms(value)]
    known = [term for term in terms if term is not None]
    if len(known) < len(terms) or not known:
        return None
    if len(known) > 1:
        if not _WHOLE.isdisjoint(known):
            return None
        known = [known[0] and _extended(known[0]), *(_extended(term) for term in known[1:] if term)]
    result = "\\".join(dict.fromkeys(known)) if len(known) > 1 else known[0]
    return result if are_defined(result.encode("ascii")) else None


def _extended(term: str) -> str:
    return term.replace("ISO_IR", "ISO 2022 IR")


def _meant_term(term: str) -> str | None:
    """Return the defined term that a spelling stands for, or None."""
    upper = term.upper()
    if upper in DEFINED_TERMS or not upper:
        return upper
    found = _ISO_IR.fullmatch(upper)
    if found:
        number = int(found[2])
        multi_byte = str(number) in _MULTI_BYTE and number != 6  # noqa: PLR2004  ISO 646
        spelled = f"ISO 2022 IR {number}" if found[1] or multi_byte else f"ISO_IR {number}"
        return spelled if spelled in DEFINED_TERMS else None
    found = _ISO_8859.fullmatch(upper)
    if found:
        known = _OF_ISO_8859.get(int(found[1]))
        return None if known is None else f"ISO_IR {known}"
    return _MEANT.get(re.sub(r"[ _-]", "", upper))
