"""Every reason says what is wrong and what to do, at every door and in the documentation."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from greycloak import Deidentified, Quarantined, Skipped
from greycloak.outcomes import NOTHING_TOLD, Told
from greycloak.pixels.risk import RISKS
from greycloak.reasons import REASONS
from greycloak.summary import MAX_LISTED, Tally, show_numbers
from greycloak_orthanc.rest.refusals import MORE_REASONS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "core", ROOT / "orthanc_plugin", ROOT / "slicer_extension" / "Greycloak" / "GreycloakLib"]
CALLS = {"Refused", "Malformed", "Quarantined"}


def reasons_given():
    """Return every word that the sources give as a reason."""
    for folder in SOURCES:
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
                    words = (one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant))
                    yield from (word for word in words if re.fullmatch("[a-z-]+", str(word)))


def test_every_reason_that_is_given_is_in_the_table():
    assert set(reasons_given()) <= set(REASONS)


def test_every_reason_in_the_table_is_given_somewhere():
    said = "".join(path.read_text() for folder in SOURCES for path in folder.rglob("*.py") if path.stem != "reasons")
    assert [reason for reason in REASONS if f'"{reason}"' not in said] == []


@pytest.mark.parametrize("reason", [*REASONS, *MORE_REASONS])
def test_every_reason_says_in_one_sentence_what_to_do(reason):
    known = REASONS.get(reason) or MORE_REASONS[reason]
    assert re.fullmatch(r"[A-Z][^\n]{20,220}\.", known.remedy)
    assert ". " not in known.remedy
    assert known.meaning[0].islower() or known.meaning.startswith(("Greycloak", "Orthanc"))
    assert not known.meaning.endswith(".")


def test_options_and_keys_that_a_remedy_names_exist():
    """What a person is told to do can be done."""
    remedies = " ".join(known.remedy for known in (*REASONS.values(), *MORE_REASONS.values()))
    sources = "".join(path.read_text() for path in (ROOT / "core" / "greycloak").rglob("*.py"))
    for option in re.findall(r"--[a-z-]+", remedies):
        assert f'"{option}"' in sources
    for table, key in re.findall(r"\b(subjects|pixels|sop_classes|dates|uids|private)\.(\w+)", remedies):
        assert re.search(rf"^    {key}: ", sources, re.MULTILINE), (table, key)
    for name in re.findall(r"\b[A-Z]+\.md\b", remedies):
        assert (ROOT / name).exists()


def test_reasons_are_grouped_with_counts_and_numbers_and_without_names():
    tally = Tally()
    for number in (2, 3, 4, 9):
        tally.add(number, Quarantined("truncated", "the value of (7FE0,0010)"))
    tally.add(5, Quarantined("truncated", "in an element's header"))
    tally.add(6, Quarantined("burned-in-annotation"))
    tally.add(7, Skipped("empty"))
    tally.add(8, Skipped("text"))
    tally.add(10, Skipped("text"))
    tally.add_anonymized(NOTHING_TOLD)
    assert list(tally.lines()) == [
        "quarantined: 5 files: it ends too early [truncated]",
        f"  {REASONS['truncated'].remedy}",
        "  files 2-4, 9: the value of (7FE0,0010)",
        "  file 5: in an element's header",
        f"quarantined: 1 file: {REASONS['burned-in-annotation'].meaning} [burned-in-annotation]",
        f"  {REASONS['burned-in-annotation'].remedy}",
        "  file 6",
        "skipped, as they are no images: 2 text, 1 empty",
        "1 anonymized, 6 quarantined, 3 skipped",
    ]


def test_objects_at_risk_are_counted_once_and_their_risks_each():
    tally = Tally()
    tally.add_anonymized(Told(risks=("ultrasound",)))
    tally.add_anonymized(Told(risks=("ultrasound", "known-device")))
    tally.add_anonymized(NOTHING_TOLD)
    lines = list(tally.lines())
    assert lines[0] == "at risk: 2 files may show identity in the pixels: 2 ultrasound, 1 known-device"
    assert lines[-1] == "3 anonymized, 0 quarantined, 2 at risk"
    outcome = Deidentified([], "P", "P", "1", "2", "3", "4", "", (), [], ("at-risk: ultrasound", "invalid-date: X"))
    assert outcome.risks == ("ultrasound",)
    assert set(outcome.risks) <= set(RISKS)


def test_a_summary_of_very_many_stays_short():
    tally = Tally()
    for number in range(0, 20_000, 2):
        tally.add(number, Quarantined("truncated", f"{number % 100}"))
    lines = list(tally.lines())
    assert len(lines) == MAX_LISTED + 4
    assert max(map(len, lines)) < 300
    assert lines[-2] == "  and 6000 files more: see the report"


def test_numbers_are_written_in_runs():
    assert show_numbers([1]) == "1"
    assert show_numbers([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"


def test_the_page_of_reasons_is_written_from_the_tables():
    specification = importlib.util.spec_from_file_location("make_quarantine", ROOT / "tools" / "make_quarantine.py")
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    text = tool.PAGE.read_text()
    assert text == tool.page(tool.measured_in(text)), "run tools/make_quarantine.py"
