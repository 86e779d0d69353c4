"""What a conformance statement says of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from greycloak.profiles import Profile

_FOUND = {
    "all-text": "every text that is found is masked, but marks of sides, scales and units; what may be text and cannot "
    "be read is masked as well",
    "identifiers": "text that repeats or resembles an identity is masked; with text that cannot be read, the object is "
    "quarantined",
}
_POLICIES = {
    "quarantine": "objects that may show identity in their pixels, as far as attributes tell: quarantined",
    "trust-flag": "an object that says that Burned In Annotation is YES: quarantined",
}
_ASIDE = (
    "code streams of compressed pixels lose what they hold beside the image (comments, application data, boxes, bytes "
    "behind the end, fragments of no frame); bits of overlays in native pixels are cleared"
)


def what_becomes_of_pixels(profile: Profile) -> Iterator[str]:
    """Yield what a profile does about identity in pixels."""
    if profile.inspects_all:
        yield f"pixels of every image: inspected; {_FOUND[profile.pixels.text]}"
    elif profile.pixels.cleans:
        found = _FOUND[profile.pixels.text]
        yield f"pixels of objects that may show identity, as far as attributes tell: inspected; {found}"
    else:
        yield from filter(None, [_POLICIES.get(profile.pixels.burned_in)])
    if profile.inspects_all or profile.pixels.cleans:
        yield "labels of slides, video, and pixels that cannot be changed without touching the rest: quarantined"
    if any(rule.masks for rule in profile.rules):
        yield "areas that a rule names: masked"
    yield _ASIDE


def what_is_not_inspected(profile: Profile) -> Iterator[str]:
    """Yield what a profile does not look at."""
    if profile.inspects_all:
        return
    if profile.pixels.cleans:
        yield "pixels are not looked at where no attribute speaks for identity in them"
    else:
        yield "identity in pixels is not looked for" + (
            "; Burned In Annotation is not even asked" if profile.pixels.burned_in == "ignore" else ""
        )
