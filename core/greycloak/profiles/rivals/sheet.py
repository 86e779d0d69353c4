"""What is written down while rules are read: a profile, and what became of each line."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from greycloak.profiles.errors import ProfileError
from greycloak.profiles.load import merged, parse_profile
from greycloak.profiles.targets import parse_target

BASE = "basic"
"""What is not mentioned goes as the Basic profile says: nobody's rules may leave more than they say."""

_SAID_BY_US = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x04000500})
_NEW_UIDS = frozenset({0x00080018, 0x0020000D, 0x0020000E})
_STAYS = frozenset({0x00080005, 0x00080016})


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """What became of a line.

    Attributes
    ----------
    number : int
        Of the line, or of the entry; from 1.
    text : str
        What it says.
    said : str
        What became of it, or why it is refused.
    is_refused : bool
        Whether it could not be taken over.
    """

    number: int
    text: str
    said: str
    is_refused: bool = False


@dataclass(frozen=True)
class Imported:
    """Rules of another tool as a profile.

    Attributes
    ----------
    written : dict
        The profile, as profiles are written.
    lines : tuple of ImportedLine
        What became of each line, in their order.
    """

    written: dict[str, Any]
    lines: tuple[ImportedLine, ...]

    @property
    def refused(self) -> tuple[ImportedLine, ...]:
        """The lines that could not be taken over."""
        return tuple(line for line in self.lines if line.is_refused)


@dataclass
class Sheet:
    """A profile that grows line by line; a line that the profile cannot bear is refused, and leaves no trace.

    Attributes
    ----------
    written : dict
        The profile so far.
    lines : list of ImportedLine
        What became of the lines so far.
    """

    written: dict[str, Any] = field(default_factory=lambda: {"base": BASE})
    lines: list[ImportedLine] = field(default_factory=list)

    def refuse(self, number: int, text: str, why: str) -> None:
        """Note that a line cannot be taken over."""
        self.lines.append(ImportedLine(number, text, why, is_refused=True))

    def note(self, number: int, text: str, said: str) -> None:
        """Note what became of a line that needs no line of the profile."""
        self.lines.append(ImportedLine(number, text, said))

    def act(self, number: int, text: str, targets: list[str], action: Any, said: str = "") -> None:
        """Take over what is done to attributes."""
        told = _done_anyway(targets, action)
        if told:
            self.note(number, text, told)
            return
        shown = action if isinstance(action, str) else ", ".join(f"{name} {value}" for name, value in action.items())
        self.put(number, text, {"tags": dict.fromkeys(targets, action)}, said or str(shown))

    def put(self, number: int, text: str, part: dict[str, Any], said: str) -> None:
        """Take over a part of a profile."""
        try:
            whole = merged(self.written, part)
            parse_profile({"name": "imported", **whole}, shown="imported")
        except ProfileError as error:
            self.refuse(number, text, "; ".join(error.problems))
            return
        whole.pop("title", None)
        self.written = whole
        self.lines.append(ImportedLine(number, text, said))

    def imported(self) -> Imported:
        """Return what there is now."""
        return Imported(dict(self.written), tuple(sorted(self.lines, key=attrgetter("number"))))


def _done_anyway(targets: list[str], action: Any) -> str:
    """Say that Greycloak does what a line asks for in any case; empty if it does not."""
    try:
        tags = {parse_target(target).tag for target in targets}
    except ValueError:  # which validation says better
        return ""
    if len(tags) != 1:
        return ""
    tag = tags.pop()
    if tag in _SAID_BY_US:
        return "Greycloak says itself what was done"
    if tag in _NEW_UIDS and action == "uid":
        return "gets a new UID anyway"
    if tag in _STAYS and action == "keep":
        return "stays anyway"
    return ""
