"""A tool's output as the scorer sees it: a text for every place."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING

import pydicom

from benchmarks.planted.spots import as_text, walk

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom.dataelem import DataElement

_BINARY = ("OB", "OW", "OF", "OD", "OL", "OV", "UN")
_PIXELS = 0x7FE00010


@dataclass(frozen=True, slots=True)
class Output:
    """An object that a tool has written.

    Attributes
    ----------
    texts : dict of str
        The value of each element, by its place.
    uids : dict of str
        Those that are UIDs.
    digest : str
        Of the Pixel Data.
    """

    texts: dict[str, str]
    uids: dict[str, str]
    digest: str


def read(path: Path) -> Output:
    """Read an object, as leniently as possible."""
    texts: dict[str, str] = {}
    uids: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set = pydicom.dcmread(path, force=True)
        for place, element, _ in walk(data_set):
            if element.tag == _PIXELS:
                continue
            texts[place] = _shown(element)
            if element.VR == "UI":
                uids[place] = texts[place]
        for element in getattr(data_set, "file_meta", ()):
            texts[f"<({element.tag.group:04x},{element.tag.element:04x})>"] = _shown(element)
        texts["<preamble>"] = (data_set.preamble or b"").decode("latin-1").strip("\0")
        pixels = data_set.get("PixelData")
    return Output(texts, uids, md5(pixels, usedforsecurity=False).hexdigest() if pixels else "")


def _shown(element: DataElement) -> str:
    value = element.value
    if element.VR == "SQ":
        return f"{len(value or ())} items"
    if isinstance(value, bytes):
        readable = value[: 1 << 16] if element.VR in _BINARY else value
        return readable.decode("utf-8", "replace") + " " + readable.decode("latin-1")
    return as_text(value)
