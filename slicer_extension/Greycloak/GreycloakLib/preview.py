"""What the panel shows before anything is done: an object before and after, its picture, and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak import Quarantined
from greycloak.pixels.device_regions import attributes_asked
from greycloak.pixels.risk import ATTRIBUTES, burned_in_risks
from greycloak.quiet import quiet
from greycloak.reporting.marks import pieces_of
from GreycloakLib.i18n import _
from GreycloakLib.picture import Picture, draw

if TYPE_CHECKING:
    from pathlib import Path

    from greycloak.preview import Row
    from GreycloakLib.anonymizers import Anonymizer


_SOUND = frozenset(
    {
        "burned-in-annotation",
        "denied-by-rule",
        "identity-differs",
        "no-patient-id",
        "not-on-list",
        "patient-of-study-known",
        "pseudonym-clash",
        "replacement-unfit",
        "script-failed",
        "sop-class-denied",
        "study-of-two-subjects",
    }
)
"""Reasons for a quarantine that leave a readable object."""


@dataclass(frozen=True)
class Shown:
    """What a preview shows.

    Attributes
    ----------
    rows : tuple of Row
        Every element, before and after.
    refusal : str
        Why the object would be quarantined; empty if it would not.
    warnings : tuple of str
        What a person should look at, in plain words.
    picture : Picture
        The first frame.
    """

    rows: tuple[Row, ...]
    refusal: str
    warnings: tuple[str, ...]
    picture: Picture


def show(path: Path, anonymizer: Anonymizer) -> Shown:
    """Preview a file; nothing is recorded, nothing is written."""
    preview = anonymizer.preview(path)
    refusal = str(preview.outcome) if isinstance(preview.outcome, Quarantined) else ""
    if isinstance(preview.outcome, Quarantined) and preview.outcome.reason not in _SOUND:
        return Shown(
            (), refusal, (), Picture(b"")
        )  # nobody else should read what is damaged, or unfolds to something huge
    attributes = _attributes(path)
    picture = draw(path, attributes)
    warnings = _warnings(burned_in_risks(attributes), picture, has_pixels=bool(attributes.get("Rows")))
    return Shown(preview.rows, refusal, warnings, picture)


def before_text(row: Row) -> str:
    """Return a value before; what was cut out of it stands in ``[-`` and ``-]``."""
    return "".join(f"[-{text}-]" if is_cut else text for text, is_cut in pieces_of(row))


def _attributes(path: Path) -> dict[str, str]:
    """Return what tells the device and the kind of object."""
    import pydicom  # noqa: PLC0415  slow to load

    keywords = [*ATTRIBUTES, *(keyword for keyword in attributes_asked() if keyword != "OverlayDescription")]
    try:
        with quiet():
            read = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=keywords)
            return {keyword: _text(read.get(keyword, "")) for keyword in keywords}
    except Exception:  # noqa: BLE001  the outcome has told already what is wrong with it
        return {}


def _text(value: object) -> str:
    several = not isinstance(value, str) and hasattr(value, "__iter__")
    return "\\".join(map(str, value)) if several else str(value)  # type: ignore[call-overload]


def _warnings(risks: tuple[str, ...], picture: Picture, *, has_pixels: bool) -> tuple[str, ...]:
    known = {
        "declared": _("It says itself that identity is burned into its pixels."),
        "secondary-capture": _("It is a secondary capture: screenshots and scanned paper often show names."),
        "screen-save": _("It is a derived image, perhaps a screenshot: look at it."),
        "ultrasound": _("It is an ultrasound image: these often show name, number and date."),
        "fluoroscopy": _("It is angiography or fluoroscopy: these often show name and date."),
        "dental": _("It is a dental image: these often show name and date."),
        "visible-light": _("It is a photograph: it may show a face or a label."),
        "slide-label": _("It is the label of a slide, or shows it: it is held back."),
        "document": _("It is an encapsulated document: nothing in it is anonymized."),
        "known-device": _("Its device is known to burn in text; boxes show where, as far as that is known."),
    }
    said = [known[risk] for risk in risks]
    if risks:
        said.append(_("Unless the profile has its pixels searched for text, look at it before you share it."))
    elif has_pixels and not picture.ppm:
        said.append(_("The picture cannot be shown here."))
    return tuple(said)
