"""Draw a line of text into frames, as devices and screens do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.drawn.fonts import font

if TYPE_CHECKING:
    from random import Random

    from numpy.typing import NDArray

CONTRASTS = ("boxed", "full", "half", "low", "faint")
"""``boxed``: on a ground of its own. ``full``: as bright or dark as pixels get. ``half``: half transparent. ``low``: on
a ground of its own of nearly its brightness. ``faint``: little more than the noise, over anatomy."""

_VISIBLE = 0.03
"""The part of black to white that ink has to differ by from what was there before."""

_COLOURS = ((1, 1, 1), (1, 1, 0.2), (0.3, 1, 0.3), (0.3, 1, 1), (1, 0.6, 0.1))


@dataclass(frozen=True, slots=True)
class Look:
    """How a line looks: its font, size in pixels, contrast, polarity and quarter turns."""

    family: str
    size: int
    contrast: str
    is_bright: bool
    turns: int
    is_smooth: bool


@dataclass(frozen=True, slots=True)
class Ink:
    """Where a text's ink is: a box and its opacity in it."""

    left: int
    top: int
    opacity: NDArray[np.float32]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.left + self.opacity.shape[1], self.top + self.opacity.shape[0]


def lettering(text: str, look: Look) -> NDArray[np.float32]:
    """Return a text's opacity in a box that fits it."""
    face = font(look.family, look.size)
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("L" if look.is_smooth else "1", (round(right - left) + 2, round(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), text, fill=255 if look.is_smooth else 1, font=face)
    opacity = np.asarray(image).astype(np.float32) / (255 if look.is_smooth else 1)
    return np.rot90(opacity, look.turns)


def spans(text: str, words: list[str], look: Look) -> list[tuple[float, float]]:
    """Return which part of a line's length each word takes, from 0 to 1."""
    face = font(look.family, look.size)
    total = max(face.getlength(text), 1)
    found, start = [], 0
    for word in words:
        start = text.index(word, start)
        found.append((face.getlength(text[:start]) / total, face.getlength(text[: start + len(word)]) / total))
        start += len(word)
    return found


def draw(frames: NDArray[np.generic], ink: Ink, look: Look, random: Random) -> Ink:
    """Draw into all frames, in place; return what of the ink can be seen: black on black cannot."""
    left, top, right, bottom = ink.box
    low, high = _limits(frames)
    colour = np.array(random.choice(_COLOURS) if look.contrast in {"boxed", "full"} and look.is_bright else (1, 1, 1))
    margin, seen = 3, np.zeros_like(ink.opacity)
    for frame in frames:
        around = (slice(max(top - margin, 0), bottom + margin), slice(max(left - margin, 0), right + margin))
        ground, noise = float(frame[around].mean()), _noise(frame[around])
        if look.contrast == "boxed":
            frame[around] = low if look.is_bright else high
            ground = low if look.is_bright else high
        elif look.contrast == "low":
            ground = float(np.clip(ground, low + (high - low) * 0.3, high - (high - low) * 0.3))
            frame[around] = ground
        value, opacity = _value(look, (low, high), ground, noise)
        place = frame[top:bottom, left:right]
        before = place.astype(np.float32)
        alpha = ink.opacity * opacity
        if frame.ndim == 3:
            alpha = alpha[..., np.newaxis]
            value = value * colour if look.is_bright else np.array([value] * 3)
        drawn = place + alpha * (value - ground) if look.contrast == "faint" else place * (1 - alpha) + alpha * value
        limits = np.iinfo(frame.dtype)
        place[...] = np.clip(np.rint(drawn), limits.min, limits.max).astype(frame.dtype)
        contrast = np.abs(place.astype(np.float32) - before)
        contrast = contrast.max(axis=2) if frame.ndim == 3 else contrast
        seen = np.maximum(seen, ink.opacity * (contrast > (high - low) * _VISIBLE * (ink.opacity > 0)))
    return Ink(ink.left, ink.top, seen)


def can_stand_out(frames: NDArray[np.generic], ink: Ink, *, is_bright: bool) -> bool:
    """Tell whether bright or dark ink can be seen at all where it would stand."""
    left, top, right, bottom = ink.box
    low, high = _limits(frames)
    place = (frames[:, top:bottom, left:right].astype(np.float32).mean() - low) / max(high - low, 1)
    return bool(place < 0.6 if is_bright else place > 0.4)


def _value(look: Look, limits: tuple[float, float], ground: float, noise: float) -> tuple[float, float]:
    low, high = limits
    way = 1 if look.is_bright else -1
    if look.contrast == "low":
        return ground + way * (high - low) * 0.16, 1
    if look.contrast == "faint":
        return ground + way * float(np.clip(noise * 3.5, (high - low) * 0.09, (high - low) * 0.22)), 1
    return (high if look.is_bright else low), 0.55 if look.contrast == "half" else 1


def _limits(frames: NDArray[np.generic]) -> tuple[float, float]:
    """Return what is shown as black and as white."""
    if frames.dtype == np.uint8:
        return 0, 255
    low, high = np.percentile(frames[0], (0.5, 99.8))
    return float(low), float(high)


def _noise(place: NDArray[np.generic]) -> float:
    grey = place.astype(np.float32).mean(axis=2) if place.ndim == 3 else place.astype(np.float32)
    return float(np.abs(np.diff(grey, axis=1)).mean()) * 0.9 if grey.shape[1] > 1 else 0.0
