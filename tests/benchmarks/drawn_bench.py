#!/usr/bin/env python3
"""How much of the text drawn into images is found, what else is masked, and how long that takes.

.venv/bin/python tests/benchmarks/drawn_bench.py --split dev --images 64 [--misses FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.drawn.cases import SEEDS, case
from greycloak.pixels.description import Description
from greycloak.pixels.results import Hints
from greycloak.pixels.worker.inspect import inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from benchmarks.drawn.cases import Case
    from greycloak.pixels.areas import Mask

FAINT = frozenset({"faint", "low"})
OPAQUE, COVERED = 0.3, 0.9
"""The share of a word's ink that has to be under masks."""

AROUND = 4
"""So many pixels around a line's box belong to it, or a third of its height."""

SEEN = 8
"""A word of which fewer pixels can be seen is none."""


@dataclass(slots=True)
class Figures:
    """What came of one image."""

    name: str
    words: list[tuple[str, bool]] = field(default_factory=list)
    silent: list[tuple[str, bool]] = field(default_factory=list)
    clean_masks: int | None = None
    outside: float = 0
    doubts: int = 0
    frames: int = 0
    seconds: float = 0
    missed: list[str] = field(default_factory=list)
    harmless_masked: int = 0
    harmless: int = 0
    left: int = 0


def described(one: Case) -> Description:
    """Return what an object would say of an image."""
    frames, is_color = one.frames, one.frames.ndim == 4
    bits = 8 * frames.dtype.itemsize
    return Description(
        frames.shape[1], frames.shape[2], 3 if is_color else 1, bits, bits, bits - 1,
        is_signed=frames.dtype.kind == "i", photometric="RGB" if is_color else "MONOCHROME2", frames=len(frames),
    )  # fmt: skip


def under(masks: Iterable[Mask], shape: Sequence[int], frame: int) -> NDArray[np.bool_]:
    """Return the pixels under masks."""
    found = np.zeros(shape[:2], bool)
    for mask in masks:
        if mask.frame in {None, frame}:
            left, top, right, bottom = mask.area
            found[top:bottom, left:right] = True
    return found


