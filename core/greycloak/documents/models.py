"""Three-dimensional models (STL, OBJ, MTL): shapes stay bit by bit, and whatever else they carry goes."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from greycloak.documents.proof import Cleaned, UnprovenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STL_HEADER = 80
_FACET = 50
_SHAPE_OF_FACET = 48

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"(?:{_NUMBER}(?:/-?\d*){{0,2}}(?:\s+|$))*")
_SHAPES = frozenset(
    "v vt vn vp p l f s bevel c_interp d_interp lod deg bmat step curv curv2 surf parm trim hole scrv sp end con "
    "cstype mg".split()
)
_WORDS = frozenset({"on", "off", "u", "v", "rat", "bmatrix", "bezier", "bspline", "cardinal", "taylor"})
_NAMES = frozenset({"g", "o", "usemtl"})
_LIBRARIES = frozenset({"mtllib"})
# Commands, pictures and techniques of other programs, which no shape needs.
_LEFT_OUT = frozenset("call csh shadow_obj trace_obj ctech stech maplib usemap".split())
_MATERIAL = frozenset("Ka Kd Ks Ke Ns Ni Tr Tf d illum sharpness Pr Pm Ps Pc Pcr aniso anisor".split())
_MATERIAL_WORDS = frozenset({"-halo", "xyz"})
_PICTURES = re.compile(r"map_\w+|bump|disp|decal|refl|norm")


def cleaned_stl(document: bytes, _rename: Callable[[str], str]) -> Cleaned:
    """Return a binary STL model without header and attributes.

    Raises
    ------
    UnprovenError
        If it is none: a text, or one with something behind its facets.
    """
    if len(document) < _STL_HEADER + 4:
        raise UnprovenError("damaged")
    count = struct.unpack_from("<L", document, _STL_HEADER)[0]
    start = _STL_HEADER + 4
    stop = start + count * _FACET
    if stop > len(document) or document[stop:].strip(b"\0"):
        raise UnprovenError("damaged")
    made = bytearray(bytes(_STL_HEADER) + document[_STL_HEADER:stop])
    for end in (_SHAPE_OF_FACET, _SHAPE_OF_FACET + 1):
        made[start + end :: _FACET] = bytes(count)
    return Cleaned(bytes(made))


def cleaned_obj(document: bytes, rename: Callable[[str], str]) -> Cleaned:
    """Return an OBJ model without comments, under new names of groups and materials.

    Raises
    ------
    UnprovenError
        If a line of it is none of a shape.
    """
    return _cleaned_lines(document, lambda line: _obj_line(line, rename))


def cleaned_material(document: bytes, rename: Callable[[str], str]) -> Cleaned:
    """Return a material library (MTL) without comments and pictures, under new names.

    Raises
    ------
    UnprovenError
        If a line of it is none of a material.
    """
    return _cleaned_lines(document, lambda line: _material_line(line, rename))


def _cleaned_lines(document: bytes, cleaned: Callable[[str], str]) -> Cleaned:
    try:
        text = document.rstrip(b"\0 ").decode("utf-8").replace("\\\n", " ").replace("\\\r\n", " ")
    except UnicodeDecodeError as error:
        raise UnprovenError("damaged") from error
    lines = (cleaned(line) for line in _without_comments(text))
    return Cleaned("".join(f"{line}\n" for line in lines if line).encode("ascii"))


def _without_comments(text: str) -> Iterator[str]:
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        if bare:
            yield bare


def _obj_line(line: str, rename: Callable[[str], str]) -> str:
    word, *rest = line.split()
    if word in _LEFT_OUT:
        return ""
    if word in _LIBRARIES:
        return " ".join([word, *(f"{rename(name.removesuffix('.mtl'))}.mtl" for name in rest)])
    if word in _NAMES:
        return " ".join([word, *map(rename, rest)])
    return _of_numbers(line, _SHAPES, _WORDS)


def _material_line(line: str, rename: Callable[[str], str]) -> str:
    word, *rest = line.split()
    if word == "newmtl":
        return " ".join([word, *map(rename, rest)])
    return "" if _PICTURES.fullmatch(word) else _of_numbers(line, _MATERIAL, _MATERIAL_WORDS)


def _of_numbers(line: str, statements: frozenset[str], words: frozenset[str]) -> str:
    word, *rest = line.split()
    numbers = " ".join(value for value in rest if value not in words)
    if word not in statements or not line.isascii() or not _NUMBERS.fullmatch(numbers):
        raise UnprovenError("damaged")
    return line
