"""One object from a file or standard input to a file or standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from greycloak.batch.inputs import STANDARD, Input, find_inputs
from greycloak.batch.process import Worker, read_input
from greycloak.cli.common import EXIT_DONE, EXIT_QUARANTINED, EXIT_STOPPED
from greycloak.files import publish, replace_file
from greycloak.outcomes import Deidentified
from greycloak.same_output import files_say_the_same

if TYPE_CHECKING:
    import argparse

    from greycloak.batch.job import Job
    from greycloak.outcomes import Outcome


def anonymize_one(parser: argparse.ArgumentParser, job: Job, sources: list[str], output: str | None) -> int:
    """Anonymize the one object that there is, and return the exit status; what is said goes to standard error."""
    if job.backup:
        parser.error("--backup is for folders")
    inputs = [Input(1, STANDARD)] if sources == [STANDARD] else find_inputs(sources)
    if len(inputs) != 1:
        parser.error(f"this is for one object, and there are {len(inputs)} files")
    try:
        content = sys.stdin.buffer.read() if sources == [STANDARD] else read_input(inputs[0])
    except OSError as error:
        print(f"greycloak: stopped: cannot read SRC: {error.strerror}", file=sys.stderr)
        return EXIT_STOPPED
    if not output and job.destination != STANDARD:
        result = Worker.of(job).do_content(inputs[0], content)
        if result.refusal:
            print(f"not anonymized: {result.refusal}", file=sys.stderr)
        else:
            print(result.output)
        return EXIT_QUARANTINED if result.refusal else EXIT_DONE
    engine = job.engine()
    outcome = engine.deidentify(content)
    status = _put(job, outcome, output)
    engine.project.close()
    return status


def _put(job: Job, outcome: Outcome, output: str | None) -> int:
    if not isinstance(outcome, Deidentified):
        print(f"not anonymized: {outcome}", file=sys.stderr)
        print(f"  {getattr(outcome, 'remedy', '')}".rstrip(), file=sys.stderr)
        return EXIT_QUARANTINED
    if job.is_rehearsal:
        print("a dry run: it would go through", file=sys.stderr)
        return EXIT_DONE
    if output is None or output == STANDARD:
        for part in outcome.parts:
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return EXIT_DONE
    path = Path(output)
    if not publish(path, outcome.parts, files_say_the_same):
        if not job.replaces:
            print(f"greycloak: {output} is there, and is something else: --overwrite replaces it", file=sys.stderr)
            return EXIT_QUARANTINED
        replace_file(path, outcome.parts)
    return EXIT_DONE
