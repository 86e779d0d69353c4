"""An earlier output is told from one that was made in another way by what is in it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from greycloak import Engine, load_profile
from greycloak.same_output import say_the_same
from support import ct, decode, encode, make_installation


@pytest.fixture
def engine_of(folder):
    return lambda name: Engine(load_profile(name), make_installation(folder).project(f"same-{name}"))


@pytest.fixture
def output(engine_of):
    return engine_of("basic").deidentify(encode(ct())).to_bytes()


def test_another_version_of_greycloak_makes_no_difference(output):
    method = output.index(b"Greycloak ") + len(b"Greycloak ")
    other = bytearray(output)
    assert other[method : method + 1].isdigit()
    other[method] = ord("9")
    assert bytes(other) != output
    assert say_the_same(output, bytes(other))


def test_any_other_difference_makes_one(output):
    changed = output.replace(b"YES ", b"NO  ")
    assert changed != output
    assert not say_the_same(output, changed)
    assert not say_the_same(output, output[:-2])
    assert not say_the_same(output, b"nonsense")
    assert say_the_same(b"nonsense", b"nonsense")


def test_another_profile_makes_one(engine_of):
    source = encode(ct())
    one, other = (engine_of(name).deidentify(source).to_bytes() for name in ("basic", "research"))
    assert not say_the_same(one, other)


def test_another_transfer_syntax_makes_one_unless_it_may_be_transcoded(output):
    implicit = encode(decode(output), ImplicitVRLittleEndian)
    assert not say_the_same(output, implicit)
    assert say_the_same(output, implicit, may_be_transcoded=True)
    other = decode(output)
    other.PatientIdentityRemoved = "NO"
    assert not say_the_same(output, encode(other, ImplicitVRLittleEndian), may_be_transcoded=True)


def test_a_profile_that_was_tightened_shows_and_replaces_when_asked(tmp_path):
    source, target, profile = tmp_path / "in", tmp_path / "out", tmp_path / "trial.toml"
    source.mkdir()
    (source / "IM1").write_bytes(encode(ct(InstitutionName="St. Elsewhere")))

    def call(*more):
        where = ["--store", f"sqlite:///{tmp_path / 'store'}", "--key-file", str(tmp_path / "key")]
        command = [sys.executable, "-m", "greycloak", "anonymize", str(source), str(target), "--profile", str(profile)]
        return subprocess.run([*command, *where, *more], check=False, capture_output=True, text=True)

    profile.write_text('name = "trial"\nbase = "basic"\n[tags]\nInstitutionName = "keep"\n')
    assert call().returncode == 0
    (output,) = target.rglob("*.dcm")
    assert b"Elsewhere" in output.read_bytes()
    profile.write_text('name = "trial"\nbase = "basic"\n[tags]\n')
    refused = call()
    assert (refused.returncode, refused.stdout.count("[output-differs]")) == (1, 1)
    assert b"Elsewhere" in output.read_bytes()
    done = call("--overwrite")
    assert done.returncode == 0, done.stdout
    assert "replaced: 1 file" in done.stdout
    assert b"Elsewhere" not in output.read_bytes()
    assert "replaced: 1" not in call("--overwrite").stdout
    assert sorted(path.suffix for path in output.parent.iterdir()) == [".dcm"]


def test_two_objects_of_one_uid_in_one_run_do_not_replace_each_other(tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in (1, 2):
        (source / f"IM{number}").write_bytes(encode(ct(Rows=number)))
    where = ["--store", f"sqlite:///{tmp_path / 'store'}", "--key-file", str(tmp_path / "key"), "--overwrite"]
    command = [sys.executable, "-m", "greycloak", "anonymize", str(source), str(target), *where]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "[output-differs]" in done.stdout
