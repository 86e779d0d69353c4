"""Texts for people go through ``_``: Slicer translates them; elsewhere they stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _as_it_is(text: str) -> str:
    return text


try:
    from slicer.i18n import tr
except ImportError:  # outside Slicer
    tr = _as_it_is

_: Callable[[str], str] = tr
"""Translates a text; the very function of Slicer, which finds the context of its caller."""

__all__ = ["_"]
