"""Many objects, in as many processes as there are processors, or wherever an executor takes them."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from greycloak.batch.process import Worker
from greycloak.batch.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from greycloak.batch.inputs import Input
    from greycloak.batch.job import Job, Result
    from greycloak.summary import Tally

_CHUNK = 16
_WAITING_PER_WORKER = 4
_WAITING = 256
_GLANCE = 0.5
_MIN_FILES_PER_PROCESS = 64


class ProcessDiedError(Exception):
    """A process that worked on files was killed; what it had written is whole."""


def record_run(job: Job, tally: Tally) -> None:
    """Note in the audit that many files went through, and how many did not."""
    project = job.open_project()
    counts = {"anonymized": tally.anonymized, "quarantined": tally.quarantined}
    if tally.replaced:
        counts["replaced"] = tally.replaced
    facts: dict[str, Any] = {"project": job.project, "profile": job.profile, **counts}
    project.audit.record(project.caller, "run", **facts)
    project.close()


def run(
    job: Job, sources: Sequence[Input], workers: int | None = None, executor: Executor | None = None
) -> Iterator[Result]:
    """De-identify objects; results come in the order of the sources.

    Parameters
    ----------
    job : Job
        What to do.
    sources : sequence of Input
        The objects.
    workers : int, optional
        How many processes to use; by default as many as there are processors, and only as many as pay off.
    executor : Executor, optional
        Does it instead of processes of our own; its workers need Greycloak, the key, and to reach sources, store and
        destination.

    Raises
    ------
    EncryptionError, KeyFileError, ProfileError, StoreError
        If a certificate, the key, the profile or the store cannot be used.
    OSError
        If a new file cannot be written, as on a full disk. Everything that was written is whole, and doing it
        again goes on where this ended.
    ProcessDiedError
        If a process was killed, as for want of memory.
    """
    if job.replaces and not job.is_rehearsal:
        job = replace(job, began=target_of(job.destination).time())
    if executor is not None:
        yield from _through(executor, job, sources, _WAITING)
        return
    if workers is None:
        workers = min(os.cpu_count() or 1, 1 + len(sources) // _MIN_FILES_PER_PROCESS)
    if workers == 1:
        worker = Worker.of(job)
        for source in sources:
            yield worker.do(source)
        return
    job.engine().project.close()  # says what is wrong with key or store before any process starts
    start = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(workers, context, initializer=_end_with, initargs=(os.getpid(),)) as pool:
        try:
            yield from _through(pool, job, sources, _WAITING_PER_WORKER * workers)
        except BrokenProcessPool:
            raise ProcessDiedError("a process died, perhaps for want of memory") from None


def _end_with(parent: int) -> None:
    """See that this process ends when its parent was killed: nobody else would tell it."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_GLANCE)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _through(executor: Executor, job: Job, sources: Iterable[Input], at_most: int) -> Iterator[Result]:
    """Send objects through an executor, and never more of them than it is worth waiting for."""
    waiting: deque[Future[list[Result]]] = deque()
    left = iter(sources)
    try:
        while chunk := list(islice(left, _CHUNK)):
            waiting.append(executor.submit(do_chunk, job, chunk))
            if len(waiting) >= at_most:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def do_chunk(job: Job, sources: list[Input]) -> list[Result]:
    """Do some objects of a job, wherever this runs."""
    worker = _worker(job)
    return [worker.do(source) for source in sources]


@lru_cache(maxsize=4)
def _worker(job: Job) -> Worker:
    return Worker.of(job)
