"""``greycloak batch``: one job on many machines."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

from greycloak.batch.inputs import find_inputs
from greycloak.batch.job import Job
from greycloak.batch.layouts import Layout, LayoutError
from greycloak.batch.remote import is_url
from greycloak.batch.run import run
from greycloak.batch.shards import Manifest, Shard, check_manifests, plan, record_news, write_manifest
from greycloak.cli.asked import add_profile, add_whose, written_profile
from greycloak.cli.common import (
    EXIT_DONE,
    EXIT_QUARANTINED,
    EXIT_STOPPED,
    EXIT_USAGE,
    Commands,
    add_project,
    add_store,
    open_installation,
)
from greycloak.cli.running import Order, conclude, count
from greycloak.reporting.runs import private_text
from greycloak.summary import Tally, show_numbers

_EPILOG = f"""\
examples:
  greycloak batch plan incoming anonymized --shards 64 --out shards --stateless
  greycloak batch run shards/shard-0001.json --key-file key
  greycloak batch merge shards/*.manifest.jsonl

docs/scale.md has them for SLURM, Kubernetes, Dask and Spark.

exit status:
  {EXIT_DONE}  everything went through
  {EXIT_QUARANTINED}  something was quarantined, or contradicts what the store knows
  {EXIT_USAGE}  wrong usage, or key or store cannot be used
  {EXIT_STOPPED}  stopped half-way, or shards are missing; do it again to go on
"""


def add_batch(commands: Commands) -> None:
    """Add the commands to the command line."""
    parser = commands.add_parser(
        "batch",
        help="divide a job into shards, do them anywhere, and merge what became of them",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    planning = actions.add_parser("plan", help="divide a job", usage="greycloak batch plan [options] SRC [SRC ...] DST")
    planning.add_argument("paths", nargs="+", metavar="SRC ... DST", help="as of 'greycloak anonymize'")
    planning.add_argument("--shards", type=int, required=True, metavar="N", help="into how many")
    planning.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="where they go; shards name originals: keep them safe"
    )
    planning.add_argument(
        "--stateless", action="store_true", help="workers do without the store; the manifests bring what it records"
    )
    planning.add_argument("--layout", default="patient-study-series", help="how new files are named (%(default)s)")
    planning.add_argument("--with-report", action="store_true", help="manifests have every change, without values")
    add_profile(planning)
    add_whose(planning)
    planning.set_defaults(run=partial(_plan, planning))

    doing = actions.add_parser("run", help="do a shard; doing it again changes nothing")
    doing.add_argument("shard", type=Path, metavar="SHARD")
    doing.add_argument("--manifest", type=Path, metavar="FILE", help="what became of it (beside the shard)")
    doing.add_argument("--store", metavar="URL", help="the pseudonym store, if it is elsewhere for this machine")
    doing.add_argument("--key-file", type=Path, metavar="FILE", help="the key, if it is elsewhere for this machine")
    doing.add_argument("--workers", type=int, default=1, metavar="N", help="how many processes (%(default)s)")
    doing.set_defaults(run=_run)

    merging = actions.add_parser("merge", help="put manifests together: the summary, and what the store has to record")
    merging.add_argument("manifests", type=Path, nargs="+", metavar="MANIFEST")
    merging.add_argument("--profile", default="basic", help="what the audit calls the profile (%(default)s)")
    add_project(merging)
    add_store(merging)
    merging.add_argument("--json", action="store_true", help="the summary as JSON")
    merging.set_defaults(run=partial(_merge, merging))


def _plan(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    *sources, destination = [path if is_url(path) else str(Path(path).absolute()) for path in options.paths]
    if not sources:
        parser.error("the following arguments are required: DST")
    if options.shards < 1:
        parser.error("--shards must be at least 1")
    for source in sources:
        if not is_url(source) and not Path(source).exists():
            parser.error(f"{source} does not exist")
        if not is_url(source) and Path(source).resolve() in {Path(destination).resolve(), *Path(destination).parents}:
            parser.error("DST must not lie inside SRC")
    try:
        layout = Layout(options.layout)
    except LayoutError as error:
        parser.error(str(error))
    job = Job(
        destination=destination,
        profile=options.profile,
        written=written_profile(options),
        project=options.project,
        store_url=options.store,
        key_file=options.key_file.absolute(),
        layout=layout,
        reviewed=options.reviewed,
        with_report=options.with_report,
    )
    inputs = find_inputs(sources)
    shards = plan(job, inputs, options.shards, is_stateless=options.stateless)
    options.out.mkdir(parents=True, exist_ok=True)
    for shard in shards:
        with private_text(options.out / f"shard-{shard.number:04d}.json") as stream:
            stream.write(shard.written())
    print(f"{len(shards)} shards of {len(inputs)} files in {options.out}; they name originals: keep them safe")
    return EXIT_DONE


def _run(options: argparse.Namespace) -> int:
    shard = Shard.read(options.shard)
    job = replace(
        shard.job,
        store_url=options.store or shard.job.store_url,
        key_file=options.key_file or shard.job.key_file,
    )
    shard = replace(shard, job=job)
    manifest = options.manifest or options.shard.with_suffix(".manifest.jsonl")
    tally = Tally()
    results = write_manifest(manifest, shard, run(job, shard.inputs, options.workers))
    count(tally, results, len(shard.inputs), Order())
    print(f"shard {shard.number} of {shard.count}: {tally}")
    return EXIT_QUARANTINED if tally.quarantined else EXIT_DONE


def _merge(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    manifests = sorted(map(Manifest.read, options.manifests), key=lambda one: one.number)
    missing = check_manifests(manifests)
    if manifests[0].project != options.project:
        parser.error(f"these manifests are of project {manifests[0].project}: say --project {manifests[0].project}")
    results = [result for manifest in manifests for result in manifest.results]
    tally = Tally()
    count(tally, results, len(results), Order())
    project = open_installation(options).project(options.project)
    contradicting = record_news(project, results)
    project.close()
    remarks = []
    if contradicting:
        numbers = show_numbers(sorted({number for number, _ in contradicting}))
        reasons = ", ".join(sorted({reason for _, reason in contradicting}))
        remarks.append(f"files {numbers} contradict what the store knows ({reasons}): look at them before you use them")
    job = Job("", options.profile, options.project, options.store, options.key_file, is_rehearsal=bool(missing))
    order = Order(tell="json" if options.json else "")
    if missing:
        remarks.append(f"missing: shards {show_numbers(missing)}; run them, and merge again")
        conclude(job, tally, order, remarks)
        return EXIT_STOPPED
    conclude(job, tally, order, remarks)
    return EXIT_QUARANTINED if tally.quarantined or contradicting else EXIT_DONE
