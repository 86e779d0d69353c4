"""Search the frames of an image for text: what says nothing new is not read again."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from greycloak.pixels.areas import Mask
from greycloak.pixels.results import Inspection
from greycloak.pixels.worker.changes import Changes
from greycloak.pixels.worker.levels import levels
from greycloak.pixels.worker.looking import look
from greycloak.pixels.worker.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.description import Description
    from greycloak.pixels.results import Hints
    from greycloak.pixels.worker.levels import Plane
    from greycloak.pixels.worker.looking import Found

_ALL_LOOKED_AT = 8
"""Of so many frames, each that differs is looked at in full; of more, the first and the last, and every so many one."""

_EVERY = 64
_RING = 3


def inspect(description: Description, frames: Iterable[NDArray[Any]], hints: Hints) -> Inspection:
    """Search frames for text.

    Parameters
    ----------
    description : Description
        What they are.
    frames : iterable of numpy.ndarray
        Rows x columns, or rows x columns x samples, as stored.
    hints : Hints
        What to look for, and what is masked anyhow.

    Returns
    -------
    Inspection
        What has to be masked, with reason ``text`` or ``unread``, or ``zone`` where it was found in several frames;
        in mode ``identifiers``, what could not be read is a doubt. Text of an image of many frames is masked in all
        of them: what has changed from one to the next is looked at, too, and does not say in which it stands.

    Raises
    ------
    Refused
        If frames are not as described, or too large.
    """
    search = _Search(description, hints)
    for number, frame in enumerate(frames):
        search.add(number, frame)
    return search.result(hints.mode)


class _Search:
    """What was found so far."""

    def __init__(self, description: Description, hints: Hints) -> None:
        self._description, self._already = description, hints.already
        self._matcher = Matcher(hints.identifiers, hints.mode)
        self._is_long = description.frames > _ALL_LOOKED_AT
        self._frames: dict[bytes, list[int]] = {}
        self._found: list[tuple[bytes, list[Found]]] = []
        self._changes = Changes()
        self._last = b"", np.zeros((0, 0), np.float32)
        self._unseen = 0

    def add(self, number: int, frame: NDArray[Any]) -> None:
        """Look at a frame, unless one like it was looked at; of many, at what has changed in them."""
        plane = levels(self._description, frame)
        _blank(plane, self._already, number)
        key = blake2b(plane.tobytes(), digest_size=16).digest()
        self._frames.setdefault(key, []).append(number)
        if self._is_long:
            self._changes.add(plane)
        if len(self._frames[key]) > 1:
            return
        self._last = key, plane
        self._unseen += 1
        if not self._is_long or len(self._frames) == 1 or self._unseen == _EVERY:
            self._look()

    def _look(self) -> None:
        """Look at the last new frame, and at whatever has changed from one frame to the next before it."""
        key, plane = self._last
        self._unseen = 0
        self._found.append((key, look(plane, self._matcher)))
        self._found += [(key, look(change, self._matcher)) for change in self._changes.taken()]

    def result(self, mode: str) -> Inspection:
        """Return what has to be masked, and what is in doubt."""
        if self._unseen:
            self._look()
        masks = _merged(
            Mask(area, why, at, round(sure, 3))
            for key, found in self._found
            for area, why, sure in found
            for at in self._frames[key]
        )  # fmt: skip
        if self._is_long or len(self._frames) == 1:
            masks = _zones(masks)
        is_doubt = [mode == "identifiers" and mask.reason == "unread" for mask in masks]
        return Inspection(
            tuple(mask for mask, doubt in zip(masks, is_doubt, strict=True) if not doubt),
            tuple(mask for mask, doubt in zip(masks, is_doubt, strict=True) if doubt),
            len(self._frames),
        )


def _zones(masks: Sequence[Mask]) -> list[Mask]:
    """Return masks of single frames as masks of all; of text that stood there several times, one."""
    zones: list[Mask] = []
    for mask in sorted(masks, key=lambda one: (-one.area.size, one.area, one.reason)):
        at = next((at for at, other in enumerate(zones) if other.area.around(mask.area) == other.area), None)
        if at is None:
            zones.append(mask)
        elif zones[at].frame != mask.frame:
            reason = "unread" if {zones[at].reason, mask.reason} == {"unread"} else "zone"
            zones[at] = replace(_one(zones[at], mask), reason=reason)
    return [replace(mask, frame=None) for mask in zones]


def _merged(masks: Iterable[Mask]) -> list[Mask]:
    """Return masks without those that lie in others of the same frame."""
    kept: dict[int | None, list[Mask]] = {}
    for mask in sorted(masks, key=lambda one: (-one.area.size, one.area, one.reason)):
        others = kept.setdefault(mask.frame, [])
        at = next((at for at, other in enumerate(others) if other.area.around(mask.area) == other.area), None)
        if at is None:
            others.append(mask)
        else:
            others[at] = _one(others[at], mask)
    return [mask for masks in kept.values() for mask in masks]


def _one(mask: Mask, inside: Mask) -> Mask:
    """Return a mask that stands for another that lies in it as well: what was read says why."""
    reason = "text" if "text" in {mask.reason, inside.reason} else mask.reason
    return replace(mask, reason=reason, confidence=max(mask.confidence or 0, inside.confidence or 0))


def _blank(plane: Plane, already: Sequence[Mask], number: int) -> None:
    """Fill what is masked anyhow with what is around it: neither it nor its edge is looked at."""
    rows, columns = plane.shape
    for mask in already:
        area = mask.area.within(columns, rows) if mask.frame in {None, number} else None
        around = area.grown(_RING).within(columns, rows) if area is not None else None
        if area is not None and around is not None:
            inside = slice(area.top, area.bottom), slice(area.left, area.right)
            plane[inside] = np.nan
            ring = plane[around.top : around.bottom, around.left : around.right]
            seen = ring[~np.isnan(ring)]
            plane[inside] = np.median(seen) if seen.size else 0
