"""What is done about the pixels of an object: what its risks, the profile's policy and its rules ask for.

Nothing here needs numpy: whoever touches an image is a process of its own (`greycloak.pixels.process`). What code
streams hold beside the image goes whatever the policy: it is metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from greycloak.actions.stamps import EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS
from greycloak.outcomes import Refused
from greycloak.pixels.areas import Area, Mask
from greycloak.pixels.codestreams.strip import emptied
from greycloak.pixels.description import ASKED, described, number_of_frames
from greycloak.pixels.overlay_bits import cleared, in_high_bits
from greycloak.pixels.process import PixelWorker
from greycloak.pixels.results import Hints
from greycloak.stream import Encoding, top_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from greycloak.pixels.description import Description
    from greycloak.pixels.device_regions import Region
    from greycloak.profiles import Profile
    from greycloak.stream import Part10
    from greycloak.stream.levels import Buffer

_TELLING = ASKED | {EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS}
_SLIDE_LABEL, _DECLARED = "slide-label", "declared"
_EXPLICIT_HEADER, _IMPLICIT_HEADER = 12, 8

WORKER = PixelWorker()
"""What inspects and masks; nothing starts before it is needed."""


class PixelElement(NamedTuple):
    """The element that holds the pixels.

    Attributes
    ----------
    tag : int
        Its tag.
    vr : str
        Its VR as encoded; empty in Implicit VR.
    header : bytes
        Its header.
    value : memoryview
        Its value.
    """

    tag: int
    vr: str
    header: bytes
    value: memoryview

    @classmethod
    def of(cls, part: Buffer, encoding: Encoding) -> PixelElement:
        """Take a whole element apart."""
        view = memoryview(part)
        size = _EXPLICIT_HEADER if encoding.explicit else _IMPLICIT_HEADER
        header = bytes(view[:size])
        vr = header[4:6].decode("ascii") if encoding.explicit else ""
        return cls(encoding.tag_of(header), vr, header, view[size:])


@dataclass(frozen=True, slots=True)
class PixelsDone:
    """What was done about the pixels of an object.

    Attributes
    ----------
    inspected : bool
        Whether all of them were searched for text, and what was found is masked.
    masks : tuple of Mask
        What was masked.
    element : tuple of bytes or memoryview
        The new element, in pieces; empty if it is the old one.
    photometric : str or None
        What Photometric Interpretation says now, if something else.
    extended : tuple of (bytes, bytes) or None
        The new Extended Offset Table and Extended Offset Table Lengths, if they changed.
    """

    inspected: bool = False
    masks: tuple[Mask, ...] = ()
    element: tuple[Buffer, ...] = field(default=(), repr=False)
    photometric: str | None = None
    extended: tuple[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def is_said(self) -> bool:
        """Whether the object says something else of its pixels than before."""
        return self.inspected or bool(self.masks) or self.extended is not None


UNTOUCHED = PixelsDone()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an object, its profile and its rules say of its pixels.

    Attributes
    ----------
    risks : tuple of str
        Why its pixels may show identity: of `greycloak.pixels.risk.RISKS`, those that are about pixels.
    regions : tuple of Region
        Where its device burns in text.
    masks : tuple of Mask
        What rules of the profile mask.
    telling : mapping of int to bytes
        Original values that tell of the pixels, by tag.
    identifiers : tuple of str
        What identifies anybody in it.
    """

    risks: tuple[str, ...]
    regions: tuple[Region, ...]
    masks: tuple[Mask, ...]
    telling: Mapping[int, bytes] = field(repr=False)
    identifiers: tuple[str, ...] = field(repr=False)


