"""The proof: nothing that identifies anybody stands in the bytes of an output, wherever and however it is encoded.

Pixel code streams are another matter. What Greycloak itself has written stands where it may; so does what an option or
a line of the profile retains at its place, unless it is the patient's own name or number.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from greycloak.actions.stamps import STAMPED
from greycloak.outcomes import Refused
from greycloak.proof.needles import needles_of
from greycloak.proof.trace import Place, places_in
from greycloak.standard.dictionary import name_of
from greycloak.stream import Verb
from greycloak.text.decoding import decode
from greycloak.text.known import is_harmless_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from greycloak.proof.needles import Hit
    from greycloak.stream import Level, Path, Splicer
    from greycloak.stream.levels import Buffer
    from greycloak.text.known import Known

_NUMBERS = frozenset("AT FD FL OB OD OF OL OV OW SL SS SV UL US UV".split())
_MIN_IN_NUMBERS = 8
"""Bytes of what counts as found among binary numbers; less may stand there by chance."""

_OWN_FORM = frozenset("AS DA DT DS IS TM UI".split())
"""VRs whose values are made of digits: they were shifted, mapped or compared as what they are."""

_LOOKED_AT = frozenset({Verb.LOOK, Verb.CHECK_ELSE_LOOK})


def check_nothing_is_left(parts: list[Buffer], splicer: Splicer, known: Known, level: Level) -> None:
    """Search an output.

    Parameters
    ----------
    parts : list of bytes or memoryview
        The new data set, in pieces.
    splicer : Splicer
        What has written it.
    known : Known
        What identifies anybody in the object.
    level : Level
        The plan that it was written by.

    Raises
    ------
    Refused
        If something is left.
    """
    needles = needles_of(known.compiled)
    data = b"".join(part for index, part in enumerate(parts) if index not in splicer.pixels)
    hits = list(needles.hits_in(data))
    if hits:
        left = _first_left(data, hits, splicer, level)
        if left is not None:
            raise Refused("residual-identity", f"at {name_of(left)}" if left else "")


def _first_left(data: bytes, hits: Iterable[Hit], splicer: Splicer, level: Level) -> int | None:
    """Return the tag of the first element that holds what it should not; 0 if it is in none; None if there is none."""
    places = places_in(data, level, splicer.context)
    starts = [place.start for place in places]
    is_ours = _written_by_us(splicer)
    for hit in hits:
        at = bisect_right(starts, hit.start) - 1
        place = places[at] if at >= 0 else None
        if place is None or hit.start >= place.stop:
            continue  # an element's header: no value
        if not _may_stand(data, hit, place, is_ours):
            return place.path[-1]
    return None


def _written_by_us(splicer: Splicer) -> Callable[[Path], bool]:
    """Return what tells whether Greycloak has written a value; cleaned texts are the object's own."""
    paths = {path for path, told, *_ in splicer.edits if told.verb not in _LOOKED_AT}
    # Where items went, those behind them count anew: there, only the tags of a path are compared.
    tags = {path[::2] for path in paths}
    return lambda path: path in paths or (len(path) > 1 and path[::2] in tags)


def _may_stand(data: bytes, hit: Hit, place: Place, is_ours: Callable[[Path], bool]) -> bool:
    if (len(place.path) == 1 and place.path[0] in STAMPED) or is_ours(place.path) or place.vr in _OWN_FORM:
        return True
    rule = place.rule
    if rule is not None and (rule.asked is not None or (rule.is_retained and not hit.needle.is_own)):
        return True
    if place.vr in _NUMBERS:
        return hit.stop - hit.start < _MIN_IN_NUMBERS
    start, stop = _value_of(data, hit, place) if place.vr == "CS" else (place.start, place.stop)
    return is_harmless_value(decode(data[start:stop], b"").text)


def _value_of(data: bytes, hit: Hit, place: Place) -> tuple[int, int]:
    """Return where the values begin and end that a hit touches: each of several code strings stands for itself."""
    start = data.rfind(b"\\", place.start, hit.start) + 1 or place.start
    stop = data.find(b"\\", hit.stop, place.stop)
    return start, place.stop if stop < 0 else stop
