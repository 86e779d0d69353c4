"""Profiles as people write them: files, what they are built on, and what is said of a wrong one."""

from __future__ import annotations

import json

import pytest

from greycloak import load_profile
from greycloak.profiles import (
    Action,
    ProfileError,
    UnknownProfileError,
    available_profiles,
    parse_profile,
    profile_schema,
)

# A name, what the profile says, and what the message says of it: the key, what stands there, what was expected.
WRONG = [
    ("unknown key", "zzz = 1", ["zzz: there is no such key", "base, name, title, options"]),
    ("misspelt key", 'optoins = ["retain-uids"]', ["optoins: there is no such key", "did you mean options?"]),
    ("misspelt key of a table", '[dates]\npolcy = "fixed"', ["dates.polcy: there", "did you mean policy?"]),
    ("key of an inner table", "[dates.shift]\nmin = 3", ["dates.shift.min: there", "min_days, max_days"]),
    ("misspelt key of a rule", '[[rules]]\nif = "Rows exists"\nquarantin = true', ["quarantin:", "mean quarantine?"]),
    ("misspelt option", 'options = ["retain-uid"]', ["options.0: expected", "'retain-uids'", "not 'retain-uid'"]),
    ("option that is no text", "options = [1]", ["options.0: expected", "not 1"]),
    ("option without a list", 'options = "retain-uids"', ["options: expected a list, not 'retain-uids'"]),
    (
        "contradictory options",
        'options = ["retain-full-dates", "retain-modified-dates"]',
        ["retain-full-dates and retain-modified-dates contradict each other: choose one"],
    ),
    ("option twice", 'options = ["retain-uids", "retain-uids"]', ["retain-uids: named twice"]),
    (
        "option of another profile",
        'listed = "by-vr"\noptions = ["retain-device-identity"]',
        ["retain-device-identity belongs to the Basic profile", "listed = 'by-vr'"],
    ),
    ("policy without option", '[dates]\npolicy = "year"', ["dates.policy = 'year' needs", "retain-modified-dates"]),
    (
        "policy against option",
        'options = ["retain-full-dates"]\n[dates]\npolicy = "fixed"',
        ["dates.policy = 'fixed' and retain-full-dates contradict each other"],
    ),
    ("no policy", '[dates]\npolicy = "never"', ["dates.policy: expected 'shift', 'year'", "not 'never'"]),
    ("no shift", "[dates.shift]\nmin_days = 0\nmax_days = 0", ["dates.shift: a shift by 0 days would shift nothing"]),
    ("shift too far", "[dates.shift]\nmin_days = -40000", ["dates.shift.min_days: expected at least -36500", "-40000"]),
    ("table that is a number", "dates = 3", ["dates: expected a table, not 3"]),
    ("age", "[dates]\nmax_age = 0", ["dates.max_age: expected at least 1, not 0"]),
    ("root with a dot", '[uids]\nroot = "2.25."', ["uids.root: a root is numbers", "not '2.25.'"]),
    ("root with a leading zero", '[uids]\nroot = "1.02"', ["uids.root: a root is numbers", "not '1.02'"]),
    ("root that is a number", "[uids]\nroot = 2.25", ["uids.root: expected a text, not 2.25"]),
    ("root too long", f'[uids]\nroot = "1.{"2" * 40}"', ["uids.root: a root", "at most 40 characters"]),
    ("no truth", 'identity_removed = "maybe"', ["identity_removed: expected true or false, not 'maybe'"]),
    ("no name", 'name = "My Profile"', ["name: a name has small letters", "not 'My Profile'"]),
    ("no choice", 'unlisted = "drop"', ["unlisted: expected 'safe', 'iod-only', 'keep' or 'remove', not 'drop'"]),
    ("misspelt SOP Class", '[sop_classes]\ndeny = ["CT Image Storag"]', ["deny.0: no SOP", "mean 'CT Image Storage'?"]),
    ("pattern of nothing", '[sop_classes]\nallow = ["Kitchen*"]', ["sop_classes.allow.0:", "'Kitchen*'", "or a UID"]),
    ("own list without option", '[private]\nsafe = ["0019[ACME]0C"]', ["private.safe needs", "retain-safe-private"]),
    (
        "safe that is not private",
        'options = ["retain-safe-private"]\n[private]\nsafe = ["PatientName"]',
        ["private.safe.0: 'PatientName' is no private attribute"],
    ),
    (
        "safe and kept",
        'options = ["retain-safe-private"]\n[private]\nothers = "keep"',
        ["private.others = 'keep' and retain-safe-private contradict"],
    ),
    ("tags that are a list", 'tags = ["PatientComments"]', ["tags: expected a table", "['PatientComments']"]),
    ("by_vr that is a text", 'by_vr = "Modality"', ["by_vr: expected a list of attributes, not 'Modality'"]),
    ("misspelt in by_vr", 'by_vr = ["Modalty"]', ["by_vr: Modalty:", "did you mean Modality?"]),
    ("base that is a number", "base = 3", ["base: expected the name of a profile, not 3"]),
    ("unknown base", 'base = "basik"', ["base: unknown profile 'basik'", "did you mean basic?", "clinical-trial"]),
    ("rule that is no table", 'rules = ["x"]', ["rules.0: expected a table, not 'x'"]),
    ("rules that are no list", '[rules]\nif = "Rows exists"', ["rules: expected a list"]),
    ("rule without if", "[[rules]]\nquarantine = true", ["rules.0: a rule needs 'if' or 'sop_classes'"]),
    (
        "rule that does nothing",
        '[[rules]]\nif = "Rows exists"',
        ["rules.0: a rule needs 'quarantine = true', 'mask' or"],
    ),
    (
        "rule that does both",
        '[[rules]]\nif = "Rows exists"\nquarantine = true\ntags = { PatientComments = "keep" }',
        ["rules.0: a rule that quarantines cannot have 'mask' or 'tags'"],
    ),
    ("SOP Class of a rule", '[[rules]]\nsop_classes = ["CT"]\nquarantine = true', ["rules.0.sop_classes.0:", "'CT'"]),
]
WRONG_LINES = [
    ("misspelt action", 'PatientComments = "removed"', ["'removed' is no action", "did you mean remove?"]),
    ("no action", 'PatientComments = "xyzzy"', ["'xyzzy' is no action; expected one of keep, by-vr, remove"]),
    ("number", "PatientComments = 3", ["3 is no action; expected one of keep"]),
    ("two actions", 'PatientComments = { replace = "a", hash = true }', ["is no action; expected one of keep"]),
    ("needless parameter", "PatientComments = { keep = true }", ["'keep' takes no parameter: write just 'keep'"]),
    ("missing parameter", 'PatientComments = "hash"', ["'hash' needs to know more, as { hash = { length"]),
    ("misspelt code", 'PatientComments = "X/Z/U"', ["'X/Z/U' is no action", "did you mean X/Z/U*?"]),
    ("misspelt keyword", 'PatientsName = "remove"', ["'PatientsName' is no attribute", "did you mean PatientName?"]),
    ("no attribute", '"*" = "remove"', ["'*' is no attribute; expected a keyword (PatientName)"]),
    ("private tag", '"0019,100C" = "remove"', ["its creator, as 0019[PRIVATE CREATOR]0C"]),
    ("private in an even group", '"0018[ACME]0C" = "keep"', ["is no attribute", "0019[SIEMENS MR HEADER]0C"]),
    ("item number", '"RequestAttributesSequence[0].StudyDate" = "keep"', ["write 'RequestAttributesSequence', not"]),
    ("no sequence", '"RequestAttributeSequence.StudyDate" = "keep"', ["is no sequence", "RequestAttributesSequence?"]),
    ("range backwards", '"0018,10FF-0018,1000" = "keep"', ["'0018,10FF-0018,1000' ends before it begins"]),
    ("no VR", '"vr:QQ" = "remove"', ["there is no VR 'QQ'"]),
    ("uid of a text", 'PatientComments = "uid"', ["uid makes new UIDs, but PatientComments has VR LT"]),
    ("shift of a text", 'PatientComments = "shift"', ["shift moves dates, but PatientComments has VR LT"]),
    ("hash of a date", "StudyDate = { hash = true }", ["hash makes a text, but StudyDate has VR DA"]),
    ("pseudonym as date", 'StudyDate = "pseudonym"', ["pseudonym makes a text, but StudyDate has VR DA"]),
    ("year of a time", 'StudyTime = { truncate = "year" }', ["truncate to year is for dates, but StudyTime has VR TM"]),
    ("cut date", "StudyDate = { truncate = 4 }", ["truncate to 4 characters is for texts, but StudyDate has VR DA"]),
    ("cut to nothing", "PatientComments = { truncate = 0 }", ["truncate takes 'year', 'month'", "not 0"]),
    ("cut to a day", 'PatientComments = { truncate = "day" }', ["truncate takes 'year', 'month'", "not 'day'"]),
    ("action for a VR", '"vr:DA" = "uid"', ["uid makes new UIDs, but what vr:DA names has VR DA"]),
    ("lower case code", 'Modality = { replace = "lower" }', ["replace: 'lower' does not fit, Modality has VR CS"]),
    ("text as number", 'Rows = { replace = "many" }', ["replace: 'many' does not fit, Rows has VR US"]),
    ("number too large", "Rows = { replace = 70000 }", ["replace: 70000 does not fit, Rows has VR US"]),
    ("no date", 'StudyDate = { replace = "20201399" }', ["replace: '20201399' does not fit, StudyDate has VR DA"]),
    ("text too long", f'AccessionNumber = {{ replace = "{"1" * 17}" }}', ["does not fit, AccessionNumber has VR SH"]),
    ("text for a sequence", 'RequestAttributesSequence = { replace = "x" }', ["'x' does not fit", "has VR SQ"]),
    ("not ASCII", 'PatientComments = { replace = "Jürgen" }', ["replace takes printable ASCII", "not 'Jürgen'"]),
    ("two lines", 'PatientComments = { replace = "a\\nb" }', ["replace takes printable ASCII", "not 'a\\nb'"]),
    ("true as text", "PatientComments = { replace = true }", ["replace takes a text or a number, not True"]),
    ("placeholder", 'PatientComments = { replace = "{who}" }', ["'{who}' is no template: it may have {project}"]),
    ("open brace", 'PatientComments = { replace = "{" }', ["'{' is no template", "braces are doubled: {{ }}"]),
    ("format", 'PatientComments = { replace = "{counter:zz}" }', ["'{counter:zz}' is no template"]),
    ("inner attribute", 'PatientComments = { replace = "{project.name}" }', ["'{project.name}' is no template"]),
    ("hash too short", "PatientComments = { hash = { length = 3 } }", ["length is a number from 4 to 64, not 3"]),
    ("hash of text length", 'PatientComments = { hash = { length = "8" } }', ["length is a number", "not '8'"]),
    ("hash too long", "AccessionNumber = { hash = { length = 17 } }", ["17 characters is too long", "has VR SH"]),
    ("few letters", 'PatientComments = { hash = { alphabet = "abc" } }', ["at least 8 different ones: 'abc'"]),
    ("letters twice", 'PatientComments = { hash = { alphabet = "aabbccdde" } }', ["8 different ones: 'aabbccdde'"]),
    (
        "length and like-original",
        'PatientComments = { hash = { alphabet = "like-original", length = 4 } }',
        ["has the length of the original: leave length out"],
    ),
    ("misspelt parameter", "PatientComments = { hash = { lenght = 4 } }", ["hash takes length and alphabet", "lenght"]),
    (
        "script without function",
        'PatientComments = { script = "mine" }',
        ["script takes 'module:function', not 'mine'"],
    ),
    ("no module", 'PatientComments = { script = "no_module:f" }', ["'no_module:f' cannot be imported (ModuleNot"]),
    ("no function in it", 'PatientComments = { script = "os:no_such" }', ["'os:no_such' cannot be imported"]),
    ("no function", 'PatientComments = { script = "os:sep" }', ["script 'os:sep' is no function"]),
    ("script for a sequence", 'RequestAttributesSequence = { script = "os:getcwd" }', ["given values", "has VR SQ"]),
    ("protected", 'SOPInstanceUID = "keep"', ["cannot be changed by a rule: use the option retain-uids"]),
    ("protected by tag", '"(0008,0016)" = "remove"', ["cannot be changed by a rule: it says what the object is"]),
    ("protected nested", '"**.StudyInstanceUID" = "keep"', ["cannot be changed by a rule: use the option"]),
    ("pixels", 'PixelData = "remove"', ["pixels cannot be changed by a rule"]),
]
WRONG_CONDITIONS = [
    ('Modality = "US"', ["cannot read the condition 'Modality = \"US\"' at '= \"US\"'"]),
    ("Modality == US", ["has 'US' where a text in quotes or a number was expected"]),
    ('Modality == "US', ["cannot read the condition"]),
    ('Modalty == "US"', ["'Modalty' is no attribute", "did you mean Modality?"]),
    ('Modality == "US" and', ["has 'its end' where an attribute was expected"]),
    ('(Modality == "US"', ["has 'its end' where ')' was expected"]),
    ('Modality == "US" "CT"', ["where 'and', 'or' or its end was expected"]),
    ('Modality in "US"', ["where '[' and a list was expected"]),
    ('Modality in ["US" "CT"]', ["where ',' or ']' was expected"]),
    ('Modality is "US"', ["has 'is' where one of ==, !=, <, <=, >, >=, contains, matches, in, exists was expected"]),
    ('SliceThickness > "5"', ["where a number was expected"]),
    ('Modality matches "("', ["'(' is no regular expression: missing )"]),
    ("", ["the condition '' has 'its end' where an attribute was expected"]),
    ("RequestAttributesSequence exists", ["needs an attribute with a value"]),
    ("60xx,3000 exists", ["cannot read the condition"]),
    ("0019,1001 exists", ["is a private attribute"]),
]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return a folder for a site's own profiles, and how to write one."""
    monkeypatch.setenv("GREYCLOAK_PROFILES", str(tmp_path))

    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems_of(path):
    with pytest.raises(ProfileError) as caught:
        load_profile(str(path))
    assert str(caught.value).startswith(f"profile {path}: ")
    return str(caught.value)


