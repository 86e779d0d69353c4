"""Where a device burns in text, learned from images of it: what stands at one place in many of them is no anatomy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from greycloak.actions.reading import text_of
from greycloak.files import read_file
from greycloak.outcomes import Refused
from greycloak.pixels.area_rules import AreaRule, quoted
from greycloak.pixels.cleaning import PixelElement, describe
from greycloak.pixels.description import ASKED
from greycloak.pixels.results import Hints
from greycloak.standard.dictionary import tag_for_keyword
from greycloak.stream import Malformed, cut_elements, read_part10, top_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from greycloak.pixels.areas import Area
    from greycloak.pixels.process import PixelWorker

LEAST_IMAGES = 3
"""Of fewer images of a device nothing is learned."""

_LEAST_SHARE, _LEAST_OVERLAP, _MARGIN = 0.5, 0.5, 3
_PIXEL_DATA, _CHARACTER_SET = 0x7FE00010, 0x00080005
_NAMED = ("Modality", "Manufacturer", "ManufacturerModelName")
_TAGS = {keyword: tag for keyword in _NAMED if (tag := tag_for_keyword(keyword)) is not None}


class Device(NamedTuple):
    """What images with text at the same places have in common."""

    modality: str
    manufacturer: str
    model: str
    rows: int
    columns: int

    @property
    def condition(self) -> str:
        """What a rule says of it."""
        values = zip(_NAMED, (self.modality, self.manufacturer, self.model), strict=True)
        named = [f"{keyword} == {quoted(value)}" for keyword, value in values if value]
        return " and ".join([*named, f"Rows == {self.rows}", f"Columns == {self.columns}"])


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned.

    Attributes
    ----------
    rules : tuple of AreaRule
        One for each device that burns in text.
    images : int
        How many images were looked at.
    few : int
        Of how many devices there were too few images.
    passed_over : int
        How many files are no image, or could not be looked at.
    """

    rules: tuple[AreaRule, ...]
    images: int
    few: int
    passed_over: int


@dataclass(slots=True)
class _Zone:
    area: Area
    images: set[int] = field(default_factory=set)


def learn(files: Iterable[Path], worker: PixelWorker, on_progress: Callable[[int], None] = lambda _: None) -> Learned:
    """Look for places where images of a device have text.

    Parameters
    ----------
    files : iterable of Path
        Images, of any devices.
    worker : PixelWorker
        What looks at them.
    on_progress : callable
        Told how many files are done.

    Raises
    ------
    MissingExtra
        If what it takes is not installed.
    """
    devices: dict[Device, list[tuple[Area, ...]]] = {}
    passed_over = 0
    for number, path in enumerate(files, start=1):
        try:
            device, areas = _text_in(path, worker)
        except (Malformed, OSError, Refused) as error:
            if getattr(error, "reason", "") == "pixel-extra":
                raise
            passed_over += 1
        else:
            devices.setdefault(device, []).append(areas)
        on_progress(number)
    enough = {device: images for device, images in devices.items() if len(images) >= LEAST_IMAGES}
    rules = [_rule(device, images) for device, images in sorted(enough.items())]
    return Learned(
        tuple(rule for rule in rules if rule.areas),
        sum(map(len, devices.values())),
        len(devices) - len(enough),
        passed_over,
    )


def _text_in(path: Path, worker: PixelWorker) -> tuple[Device, tuple[Area, ...]]:
    part10 = read_part10(read_file(path))
    encoding = part10.encoding
    values = top_values(part10.data, part10.start, encoding, ASKED | {_CHARACTER_SET, *_TAGS.values()})
    _, elements = cut_elements(part10.data, part10.start, encoding, {_PIXEL_DATA})
    if _PIXEL_DATA not in elements:
        raise Refused("pixel-description", "no pixels")
    element = PixelElement.of(elements[_PIXEL_DATA], encoding)
    description = describe(part10, element, values)
    found = worker.inspect(description, element.value, Hints())
    characters = values.get(_CHARACTER_SET, b"")
    modality, manufacturer, model = (
        text_of(_TAGS[keyword], values.get(_TAGS[keyword], b""), encoding, characters).strip() for keyword in _NAMED
    )
    device = Device(modality, manufacturer, model, description.rows, description.columns)
    return device, tuple({mask.area for mask in (*found.masks, *found.doubts)})


def _rule(device: Device, images: list[tuple[Area, ...]]) -> AreaRule:
    zones: list[_Zone] = []
    for number, areas in enumerate(images):
        for area in areas:
            zone = next((zone for zone in zones if _overlap(zone.area, area) >= _LEAST_OVERLAP), None)
            if zone is None:
                zone = _Zone(area)
                zones.append(zone)
            zone.area = zone.area.around(area)
            zone.images.add(number)
    least = max(LEAST_IMAGES, _LEAST_SHARE * len(images))
    often = [zone.area.grown(_MARGIN) for zone in zones if len(zone.images) >= least]
    inside = sorted(filter(None, (one.within(device.columns, device.rows) for one in often)))
    places = tuple(one.rectangle for one in inside)
    return AreaRule(device.condition, places, f"text at the same places in at least half of {len(images)} images")


def _overlap(one: Area, other: Area) -> float:
    """Return how much of the smaller of two areas lies in the other."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(width, 0) * max(height, 0) / min(one.size, other.size)
