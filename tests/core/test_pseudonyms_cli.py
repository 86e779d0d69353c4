"""Keys, who is who, audit and backup, as people call them: processes, their exit status, output and files."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys

import pytest

from support import ct, decode, encode

IDENTIFYING = ("Doe", "Jonathan", "MRN-", "19570412", "ACC-0815", "Example Hospital", "1.2.3.4.")
COUNTER = 'name = "numbered"\nbase = "basic"\n[subjects]\nid = "{project}-{counter:03d}"\n'
LISTED = 'name = "listed"\nbase = "basic"\n[subjects]\nid = "list"\nissuer = "exact"\n'
STRICT = 'name = "strict"\nbase = "basic"\n[subjects]\nstrict_identity = true\n'
GIVEN = "patient_id,pseudonym,issuer,name\nMRN-4711,P-01,,Trial^One\nMRN-4712,P-02,Example Hospital,\n"
PASSPHRASE = "a long walk in the rain"


@pytest.fixture
def folder(tmp_path):
    """Three patients with a study each; the first one has two objects."""
    (tmp_path / "in").mkdir()
    for number, (patient, study) in enumerate([("MRN-4711", 2), ("MRN-4711", 2), ("MRN-4712", 3), ("MRN-4713", 4)]):
        one = ct(PatientID=patient, SOPInstanceUID=f"1.2.3.4.9.{number}", StudyInstanceUID=f"1.2.3.4.{study}")
        (tmp_path / "in" / f"IM{number}").write_bytes(encode(one))
    (tmp_path / "numbered.toml").write_text(COUNTER)
    (tmp_path / "listed.toml").write_text(LISTED)
    (tmp_path / "strict.toml").write_text(STRICT)
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "given.csv").write_text(GIVEN)
    return tmp_path


def call(folder, *arguments, standard_input="", status=0):
    """Run a command, and insist on its exit status and on plain words."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GREYCLOAK")}
    environment["XDG_DATA_HOME"] = str(folder / "data")
    done = subprocess.run(
        [sys.executable, "-m", "greycloak", *map(str, arguments)],
        input=standard_input,
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        check=False,
        timeout=120,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def anonymize(folder, *arguments, status=0):
    return call(folder, "anonymize", "in", "out", *arguments, status=status)


def pseudonyms(folder, action, *arguments, **options):
    return call(folder, "pseudonyms", action, *arguments, **options)


def table(done):
    return list(csv.DictReader(io.StringIO(done.stdout)))


def listed(folder, *arguments):
    lines = pseudonyms(folder, "list", *arguments).stdout.splitlines()
    return {int(number): pseudonym for number, _, pseudonym in (line.partition("\t") for line in lines)}


def events(folder, *arguments):
    return [json.loads(line) for line in call(folder, "audit", "show", *arguments).stdout.splitlines()]


def outputs(folder):
    return [decode(path.read_bytes()) for path in sorted((folder / "out").rglob("*.dcm"))]


def is_private(path):
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def names_nobody(text):
    return not any(value in text for value in IDENTIFYING)


def test_a_key_is_made_once_and_only_for_its_owner(folder):
    key = folder / "data" / "greycloak" / "key"
    made = call(folder, "keys", "init")
    assert is_private(key)
    assert key.read_text().split(":")[1].strip() not in made.stdout + made.stderr
    fingerprint = re.search(r"fingerprint ([0-9a-f]{16})\n", made.stdout)[1]
    assert call(folder, "keys", "show-fingerprint").stdout == f"version 1: {fingerprint}\n"
    before = key.read_bytes()
    assert "File exists" in call(folder, "keys", "init", status=2).stderr
    assert key.read_bytes() == before


def test_key_and_store_are_only_for_their_owner(folder):
    anonymize(folder)
    assert all(is_private(path) for path in (folder / "data" / "greycloak").iterdir())


def test_a_key_travels_under_a_passphrase(folder):
    call(folder, "keys", "init")
    fingerprint = call(folder, "keys", "show-fingerprint").stdout
    key = folder / "data" / "greycloak" / "key"
    call(folder, "keys", "export", "wrapped", "--passphrase-file", "passphrase")
    assert is_private(folder / "wrapped")
    assert key.read_text().split(":")[1].strip() not in (folder / "wrapped").read_text()
    taken = call(folder, "keys", "import", "wrapped", "--passphrase-file", "passphrase", "--key-file", "other")
    assert fingerprint.split()[-1] in taken.stdout
    assert is_private(folder / "other")
    assert (folder / "other").read_bytes() == key.read_bytes()


def test_a_key_does_not_come_in_wrongly(folder):
    call(folder, "keys", "init")
    call(folder, "keys", "export", "wrapped", "--passphrase-file", "passphrase")
    (folder / "wrong").write_text("another long walk")
    (folder / "short").write_text("rain")
    wrapped, key = (folder / "wrapped").read_bytes(), (folder / "data" / "greycloak" / "key").read_bytes()
    for arguments, says in [
        (("export", "wrapped", "--passphrase-file", "passphrase"), "cannot write wrapped: File exists"),
        (("export", "new", "--passphrase-file", "short"), "at least 12 characters"),
        (("export", "new", "--passphrase-file", "nowhere"), "cannot read the passphrase"),
        (("import", "wrapped", "--passphrase-file", "passphrase"), "File exists"),
        (("import", "wrapped", "--passphrase-file", "wrong", "--key-file", "new"), "the passphrase is wrong"),
        (("import", "given.csv", "--passphrase-file", "passphrase", "--key-file", "new"), "no exported Greycloak key"),
        (("import", "nowhere", "--passphrase-file", "passphrase", "--key-file", "new"), "cannot read an exported key"),
    ]:
        assert says in call(folder, "keys", *arguments, status=2).stderr
    assert not (folder / "new").exists()
    assert (folder / "wrapped").read_bytes() == wrapped
    assert (folder / "data" / "greycloak" / "key").read_bytes() == key


def test_rotation_keeps_pseudonyms_and_who_is_who(folder):
    anonymize(folder)
    before, names = [one.SOPInstanceUID for one in outputs(folder)], listed(folder)
    pseudonyms(folder, "export", "before.csv")
    assert call(folder, "keys", "rotate").stdout.startswith("version 2: ")
    assert is_private(folder / "data" / "greycloak" / "key")
    assert call(folder, "keys", "show-fingerprint").stdout.count("version") == 2
    pseudonyms(folder, "export", "after.csv")
    assert (folder / "after.csv").read_bytes() == (folder / "before.csv").read_bytes()
    anonymize(folder)
    assert ([one.SOPInstanceUID for one in outputs(folder)], listed(folder)) == (before, names)
    assert call(folder, "store", "check").stdout.startswith("sound; ")


def test_a_copy_of_the_key_from_before_a_rotation_is_refused(folder):
    anonymize(folder)
    shutil.copy(folder / "data" / "greycloak" / "key", folder / "old")
    call(folder, "keys", "rotate")
    assert "the key was rotated" in pseudonyms(folder, "list", "--key-file", "old", status=2).stderr


def test_patients_are_looked_up_both_ways(folder):
    anonymize(folder)
    asked = "MRN-4711\n\n  MRN-4712 \r\nMRN-4713\n"
    there = table(pseudonyms(folder, "find", "--patient-ids", standard_input=asked))
    assert [row["patient_id"] for row in there] == ["MRN-4711", "MRN-4712", "MRN-4713"]
    assert {row["pseudonym"] for row in there} == {one.PatientID for one in outputs(folder)}
    back = table(pseudonyms(folder, "find", standard_input="\n".join(row["pseudonym"] for row in there)))
    assert [row["patient_id"] for row in back] == ["MRN-4711", "MRN-4712", "MRN-4713"]


def test_studies_are_looked_up_both_ways(folder):
    anonymize(folder)
    originals = ["1.2.3.4.2", "1.2.3.4.3", "1.2.3.4.4"]
    there = table(pseudonyms(folder, "find", "--studies", standard_input="\n".join(originals)))
    assert {(row["new"], row["pseudonym"]) for row in there} == {
        (one.StudyInstanceUID, one.PatientID) for one in outputs(folder)
    }
    back = table(pseudonyms(folder, "find", "--studies", standard_input="\n".join(row["new"] for row in there)))
    assert [row["original"] for row in back] == originals


def test_who_is_not_known_is_left_out_and_the_status_says_so(folder):
    anonymize(folder)
    found = pseudonyms(folder, "find", "--patient-ids", standard_input="MRN-4711\nMRN-9999\n", status=1)
    assert [row["patient_id"] for row in table(found)] == ["MRN-4711"]
    known = encode(ct(PatientID="MRN-4711", IssuerOfPatientID="Example Hospital", SOPInstanceUID="1.2.3.4.9.8"))
    (folder / "in" / "IM8").write_bytes(known)
    anonymize(folder)
    elsewhere = ("--patient-ids", "--issuer", "Elsewhere", "MRN-4711")
    assert table(pseudonyms(folder, "find", *elsewhere, status=1)) == []
    assert table(pseudonyms(folder, "find", "DEFAULT-NOBODY", status=1)) == []


def test_list_merge_and_audit_name_nobody(folder):
    anonymize(folder)
    first, second, third = listed(folder).values()
    pseudonyms(folder, "find", "--patient-ids", standard_input="MRN-4711\n")
    merged = pseudonyms(folder, "merge", second, first)
    erased = pseudonyms(folder, "forget", third, "--yes")
    shown = call(folder, "audit", "show")
    for done in (pseudonyms(folder, "list"), merged, erased, shown, call(folder, "audit", "verify")):
        assert names_nobody(done.stdout + done.stderr)
    assert [json.loads(line)["what"] for line in shown.stdout.splitlines()][-3:] == ["find", "merge", "forget"]


def test_the_store_itself_names_nobody(folder):
    anonymize(folder)
    files = [path.read_bytes() for path in (folder / "data").rglob("*") if path.is_file()]
    assert not any(value.encode() in content for content in files for value in IDENTIFYING)


def test_a_merged_patient_comes_back_as_the_other(folder):
    anonymize(folder)
    first, second, _ = listed(folder).values()
    pseudonyms(folder, "merge", second, first)
    shutil.rmtree(folder / "out")
    anonymize(folder)
    assert second not in {one.PatientID for one in outputs(folder)}
    asked = pseudonyms(folder, "find", "--patient-ids", standard_input="MRN-4711\nMRN-4712")
    assert len({row["pseudonym"] for row in table(asked)}) == 1


def test_merges_that_cannot_be_meant(folder):
    anonymize(folder)
    first, second, third = listed(folder).values()
    assert "into itself" in pseudonyms(folder, "merge", first, first, status=2).stderr
    assert "no subject with the pseudonym" in pseudonyms(folder, "merge", first, "NOBODY", status=2).stderr
    assert "no subject with the pseudonym" in pseudonyms(folder, "merge", "NOBODY", first, status=2).stderr
    pseudonyms(folder, "merge", second, first)
    assert "into another one itself" in pseudonyms(folder, "merge", third, second, status=2).stderr
    pseudonyms(folder, "merge", first, third)
    asked = pseudonyms(folder, "find", "--patient-ids", standard_input="MRN-4711\nMRN-4712\nMRN-4713")
    assert {row["pseudonym"] for row in table(asked)} == {third}


def test_who_is_forgotten_is_gone(folder):
    anonymize(folder)
    first = listed(folder)[1]
    assert pseudonyms(folder, "forget", first, standard_input="no\n", status=1).stdout.endswith("nothing was erased\n")
    assert "backups" in pseudonyms(folder, "forget", first, standard_input="yes\n").stdout
    assert first not in listed(folder).values()
    assert table(pseudonyms(folder, "find", first, status=1)) == []
    assert table(pseudonyms(folder, "find", "--studies", standard_input="1.2.3.4.2", status=1)) == []
    assert "no subject" in pseudonyms(folder, "forget", first, "--yes", status=2).stderr


def test_the_crosswalk_is_written_once_and_only_for_its_owner(folder):
    anonymize(folder)
    first, second, third = listed(folder).values()
    pseudonyms(folder, "merge", third, second)
    done = pseudonyms(folder, "export", "crosswalk.csv")
    assert done.stdout == ""
    assert "3 subjects written" in done.stderr
    assert is_private(folder / "crosswalk.csv")
    before = (folder / "crosswalk.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(before.decode())))
    assert [(row["pseudonym"], row["patient_id"], row["merged_into"]) for row in rows] == [
        (first, "MRN-4711", ""),
        (second, "MRN-4712", ""),
        (third, "MRN-4713", second),
    ]
    assert "File exists" in pseudonyms(folder, "export", "crosswalk.csv", status=2).stderr
    assert (folder / "crosswalk.csv").read_bytes() == before


def test_a_counter_numbers_patients_as_they_come(folder):
    anonymize(folder, "--profile", "numbered.toml", "--project", "trial")
    assert listed(folder, "--project", "trial") == {1: "trial-001", 2: "trial-002", 3: "trial-003"}
    pseudonyms(folder, "forget", "trial-003", "--project", "trial", "--yes")
    shutil.rmtree(folder / "out")
    anonymize(folder, "--profile", "numbered.toml", "--project", "trial")
    assert listed(folder, "--project", "trial")[4] == "trial-004"  # a number is never given twice


def test_a_project_keeps_its_scheme(folder):
    anonymize(folder)
    assert "use another project" in anonymize(folder, "--profile", "numbered.toml", status=2).stderr


def test_a_given_list_decides_who_goes_through(folder):
    call(folder, "keys", "init")
    assert pseudonyms(folder, "import", "given.csv").stdout == "2 new\n"
    done = anonymize(folder, "--profile", "listed.toml", status=1)
    assert "2 files: nobody has given its subject a pseudonym" in done.stdout  # 4712 is of no issuer here
    assert {(one.PatientID, str(one.PatientName)) for one in outputs(folder)} == {("P-01", "Trial^One")}
    assert pseudonyms(folder, "import", "given.csv").stdout == "0 new\n"


def test_strict_identity_tells_two_patients_of_one_id_apart(folder):
    (folder / "in" / "IM9").write_bytes(encode(ct(PatientName="Roe^Richard", SOPInstanceUID="1.2.3.4.9.9")))
    done = anonymize(folder, "--profile", "strict.toml", status=1)
    assert "quarantined: 1 file: its Patient ID is known with another name" in done.stdout
    assert len(outputs(folder)) == 4


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_list_is_read_as_spreadsheets_write_it(folder, end, mark):
    call(folder, "keys", "init")
    lines = ["pseudonym,patient_id,issuer,days", '"P 1","Müller, 1","Haus ""Süd""",-12', "", "P-2, MRN-2 ,,"]
    (folder / "list.csv").write_bytes((mark + end.join(lines) + end).encode())
    assert pseudonyms(folder, "import", "list.csv").stdout == "2 new\n"
    assert [row["patient_id"] for row in table(pseudonyms(folder, "find", "P 1", "P-2"))] == ["Müller, 1", "MRN-2"]
    decomposed = "Mu\u0308ller, 1"
    found = pseudonyms(folder, "find", "--patient-ids", "--issuer", 'Haus "Süd"', standard_input=decomposed)
    assert table(found)[0]["pseudonym"] == "P 1"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (",P-03", "it has no patient_id"),
        ("MRN-4713,", "its pseudonym has to have letters"),
        ("MRN-4713,=P", "its pseudonym has to have letters"),
        ("MRN-4713,P-03,,x", "its days are no number"),
        ("MRN-4713,P-03,,36501", "its days are 0, or more than"),
        ("MRN-4713,P-03,,,Mül^ler", "printable ASCII"),
        ("MRN-4713,P-01", "the pseudonym belongs to somebody else"),
        ("MRN-4711,P-03", "has another pseudonym or issuer already"),
    ],
)
def test_a_wrong_line_is_named_by_its_number_and_nothing_is_imported(folder, line, says):
    call(folder, "keys", "init")
    (folder / "list.csv").write_text(
        f"patient_id,pseudonym,issuer,days,name\nMRN-4711,P-01\n{line}\n", encoding="utf-8"
    )
    said = pseudonyms(folder, "import", "list.csv", status=2).stderr
    assert says in said
    assert "line 2: " in said
    assert "nothing was imported" in said
    assert not any(value in said for value in ("MRN-47", "P-0", "ler"))
    assert listed(folder) == {}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the first line has to name columns"),
        (b"MRN-4711,P-01\n", "the first line has to name columns"),
        (b"patient_id;pseudonym\nMRN-4711;P-01\n", "the first line has to name columns"),
        (b"patient_id,pseudonym,ward\nMRN-4711,P-01,3\n", "the first line has to name columns"),
        (b"patient_id,pseudonym\nM\xfcller,P-01\n", "no text in UTF-8"),
    ],
)
def test_what_is_no_list_is_refused(folder, content, says):
    call(folder, "keys", "init")
    (folder / "list.csv").write_bytes(content)
    said = pseudonyms(folder, "import", "list.csv", status=2).stderr
    assert says in said
    assert "MRN-4711" not in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("pseudonyms", "list"),
        ("pseudonyms", "find", "DEFAULT-X"),
        ("pseudonyms", "export", "crosswalk.csv"),
        ("pseudonyms", "import", "given.csv"),
        ("pseudonyms", "merge", "A", "B"),
        ("pseudonyms", "forget", "A", "--yes"),
        ("audit", "show"),
        ("audit", "verify"),
        ("store", "check"),
        ("store", "backup", "copy"),
        ("keys", "rotate"),
        ("keys", "show-fingerprint"),
        ("keys", "export", "wrapped"),
    ],
)
def test_without_a_key_nothing_is_made(folder, arguments):
    before = sorted(folder.rglob("*"))
    assert "cannot read the key file" in call(folder, *arguments, status=2).stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [("pseudonyms", "list"), ("audit", "show"), ("store", "check"), ("keys", "rotate"), ("keys", "export", "x")],
)
def test_a_key_that_others_may_read_is_not_used(folder, arguments):
    anonymize(folder)
    (folder / "data" / "greycloak" / "key").chmod(0o644)
    assert "run 'chmod 600" in call(folder, *arguments, status=2).stderr


