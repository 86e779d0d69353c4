"""What the test suites of other tools found when they were run against Greycloak."""

from __future__ import annotations

import mmap

import pytest

from greycloak import Deidentified, load_profile
from support import ct, encode


def test_a_path_or_a_data_set_is_a_mistake_of_the_caller_not_of_the_object(engine, tmp_path):
    path = tmp_path / "one.dcm"
    path.write_bytes(encode(ct()))
    for source in (str(path), path, ct(), None):
        with pytest.raises(TypeError, match="takes the bytes of a file, not"):
            engine.deidentify(source)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        outcome = engine.deidentify(mapped)
        assert isinstance(outcome, Deidentified)
        outcome.parts.clear()


def test_a_profile_file_may_have_an_underscore_in_its_name(tmp_path):
    (tmp_path / "trial_7.toml").write_text('base = "basic"\n')
    assert load_profile(str(tmp_path / "trial_7.toml")).name == "trial_7"
