"""What is done with many objects, and what became of each."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  pickled and looked at by dataclasses
from typing import TYPE_CHECKING, Any

from greycloak.batch.layouts import Layout
from greycloak.encrypted import Recipients
from greycloak.engine import Engine
from greycloak.outcomes import NOTHING_TOLD, Quarantined, Skipped, Told
from greycloak.profiles import Profile, load_profile, parse_profile
from greycloak.pseudonyms import Caller, Installation, InstallationKey
from greycloak.pseudonyms.detached import ProjectFacts

if TYPE_CHECKING:
    from greycloak.batch.inputs import Input
    from greycloak.pseudonyms import Project


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with every object.

    Attributes
    ----------
    destination : str
        Folder or URL of the new objects.
    profile, project : str
        By name.
    store_url : str
        The pseudonym store.
    key_file : Path
        The installation's key.
    written : str
        The profile as JSON, where its name does not say all: adjustments are in it.
    layout : Layout
        How new objects are named.
    with_report : bool
        Whether results carry a report line.
    with_names : bool
        Whether report lines show the names of the files.
    with_values : bool
        Whether report lines show original values.
    certificates : tuple of Path
        For whom the original attributes are sealed into the new files.
    reviewed : bool
        Whether somebody has read the long texts that the profile wants to be read.
    replaces : bool
        Whether files that earlier runs have made in another way are replaced.
    began : int
        When the run began, in nanoseconds, by the clock of the destination: what is older, earlier runs have made.
    is_rehearsal : bool
        Whether nothing is written and nothing recorded.
    backup : Path or None
        Where originals are copied to before anything else.
    in_place : bool
        Whether new files take the places of the originals, of which there is a backup.
    detached : str
        Facts of the project as JSON, if its store is not to be asked.
    key : InstallationKey or None
        The key itself, where there is no file of it.
    door : str
        Where it came in, for the audit.
    """

    destination: str
    profile: str
    project: str
    store_url: str
    key_file: Path
    written: str = ""
    layout: Layout = field(default_factory=Layout)
    with_report: bool = False
    with_names: bool = False
    with_values: bool = False
    certificates: tuple[Path, ...] = ()
    reviewed: bool = False
    replaces: bool = False
    began: int = 0
    is_rehearsal: bool = False
    backup: Path | None = None
    in_place: bool = False
    detached: str = ""
    key: InstallationKey | None = field(default=None, repr=False)
    door: str = "cli"

    def open_profile(self) -> Profile:
        """Return the profile.

        Raises
        ------
        UnknownProfileError, ProfileError
            If it cannot be used.
        """
        if self.written:
            return parse_profile(json.loads(self.written), shown=self.profile)
        return load_profile(self.profile)

    def open_project(self) -> Project:
        """Return the project.

        Raises
        ------
        KeyFileError, StoreError
            If key or store cannot be used.
        """
        installation = self.open_installation()
        if self.detached:
            return installation.detached(self.project, ProjectFacts(**json.loads(self.detached)))
        return installation.rehearse(self.project) if self.is_rehearsal else installation.project(self.project)

    def open_installation(self) -> Installation:
        """Return key and store.

        Raises
        ------
        KeyFileError, StoreError
            If they cannot be used.
        """
        caller = Caller.here(self.door)
        if self.detached:
            key = self.key or Installation.known_key(self.key_file) or InstallationKey.load(self.key_file)
            return Installation.in_memory(key, caller)
        if self.key:
            return Installation.with_key(self.store_url, self.key, caller)
        if self.is_rehearsal:
            return Installation.for_rehearsal(self.store_url, self.key_file, caller)
        return Installation.open(self.store_url, self.key_file, caller)

    def engine(self) -> Engine:
        """Return the engine that does it.

        Raises
        ------
        EncryptionError, KeyFileError, ProfileError, StoreError, UnknownProfileError
            If certificate, key, profile or store cannot be used.
        """
        recipients = Recipients.load(self.certificates) if self.certificates else None
        return Engine(self.open_profile(), self.open_project(), recipients, self.reviewed)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one object.

    Attributes
    ----------
    source : Input
        Where it came from.
    output : str or None
        Where the new object is, below the destination; None if there is none.
    refusal : Quarantined, Skipped or None
        Why.
    told : Told
        What a summary says of the new one.
    report : dict
        Its report line, if the job asks for one.
    size : int
        How many bytes the original has.
    is_replacement : bool
        Whether it took the place of one that an earlier run had made in another way.
    is_done_before : bool
        Whether an earlier run has done it already: in place, where the backup holds the original.
    news : tuple of str
        Of a detached project: what its store has to record, sealed.
    """

    source: Input
    output: str | None
    refusal: Quarantined | Skipped | None
    told: Told = NOTHING_TOLD
    report: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    is_replacement: bool = False
    is_done_before: bool = False
    news: tuple[str, ...] = ()
