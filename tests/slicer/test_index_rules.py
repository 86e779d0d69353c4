"""The rules of Slicer's Extensions Index, as far as they can be checked without a network.

Facts from ``scripts/check_description_files.py`` of the index, and the schema 1.0.2 of its entries.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import rule_engine
from extension_source import EXTENSION, ROOT, root_variable

ENTRY = EXTENSION / "Greycloak.json"
SCHEMA = (
    "https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/slicer-extension-catalog-entry-schema-v1.0.2.json#"
)
REQUIRED = {"$schema", "category", "scm_url"}
KINDS = REQUIRED | {
    "build_dependencies",
    "build_subdirectory",
    "dicom_support_rule",
    "enabled",
    "scm_revision",
    "scm_type",
    "tier",
}
CATEGORIES = {"DICOM", "Informatics"}
"""Those of the index's list that fit."""

PNG = b"\x89PNG\r\n\x1a\n"
MEGABYTE = 1024 * 1024


@pytest.fixture
def entry():
    return json.loads(ENTRY.read_text(encoding="utf-8"))


def of_repository(url):
    """Return the file that a raw URL names."""
    owner, name, branch, *path = urlsplit(url).path.strip("/").split("/")
    assert urlsplit(url).netloc == "raw.githubusercontent.com"
    assert f"https://github.com/{owner}/{name}" == root_variable("EXTENSION_HOMEPAGE").partition("#")[0]
    assert branch == "main"
    return ROOT.joinpath(*path)


def size_of_picture(path):
    data = path.read_bytes()
    assert data.startswith(PNG), path
    return struct.unpack(">II", data[16:24])


def test_the_entry_has_what_the_schema_asks_for_and_nothing_else(entry):
    assert REQUIRED <= set(entry) <= KINDS
    assert entry["$schema"] == SCHEMA
    texts = set(entry) - {"build_dependencies", "enabled", "tier"}
    assert all(isinstance(entry[name], str) and entry[name] for name in texts)
    assert entry["build_dependencies"] == []
    assert entry["enabled"] is True
    assert entry["tier"] in range(1, 6)


def test_the_entry_has_unix_line_ends_and_the_order_of_the_others():
    data = ENTRY.read_bytes()
    assert b"\r" not in data
    assert list(json.loads(data)) == sorted(json.loads(data))


def test_the_category_is_one_of_the_index(entry):
    assert entry["category"] in CATEGORIES


def test_the_name_says_slicer_in_the_repository_only_if_at_all(entry):
    """A repository without 'Slicer' in front needs an exception of the index, as MONAILabel's has."""
    assert not ENTRY.stem.lower().startswith("slicer")
    assert urlsplit(entry["scm_url"]).scheme == "https"
    assert entry["scm_url"].removesuffix(".git") == root_variable("EXTENSION_HOMEPAGE").partition("#")[0]


def test_the_rule_finds_images_with_patients_in_them(entry):
    context = rule_engine.Context(
        type_resolver=rule_engine.type_resolver_from_dict(
            {"Modality": rule_engine.DataType.STRING, "SOPClassUID": rule_engine.DataType.STRING}
        )
    )
    rule = rule_engine.Rule(entry["dicom_support_rule"], context=context)
    fits = [name for name in ("CT", "MR", "PT", "US", "MG", "SEG", "SR") if rule.matches({"Modality": name})]
    assert fits == ["CT", "MR", "PT", "US", "MG"]


def test_the_root_has_the_project_by_the_name_of_the_entry():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    first, *_ = re.findall(r"project\s*\(\s*([^\s)]+)", text, re.IGNORECASE)
    assert first == ENTRY.stem


def test_metadata_lies_in_the_root():
    for name in ("HOMEPAGE", "CONTRIBUTORS", "DESCRIPTION", "ICONURL", "SCREENSHOTURLS", "KEYWORDS", "DEPENDS"):
        variable = f"EXTENSION_{name}"
        text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
        assert re.search(rf'^set\({variable} "[^"]', text, re.MULTILINE), variable


def test_the_parts_come_in_the_order_that_slicer_wants():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    order = [
        "project(Greycloak)",
        "set(EXTENSION_",
        "find_package(Slicer REQUIRED)",
        "include(${Slicer_USE_FILE})",
        "add_subdirectory(slicer_extension)",
        "include(${Slicer_EXTENSION_GENERATE_CONFIG})",
        "include(${Slicer_EXTENSION_CPACK})",
    ]
    assert sorted(order, key=text.index) == order


def test_the_icon_is_there():
    path = of_repository(root_variable("EXTENSION_ICONURL"))
    assert size_of_picture(path) == (128, 128)


def test_the_screenshots_are_there():
    for url in root_variable("EXTENSION_SCREENSHOTURLS").split():
        path = of_repository(url)
        width, height = size_of_picture(path)
        assert width >= 400, path
        assert height >= 300, path


def test_the_licence_lies_in_the_root():
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:300]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this copy of the source is no clone")
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


def test_a_clone_stays_below_the_limit():
    """100 MB with all history, of which this is the part that grows."""
    files = sum((ROOT / path).stat().st_size for path in tracked() if (ROOT / path).is_file())
    counted = subprocess.run(["git", "count-objects", "-v"], cwd=ROOT, capture_output=True, text=True, check=True)
    history = sum(int(kib) * 1024 for kib in re.findall(r"^size(?:-pack)?: (\d+)$", counted.stdout, re.MULTILINE))
    assert files + history < 80 * MEGABYTE


def test_nothing_of_an_operating_system_or_a_cache_is_tracked():
    names = {part for path in tracked() for part in path.parts}
    assert not names & {"__pycache__", ".DS_Store", "Thumbs.db", ".venv"}


def test_nothing_is_compiled():
    """Only then the index packs the extension itself, as a check, on Windows and Linux."""
    assert not [path for path in tracked() if path.suffix in {".c", ".cc", ".cpp", ".cxx", ".h", ".hxx"}]
