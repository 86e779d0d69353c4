"""Which objects are likely to show identity in their pixels, as far as attributes tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.pixels.device_regions import regions_of_device

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_ULTRASOUND = ("1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.3.1", "1.2.840.10008.5.1.4.1.1.6.2")
_ENCAPSULATED = "1.2.840.10008.5.1.4.1.1.104."
_VISIBLE_LIGHT = "1.2.840.10008.5.1.4.1.1.77.1."
_DERIVED_SCREENS = ("SECONDARY", "SCREEN SAVE", "SCREENSAVE", "SCREEN_SAVE")

ATTRIBUTES = ("BurnedInAnnotation", "ImageType", "SOPClassUID")
"""Keywords of what is looked at here, beside what tells the device."""


RISKS = {
    "declared": "it says itself that identity is burned into its pixels (0028,0301)",
    "secondary-capture": "a secondary capture: screenshots and scanned paper often show names",
    "screen-save": "a derived image that is called secondary or a screen save: perhaps a screenshot",
    "ultrasound": "ultrasound often shows name, number and date",
    "visible-light": "a photograph or a slide: it may show a face or a label",
    "document": "an encapsulated document or model: what it holds is not anonymized",
    "known-device": "its device is known to burn in text",
}
"""Why an object may show identity in its pixels."""

REMEDY = (
    "Look at them before you share them, or hold such objects back: a rule of the profile ([[rules]]) with "
    "quarantine = true."
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
    elif any(word in attributes.get("ImageType", "").upper() for word in _DERIVED_SCREENS):
        yield "screen-save"
    if sop_class in _ULTRASOUND:
        yield "ultrasound"
    if sop_class.startswith(_VISIBLE_LIGHT):
        yield "visible-light"
    if sop_class.startswith(_ENCAPSULATED):
        yield "document"
    if regions_of_device(attributes):
        yield "known-device"
