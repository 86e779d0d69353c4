"""One object: read, de-identified, put in place."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from greycloak.batch.archives import read_member
from greycloak.batch.job import Job, Result
from greycloak.batch.remote import is_url, read_remote
from greycloak.batch.targets import Target, target_of
from greycloak.files import is_same_content, make_private, publish, read_file, replace_file
from greycloak.outcomes import Deidentified, Outcome, Quarantined
from greycloak.pseudonyms.detached import Detached
from greycloak.report import report_line

if TYPE_CHECKING:
    from greycloak.batch.inputs import Input
    from greycloak.engine import Engine
    from greycloak.stream.part10 import Source

_MAX_REFUSED = 1 << 32


@dataclass(frozen=True)
class Worker:
    """Does a job, object by object; as safe to share between threads as its engine.

    Attributes
    ----------
    job : Job
        What to do.
    engine : Engine
        What does it.
    target : Target
        Where new objects go.
    """

    job: Job
    engine: Engine
    target: Target

    @classmethod
    def of(cls, job: Job) -> Worker:
        """Return a worker for a job."""
        return cls(job, job.engine(), target_of(job.destination))

    def do(self, source: Input) -> Result:
        """De-identify one object.

        Raises
        ------
        OSError
            If a new file cannot be written.
        StoreError
            If the store cannot be used now.
        """
        try:
            content = read_input(source)
        except OSError as error:
            return self._result(source, b"", Quarantined("unreadable", error.strerror or ""))
        return self.do_content(source, content)

    def do_content(self, source: Input, content: Source) -> Result:
        """De-identify an object that was read already.

        Raises
        ------
        OSError, StoreError
            As `do`.
        """
        if self.job.backup and not self.job.is_rehearsal and not self._is_backed_up(source, content):
            return Result(source, None, None, size=len(content), is_done_before=True)
        outcome = self.engine.deidentify(content, with_changes=self.job.with_report)
        if isinstance(outcome, Deidentified):
            place = self.job.layout.path(outcome, self.job.project, source)
            done = self._put(place, outcome, source)
            if done is None:
                return self._result(source, content, Quarantined("output-differs"))
            return replace(self._result(source, content, outcome, place), is_replacement=done)
        if self.job.in_place and not self.job.is_rehearsal:
            Path(source.path).unlink()  # it is in the backup: what stays here is anonymized
        return self._result(source, content, outcome)

    def _put(self, place: PurePosixPath, outcome: Deidentified, source: Input) -> bool | None:
        """Put an object in place; return whether it replaces one, and None if it must not."""
        if self.job.is_rehearsal:
            return False
        if self.job.in_place:
            replace_file(Path(source.path), outcome.parts)
            return False
        if self.target.put(place, outcome):
            return False
        if self.job.replaces and self.target.replace(place, outcome, older_than=self.job.began):
            return True
        return None

    def _is_backed_up(self, source: Input, content: Source) -> bool:
        """Copy an original; False if the backup holds another one, so that this is what an earlier run has made of it.

        Raises
        ------
        OSError
            If it cannot be copied.
        """
        assert self.job.backup is not None
        path = self.job.backup.joinpath(*source.parts)
        make_private(path.parent)
        if publish(path, [memoryview(content)], is_same_content):
            if os.name == "posix":
                path.chmod(0o600)
            return True
        if not self.job.in_place:
            raise FileExistsError(17, "the backup holds another original of this name", "the backup")
        return False

    def _result(self, source: Input, content: Source, outcome: Outcome, place: PurePosixPath | None = None) -> Result:
        job = self.job
        output = None if place is None else source.name if job.in_place else str(place)
        report: dict[str, Any] = {}
        if job.with_report:
            report = report_line(
                self.engine,
                outcome,
                input_digest=_digest(content, outcome),
                output="(in place)" if job.in_place and output else output,
                with_values=job.with_values,
            )
            if job.with_names:
                report["input"] = source.name
        project = self.engine.project
        news = tuple(project.take_news()) if isinstance(project, Detached) else ()
        if isinstance(outcome, Deidentified):
            return Result(source, output, None, outcome.told, report, len(content), news=news)
        return Result(source, output, outcome, report=report, size=len(content), news=news)


def read_input(source: Input) -> Source:
    """Read an object.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if source.trouble:
        raise OSError(0, source.trouble)
    if is_url(source.path):
        return read_remote(source.path)
    if source.member:
        return read_member(Path(source.path), source.member)
    return read_file(Path(source.path))


def _digest(content: Source, outcome: Outcome) -> str | None:
    """Return the digest of a file; None of one that was refused and is too large to be read for that alone."""
    if len(content) > _MAX_REFUSED and not isinstance(outcome, Deidentified):
        return None
    return hashlib.sha256(content).hexdigest()
