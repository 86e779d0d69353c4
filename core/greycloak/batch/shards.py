"""A job in shards, for any number of machines: planned once, done anywhere and again, and merged in the end.

A worker needs a shard, the key, and to reach sources and destination. It may share a store with the others
(PostgreSQL), or none: then pseudonyms, UIDs and shifts derive from the key alone, and what the store has to record
comes back in the manifest, sealed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greycloak._version import __version__
from greycloak.batch.errors import BatchError
from greycloak.batch.inputs import Input
from greycloak.batch.job import Job, Result
from greycloak.batch.layouts import Layout
from greycloak.batch.process import Worker
from greycloak.outcomes import Quarantined, Refused, Skipped, Told
from greycloak.profiles.id_schemes import HASH
from greycloak.pseudonyms import Installation
from greycloak.pseudonyms.detached import Admission, ProjectFacts, record_admission
from greycloak.reporting.runs import private_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from greycloak.pseudonyms import Project

_HERE_ONLY = ("key", "certificates", "key_file", "layout", "backup")
"""Fields of a job that are written in another way, or not at all: a key never leaves its file."""


class ShardError(BatchError):
    """A shard or manifest cannot be used; the message says why."""


@dataclass(frozen=True)
class Shard:
    """A part of a job.

    Attributes
    ----------
    job : Job
        What to do.
    number, count : int
        Which shard of how many.
    total : int
        How many objects all shards have.
    inputs : tuple of Input
        Its objects.
    """

    job: Job
    number: int
    count: int
    total: int
    inputs: tuple[Input, ...]

    def written(self) -> str:
        """Return it as JSON; it names originals, and is as sensitive as they are."""
        job = {key: value for key, value in _as_dict(self.job).items() if key not in _HERE_ONLY}
        job |= {"key_file": str(self.job.key_file), "layout": asdict(self.job.layout)}
        job["certificates"] = [str(path) for path in self.job.certificates]
        head = {"greycloak": __version__, "number": self.number, "count": self.count, "total": self.total}
        return json.dumps(head | {"job": job, "inputs": [list(_as_dict(one).values()) for one in self.inputs]}) + "\n"

    @classmethod
    def read(cls, path: Path) -> Shard:
        """Read a shard.

        Raises
        ------
        ShardError
            If it is none.
        """
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            job = written["job"]
            job["key_file"], job["layout"] = Path(job["key_file"]), Layout(**job["layout"])
            job["certificates"] = tuple(map(Path, job["certificates"]))
            inputs = tuple(
                Input(number, one, member, tuple(parts), tuple(numbers), trouble)
                for number, one, member, parts, numbers, trouble in written["inputs"]
            )
            return cls(Job(**job), written["number"], written["count"], written["total"], inputs)
        except OSError as error:
            raise ShardError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise ShardError(f"{path} is no shard of this version of Greycloak") from None


def _as_dict(one: Any) -> dict[str, Any]:  # noqa: ANN401  any dataclass, one level deep
    return {field.name: getattr(one, field.name) for field in fields(one)}


def plan(job: Job, inputs: Sequence[Input], count: int, *, is_stateless: bool) -> list[Shard]:
    """Divide a job; objects that stand together stay together.

    Parameters
    ----------
    job : Job
        What to do.
    inputs : sequence of Input
        All objects.
    count : int
        How many shards to make; there are fewer if there are fewer objects.
    is_stateless : bool
        Whether workers do without the store.

    Raises
    ------
    ShardError
        If the profile's pseudonyms need the store.
    KeyFileError, ProfileError, StoreError
        If the job cannot be done at all.
    """
    engine = job.engine()  # the project exists now, and has agreed on its terms
    if is_stateless:
        if engine.profile.subjects.id.kind != HASH:
            raise ShardError("without a store there are only pseudonyms that derive from the key: subjects.id = 'hash'")
        facts = ProjectFacts.of(Installation.open(job.store_url, job.key_file).store, job.project)
        job = replace(job, detached=json.dumps(facts.written()))
    engine.project.close()
    count = max(1, min(count, len(inputs)))
    bounds = [len(inputs) * at // count for at in range(count + 1)]
    pieces = [tuple(inputs[start:stop]) for start, stop in pairwise(bounds)]
    return [Shard(job, number, count, len(inputs), piece) for number, piece in enumerate(pieces, start=1)]


@dataclass(frozen=True)
class Partition:
    """Does a job on whatever objects it is called with, as Spark's ``mapPartitions`` and Dask do.

    Attributes
    ----------
    job : Job
        What to do.
    """

    job: Job

    def __call__(self, sources: Iterable[Input | str]) -> Iterator[dict[str, Any]]:
        """Yield a line of a manifest for each object."""
        worker = Worker.of(self.job)
        for number, source in enumerate(sources, start=1):
            one = source if isinstance(source, Input) else Input(number, source, parts=(Path(source).name,))
            yield manifest_line(worker.do(one))


def manifest_line(result: Result) -> dict[str, Any]:
    """Return what a manifest says of an object: no name, and nothing of an original that is not sealed."""
    line: dict[str, Any] = {"number": result.source.number, "output": result.output, "size": result.size}
    if isinstance(result.refusal, Quarantined):
        line |= {"reason": result.refusal.reason, "detail": result.refusal.detail}
    elif isinstance(result.refusal, Skipped):
        line |= {"kind": result.refusal.kind}
    else:
        line |= {"told": list(result.told)}
    if result.news:
        line["news"] = list(result.news)
    return line | ({"report": result.report} if result.report else {})


def result_of(line: dict[str, Any]) -> Result:
    """Return what `manifest_line` told."""
    source = Input(line["number"], "")
    news = tuple(line.get("news", ()))
    facts = {"size": line["size"], "report": line.get("report", {}), "news": news}
    if "reason" in line:
        reason, detail = line["reason"], line["detail"]
        return Result(source, None, Quarantined(reason, detail), **facts)
    if "kind" in line:
        return Result(source, None, Skipped(line["kind"]), **facts)
    risks, doubts, is_inspected, is_masked = line["told"]
    told = Told(tuple(risks), tuple(doubts), is_inspected, is_masked)
    return Result(source, line["output"], None, told, **facts)


@dataclass(frozen=True)
class Manifest:
    """What became of a shard.

    Attributes
    ----------
    number, count, total : int
        As of `Shard`.
    project, profile_digest : str
        What was done.
    results : tuple of Result
        What became of each object.
    """

    number: int
    count: int
    total: int
    project: str
    profile_digest: str
    results: tuple[Result, ...]

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest.

        Raises
        ------
        ShardError
            If it is none, or not whole.
        """
        try:
            head, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            results = tuple(map(result_of, lines))
            facts = {key: head[key] for key in ("number", "count", "total", "project", "profile_digest")}
            if len(results) != head["inputs"]:
                raise ShardError(f"{path} is not whole: run the shard again")
            return cls(**facts, results=results)
        except OSError as error:
            raise ShardError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise ShardError(f"{path} is no manifest of this version of Greycloak") from None


