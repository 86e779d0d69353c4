"""Which objects are likely to show identity in their pixels, as far as attributes tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.pixels.device_regions import regions_of_device

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_SECONDARY_CAPTURE = f"{_STORAGE}7"
_SLIDE = f"{_STORAGE}77.1.6"
_DOCUMENT = f"{_STORAGE}104."
_VISIBLE_LIGHT = f"{_STORAGE}77.1."
_RISK_OF_CLASS = {
    **dict.fromkeys(("3", "3.1", "6", "6.1", "6.2", "6.3"), "ultrasound"),
    **dict.fromkeys(("12.1", "12.1.1", "12.2", "12.2.1", "12.3"), "fluoroscopy"),
    **dict.fromkeys(("1.3", "1.3.1"), "dental"),
}

_SCREENS = ("SCREEN SAVE", "SCREENSAVE", "SCREEN_SAVE", "SCREENSHOT", "DOSE", "PROT")
_SLIDE_LABELS = frozenset({"LABEL", "OVERVIEW"})
_MADE_OF_PAPER = frozenset({"DF", "SD", "SI", "WSD", "DRW", "SYN"})
_COLOR = "3"

ATTRIBUTES = (
    "BitsAllocated",
    "BurnedInAnnotation",
    "ConversionType",
    "ImageOrientationPatient",
    "ImageType",
    "SOPClassUID",
    "SamplesPerPixel",
)
"""Keywords of what is looked at here, beside what tells the device."""


RISKS = {
    "declared": "it says itself that identity is burned into its pixels (0028,0301)",
    "secondary-capture": "a secondary capture: screenshots and scanned paper often show names",
    "screen-save": "a screenshot, a dose report, or a derived image that may be one",
    "ultrasound": "ultrasound often shows name, number and date",
    "fluoroscopy": "angiography and fluoroscopy often show name and date",
    "dental": "dental images often show name and date",
    "visible-light": "a photograph, an endoscopy or the like: it may show a face, a label or a name",
    "slide-label": "the label of a slide, or an overview that shows it",
    "document": "an encapsulated document or model: what it holds is not anonymized",
    "known-device": "its device is known to burn in text",
}
"""Why an object may show identity in its pixels."""

REMEDY = (
    'Look at them before you share them, or take a profile with pixels.burned_in = "clean", which looks for text and '
    "masks it."
)
"""What can be done about it."""


def burned_in_risks(attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return why an object may show identity in its pixels; empty if nothing speaks for it.

    Parameters
    ----------
    attributes : mapping of str to str
        Attributes of the object by keyword; several values with a backslash between them.

    Returns
    -------
    tuple of str
        Some of `RISKS`.
    """
    return tuple(_risks(attributes))


def _risks(attributes: Mapping[str, str]) -> Iterator[str]:
    sop_class = attributes.get("SOPClassUID", "")
    if attributes.get("BurnedInAnnotation", "").strip().upper() == "YES":
        yield "declared"
    if sop_class == _SECONDARY_CAPTURE or sop_class.startswith(f"{_SECONDARY_CAPTURE}."):
        yield "secondary-capture"
    elif _is_screen(attributes):
        yield "screen-save"
    yield from _risks_of_class(sop_class, attributes)
    if regions_of_device(attributes):
        yield "known-device"


def _risks_of_class(sop_class: str, attributes: Mapping[str, str]) -> Iterator[str]:
    if sop_class == _SLIDE:
        if not _SLIDE_LABELS.isdisjoint(_image_type(attributes)):
            yield "slide-label"
        return  # what a microscope sees
    number = sop_class.removeprefix(_STORAGE)
    if number != sop_class and number in _RISK_OF_CLASS:
        yield _RISK_OF_CLASS[number]
    if sop_class.startswith(_VISIBLE_LIGHT):
        yield "visible-light"
    if sop_class.startswith(_DOCUMENT):
        yield "document"


def _is_screen(attributes: Mapping[str, str]) -> bool:
    """Tell whether an image of any other kind may be a screenshot, or scanned.

    Reformatted slices are called secondary as well; they have a place in the patient, and levels of gray.
    """
    said = _image_type(attributes)
    if attributes.get("ConversionType", "").strip().upper() in _MADE_OF_PAPER:
        return True
    if any(word in value for value in said for word in _SCREENS):
        return True
    is_slice = bool(attributes.get("ImageOrientationPatient")) and attributes.get("SamplesPerPixel") != _COLOR
    return "SECONDARY" in said and not (is_slice and attributes.get("BitsAllocated") == "16")


def _image_type(attributes: Mapping[str, str]) -> list[str]:
    return [value.strip() for value in attributes.get("ImageType", "").upper().split("\\")]