def test_a_project_that_is_not_there_is_not_made(folder):
    anonymize(folder)
    for arguments in (
        ("list",),
        ("find", "A"),
        ("export", "crosswalk.csv"),
        ("merge", "A", "B"),
        ("forget", "A", "--yes"),
    ):
        said = pseudonyms(folder, *arguments, "--project", "trail", status=2).stderr
        assert "there is no project 'trail'; there are: default" in said
    assert not (folder / "crosswalk.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("pseudonyms",), "required"),
        (("pseudonyms", "find", "--studies", "--patient-ids", "A"), "not allowed with"),
        (("pseudonyms", "list", "--project", "a b"), "letters, digits"),
        (("pseudonyms", "import", "nowhere.csv"), "nowhere.csv does not exist"),
        (("pseudonyms", "export", "no/such/folder.csv"), "No such file or directory"),
        (("audit", "show", "--store", "nonsense"), "cannot use the pseudonym store"),
        (("store", "backup", "no/such/folder"), "No such file or directory"),
    ],
)
def test_wrong_usage_is_said_plainly(folder, arguments, says):
    anonymize(folder)
    assert says in call(folder, *arguments, status=2).stderr


def test_the_audit_tells_who_did_what_and_how_much(folder):
    (folder / "in" / "broken.dcm").write_bytes(bytes(128) + b"DICM" + b"\xff" * 40)
    anonymize(folder, status=1)
    pseudonyms(folder, "find", standard_input="A\nB\n", status=1)
    found = events(folder)
    assert [event["what"] for event in found] == ["anonymize"] * 3 + ["run", "find"]
    assert (found[3]["anonymized"], found[3]["quarantined"], found[3]["profile"]) == (4, 1, "basic")
    assert (found[4]["by"], found[4]["asked"], found[4]["found"]) == ("pseudonym", 2, 0)
    assert {event["study"] for event in found[:3]} == {one.StudyInstanceUID for one in outputs(folder)}
    assert {(event["door"], event["project"]) for event in found} == {("cli", "default")}
    assert events(folder, "--since", found[4]["at"])[-1] == found[4]
    assert events(folder, "--since", "9999") == []


