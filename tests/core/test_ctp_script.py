"""Scripts of CTP's DicomPixelAnonymizer become rules of a profile."""

from __future__ import annotations

import re
import tomllib

import pytest

from burned_in import pixels_of, tissue, ultrasound
from greycloak.cli import main
from greycloak.pixels.ctp_script import ScriptError, read_script
from greycloak.profiles import parse_profile
from support import anonymized, make_engine

SCRIPT = """
Invented devices, for a test (remarks may hold parentheses)

  { Modality.equals("US") * Manufacturer.containsIgnoreCase("example") }
  (0,0,320,40) (300, 100, 20, 10)

  { [0008,0060].startsWithIgnoreCase("x") *
    !(ManufacturerModelName.matches("Ray.[0-9]+") + Rows.isLessThan("100")) }
  (-5,10,25,10)

  { Modality.equals("NM") }
"""


def test_signatures_become_conditions_and_areas_masks():
    first, second = read_script(SCRIPT)
    assert first.condition == 'Modality == "US" and Manufacturer contains "example"'
    assert first.areas == ((0, 0, 320, 40), (300, 100, 20, 10))
    assert second.condition == (
        '0008,0060 matches "^x" and not ( ManufacturerModelName matches "^(?:Ray.[0-9]+)$" or Rows < 100 )'
    )
    assert second.areas == ((0, 10, 20, 10),)


def test_the_rules_mask_what_they_say(folder):
    rules = tomllib.loads("\n".join(rule.as_toml() for rule in read_script(SCRIPT)))["rules"]
    assert parse_profile({"name": "site", "base": "basic", "rules": rules})
    engine = make_engine(folder, rules=rules, pixels={"burned_in": "ignore"})
    original = ultrasound(tissue())
    before, after = pixels_of(original), pixels_of(anonymized(engine, original))
    assert (after[:40] == 0).all()
    assert (after[100:110, 300:] == 0).all()
    assert (after[110:] == before[110:]).all()
    assert (after[40:, :300] == before[40:, :300]).all()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('{ Modality.equals("US") ', "a brace"),
        ('{ { Modality.equals("US") } } (0,0,1,1)', "a brace"),
        ("\n{ Modality = US } (0,0,1,1)", "line 2: cannot read the signature from its character"),
        ('{ Modality.sounds("US") } (0,0,1,1)', "sounds is not known"),
        ('{ Modality.equals("US") * } (0,0,1,1)', "line 1"),
        ('{ Nonsense.equals("US") } (0,0,1,1)', "Nonsense"),
        ('{ Modality.matches("(US") } (0,0,1,1)', "line 1"),
        ('{ Modality.equals("US") } (0,0,0,5)', "without pixels"),
        ("{ } (0,0,1,1)", "line 1"),
    ],
)
def test_a_script_that_cannot_be_read_is_told_where(script, says):
    with pytest.raises(ScriptError, match=re.escape(says)):
        read_script(script)


def test_the_command_line_writes_rules_and_refuses_what_it_cannot_read(tmp_path, capsys):
    path = tmp_path / "site.script"
    path.write_text(SCRIPT)
    assert main(["pixels", "convert", str(path)]) == 0
    written = capsys.readouterr().out
    assert [len(rule["mask"]) for rule in tomllib.loads(written)["rules"]] == [2, 1]
    path.write_text("{")
    assert main(["pixels", "convert", str(path)]) == 2
    assert "a brace" in capsys.readouterr().err
    assert main(["pixels", "convert", str(tmp_path / "none")]) == 2
    assert "cannot read" in capsys.readouterr().err
