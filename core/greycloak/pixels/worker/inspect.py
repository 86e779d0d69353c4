"""Search the frames of an image for text: what says nothing new is not read again."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.results import Inspection
from greycloak.pixels.worker.candidates import candidates
from greycloak.pixels.worker.levels import levels
from greycloak.pixels.worker.looking import Found, look
from greycloak.pixels.worker.matching import Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from greycloak.pixels.description import Description
    from greycloak.pixels.results import Hints
    from greycloak.pixels.worker.levels import Plane

_ALL_LOOKED_AT = 8
"""Of so many frames that differ, each is looked at in full; of more, each that may show something new."""

_EVERY = 30
_STRIKING = 0.55
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
        of them: between those that were looked at, it may stand there as well.

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
        self._frames: dict[bytes, list[int]] = {}
        self._found: dict[bytes, list[Found]] = {}
        self._known: list[Area] = []

    def add(self, number: int, frame: NDArray[Any]) -> None:
        """Look at a frame, unless one like it was looked at."""
        plane = levels(self._description, frame)
        _blank(plane, self._already, number)
        key = blake2b(plane.tobytes(), digest_size=16).digest()
        self._frames.setdefault(key, []).append(number)
        if len(self._frames[key]) > 1:
            return
        if len(self._frames) > _ALL_LOOKED_AT and len(self._frames) % _EVERY and not self._is_new(plane):
            return
        found = look(plane, self._matcher)
        self._found[key] = found
        self._known += [one.area for one in found if one.area not in self._known]

    def _is_new(self, plane: Plane) -> bool:
        """Tell whether something strikes the eye that was not there before."""
        striking = [one.area for one in candidates(plane) if one.score >= _STRIKING]
        fresh = [area for area in striking if not any(area.touches(known) for known in self._known)]
        self._known += fresh
        return bool(fresh)

    def result(self, mode: str) -> Inspection:
        """Return what has to be masked, and what is in doubt."""
        masks = _merged(
            Mask(area, why, at, round(sure, 3))
            for key, found in self._found.items()
            for area, why, sure in found
            for at in self._frames[key]
        )  # fmt: skip
        if len(self._frames) > _ALL_LOOKED_AT or len(self._frames) == 1:
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