def test_a_noted_head_shows_that_an_older_store_was_brought_back(folder):
    anonymize(folder)
    call(folder, "store", "backup", "copy")
    pseudonyms(folder, "find", "A", status=1)
    verified = call(folder, "audit", "verify").stdout
    head = verified.split()[-1]
    assert verified == f"6 events, whole; head {head}\n"
    assert call(folder, "audit", "verify", "--head", head).stdout == verified
    old = ("--store", f"sqlite:///{folder / 'copy'}")
    assert call(folder, "audit", "verify", *old).stdout.startswith("5 events, whole")
    assert "an older copy" in call(folder, "audit", "verify", *old, "--head", head, status=1).stdout


def test_a_backup_restores_who_is_who(folder):
    anonymize(folder)
    names = listed(folder)
    store = folder / "data" / "greycloak" / "store.sqlite"
    assert call(folder, "store", "backup", "copy").stdout == "wrote copy\n"
    assert is_private(folder / "copy")
    before = (folder / "copy").read_bytes()
    assert "File exists" in call(folder, "store", "backup", "copy", status=2).stderr
    assert (folder / "copy").read_bytes() == before
    pseudonyms(folder, "forget", names[1], "--yes")
    (folder / "copy").replace(store)
    assert listed(folder) == names
    assert [row["patient_id"] for row in table(pseudonyms(folder, "find", names[1]))] == ["MRN-4711"]
    assert call(folder, "store", "check").stdout.startswith("sound; ")


def test_a_backup_is_of_no_use_without_its_key(folder):
    anonymize(folder)
    call(folder, "store", "backup", "copy")
    call(folder, "keys", "init", "--key-file", "other")
    with_other = ("--store", f"sqlite:///{folder / 'copy'}", "--key-file", "other")
    assert "belongs to the key with fingerprint" in pseudonyms(folder, "list", *with_other, status=2).stderr
