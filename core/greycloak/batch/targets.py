"""Where new objects are put: a folder of this machine, or an object store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from greycloak.batch.remote import exists_remote, is_url, read_remote, write_remote
from greycloak.files import publish, replace_file, time_in
from greycloak.same_output import files_say_the_same, say_the_same

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from greycloak.outcomes import Deidentified


class Target(Protocol):
    """Takes new objects."""

    def put(self, place: PurePosixPath, outcome: Deidentified) -> bool:
        """Put an object in place as a whole or not at all; False if there is one that says something else.

        Raises
        ------
        OSError
            If it cannot be written.
        """

    def replace(self, place: PurePosixPath, outcome: Deidentified, *, older_than: int) -> bool:
        """Put an object in the place of one of an earlier run; False if this run has made what is there."""

    def has(self, place: PurePosixPath) -> bool:
        """Tell whether an object is there."""

    def time(self) -> int:
        """Return what time it is there, in nanoseconds."""


def target_of(destination: str) -> Target:
    """Return the target that a path or URL names."""
    return Store(destination.rstrip("/")) if is_url(destination) else Folder(Path(destination))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def put(self, place: PurePosixPath, outcome: Deidentified) -> bool:
        """See `Target`."""
        return publish(self.path / place, outcome.parts, files_say_the_same)

    def replace(self, place: PurePosixPath, outcome: Deidentified, *, older_than: int) -> bool:
        """See `Target`."""
        path = self.path / place
        if path.stat().st_mtime_ns >= older_than:
            return False
        replace_file(path, outcome.parts)
        return True

    def has(self, place: PurePosixPath) -> bool:
        """See `Target`."""
        return (self.path / place).is_file()

    def time(self) -> int:
        """See `Target`."""
        return time_in(self.path)


@dataclass(frozen=True, slots=True)
class Store:
    """A prefix of an object store."""

    url: str

    def put(self, place: PurePosixPath, outcome: Deidentified) -> bool:
        """See `Target`."""
        url = f"{self.url}/{place}"
        if exists_remote(url):
            return say_the_same(read_remote(url), outcome.to_bytes())
        write_remote(url, outcome.parts)
        return True

    def replace(self, place: PurePosixPath, outcome: Deidentified, *, older_than: int) -> bool:  # noqa: ARG002
        """See `Target`; an object store has no clock that counts, so what is there is replaced."""
        write_remote(f"{self.url}/{place}", outcome.parts)
        return True

    def has(self, place: PurePosixPath) -> bool:
        """See `Target`."""
        return exists_remote(f"{self.url}/{place}")

    def time(self) -> int:
        """See `Target`."""
        return 0
