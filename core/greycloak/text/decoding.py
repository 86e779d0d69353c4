"""Text as it is encoded (PS3.5 section 6.1.2), whatever the object claims of its character set.

A name that is encoded in another way than the object says is a name all the same: what cannot be decoded as declared
is read as UTF-8 if it is that, else one byte a character. Nothing here raises.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from greycloak.quiet import quiet

_CODECS = {
    b"": "ascii",
    b"ISO_IR 6": "ascii",
    b"ISO 2022 IR 6": "ascii",
    b"ISO_IR 13": "shift_jis",
    b"ISO_IR 100": "latin-1",
    b"ISO_IR 101": "iso8859-2",
    b"ISO_IR 109": "iso8859-3",
    b"ISO_IR 110": "iso8859-4",
    b"ISO_IR 126": "iso8859-7",
    b"ISO_IR 127": "iso8859-6",
    b"ISO_IR 138": "iso8859-8",
    b"ISO_IR 144": "iso8859-5",
    b"ISO_IR 148": "iso8859-9",
    b"ISO_IR 166": "tis-620",
    b"ISO_IR 192": "utf-8",
    b"ISO_IR 203": "iso8859-15",
    b"GB18030": "gb18030",
    b"GBK": "gbk",
}
_LATIN = frozenset({"ascii", "latin-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9", "iso8859-15"})
_ESCAPE = b"\x1b"
_ESCAPED = "iso2022"
_OF_NAMES = frozenset("^=")
_DELIMITERS = frozenset("\\\n\r\t\f") | _OF_NAMES


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded value.

    Attributes
    ----------
    text : str
        What it says.
    codec : str
        How it was read: a codec of Python, or ``iso2022`` for code extensions.
    """

    text: str
    codec: str


def decode(raw: bytes, characters: bytes) -> Decoded:
    """Decode a value.

    Parameters
    ----------
    raw : bytes
        The value, or any part of one.
    characters : bytes
        Specific Character Set (0008,0005) in force.
    """
    if raw.isascii() and _ESCAPE not in raw:
        return Decoded(raw.decode("ascii"), "ascii")
    return _decode_other(raw, characters)


@lru_cache(maxsize=4096)
def _decode_other(raw: bytes, characters: bytes) -> Decoded:
    terms = tuple(term.strip() for term in characters.strip(b"\0 ").split(b"\\"))
    if _ESCAPE in raw and len(terms) > 1:
        text = _decode_escaped(raw, terms)
        if text is not None:
            return Decoded(unicodedata.normalize("NFC", text), _ESCAPED)
    declared = _CODECS.get(terms[0].replace(b"ISO 2022 IR", b"ISO_IR"), "ascii")
    # In Latin letters of one byte, what is well-formed UTF-8 is nothing that anybody has typed.
    for codec in ("utf-8", declared) if declared in _LATIN else (declared, "utf-8"):
        try:
            return Decoded(unicodedata.normalize("NFC", raw.decode(codec)), codec)
        except UnicodeDecodeError:
            continue
    return Decoded(raw.decode("latin-1"), "latin-1")


def _decode_escaped(raw: bytes, terms: tuple[bytes, ...]) -> str | None:
    # Only code extensions need pydicom's tables, which take 0.2 s to load.
    from pydicom.charset import decode_bytes  # noqa: PLC0415

    declared = _encodings(terms)
    # What stands outside of code extensions is ASCII, if nothing else is declared; pydicom reads Latin letters there.
    strict = ("ascii", *declared[1:]) if _CODECS.get(terms[0]) == "ascii" else declared
    # Carets and equals signs end a code extension in names, and nowhere else.
    ways = [(encodings, ends) for encodings in (strict, declared) for ends in (_DELIMITERS, _DELIMITERS - _OF_NAMES)]
    for encodings, delimiters in dict.fromkeys(ways):
        try:
            with quiet():
                text = decode_bytes(raw, list(encodings), set(map(ord, delimiters)))
        except (LookupError, UnicodeError, ValueError):
            continue
        if "\N{REPLACEMENT CHARACTER}" not in text:
            return text
    return None


@lru_cache(maxsize=64)
def _encodings(terms: tuple[bytes, ...]) -> tuple[str, ...]:
    from pydicom.charset import convert_encodings  # noqa: PLC0415

    with quiet():
        return tuple(convert_encodings([term.decode("latin-1") for term in terms]))


def encode(text: str, codec: str, characters: bytes) -> bytes | None:
    """Encode a text as it was encoded before; None if that cannot be done.

    Parameters
    ----------
    text : str
        A part of what `decode` has returned.
    codec : str
        How that was read.
    characters : bytes
        Specific Character Set (0008,0005) in force.
    """
    try:
        if codec != _ESCAPED:
            return text.encode(codec)
        if text.isascii():
            return text.encode("ascii")
        from pydicom.charset import encode_string  # noqa: PLC0415

        terms = tuple(term.strip() for term in characters.strip(b"\0 ").split(b"\\"))
        with quiet():
            raw: bytes = encode_string(text, list(_encodings(terms)))
    except (LookupError, UnicodeError, ValueError):
        return None
    return raw if _decode_other(raw, characters).text == text else None
