"""What the pixel worker answers, believed only as far as it makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from greycloak.outcomes import Refused
from greycloak.pixels.messages import SENT, masks_from_json
from greycloak.pixels.results import Cleaned, Inspection, Masked
from greycloak.reasons import REASONS
from greycloak.stream.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from greycloak.pixels.messages import Message
    from greycloak.stream.levels import Buffer

EXTRAS = ("pixels", "ocr")
"""Extras of the package, each of no use without the ones before."""

_MAX_DETAIL = 120

Result = TypeVar("Result")


class MissingExtra(Refused):
    """What cleaning pixels takes is not installed.

    Parameters
    ----------
    extra : str
        ``pixels`` or ``ocr``.
    """

    def __init__(self, extra: str) -> None:
        super().__init__("pixel-extra", f"pip install greycloak[{','.join(EXTRAS[: EXTRAS.index(extra) + 1])}]")
        self.extra = extra


def raise_what_went_wrong(said: dict[str, Any]) -> None:
    """Raise what the worker says of an object that it cannot work on.

    Raises
    ------
    Refused
        If it refuses it, something is not installed, or it says what makes no sense.
    Malformed
        If it does not add up.
    """
    kind, reason, detail = said.get("is"), said.get("reason"), str(said.get("detail", ""))[:_MAX_DETAIL]
    if kind == "missing" and said.get("extra") in EXTRAS:
        raise MissingExtra(str(said["extra"]))
    if kind == "refused" and reason in REASONS:
        raise Refused(str(reason), detail)
    if kind == "malformed" and reason in REASONS:
        raise Malformed(str(reason), detail)
    if kind not in {"masked", "inspected", "cleaned", "capabilities"}:
        raise Refused("pixel-worker", "an answer that makes no sense")


def sensible(read: Callable[[], Result]) -> Result:
    """Return what can be read in an answer.

    Raises
    ------
    Refused
        If that makes no sense.
    """
    try:
        return read()
    except (LookupError, TypeError, ValueError) as error:
        raise Refused("pixel-worker", "an answer that makes no sense") from error


def masked_of(header: dict[str, Any], said: Message, value: Buffer) -> Masked:
    """Return masked pixels: pieces of the old value, and what is new."""
    new, *tables = said.blobs
    old, fresh = memoryview(value).cast("B").toreadonly(), memoryview(new).toreadonly()
    parts, at, done = [], 0, 0
    for start, size in header["pieces"]:
        source, first = (old, start) if start >= 0 else (fresh, at)
        if start == SENT:
            source, first, done = memoryview(said.sent[done]).toreadonly(), 0, done + 1
        elif start < 0:
            at += size
        if size <= 0 or first + size > len(source) or (start == SENT and size != len(source)):
            raise ValueError("a piece that is not there")
        parts.append(source[first : first + size])
    photometric = header["photometric"]
    if at != len(fresh) or done != len(said.sent) or photometric not in {None, "YBR_RCT"}:
        raise ValueError("more than was asked for")
    return Masked(
        list(parts),
        frozenset(map(int, header["frames"])),
        header["became_lossless"] is True,
        header["recoded"] is True,
        photometric,
        (bytes(tables[0]), bytes(tables[1])) if header["has_tables"] else None,
    )


def inspection_of(header: dict[str, Any]) -> Inspection:
    """Return what was found."""
    found, doubts = masks_from_json(header["found"]), masks_from_json(header["doubts"])
    return Inspection(found, doubts, int(header["distinct_frames"]))


def cleaned_of(said: Message, value: Buffer) -> Cleaned:
    """Return what was found, what was masked, and what is left."""
    header = said.header
    masked = masked_of(header["masked"], said, value) if header["masked"] else None
    return Cleaned(
        inspection_of(header), masks_from_json(header["applied"]), masked, masks_from_json(header["left"])
    )  # fmt: skip
