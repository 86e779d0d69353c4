#!/usr/bin/env python3
"""Frames a second that get a mask, by transfer syntax, and what a long ultrasound costs: time and memory.

.venv/bin/python tests/benchmarks/pixels_bench.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
from PIL import Image

from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.fragments import encapsulated
from greycloak.pixels.process import PixelWorker
from greycloak.pixels.worker.decoding import frames_as_arrays
from greycloak.pixels.worker.jpeg_lossless import encode_lossless
from greycloak.pixels.worker.rle import encode_rle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS, COLUMNS = 600, 800
MASKS = [Mask(Area(0, 0, COLUMNS, 40), "ultrasound"), Mask(Area(600, 540, COLUMNS, ROWS), "ultrasound")]
FAMILY = "1.2.840.10008.1.2.4."
NATIVE = "1.2.840.10008.1.2.1"
Frame = np.ndarray[Any, np.dtype[np.uint8]]

ALONE = """
import resource, sys, time
from pathlib import Path
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.description import Description
from greycloak.pixels.process import PixelWorker
value, frames = Path(sys.argv[1]).read_bytes(), int(sys.argv[2])
columns, rows = 800, 600
masks = [Mask(Area(0, 0, columns, 40), "ultrasound"), Mask(Area(600, 540, columns, rows), "ultrasound")]
said = Description(rows, columns, 3, photometric="YBR_FULL_422", frames=frames,
                   transfer_syntax_uid="1.2.840.10008.1.2.4.50")
worker = PixelWorker()
start = time.perf_counter()
masked = worker.mask(said, value, masks)
seconds = time.perf_counter() - start
child = Path(f"/proc/{worker._idle[-1]._process.pid}/status").read_text()
peak = int(child.partition("VmHWM:")[2].split()[0])
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, peak, sum(map(len, masked.parts)))
"""


def ultrasound(count: int) -> Iterator[Frame]:
    """Draw frames with speckle in a sector, and lines of text around it."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    angle, depth = np.arctan2(columns - COLUMNS / 2, rows - 20), np.hypot(columns - COLUMNS / 2, rows - 20)
    sector = (np.abs(angle) < 0.7) & (depth > 60) & (depth < 540)
    for number in range(count):
        speckle = np.random.default_rng(number).rayleigh(35, (ROWS // 2, COLUMNS // 2)).repeat(2, 0).repeat(2, 1)
        grey = np.where(sector, speckle * (1 + 0.4 * np.sin(depth / 30 + number / 5)), 0).clip(0, 255).astype(np.uint8)
        grey[8:28:3, 20:400:5] = 230
        yield np.repeat(grey[..., None], 3, 2)


def jpeg(image: Frame, quality: int = 75) -> bytes:
    """Return a baseline JPEG."""
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return file.getvalue()


def rle(image: Frame) -> bytes:
    """Return a frame of RLE."""
    return encode_rle(np.ascontiguousarray(image.transpose(2, 0, 1)[:, None]))


CODES: dict[str, tuple[str, Callable[[Frame], bytes]]] = {
    "native": (NATIVE, bytes),
    "JPEG baseline": (f"{FAMILY}50", jpeg),
    "JPEG lossless": (f"{FAMILY}70", lambda image: encode_lossless(image.astype(np.uint16), 8, (1, 2, 3))),
    "JPEG-LS": (f"{FAMILY}80", lambda image: bytes(imagecodecs.jpegls_encode(image))),
    "JPEG 2000": (f"{FAMILY}90", lambda image: bytes(imagecodecs.jpeg2k_encode(image, level=0, codecformat="J2K"))),
    "HTJ2K": (f"{FAMILY}201", lambda image: bytes(imagecodecs.htj2k_encode(image, reversible=True, rgb=False))),
    "RLE": ("1.2.840.10008.1.2.5", rle),
}


def per_second(count: int, work: Callable[[], object]) -> float:
    """Return how many frames a second it does."""
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def by_syntax(worker: PixelWorker, count: int) -> None:
    """Print masks a second beside mere decoding a second."""
    images = list(ultrasound(count))
    print(f"masks in {count} frames of {COLUMNS} x {ROWS}, RGB          masked        decoded   ratio")
    for name, (syntax, code) in CODES.items():
        frames = [code(image) for image in images]
        value = b"".join(frames) if syntax == NATIVE else b"".join(encapsulated([[one] for one in frames], table=True))
        color = "YBR_FULL_422" if name == "JPEG baseline" else "RGB"
        said = Description(ROWS, COLUMNS, 3, photometric=color, frames=count, transfer_syntax_uid=syntax)
        worker.mask(said, value, MASKS)  # once before: what is compiled is compiled
        masked = per_second(count, lambda: worker.mask(said, value, MASKS))  # noqa: B023  called at once
        decoded = per_second(count, lambda: sum(1 for _ in frames_as_arrays(said, value)))  # noqa: B023
        print(f"  {name:<38} {masked:10,.0f} /s {decoded:10,.0f} /s {masked / decoded:7.2f}")


def long_ultrasound(frames: int, size: int) -> None:
    """Print what a long ultrasound in JPEG costs, started from nothing."""
    images = list(ultrasound(20))
    quality = 95
    while quality > 10 and len(jpeg(images[0], quality)) * frames > size:
        quality -= 1
    different = [jpeg(image, quality) for image in images]
    value = encapsulated([[different[number % 20]] for number in range(frames)], table=True)
    with tempfile.NamedTemporaryFile() as file:
        file.writelines(value)
        file.flush()
        size = Path(file.name).stat().st_size
        done = subprocess.run(
            [sys.executable, "-c", ALONE, file.name, str(frames)], check=True, capture_output=True, text=True
        )
    seconds, engine, child, length = map(float, done.stdout.split())
    both = (engine + child) / 1024
    print(f"ultrasound of {frames} frames, {size / 1e6:.0f} MB: {seconds:.1f} s with the start of the process")
    print(f"  masked                 {frames / seconds:10,.0f} /s   {frames / seconds / 100:.2f} of the 100 asked for")
    print(f"  memory, engine         {engine / 1024:10,.0f} MB")
    print(f"  memory, worker         {child / 1024:10,.0f} MB")
    print(f"  memory, both           {both:10,.0f} MB   {both / 400:.2f} of the 400 allowed")
    print(f"  new length             {length / 1e6:10,.0f} MB   {length / size:.2f} of the old")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=20, help="for each transfer syntax")
    parser.add_argument("--long", type=int, default=600, help="frames of the long ultrasound")
    parser.add_argument("--megabytes", type=int, default=50, help="size of the long ultrasound")
    options = parser.parse_args()
    with PixelWorker() as worker:
        by_syntax(worker, options.frames)
    long_ultrasound(options.long, options.megabytes * 1_000_000)


if __name__ == "__main__":
    main()
