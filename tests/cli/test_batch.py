"""A job in shards: done anywhere, done again, merged; with a shared store, and with none."""

from __future__ import annotations

import json
import signal
import time

import pytest

from greycloak.batch.shards import Partition, Shard
from support import ct, decode, encode

COUNT = 40


@pytest.fixture
def many(place):
    """Ten patients of two studies each, and two files that do not go through."""
    (place / "in").mkdir()
    for number in range(COUNT):
        image = ct(
            SOPInstanceUID=f"1.2.3.{number}",
            StudyInstanceUID=f"1.2.4.{number // 2}",
            SeriesInstanceUID=f"1.2.5.{number // 2}",
            PatientID=f"MRN-{number // 4}",
        )
        (place / "in" / f"Doe{number:02d}").write_bytes(encode(image))
    (place / "in" / "cut").write_bytes(encode(ct())[:-3])
    (place / "in" / "letter.txt").write_text("Dear Mr Doe")
    return place


def shards(place):
    return sorted(path for path in (place / "shards").glob("shard-????.json"))


def manifests(place):
    return sorted((place / "shards").glob("*.manifest.jsonl"))


@pytest.mark.parametrize("stateless", [False, True])
def test_shards_give_what_one_run_gives(many, stateless):
    order = ["batch", "plan", "in", "out", "--shards", "5", "--out", "shards", "--profile", "clinical-trial"]
    many.call(*order, *(["--stateless"] if stateless else []))
    assert len(shards(many)) == 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in shards(many))
    for shard in reversed(shards(many)):
        many.call("batch", "run", shard, status=None)
    said = "".join(path.read_text() for path in manifests(many))
    assert "Doe" not in said
    assert "MRN-" not in said
    done = many.call("batch", "merge", *manifests(many), status=1)
    assert done.stdout.endswith("42 files: 40 anonymized, 1 quarantined, 1 skipped\n")
    by_shards = many.files()
    pseudonyms = {decode(content).PatientID for content in by_shards.values()}
    assert len(pseudonyms) == 10
    found = many.call("pseudonyms", "find", *sorted(pseudonyms)).stdout.splitlines()[1:]
    assert {line.split(",")[1] for line in found} == {f"MRN-{at}" for at in range(10)}
    many.call("audit", "verify")
    many.call("anonymize", "in", "whole", "--profile", "clinical-trial", status=1)
    assert many.files("whole") == by_shards


def test_a_worker_without_the_store_needs_nothing_but_the_key(many):
    many.call("batch", "plan", "in", "out", "--shards", "2", "--out", "shards", "--stateless")
    (many / "data" / "greycloak" / "key").rename(many / "key")
    (many / "data").rename(many / "elsewhere")
    for shard in shards(many):
        many.call("batch", "run", shard, "--key-file", "key", status=None)
    assert not (many / "data").exists()
    assert len(many.files()) == COUNT
    assert "cannot read the key file" in many.call("batch", "run", shards(many)[0], status=2).stderr


def test_a_shard_that_was_killed_is_done_again_and_changes_nothing(many):
    many.call("batch", "plan", "in", "out", "--shards", "1", "--out", "shards", "--stateless")
    (shard,) = shards(many)
    process = many.start("batch", "run", shard)
    until = time.monotonic() + 60
    while len(list((many / "out").rglob("*.dcm"))) < 5:
        assert time.monotonic() < until
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not manifests(many)
    many.call("batch", "run", shard, status=1)
    before, told = many.files(), manifests(many)[0].read_text().splitlines()
    many.call("batch", "run", shard, status=1)
    assert {n: c for n, c in many.files().items() if not n.endswith(".part")} == {
        n: c for n, c in before.items() if not n.endswith(".part")
    }
    again = manifests(many)[0].read_text().splitlines()
    assert [json.loads(line)["number"] for line in again[1:]] == [json.loads(line)["number"] for line in told[1:]]
    many.call("batch", "merge", *manifests(many), status=1)
    many.call("batch", "merge", *manifests(many), status=1)


def test_what_is_missing_or_changed_is_told(many):
    many.call("batch", "plan", "in", "out", "--shards", "3", "--out", "shards", "--stateless")
    for shard in shards(many)[:2]:
        many.call("batch", "run", shard, status=None)
    done = many.call("batch", "merge", *manifests(many), status=3)
    assert "missing: shards 3; run them, and merge again" in done.stdout
    assert (
        "two manifests are of the same shard" in many.call("batch", "merge", *manifests(many)[:1] * 2, status=2).stderr
    )
    path = manifests(many)[0]
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n")
    assert "is not whole" in many.call("batch", "merge", path, status=2).stderr
    line = json.loads(lines[-1])
    line["news"] = [line["news"][0][:-8] + "AAAAAAAA"] if line.get("news") else ["AAAAAAAAAAAAAAAAAAAA"]
    path.write_text("\n".join([*lines[:-1], json.dumps(line)]) + "\n")
    assert "has been changed" in many.call("batch", "merge", path, status=2).stderr
    assert "is no shard" in many.call("batch", "run", path, status=2).stderr


def test_contradictions_between_shards_are_told_when_they_meet(many):
    """Two shards, one study under two patients: neither could know."""
    for at in (0, COUNT - 1):
        image = ct(SOPInstanceUID=f"1.2.3.{at}", StudyInstanceUID="1.2.4.77", PatientID=f"MRN-{at}")
        (many / "in" / f"Doe{at:02d}").write_bytes(encode(image))
    (many / "own.toml").write_text('base = "basic"\n[subjects]\nstrict_identity = true\n')
    many.call("batch", "plan", "in", "out", "--shards", "2", "--out", "shards", "--stateless", "--profile", "own.toml")
    for shard in shards(many):
        many.call("batch", "run", shard, status=None)
    done = many.call("batch", "merge", *manifests(many), status=1)
    assert "contradict what the store knows" in done.stdout


def test_numbers_need_the_store(many):
    (many / "own.toml").write_text('base = "basic"\n[subjects]\nid = "{project}-{counter:04d}"\n')
    order = ["batch", "plan", "in", "out", "--shards", "2", "--out", "shards", "--profile", "own.toml"]
    assert "derive from the key" in many.call(*order, "--stateless", status=2).stderr
    many.call(*order)


def test_a_partition_does_paths_as_spark_and_dask_hand_them_out(many):
    many.call("batch", "plan", "in", "out", "--shards", "1", "--out", "shards", "--stateless")
    shard = Shard.read(shards(many)[0])
    lines = list(Partition(shard.job)([str(many / "in" / "Doe00"), *shard.inputs[2:4]]))
    assert [line.get("reason", "") for line in lines] == ["", "", ""]
    assert lines[0]["news"]
    assert len(many.files()) == 3
