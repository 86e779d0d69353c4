"""Clean a private block, whatever its format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.actions.private import csa, ge, phoenix
from greycloak.actions.private.search import clean_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.actions.private.search import Find

_FORMATS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, Find], bytes | None]], ...] = (
    (csa.is_header, csa.clean_header),
    (ge.is_protocol, ge.clean_protocol),
    (phoenix.is_protocol, phoenix.clean_protocol),
)


def clean_block(value: bytes, find: Find | None = None, *, codec: str = "") -> bytes | None:
    """Return a block without what identifies anybody.

    Parameters
    ----------
    value : bytes
        The raw value of a private attribute.
    find : callable, optional
        Returns the findings in a text; None if there is nothing to look for.
    codec : str
        Python's name of the object's character set, if it is neither UTF-8 nor of one byte a character.

    Returns
    -------
    bytes or None
        The block: reduced to what measures an image if its format is known, with the same length otherwise. None if
        it cannot be proven to be clean, and has to go.
    """
    for is_format, clean in _FORMATS:
        if is_format(value):
            return clean(value, find or _nothing)
    return value if find is None else clean_bytes(value, find, codec=codec)


def is_known_block(value: bytes) -> bool:
    """Tell whether a value is a block of a format that is known."""
    return any(is_format(value) for is_format, _ in _FORMATS)


def _nothing(_text: str) -> list[object]:
    return []