def measured(split: str, number: int, mode: str, folder: str, *, again: bool) -> Figures:
    """Search one image, and compare with the truth."""
    one = case(split, number)
    said = Figures(one.name, frames=len(one.frames))
    hints = Hints(tuple(value for _, value in one.who.identifiers), mode)
    start = time.perf_counter()
    found = inspect(described(one), one.frames, hints)
    said.seconds = time.perf_counter() - start
    said.doubts = sum(mask.reason == "unread" for mask in (*found.masks, *found.doubts))
    masks = found.masks
    if again and masks:
        masked = one.frames.copy()
        for at, frame in enumerate(masked):
            frame[under(masks, frame.shape, at)] = one.frames.min()
        left = inspect(described(one), masked, Hints(hints.identifiers, mode, masks))
        said.left = len(left.masks) + len(left.doubts)
    covered = under(masks, one.frames.shape[1:], 0)
    doubted = under((*masks, *found.doubts), one.frames.shape[1:], 0)
    if not one.lines:
        said.clean_masks = len(masks) + len(found.doubts)
    allowed = np.zeros_like(covered)
    for line in one.lines:
        left, top, right, bottom = line.ink.box
        near = max(AROUND, min(right - left, bottom - top) // 3)
        allowed[max(top - near, 0) : bottom + near, max(left - near, 0) : right + near] = True
        if not line.words:
            said.harmless += 1
            said.harmless_masked += int(_share(covered, line.ink) > 0.3)
        for word in line.words:
            if (word.ink.opacity > OPAQUE).sum() < SEEN:
                continue
            is_masked = _share(covered, word.ink) >= COVERED
            said.words.append((line.look.contrast, is_masked))
            said.silent.append((line.look.contrast, not is_masked and _share(doubted, word.ink) < COVERED))
            if not is_masked:
                look = line.look
                what = f"{look.contrast} {look.size} px {look.family} {line.script} turned={look.turns}"
                said.missed.append(f"{what} {line.text!r} {_share(covered, word.ink):.2f} at {word.ink.box}")
    said.outside = float((covered & ~allowed).mean())
    if folder and (said.missed or said.clean_masks or said.outside > 0.005):
        _draw(one, masks, Path(folder, f"{split}{number:04}.png"))
    return said


def _share(pixels: NDArray[np.bool_], ink: Any) -> float:
    left, top, right, bottom = ink.box
    opaque = ink.opacity > OPAQUE
    return float(pixels[top:bottom, left:right][opaque].mean()) if opaque.any() else 1.0


def _draw(one: Case, masks: Iterable[Mask], path: Path) -> None:
    frame = one.frames[0].astype(np.float32)
    low, high = np.percentile(frame, (0.5, 99.8))
    shown = ((frame - low) / max(high - low, 1) * 255).clip(0, 255).astype(np.uint8)
    shown = shown if shown.ndim == 3 else np.repeat(shown[..., np.newaxis], 3, axis=2)
    colors = {"text": (255, 0, 0), "zone": (255, 0, 255), "unread": (255, 160, 0)}
    for mask in masks:
        if mask.frame in {None, 0}:
            _frame(shown, mask.area, colors[mask.reason])
    for line in one.lines:
        for word in line.words:
            _frame(shown, word.ink.box, (0, 160, 255))
    Image.fromarray(shown).save(path)


def _frame(image: NDArray[np.uint8], area: Sequence[int], color: tuple[int, int, int]) -> None:
    left, top, right, bottom = area
    for rows, columns in (
        (slice(top, top + 1), slice(left, right)),
        (slice(bottom - 1, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + 1)),
        (slice(top, bottom), slice(right - 1, right)),
    ):
        image[rows, columns] = color


def report(all_of: Sequence[Figures]) -> None:
    """Print the figures."""
    words = [word for one in all_of for word in one.words]
    silent = [word for one in all_of for word in one.silent]
    for title, kinds in (("standard", {"boxed", "full", "half"}), ("faint", FAINT)):
        ours = [is_masked for kind, is_masked in words if kind in kinds]
        quiet = sum(is_silent for kind, is_silent in silent if kind in kinds)
        print(f"{title:9} {sum(ours)} of {len(ours)} words masked: {_percent(sum(ours), len(ours))}; silent {quiet}")
    for kind in sorted({kind for kind, _ in words}):
        ours = [is_masked for one, is_masked in words if one == kind]
        print(f"  {kind:7} {_percent(sum(ours), len(ours))} of {len(ours)}")
    clean = [one.clean_masks for one in all_of if one.clean_masks is not None]
    print(f"clean images with a mask: {sum(map(bool, clean))} of {len(clean)}")
    print(f"masked outside of text: {np.mean([one.outside for one in all_of]):.3%} of pixels")
    print(
        f"lines of nobody masked: {sum(one.harmless_masked for one in all_of)} of {sum(one.harmless for one in all_of)}"
    )
    print(f"images where a second look finds more: {sum(one.left > 0 for one in all_of)} of {len(all_of)}")
    print(f"unread: {sum(one.doubts for one in all_of)} lines")
    seconds, frames = sum(one.seconds for one in all_of), sum(one.frames for one in all_of)
    print(f"{frames / seconds:.2f} frames/s on one core, {seconds / len(all_of):.2f} s an image")


def _percent(part: int, of: int) -> str:
    return f"{part / of:.2%}" if of else "-"


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--split", choices=sorted(SEEDS), default="dev")
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--mode", choices=("all-text", "identifiers"), default="all-text")
    parser.add_argument("--processes", type=int, default=max((os.cpu_count() or 2) // 2, 1))
    parser.add_argument("--again", action="store_true", help="look at what was masked as well")
    parser.add_argument("--misses", default="", help="a folder for pictures of images where something is wrong")
    options = parser.parse_args()
    if options.misses:
        Path(options.misses).mkdir(parents=True, exist_ok=True)
    numbers = range(options.first, options.first + options.images)
    with ProcessPoolExecutor(options.processes) as pool:
        all_of = []
        asked = [
            pool.submit(measured, options.split, number, options.mode, options.misses, again=options.again)
            for number in numbers
        ]
        for number, answer in zip(numbers, asked, strict=True):
            said = answer.result()
            all_of.append(said)
            trouble = [*said.missed, *([f"{said.clean_masks} masks on a clean image"] if said.clean_masks else [])]
            trouble += [f"{said.outside:.2%} outside"] if said.outside > 0.005 else []
            for line in trouble:
                print(f"{number} {said.name}: {line}", flush=True)
    print(Counter(one.name.split()[0] for one in all_of))
    report(all_of)
    return 0


if __name__ == "__main__":
    sys.exit(main())
