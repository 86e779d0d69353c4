"""Objects in a real S3 server, and work that a real Dask scheduler hands out: the same bytes as here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
import s3fs
from distributed import LocalCluster
from moto.server import ThreadedMotoServer

from support import ct, encode


@pytest.fixture
def bucket(images):
    """A bucket with the three slices, and one that does not go through."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    requests.post(f"{endpoint}/moto-api/reset", timeout=10)  # what earlier tests have left
    images.environment |= {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "FSSPEC_S3_ENDPOINT_URL": endpoint,
    }
    system = s3fs.S3FileSystem(key="x", secret="y", endpoint_url=endpoint, skip_instance_cache=True)
    system.mkdir("hospital")
    for name, content in images.files("in").items():
        system.pipe_file(f"hospital/in/{name}", content)
    system.pipe_file("hospital/in/Doe cut", encode(ct())[:-3])
    yield system
    server.stop()


def test_an_object_store_gives_what_a_folder_gives(images, bucket):
    done = images.call("anonymize", "s3://hospital/in", "s3://hospital/out", "--workers", "1", status=1)
    assert done.stdout.endswith("4 files: 3 anonymized, 1 quarantined\n")
    assert "Doe" not in done.stdout + done.stderr
    images.call("anonymize", "in", "out")
    there = {path.removeprefix("hospital/out/"): bucket.cat_file(path) for path in bucket.find("hospital/out")}
    assert there == images.files()
    again = images.call("anonymize", "s3://hospital/in", "s3://hospital/out", "--workers", "1", status=1)
    assert again.stdout == done.stdout
    images.call("anonymize", "in", "s3://hospital/other", "--profile", "research")
    clash = images.call("anonymize", "in", "s3://hospital/out", "--profile", "research", status=1)
    assert "[output-differs]" in clash.stdout
    assert {path.removeprefix("hospital/out/"): bucket.cat_file(path) for path in bucket.find("hospital/out")} == there


@pytest.mark.usefixtures("bucket")
def test_what_is_not_there_is_said_without_credentials(images):
    done = images.call("anonymize", "s3://hospital/nowhere", "out", status=2)
    assert "there is nothing in the s3:// source" in done.stderr
    images.environment["FSSPEC_S3_ENDPOINT_URL"] = images.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    images.environment["AWS_MAX_ATTEMPTS"] = "1"
    done = images.call("anonymize", "in", "s3://hospital/out", status=3)
    assert "Traceback" not in done.stderr


@pytest.fixture
def scheduler(images, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", images.environment["XDG_DATA_HOME"])
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(images / "dask"),
    ) as cluster:
        yield cluster.scheduler_address.removeprefix("tcp://")


def test_a_dask_cluster_does_what_we_would_do(images, scheduler):
    for number in range(3, 60):
        (images / "in" / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    images.call("anonymize", "in", "out")
    done = images.call("anonymize", "in", "by-dask", "--executor", f"dask://{scheduler}")
    assert done.stdout == "60 files: 60 anonymized, 0 quarantined\n"
    assert images.files("by-dask") == images.files()


def test_a_worker_of_dask_that_is_killed_loses_nothing(images):
    for number in range(3, 200):
        (images / "in" / f"IM{number}").write_bytes(encode(ct(SOPInstanceUID=f"1.2.3.{number}")))
    images.call("anonymize", "in", "out")
    program = images / "killing.py"
    program.write_text(_KILLING)
    environment = images.environment | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    command = [sys.executable, str(program), str(Path(sys.executable).with_name("greycloak"))]
    done = subprocess.run(command, cwd=images.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {n: c for n, c in images.files("by-dask").items() if not n.endswith(".part")} == images.files()


_KILLING = """
import os, signal, subprocess, sys, time
from pathlib import Path
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                      local_directory="dask") as cluster:
        url = "dask://" + cluster.scheduler_address.removeprefix("tcp://")
        process = subprocess.Popen([sys.argv[1], "anonymize", "in", "by-dask", "--executor", url])
        while not len(list(Path("by-dask").rglob("*.dcm"))) > 10:
            time.sleep(0.01)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        sys.exit(process.wait(120))
"""
