"""Spans of bytes within a code stream."""

from __future__ import annotations

Span = tuple[int, int]
"""Where something stands: its first byte, and the one behind it."""

_FILL = b"\0\xff"


def worth_it(view: memoryview, found: list[Span]) -> list[Span]:
    """Return the spans that hold anything but fill bytes."""
    return [(start, end) for start, end in found if start < end and bytes(view[start:end]).strip(_FILL)]