def clean_pixels(part10: Part10, parts: Sequence[Buffer], profile: Profile, asked: Asked) -> PixelsDone:
    """Do about the pixels of an object what is to be done.

    Parameters
    ----------
    part10 : Part10
        The object.
    parts : sequence of bytes or memoryview
        Its elements of pixels.
    profile : Profile
        What to do.
    asked : Asked
        What is known of the object.

    Raises
    ------
    Refused, Malformed
        If it must not be emitted.
    """
    if not parts:
        return UNTOUCHED
    inspects = _is_inspected(profile, asked.risks)
    masks = _masks_of(asked, inspects=inspects)
    if not (inspects or masks or part10.encapsulated or in_high_bits(asked.telling)):
        return UNTOUCHED
    if len(parts) > 1:
        raise Refused("pixel-description", "pixels in two elements")
    element = PixelElement.of(parts[0], part10.encoding)
    values = top_values(part10.data, part10.start, part10.encoding, _TELLING)
    value, extended, changed = _without_more(part10, element, values, asked)
    if not inspects and not masks:
        return PixelsDone(element=(element.header, *value), extended=extended) if changed else UNTOUCHED
    description = describe(part10, element, values)
    whole = value[0] if len(value) == 1 else b"".join(value)
    tables = extended or (values.get(EXTENDED_OFFSET_TABLE, b""), values.get(EXTENDED_OFFSET_TABLE_LENGTHS, b""))
    if inspects:
        hints = Hints(asked.identifiers, profile.pixels.text, masks)
        cleaned = WORKER.clean(description, whole, hints, extended=tables)
        if cleaned.left:
            raise Refused("pixel-text-left", f"{len(cleaned.left)} areas")
        if profile.pixels.text == "identifiers" and cleaned.inspection.doubts:
            raise Refused("pixel-text-unread", f"{len(cleaned.inspection.doubts)} areas")
        if _DECLARED in asked.risks and not cleaned.masks:
            raise Refused("burned-in-annotation", "nothing was found")
        masks, masked = cleaned.masks, cleaned.masked
    else:
        masked = WORKER.mask(description, whole, masks, extended=tables)
    if masked is None:
        return PixelsDone(inspects, masks, (element.header, whole) if changed else (), extended=extended)
    return PixelsDone(
        inspects,
        masks,
        (element.header, *masked.parts),
        masked.photometric,
        masked.extended if masked.extended and masked.extended != tables else extended,
    )


def _is_inspected(profile: Profile, risks: tuple[str, ...]) -> bool:
    """Tell whether the profile wants the pixels of an object to be inspected.

    Raises
    ------
    Refused
        If it wants the object to stay behind.
    """
    wants_all = profile.inspects_all
    if not risks:
        return wants_all
    policy = profile.pixels.burned_in
    if policy == "quarantine" and not wants_all:
        raise Refused("pixels-at-risk", ", ".join(risks))
    if policy != "clean" and not wants_all:
        return False
    if _SLIDE_LABEL in risks:
        raise Refused("slide-label")
    return True


def _masks_of(asked: Asked, *, inspects: bool) -> tuple[Mask, ...]:
    """Return what is masked whatever is found."""
    if not inspects:
        return asked.masks
    return (*asked.masks, *(Mask(Area.of_rectangle(*region), "device") for region in asked.regions))


def _without_more(
    part10: Part10, element: PixelElement, values: Mapping[int, bytes], asked: Asked
) -> tuple[list[Buffer], tuple[bytes, bytes] | None, bool]:
    """Return the pixels without what is no image: in pieces, with new offset tables, and whether anything changed."""
    whole: list[Buffer] = [element.value]
    if part10.encapsulated:
        tables = values.get(EXTENDED_OFFSET_TABLE, b""), values.get(EXTENDED_OFFSET_TABLE_LENGTHS, b"")
        found = emptied(element.value, part10.transfer_syntax_uid, number_of_frames(values), *tables)
        return (whole, None, False) if found is None else (found.parts, found.extended, True)
    if not in_high_bits(asked.telling):
        return whole, None, False
    new = cleared(describe(part10, element, values), element.value)
    return (whole, None, False) if new is None else (new, None, True)


def describe(part10: Part10, element: PixelElement, values: Mapping[int, bytes]) -> Description:
    """Return what the pixels of an object are, by its raw values of `greycloak.pixels.description.ASKED`.

    Raises
    ------
    Refused
        If it does not say, or not what can be.
    """
    return described(
        values,
        transfer_syntax_uid=part10.transfer_syntax_uid,
        little=part10.encoding.little,
        tag=element.tag,
        vr=element.vr,
    )
