"""What is asked of the worker, and what comes of it: the engine's side imports neither numpy nor a codec."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from greycloak.pixels.areas import Mask
    from greycloak.stream.levels import Buffer


@dataclass(frozen=True, slots=True)
class Hints:
    """What the search for text should know.

    Attributes
    ----------
    identifiers : tuple of str
        What the object says of its subject: to be found in the image as well.
    mode : str
        ``all-text``: every text but an allow list; ``identifiers``: what matches, or looks like identity.
    already : tuple of Mask
        What is masked anyhow: not looked at.
    """

    identifiers: tuple[str, ...] = field(default=(), repr=False)
    mode: str = "all-text"
    already: tuple[Mask, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in an image.

    Attributes
    ----------
    masks : tuple of Mask
        What has to be masked.
    doubts : tuple of Mask
        What looks like text and could not be read.
    distinct_frames : int
        How many frames differ.
    """

    masks: tuple[Mask, ...]
    doubts: tuple[Mask, ...]
    distinct_frames: int


@dataclass(frozen=True, slots=True)
class Masked:
    """Pixels with their masks.

    Attributes
    ----------
    parts : list of bytes or memoryview
        The new value of the element, in pieces.
    frames : frozenset of int
        The frames that changed, counted from 0.
    became_lossless : bool
        Whether frames of a lossy code stream were decompressed and compressed again without further loss.
    recoded : bool
        Whether a code stream was changed without decompressing it.
    photometric : str or None
        What Photometric Interpretation has to say now, if something else.
    extended : tuple of (bytes, bytes) or None
        The new values of Extended Offset Table (7FE0,0001) and Extended Offset Table Lengths (7FE0,0002), where it
        has them.
    fragments : list of sequences of bytes or memoryview
        The fragments of each compressed frame; only where they were masked, in the worker.
    """

    parts: list[Buffer] = field(repr=False)
    frames: frozenset[int]
    became_lossless: bool = False
    recoded: bool = False
    photometric: str | None = None
    extended: tuple[bytes, bytes] | None = field(default=None, repr=False)
    fragments: list[Sequence[Buffer]] = field(default_factory=list, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An image that was inspected, masked, and inspected again.

    Attributes
    ----------
    inspection : Inspection
        What was found at first.
    masks : tuple of Mask
        What was masked: what was asked for, and what was found.
    masked : Masked or None
        The new pixels; None if nothing was masked.
    left : tuple of Mask
        What the second look still found outside of them: the object must not be emitted.
    """

    inspection: Inspection
    masks: tuple[Mask, ...]
    masked: Masked | None
    left: tuple[Mask, ...]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the worker can do with what is installed.

    Attributes
    ----------
    pixels : bool
        Whether it masks (extra ``pixels``).
    ocr : bool
        Whether it searches for text (extra ``ocr``).
    compiled : bool
        Whether it walks through the codes of JPEG as machine code.
    """

    pixels: bool
    ocr: bool
    compiled: bool
