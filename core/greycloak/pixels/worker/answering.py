"""What the worker answers to each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from greycloak.outcomes import Refused
from greycloak.pixels.messages import Message, description_from_json, masks_from_json, masks_to_json
from greycloak.pixels.results import Hints, Inspection, Masked
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from greycloak.pixels.areas import Mask
    from greycloak.pixels.description import Description
    from greycloak.stream.levels import Buffer

ALL_TEXT = "all-text"
_PIXELS = ("numpy", "imagecodecs")
_OCR = ("rapidocr", "onnxruntime")
_WORKER = "greycloak.pixels.worker"

Progress = Callable[..., None]
Answer = tuple[dict[str, Any], list[Sequence["Buffer"]]]
"""A header, and blobs in pieces."""


class MissingError(Exception):
    """An extra is not installed; which one is its argument."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    Attributes
    ----------
    description : Description
        What the pixels are.
    value : bytearray
        The value of the element.
    extended : tuple of (bytes, bytes)
        The values of its Extended Offset Table and Extended Offset Table Lengths.
    masks : tuple of Mask
        What to mask.
    hints : Hints
        What to look for.
    progress : callable
        To be told the number of each frame, and given its new code stream, if it has one.
    """

    description: Description
    value: bytearray
    extended: tuple[bytes, bytes]
    masks: tuple[Mask, ...]
    hints: Hints
    progress: Progress


_LOOKS = 8
"""So often masked pixels are looked at once more, and what is found then is masked as well."""


def answer(message: Message, progress: Progress) -> Answer:
    """Return the answer to a request.

    Parameters
    ----------
    message : Message
        The request.
    progress : callable
        To be told the number of each frame, and given its new code stream, if it has one.

    Notes
    -----
    What goes wrong with the object is an answer as well; anything else is raised, and ends the worker.
    """
    try:
        ask = message.header["ask"]
        if ask == "capabilities":
            return {"is": "capabilities", **_capabilities()}, []
        return _ANSWERS[ask](_request(message, progress))
    except Refused as refused:
        return {"is": "refused", "reason": refused.reason, "detail": refused.detail}, []
    except Malformed as malformed:
        return {"is": "malformed", "reason": malformed.reason, "detail": malformed.detail}, []
    except MissingError as missing:
        return {"is": "missing", "extra": missing.args[0]}, []


def _request(message: Message, progress: Progress) -> Request:
    header = message.header
    value, extended, lengths = message.blobs
    masks = masks_from_json(header["masks"])
    hints = Hints(tuple(header["identifiers"]), header["mode"], masks)
    return Request(
        description_from_json(header["description"]), value, (bytes(extended), bytes(lengths)), masks, hints, progress
    )  # fmt: skip


def _module(name: str, extra: str) -> Any:  # noqa: ANN401  imported when it is needed, for its extra may be missing
    try:
        return import_module(f"{_WORKER}.{name}")
    except ImportError as error:
        raise MissingError("pixels" if (error.name or "").partition(".")[0] in _PIXELS else extra) from error


def _capabilities() -> dict[str, bool]:
    def has(name: str, extra: str) -> bool:
        try:
            _module(name, extra)
        except MissingError:
            return False
        return True

    pixels = has("masking", "pixels")
    ocr = pixels and has("inspect", "ocr") and all(map(find_spec, _OCR))
    return {"pixels": pixels, "ocr": ocr, "compiled": pixels and find_spec("numba") is not None}


def _mask(request: Request) -> Answer:
    """Mask what was asked for; new frames are sent as they are done."""
    pieces = _module("pieces", "pixels")

    def send(number: int, code_stream: bytes) -> bytes:
        request.progress(number, code_stream)
        sent: bytes = pieces.Sent(len(code_stream))
        return sent

    return _told(request, _masked(request, keep=send))


def _masked(request: Request, **more: Callable[[int, bytes], bytes]) -> Masked:
    masking = _module("masking", "pixels")
    found: Masked = masking.mask_pixels(
        request.description, request.value, request.masks, request.extended, request.progress, **more
    )
    return found


def _told(request: Request, masked: Masked) -> Answer:
    pieces = _module("pieces", "pixels").pieces_of(request.description, request.value, request.masks, masked)
    header = {
        "is": "masked",
        "pieces": pieces.spans,
        "frames": sorted(masked.frames),
        "became_lossless": masked.became_lossless,
        "recoded": masked.recoded,
        "photometric": masked.photometric,
        "has_tables": masked.extended is not None,
    }
    return header, [pieces.new, *([table] for table in masked.extended or (b"", b""))]


def _inspect(request: Request) -> Answer:
    """Say what text there is."""
    frames = _module("decoding", "pixels").frames_as_arrays(request.description, request.value, request.extended)
    return {"is": "inspected", **_as_json(_inspection(request, frames))}, []


def _inspection(request: Request, frames: Iterable[Any]) -> Inspection:
    inspecting = _module("inspect", "ocr")
    try:
        found: Inspection = inspecting.inspect(request.description, _counted(request, frames), request.hints)
    except ImportError as error:  # it imports what reads text when there is some
        raise MissingError("ocr") from error
    return found


def _counted(request: Request, frames: Iterable[Any]) -> Iterator[Any]:
    for number, frame in enumerate(frames):
        request.progress(number)
        yield frame


def _as_json(inspection: Inspection) -> dict[str, Any]:
    return {
        "found": masks_to_json(inspection.masks),
        "doubts": masks_to_json(inspection.doubts),
        "distinct_frames": int(inspection.distinct_frames),
    }


def _clean(request: Request) -> Answer:
    """Say what text there is, mask it, and look at what has become of it until nothing more is found, or too often."""
    decoding = _module("decoding", "pixels")
    frames = decoding.frames_as_arrays(request.description, request.value, request.extended)
    inspection = _inspection(request, frames)
    masks = (*request.masks, *inspection.masks)
    if request.hints.mode == ALL_TEXT:
        masks += tuple(inspection.doubts)
    told = {"is": "cleaned", **_as_json(inspection), "applied": masks_to_json(masks), "left": [], "masked": None}
    if not masks:
        return told, []
    left: tuple[Mask, ...] = ()
    for _ in range(_LOOKS):
        masks += left
        request = replace(request, masks=masks, hints=replace(request.hints, already=masks))
        masked = _masked(request)
        left = _left(request, masked)
        if not left or (request.hints.mode != ALL_TEXT and any(one.reason == "unread" for one in left)):
            break
    told |= {"applied": masks_to_json(masks), "left": masks_to_json(left)}
    told["masked"], blobs = _told(request, masked)
    return told, blobs


def _left(request: Request, masked: Masked) -> tuple[Mask, ...]:
    """Look at what has become of the pixels; return what was found outside of the masks."""
    decoding = _module("decoding", "pixels")
    if masked.fragments:
        frames = decoding.fragments_as_arrays(request.description, masked.fragments)
    else:  # native pixels are masked where they stand
        frames = decoding.frames_as_arrays(request.description, request.value)
    again = _inspection(request, frames)
    return tuple(one for one in (*again.masks, *again.doubts) if not _is_masked(one, request.masks))


def _is_masked(found: Mask, masks: Sequence[Mask]) -> bool:
    return any(
        mask.area.around(found.area) == mask.area and mask.frame in {None, found.frame} for mask in masks
    )  # fmt: skip


_ANSWERS: dict[str, Callable[[Request], Answer]] = {"mask": _mask, "inspect": _inspect, "clean": _clean}
