"""The door for programs: one class that de-identifies whatever holds an object."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from greycloak.batch.inputs import find_inputs
from greycloak.batch.job import Job
from greycloak.batch.layouts import Layout
from greycloak.batch.run import run
from greycloak.callables import is_of_this_process, name_function
from greycloak.data_sets import data_set_of, file_of
from greycloak.encrypted import Recipients
from greycloak.engine import Engine
from greycloak.files import read_file
from greycloak.outcomes import Deidentified
from greycloak.profiles.adjust import Adjustments, adjusted
from greycloak.pseudonyms import InstallationKey, default_key_file, default_store_url
from greycloak.pseudonyms.opening import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor
    from types import TracebackType

    from pydicom import Dataset

    from greycloak.batch.job import Result
    from greycloak.outcomes import Outcome
    from greycloak.preview import Preview
    from greycloak.proof.verification.findings import Verification
    from greycloak.stream.part10 import Source

    Holder = str | os.PathLike[str] | bytes | BinaryIO | Dataset
    Target = str | tuple[int, int]


class NotDeidentifiedError(Exception):
    """A data set must not be used further; the message says why, without any value of it.

    Attributes
    ----------
    outcome : Quarantined or Skipped
        What became of it.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


class Deidentifier:
    """De-identifies objects, wherever they are; safe to use from several threads.

    Parameters
    ----------
    profile : str
        A preset, a profile of the site, or a file.
    project : str
        Whose pseudonyms to use.
    store : str, optional
        The pseudonym store, as SQLAlchemy writes it; by default, that of the command line.
    key : path or InstallationKey, optional
        The installation's key, or its file; by default, that of the command line.
    options : iterable of str
        Options of PS3.15 in addition.
    actions : mapping, optional
        Attributes (keyword, ``"gggg,eeee"``, path, or a pair of numbers) and what is done to them: as profiles write
        it, or a function ``(element, data_set) -> new value or None``. They go before the profile.
    encrypt_for : iterable of path
        Certificates of those for whom the original attributes are sealed into each object.
    reviewed : bool
        Whether somebody has read the long texts that the profile wants to be read.

    Raises
    ------
    EncryptionError, KeyFileError, ProfileError, StoreError, UnknownProfileError
        If a certificate, key, profile or store cannot be used.

    Examples
    --------
    >>> from greycloak import Deidentifier
    >>> with Deidentifier.ephemeral("basic") as deidentifier:
    ...     outcome = deidentifier.deidentify(b"no object")
    >>> print(outcome)
    it is no DICOM file, nor anything else that is known [not-dicom]
    """

    def __init__(  # noqa: PLR0913  each of them is a decision of its own
        self,
        profile: str = "basic",
        project: str = "default",
        *,
        store: str | None = None,
        key: str | os.PathLike[str] | InstallationKey | None = None,
        options: Iterable[str] = (),
        actions: Mapping[Target, Any] | None = None,
        encrypt_for: Iterable[str | os.PathLike[str]] = (),
        reviewed: bool = False,
    ) -> None:
        adjustments = Adjustments(
            tuple(options), tuple((_target(target), _action(action)) for target, action in (actions or {}).items())
        )
        self._job = Job(
            destination="",
            profile=profile,
            written=json.dumps(adjusted(profile, adjustments)) if adjustments else "",
            project=project,
            store_url=store or default_store_url(),
            key_file=default_key_file() if key is None or isinstance(key, InstallationKey) else Path(key),
            certificates=tuple(map(Path, encrypt_for)),
            reviewed=reviewed,
            key=key if isinstance(key, InstallationKey) else None,
            door="python",
        )
        self._installation = self._job.open_installation()
        self._engine = Engine(
            self._job.open_profile(),
            self._installation.project(project),
            Recipients.load(self._job.certificates) if self._job.certificates else None,
            reviewed,
        )

    @classmethod
    def ephemeral(cls, profile: str = "basic", **more: Any) -> Self:  # noqa: ANN401  as of the class
        """Return one for throw-away use: its key is new and lives in memory only, and there is no store file.

        Nobody, you included, can ever make the same pseudonyms again, or look up who is who.
        """
        return cls(profile, store=IN_MEMORY, key=more.pop("key", None) or InstallationKey.new(), **more)

    @property
    def engine(self) -> Engine:
        """What does it."""
        return self._engine

    def deidentify(self, source: Holder, *, with_changes: bool = False) -> Outcome:
        """De-identify one object.

        Parameters
        ----------
        source : path, bytes, binary file or pydicom Dataset
            What holds it. A data set may lack file meta information and UIDs.
        with_changes : bool
            Whether the outcome lists every change.

        Returns
        -------
        Deidentified, Quarantined or Skipped
            What became of it.

        Raises
        ------
        OSError
            If a path cannot be read.
        StoreError
            If the store cannot be used now.
        ValueError
            If pydicom cannot write the data set.
        """
        return self._engine.deidentify(_content(source), with_changes=with_changes)

    def deidentify_dataset(self, data_set: Dataset) -> Dataset:
        """Return a new, de-identified data set; the one that is given stays as it is.

        Raises
        ------
        NotDeidentifiedError
            If it must not be used further.
        StoreError, ValueError
            As `deidentify`.
        """
        outcome = self.deidentify(data_set)
        if not isinstance(outcome, Deidentified):
            raise NotDeidentifiedError(outcome)
        return data_set_of(outcome.to_bytes())

    def deidentify_many(
        self,
        sources: Iterable[str | os.PathLike[str]],
        destination: str | os.PathLike[str],
        *,
        layout: str = "patient-study-series",
        executor: Executor | None = None,
        workers: int | None = None,
    ) -> Iterator[Result]:
        """De-identify files, folders and archives into a folder; results come in the order of the files.

        Parameters
        ----------
        sources : iterable of path
            The originals.
        destination : path or URL
            Where new files go.
        layout : str
            How they are named.
        executor : Executor, optional
            Of `concurrent.futures`, Dask or whoever has one: does the work.
        workers : int, optional
            How many processes do it, without an executor; by default, as many as pay off.

        Raises
        ------
        EncryptionError, KeyFileError, LayoutError, ProfileError, StoreError
            If something cannot be used.
        OSError
            If a new file cannot be written.
        ValueError
            If a function among the actions cannot be found in other processes.
        """
        is_elsewhere = workers != 1 if executor is None else not _is_of_threads(executor)
        if is_elsewhere and self._names_own_functions:
            raise ValueError("functions have to stand in a module for other processes to find them (or workers=1)")
        inputs = find_inputs([os.fspath(source) for source in sources])
        job = replace(self._job, destination=os.fspath(destination), layout=Layout(layout))
        yield from run(job, inputs, workers, executor)

    @property
    def _names_own_functions(self) -> bool:
        lines = self._engine.profile.tags + tuple(line for rule in self._engine.profile.rules for line in rule.tags)
        return any(line.action.name == "script" and is_of_this_process(str(line.action.value)) for line in lines)

    def preview(self, source: Holder) -> Preview:
        """Return every element of an object before and after, and why; nothing is recorded.

        Raises
        ------
        OSError, StoreError, ValueError
            As `deidentify`.
        """
        from greycloak.preview import preview  # noqa: PLC0415  slow to load

        rehearsal = self._installation.rehearse(self._job.project)
        return preview(Engine(self._engine.profile, rehearsal, reviewed=self._job.reviewed), _content(source))

    def close(self) -> None:
        """Let go of the store."""
        self._installation.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def verify(anonymized: str | os.PathLike[str], originals: str | os.PathLike[str] | None = None) -> Verification:
    """Check anonymized objects, whoever made them, against their originals or without.

    Parameters
    ----------
    anonymized : path
        A file, or a folder of them.
    originals : path, optional
        What they were made from.
    """
    from greycloak.proof.verification.verify import verify as verify_files  # noqa: PLC0415  slow to load

    return verify_files(Path(anonymized), None if originals is None else Path(originals))


