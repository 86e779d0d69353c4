"""``greycloak profiles``: what it says of a profile is what is done, in every format that it is said in."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser

import pytest

from greycloak import Deidentified, Engine, load_profile
from greycloak.document import Document
from greycloak.profiles import Profile
from greycloak.profiles.lines import PROTECTED
from greycloak.profiles.load import presets
from greycloak.standard.confidentiality import rows
from greycloak.standard.dictionary import entry_for
from greycloak.statement import SAID, AttributeLine, attribute_lines, statement
from support import CT_IMAGE_STORAGE, ct, decode, encode, item, make_installation
from support import sequence as items_of

HEADER = ("Tag", "Attribute", "VR", "Action", "Rule", "Section", "Reason")
VOID = {"meta"}
SITE = """
title = "A <b>bold</b> profile & \\"more\\" | with *signs*"
base = "basic"

[tags]
StudyDescription = { replace = "<script>|x|</script>" }
PatientComments = "keep"
"RequestAttributesSequence.StudyDate" = "keep"
"""


def call(folder, *arguments):
    environment = os.environ | {"XDG_DATA_HOME": str(folder / "data"), "GREYCLOAK_PROFILES": str(folder)}
    command = [sys.executable, "-m", "greycloak", "profiles", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a profile of a site, a broken one, and one that is no TOML."""
    folder = tmp_path_factory.mktemp("profiles")
    (folder / "site.toml").write_text(SITE)
    (folder / "broken.toml").write_text('options = ["retain-everything"]\n[tags]\nPatientNam = "keep"\n')
    (folder / "garbled.toml").write_text("= =")
    return folder


def test_the_list_names_every_profile_and_tells_which_cannot_be_used(place):
    done = call(place, "list")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted([*presets(), "site", "broken", "garbled"])
    for line in lines:
        name, _, said = line.partition(" ")
        assert ("cannot be used" in said) == (name in {"broken", "garbled"})
        assert said.strip()


def test_a_table_says_the_same_in_every_format(place):
    text, rows_of_csv, rows_of_json = (
        call(place, "show", "site", "--format", form) for form in ("text", "csv", "json")
    )
    assert {done.returncode for done in (text, rows_of_csv, rows_of_json)} == {0}
    assert not text.stderr + rows_of_csv.stderr + rows_of_json.stderr
    found = [AttributeLine(**line) for line in json.loads(rows_of_json.stdout)]
    header, *lines = csv.reader(io.StringIO(rows_of_csv.stdout))
    assert tuple(header) == AttributeLine._fields
    assert [tuple(line) for line in lines] == [tuple(line) for line in found]
    shown = text.stdout.splitlines()
    assert len(shown) == len(found) + 1
    for line, row in zip(shown[1:], found, strict=True):
        assert [cell for cell in row if cell] == re.split(r"\s{2,}", line.strip())
    assert len(found) > 650


def test_all_attributes_of_the_standard_are_shown_when_asked(place):
    found = json.loads(call(place, "show", "basic", "--all", "--format", "json").stdout)
    assert len(found) > 4500
    tags = [line["tag"] for line in found]
    assert tags == sorted(tags, key=str.lower)
    assert len(set(tags)) == len(tags)