def write_manifest(path: Path, shard: Shard, results: Iterable[Result]) -> Iterator[Result]:
    """Pass results on, and write the manifest when the shard is done: it is there as a whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    job = shard.job
    head = {"greycloak": __version__, "number": shard.number, "count": shard.count, "total": shard.total}
    head |= {"project": job.project, "profile_digest": job.open_profile().digest(), "inputs": len(shard.inputs)}
    partial = path.with_name(f".{path.name}.part")
    try:
        with private_text(partial) as stream:
            stream.write(json.dumps(head) + "\n")
            for result in results:
                stream.write(json.dumps(manifest_line(result)) + "\n")
                yield result
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def check_manifests(manifests: Sequence[Manifest]) -> list[int]:
    """Return the numbers of the shards that are missing.

    Raises
    ------
    ShardError
        If manifests do not belong together.
    """
    first = manifests[0]
    for other in manifests:
        facts = (other.count, other.total, other.project, other.profile_digest)
        if facts != (first.count, first.total, first.project, first.profile_digest):
            raise ShardError("these manifests are of different jobs")
    numbers = [one.number for one in manifests]
    if len(set(numbers)) != len(numbers):
        raise ShardError("two manifests are of the same shard")
    return sorted(set(range(1, first.count + 1)) - set(numbers))


def record_news(project: Project, results: Iterable[Result]) -> list[tuple[int, str]]:
    """Record in the store what detached workers have admitted.

    Returns
    -------
    list of (int, str)
        The numbers of objects that contradict what the store knows, and the reasons: they are out already, and a
        person has to decide about them.

    Raises
    ------
    StoreError
        If the store cannot be used, or a manifest has been changed.
    """
    contradicting = []
    for result in results:
        for sealed in result.news:
            try:
                doubts = record_admission(project, Admission.opened(sealed, project))
            except Refused as refusal:
                doubts = (refusal.reason,)
            contradicting += [(result.source.number, doubt) for doubt in doubts]
    return contradicting
