"""Make images with texts in them, or without, from a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.drawn.drawing import CONTRASTS, Ink, Look, can_stand_out, draw, lettering, spans
from benchmarks.drawn.fonts import LATIN
from benchmarks.drawn.hosts import HOSTS, image
from benchmarks.drawn.people import Person, harmless, identity, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SEEDS = {"dev": 11_000_000, "test": 77_000_000}
_SIZES = (9, 9, 10, 10, 11, 12, 12, 13, 14, 16, 18, 20, 24, 32, 44)


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a line that identifies: its ink."""

    ink: Ink


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was drawn."""

    text: str
    script: str
    look: Look
    ink: Ink
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An image with its truth.

    Attributes
    ----------
    name : str
        What the image is, its modality first.
    frames : numpy.ndarray
        (frames, rows, columns[, 3]), stored values.
    who : Person
        Whose it is.
    lines : list of Line
        What was drawn, the same in every frame; none in a clean image.
    """

    name: str
    frames: NDArray[np.generic]
    who: Person
    lines: list[Line] = field(default_factory=list)


def case(split: str, number: int) -> Case:
    """Return an image; one in four has no text.

    Parameters
    ----------
    split : str
        ``dev`` or ``test``.
    number : int
        Which one.
    """
    random = Random(SEEDS[split] + number)
    host = HOSTS[number % len(HOSTS)]
    made = Case(host.name, image(host, random), person(random))
    if number // len(HOSTS) % 4 != 3:
        _write(made, random)
    return made


def _write(case: Case, random: Random) -> None:
    taken = np.zeros(case.frames.shape[1:3], bool)
    family = random.choice(sorted(LATIN))
    for number in range(random.randrange(3, 8)):
        is_identity = number < 2 or random.random() < 0.6
        text, words = identity(case.who, random) if is_identity else (harmless(random), [])
        _write_line(case, taken, (text, words, family if text.isascii() else ""), random)


def _write_line(case: Case, taken: NDArray[np.bool_], written: tuple[str, list[str], str], random: Random) -> None:
    text, words, family = written
    # European letters are in all fonts for Latin, and the others in one each.
    script = case.who.script if not text.isascii() else "latin"
    contrast = random.choice(CONTRASTS)
    for _ in range(12):
        look = Look(
            family=family or (random.choice(("noto-sans", "dejavu-sans")) if script == "latin" else script),
            size=max(random.choice(_SIZES), 11 if script != "latin" else 0),
            contrast=contrast,
            is_bright=random.random() < 0.6,
            turns=random.choice((1, 3)) if random.random() < 0.1 else 0,
            is_smooth=random.random() < 0.6,
        )
        opacity = lettering(text, look)
        height, width = opacity.shape
        rows, columns = taken.shape
        if height + 12 >= rows or width + 12 >= columns:
            continue
        ink = Ink(random.randrange(6, columns - width - 6), random.randrange(6, rows - height - 6), opacity)
        left, top, right, bottom = ink.box
        if taken[top - 6 : bottom + 6, left - 6 : right + 6].any():
            continue
        if contrast in {"full", "half", "faint"} and not can_stand_out(case.frames, ink, is_bright=look.is_bright):
            continue
        taken[top:bottom, left:right] = True
        ink = draw(case.frames, ink, look, random)
        case.lines.append(Line(text, script, look, ink, tuple(Word(part) for part in _parts(ink, text, words, look))))
        return


def _parts(ink: Ink, text: str, words: list[str], look: Look) -> Iterator[Ink]:
    for start, stop in spans(text, words, look):
        if any("\u0590" <= letter <= "\u08ff" for letter in text):
            yield ink  # written from right to left: all of it
        elif look.turns:
            height = ink.opacity.shape[0]
            first, last = (1 - stop, 1 - start) if look.turns == 1 else (start, stop)
            top, bottom = round(first * height), max(round(last * height), round(first * height) + 1)
            yield Ink(ink.left, ink.top + top, ink.opacity[top:bottom])
        else:
            width = ink.opacity.shape[1]
            left, right = round(start * width), max(round(stop * width), round(start * width) + 1)
            yield Ink(ink.left + left, ink.top, ink.opacity[:, left:right])