def scramble(sources: Iterable[Holder]) -> Iterator[Outcome]:
    """Make test data of objects: texts become random ones that look alike, and the structure stays.

    Parameters
    ----------
    sources : iterable of path, bytes, binary file or pydicom Dataset
        Objects; those of one call belong together afterwards as before.
    """
    with Deidentifier.ephemeral("scramble") as deidentifier:
        for source in sources:
            yield deidentifier.deidentify(source)


def warnings(source: Holder) -> list[str]:
    """Return what a validator would say of an object: required attributes that are missing, and risks of its pixels.

    Parameters
    ----------
    source : path, bytes, binary file or pydicom Dataset
        The object.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    from greycloak.conformance import problems_of  # noqa: PLC0415  slow to load

    return problems_of(_content(source))


def _content(source: Holder) -> Source:
    if isinstance(source, str | os.PathLike):
        return read_file(Path(source))
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if hasattr(source, "read"):
        content = source.read()
        if isinstance(content, bytes):
            return content
    elif hasattr(source, "to_json"):
        return file_of(cast("Dataset", source))
    raise TypeError(f"expected a path, bytes, a binary file or a pydicom Dataset, not {type(source).__name__}")


def _target(target: Target) -> str:
    return target if isinstance(target, str) else "{:04X},{:04X}".format(*target)


def _action(action: Any) -> Any:  # noqa: ANN401  as profiles write it, or a function
    return {"script": name_function(action)} if callable(action) else action


def _is_of_threads(executor: Executor) -> bool:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  only here

    return isinstance(executor, ThreadPoolExecutor)
