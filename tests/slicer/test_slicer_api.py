"""Every name of Slicer, CTK, MRML and Qt that the extension uses was looked up, and stands in docs/slicer-api.md."""

from __future__ import annotations

import re

import foreign_names
import pytest
from extension_source import ROOT

TABLE = ROOT / "docs" / "slicer-api.md"


@pytest.fixture(scope="module")
def used():
    return foreign_names.used()


@pytest.fixture(scope="module")
def listed():
    rows = [row.split(" | ") for row in TABLE.read_text(encoding="utf-8").splitlines() if row.startswith("| `")]
    return {row[0].removeprefix("| ").strip("`"): row[1:] for row in rows}


def test_every_call_into_slicer_was_looked_up(used, listed):
    assert {name: where for name, where in used.items() if name not in listed} == {}


def test_the_list_has_nothing_that_is_not_used(used, listed):
    assert sorted(set(listed) - set(used)) == []


def test_every_line_says_what_it_is_and_where_it_was_looked_up(listed):
    for name, (what, *more) in listed.items():
        assert what.strip(), name
        if len(more) > 1:  # Qt needs no place
            assert re.fullmatch(r"VTK|[\w/]+\.(h|py|cxx):\d+", more[0].strip()), name


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("ctkDICOMDatabase.isOpen", "host.py"),
        ("SlicerDICOMBrowser.actionButtonLayout", "browser.py"),
        ("slicer.modules.DICOMInstance.browserWidget", "browser_hook.py"),
        ("qSlicerModuleSelectorToolBar.moduleSelected(QString)", "browser_hook.py"),
        ("ctkDICOMPatientView.selectedSeriesInstanceUIDs", "browser.py"),
        ("vtkMRMLStorageNode.SetFileName", "scene.py"),
        ("slicer.packaging.pip_ensure", "host.py"),
        ("QLineEdit.text", "_section.py"),
    ],
)
def test_names_are_found_where_they_are(used, name, where):
    """Some of each kind, so that the search itself is not blind."""
    assert used[name].partition(":")[0].endswith(where)
