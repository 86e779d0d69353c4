"""The models in rapidocr's wheel: where lines of text are, and what they say. Nothing here asks a network."""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
import onnxruntime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_TILE, _OVERLAP, _STRIDE = 960, 96, 32
"""Pixels that the detector sees at once, those that it sees twice, and the number that sizes are multiples of."""

_HEIGHT, _LEAST_WIDTH, _MOST_WIDTH = 48, 64, 1600
"""The size of a line as the reader takes it, in pixels."""

_BATCH, _MOST_THREADS = 6, 4
_ZERO, _ONE = 127.5, 127.5


class Reading(NamedTuple):
    """What a line says. It never leaves the worker.

    Attributes
    ----------
    text : str
        The characters.
    confidence : float
        Their mean probability, 0 to 1.
    where : tuple of float
        Where each of them stands in the line, from 0 to 1.
    """

    text: str
    confidence: float
    where: tuple[float, ...]


def probabilities(image: Grey, scale: float, wanted: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Return how probable it is of each pixel that it belongs to a line of text.

    Parameters
    ----------
    image : numpy.ndarray
        Rows x columns, 8 bits.
    scale : float
        How much it is enlarged before.
    wanted : numpy.ndarray of bool, optional
        Pixels: what is seen at once and has none of them is left out.
    """
    found = np.zeros(image.shape, np.float32)
    side, overlap = int(_TILE / scale), int(_OVERLAP / scale)
    for rows in _tiles(image.shape[0], side, overlap):
        for columns in _tiles(image.shape[1], side, overlap):
            if wanted is None or wanted[rows, columns].any():
                tile = image[rows, columns]
                np.maximum(found[rows, columns], _detected(tile, scale), out=found[rows, columns])
    return found


def read(lines: Sequence[Grey]) -> list[Reading]:
    """Read lines, each an image of one line of text."""
    readings: list[Reading] = [Reading("", 0.0, ())] * len(lines)
    widths = [min(max(round(line.shape[1] * _HEIGHT / line.shape[0]), 8), _MOST_WIDTH) for line in lines]
    order = sorted(range(len(lines)), key=lambda number: (widths[number], number))
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        width = max(_LEAST_WIDTH, -(-widths[batch[-1]] // _STRIDE) * _STRIDE)
        images = np.zeros((len(batch), 3, _HEIGHT, width), np.float32)
        for at, number in enumerate(batch):
            resized = cv2.resize(lines[number], (widths[number], _HEIGHT), interpolation=cv2.INTER_CUBIC)
            images[at, :, :, : widths[number]] = (resized.astype(np.float32) - _ZERO) / _ONE
        scores = _run("rec", images)
        for at, number in enumerate(batch):
            readings[number] = _decoded(scores[at], widths[number] / width)
    return readings


def _detected(tile: Grey, scale: float) -> NDArray[np.float32]:
    rows, columns = tile.shape
    size = [max(round(number * scale / _STRIDE), 1) * _STRIDE for number in (columns, rows)]
    grey = (cv2.resize(tile, size, interpolation=cv2.INTER_CUBIC).astype(np.float32) - _ZERO) / _ONE
    found = _run("det", np.repeat(grey[np.newaxis, np.newaxis], 3, axis=1))[0, 0]
    return np.asarray(cv2.resize(found, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)


def _tiles(length: int, side: int, overlap: int) -> Iterator[slice]:
    """Yield parts of a length that overlap, all of nearly the same size."""
    count = 1 if length <= side else -(-(length - overlap) // (side - overlap))
    step = (length - overlap) / count
    for number in range(count):
        yield slice(int(number * step), min(int((number + 1) * step) + overlap + 1, length))


def _decoded(scores: NDArray[np.float32], width: float) -> Reading:
    """Return what the reader's columns say: the best character of each, repetitions and blanks left out."""
    best = scores.argmax(axis=1)
    kept = best != 0
    kept[1:] &= best[1:] != best[:-1]
    columns = np.flatnonzero(kept)
    if not columns.size:
        return Reading("", 0.0, ())
    characters = _characters()
    text = "".join(characters[number] for number in best[columns])
    where = tuple(min((int(column) + 0.5) / len(best) / width, 1.0) for column in columns)
    return Reading(text, float(scores[columns, best[columns]].mean()), where)


def _run(task: str, images: NDArray[np.float32]) -> NDArray[np.float32]:
    session = _session(task)
    return np.asarray(session.run(None, {session.get_inputs()[0].name: images})[0], np.float32)


@cache
def _characters() -> tuple[str, ...]:
    """Return what the reader's numbers stand for; 0 is a blank between characters, the last a space."""
    described = _session("rec").get_modelmeta().custom_metadata_map["character"]
    return ("", *described.splitlines(), " ")


@cache
def _session(task: str) -> onnxruntime.InferenceSession:
    """Load a model: from the wheel of rapidocr, whose own code, which fetches models, is not run."""
    found = importlib.util.find_spec("rapidocr")
    folders = found.submodule_search_locations if found else None
    paths = sorted(path for folder in folders or () for path in Path(folder, "models").glob(f"*_{task}_*.onnx"))
    if not paths:
        raise ImportError("there are no models", name="rapidocr")
    onnxruntime.disable_telemetry_events()  # its builds for Windows would send some
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = _threads(), 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    options.use_deterministic_compute = True
    return onnxruntime.InferenceSession(str(paths[-1]), options, providers=["CPUExecutionProvider"])


def _threads() -> int:
    """Return how many threads a model may take: half of the processors, for others have work to do as well."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        processors = os.cpu_count() or 1
    return max(min(processors // 2, _MOST_THREADS), 1)
