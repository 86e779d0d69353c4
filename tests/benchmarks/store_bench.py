#!/usr/bin/env python3
"""Look-ups and new subjects a second with many subjects in the store, on SQLite and PostgreSQL, in one run.

.venv/bin/python tests/benchmarks/store_bench.py --subjects 1000000
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from greycloak import Installation  # noqa: E402
from greycloak.pseudonyms import Identity, Project  # noqa: E402
from greycloak.pseudonyms.tables import projects, subjects  # noqa: E402
from postgres import PostgresServer  # noqa: E402

_CHUNK = 20_000


def fill(project: Project, count: int) -> None:
    """Record subjects at once, as they would be after years; of a thousand of them, the identities are real."""
    database, number = project.records.database, project.records.project
    for start in range(0, count, _CHUNK):
        rows = []
        for at in range(start + 1, min(start + _CHUNK, count) + 1):
            identity = Identity(f"MRN-{at}")
            look_up = project.vault.look_up(identity)
            is_real = at % max(1, count // 1000) == 0
            rows.append(
                {
                    "project": number,
                    "look_up": look_up if is_real else secrets.token_bytes(32),
                    "pseudonym": f"FILLED-{at}",
                    "number": at,
                    "sealed": project.vault.sealed(identity, look_up) if is_real else secrets.token_bytes(70),
                    "created": 0.0,
                }
            )
        with database.writing() as connection:
            connection.execute(subjects.insert(), rows)
    with database.writing() as connection:
        connection.execute(projects.update().where(projects.c.id == number).values(counter=count))
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ANALYZE"))


def per_second(count: int, action: object) -> float:
    start = time.perf_counter()
    for at in range(count):
        action(at)  # type: ignore[operator]
    return count / (time.perf_counter() - start)


def measure(name: str, url: str, key: Path, count: int) -> None:
    project = Installation.open(url, key).project("many")
    start = time.perf_counter()
    fill(project, count)
    print(f"{name}: filled with {count:,} subjects in {time.perf_counter() - start:.0f} s")
    step = max(1, count // 1000)
    known = [Identity(f"MRN-{at}") for at in range(step, count + 1, step)]
    cold = per_second(len(known), lambda at: project.subject(known[at]))
    cached = per_second(len(known), lambda at: project.subject(known[at]))
    new = per_second(500, lambda at: project.subject(Identity(f"new-{secrets.token_hex(8)}-{at}")))
    originals = per_second(len(known), lambda at: project.original(f"FILLED-{(at + 1) * step}"))
    print(f"  known subject, first time   {cold:10,.0f} /s")
    print(f"  known subject, remembered   {cached:10,.0f} /s   {cached / cold:,.0f} x")
    print(f"  pseudonym to original       {originals:10,.0f} /s   {originals / cold:.2f} x")
    print(f"  new subject, on disk        {new:10,.0f} /s   {new / cold:.2f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=1_000_000)
    count = parser.parse_args().subjects
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
        place = Path(folder)
        measure("SQLite", f"sqlite:///{place / 'store.sqlite'}", place / "key", count)
        server = PostgresServer(place / "pg").start()
        try:
            measure("PostgreSQL", server.url, place / "key", count)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
