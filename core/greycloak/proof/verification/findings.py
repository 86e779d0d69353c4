"""What a verification finds."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = {
    "identifier": "Identifiers of the originals that are still there",
    "uid": "UIDs that still point to originals",
    "metadata": "Attributes of Table E.1-1 that still hold something",
    "date": "Dates that were not changed",
    "claim": "What objects say of their own de-identification",
    "private": "Private attributes that are not known to be safe",
    "pixels": "Pixels and documents that may show identity",
    "iod": "Errors that the originals did not have",
    "patient": "Patients, studies and series that were mixed up",
    "object": "Missing and extra objects",
    "unreadable": "Files that could not be checked",
}
"""Every kind of finding, the gravest first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that should not be.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    what : str
        What is wrong, in plain words and without any value.
    number : int
        Number of the object in `Verification.names`; -1 if it is about none of them.
    attribute : str
        Keyword of the attribute, or what else it is about (``file name``, ``preamble``).
    place : str
        Path of the attribute, as ``(0008,1140)[0].(0008,1155)``.
    value : str
        What stands there: as sensitive as the original.
    """

    kind: str
    what: str
    number: int = -1
    attribute: str = ""
    place: str = ""
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that differ in the object only.

    Attributes
    ----------
    attribute, what : str
        As in `Finding`.
    findings : tuple of Finding
        All of them.
    objects : int
        In how many objects.
    """

    attribute: str
    what: str
    findings: tuple[Finding, ...]
    objects: int


@dataclass(frozen=True, slots=True)
class Verification:
    """The result.

    Attributes
    ----------
    findings : tuple of Finding
        What was found, in the order of the objects.
    names : tuple of str
        The anonymized files, by number; a name that holds an identity itself is replaced by the number.
    originals : int or None
        How many originals there are; None if it was done without.
    matched : int
        How many objects have an original.
    ignored : int
        How many identifiers were too short or too common to search for.
    judges : tuple of str
        Programs that were asked too.
    """

    findings: tuple[Finding, ...]
    names: tuple[str, ...]
    originals: int | None = None
    matched: int = 0
    ignored: int = 0
    judges: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def of_kind(self, kind: str) -> list[Finding]:
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def groups(self, kind: str) -> list[Group]:
        """Return the findings of one kind by attribute and what is wrong, the most frequent first."""
        together: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.of_kind(kind):
            together.setdefault((finding.attribute, finding.what), []).append(finding)
        found = [
            Group(attribute, what, tuple(findings), _count_objects(findings))
            for (attribute, what), findings in together.items()
        ]
        return sorted(found, key=lambda group: (-len(group.findings), group.attribute, group.what))

    @property
    def objects(self) -> int:
        """In how many objects something was found."""
        return len({finding.number for finding in self.findings if finding.number >= 0})

    def name(self, finding: Finding) -> str:
        """Return which file a finding is about, or nothing."""
        return self.names[finding.number] if finding.number >= 0 else ""


def _count_objects(findings: list[Finding]) -> int:
    """Count the objects that findings are about; each that is about none stands for an original."""
    return len({finding.number for finding in findings} - {-1}) + sum(finding.number < 0 for finding in findings)
