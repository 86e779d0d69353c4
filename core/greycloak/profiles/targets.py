"""What a rule of a profile is about: an attribute, a group of them, a VR, or a place in nested sequences."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from greycloak.standard.dictionary import entry_for, keywords, tag_for_keyword
from greycloak.standard.private import PrivateName
from greycloak.stream.encoding import LONG_VRS, SHORT_VRS

if TYPE_CHECKING:
    from collections.abc import Collection

ANY_DEPTH = "**"
ANY_SEQUENCE = "*"
EXPECTED = (
    "a keyword (PatientName), a tag (0010,0010), a mask (60xx,3000), a range (0018,1000-0018,10FF), a path "
    "(RequestAttributesSequence.StudyDate, with * for one sequence and ** for any number), a private attribute "
    "(0019[SIEMENS MR HEADER]0C) or a VR (vr:PN)"
)

_TAG = re.compile(r"(?=\(.*\)$|[^()]*$)\(?([0-9A-Fa-f]{4}),\s?([0-9A-Fa-f]{4})\)?")
_MASK = re.compile(r"(?=\(.*\)$|[^()]*$)\(?([0-9A-Fa-fXx]{4}),\s?([0-9A-Fa-fXx]{4})\)?")
_PRIVATE = re.compile(r"([0-9A-Fa-f]{3}[13579BDFbdf])\[([^\[\]\\]{1,64})\]([0-9A-Fa-f]{2}|[Xx]{2})")
_VR = re.compile(r"vr:([A-Za-z]{2})")
_STEP_END = re.compile(r"\.(?![^\[]*\])")
_ALL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule is about.

    Attributes
    ----------
    text : str
        As the profile writes it.
    mask, masked : int
        A tag belongs to it if these bits of it have this value, and
    last : int or None
        if it is not greater than this (for a range, whose first tag is ``masked``).
    vr : str
        Or any attribute of this VR.
    private : PrivateName or None
        Or this private attribute; its element is -1 for the creator's whole block.
    path : tuple of (int or str) or None
        The sequences it has to be in, from the top of the data set; None: any depth.
    """

    text: str
    mask: int = _ALL
    masked: int = -1
    last: int | None = None
    vr: str = ""
    private: PrivateName | None = None
    path: tuple[int | str, ...] | None = None

    @property
    def tag(self) -> int | None:
        """The one tag it is about, if it is about one."""
        return self.masked if self.mask == _ALL and self.masked >= 0 and self.last is None else None

    @property
    def specificity(self) -> int:
        """The more specific of two targets decides: an attribute, a private block, a mask, a range, a VR."""
        if self.private is not None:
            return 3 if self.private.element < 0 else 4
        if self.tag is not None:
            return 4
        if self.vr:
            return 0
        return 1 if self.last is not None else 2

    def fits(self, tag: int, vrs: Collection[str], creator: str = "") -> bool:
        """Tell whether an element belongs to it, wherever it stands.

        Parameters
        ----------
        tag : int
            The element's tag.
        vrs : collection of str
            The VRs that it has or should have.
        creator : str
            Its private creator, if it is a private attribute.
        """
        if self.private is not None:
            wanted = self.private
            return (wanted.group, wanted.creator) == (tag >> 16, creator) and wanted.element in {-1, tag & 0xFF}
        if self.vr:
            return self.vr in vrs
        if self.last is not None:
            return self.masked <= tag <= self.last
        return tag & self.mask == self.masked

    def touches(self, tag_text: str, vrs: Collection[str]) -> bool:
        """Tell whether anything that a row of a table names (``60xx3000``) may belong to it."""
        first, last = (int(tag_text.replace("x", digit), 16) for digit in "0f")
        if self.private is not None or self.vr:
            return self.vr in vrs
        if self.last is not None:
            return self.masked <= last and first <= self.last
        row_mask = int("".join("0" if digit == "x" else "f" for digit in tag_text), 16)
        return not (self.masked ^ first) & self.mask & row_mask


def parse_target(text: str) -> Target:
    """Read a target.

    Raises
    ------
    ValueError
        If it is none; the message says what was expected.
    """
    steps = _STEP_END.split(text.strip())
    if len(steps) == 1:
        return _last_step(text, steps[0], None)
    if not steps[0]:  # ".PatientComments": of the data set itself
        steps = steps[1:]
    return _last_step(text, steps[-1], tuple(_sequence(step) for step in steps[:-1]))