def test_a_sop_class_goes_by_name_and_uid(place):
    by_name, by_uid, plain = (
        json.loads(call(place, "show", "basic", "--format", "json", *more).stdout)
        for more in (
            ("--sop-class", "CT Image Storage"),
            ("--sop-class", CT_IMAGE_STORAGE),
            (),
        )
    )
    assert by_name == by_uid != plain
    actions = {line["attribute"]: line["action"] for line in by_name}
    assert actions["StudyDate"] == "empty"
    assert all("Type 1:" not in action for action in actions.values())
    assert any("Type 1:" in line["action"] for line in plain)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "nonsense"], "available: basic"),
        (["show", "basic", "--sop-class", "CT Imag Storage"], "did you mean 'CT Image Storage'"),
        (["show", "basic", "--sop-class", "*Image Storage"], "name one"),
        (["show"], "required"),
        (["statement", "broken"], "retain-everything"),
        (["statement", "garbled.toml"], "is no TOML"),
    ],
)
def test_wrong_usage_is_said_plainly(place, arguments, says):
    done = call(place, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_profiles_are_checked(place):
    done = call(place, "check", "basic", "clinical-trial", "custom", "site")
    assert (done.returncode, done.stderr) == (0, "")
    assert "profile basic: is in order, and conforms to the Basic profile of PS3.15" in done.stdout
    assert "there is no cleaner yet" not in done.stdout
    assert "profile custom: is in order, and makes no claim of PS3.15" in done.stdout
    assert "  PatientComments: leaves more than the Basic profile does" in done.stdout
    done = call(place, "check", "basic", "broken", "nowhere", "garbled.toml")
    assert (done.returncode, done.stderr) == (2, "")
    assert "profile basic: is in order" in done.stdout
    for says in ("retain-everything", "did you mean PatientName", "nowhere", "is no TOML"):
        assert says in done.stdout


def test_the_schema_knows_every_key_of_every_preset(place):
    done = call(place, "schema")
    assert (done.returncode, done.stderr) == (0, "")
    schema = json.loads(done.stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert set(tomllib.loads(SITE)) <= set(schema["properties"])
    for name in presets():
        assert set(load_profile(name).model_dump(by_alias=True)) <= set(schema["properties"])


class Tree(HTMLParser):
    """Reads HTML, and insists that every element is closed where it should be."""

    def __init__(self):
        super().__init__()
        self.open, self.cells, self.texts = [], [], []

    def handle_starttag(self, tag, attrs):
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.cells[-1][-1] += data


def read_html(text):
    tree = Tree()
    tree.feed(text)
    tree.close()
    assert tree.open == []
    return tree


@pytest.mark.parametrize("name", [*presets(), "site"])
def test_html_is_well_formed_and_has_every_cell(place, name, monkeypatch):
    monkeypatch.setenv("GREYCLOAK_PROFILES", str(place))
    profile = load_profile(name)
    tree = read_html(statement(profile).to_html())
    table = tree.cells[: len(attribute_lines(profile)) + 1]
    assert table == [list(HEADER), *map(list, attribute_lines(profile))]


def test_html_and_markdown_escape_what_people_write(place):
    html = call(place, "statement", "site", "--format", "html").stdout
    markdown = call(place, "statement", "site").stdout
    tree = read_html(html)
    assert "<script>" not in html
    assert "<b>" not in html
    assert any('A <b>bold</b> profile & "more" | with *signs*' in text for text in tree.texts)
    assert any("replace: <script>|x|</script>" in cell for row in tree.cells for cell in row)
    assert re.search(r"(?<!\\)<script>", markdown) is None
    assert r"replace: \<script>\|x\|\</script>" in markdown


@pytest.mark.parametrize("name", [*presets(), "site"])
def test_markdown_rows_have_as_many_cells_as_their_header(place, name, monkeypatch):
    monkeypatch.setenv("GREYCLOAK_PROFILES", str(place))
    text = statement(load_profile(name)).to_markdown()
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert tables
    for table in tables:
        counts = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table}
        assert len(counts) == 1
    assert len(re.findall(r"(?<!\\)\|", tables[0][0])) == len(HEADER) + 1


def test_a_document_escapes_every_part():
    document = Document("<t>")
    document.heading("a & b")
    document.paragraph("x | *y* _z_ <w> [v] \\")
    document.bullets(["<1>", "2|3"])
    document.table(("A", "B"), [("<", "|"), ("\\|", "")])
    tree = read_html(document.to_html())
    assert tree.cells == [["A", "B"], ["<", "|"], ["\\|", ""]]
    assert "x | *y* _z_ <w> [v] \\" in tree.texts
    markdown = document.to_markdown()
    assert r"x \| \*y\* \_z\_ \<w> \[v] \\" in markdown
    assert r"| \\\| |  |" in markdown


def test_what_is_printed_is_the_statement(place):
    done = call(place, "statement", "research")
    assert done.returncode == 0
    assert done.stdout == statement(load_profile("research")).to_markdown() + "\n"


VALUES = {
    "AE": "TITLE", "AS": "061Y", "AT": 0x00100020, "CS": "CODE", "DA": "20200102", "DS": "1.5", "DT": "20200102101112",
    "FD": 1.5, "FL": 1.5, "IS": "7", "LO": "Quiet text", "LT": "Quiet text", "OB": b"\1\2", "OD": bytes(8),
    "OF": bytes(4), "OL": bytes(4), "OV": bytes(8), "OW": b"\1\2", "PN": "Roe^Jane", "SH": "Quiet", "SL": 7, "SS": 7,
    "ST": "Quiet text", "SV": 7, "TM": "101112", "UC": "Quiet text", "UI": "1.2.777.1", "UL": 7, "UN": b"\1\2",
    "UR": "https://quiet.example", "US": 7, "UT": "Quiet text", "UV": 7,
}  # fmt: skip
UNTOUCHED = {
    "keep",
    "keep if a valid date or time",
    "keep if valid for its VR, and nobody's name or number",
    "keep unless it repeats something removed",
    "keep without the patient's own name and numbers",
    "keep without what is known to identify",
    "keep without what is known, or has the form, to identify",
    "keep makers and models, and other words without what is known to identify",
    "keep words that are known to be harmless",
}
UNTOUCHED |= {"keep those code strings that are valid"}


def filled_with(tag):
    """Return an element with a value that could stay, or None if it could not stand alone."""
    entry = entry_for(tag)
    if entry is None or entry.vm != "1" or entry.vrs[0] not in VALUES or not entry.keyword or tag in PROTECTED:
        return None
    return entry.vrs[0], VALUES[entry.vrs[0]]


def seen_action(before, after):
    """Tell what was done to an element."""
    if after is None:
        return "remove"
    if after.value is None or not str(after.value) or after.value == b"":
        return "empty"
    return "untouched" if after.value == before.value else "changed"


def expected_action(said):
    said = said.partition(":")[0]
    return {"remove": "remove", "empty": "empty"}.get(said, "untouched" if said in UNTOUCHED else "changed")


@pytest.mark.parametrize("name", presets())
def test_what_a_statement_says_is_what_the_engine_does(folder, name):
    """Fifty attributes of every preset, of those that tables list and of all the others, one object each."""
    profile = load_profile(name)
    engine = Engine(profile, make_installation(folder).project("trial"))
    lines = attribute_lines(profile, CT_IMAGE_STORAGE, every=True)
    present = set(map(int, ct().keys()))
    several = {"KEEP", "ReferencedDateTime"}
    possible = [
        line
        for line in lines
        if "x" not in line.tag
        and (tag := int(line.tag[1:5] + line.tag[6:10], 16)) not in present
        and filled_with(tag)
        and line.attribute not in several
    ]
    checked = set()
    own = [line for line in possible if line.rule.startswith("[tags]")][:20]
    for line in [*own, *random.Random(name).sample(possible, 50)]:
        tag = int(line.tag[1:5] + line.tag[6:10], 16)
        original = ct()
        original.add_new(tag, *filled_with(tag))
        outcome = engine.deidentify(encode(original))
        assert isinstance(outcome, Deidentified), (line, outcome)
        after = decode(outcome.to_bytes()).get(tag)
        before = decode(encode(original))[tag]
        assert seen_action(before, after) == expected_action(line.action), line
        checked.add(line.action.partition(":")[0])
    assert checked if name == "custom" else len(checked) > 1, name


@pytest.mark.parametrize("name", presets())
def test_the_action_of_every_listed_sequence_is_what_the_engine_does(folder, name):
    profile = load_profile(name)
    engine = Engine(profile, make_installation(folder).project("trial"))
    lines = [line for line in attribute_lines(profile, CT_IMAGE_STORAGE) if line.vr == "SQ"]
    tags = {int(line.tag[1:5] + line.tag[6:10], 16): line for line in lines if "x" not in line.tag}
    tags = {tag: line for tag, line in tags.items() if tag not in PROTECTED}
    original = ct()
    for tag in tags:
        original.add_new(tag, "SQ", items_of(item(Rows=7)))
    output = decode(engine.deidentify(encode(original)).to_bytes())
    for tag, line in tags.items():
        after = output.get(tag)
        said = line.action
        if said in {"remove", "empty"}:
            assert (after is None) == (said == "remove"), line
            assert after is None or len(after.value) == 0
        elif said in {"keep", "new UID"}:
            assert len(after.value) == 1, line
        else:
            assert after is not None, line
            assert all(one.get("Rows") != 7 for one in after.value), line


def test_every_action_has_words():
    for name in presets():
        for line in attribute_lines(load_profile(name), every=name == "basic"):
            for part in line.action.split("; "):
                said = re.sub(r"^(Type [12]|foreign to the IOD): ", "", part).partition(":")[0]
                assert said in SAID.values(), line


def test_every_row_of_the_table_is_in_the_statement():
    shown = {line.tag.lower() for line in attribute_lines(load_profile("basic"))}
    for tag in rows():
        if tag != "private" and int(tag[:4].replace("x", "0"), 16) >= 8:
            assert f"({tag[:4]},{tag[4:]})" in shown


def test_lines_of_several_attributes_are_told_apart_from_the_table():
    profile = Profile.model_validate(
        {
            "name": "own",
            "tags": {"vr:PN": "remove", "RequestAttributesSequence.StudyDate": "keep", "60xx,3000": "remove"},
        }
    )
    text = statement(profile).to_markdown()
    assert "## Lines for several attributes, places and private attributes" in text
    for line in ("| vr:PN | remove |", "| RequestAttributesSequence.StudyDate | keep |", "| 60xx,3000 | remove |"):
        assert line in text
    assert "leaves more than the Basic profile does; therefore no code of PS3.15 is stamped" in text


def test_a_statement_tells_what_the_cleaning_options_and_mapped_references_do():
    options = ["clean-structured-content", "clean-graphics"]
    said = statement(Profile.model_validate({"name": "test", "options": options, "references": "map"})).to_markdown()
    assert "113103 Clean Graphics Option, 113104 Clean Structured Content Option" in said
    assert "content items (structured reports" in said
    assert "shapes stay" in said
    assert "kept with new UIDs" in said
    plain = statement(Profile.model_validate({"name": "test"})).to_markdown()
    assert not [words for words in ("content items (", "shapes stay", "kept with new UIDs") if words in plain]
