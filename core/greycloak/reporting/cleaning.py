"""What a conformance statement says of structured content, graphics, references and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.standard.content import CONTENT_SECTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.profiles import Profile

_CONTENT = (
    "content items (structured reports, acquisition and protocol context, specimen preparation, waveform annotations): "
    f"as {CONTENT_SECTION} says of their concept names; others by value type: people are dummies, dates as above, UIDs "
    "are new, codes and numbers stay, text and meanings of codes lose what is known, or has the form, to identify. An "
    "item that is removed goes whole; where items refer to others by number, it becomes a dummy"
)
_GRAPHICS = (
    "graphic annotations and curves: shapes stay, their texts lose what is known, or has the form, to identify; sound "
    "of curves, and overlays with all that belongs to them, are removed"
)
_REFERENCES = (
    "references that Table E.1-1 gives X/Z/U*: kept with new UIDs even where the object's IOD could do without; a new "
    "UID tells nothing of the original, so the claim stands"
)
_DOCUMENTS = {
    "remove": "encapsulated documents and models: as Encapsulated Document (0042,0011) below says",
    "quarantine": "encapsulated documents and models: quarantined",
    "clean": "encapsulated documents: kept if nothing in their text identifies anybody and there is no image, without "
    "metadata, attachments and whatever is not on a page; else quarantined. Models (STL, OBJ, MTL): shapes and "
    "materials stay, and nothing else",
}


def what_is_cleaned(profile: Profile) -> Iterator[str]:
    """Yield what a profile does to all that is cleaned from inside."""
    if "clean-structured-content" in profile.applied_options:
        yield _CONTENT
    if "clean-graphics" in profile.applied_options:
        yield _GRAPHICS
    if profile.references == "map":
        yield _REFERENCES
    yield _DOCUMENTS[profile.documents]
