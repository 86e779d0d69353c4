"""Search bytes of any format for identifiers, in all encodings in play, and overwrite them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from greycloak.actions.private.streams import TooMuchError, streams_in

Find = Callable[[str], Sequence[Any]]
"""Returns the findings in a text: anything with ``start`` and ``stop``, in characters."""

_MAX_ROUNDS = 4
_FIRST_PRINTABLE = 0x20
_MAPPED = frozenset({"", "utf-8", "latin-1"})


class _View(NamedTuple):
    """A block as text.

    Attributes
    ----------
    text : str
        The text.
    codec : str
        How it is encoded.
    start : int
        Where in the block it begins.
    """

    text: str
    codec: str
    start: int = 0

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Return where in the block some characters stand."""
        if self.codec == "latin-1":
            return self.start + start, self.start + stop
        errors = "surrogatepass" if self.codec.startswith("utf-16") else "surrogateescape"
        before = self.start + len(self.text[:start].encode(self.codec, errors))
        return before, before + len(self.text[start:stop].encode(self.codec, errors))


def clean_bytes(value: bytes, find: Find, *, codec: str = "") -> bytes | None:
    """Overwrite what is found with spaces; None if it is in a compressed stream, or does not go away.

    Parameters
    ----------
    value : bytes
        Any bytes.
    find : callable
        Returns the findings in a text.
    codec : str
        The object's own encoding, by its Python name. What is found in any but UTF-8 and Latin-1 is not overwritten:
        how many bytes a character has there depends on what is before it.
    """
    try:
        if any(_is_found(stream, find, codec) for stream in streams_in(value)):
            return None
    except TooMuchError:
        return None
    cleaned = bytearray(value)
    for _ in range(_MAX_ROUNDS):
        spans = [
            view.span(finding.start, finding.stop) for view in _views(bytes(cleaned)) for finding in find(view.text)
        ]
        if not spans:
            is_found = codec not in _MAPPED and find(value.decode(codec, "replace"))
            return None if is_found else bytes(cleaned)
        for start, stop in spans:
            # What separates fields stays.
            held = cleaned[start:stop]
            cleaned[start:stop] = bytes(min(byte, _FIRST_PRINTABLE) for byte in held)
    return None


def _is_found(value: bytes, find: Find, codec: str) -> bool:
    in_own = codec not in _MAPPED and find(value.decode(codec, "replace"))
    return bool(in_own) or any(find(view.text) for view in _views(value))


def _views(value: bytes) -> Iterator[_View]:
    """Read bytes as texts: one byte a character, UTF-8, and UTF-16 of both orders at even and odd places."""
    yield _View(value.decode("latin-1"), "latin-1")
    if not value.isascii():
        yield _View(value.decode("utf-8", "surrogateescape"), "utf-8")
    for start in (0, 1):
        whole = value[start : start + (len(value) - start) // 2 * 2]
        for codec in ("utf-16-le", "utf-16-be"):
            yield _View(whole.decode(codec, "surrogatepass"), codec, start)
