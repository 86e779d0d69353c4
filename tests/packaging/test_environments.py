"""The wheel in a clean virtual environment of every Python that it is for and that is on this machine."""

from __future__ import annotations

import os
import subprocess

import pydicom
import pytest
from interpreters import VERSIONS, interpreters

from support import ct, encode


@pytest.fixture(params=interpreters(), ids=[f"python{version}" for version in interpreters()])
def clean(request, environment):
    return environment(request.param)


@pytest.mark.parametrize("version", VERSIONS)
def test_this_machine_has_the_python(version):
    """Says by name which Pythons the tests below were not run with."""
    if version not in interpreters():
        pytest.skip(f"Python {version} is not on this machine")


def run(*command, folder, check=True):
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = quiet | {"XDG_DATA_HOME": str(folder / "data")}
    return subprocess.run(command, check=check, capture_output=True, text=True, cwd=folder, env=environment)


def test_the_installed_program_anonymizes_a_file(clean, tmp_path):
    (tmp_path / "image.dcm").write_bytes(encode(ct()))
    program = clean / "bin" / "greycloak"
    done = run(program, "anonymize", "image.dcm", "anonymized", "--project", "trial", folder=tmp_path)
    assert done.stdout == "1 file: 1 anonymized, 0 quarantined\n"
    output = pydicom.dcmread(next((tmp_path / "anonymized").rglob("*.dcm")))
    assert output.PatientID.startswith("TRIAL-")
    assert "Jonathan" not in str(output)
    assert run(program, "profiles", "show", "research", folder=tmp_path).stdout
    assert "install" in run(program, "orthanc", "--help", folder=tmp_path).stdout
    assert run(program, "--version", folder=tmp_path).stdout.startswith("greycloak ")


def test_every_module_but_the_one_inside_orthanc_is_imported_without_orthanc(clean, tmp_path):
    script = """
import importlib, pkgutil, greycloak, greycloak_orthanc
for package in (greycloak, greycloak_orthanc):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        inside = module.name.startswith(("greycloak_orthanc.plugin", "greycloak_orthanc.work.worker"))
        needs_extra = module.name.startswith("greycloak.pixels.worker.")
        if module.name != "greycloak.__main__" and not inside and not needs_extra:
            importlib.import_module(module.name)
from greycloak_orthanc.deploy.section import own_environment, own_script
assert own_script().exists(), own_script()
print(own_script(), own_environment())
"""
    done = run(clean / "bin" / "python", "-W", "error", "-c", script, folder=tmp_path)
    script_path, environment = done.stdout.split()
    assert script_path.startswith(str(clean))
    assert environment == str(clean)


def test_packages_agree_with_each_other(clean, tmp_path):
    run(clean / "bin" / "python", "-m", "pip", "check", folder=tmp_path)


def test_the_command_of_the_plugin_is_not_there_without_it(clean, tmp_path):
    script = """
import importlib.metadata
from greycloak import cli
cli.entry_points = lambda group: []
cli.main(["orthanc", "install"])
"""
    done = run(clean / "bin" / "python", "-c", script, folder=tmp_path, check=False)
    assert done.returncode == 2
    assert "invalid choice: 'orthanc'" in done.stderr
