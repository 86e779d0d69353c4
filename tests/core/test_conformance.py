"""An independent judge, dciodvfy, finds no new error in any object of a preset that claims conformance."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from greycloak import Deidentified, Engine, available_profiles, load_profile
from greycloak.profiles import Profile
from judges import errors
from study import make_study
from support import make_installation, pydicom_test_files

CONFORMING = {name: load_profile(name) for name in available_profiles() if load_profile(name).conforms}
CLEANING = Profile.model_validate(
    {
        "name": "cleaning",
        "options": ["clean-structured-content", "clean-graphics", "retain-modified-dates"],
        "references": "map",
        "subjects": {"without_id": "study"},
    }
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Write pydicom's files and a study of many kinds of objects; tell what is wrong with each beforehand."""
    assert shutil.which("dciodvfy"), "dciodvfy is missing: run tools/setup.sh test"
    folder = tmp_path_factory.mktemp("before")
    data = {path.name: path.read_bytes() for path in pydicom_test_files()} | make_study()
    for name, content in data.items():
        (folder / name.replace("/", "-")).write_bytes(content)
    paths = sorted(folder.iterdir())
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(paths, pool.map(errors, paths), strict=True))


@pytest.mark.parametrize("preset", [*CONFORMING, "cleaning"])
def test_no_preset_that_claims_conformance_makes_a_new_error(corpus, preset, tmp_path):
    engine = Engine(CONFORMING.get(preset, CLEANING), make_installation(tmp_path).project("trial"))
    after = tmp_path / "after"
    after.mkdir()
    outputs = {}
    for path in corpus:
        outcome = engine.deidentify(path.read_bytes())
        if isinstance(outcome, Deidentified):
            outputs[path] = after / path.name
            outputs[path].write_bytes(outcome.to_bytes())
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(outputs, pool.map(errors, outputs.values()), strict=True))
    new = {path.name: list((found[path] - corpus[path]).elements()) for path in outputs if found[path] - corpus[path]}
    print(f"{preset}: {len(outputs)} objects, {sum(map(len, new.values()))} new errors")  # noqa: T201  the issue asks for it
    assert len(outputs) > 160
    assert new == {}
