"""Inputs that once failed stay mended."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from greycloak import Deidentified
from malformed import PLANTED
from support import decode

CORPUS = Path(__file__).parents[1] / "corpus"
OUTCOMES = dict(line.split("\t") for line in (CORPUS / "outcomes.tsv").read_text().splitlines())
MAX_SECONDS = 5


def test_every_file_of_the_corpus_has_an_outcome():
    assert {path.stem for path in CORPUS.glob("*.dcm")} == set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_what_once_failed_is_right(engine, name):
    start = time.monotonic()
    outcome = engine.deidentify((CORPUS / f"{name}.dcm").read_bytes())
    assert time.monotonic() - start < MAX_SECONDS
    assert ("emitted" if isinstance(outcome, Deidentified) else outcome.reason) == OUTCOMES[name]
    if isinstance(outcome, Deidentified):
        data = outcome.to_bytes()
        assert not [planted for planted in PLANTED if planted in data]
        assert decode(data).PatientIdentityRemoved == "YES"