def actions(profile):
    return {line.target.text: str(line.action) for line in profile.tags}


@pytest.mark.parametrize(("text", "said"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_a_wrong_profile_is_told_what_is_wrong(site, text, said):
    problems = problems_of(site("wrong.toml", text))
    for part in said:
        assert part in problems


@pytest.mark.parametrize(("line", "said"), [one[1:] for one in WRONG_LINES], ids=[one[0] for one in WRONG_LINES])
def test_a_wrong_line_is_told_what_is_wrong_wherever_it_stands(site, line, said):
    target = line.partition(" = ")[0].strip('"')
    always = problems_of(site("always.toml", f"[tags]\n{line}\n"))
    assert f": tags: {target}: " in always
    sometimes = problems_of(site("sometimes.toml", f'[[rules]]\nif = "Rows exists"\n[rules.tags]\n{line}\n'))
    assert f": rules.0.tags: {target}: " in sometimes
    for part in said:
        assert part in always
        assert part in sometimes


@pytest.mark.parametrize(("condition", "said"), WRONG_CONDITIONS, ids=[one[0] or "empty" for one in WRONG_CONDITIONS])
def test_a_wrong_condition_is_told_where(site, condition, said):
    problems = problems_of(site("wrong.toml", f"[[rules]]\nif = '{condition}'\nquarantine = true\n"))
    assert ": rules.0.if: " in problems
    for part in said:
        assert part in problems


def test_every_problem_is_told_at_once(site):
    problems = problems_of(site("wrong.toml", 'nam = "x"\nunlisted = "all"\n[tags]\nFoo = "keep"\nBar = "keep"\n'))
    for part in ("nam: there", "unlisted: expected", "Foo: 'Foo' is no attribute", "Bar: 'Bar' is no attribute"):
        assert part in problems


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.toml", "[tags", "is no TOML"),
        ("twice.toml", "title = 'a'\ntitle = 'b'", "is no TOML"),
        ("bad.json", '{"options": [}', "is no JSON"),
        ("list.json", '["retain-uids"]', "expected a table of keys"),
    ],
)
def test_what_is_no_profile_at_all_is_told_apart(site, name, text, said):
    assert said in problems_of(site(name, text))


def test_a_profile_in_another_character_set_is_told_apart(tmp_path):
    path = tmp_path / "latin.toml"
    path.write_bytes('title = "für uns"'.encode("latin-1"))
    assert "is no TOML: 'utf-8' codec can't decode" in problems_of(path)


def test_a_profile_that_is_not_there_is_named(site, tmp_path):
    for name in ("clinical-trail", str(tmp_path / "missing.toml"), str(tmp_path), "folder/mine", ""):
        with pytest.raises(UnknownProfileError, match=r"unknown profile .*; available: basic, clinical-trial"):
            load_profile(name)
    site("clinical-trial-2.toml", "")
    with pytest.raises(UnknownProfileError, match=r"did you mean clinical-trial-2\?"):
        load_profile("clinical-trial-3")


def test_toml_and_json_say_the_same(site):
    toml = site(
        "mine.toml",
        """
title = "Mine"
options = ["retain-uids"]
[tags]
PatientComments = { replace = "{project}-{counter:03d}" }
"vr:LT" = { hash = { length = 8, alphabet = "digits" } }
[[rules]]
if = 'Modality == "US"'
quarantine = true
""",
    )
    written = {
        "title": "Mine",
        "options": ["retain-uids"],
        "tags": {
            "PatientComments": {"replace": "{project}-{counter:03d}"},
            "vr:LT": {"hash": {"length": 8, "alphabet": "digits"}},
        },
        "rules": [{"if": 'Modality == "US"', "quarantine": True}],
    }
    profile = load_profile(str(toml))
    assert profile.name == "mine"
    assert profile.tags[0].action == Action("replace", "{project}-{counter:03d}")
    toml.unlink()
    assert load_profile(str(site("mine.json", json.dumps(written)))) == profile == load_profile("mine")


def test_profiles_of_the_site_are_found_by_name_and_presets_are_not_replaced(site):
    site("knee-study.toml", 'base = "basic"\n')
    site("basic.toml", 'options = ["retain-uids"]\n')
    site("notes.txt", "no profile")
    assert "knee-study" in available_profiles()
    assert not {"notes", "notes.txt"} & set(available_profiles())
    assert load_profile("knee-study").name == "knee-study"
    assert load_profile("basic").options == ()


def test_a_site_profile_on_a_site_profile_on_a_preset(site):
    site(
        "hospital.toml",
        """
base = "clinical-trial"
title = "The hospital's"
by_vr = ["Modality"]
[uids]
root = "1.2.3"
[tags]
PatientComments = "keep"
StudyDescription = "clean"
[[rules]]
if = 'Modality == "US"'
quarantine = true
""",
    )
    site(
        "study.toml",
        """
base = "hospital"
options = ["retain-uids", "retain-device-identity"]
by_vr = ["Modality", "Laterality"]
[tags]
PatientComments = "remove"
[[rules]]
if = 'Modality == "OT"'
quarantine = true
""",
    )
    profile = load_profile("study")
    assert (profile.name, profile.title, profile.uids.root) == ("study", "", "1.2.3")
    assert profile.options == (*load_profile("clinical-trial").options, "retain-uids")
    assert [line.target.text for line in profile.by_vr] == ["Modality", "Laterality"]
    assert list(actions(profile).items()) == [("StudyDescription", "clean"), ("PatientComments", "remove")]
    assert [rule.condition.text for rule in profile.rules] == ['Modality == "US"', 'Modality == "OT"']
    assert load_profile("hospital").title == "The hospital's"


def test_a_base_is_looked_for_beside_the_profile_first(site, tmp_path):
    site("shared.toml", 'options = ["retain-uids"]\n')
    beside = tmp_path / "elsewhere"
    beside.mkdir()
    (beside / "shared.json").write_text('{"options": ["retain-full-dates"]}')
    (beside / "named.toml").write_text('base = "shared"\n')
    (beside / "filed.toml").write_text('base = "shared.json"\n')
    for name in ("named", "filed"):
        assert load_profile(str(beside / f"{name}.toml")).options == ("retain-full-dates",)
    assert load_profile("shared").options == ("retain-uids",)


def test_what_a_base_and_a_profile_say_together_has_to_agree(site):
    site("base.toml", 'options = ["retain-full-dates"]\n')
    problems = problems_of(site("own.toml", 'base = "base"\noptions = ["retain-modified-dates"]\n'))
    assert "retain-full-dates and retain-modified-dates contradict each other" in problems


def test_a_wrong_base_is_named(site):
    site("broken.toml", "[tags")
    with pytest.raises(ProfileError, match="profile broken: is no TOML"):
        load_profile(str(site("own.toml", 'base = "broken"\n')))


@pytest.mark.parametrize(
    "bases",
    [{"one": "one"}, {"one": "two", "two": "one"}, {"one": "two", "two": "three", "three": "two"}],
    ids=["itself", "each other", "further down"],
)
def test_profiles_in_a_circle_are_refused(site, bases):
    for name, base in bases.items():
        site(f"{name}.toml", f'base = "{base}"\n')
    with pytest.raises(ProfileError, match=r"profile one: base: profiles are based on each other in a circle: "):
        load_profile("one")


CHANGES = [
    {"name": "other"},
    {"title": "Other"},
    {"options": ["retain-uids", "retain-full-dates"]},
    {"listed": "by-vr"},
    {"unlisted": "keep"},
    {"identity_removed": True},
    {"subjects": {"without_id": "study"}},
    {"uids": {"root": "1.2"}},
    {"dates": {"policy": "fixed"}},
    {"dates": {"shift": {"min_days": -30}}},
    {"dates": {"times": "remove"}},
    {"dates": {"max_age": 89}},
    {"pixels": {"burned_in": "ignore"}},
    {"private": {"others": "keep"}},
    {"sop_classes": {"deny": ["*SR*"]}},
    {"sop_classes": {"allow": ["*SR*"]}},
    {"by_vr": ["Modality"]},
    {"tags": {"PatientComments": "keep"}},
    {"tags": {"StudyComments": "remove"}},
    {"tags": {"PatientComments": {"replace": "1"}}},
    {"tags": {"PatientComments": {"replace": 1}}},
    {"tags": {"PatientComments": {"hash": {"length": 12}}}},
    {"tags": {"PatientComments": {"hash": {"length": 13}}}},
    {"tags": {"PatientComments": {"hash": {"length": 12, "alphabet": "digits"}}}},
    {"tags": {"PatientComments": {"truncate": 3}}},
    {"tags": {"PatientComments": {"truncate": 4}}},
    {"tags": {"vr:LT": "keep", "PatientComments": "remove"}},
    {"tags": {"PatientComments": "remove", "vr:LT": "keep"}},
    {"rules": [{"if": "Rows exists", "quarantine": True}]},
    {"rules": [{"if": "Columns exists", "quarantine": True}]},
    {"rules": [{"if": "Rows exists", "tags": {"PatientComments": "remove"}}]},
    {"rules": [{"sop_classes": ["*SR*"], "quarantine": True}]},
]


def test_the_digest_changes_with_any_change_and_with_nothing_else():
    plain = {"name": "mine", "options": ["retain-uids"], "tags": {"PatientComments": "remove"}}
    digests = [parse_profile(plain | change).digest() for change in ({}, *CHANGES)]
    assert len(set(digests)) == len(digests)
    assert parse_profile(dict(reversed(plain.items()))).digest() == digests[0]
    assert parse_profile(plain | {"unlisted": "safe"}).digest() == digests[0]


def test_the_digest_changes_with_the_base(site):
    site("base.toml", "")
    own = site("own.toml", 'base = "base"\n')
    before = load_profile(str(own)).digest()
    site("base.toml", '[tags]\nPatientComments = "keep"\n')
    assert load_profile(str(own)).digest() != before


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_profile_that_is_written_out_reads_the_same(change):
    profile = parse_profile({"name": "mine", **change})
    assert parse_profile(json.loads(profile.model_dump_json(by_alias=True))) == profile


def test_the_schema_knows_every_key():
    schema = profile_schema()
    json.dumps(schema)
    for key in ("base", "name", "options", "by_vr", "tags", "rules", "dates"):
        assert key in schema["properties"]
    assert "if" in schema["$defs"]["Rule"]["properties"]
    assert schema["required"] == []
    assert not schema["additionalProperties"]


def test_a_name_that_the_file_system_refuses_is_told(tmp_path):
    (tmp_path / "own.toml").write_text(f'base = "{"x" * 300}"\n')
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profile(str(tmp_path / "own.toml"))


def test_what_only_looks_like_a_profile_is_not_listed(tmp_path, monkeypatch):
    (tmp_path / "own.toml").write_text('base = "basic"\n')
    (tmp_path / ".#own.toml").symlink_to("me@host.1234")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "gone.toml").symlink_to("nowhere")
    monkeypatch.delenv("GREYCLOAK_PROFILES", raising=False)
    known = set(available_profiles())
    monkeypatch.setenv("GREYCLOAK_PROFILES", str(tmp_path))
    assert set(available_profiles()) - known == {"own"}
