"""A real Spark, on this machine: ``make test-scale``. Heavy (400 MB of packages and a JRE), so a target of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from greycloak.batch.shards import Partition, Shard
from support import ct, encode

SCRIPT = Path(sys.executable).with_name("greycloak")
COUNT = 60


@pytest.fixture
def spark(tmp_path, monkeypatch):
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.local.dir", str(tmp_path / "spark"))
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .getOrCreate()
    )
    yield session
    session.stop()


def test_spark_does_what_one_machine_does(spark, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(COUNT):
        image = ct(
            SOPInstanceUID=f"1.2.3.{number}", PatientID=f"MRN-{number // 6}", StudyInstanceUID=f"1.4.{number // 6}"
        )
        (tmp_path / "in" / f"Doe{number:02d}").write_bytes(encode(image))
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data")}

    def call(*arguments):
        command = [str(SCRIPT), *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout

    call("batch", "plan", "in", "out", "--shards", "1", "--out", "shards", "--stateless")
    shard = Shard.read(tmp_path / "shards" / "shard-0001.json")
    lines = spark.sparkContext.parallelize(shard.inputs, 4).mapPartitions(Partition(shard.job)).collect()
    assert sorted(line["number"] for line in lines) == list(range(1, COUNT + 1))
    assert "Doe" not in json.dumps(lines)
    call("anonymize", "in", "whole")
    names = sorted(path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.dcm"))
    assert len(names) == COUNT
    assert all((tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes() for name in names)