def _last_step(text: str, step: str, path: tuple[int | str, ...] | None) -> Target:
    if found := _VR.fullmatch(step):
        vr = found[1].upper()
        if vr not in LONG_VRS | SHORT_VRS:
            raise ValueError(f"there is no VR {found[1]!r}")
        return Target(text, vr=vr, path=path)
    if found := _PRIVATE.fullmatch(step):
        element = -1 if found[3] in {"xx", "XX", "xX", "Xx"} else int(found[3], 16)
        return Target(text, private=PrivateName(int(found[1], 16), element, found[2].strip()), path=path)
    first, _, last = step.partition("-")
    if last and (begin := _TAG.fullmatch(first.strip())) and (end := _TAG.fullmatch(last.strip())):
        low, high = int(begin[1] + begin[2], 16), int(end[1] + end[2], 16)
        if low > high:
            raise ValueError(f"the range {step!r} ends before it begins")
        return Target(text, masked=low, last=high, path=path)
    tag = _tag_of(step)
    if tag is not None:
        return Target(text, masked=tag, path=path)
    if found := _MASK.fullmatch(step):
        digits = (found[1] + found[2]).lower()
        mask = int("".join("0" if digit == "x" else "f" for digit in digits), 16)
        return Target(text, mask=mask, masked=int(digits.replace("x", "0"), 16), path=path)
    raise ValueError(f"{step!r} is no attribute{_meant(step)}; expected {EXPECTED}")


def _tag_of(step: str) -> int | None:
    """Return the tag of a keyword or of ``gggg,eeee``; None if the text is neither."""
    found = _TAG.fullmatch(step)
    if found is None:
        return tag_for_keyword(step)
    tag = int(found[1] + found[2], 16)
    if tag >> 16 & 1:
        raise ValueError(
            f"{step!r} is a private attribute, and its block may stand anywhere: name its creator, as "
            f"{found[1]}[PRIVATE CREATOR]{found[2][2:]}"
        )
    return tag


def _sequence(step: str) -> int | str:
    if step in {ANY_SEQUENCE, ANY_DEPTH}:
        return step
    if _PRIVATE.fullmatch(step):
        raise ValueError(f"{step!r} is a private sequence, and a path goes through standard ones only")
    name, _, index = step.partition("[")
    if index and index != "*]":
        raise ValueError(f"items of a sequence cannot be told apart: write {name!r}, not {step!r}")
    tag = _tag_of(name)
    if tag is None:
        raise ValueError(f"{name!r} is no sequence{_meant(name)}")
    entry = entry_for(tag)
    if entry is not None and "SQ" not in entry.vrs:
        raise ValueError(f"{name!r} is no sequence: its VR is {' or '.join(entry.vrs)}")
    return tag


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, keywords(), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


Places = frozenset[tuple[int, int]]
"""Where in which path a level stands: (number of the target, how many of its steps are behind)."""


class PathMatcher:
    """Follows targets with a path down into sequences.

    Parameters
    ----------
    targets : list of Target
        All targets; those without a path hold everywhere.
    """

    def __init__(self, targets: list[Target]) -> None:
        self._targets = targets
        self.top = self._closed({(number, 0) for number, target in enumerate(targets) if target.path is not None})

    def _closed(self, places: set[tuple[int, int]]) -> Places:
        """Add where one gets by letting ``**`` stand for nothing."""
        closed = set(places)
        for number, at in places:
            path = self._targets[number].path or ()
            while at < len(path) and path[at] == ANY_DEPTH:
                at += 1  # noqa: PLW2901
                closed.add((number, at))
        return frozenset(closed)

    def below(self, places: Places, sequence: int) -> Places:
        """Return the places inside the items of a sequence."""
        inside = set()
        for number, at in places:
            path = self._targets[number].path or ()
            if at == len(path):
                continue
            if path[at] == ANY_DEPTH:
                inside.add((number, at))
            elif path[at] in {ANY_SEQUENCE, sequence}:
                inside.add((number, at + 1))
        return self._closed(inside)

    def holds(self, places: Places, number: int) -> bool:
        """Tell whether a target may match at a level."""
        path = self._targets[number].path
        return path is None or (number, len(path)) in places
