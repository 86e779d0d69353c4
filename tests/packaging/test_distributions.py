"""What is in the wheel and in the source distribution, and what they say of themselves."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes

import pytest
from dependencies import EXTRAS, MORE_EXTRAS, canonical, needed
from orthanc_server import ROOT

from greycloak import __version__

SOURCES = {"greycloak": ROOT / "core" / "greycloak", "greycloak_orthanc": ROOT / "orthanc_plugin" / "greycloak_orthanc"}
INFO = f"greycloak-{__version__}.dist-info"


@pytest.fixture(scope="module")
def in_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def in_sdist(sdist):
    with tarfile.open(sdist) as archive:
        return {
            member.name.partition("/")[2]: archive.extractfile(member).read() for member in archive if member.isfile()
        }


def sources():
    """Return every file of the packages, by its name in the wheel."""
    return {
        f"{package}/{path.relative_to(folder).as_posix()}": path
        for package, folder in SOURCES.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_has_every_file_of_the_packages_and_the_script_and_nothing_else(in_wheel):
    wanted = sources() | {"greycloak_orthanc/script/plugin.py": ROOT / "orthanc_plugin" / "plugin.py"}
    code = {name: content for name, content in in_wheel.items() if not name.startswith(INFO)}
    assert code.keys() == wanted.keys()
    for name, path in wanted.items():
        assert code[name] == path.read_bytes(), name


def test_all_kinds_of_data_are_in_the_wheel(in_wheel):
    for pattern in (
        r"standard/data/.*\.tsv",
        r"standard/data/.*\.txt",
        r"profiles/.*\.toml",
        r"page/.*\.(html|js|css)",
    ):
        assert any(re.search(pattern, name) for name in in_wheel), pattern
    assert "greycloak/py.typed" in in_wheel
    assert "greycloak_orthanc/explorer.js" in in_wheel


def test_the_script_is_alone_in_its_folder(in_wheel):
    # Orthanc puts this folder first on the path; "queue.py" there would be everybody's queue.
    assert [name for name in in_wheel if "/script/" in name] == ["greycloak_orthanc/script/plugin.py"]


def test_the_wheels_own_list_of_its_files_is_right(in_wheel):
    for name, digest, size in csv.reader(io.StringIO(in_wheel[f"{INFO}/RECORD"].decode())):
        if digest:
            found = base64.urlsafe_b64encode(hashlib.sha256(in_wheel[name]).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={found}", len(in_wheel[name]))


def test_the_source_distribution_has_what_the_wheel_is_made_of_and_no_tests(in_sdist):
    for name, path in sources().items():
        assert in_sdist[path.relative_to(ROOT).as_posix()] == path.read_bytes(), name
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "orthanc_plugin/LICENSE", "CITATION.cff"):
        assert name in in_sdist
    assert not [
        name for name in in_sdist if name.startswith(("tests/", "tools/", ".", "dist/")) and name != ".gitignore"
    ]


def test_metadata_say_what_a_package_index_shows(in_wheel):
    said = message_from_bytes(in_wheel[f"{INFO}/METADATA"])
    assert said["Name"] == "greycloak"
    assert said["Version"] == __version__
    assert said["License-Expression"] == "Apache-2.0 AND AGPL-3.0-or-later"
    assert set(said.get_all("License-File")) == {"LICENSE", "orthanc_plugin/LICENSE"}
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload().startswith("# Greycloak")
    assert said.get_all("Provides-Extra") == sorted((*EXTRAS, *MORE_EXTRAS))
    for name in said.get_all("License-File"):
        assert in_wheel[f"{INFO}/licenses/{name}"] == (ROOT / name).read_bytes()


def test_the_version_is_written_in_one_place_and_the_others_repeat_it():
    assert re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1] == __version__
    assert re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == __version__
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"] == ["version"]


def test_the_citation_says_what_the_package_says():
    text = (ROOT / "CITATION.cff").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for word in project["keywords"]:
        assert f"  - {word}\n" in text
    for licence in project["license"].split(" AND "):
        assert licence in text
    assert "repository" not in text  # there is none to the public yet


@pytest.mark.parametrize("epoch", ["1767225600", None])
def test_two_builds_are_the_same_to_the_byte(tmp_path, epoch):
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    environment |= {"SOURCE_DATE_EPOCH": epoch} if epoch else {}
    digests = []
    for number, mask in enumerate((0o022, 0o077)):
        folder = tmp_path / str(number)
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
        subprocess.run(command, check=True, capture_output=True, env=environment | {"TZ": f"UTC{number}"}, umask=mask)
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()})
    assert len(digests[0]) == 2
    assert digests[0] == digests[1]


def test_the_bill_of_materials_names_every_package_that_is_needed(wheel, tmp_path):
    output = tmp_path / "greycloak.cdx.json"
    subprocess.run([sys.executable, ROOT / "tools" / "sbom.py", wheel, output], check=True, capture_output=True)
    bill = json.loads(output.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    subject = bill["metadata"]["component"]
    assert (subject["name"], subject["version"]) == ("greycloak", __version__)
    named = {canonical(one["name"]) for one in bill["components"]}
    assert named == set(needed("greycloak", EXTRAS)) - {"greycloak"}
    assert all(one["licenses"] and one["purl"] for one in bill["components"])
