"""Objects whose pixels or documents may show identity, as far as attributes tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greycloak.pixels.device_regions import attributes_asked
from greycloak.pixels.risk import ATTRIBUTES, RISKS, burned_in_risks
from greycloak.profiles.options import CLEAN_PIXEL_DATA
from greycloak.standard.dictionary import tag_for_keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.proof.verification.claims import Claim
    from greycloak.proof.verification.objects import Read

BURNED_IN_ANNOTATION = 0x00280301


def pixel_problems(read: Read, original: Read | None, claim: Claim) -> Iterator[tuple[int, str]]:
    """Yield attribute and what is wrong."""
    tags = {keyword: tag_for_keyword(keyword) for keyword in {*ATTRIBUTES, *attributes_asked()}}
    attributes = {keyword: read.top[tag] for keyword, tag in tags.items() if tag in read.top}
    is_unchanged = original is not None and original.pixels == read.pixels and _declares_identity(original)
    for risk in burned_in_risks(attributes):
        if risk != "document" and not read.pixels:
            continue
        said = RISKS.get(risk, risk)
        if CLEAN_PIXEL_DATA not in claim.options or risk == "declared":
            yield BURNED_IN_ANNOTATION, said
        elif is_unchanged and risk != "document":
            yield BURNED_IN_ANNOTATION, f"{said}; clean pixels (113101) are claimed, and they are those of the original"


def _declares_identity(original: Read) -> bool:
    return original.top.get(BURNED_IN_ANNOTATION, "").strip().upper() == "YES"
